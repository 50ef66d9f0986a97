"""Moves between classes when a school year begins, and single classes against what they were."""

from __future__ import annotations

import datetime as dt

import pytest

from reports.filings.checks import LastClass, Review, moves_up_once, review
from tests.reports.filings.test_checks import LIMITS, a_class, a_draft

# What moved up, none of it empty; a 大班 of 30 graduated.
LAST = {
    name: LastClass(grade, dict.fromkeys(("age3", "age4", "age5", "age6"), 0) | sexes)
    for name, grade, sexes in (
        ("小班", "small", {"boys": 5, "girls": 5}),
        ("中班", "middle", {"boys": 10, "girls": 10}),
        ("大班", "large", {"boys": 10, "girls": 10}),
        ("混合班", "mixed", {"boys": 8, "girls": 8}),
    )
}
GRADES = {name: row.grade for name, row in LAST.items()} | {"小二班": "small"}


def september(
    moved_in: dict[str, int], moved_out: dict[str, int], *, without: str = "", graduates: int = 30
) -> Review:
    names = [name for name in GRADES if name != without and (name in LAST or name in moved_in)]
    classes = [
        a_class(
            name, GRADES[name],
            moved_in=str(moved_in.get(name, 0)), moved_out=str(moved_out.get(name, 0)),
        )
        for name in names
    ]  # fmt: skip
    return review(
        a_draft(*classes), LAST, LIMITS,
        compare_with_last=False, flows=True, graduates=graduates, moved_up_once=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("moved_in", "moved_out", "without", "graduates", "found"),
    [
        # Who moves between the classes of this year moves in and out.
        ({"大班": 2}, {"混合班": 2}, "", 30, {}),
        ({"小班": 1}, {"中班": 1}, "", 30, {}),
        # A new 小班 is no class that moved in, however many have graduated.
        ({"小二班": 25}, {}, "", 30, {"moves_over_summer": {"gone": 0, "stayed": 0, "most": 0}}),
        ({"中班": 1}, {}, "", 30, {"moves_over_summer": {"most": 0}}),
        # Not even beside one who stays another year.
        ({"大班": 1, "小二班": 25}, {}, "", 30, {"moves_over_summer": {"stayed": 1, "most": 1}}),
        # Who stays another year is in a 大班 or 混合班, and is asked about.
        ({"大班": 2}, {}, "", 30, {"stayed_on": {"stayed": 2}}),
        ({"混合班": 1}, {}, "", 30, {"stayed_on": {"stayed": 1}}),
        ({"大班": 3}, {"混合班": 1}, "", 30, {"stayed_on": {"stayed": 2}}),
        # No more than have graduated.
        ({"大班": 3}, {}, "", 2, {"moves_over_summer": {"stayed": 2, "most": 2}}),
        ({"大班": 1}, {}, "", 0, {"moves_equal": {"moved_in": 1}}),
        ({}, {"大班": 1}, "", 30, {"moves_over_summer": {"moved_out": 1, "most": 0}}),
        # Children of a class that was closed may move into any.
        ({"小班": 20}, {}, "中班", 30, {}),
        ({"小班": 20, "大班": 1}, {}, "中班", 30, {"stayed_on": {"stayed": 1}}),
        ({"小班": 21}, {}, "中班", 30, {"moves_over_summer": {"gone": 20, "stayed": 0}}),
        ({"小班": 21}, {}, "中班", 0, {"moves_from_vanished": {"gone": 20}}),
    ],
)
def test_only_who_stays_another_year_moves_in_from_the_graduated(
    moved_in: dict[str, int],
    moved_out: dict[str, int],
    without: str,
    graduates: int,
    found: dict[str, dict[str, int]],
) -> None:
    checked = september(moved_in, moved_out, without=without, graduates=graduates)
    said = {
        one.code: one.figures
        for one in [*checked.errors, *checked.warnings]
        if one.code in ("moves_equal", "moves_from_vanished", "moves_over_summer", "stayed_on")
    }
    assert said.keys() == found.keys()
    for code, figures in found.items():
        assert figures.items() <= said[code].items()


@pytest.mark.parametrize(
    ("name", "asked"), [("小班", False), ("中班", True), ("大班", True), ("混合班", False)]
)
def test_a_class_that_moved_up_with_all_its_children_is_asked_what_changed(
    name: str, asked: bool
) -> None:
    before = LAST[name].children
    row = a_class(name, GRADES[name], str(before + 6), "0", ("0", "0", "0", "0"))
    for moved_up, compares in ((True, asked), (False, False)):
        checked = review(
            a_draft(row), LAST, LIMITS, compare_with_last=False, moved_up_once=moved_up
        )
        changed = [one.code for one in checked.classes[0].warnings if one.code == "class_change"]
        assert changed == ["class_change"] * compares
        assert "total_change" not in {one.code for one in checked.warnings}


def test_a_class_that_did_not_graduate_and_is_gone_is_asked_about() -> None:
    [gone] = [
        one for one in september({}, {}, without="中班").warnings if one.code == "class_vanished"
    ]
    assert (gone.place, gone.figures) == ("中班", {"before": 20})
    assert not [one for one in september({}, {}).warnings if one.code == "class_vanished"]


@pytest.mark.parametrize(
    ("month", "last", "once"),
    [
        ((2026, 9), (2026, 8), True),
        ((2026, 10), (2026, 6), True),
        ((2026, 10), (2026, 9), False),
        ((2026, 9), (2025, 8), False),
    ],
)
def test_classes_move_up_once_from_one_school_year_to_the_next(
    month: tuple[int, int], last: tuple[int, int], once: bool
) -> None:
    assert moves_up_once(dt.date(*month, 1), dt.date(*last, 1)) is once
