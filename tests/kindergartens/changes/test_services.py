"""Changing dated status against PostgreSQL: what is refused, what moves, who may."""

from __future__ import annotations

import datetime as dt
import threading
from contextlib import suppress
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from accounts.files import store
from accounts.files.intake import Accepted
from accounts.models import Job, Organisation, User
from indicators.models import KindergartenFacts, RegionFacts
from indicators.services.recompute import recompute
from kindergartens.changes import services
from kindergartens.changes.policies import ChangeRefused
from kindergartens.changes.presenters import timeline_rows
from kindergartens.changes.selectors import timeline
from kindergartens.changes.services import change_status, take_effect, withdraw_change
from kindergartens.models import Kindergarten, KindergartenStatus, ReportingPeriod, StatusChange
from reports.filings import services as filings
from tests.acting_role import as_owner
from tests.conftest import acting
from tests.small_county import NOW, OCTOBER, PDF, SEPTEMBER, SINCE, SmallCounty

DECEMBER_1 = dt.date(2026, 12, 1)
# October's statistical date is the 31st; NOW is 5 November, before its lock.
NOVEMBER_1 = dt.date(2026, 11, 1)
TO_INCLUSIVE = {"ownership": "inclusive_private", "for_profit": False}


class Scene:
    def __init__(self, small: SmallCounty) -> None:
        self.small = small
        self.town = small.town("甲镇")
        self.kindergarten = small.kindergarten(
            self.town, "民办一园", ownership="non_inclusive_private"
        )
        self.officer = acting(small.officer())

    def change(self, **changes: Any) -> KindergartenStatus:
        asked = {
            "kindergarten": self.kindergarten,
            "valid_from": DECEMBER_1,
            "values": TO_INCLUSIVE,
            "reason": "认定为普惠性民办幼儿园",
            "document": None,
            "document_number": "甲教发〔2026〕1号",
            "by": self.officer,
            "now": NOW,
        } | changes
        return change_status(**asked)

    def rows(self) -> list[tuple[dt.date, dt.date | None, str, bool]]:
        return [
            (row.valid_from, row.valid_to, row.ownership, row.counts_inclusive)
            for row in self.kindergarten.statuses.order_by("valid_from")
        ]


@pytest.fixture
def scene(small: SmallCounty) -> Scene:
    return Scene(small)


def test_a_change_cuts_the_row_in_force_and_says_who_why_and_on_which_paper(
    scene: Scene,
) -> None:
    row = scene.change(
        values=TO_INCLUSIVE
        | {"recognition_document": "文号1", "recognised_until": dt.date(2029, 11, 30)}
    )
    assert scene.rows() == [
        (SINCE, DECEMBER_1, "non_inclusive_private", False),
        (DECEMBER_1, None, "inclusive_private", True),
    ]
    assert (row.reason, row.recognised_until) == ("认定为普惠性民办幼儿园", dt.date(2029, 11, 30))
    change = StatusChange.objects.get()
    assert change.made_as.user == scene.officer
    assert change.values["counts_inclusive"] is True
    assert change.values["recognised_until"] == "2029-11-30"
    assert change.before["ownership"] == "non_inclusive_private"


def test_the_paper_is_kept_with_the_change(scene: Scene) -> None:
    with transaction.atomic():
        stored = store.keep(
            Accepted("认定文件.pdf", PDF, "application/pdf"), post=scene.officer.acting, now=NOW
        )
        scene.change(document=stored, document_number="", document_name="认定文件.pdf")
    paper = StatusChange.objects.get().documents.get()
    assert (paper.name, paper.file) == ("认定文件.pdf", stored)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"reason": " "}, "原因"),
        ({"document_number": ""}, "依据文件"),
        ({"values": {"for_profit": True}}, "一样"),
        ({"values": {"ownership": "inclusive_private"}}, "第二十四条"),
        ({"values": {"ownership": "public"}}, "对不上"),
        ({"valid_from": dt.date(2019, 1, 1)}, "2020年1月1日起登记"),
        ({"valid_from": dt.date(2020, 1, 1)}, "重叠"),
        ({"valid_from": dt.date(2036, 12, 1)}, "年份"),
        ({"values": TO_INCLUSIVE | {"recognised_until": DECEMBER_1}}, "到期日"),
        ({"values": {"recognition_document": "文号"}}, "只填给普惠性民办"),
    ],
)
def test_what_is_refused_changes_nothing(scene: Scene, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ChangeRefused, match=says):
        scene.change(**changes)
    assert scene.rows() == [(SINCE, None, "non_inclusive_private", False)]
    assert not StatusChange.objects.exists()


def test_a_public_kindergarten_never_becomes_private(scene: Scene) -> None:
    public = scene.small.kindergarten(scene.town, "公办园")
    with pytest.raises(ChangeRefused, match="第三十四条"):
        scene.change(
            kindergarten=public,
            values={"ownership": "inclusive_private", "sponsor_type": "private"},
        )


def test_only_the_bureau_of_the_county_changes(scene: Scene) -> None:
    small = scene.small
    others = [
        small.officer(small.other_county),
        small.officer(small.county, "inspector"),
        small.officer(scene.town, "town_officer"),
        small.officer(small.city, "city_officer"),
        small.person("园长", scene.kindergarten.organisation, "director"),
    ]
    for person in others:
        with pytest.raises(PermissionDenied):
            scene.change(by=acting(person))


# ---- older figures ------------------------------------------------------------------------------


def test_locked_months_are_named_with_the_earliest_day(scene: Scene) -> None:
    ReportingPeriod.objects.filter(county=scene.small.county, month=OCTOBER).update(
        locks_at=NOW - dt.timedelta(hours=1), due_at=NOW - dt.timedelta(hours=2)
    )
    with pytest.raises(ChangeRefused, match=r"甲县2026年10月的三率已于.*最早填2026年11月1日"):
        scene.change(valid_from=dt.date(2026, 10, 31))
    scene.change(valid_from=NOVEMBER_1)


def test_a_county_without_a_period_is_locked_with_its_sisters(scene: Scene) -> None:
    with as_owner():  # the portal never deletes one
        ReportingPeriod.objects.filter(county=scene.small.county).delete()
    ReportingPeriod.objects.update(locks_at=NOW, due_at=NOW)
    with pytest.raises(ChangeRefused, match="2026年10月的三率已于"):
        scene.change(valid_from=dt.date(2026, 10, 31))
    scene.change(valid_from=NOVEMBER_1)


def test_a_counted_month_is_refused_also_while_its_return_is_opened_again(scene: Scene) -> None:
    filing = scene.small.file(scene.kindergarten, 24)
    day = dt.date(2026, 10, 20)
    with pytest.raises(ChangeRefused, match=r"已接收.*填在2026年10月31日之后"):
        scene.change(valid_from=day)
    filings.send_back(
        filing_id=filing.pk, version_seen=1, field_reasons={}, reason="认定日期更正",
        by=scene.officer, now=NOW, reopen=True,
    )  # fmt: skip
    # The version that was accepted counts on, with the status it was accepted with.
    with pytest.raises(ChangeRefused, match="已接收"):
        scene.change(valid_from=day)
    assert KindergartenFacts.objects.get().ownership == "non_inclusive_private"
    assert scene.change(valid_from=NOVEMBER_1).valid_from == NOVEMBER_1


def test_open_figures_are_asked_for_and_later_ones_are_left_to_the_night(scene: Scene) -> None:
    scene.change(valid_from=dt.date(2026, 10, 20))
    [job] = Job.objects.all()
    assert job.arguments == {"county": scene.small.county.pk, "month": "2026-10-01"}
    scene.change(valid_from=DECEMBER_1, values={"level": "first"})
    assert Job.objects.count() == 1


# ---- several changes ---------------------------------------------------------------------------


def test_a_later_row_takes_over_what_it_does_not_set(scene: Scene) -> None:
    scene.change()
    scene.change(valid_from=NOVEMBER_1, values={"level": "first"}, reason="评为一级园")
    rows = list(scene.kindergarten.statuses.order_by("valid_from"))
    assert [(r.valid_from, r.level, r.ownership) for r in rows] == [
        (SINCE, "", "non_inclusive_private"),
        (NOVEMBER_1, "first", "non_inclusive_private"),
        (DECEMBER_1, "first", "inclusive_private"),
    ]
    assert [r.reason for r in rows] == ["", "评为一级园", "认定为普惠性民办幼儿园"]


def test_two_that_decide_what_counts_do_not_cross(scene: Scene) -> None:
    scene.change()
    with pytest.raises(ChangeRefused, match=r"2026年12月1日起已经登记了.*撤回"):
        scene.change(
            valid_from=NOVEMBER_1, values={"sponsor_type": "education", "ownership": "public",
                                           "for_profit": False},
        )  # fmt: skip
    with pytest.raises(ChangeRefused, match=r"办园性质.*重叠"):
        scene.change(
            values={"sponsor_type": "education", "ownership": "public", "for_profit": False}
        )


def test_what_has_not_begun_is_withdrawn_and_the_record_of_both_stays(scene: Scene) -> None:
    scene.change()
    change = StatusChange.objects.get()
    withdraw_change(change_id=change.pk, reason="材料有误", by=scene.officer, now=NOW)
    assert scene.rows() == [(SINCE, None, "non_inclusive_private", False)]
    assert StatusChange.objects.count() == 2
    with pytest.raises(ChangeRefused, match="已经撤回"):
        withdraw_change(change_id=change.pk, reason="再撤", by=scene.officer, now=NOW)
    scene.change()  # the day is free again


def test_what_a_leader_decided_an_officer_does_not_take_back(scene: Scene) -> None:
    leader = acting(scene.small.officer(scene.small.county, "bureau_leader"))
    scene.change(by=leader)
    change = StatusChange.objects.get()
    with pytest.raises(ChangeRefused, match="由教育局领导撤回"):
        withdraw_change(change_id=change.pk, reason="误", by=scene.officer, now=NOW)
    withdraw_change(change_id=change.pk, reason="误", by=leader, now=NOW)
    assert len(scene.rows()) == 1


def test_what_is_in_force_is_not_withdrawn(scene: Scene) -> None:
    scene.change(valid_from=dt.date(2026, 11, 5))
    with pytest.raises(ChangeRefused, match="已经生效"):
        withdraw_change(
            change_id=StatusChange.objects.get().pk, reason="误", by=scene.officer, now=NOW
        )


def test_an_earlier_one_is_withdrawn_after_what_leans_on_it(scene: Scene) -> None:
    scene.change()
    first = StatusChange.objects.get()
    scene.change(
        valid_from=dt.date(2027, 1, 1),
        values={"ownership": "public", "sponsor_type": "education"},
        reason="转为公办",
    )
    with pytest.raises(ChangeRefused, match=r"2027年1月1日起.*先撤回那一项"):
        withdraw_change(change_id=first.pk, reason="误", by=scene.officer, now=NOW)


def test_a_closed_kindergarten_stays_closed(scene: Scene) -> None:
    scene.change(values={"operating_state": "closed"}, reason="停办")
    with pytest.raises(ChangeRefused, match="已撤销"):
        scene.change(
            valid_from=dt.date(2027, 1, 1), values={"operating_state": "operating"}, reason="复办"
        )


def test_flags_that_are_given_stand(scene: Scene) -> None:
    row = scene.change(values={"counts_enrolment": False, "counts_staff": False})
    assert (row.counts_enrolment, row.counts_staff, row.counts_inclusive) == (False, False, False)


def test_a_new_owner_brings_nobody_into_the_sums(scene: Scene) -> None:
    scene.kindergarten.statuses.update(counts_enrolment=False, counts_staff=False)
    row = scene.change()
    assert (row.counts_enrolment, row.counts_staff, row.counts_inclusive) == (False, False, False)
    row = scene.change(valid_from=dt.date(2027, 1, 1), values={"counts_enrolment": True})
    assert row.counts_enrolment is True
    row = scene.change(
        valid_from=dt.date(2027, 2, 1), values={"sponsor_type": "education", "ownership": "public"}
    )
    assert (row.counts_enrolment, row.counts_staff) == (True, False)
    assert (row.counts_public, row.counts_inclusive) == (True, True)


def test_a_new_kindergarten_needs_a_whole_first_row(scene: Scene) -> None:
    small = scene.small
    new = Kindergarten.objects.create(
        organisation=Organisation.objects.create(
            name="新园", kind="kindergarten", region=scene.town
        ),
        name="新园", code="1165999999", opened_on=NOVEMBER_1,
    )  # fmt: skip
    with pytest.raises(ChangeRefused, match=r"还没有登记办园状态.*办别、办园性质"):
        scene.change(kindergarten=new, values={"town": scene.town})
    row = scene.change(
        kindergarten=new,
        values={"town": scene.town, "sponsor_type": "education", "ownership": "public"},
        valid_from=NOVEMBER_1,
    )
    assert (row.counts_public, row.counts_inclusive, row.valid_to) == (True, True, None)
    assert small.county.pk == row.town.county_id
    Kindergarten.objects.filter(pk=new.pk).update(opened_on=DECEMBER_1)
    new.refresh_from_db()
    with pytest.raises(ChangeRefused, match="建园日期"):
        scene.change(kindergarten=new, valid_from=dt.date(2026, 11, 20), values={"level": "first"})


# ---- moving ------------------------------------------------------------------------------------


def test_a_move_takes_effect_on_its_day(scene: Scene) -> None:
    town = scene.small.town("新镇")
    scene.change(values={"town": town}, reason="迁址")
    organisation = scene.kindergarten.organisation
    assert take_effect(today=dt.date(2026, 11, 30)) == 0
    organisation.refresh_from_db()
    assert organisation.region == scene.town
    assert take_effect(today=DECEMBER_1) == 1
    assert take_effect(today=DECEMBER_1) == 0
    organisation.refresh_from_db()
    assert organisation.region == town


def test_a_move_stays_within_the_county(scene: Scene) -> None:
    abroad = scene.small.town("乙镇", county=scene.small.other_county)
    with pytest.raises(ChangeRefused, match=r"不在甲县.*停办"):
        scene.change(values={"town": abroad}, reason="迁址")


# ---- figures of earlier months -------------------------------------------------------------------


def everything_of(*months: dt.date) -> list[dict[str, Any]]:
    """All sums and all frozen facts of some months, byte for byte but for when they were made."""
    rows = RegionFacts.objects.filter(month__in=months).order_by("month", "region").values()
    facts = KindergartenFacts.objects.filter(month__in=months).order_by("pk").values()
    return [*rows, *facts]


def test_earlier_months_stay_to_the_last_digit_after_a_real_recompute(scene: Scene) -> None:
    scene.small.populate(scene.small.county, 300)
    public = scene.small.kindergarten(scene.town, "公办园")
    for month in (SEPTEMBER, OCTOBER):
        scene.small.file(scene.kindergarten, 40, month=month)
        scene.small.file(public, 60, month=month)
    scene.small.settle(SEPTEMBER, OCTOBER)
    before = everything_of(SEPTEMBER, OCTOBER)
    assert len(before) >= 2 * 4 + 4
    scene.change(valid_from=NOVEMBER_1)
    for month in (SEPTEMBER, OCTOBER):
        recompute(month=month, now=NOW)
        recompute(month=month, now=NOW, county=scene.small.county)
    assert everything_of(SEPTEMBER, OCTOBER) == before


# ---- two at once ---------------------------------------------------------------------------------


def two_at_once(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], int]:
    """Two officers confirm a change of the same day at once; both wait between check and write."""
    both = threading.Barrier(2, timeout=1)
    write = services.write_timeline

    def waiting(*args: Any) -> None:
        # Meets the other one here only where nothing keeps them apart.
        with suppress(threading.BrokenBarrierError):
            both.wait()
        write(*args)

    monkeypatch.setattr(services, "write_timeline", waiting)
    ends: list[str] = []

    def act(person: User, values: dict[str, Any]) -> None:
        try:
            scene.change(by=person, values=values)
            ends.append("done")
        except ChangeRefused:
            ends.append("refused")
        except DatabaseError as problem:
            ends.append(type(problem).__name__)
        finally:
            connection.close()

    second = acting(scene.small.officer())
    asked = [
        (scene.officer, TO_INCLUSIVE),
        (second, {"sponsor_type": "education", "ownership": "public", "for_profit": False}),
    ]
    threads = [threading.Thread(target=act, args=one) for one in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(ends), StatusChange.objects.count()


@pytest.mark.django_db(transaction=True)
def test_of_two_confirmations_at_once_one_is_refused_in_words(
    small: SmallCounty, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(small)
    assert two_at_once(scene, monkeypatch) == (["done", "refused"], 1)
    assert len(scene.rows()) == 2


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_they_would_have_collided(
    small: SmallCounty, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the test above would notice a lock that is gone."""
    scene = Scene(small)
    monkeypatch.setattr(
        services,
        "locked_rows",
        lambda kindergarten: list(
            kindergarten.statuses.select_related("town__county").order_by("valid_from")
        ),
    )
    ends, _ = two_at_once(scene, monkeypatch)
    assert ends == ["IntegrityError", "done"]


def test_the_first_status_is_not_offered_to_be_taken_back(scene: Scene) -> None:
    scene.kindergarten.statuses.all().delete()
    first = {
        "sponsor_type": "private", "ownership": "non_inclusive_private", "town": scene.town,
        "operating_state": "operating", "half_day": False, "for_profit": False,
    }  # fmt: skip
    scene.change(values=first)
    scene.change(valid_from=DECEMBER_1 + dt.timedelta(days=31), values=TO_INCLUSIVE)
    later, earliest = timeline_rows(
        timeline(scene.kindergarten, day=NOW.date()), user=scene.officer
    )
    assert (earliest["withdrawable"], earliest["first_to_come"]) == ([], True)
    assert len(later["withdrawable"]) == 1
    assert not later["first_to_come"]
    # The service says the same.
    change = StatusChange.objects.order_by("made_at", "pk").first()
    with pytest.raises(ChangeRefused, match="第一条状态"):
        withdraw_change(change_id=change.pk, reason="误", by=scene.officer, now=NOW)
