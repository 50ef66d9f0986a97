"""A first day that was mistyped at registration and has not come yet is put right, on record."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from accounts.files import store
from accounts.files.intake import Accepted
from accounts.models import Job
from kindergartens.changes.first_day import move_first_day
from kindergartens.changes.policies import ChangeRefused
from kindergartens.changes.services import change_status
from kindergartens.models import (
    Kindergarten,
    MonthlyFiling,
    Placement,
    Procedure,
    ReportingPeriod,
    StatusChange,
    StatusDocument,
)
from kindergartens.record.services.registering import register_kindergarten
from tests.conftest import acting
from tests.signing_in import client_of, shown_who_they_are
from tests.small_county import NOW, OCTOBER, PDF, SmallCounty

TYPED, MEANT, OPENED = dt.date(2027, 10, 1), dt.date(2026, 12, 1), dt.date(2026, 11, 1)


class Scene:
    def __init__(self, small: SmallCounty) -> None:
        self.small = small
        self.officer = acting(small.officer())
        self.kindergarten: Kindergarten = register_kindergarten(
            town=small.town("甲镇"),
            values={
                "name": "春芽幼儿园", "code": "1165900009", "opened_on": OPENED,
                "institution_type": "independent",
            },
            status={"sponsor_type": "education", "ownership": "public"},
            valid_from=TYPED, reason="新设", document_number="甲教审〔2026〕9号",
            by=self.officer, now=NOW,
        )  # fmt: skip

    def move(self, first_day: dt.date = MEANT, **more: Any) -> None:
        asked: dict[str, Any] = {
            "seen": TYPED, "reason": "年份填错", "by": self.officer, "now": NOW,
        } | more  # fmt: skip
        move_first_day(kindergarten=self.kindergarten, first_day=first_day, **asked)

    def days(self) -> list[dt.date]:
        rows = self.kindergarten.statuses.order_by("valid_from")
        return list(rows.values_list("valid_from", flat=True))


@pytest.fixture
def scene(small: SmallCounty) -> Scene:
    return Scene(small)


def test_it_begins_on_the_day_that_was_meant_and_both_stay_on_record(scene: Scene) -> None:
    before = scene.kindergarten.statuses.values("ownership", "counts_public", "town").get()
    scene.move()
    assert scene.days() == [MEANT]
    assert scene.kindergarten.statuses.values("ownership", "counts_public", "town").get() == before
    first, back, again = StatusChange.objects.order_by("pk")
    assert (first.valid_from, back.valid_from, again.valid_from) == (TYPED, TYPED, MEANT)
    assert (back.withdraws, back.reason) == (first, "年份填错")
    assert again.values == first.values
    assert again.document_number == first.document_number
    assert list(scene.kindergarten.status_changes.standing()) == [again]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"reason": " "}, "请写明更改原因"),
        ({"seen": MEANT}, "刚被别人改过"),
        ({"first_day": TYPED}, "没有需要更改的"),
        ({"first_day": dt.date(2026, 10, 1)}, "早于建园日期"),
        ({"first_day": dt.date(2028, 1, 1)}, "最晚填2027年11月5日"),
        ({"now": NOW + dt.timedelta(days=400)}, "已经生效"),
    ],
)
def test_what_cannot_be_says_so(scene: Scene, more: dict[str, Any], says: str) -> None:
    with pytest.raises(ChangeRefused, match=says):
        scene.move(**more)
    assert scene.days() == [TYPED]
    assert StatusChange.objects.count() == 1


def test_what_leans_on_it_holds_it(scene: Scene) -> None:
    late = dt.date(2027, 10, 20)
    change_status(
        kindergarten=scene.kindergarten, valid_from=late, values={"half_day": True},
        reason="改为半日制", document=None, document_number="x", by=scene.officer, now=NOW,
    )  # fmt: skip
    with pytest.raises(ChangeRefused, match="已经登记了变更"):
        scene.move(late)
    scene.small.file(scene.kindergarten, 20, month=OCTOBER, state="submitted")
    assert MonthlyFiling.objects.filter(kindergarten=scene.kindergarten).exists()
    with pytest.raises(ChangeRefused, match="已经填过月报"):
        scene.move()
    assert scene.days() == [TYPED, late]


def test_what_comes_later_stays_where_it_is(scene: Scene) -> None:
    late, later = dt.date(2027, 10, 20), dt.date(2027, 10, 10)
    change_status(
        kindergarten=scene.kindergarten, valid_from=late, values={"half_day": True},
        reason="改为半日制", document=None, document_number="x", by=scene.officer, now=NOW,
    )  # fmt: skip
    scene.move(later)
    rows = scene.kindergarten.statuses.order_by("valid_from")
    assert list(rows.values_list("valid_from", "valid_to", "half_day")) == [
        (later, late, False), (late, None, True),
    ]  # fmt: skip


def closing(scene: Scene, **more: Any) -> Procedure:
    """Of another kindergarten, open."""
    other = scene.small.kindergarten(scene.small.town("乙镇"), "邻园")
    asker = scene.small.person("园长", other.organisation, "director")
    return scene.small.procedure(other, asker, **({"kind": "closure", "details": {}} | more))


def leans(scene: Scene, how: str) -> Procedure:
    if how == "own":
        asker = scene.small.person("园长", scene.kindergarten.organisation, "director")
        return scene.small.procedure(scene.kindergarten, asker)
    if how == "merger":
        return closing(scene, kind="merger", details={"receiver": scene.kindergarten.pk})
    procedure = closing(scene)
    Placement.objects.create(
        procedure=procedure, destination="kindergarten", receiver=scene.kindergarten, children=9
    )
    return procedure


@pytest.mark.parametrize("how", ["own", "placement", "merger"])
def test_a_procedure_that_names_it_holds_it(scene: Scene, how: str) -> None:
    procedure = leans(scene, how)
    with pytest.raises(ChangeRefused, match=f"{procedure.number}已经用到这所园"):
        scene.move()
    assert scene.days() == [TYPED]
    Procedure.objects.filter(pk=procedure.pk).update(
        state="refused", due_on=None, ended_at=NOW, decided_as=scene.officer.acting
    )
    scene.move()
    assert scene.days() == [MEANT]


def test_another_merger_holds_nothing(scene: Scene) -> None:
    third = scene.small.kindergarten(scene.small.town("丙镇"), "三园")
    closing(scene, kind="merger", details={"receiver": third.pk})
    # A number of another field is no kindergarten.
    closing(scene, kind="teacher_change", details={"receiver": scene.kindergarten.pk})
    scene.move()
    assert scene.days() == [MEANT]


def test_the_paper_goes_along(scene: Scene) -> None:
    first = StatusChange.objects.get()
    with transaction.atomic():
        kept = store.keep(
            Accepted("批复.pdf", PDF, "application/pdf"), post=scene.officer.acting, now=NOW
        )
        StatusDocument.objects.create(
            change=first, file=kept, name="批复.pdf", added_as=scene.officer.acting, added_at=NOW
        )
    scene.move()
    moved = scene.kindergarten.status_changes.standing().get()
    assert [(paper.name, paper.file) for paper in moved.documents.all()] == [("批复.pdf", kept)]
    assert first.documents.count() == 1, "what was decided first keeps its own"


def test_a_day_without_number_and_paper_is_not_moved(scene: Scene) -> None:
    bare = scene.small.kindergarten(scene.small.town("乙镇"), "邻园", valid_from=TYPED)
    scene.kindergarten = bare
    with pytest.raises(ChangeRefused, match="没有文号，也没有依据文件"):
        scene.move()
    assert scene.days() == [TYPED]


def test_the_open_months_are_computed_again(scene: Scene) -> None:
    Job.objects.all().delete()
    opened = dt.date(2026, 10, 15)
    Kindergarten.objects.filter(pk=scene.kindergarten.pk).update(opened_on=opened)
    scene.move(opened)
    [job] = Job.objects.filter(kind="recompute-figures")
    assert job.arguments == {"county": scene.small.county.pk, "month": OCTOBER.isoformat()}


def test_no_locked_month_gets_one_more_that_owes_a_return(scene: Scene) -> None:
    opened = dt.date(2026, 10, 15)
    Kindergarten.objects.filter(pk=scene.kindergarten.pk).update(opened_on=opened)
    ReportingPeriod.objects.filter(month=OCTOBER).update(locks_at=NOW, due_at=NOW)
    with pytest.raises(ChangeRefused, match="10月的三率已于"):
        scene.move(opened)
    assert scene.days() == [TYPED]
    assert StatusChange.objects.count() == 1


def test_only_who_keeps_it_may(scene: Scene) -> None:
    with pytest.raises(PermissionDenied):
        scene.move(by=acting(scene.small.officer(scene.small.other_county)))
    assert scene.days() == [TYPED]


def test_on_the_page_of_changes(scene: Scene) -> None:
    page = reverse("status-change", args=[scene.kindergarten.code])
    route = reverse("status-first-day", args=[scene.kindergarten.code])
    typed = {"first_day": "2026-10-01", "first_day_seen": "2027-10-01", "first_day_reason": "错"}
    with time_machine.travel(NOW, tick=True):
        client = client_of(scene.officer)
        assert f'action="{route}"' in client.get(page).content.decode()
        asked = client.post(route, typed | {"first_day": "2026-12-01"})
        assert "again_proof" in asked.content.decode(), "who is there, from a screen left open"
        assert scene.days() == [TYPED]
        shown_who_they_are(client)
        refused = client.post(route, typed)
        assert refused.status_code == 409
        assert "先在园所档案里更正" in refused.content.decode()
        assert f'action="{page}"' in refused.content.decode(), "the other form goes where it did"
        other = client.post(page, typed | {"first_day": "2026-12-01"})
        assert other.status_code == 422, "the form of changes moves no first day"
        done = client.post(route, typed | {"first_day": "2026-12-01"}, follow=True)
        assert "从2026年12月1日起在册" in done.content.decode()
    assert scene.days() == [MEANT]
