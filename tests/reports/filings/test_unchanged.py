"""Sections confirmed as 与上月相同: which hold, who ticked them, what the reviewer reads."""

from __future__ import annotations

import copy
import datetime as dt
from typing import Any

import pytest
from django.template import engines
from django.urls import reverse

from kindergartens.models import FilingVersion, MonthlyFiling, ReportingPeriod
from reports.filings import services, unchanged
from reports.filings.checks import POST_LABELS
from reports.filings.forms import draft_from_post
from reports.filings.services import NotSubmittable
from tests.conftest import acting
from tests.reports.filings.test_checks import SAFE
from tests.reports.filings.test_services import Scene
from tests.small_county import NOW, SmallCounty

LATER = NOW + dt.timedelta(minutes=5)
FLOWS = dict.fromkeys(("entered", "departed", "moved_in", "moved_out"), "0")
PARTS = dict.fromkeys(("disabled", "left_behind", "migrant", "aided"), "0")
AGES = {"age3": "24", "age4": "0", "age5": "0", "age6": "0"}
LAST: dict[str, Any] = {
    "classes": [
        {"name": "小一班", "grade": "small", "boys": "12", "girls": "12"} | AGES | FLOWS | PARTS,
        {"name": "托班", "grade": "nursery", "boys": "5", "girls": "6"} | FLOWS | PARTS,
    ],
    "staff": {
        post: {"people": "1", "certified": "1", "joined": "0", "left": "0"} for post in POST_LABELS
    },
    "charges": {
        "1": {
            "item": "care_education_fee",
            "name": "",
            "scope": "all",
            "unit": "month",
            "amount": "600",
            "payers": "24",
        },
    },
    "safety": SAFE | {"fire": {"answer": "no", "account": "门锁", "repair_by": "2026-11-20"}},
}


def change(draft: dict[str, Any], path: tuple[Any, ...], value: str) -> dict[str, Any]:
    draft = copy.deepcopy(draft)
    place: Any = draft
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return draft


@pytest.mark.parametrize(
    ("path", "value", "differ"),
    [
        (("remarks",), "停电", set()),
        (("classes", 0, "attended"), "300", set()),
        (("classes", 1, "age3"), "", set()),
        (("classes", 0, "boys"), "13", {"classes"}),
        (("classes", 0, "age4"), "", {"classes"}),
        (("classes", 1, "entered"), "1", {"classes"}),
        (("classes", 1, "migrant"), "1", {"parts"}),
        (("classes", 0, "name"), "小二班", {"classes", "parts"}),
        (("staff", "principal", "certified"), "0", {"staff"}),
        (("staff", "principal", "people"), "", {"staff"}),
        (("staff", "principal", "left"), "1", {"staff"}),
        (("charges", "1", "payers"), "23", {"charges"}),
        (("charges", "1", "amount"), "", {"charges"}),
        (("safety", "fire", "answer"), "yes", {"safety"}),
        (("safety", "fire", "repair_by"), "", {"safety"}),
        (("safety", "guards", "account"), "已培训", {"safety"}),
        (("staff", "principal", "joined"), "", {"staff"}),
    ],
)
def test_what_a_change_makes_different(path: tuple[Any, ...], value: str, differ: set[str]) -> None:
    draft = change(LAST, path, value)
    found = {one for one in unchanged.SECTIONS if not unchanged.is_unchanged(one, draft, LAST)}
    assert found == differ


def test_nothing_is_the_same_as_no_return() -> None:
    assert not any(unchanged.is_unchanged(one, LAST, None) for one in unchanged.SECTIONS)
    # A cell that both leave open is no figure that could be confirmed.
    open_cell = change(LAST, ("classes", 0, "aided"), "")
    assert not unchanged.is_unchanged("parts", open_cell, open_cell)


def test_a_browser_says_that_it_is_ticked_and_nothing_else() -> None:
    draft = draft_from_post({"same-staff": "2020-01-01T00:00:00+08:00 1", "same-money": "1"})
    assert draft[unchanged.KEY] == dict.fromkeys(unchanged.SECTIONS, "") | {"staff": "1"}


@pytest.fixture
def scene(small: SmallCounty) -> Scene:
    return Scene(small)


def tick(scene: Scene, filing: MonthlyFiling, *sections: str, at: dt.datetime = NOW) -> None:
    filing.refresh_from_db()
    services.save_draft(
        filing_id=filing.pk,
        draft=filing.draft | {unchanged.KEY: dict.fromkeys(sections, "1")},
        revision=filing.revision,
        by=scene.director,
        now=at,
    )
    filing.refresh_from_db()


def test_a_tick_keeps_who_and_when_and_goes_with_a_change(scene: Scene) -> None:
    filing = scene.open()
    tick(scene, filing, "staff", "classes")
    first = unchanged.ticks(filing.draft)
    post = scene.director.memberships.get().pk
    ticked = dict.fromkeys(("classes", "staff"), f"{NOW.isoformat()} {post}")
    assert first == dict.fromkeys(unchanged.SECTIONS, "") | ticked
    # Saved again later, it is still the first tick.
    tick(scene, filing, "staff", "classes", at=LATER)
    assert unchanged.ticks(filing.draft) == first
    services.save_draft(
        filing_id=filing.pk,
        draft=change(filing.draft, ("staff", "principal", "people"), "3"),
        revision=filing.revision,
        by=scene.director,
        now=LATER,
    )
    filing.refresh_from_db()
    assert unchanged.ticks(filing.draft) == first | {"staff": ""}


def test_another_windows_change_takes_the_tick_away(scene: Scene) -> None:
    filing = scene.open()
    mine = copy.deepcopy(filing.draft) | {unchanged.KEY: {"staff": "1", "classes": "1"}}
    theirs = change(filing.draft, ("staff", "principal", "people"), "3")
    save: dict[str, Any] = {"filing_id": filing.pk, "by": scene.director, "now": NOW}
    services.save_draft(draft=theirs, revision=1, **save)
    together = services.merge_draft(draft=mine, revision=1, picks={}, **save)
    ticks = unchanged.ticks(together.filing.draft)
    assert (bool(ticks["classes"]), ticks["staff"]) == (True, "")
    assert together.filing.draft["staff"]["principal"]["people"] == "3"


def test_what_is_as_last_month_is_confirmed_before_it_goes_off(scene: Scene, sign_in: Any) -> None:
    filing = scene.open()
    tick(scene, filing, "staff")
    with pytest.raises(NotSubmittable) as refused:
        scene.submit(filing)
    assert refused.value.review.problems == [
        (
            f"same-{section}",
            f"{label}与上月完全相同。核对无误的，请勾选“与上月相同”；不对的，请改正。",
        )
        for section, label in unchanged.SECTIONS.items()
        if section not in {"staff", "charges"}
    ]
    tick(scene, filing, *unchanged.SECTIONS)
    scene.submit(filing)
    version = FilingVersion.objects.get(filing=filing)
    post = scene.director.memberships.get().pk
    stamp = {"at": NOW.isoformat(), "post": post}
    # Nothing was charged last month: there is nothing that could be the same.
    assert version.unchanged == dict.fromkeys({*unchanged.SECTIONS} - {"charges"}, stamp)
    page = sign_in(scene.officer).get(reverse("filing-review", args=[filing.pk])).content.decode()
    assert f"教职工（{scene.director.full_name}11月5日16:40确认）" in page
    assert "园所没有确认" not in page


def test_a_tick_counts_only_if_it_holds_when_it_is_submitted(scene: Scene) -> None:
    filing = scene.open()
    tick(scene, filing, *unchanged.SECTIONS)
    # Last month's return is corrected meanwhile: one teacher more than is said now.
    ReportingPeriod.objects.update(locks_at=NOW + dt.timedelta(days=9))
    services.send_back(
        filing_id=scene.last.pk, version_seen=1, field_reasons={}, reason="少一名教师",
        by=scene.officer, now=NOW, reopen=True,
    )  # fmt: skip
    scene.last.refresh_from_db()
    corrected = filing.draft | {"days_open": "20", "remarks": "", "explanations": {}}
    corrected = change(corrected, ("staff", "full_time_teacher", "people"), "3")
    clerk = acting(scene.director)
    saved = services.save_draft(
        filing_id=scene.last.pk, draft=corrected, revision=scene.last.revision, by=clerk, now=NOW
    )
    services.submit(filing_id=saved.pk, revision=saved.revision, by=clerk, now=NOW)
    services.accept(filing_id=saved.pk, version_seen=2, by=scene.officer, now=NOW)
    filing.draft = change(filing.draft, ("staff", "full_time_teacher", "left"), "1")
    filing.save(update_fields=["draft"])
    scene.submit(filing)
    assert set(FilingVersion.objects.get(filing=filing).unchanged) == {"classes", "parts", "safety"}


@pytest.mark.parametrize(
    ("same", "boxes"), [({}, 0), ({"staff": False}, 1), ({"classes": True}, 0)]
)
def test_a_box_stands_only_where_something_can_be_the_same(
    same: dict[str, bool], boxes: int
) -> None:
    """In a first return there is none; a section that is missing reaches the template as ""."""
    line = '{% include "reports/filings/_same.html" with section="staff" ticked=same.staff %}'
    page = engines["django"].from_string(line).render({"same": same, "since": "上月"})
    assert page.count("data-same") == boxes
