"""The self-check and the incidents of a return: what stops it, what is kept, who reads what."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from kindergartens.models import ReportingPeriod
from reports.filings import services, submitted
from reports.filings.board.reading import read_through
from reports.filings.checks import review
from reports.filings.checks.sections.safety import SAFETY
from reports.filings.services import NotSubmittable
from safety.models import Incident, SafetyAnswer
from tests.reports.filings.test_checks import LIMITS, SAFE, a_draft
from tests.reports.filings.test_services import Scene
from tests.signing_in import client_of
from tests.small_county import NOW, OCTOBER, SmallCounty, moment

BLOCKED = {"answer": "no", "account": "东侧通道堆放桌椅", "repair_by": "2026-11-20"}
FALL = {
    "occurred_on": "2026-10-12", "kind": "injury", "children_hurt": "1", "staff_hurt": "0",
    "account": "跑动时跌倒，送医检查", "reported_at": "2026-10-12T09:30",
}  # fmt: skip
NONE = {"month": {"none": "1"}}


def problems(safety: dict[str, Any], incidents: dict[str, Any]) -> list[str]:
    """The anchors of what stops a draft of October, checked on 2026-11-05 at 16:40."""
    draft = a_draft() | {"safety": SAFE | safety, "incidents": incidents}
    found = review(
        draft, {}, LIMITS, compare_with_last=False, month=OCTOBER, now=NOW.replace(tzinfo=None)
    )
    return [anchor for anchor, _ in found.problems]


@pytest.mark.parametrize(
    ("answer", "anchors"),
    [
        ({"answer": "yes"}, []),
        ({"answer": ""}, ["safety-fire"]),
        ({"answer": "maybe"}, ["safety-fire"]),
        (BLOCKED, []),
        (BLOCKED | {"account": " "}, ["safety-fire-account"]),
        (BLOCKED | {"repair_by": ""}, ["safety-fire-repair_by"]),
        (BLOCKED | {"repair_by": "很快"}, ["safety-fire-repair_by"]),
        (BLOCKED | {"repair_by": "2026-11-04"}, ["safety-fire-repair_by"]),
        (BLOCKED | {"repair_by": "2026-11-05"}, []),
        (BLOCKED | {"repair_by": "2026-11-20T10:00"}, ["safety-fire-repair_by"]),
        (BLOCKED | {"repair_by": "20261120"}, ["safety-fire-repair_by"]),
        (BLOCKED | {"repair_by": "2026-W47-5"}, ["safety-fire-repair_by"]),
        (BLOCKED | {"account": "长" * 201}, ["safety-fire-account"]),
        ({"answer": "na"}, ["safety-fire"]),
    ],
)
def test_no_says_what_is_wrong_and_until_when(answer: dict[str, str], anchors: list[str]) -> None:
    assert problems({"fire": answer}, NONE) == anchors


def test_a_day_of_repair_before_the_statistical_day_stops_the_return() -> None:
    """Filled in before that day, too: the answer is about it."""
    draft = a_draft() | {"safety": SAFE | {"fire": BLOCKED | {"repair_by": "2026-10-28"}}}
    found = review(
        draft | {"incidents": NONE}, {}, LIMITS, compare_with_last=False, month=OCTOBER,
        reference_date=dt.date(2026, 10, 31), now=moment(2026, 10, 26, 9).replace(tzinfo=None),
    )  # fmt: skip
    [(anchor, text)] = found.problems
    assert anchor == "safety-fire-repair_by"
    assert "整改期限2026年10月28日早于统计时点2026年10月31日，到那天还答“否”。" in text


def test_a_day_of_an_earlier_month_that_was_carried_over_is_asked_again(scene: Scene) -> None:
    filing = scene.open()
    filing.draft["safety"]["fire"] = BLOCKED | {"repair_by": "2026-10-20"}
    filing.save(update_fields=["draft"])
    with pytest.raises(NotSubmittable) as refused:
        scene.submit(filing)
    [(anchor, text)] = refused.value.review.problems
    assert anchor == "safety-fire-repair_by"
    assert "的整改期限2026年10月20日已经过了，现在还答“否”。" in text


def test_only_what_a_kindergarten_may_lack_does_not_apply() -> None:
    assert problems({"bus": {"answer": "na"}, "food": {"answer": "na"}}, NONE) == []


@pytest.mark.parametrize(
    ("incidents", "anchors"),
    [
        ({}, ["incidents-month-none"]),
        ({"1": {}, "month": {"none": ""}}, ["incidents-month-none"]),
        (NONE | {"1": FALL}, ["incidents-month-none"]),
        ({"1": FALL, "3": FALL}, []),
        (
            {"1": FALL | {"occurred_on": "2026-11-01", "reported_at": "2026-11-01T09:30"}},
            ["incidents-1"],
        ),
        ({"1": FALL | {"occurred_on": "十二日"}}, ["incidents-1"]),
        ({"1": FALL | {"kind": ""}}, ["incidents-1-kind"]),
        ({"1": FALL | {"children_hurt": ""}}, ["incidents-1-children_hurt"]),
        ({"1": FALL | {"staff_hurt": "-1"}}, ["incidents-1-staff_hurt"]),
        ({"1": FALL | {"reported_at": "2026-10-11T09:30"}}, ["incidents-1-reported_at"]),
        ({"1": FALL | {"reported_at": ""}}, ["incidents-1-reported_at"]),
        ({"1": FALL | {"reported_at": "2026-11-05T16:40"}}, []),
        ({"1": FALL | {"reported_at": "2026-11-05T16:41"}}, ["incidents-1-reported_at"]),
        ({"1": FALL | {"reported_at": "2026-10-12"}}, ["incidents-1-reported_at"]),
        ({"1": FALL | {"reported_at": "2026-10-12T09:30+08:00"}}, ["incidents-1-reported_at"]),
        ({"1": FALL | {"occurred_on": "2026-10-12T09:30"}}, ["incidents-1"]),
    ],
)
def test_none_or_each_incident_whole(incidents: dict[str, Any], anchors: list[str]) -> None:
    assert problems({}, incidents) == anchors


def test_what_has_not_happened_yet_is_no_incident() -> None:
    draft = a_draft() | {
        "incidents": {"1": FALL | {"occurred_on": "2026-10-20", "reported_at": "2026-10-20T08:00"}}
    }
    now = moment(2026, 10, 19, 23).replace(tzinfo=None)
    found = review(draft, {}, LIMITS, compare_with_last=False, month=OCTOBER, now=now)
    assert [text for _, text in found.problems] == [
        "第1起的发生日期还没有到。请核对日期。", "第1起的上报时间还没有到。请核对日期。",
    ]  # fmt: skip


def test_what_belongs_to_no_goes_with_it() -> None:
    last = SAFE | {"fire": BLOCKED | {"answer": "yes"}, "video": BLOCKED}
    now = SAFETY.prefilled(last, flows=True)
    assert now["fire"] == {"answer": "yes", "account": "", "repair_by": ""}
    assert now["video"] == BLOCKED
    assert SAFETY.is_same(now, last)


@pytest.fixture
def scene(small: SmallCounty) -> Scene:
    return Scene(small)


def test_what_was_typed_is_kept_read_back_and_read_first(scene: Scene, sign_in: Any) -> None:
    filing = scene.open()
    filing.draft["safety"]["fire"] = BLOCKED
    filing.draft["incidents"] = {"2": FALL}
    filing.save(update_fields=["draft"])
    version = scene.submit(filing)
    assert version.incidents == 1
    assert SafetyAnswer.objects.get(filing_version=version, answer="no").item == "fire"
    assert Incident.objects.get().number == 2
    assert "safety" not in version.unchanged
    said = submitted.read_version(version)
    assert said.part("safety")["fire"] == BLOCKED
    assert said.part("incidents") == {"2": FALL}
    [reading] = read_through([scene.kindergarten.filings.get(month=OCTOBER)])
    assert reading.reasons == ("安全自查答否1项", "事故与突发事件1起")
    page = sign_in(scene.officer).get(reverse("filing-review", args=[filing.pk])).content.decode()
    assert "安全自查消防答“否”：东侧通道堆放桌椅，整改期限2026年11月20日。" in page
    assert "第2起，2026年10月12日，幼儿意外伤害，受伤儿童1人、教职工0人" in page
    assert 'name="reason-safety:fire:answer"' in page
    # The next month begins with the answers and asks for its own incidents.
    november = submitted.prefilled(said, dt.date(2026, 11, 1))
    assert (november["safety"]["fire"], november["incidents"]) == (BLOCKED, {})


def test_a_month_without_an_answer_does_not_go_off(scene: Scene) -> None:
    filing = scene.open()
    filing.draft["incidents"] = {}
    filing.save(update_fields=["draft"])
    with pytest.raises(NotSubmittable, match="还有1处"):
        scene.submit(filing)


def test_a_return_of_before_is_not_asked(scene: Scene) -> None:
    """August, filled in or put right today: nobody was asked for safety then, and null stays null."""
    august = ReportingPeriod.objects.create(
        county=scene.small.county, month=dt.date(2026, 8, 1), reference_date=dt.date(2026, 8, 31),
        opens_at=moment(2026, 8, 25), due_at=moment(2026, 9, 9), locks_at=moment(2026, 9, 20),
    )  # fmt: skip
    now = moment(2026, 9, 1)
    filing = services.open_filing(
        kindergarten=scene.kindergarten, period=august, by=scene.director, now=now
    )
    filing.draft = submitted.as_draft(submitted.read_version(scene.last.versions.get()))
    filing.draft |= {"days_open": "15", "safety": {}, "incidents": {}}
    for row in filing.draft["staff"].values():
        row |= {"joined": "0", "left": "0"}
    filing.draft["classes"][0]["attended"] = "300"
    filing.save(update_fields=["draft"])
    page = client_of(scene.director).get(reverse("filing-edit", args=[filing.pk])).content.decode()
    assert "data-safety-row" not in page
    assert "data-incidents" not in page
    assert "data-charge" not in page
    version = scene.submit(filing, now=now)
    assert version.incidents is None
    assert not SafetyAnswer.objects.filter(filing_version=version).exists()


def test_a_version_of_before_says_nothing_of_safety(scene: Scene) -> None:
    before = submitted.Submitted(scene.last.versions.get(), {}, {})
    draft = submitted.prefilled(before, OCTOBER)
    assert (set(draft["safety"]["fire"].values()), draft["incidents"]) == ({""}, {})
