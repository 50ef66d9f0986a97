"""Two papers about one kindergarten: what differs, and what an explanation still explains."""

from __future__ import annotations

import pytest

from reports.reconciling.rules import (
    Explained,
    ListStanding,
    OnList,
    Pair,
    Registered,
    Standing,
    list_differences,
    list_standing,
    standing,
)

SAME = Pair("children", 30, 30)
MORE = Pair("children", 32, 30)
UNTOLD = Pair("classes", 3, None)
FITS, STALE = Explained(32, 30), Explained(31, 30)


@pytest.mark.parametrize(
    ("pairs", "explained", "says"),
    [
        ([SAME], {}, Standing.SAME),
        # What one paper does not tell is no difference, and no 0.
        ([SAME, UNTOLD], {}, Standing.SAME),
        ([MORE], {}, Standing.DIFFERS),
        ([MORE], {"children": FITS}, Standing.EXPLAINED),
        ([MORE], {"children": STALE}, Standing.DIFFERS),
        ([MORE, Pair("staff", 5, 6)], {"children": FITS}, Standing.DIFFERS),
        ([Pair("children", 0, 3)], {}, Standing.DIFFERS),
    ],
)
def test_a_difference_stands_until_its_two_numbers_are_explained(
    pairs: list[Pair], explained: dict[str, Explained], says: Standing
) -> None:
    known = {"owes": True, "counted": True, "stated": True, "imported": True}
    assert standing(pairs, explained, **known) == says


@pytest.mark.parametrize(
    ("missing", "says"),
    [
        ({"owes": False}, Standing.ONLY_STATISTICS),
        ({"owes": False, "stated": False}, Standing.NEITHER),
        ({"imported": False, "stated": False}, Standing.NO_STATISTICS),
        # Where nothing was imported, nobody is said to be missing from it.
        ({"owes": False, "imported": False, "stated": False}, Standing.NO_STATISTICS),
        ({"stated": False}, Standing.ONLY_RETURN),
        ({"stated": False, "counted": False}, Standing.ONLY_RETURN),
        ({"counted": False}, Standing.UNCOUNTED),
    ],
)
def test_a_missing_paper_is_said_before_any_difference(
    missing: dict[str, bool], says: Standing
) -> None:
    known = {"owes": True, "counted": True, "stated": True, "imported": True} | missing
    assert standing([MORE], {}, **known) == says


PUBLIC = Registered("甲园", "在办", "公办", is_operating=True, is_closed=False, is_inclusive=True)
COSTLY = Registered(
    "乙园", "在办", "非普惠民办", is_operating=True, is_closed=False, is_inclusive=False
)
CLOSED = Registered("丙园", "已撤销", "公办", is_operating=False, is_closed=True, is_inclusive=True)
PAUSED = Registered(
    "丁园", "停办整顿", "公办", is_operating=False, is_closed=False, is_inclusive=True
)
BOTH = ("approved", "inclusive")


@pytest.mark.parametrize(
    ("registered", "lines", "differs", "says"),
    [
        (PUBLIC, {kind: OnList("甲园", "公办") for kind in BOTH}, [], ListStanding.SAME),
        # Blanks and the width of brackets are typing, an ownership that is not told is no difference.
        (PUBLIC, {kind: OnList(" 甲 园", "") for kind in BOTH}, [], ListStanding.SAME),
        (PUBLIC, {"approved": OnList("甲园", "")}, ["inclusive-listed"], ListStanding.UNLISTED),
        # The list of inclusive ones need not have it.
        (COSTLY, {"approved": OnList("乙园", "")}, [], ListStanding.SAME),
        (COSTLY, {kind: OnList("乙园", "") for kind in BOTH},
         ["inclusive-ownership"], ListStanding.UNLIKE),
        (PUBLIC, {kind: OnList("旧园", "普惠性民办") for kind in BOTH},
         ["approved-name", "approved-ownership", "inclusive-name", "inclusive-ownership"],
         ListStanding.UNLIKE),
        (None, {"approved": OnList("甲园", "")}, ["approved-listed"], ListStanding.UNREGISTERED),
        (CLOSED, {"approved": OnList("丙园", "")}, ["approved-listed"], ListStanding.UNREGISTERED),
        (CLOSED, {}, [], ListStanding.NOT_MEANT),
        (PAUSED, {}, [], ListStanding.NOT_MEANT),
        (PAUSED, {kind: OnList("丁园", "") for kind in BOTH}, [], ListStanding.SAME),
    ],
)  # fmt: skip
def test_a_list_beside_the_registry(
    registered: Registered | None, lines: dict[str, OnList], differs: list[str], says: ListStanding
) -> None:
    found = list_differences(registered, lines, imported=BOTH, inclusive_list="inclusive")
    assert [one.key for one in found] == differs
    known = {"is_listed": bool(lines), "imported": BOTH}
    assert list_standing(found, {}, **known) == says
    explained = {one.key: one.values for one in found}
    if found:
        assert list_standing(found, explained, **known) == ListStanding.EXPLAINED
        stale = explained | {found[0].key: Explained("别的", "写法")}
        assert list_standing(found, stale, **known) != ListStanding.EXPLAINED


def test_without_a_list_nothing_is_missing() -> None:
    assert list_differences(PUBLIC, {}, imported=(), inclusive_list="inclusive") == []
    assert list_standing([], {}, is_listed=False, imported=()) == ListStanding.NO_LIST
