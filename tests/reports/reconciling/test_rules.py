"""Two papers about one kindergarten: what differs, and what an explanation still explains."""

from __future__ import annotations

import pytest

from reports.reconciling.rules import Explained, Pair, Standing, standing

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
        ({"imported": False, "stated": False}, Standing.NO_STATISTICS),
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
