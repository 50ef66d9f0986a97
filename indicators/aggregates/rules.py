"""Printed counts and what they can bear: tolerance, part sums, published against recomputed values.

Plain Python. A count printed in 万 is known to half of its last printed digit; a rate made of such
counts may differ from the published one by what that rounding allows, and agrees all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from indicators.aggregates.columns import BY_NAME, OTHER_POSTS, POSTS

TEN_THOUSAND = 10_000
PRINTED = re.compile(r"([0-9]+)(?:\.([0-9]+))?([万人]?)")
PLACES_OF_ONE = 4  # 0.0001万 is one person


@dataclass(frozen=True)
class Amount:
    """A count with the most it may be off by: half of the last printed digit, 0 for a whole one."""

    number: int
    tolerance: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.number + other.number, self.tolerance + other.tolerance)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.number - other.number, self.tolerance + other.tolerance)

    def times(self, factor: int) -> Amount:
        return Amount(self.number * factor, self.tolerance * factor)

    @property
    def least(self) -> int:
        return self.number - self.tolerance

    @property
    def most(self) -> int:
        return self.number + self.tolerance


def amount(printed: str, *, in_ten_thousands: bool = False) -> Amount:
    """A count as printed ("28959", "60.70", "60.70万") as an exact whole number with its tolerance.

    60.70万 is 607,000 ± 50. A sign in the text goes before `in_ten_thousands`: 28959人 are 28,959.
    Raises ValueError for what is no whole number of ones.
    """
    match = PRINTED.fullmatch(printed)
    if match is None:
        raise ValueError(printed)
    whole, places, sign = match[1], match[2] or "", match[3]
    if sign == "人" or not (in_ten_thousands or sign):
        if places.strip("0"):
            raise ValueError(printed)
        return Amount(int(whole))
    number = Decimal(f"{whole}.{places or 0}") * TEN_THOUSAND
    if number != int(number):
        raise ValueError(printed)
    left = PLACES_OF_ONE - len(places)
    return Amount(int(number), 10**left // 2 if left > 0 else 0)


def total(parts: Iterable[Amount | None]) -> Amount | None:
    """The sum; None if a part is missing, or there is none."""
    found: Amount | None = None
    for part in parts:
        if part is None:
            return None
        found = part if found is None else found + part
    return found


# Whole: the two parts it is made of, where a table gives all three.
WHOLES: tuple[tuple[str, tuple[str, str]], ...] = (
    ("kindergartens", ("public_kindergartens", "private_kindergartens")),
    ("inclusive_kindergartens", ("public_kindergartens", "inclusive_private_kindergartens")),
    ("enrolled_children", ("public_children", "private_children")),
    ("inclusive_children", ("public_children", "inclusive_private_children")),
)
# A part can never be more than what it is a part of.
PARTS: tuple[tuple[str, str], ...] = (
    ("public_kindergartens", "kindergartens"),
    ("private_kindergartens", "kindergartens"),
    ("inclusive_kindergartens", "kindergartens"),
    ("inclusive_private_kindergartens", "private_kindergartens"),
    ("inclusive_private_kindergartens", "kindergartens"),
    ("public_children", "enrolled_children"),
    ("private_children", "enrolled_children"),
    ("inclusive_children", "enrolled_children"),
    ("inclusive_private_children", "private_children"),
    ("inclusive_private_children", "enrolled_children"),
    ("compliant_classes", "classes"),
    *((post, "staff") for post in (*POSTS, *OTHER_POSTS, "other_staff")),
    ("certified_principals_and_teachers", "staff"),
)


@dataclass(frozen=True)
class Fault:
    """What cannot be, or does not add up: the cell it is said at, and what to do."""

    name: str
    text: str


def impossible(counts: Mapping[str, Amount]) -> list[Fault]:
    """Parts that are more than their whole, and tables without children; no explanation helps."""
    found = []
    for part, whole in PARTS:
        if part in counts and whole in counts and counts[part].least > counts[whole].most:
            found.append(
                Fault(
                    part,
                    f"{_said(part, counts)}，多于{_said(whole, counts)}，不可能。请核对这两格。",
                )
            )
    teaching = total(counts.get(name) for name in ("principals", "full_time_teachers"))
    certified = counts.get("certified_principals_and_teachers")
    if teaching is not None and certified is not None and certified.least > teaching.most:
        found.append(
            Fault(
                "certified_principals_and_teachers",
                f"{_said('certified_principals_and_teachers', counts)}，"
                f"多于园长和专任教师合计{teaching.number:,}人，不可能。请核对。",
            )
        )
    children, places = counts.get("enrolled_children"), counts.get("kindergartens")
    if children and places and 0 < children.most < places.number:
        found.append(
            Fault(
                "enrolled_children",
                f"{places.number:,}所幼儿园只有{children.number:,}名在园幼儿。"
                "幼儿数是按万填的吗？请把“人数单位”填成“万人”，或者填成几人。",
            )
        )
    return found


def broken_sums(counts: Mapping[str, Amount]) -> list[Fault]:
    """R10: parts that do not add up to their whole, beyond what printing in 万 allows.

    Real published tables do break; whoever keeps one says why in the row's 说明.
    """
    found = []
    for whole, parts in WHOLES:
        fault = _sum_fault(whole, parts, counts)
        if fault is not None:
            found.append(fault)
    others = OTHER_POSTS if "other_staff" not in counts else ("other_staff",)
    fault = _sum_fault("staff", (*POSTS, *others), counts)
    if fault is not None:
        found.append(fault)
    elif "staff" in counts:
        given = [name for name in (*POSTS, *others) if name in counts]
        posts = total(counts[name] for name in given)
        if posts is not None and posts.least > counts["staff"].most:
            found.append(Fault("staff", _sum_text("staff", given, posts, counts)))
    return found


def broken_sponsors(
    whole: Mapping[str, Amount], by_sponsor: Sequence[Mapping[str, Amount]]
) -> list[Fault]:
    """R10: rows by sponsor that do not add up to the row of the total."""
    found = []
    for name, column in BY_NAME.items():
        together = total(row.get(name) for row in by_sponsor)
        if name not in whole or together is None:
            continue
        apart = together.number - whole[name].number
        if abs(apart) > together.tolerance + whole[name].tolerance:
            found.append(
                Fault(
                    name,
                    f"各办别的{column.head}加起来是{together.number:,}{column.unit}，合计行是"
                    f"{whole[name].number:,}{column.unit}，差{abs(apart):,}{column.unit}。请核对；"
                    "原表就是这样的，在“说明”里写明。",
                )
            )
    return found


def _sum_fault(whole: str, parts: Sequence[str], counts: Mapping[str, Amount]) -> Fault | None:
    together = total(counts.get(name) for name in parts)
    if whole not in counts or together is None:
        return None
    if abs(together.number - counts[whole].number) <= together.tolerance + counts[whole].tolerance:
        return None
    return Fault(whole, _sum_text(whole, parts, together, counts))


def _sum_text(
    whole: str, parts: Sequence[str], together: Amount, counts: Mapping[str, Amount]
) -> str:
    unit = BY_NAME[whole].unit
    sum_of = " + ".join(f"{BY_NAME[name].head}{counts[name].number:,}" for name in parts)
    apart = abs(together.number - counts[whole].number)
    return (
        f"{sum_of} = {together.number:,}{unit}，{_said(whole, counts)}，差{apart:,}{unit}。请核对这几格；"
        "原表就是这样的，在“说明”里写明。"
    )


def _said(name: str, counts: Mapping[str, Amount]) -> str:
    return f"{BY_NAME[name].head}{counts[name].number:,}{BY_NAME[name].unit}"


def completed(counts: Mapping[str, Amount]) -> dict[str, Amount]:
    """With what follows from two of three: a whole, or the part a table leaves out.

    Nothing is guessed: where a table gives the whole and one part, the other is their difference.
    """
    full = dict(counts)
    for whole, (public, other) in WHOLES:
        if whole not in full and public in full and other in full:
            full[whole] = full[public] + full[other]
        if whole in full and public not in full and other in full:
            full[public] = full[whole] - full[other]
        # The private part only of all: what is inclusive of it does not follow from other counts.
        if whole in full and public in full and other not in full:
            full[other] = full[whole] - full[public]
    for whole, (public, other) in WHOLES:
        if whole.startswith("inclusive") and whole not in full:
            private = full.get(other.removeprefix("inclusive_"))
            if public in full and private is not None and private.most == 0:
                full[whole] = full[public]
    if "other_staff" not in full:
        others = total(full.get(name) for name in OTHER_POSTS)
        if others is not None:
            full["other_staff"] = others
    if "staff" not in full:
        staff = total(full.get(name) for name in (*POSTS, "other_staff"))
        if staff is not None:
            full["staff"] = staff
    return full


class Agreement(StrEnum):
    """Whether a published value is what its counts come to."""

    AGREES = "agrees"
    DIFFERS = "differs"


@dataclass(frozen=True)
class Bounds:
    """Where a value lies for certain, both ends included."""

    least: Fraction
    most: Fraction


def bounds_of(numerator: Amount, denominator: Amount) -> Bounds | None:
    """Of a quotient of two counts; None where the denominator may be nothing."""
    if denominator.least <= 0:
        return None
    return Bounds(
        Fraction(max(0, numerator.least), denominator.most),
        Fraction(numerator.most, denominator.least),
    )


def bounds_of_printed(printed: str, *, percent: bool) -> Bounds:
    """Of a printed rate: half of its last printed digit to both sides; of 95.68 from 95.675."""
    value = Decimal(printed)
    exponent = value.as_tuple().exponent
    half = Fraction(Decimal(1).scaleb(int(exponent))) / 2
    scale = 100 if percent else 1
    return Bounds((Fraction(value) - half) / scale, (Fraction(value) + half) / scale)


def agreement(computed: Bounds, published: Bounds) -> Agreement:
    """R6: they agree where some value within both roundings is the same."""
    apart = computed.most < published.least or published.most < computed.least
    return Agreement.DIFFERS if apart else Agreement.AGREES
