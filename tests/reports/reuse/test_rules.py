"""Which cells a worksheet has, and which of them count as spared."""

from __future__ import annotations

from decimal import Decimal

from reports.reuse.rules import AGES, PARTS, Cell, spared, worksheet
from reports.reuse.selectors import items

SEXES = {"boys": 12, "girls": 11}
SMALL = {"classes": 1, **SEXES, "age3": 20, "age4": 3, "age5": 0, "age6": 0}
TOLD = dict.fromkeys(PARTS, 1)
NOT_ASKED = dict.fromkeys(PARTS)


def is_staff(cell: Cell) -> bool:
    return cell.code.startswith(("staff:", "certified:"))


def test_a_zero_that_was_counted_is_spared_and_nothing_is_not() -> None:
    cells = [Cell("a", 0), Cell("b", None), Cell("c", Decimal("0.5"))]
    assert spared(cells) == 2
    assert spared([]) == 0


def test_a_grade_that_is_not_there_is_not_asked() -> None:
    cells = [one for one in worksheet({"small": SMALL | TOLD}, {}) if not is_staff(one)]
    # Classes, two sexes and four ages, of the grade and of all; the parts of all.
    assert len(cells) == 2 * 7 + 3
    assert spared(cells) == len(cells)
    assert {cell.code.partition(":")[0] for cell in cells} == {"small", "all"}


def test_nursery_children_are_outside_the_sums_and_have_no_ages() -> None:
    nursery = {"classes": 1, "boys": 5, "girls": 4} | dict.fromkeys((*AGES, *PARTS), 0)
    cells = {c.code: c.value for c in worksheet({"nursery": nursery, "small": SMALL | TOLD}, {})}
    assert (cells["all:boys"], cells["nursery:boys"]) == (12, 5)
    assert "nursery:age3" not in cells
    assert [one.code for one in worksheet({"nursery": nursery}, {}) if not is_staff(one)] == [
        "nursery:classes", "nursery:boys", "nursery:girls",
    ]  # fmt: skip


def test_what_a_version_was_not_asked_is_left_open() -> None:
    found = worksheet({"small": SMALL | TOLD, "middle": SMALL | NOT_ASKED}, {})
    cells = [one for one in found if not is_staff(one)]
    told = {cell.code: cell.value for cell in cells}
    assert told["all:disabled"] is None
    assert told["all:age3"] == 40
    assert len(cells) - spared(cells) == len(PARTS)


def test_staff_by_post_with_certificates_where_they_are_asked() -> None:
    staff = {"principal": (1, 1), "full_time_teacher": (8, None), "health_staff": (0, None)}
    # The form asks for every post: one that the version lacks is open.
    assert [(cell.code, cell.value) for cell in worksheet({}, staff)] == [
        ("staff:principal", 1),
        ("certified:principal", 1),
        ("staff:full_time_teacher", 8),
        ("certified:full_time_teacher", None),
        ("staff:childcare_worker", None),
        ("staff:health_staff", 0),
        ("staff:administrative", None),
        ("staff:teaching_assistant", None),
        ("staff:service_staff", None),
    ]


def test_the_framework_has_its_36_items_in_order() -> None:
    assert [item.number for item in items()] == list(range(1, 37))
    assert all(item.asks for item in items() if item.answer)
