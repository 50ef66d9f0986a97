"""Patrols of one county: what is recorded, the circular frozen of it, the month's talks, the year's points."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pdfplumber
import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from kindergartens.stamps import stamp_of
from safety.hazards.services import HazardRefused
from safety.models import (
    HazardEvent,
    PatrolCircular,
    PatrolFinding,
    PatrolLook,
    VideoDevice,
    VideoPatrol,
)
from safety.patrols import presenters, selectors, talks_and_appraisals
from safety.patrols.services.circulars import issue_circular
from safety.patrols.services.devices import (
    FACTS,
    correct_device,
    end_device,
    register_device,
)
from safety.patrols.services.recording import Look, open_hazard, record_patrol, withdraw_patrol
from safety.patrols.services.refusal import PatrolRefused
from safety.patrols.week import week_figures
from tests.access.routes import World
from tests.conftest import acting
from tests.registers import a_camera, a_hazard, a_patrol
from tests.reports.documents.reading import squeeze, whole_text
from tests.signing_in import client_of
from tests.small_county import NOW, OCTOBER, moment

pytestmark = pytest.mark.django_db
# World's own patrol: on 27 October the one camera was offline and a post was left.
MONDAY = dt.date(2026, 10, 26)
TODAY = NOW.date()


@pytest.fixture
def officer(world: World) -> User:
    return acting(world.people["bureau_officer"])


@pytest.fixture
def post(world: World) -> Any:
    return world.people["bureau_officer"].memberships.get()


class TestRecording:
    def test_only_what_was_looked_at_is_normal(self, world: World, officer: User) -> None:
        """A second kindergarten that nobody looked at has neither a look nor a camera that is well."""
        second = world.small.kindergarten(world.town, "示例二园")
        patrol = record_patrol(
            at=moment(2026, 11, 4), looks={world.kindergarten.pk: Look()}, by=officer, now=NOW
        )
        assert set(patrol.looks.values_list("kindergarten", flat=True)) == {world.kindergarten.pk}
        keys = [world.kindergarten.pk, second.pk]
        assert selectors.looks_within(keys, TODAY - dt.timedelta(days=7), TODAY) == {keys[0]: 1}
        # The look at which the camera was there ends the span.
        (span,) = selectors.seen(keys, TODAY).spans[world.camera.pk]
        assert (span.since, span.until) == (dt.date(2026, 10, 27), dt.date(2026, 11, 4))

    @pytest.mark.parametrize(
        ("at", "look", "field"),
        [
            (moment(2026, 11, 6), Look(), "at"),
            (moment(2026, 7, 1), Look(), "at"),
            (moment(2026, 10, 27), Look(), "at"),  # recorded already
            (moment(2026, 11, 4), None, ""),
            (moment(2026, 11, 4), Look(findings={"other": ""}), "kindergarten-{}"),
            (moment(2026, 11, 4), Look(faults={0: "offline"}), ""),
        ],
    )
    def test_refused(
        self, world: World, officer: User, at: dt.datetime, look: Look | None, field: str
    ) -> None:
        looks = {} if look is None else {world.kindergarten.pk: look}
        with pytest.raises(PatrolRefused) as refusal:
            record_patrol(at=at, looks=looks, by=officer, now=NOW)
        assert refusal.value.field == field.format(world.kindergarten.pk)
        assert not VideoPatrol.objects.filter(entered_at=NOW).exists()

    def test_its_day_is_that_of_the_place(self) -> None:
        """Half past seven in the morning of the 6th is still the 5th in UTC."""
        assert str(VideoPatrol(patrolled_at=moment(2026, 11, 6, 7))) == "2026年11月6日视频巡查"

    def test_not_by_the_kindergarten_and_not_of_elsewhere(
        self, world: World, officer: User
    ) -> None:
        for who, key in ((world.people["director"], world.kindergarten.pk), (officer, 0)):
            with pytest.raises(PermissionDenied):
                record_patrol(at=NOW, looks={key: Look()}, by=acting(who), now=NOW)

    def test_a_withdrawn_one_counts_nowhere(self, world: World, officer: User) -> None:
        withdraw_patrol(patrol_id=world.patrol.pk, reason="示例", by=officer, now=NOW)
        keys = [world.kindergarten.pk]
        assert selectors.seen(keys, TODAY).spans == {}
        assert not selectors.findings_within(keys, MONDAY, TODAY)
        assert not PatrolLook.objects.standing().exists()

    def test_a_finding_becomes_a_hazard_once(self, world: World, officer: User) -> None:
        finding = PatrolFinding.objects.get(look__patrol=world.patrol)
        told: dict[str, Any] = {
            "place": "小一班", "field": "other", "description": "教职工离岗", "deadline": TODAY,
            "requirement": "",
        }  # fmt: skip
        early = told | {"deadline": dt.date(2026, 10, 1)}
        with pytest.raises(HazardRefused) as refusal:
            open_hazard(finding_id=finding.pk, values=early, by=officer, now=NOW)
        assert refusal.value.field == "deadline"
        made = [
            open_hazard(finding_id=finding.pk, values=told, by=officer, now=NOW) for _ in range(2)
        ]
        assert made[0] == made[1]
        assert (made[0].source, made[0].found_on) == ("patrol", dt.date(2026, 10, 27))
        finding.refresh_from_db()
        assert finding.hazard == made[0]

    @pytest.mark.parametrize("acted", [False, True])
    def test_a_withdrawn_one_takes_its_hazard_along(
        self, world: World, officer: User, acted: bool
    ) -> None:
        """Unless somebody acted on that: then neither, and its number is said."""
        finding = PatrolFinding.objects.get(look__patrol=world.patrol)
        finding.hazard = a_hazard(world.kindergarten, officer.memberships.get(), source="patrol")
        finding.save()
        withdraws: dict[str, Any] = {"patrol_id": world.patrol.pk, "reason": "示例", "now": NOW}
        if acted:
            HazardEvent.objects.create(
                hazard=finding.hazard, action="extended", at=NOW, reason="示例",
                done_as=world.people["bureau_leader"].memberships.get(),
            )  # fmt: skip
            with pytest.raises(PatrolRefused, match=finding.hazard.number):
                withdraw_patrol(by=officer, **withdraws)
        else:
            withdraw_patrol(by=officer, **withdraws)
        finding.hazard.refresh_from_db()
        world.patrol.refresh_from_db()
        assert (finding.hazard.state == "withdrawn") is not acted
        assert (world.patrol.withdrawn_at is None) is acted


class TestDevices:
    VALUES = {"number": "01", "place": "二楼走廊", "spot": "corridor", "installed_on": MONDAY}

    def test_a_number_is_one_cameras(self, world: World, officer: User) -> None:
        """Said at the field, with who has it; also when that one is out of service."""
        one: dict[str, Any] = {"kindergarten": world.kindergarten, "by": officer, "now": NOW}
        with pytest.raises(PatrolRefused, match="示例大门") as refusal:
            register_device(values=self.VALUES, **one)
        assert refusal.value.field == "number"
        for typed in ("1", "０１", " 001"):
            with pytest.raises(PatrolRefused, match="示例大门"):
                register_device(values=self.VALUES | {"number": typed}, **one)
        end_device(device_id=world.camera.pk, on=TODAY, reason="坏了", by=officer, now=NOW)
        with pytest.raises(PatrolRefused, match="已停用"):
            register_device(values=self.VALUES, **one)
        register_device(values=self.VALUES | {"number": "02"}, **one)
        assert VideoDevice.objects.in_service(TODAY).get().number == "02"
        # Taken out of service it is offline no longer.
        (span,) = selectors.seen([world.kindergarten.pk], TODAY).spans[world.camera.pk]
        assert span.until == TODAY
        (made,) = talks_and_appraisals.appraisals(officer, [world.kindergarten], 2026, TODAY)
        assert any(line.what.endswith("停用") for line in made.deductions)

    def test_what_was_seen_offline_is_not_ended_away(self, world: World, officer: User) -> None:
        """The world's camera has been offline since 27 October: for the bureau to end, and later than that."""
        seen_on, later = dt.date(2026, 10, 27), dt.date(2026, 10, 28)
        ends: dict[str, Any] = {"device_id": world.camera.pk, "reason": "示例", "now": NOW}
        with pytest.raises(PatrolRefused, match="请教育局核实后停用"):
            end_device(on=later, by=acting(world.people["director"]), **ends)
        with pytest.raises(PatrolRefused) as refusal:
            end_device(on=seen_on, by=officer, **ends)
        assert refusal.value.field == "on"
        facts = {name: getattr(world.camera, name) for name in FACTS}
        corrects = ends | {"by": officer, "seen": stamp_of(world.camera, FACTS)}
        with pytest.raises(PatrolRefused) as refusal:
            correct_device(values=facts | {"installed_on": later}, **corrects)
        assert refusal.value.field == "installed_on"
        correct_device(values=facts | {"installed_on": seen_on}, **corrects)
        end_device(on=later, by=officer, **ends)

    def test_a_camera_gone_is_on_no_patrol(self, world: World, officer: User) -> None:
        end_device(device_id=world.camera.pk, on=TODAY, reason="坏了", by=officer, now=NOW)
        look = Look(faults={world.camera.pk: "offline"})
        with pytest.raises(PatrolRefused):
            record_patrol(at=NOW, looks={world.kindergarten.pk: look}, by=officer, now=NOW)


class TestCirculars:
    def test_the_week_in_figures(self, world: World, officer: User, post: Any) -> None:
        second = world.small.kindergarten(world.town, "示例二园")
        places = selectors.watched(officer, TODAY).count()
        a_patrol(post, moment(2026, 10, 20), second, world.kindergarten, found="phone")
        a_patrol(post, moment(2026, 10, 29), second)
        week = week_figures(officer, MONDAY)
        assert (week["patrols"], week["looked_at"], week["kindergartens"]) == (2, 2, places)
        looked_at = {world.kindergarten.name, second.name}
        assert not looked_at & {one["name"] for one in week["not_looked_at"]}
        assert len(week["not_looked_at"]) == week["unknown"] == places - 2
        # Offline since Tuesday, not seen again: through Sunday.
        (row,) = week["offline"]
        assert (row["days_in_week"], row["days"], row["until"]) == (6, 6, None)
        assert (week["findings"], week["severities"]["serious"]) == (1, 1)
        assert [one["name"] for one in week["better"]] == [second.name]
        assert [one["name"] for one in week["worse"]] == [world.kindergarten.name]

    def test_issued_is_frozen_and_corrected_by_a_new_one(
        self, world: World, officer: User, post: Any
    ) -> None:
        a_patrol(post, moment(2026, 10, 28), world.kindergarten, found="exit_blocked")
        with pytest.raises(PatrolRefused, match="更正原因"):
            issue_circular(monday=MONDAY, by=officer, now=NOW)
        page = client_of(officer).get(reverse("patrol-circular", args=[world.circular.pk]))
        assert "签发以后巡查记录有改动" in page.content.decode()
        second = issue_circular(monday=MONDAY, by=officer, now=NOW, reason="补登了一次巡查")
        with pytest.raises(PatrolRefused, match="一样"):
            issue_circular(monday=MONDAY, by=officer, now=NOW, reason="示例")
        first = PatrolCircular.objects.get(pk=world.circular.pk)
        assert (first.figures["findings"], second.figures["findings"]) == (1, 2)
        assert (second.number, second.corrects_id) == (2, first.pk)
        # The gravest first, in whatever order the kept figures come back.
        kept = second.figures | {"severities": {"grave": 1, "minor": 3, "serious": 2}}
        said = presenters.circular_words(kept)["severities"]
        assert said == [("严重", 1), ("较重", 2), ("一般", 3)]

    @pytest.mark.parametrize(
        ("monday", "said"), [(dt.date(2026, 11, 2), "才结束"), (dt.date(2026, 10, 12), "没有巡查")]
    )
    def test_not_issued(self, officer: User, monday: dt.date, said: str) -> None:
        with pytest.raises(PatrolRefused, match=said):
            issue_circular(monday=monday, by=officer, now=NOW)

    def test_only_of_the_own_county_and_above(self, world: World) -> None:
        seen = {
            role: PatrolCircular.objects.visible_to(acting(person)).exists()
            for role, person in world.people.items()
        }
        readers = {"bureau_officer", "bureau_leader", "inspector", "city_officer"}
        assert {role for role, sees in seen.items() if sees} == readers | {"department_officer"}
        strangers = {
            role
            for role, person in world.strangers.items()
            if PatrolCircular.objects.visible_to(acting(person)).exists()
        }
        assert strangers == {"city_officer"}


class TestMonthAndYear:
    def test_who_is_on_the_list_and_why(self, world: World, officer: User) -> None:
        """One finding of three, and five days of more than five are not enough."""
        line = talks_and_appraisals.month_lines(officer, world.small.county, OCTOBER, TODAY)[0]
        assert (line.kindergarten, len(line.findings), line.offline_days, line.reasons) == (
            world.kindergarten, 1, 5, [],
        )  # fmt: skip
        world.threshold.offline_days_over = 4
        world.threshold.save()
        line = talks_and_appraisals.month_lines(officer, world.small.county, OCTOBER, TODAY)[0]
        assert len(line.reasons) == 1
        assert line.talk == world.talk

    def test_points_lead_back_to_patrols(self, world: World, officer: User) -> None:
        """A serious finding 2, ten days offline 5, a talk 3."""
        never = world.small.kindergarten(world.town, "示例二园")
        made, unknown = talks_and_appraisals.appraisals(
            officer, [world.kindergarten, never], 2026, TODAY
        )
        assert [line.points for line in made.deductions] == [Decimal(2), Decimal(5), Decimal(3)]
        assert (made.points, made.word) == (Decimal(90), "优秀")
        assert [line.patrol for line in made.deductions] == [world.patrol.pk] * 2 + [None]
        assert unknown.points is None
        assert "没有巡查过" in unknown.why


class TestPages:
    def test_a_form_of_exceptions(self, world: World, officer: User, client: Client) -> None:
        client.force_login(officer)
        key, camera = world.kindergarten.pk, str(world.camera.pk)
        told = {
            "at": "2026-11-04T10:00", f"offline-{key}": [camera], f"found-{key}": ["phone"],
            f"note-{key}-phone": "小二班",
        }  # fmt: skip
        refused = client.post(reverse("video-patrol-new"), told)
        assert refused.status_code == 422
        assert "没有勾“已看”" in refused.content.decode()
        assert "小二班" in refused.content.decode()
        told |= {"looked": [str(key)], f"found-{key}": ["phone", "gate_open"]}
        told[f"note-{key}-gate_open"] = "放学以后"
        kept = client.post(reverse("video-patrol-new"), told)
        assert kept.status_code == 302
        patrol = VideoPatrol.objects.get(patrolled_at=moment(2026, 11, 4, 10))
        look = patrol.looks.get()
        assert look.faults.get().device_id == world.camera.pk
        # To each finding what was said of it.
        notes = {"phone": "小二班", "gate_open": "放学以后"}
        assert dict(look.findings.values_list("kind", "note")) == notes

    def test_typed_late_it_lists_the_cameras_of_its_day(
        self, world: World, officer: User, post: Any, client: Client
    ) -> None:
        """One camera was new on the day after; another is gone since."""
        client.force_login(officer)
        place = world.small.kindergarten(world.town, "示例二园")
        late, gone = a_camera(place, post, "01"), a_camera(place, post, "02")
        VideoDevice.objects.filter(pk=late.pk).update(installed_on=dt.date(2026, 11, 5))
        VideoDevice.objects.filter(pk=gone.pk).update(ended_on=TODAY, ended_reason="示例")
        address = reverse("video-patrol-new")

        def cameras(answer: Any) -> list[VideoDevice]:
            (one,) = (one for one in answer.context["form"].places if one.kindergarten == place)
            return list(one.devices)

        shown = client.get(address)
        assert cameras(shown) == [late]
        told = {
            "at": "2026-11-04T10:00", "looked": [str(place.pk)],
            "listed": shown.context["form"]["listed"].value(),
        }  # fmt: skip
        again = client.post(address, told)
        assert (again.status_code, cameras(again)) == (422, [gone])
        assert not VideoPatrol.objects.filter(patrolled_at=moment(2026, 11, 4, 10)).exists()
        told["listed"] = again.context["form"]["listed"].value()
        assert client.post(address, told | {f"offline-{place.pk}": [gone.pk]}).status_code == 302
        assert gone.faults.exists()

    def test_from_above_one_county_at_a_time(self, world: World, client: Client) -> None:
        """A city is shown the county it chose, and is not told the other's kindergartens."""
        client.force_login(world.people["city_officer"])
        for route, more in (("patrol-talks", "&show=all"), ("patrol-appraisals", "")):
            for county in (world.small.county, world.small.other_county):
                page = client.get(f"{reverse(route)}?county={county.code}{more}")
                assert page.context["region"] == county
                towns = {
                    row.kindergarten.organisation.region.county for row in page.context["rows"]
                }
                assert towns == {county}
            assert client.get(f"{reverse(route)}?county={world.town.code}").status_code == 404

    def test_queries_do_not_grow(
        self, world: World, officer: User, post: Any, client: Client
    ) -> None:
        client.force_login(officer)
        pages = [
            reverse("video-patrols"), reverse("video-patrol", args=[world.patrol.pk]),
            reverse("video-devices"), reverse("patrol-week", args=[MONDAY.isoformat()]),
            f"{reverse('patrol-talks')}?month=2026-10&show=all", reverse("patrol-appraisals"),
            reverse("patrol-circulars"), reverse("video-patrol-new"),
        ]  # fmt: skip

        def counted() -> list[int]:
            numbers = []
            for page in pages:
                with CaptureQueriesContext(
                    connection,
                ) as queries:
                    assert client.get(page).status_code == 200
                numbers.append(len(queries))
            return numbers

        counted()
        before = counted()
        for number in range(3):
            place = world.small.kindergarten(world.town, f"示例{number}号园")
            cameras = [a_camera(place, post, f"0{n}") for n in range(2)]
            a_patrol(
                post, moment(2026, 10, 28, 9 + number), place, world.kindergarten,
                offline=(*cameras, world.camera), found="phone",
            )  # fmt: skip
        assert counted() == before

    @pytest.mark.pdf
    def test_the_paper_is_that_of_the_day_of_issue(
        self, world: World, officer: User, client: Client
    ) -> None:
        client.force_login(officer)
        address = reverse("patrol-circular-pdf", args=[world.circular.pk])
        answer = client.get(address)
        assert answer["Content-Type"] == "application/pdf"
        with pdfplumber.open(io.BytesIO(answer.content)) as pdf:
            last = squeeze(whole_text(pdf.pages[-1]))
        # Whoever signs has the last words on the same page.
        assert last.index("与上周一样") < last.index("签发人")
