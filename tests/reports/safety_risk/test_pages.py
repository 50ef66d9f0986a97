"""One county's risk picture: points lead to their rows, a list in order, towns by fields, a file."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import User
from kindergartens.models import FireAcceptance, Site
from reports.safety_risk import selectors
from safety.models import LiabilityPolicy, PatrolFinding, SafetyMeasure
from tests.access.routes import World
from tests.conftest import acting
from tests.registers import a_camera, a_hazard, a_patrol, a_self_check, employed
from tests.safety.measured import a_bus, a_measure, evidenced
from tests.small_county import NOW, SINCE, moment

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture
def officer(world: World) -> User:
    return acting(world.people["bureau_officer"])


def codes(place: selectors.Place) -> dict[str, int]:
    return {line.factor.code: line.times for line in place.lines}


def test_points_lead_to_their_rows(world: World, officer: User, client: Client) -> None:
    """An open major hazard, overdue since today only; one said to be mended in time waits, it is not late."""
    post = officer.memberships.get()
    place = world.small.kindergarten(world.town, "示例三园")
    before = selectors.picture(officer, TODAY, kindergarten=place)[0]
    late = a_hazard(place, post, grade="major", deadline=TODAY - dt.timedelta(days=1))
    a_hazard(place, post, deadline=TODAY)
    a_hazard(place, post, state="mended", deadline=TODAY - dt.timedelta(days=1))
    other = world.people["bureau_leader"].memberships.get()
    a_hazard(place, post, state="closed", by=other)
    now = selectors.picture(officer, TODAY, kindergarten=place)[0]
    assert now.points - before.points == 30 + 2 * 4 + 6
    more = {code: n for code, n in codes(now).items() if codes(before).get(code) != n}
    assert more == {"hazard_major": 1, "hazard_general": 2, "hazard_overdue": 1}
    client.force_login(officer)
    page = client.get(reverse("kindergarten-safety-risk", args=[place.code])).content.decode()
    assert reverse("hazard", args=[late.number]) in page
    # The same hazard once in the table of fields.
    was, told = (selectors.heat_rows([one], by_county=False)[0] for one in (before, now))
    assert told.place == world.town
    grown = [after[1] - once[1] for once, after in zip(was.cells, told.cells, strict=True)]
    assert (grown[0], sum(grown)) == (3, 3)


def test_cameras_and_findings_count(world: World, officer: User) -> None:
    """The world's own camera has been offline since 27 October, and a post was left; as a hazard, once."""
    one = world.kindergarten
    found = codes(selectors.picture(officer, TODAY, kindergarten=one)[0])
    assert (found["camera_offline"], found["patrol_other"]) == (1, 1)
    finding = PatrolFinding.objects.get(look__patrol=world.patrol)
    finding.hazard = a_hazard(one, officer.memberships.get(), source="patrol")
    finding.save()
    told = codes(selectors.picture(officer, TODAY, kindergarten=one)[0])
    assert "patrol_other" not in told
    assert told["hazard_general"] == found.get("hazard_general", 0) + 1


def test_self_checks_of_thirty_days(world: World, officer: User) -> None:
    """On the first of a month nobody is without fault; what is further back is no matter of today."""
    place = world.small.kindergarten(world.town, "示例三园")
    missed = [
        codes(selectors.picture(officer, day, kindergarten=place)[0]).get("selfcheck_overdue", 0)
        for day in (dt.date(2026, 11, 1), dt.date(2026, 11, 30), dt.date(2026, 12, 1))
    ]
    assert missed[0] == 0 < missed[1] <= missed[2]


def test_silence_counts_as_much_as_what_ran_out(world: World, officer: User) -> None:
    """A kindergarten that handed in nothing, and one whose evidence is over."""
    post, other = officer.memberships.get(), world.people["bureau_leader"].memberships.get()
    silent, late = (world.small.kindergarten(world.town, f"示例{name}园") for name in "三四")
    measures = SafetyMeasure.objects.filter(region=world.small.county, judged_by="evidence")
    assert measures
    for measure in measures:
        evidenced(late, post, measure, by=other, valid_until=TODAY - dt.timedelta(days=1))
    for place in (silent, late):
        found = codes(selectors.picture(officer, TODAY, kindergarten=place)[0])
        assert found["evidence_lacking"] == len(measures)


@pytest.mark.parametrize("asked", ["kindergarten", "town"])
def test_of_one_or_a_town_nothing_else_is_read(world: World, officer: User, asked: str) -> None:
    """Rows read stay the same when there is more beside it."""
    post, beside = officer.memberships.get(), world.small.town("丙镇")
    narrowed: dict[str, Any] = {
        "kindergarten": {"kindergarten": world.kindergarten}, "town": {"town": world.town.code},
    }[asked]  # fmt: skip

    def rows_read() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert selectors.picture(officer, TODAY, **narrowed)
        read = 0
        with connection.cursor() as cursor:
            for query in queries.captured_queries:
                cursor.execute(query["sql"])
                read += len(cursor.fetchall())
        return read

    rows_read()
    before = rows_read()
    places = [world.small.kindergarten(beside, f"示例{number}号园") for number in range(3)]
    for place in places:
        a_bus(place, post)
        a_hazard(place, post)
        a_self_check(place, post)
        employed(place, post, 2, on=True)
    assert rows_read() == before


def test_papers_that_ran_out_or_soon_will(world: World, officer: User) -> None:
    """Each from its own day on; evidence that was renewed, or is of no measure asked here, does not count."""
    place, post = world.small.kindergarten(world.town, "示例三园"), officer.memberships.get()
    other = world.people["bureau_leader"].memberships.get()
    silent = SafetyMeasure.objects.filter(region=world.small.county).count()
    place.licence_from, place.licence_until = SINCE, TODAY - dt.timedelta(days=1)
    place.save()
    main = Site.objects.create(kindergarten=place, name="本部", is_main=True, valid_from=SINCE)
    Site.objects.create(kindergarten=place, name="分园", valid_from=SINCE)
    states = (("failed", SINCE, ""), ("passed", dt.date(2024, 1, 1), "示例"))
    for state, since, document in (*states, ("rectifying", dt.date(2026, 1, 1), "")):
        FireAcceptance.objects.create(
            site=main, state=state, since=since, document=document, entered_as=post, entered_at=NOW
        )
    for code, until in (("over", -1), ("due", 60), ("renewed", -1), ("renewed", 61)):
        measure = SafetyMeasure.objects.filter(code=code).first() or a_measure(
            world.small.county, code
        )
        evidenced(
            place, post, measure, by=other, valid_until=TODAY + dt.timedelta(days=until)
        )  # fmt: skip
    a_bus(place, post, permit="", permit_until=None, driver_until=TODAY)
    found = codes(selectors.picture(officer, TODAY, kindergarten=place)[0])
    papers = ("licence_over", "licence_due", "fire_backlog", "fire_unknown", "evidence_lacking")
    more = ("evidence_due", "bus_breach", "bus_due")
    told = [found.get(code, 0) for code in (*papers, *more)]
    assert told == [1, 0, 1, 1, 1 + silent, 1, 1, 1]
    # Nobody insured is said until somebody is, and then that it ends.
    assert (found["uninsured"], found.get("upkeep_due", 0)) == (1, 0)
    LiabilityPolicy.objects.create(
        kindergarten=place, insurer="示例保险", number="1", children=900, sum_yuan=1,
        valid_from=SINCE, valid_until=TODAY + dt.timedelta(29), entered_as=post, entered_at=NOW,
    )  # fmt: skip
    found = codes(selectors.picture(officer, TODAY, kindergarten=place)[0])
    assert (found.get("uninsured", 0), found["upkeep_due"]) == (0, 1)


def test_who_may_not_read_accounts_learns_how_many(world: World, officer: User) -> None:
    """The town's officer: a number, neither kind nor case."""
    one = world.kindergarten
    town = acting(world.people["town_officer"])
    told = {}
    for user in (officer, town):
        lines = selectors.picture(user, TODAY, kindergarten=one)[0].lines
        told[user] = next(line for line in lines if line.factor.code == "incident")
    assert told[officer].points == told[town].points
    assert all(fact.address for fact in told[officer].facts)
    (fact,) = told[town].facts
    assert (fact.what, fact.address) == (f"{told[town].times}起", "")


def test_queries_do_not_grow_and_the_file_says_whom_to_visit(
    world: World, officer: User, client: Client
) -> None:
    client.force_login(officer)
    pages = [
        f"{reverse('safety-risk')}?sort=-papers", f"{reverse('safety-risk')}?town={world.town.code}",
        reverse("safety-risk-heat"),
    ]  # fmt: skip

    def counted() -> list[int]:
        numbers = []
        for page in pages:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(page).status_code == 200
            numbers.append(len(queries))
        return numbers

    counted()
    before, post = counted(), officer.memberships.get()
    for number in range(3):
        place = world.small.kindergarten(world.town, f"示例{number}号园")
        a_hazard(place, post, grade="major")
        camera = a_camera(place, post)
        at = moment(2026, 10, 28, 9 + number)
        a_patrol(post, at, place, offline=(camera,), found="guard_absent")
    assert counted() == before
    answer = client.get(f"{reverse('safety-risk-visits', args=['xlsx'])}?n=10")
    rows = list(load_workbook(io.BytesIO(b"".join(answer))).active.values)
    points = [row[5] for row in rows if isinstance(row[0], int)]
    assert points == sorted(points, reverse=True)
    assert len(points) >= 4
    assert all(points)
