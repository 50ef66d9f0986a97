"""What people do with a return, on a real database."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from accounts.access.acting import choose_membership
from accounts.history.tracking import TRACKED
from accounts.models import Job, Membership, User
from indicators.models import KindergartenFacts
from kindergartens.models import FilingEvent, Kindergarten, MonthlyFiling, ReportingPeriod
from kindergartens.policies import NotAllowedNow
from reports.filings import own_months, services
from reports.filings.services import NotSubmittable, StaleRevision, TooMuchText
from tests.acting_role import as_owner
from tests.conftest import acting
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty, moment, type_what_begins_empty


class Scene:
    """A kindergarten with a September return, its director, and an officer."""

    def __init__(self, small: SmallCounty) -> None:
        self.small = small
        small.populate(small.county, 300)
        self.town = small.town("甲镇")
        self.kindergarten: Kindergarten = small.kindergarten(self.town, "示例一园")
        self.last = small.file(self.kindergarten, 24, month=SEPTEMBER)
        self.director: User = acting(
            small.person("园长", self.kindergarten.organisation, "director")
        )
        self.officer: User = acting(small.officer())
        self.period = ReportingPeriod.objects.get(county=small.county, month=OCTOBER)

    def open(self, now: dt.datetime = NOW) -> MonthlyFiling:
        """The month's return with last month's numbers, and attendance typed."""
        return type_what_begins_empty(
            services.open_filing(
                kindergarten=self.kindergarten, period=self.period, by=self.director, now=now
            )
        )

    def submit(self, filing: MonthlyFiling, now: dt.datetime = NOW) -> Any:
        filing.refresh_from_db()
        return services.submit(
            filing_id=filing.pk, revision=filing.revision, by=self.director, now=now
        )

    def accept(self, filing: MonthlyFiling, version: int = 1, now: dt.datetime = NOW) -> Job:
        return services.accept(filing_id=filing.pk, version_seen=version, by=self.officer, now=now)


@pytest.fixture
def scene(small: SmallCounty) -> Scene:
    return Scene(small)


def test_a_new_return_carries_last_month(scene: Scene) -> None:
    filing = scene.open()
    assert filing.state == "draft"
    assert filing.town == scene.town
    [first] = filing.draft["classes"]
    assert (first["name"], first["boys"], first["girls"], first["age3"]) == (
        "小一班",
        "12",
        "12",
        "24",
    )
    assert filing.draft["staff"]["full_time_teacher"] == {
        "people": "2", "certified": "1", "joined": "0", "left": "0",
    }  # fmt: skip
    assert scene.open().pk == filing.pk


@pytest.mark.parametrize(
    ("now", "says"),
    [
        (moment(2026, 10, 1), "还没有开放"),
        (moment(2026, 11, 20), "锁定"),
    ],
)
def test_a_return_opens_only_in_its_period(scene: Scene, now: dt.datetime, says: str) -> None:
    with pytest.raises(NotAllowedNow, match=says):
        scene.open(now)
    assert not MonthlyFiling.objects.filter(period=scene.period).exists()


def test_a_closed_kindergarten_owes_nothing(scene: Scene) -> None:
    scene.kindergarten.statuses.update(valid_to=dt.date(2026, 10, 15))
    with pytest.raises(NotAllowedNow, match="没有在册登记"):
        scene.open()
    status = scene.kindergarten.statuses.get()
    status.valid_to, status.operating_state = None, "suspended"
    status.save()
    with pytest.raises(NotAllowedNow, match="停办整顿"):
        scene.open()


def test_a_kindergarten_closed_while_filling_in_cannot_submit(scene: Scene) -> None:
    filing = scene.open()
    scene.kindergarten.statuses.update(valid_to=dt.date(2026, 10, 15))
    with pytest.raises(NotAllowedNow):
        scene.submit(filing)
    assert filing.versions.count() == 0


def test_saving_keeps_nonsense_as_typed(scene: Scene) -> None:
    filing = scene.open()
    draft = {"classes": [{"name": "小一班", "grade": "small", "boys": "十二"}], "staff": {}}
    services.save_draft(filing_id=filing.pk, draft=draft, revision=1, by=scene.director, now=NOW)
    filing.refresh_from_db()
    assert filing.draft == draft
    assert filing.revision == 2


def test_a_second_tab_cannot_overwrite(scene: Scene) -> None:
    filing = scene.open()
    first = {**filing.draft, "remarks": "第一个窗口"}
    services.save_draft(filing_id=filing.pk, draft=first, revision=1, by=scene.director, now=NOW)
    with pytest.raises(StaleRevision):
        services.save_draft(
            filing_id=filing.pk,
            draft={**filing.draft, "remarks": "第二个窗口"},
            revision=1,
            by=scene.director,
            now=NOW,
        )
    filing.refresh_from_db()
    assert filing.draft["remarks"] == "第一个窗口"


def test_a_save_whose_answer_was_lost_can_be_sent_again(scene: Scene) -> None:
    filing = scene.open()
    draft = {**filing.draft, "remarks": "一"}
    for _ in range(2):
        saved = services.save_draft(
            filing_id=filing.pk, draft=draft, revision=1, by=scene.director, now=NOW
        )
    assert saved.revision == 2


def test_submitting_writes_rows_and_asks_for_figures(scene: Scene) -> None:
    filing = scene.open()
    version = scene.submit(filing)
    [row] = version.classes.all()
    assert (row.boys, row.girls, row.age3, row.children) == (12, 12, 24, 24)
    assert version.staff_counts.count() == 7
    filing.refresh_from_db()
    assert (filing.state, filing.version) == ("submitted", 1)
    assert not filing.is_late
    assert list(filing.events.values_list("action", flat=True)) == ["submitted"]
    assert Job.objects.filter(kind="recompute-figures", state="queued").count() == 1
    assert not KindergartenFacts.objects.filter(month=OCTOBER).exists()


def test_remarks_reach_the_reviewer(scene: Scene) -> None:
    filing = scene.open()
    services.save_draft(
        filing_id=filing.pk,
        draft={**filing.draft, "remarks": "大一班并入大二班"},
        revision=1,
        by=scene.director,
        now=NOW,
    )
    assert scene.submit(filing).remarks == "大一班并入大二班"


def test_an_incomplete_return_is_refused_and_nothing_is_half_saved(scene: Scene) -> None:
    filing = scene.open()
    draft = filing.draft
    draft["classes"][0]["boys"] = "13"
    services.save_draft(filing_id=filing.pk, draft=draft, revision=1, by=scene.director, now=NOW)
    with pytest.raises(NotSubmittable) as refused:
        scene.submit(filing)
    assert "相差1人" in refused.value.review.problems[0][1]
    filing.refresh_from_db()
    assert (filing.state, filing.version, filing.versions.count()) == ("draft", 0, 0)
    assert filing.draft["classes"][0]["boys"] == "13"


def test_submitting_twice_makes_one_version(scene: Scene) -> None:
    filing = scene.open()
    scene.submit(filing)
    with pytest.raises(NotAllowedNow, match="已提交"):
        scene.submit(filing)
    assert filing.versions.count() == 1


def test_late_is_counted_from_the_first_submission(scene: Scene) -> None:
    filing = scene.open()
    scene.submit(filing, now=moment(2026, 11, 6, 19))
    filing.refresh_from_db()
    assert filing.is_late
    services.withdraw(filing_id=filing.pk, by=scene.director, now=moment(2026, 11, 7))
    scene.submit(filing, now=moment(2026, 11, 8))
    filing.refresh_from_db()
    assert filing.first_submitted_at == moment(2026, 11, 6, 19)
    assert filing.version == 2


def test_nothing_is_submitted_after_the_lock(scene: Scene) -> None:
    filing = scene.open()
    with pytest.raises(NotAllowedNow, match="锁定"):
        scene.submit(filing, now=moment(2026, 11, 20))


def test_accepting_freezes_the_version_that_was_read(scene: Scene) -> None:
    filing = scene.open()
    scene.submit(filing)
    scene.accept(filing)
    facts = KindergartenFacts.objects.get(kindergarten=scene.kindergarten, month=OCTOBER)
    assert (facts.enrolled_children, facts.filing_version.version) == (24, 1)
    filing.refresh_from_db()
    assert filing.state == "accepted"
    with pytest.raises(NotAllowedNow):
        scene.accept(filing)


def test_an_officer_cannot_accept_a_version_not_read(scene: Scene) -> None:
    filing = scene.open()
    scene.submit(filing)
    services.withdraw(filing_id=filing.pk, by=scene.director, now=NOW)
    scene.submit(filing)
    with pytest.raises(NotAllowedNow, match=r"第1版.*第2版"):
        scene.accept(filing, version=1)
    assert not KindergartenFacts.objects.filter(month=OCTOBER).exists()


def test_who_submits_does_not_accept(scene: Scene) -> None:
    filing = scene.open()
    scene.submit(filing)
    post = scene.officer.memberships.get()
    Membership.objects.create(
        user=scene.director,
        organisation=post.organisation,
        role=post.role,
        valid_from=post.valid_from,
    )
    same_person = User.objects.get(pk=scene.director.pk)
    choose_membership(same_person, same_person.memberships.latest("pk").pk, today=NOW.date())
    with pytest.raises(NotAllowedNow, match="自己提交"):
        services.accept(filing_id=filing.pk, version_seen=1, by=same_person, now=NOW)


def test_sending_back_needs_a_reason_and_keeps_it_per_field(scene: Scene) -> None:
    filing = scene.open()
    scene.submit(filing)
    with pytest.raises(NotAllowedNow, match="至少写一条"):
        services.send_back(
            filing_id=filing.pk,
            version_seen=1,
            field_reasons={"class:小一班:boys": "  "},
            reason="",
            by=scene.officer,
            now=NOW,
        )
    services.send_back(
        filing_id=filing.pk,
        version_seen=1,
        field_reasons={"class:小一班:boys": "与花名册不符"},
        reason="",
        by=scene.officer,
        now=NOW,
    )
    filing.refresh_from_db()
    assert filing.state == "returned"
    event = filing.events.latest("pk")
    assert event.action == FilingEvent.Action.RETURNED
    assert event.field_reasons == {"class:小一班:boys": "与花名册不符"}
    kept = TRACKED[MonthlyFiling].event._default_manager.filter(pgh_obj_id=filing.pk)
    assert kept.latest("pgh_id").pgh_context["reason"] == "与花名册不符"
    assert scene.submit(filing).version == 2


def test_a_correction_replaces_the_facts_and_keeps_the_old(scene: Scene) -> None:
    filing = scene.open()
    scene.submit(filing)
    scene.accept(filing)
    services.send_back(
        filing_id=filing.pk,
        version_seen=1,
        field_reasons={},
        reason="少一人",
        by=scene.officer,
        now=NOW,
    )
    filing.refresh_from_db()
    draft = filing.draft
    draft["classes"][0] |= {"boys": "13", "age3": "25", "entered": "1"}
    services.save_draft(
        filing_id=filing.pk, draft=draft, revision=filing.revision, by=scene.director, now=NOW
    )
    scene.submit(filing)
    assert KindergartenFacts.objects.current().get(month=OCTOBER).enrolled_children == 24
    scene.accept(filing, version=2, now=moment(2026, 11, 6))
    assert KindergartenFacts.objects.current().get(month=OCTOBER).enrolled_children == 25
    assert KindergartenFacts.objects.filter(month=OCTOBER).count() == 2


def test_a_return_cannot_be_sent_back_after_the_lock(scene: Scene) -> None:
    filing = scene.open()
    scene.submit(filing)
    with pytest.raises(NotAllowedNow, match="锁定"):
        services.send_back(
            filing_id=filing.pk,
            version_seen=1,
            field_reasons={},
            reason="晚了",
            by=scene.officer,
            now=moment(2026, 11, 21),
        )


@pytest.mark.django_db(transaction=True)
def test_eight_submissions_at_once_make_one_version() -> None:
    scene = Scene(SmallCounty())
    filing = scene.open()
    barrier = threading.Barrier(8)
    outcomes: list[str] = []

    def press() -> None:
        barrier.wait()
        try:
            services.submit(filing_id=filing.pk, revision=1, by=scene.director, now=NOW)
            outcomes.append("submitted")
        except NotAllowedNow:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused"] * 7 + ["submitted"]
    assert filing.versions.count() == 1
    assert filing.events.count() == 1


def move_to_other_county(scene: Scene, day: dt.date) -> None:
    """The kindergarten belongs to 乙县 from a day on."""
    town = scene.small.town("乙镇", county=scene.small.other_county)
    status = scene.kindergarten.statuses.get()
    status.valid_to = day
    status.save()
    status.pk, status.valid_from, status.valid_to, status.town = None, day, None, town
    status.save()
    scene.kindergarten.organisation.region = town
    scene.kindergarten.organisation.save()


def test_a_moved_kindergarten_files_where_it_was(scene: Scene) -> None:
    move_to_other_county(scene, dt.date(2026, 11, 1))
    there = ReportingPeriod.objects.get(county=scene.small.other_county, month=OCTOBER)
    with pytest.raises(NotAllowedNow, match="甲县"):
        services.open_filing(
            kindergarten=scene.kindergarten, period=there, by=scene.director, now=NOW
        )
    filing = scene.open()
    assert (filing.town, filing.period.county) == (scene.town, scene.small.county)
    lines = own_months.own_months(scene.kindergarten, now=NOW)
    assert [(line.period.county.name, line.owes) for line in lines if line.period == there] == []
    assert [line.owes for line in lines if line.period == scene.period] == [True]


def test_one_return_a_month_whatever_the_county(scene: Scene) -> None:
    filing = scene.open()
    there = ReportingPeriod.objects.get(county=scene.small.other_county, month=OCTOBER)
    with pytest.raises(IntegrityError), transaction.atomic():
        MonthlyFiling.objects.create(
            kindergarten=scene.kindergarten,
            period=there,
            month=OCTOBER,
            town=filing.town,
            updated_at=NOW,
        )


@pytest.mark.parametrize(
    "change",
    [
        {"operating_state": "suspended"},
        {"counts_enrolment": False},
        {"valid_to": dt.date(2026, 10, 31)},
    ],
)
def test_what_is_not_owed_is_not_accepted(scene: Scene, change: dict[str, Any]) -> None:
    filing = scene.open()
    scene.submit(filing)
    scene.kindergarten.statuses.update(**change)
    with pytest.raises(NotAllowedNow):
        scene.accept(filing)
    assert not KindergartenFacts.objects.filter(month=OCTOBER).exists()


def test_the_accepted_version_stays_known_while_it_is_corrected(scene: Scene) -> None:
    filing = scene.open()
    scene.submit(filing)
    scene.accept(filing)
    send_back(scene, filing)
    scene.submit(filing)
    filing.refresh_from_db()
    assert (filing.version, filing.accepted_version) == (2, 1)
    scene.accept(filing, version=2)
    filing.refresh_from_db()
    assert filing.accepted_version == 2


def send_back(scene: Scene, filing: MonthlyFiling, version: int = 1, by: User | None = None) -> Any:
    return services.send_back(
        filing_id=filing.pk,
        version_seen=version,
        field_reasons={},
        reason="请核对",
        by=by or scene.officer,
        now=NOW,
    )


def test_an_unseen_version_is_not_sent_back(scene: Scene) -> None:
    filing = scene.open()
    scene.submit(filing)
    scene.accept(filing)
    with pytest.raises(NotAllowedNow, match="新版"):
        send_back(scene, filing, version=2)


@pytest.mark.parametrize("step", ["withdraw", "send_back"])
def test_every_step_asks_for_the_figures(scene: Scene, step: str) -> None:
    filing = scene.open()
    scene.submit(filing)
    with as_owner():  # the portal keeps its jobs
        Job.objects.all().delete()
    if step == "withdraw":
        withdrawn = services.withdraw(filing_id=filing.pk, by=scene.director, now=NOW)
        assert withdrawn.state == "draft"
    else:
        send_back(scene, filing)
    job = Job.objects.get(kind="recompute-figures")
    assert (job.requested_as, job.county) == (None, scene.small.county)


def test_a_stale_revision_is_not_submitted(scene: Scene) -> None:
    filing = scene.open()
    services.save_draft(
        filing_id=filing.pk, draft=filing.draft, revision=1, by=scene.director, now=NOW
    )
    with pytest.raises(StaleRevision):
        services.submit(filing_id=filing.pk, revision=1, by=scene.director, now=NOW)
    assert filing.versions.count() == 0


def test_nothing_is_withdrawn_after_the_lock(scene: Scene) -> None:
    filing = scene.open()
    scene.submit(filing)
    with pytest.raises(NotAllowedNow, match="锁定"):
        services.withdraw(filing_id=filing.pk, by=scene.director, now=moment(2026, 11, 20))


def test_a_flood_of_text_is_refused(scene: Scene) -> None:
    filing = scene.open()
    with pytest.raises(TooMuchText, match="太长"):
        services.save_draft(
            filing_id=filing.pk,
            draft={"remarks": "长" * 200_001},
            revision=1,
            by=scene.director,
            now=NOW,
        )


def test_only_the_own_director_files_and_only_the_own_officer_reviews(scene: Scene) -> None:
    filing = scene.open()
    other = scene.small.kindergarten(scene.town, "示例二园")
    stranger = acting(scene.small.person("园长", other.organisation, "director"))
    with pytest.raises(PermissionDenied):
        services.submit(filing_id=filing.pk, revision=1, by=stranger, now=NOW)
    scene.submit(filing)
    abroad = acting(scene.small.officer(scene.small.other_county))
    with pytest.raises(PermissionDenied):
        services.accept(filing_id=filing.pk, version_seen=1, by=abroad, now=NOW)
    with pytest.raises(PermissionDenied):
        send_back(scene, filing, by=scene.director)
    assert MonthlyFiling.objects.get(pk=filing.pk).state == "submitted"
