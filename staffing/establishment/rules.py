"""Pay of people on and off the establishment, and posts that are approved but not filled.

Whole yuan and whole people, so that kindergartens add up; a missing count is None, never 0.
Sources: 县域学前教育普及普惠督导评估办法 (教督〔2020〕1号), average pay of non-established to established
staff of public kindergartens; 沈教督发〔2021〕11号 item 30, no approved post left unfilled (有编不补);
学前教育法 Art 46, equal pay.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

# One year's pay of one person outside of this is a slip of the unit: thousands of yuan, or cents.
LEAST_YUAN_A_YEAR = 3_000
MOST_YUAN_A_YEAR = 1_000_000


@dataclass(frozen=True)
class Paid:
    """So many people were paid so much altogether."""

    heads: int
    yuan: int

    @property
    def average(self) -> Decimal | None:
        """人均: yuan to one person, unrounded; None where there was nobody."""
        return Decimal(self.yuan) / self.heads if self.heads else None


def together(parts: Iterable[Paid]) -> Paid:
    found = list(parts)
    return Paid(sum(one.heads for one in found), sum(one.yuan for one in found))


def pay_ratio(established: Paid, other: Paid) -> Decimal | None:
    """非在编与在编人均工资之比: average ÷ average, of sums; None where one of them has nobody.

    The same quotient as indicators' non_established_pay_ratio.
    """
    if not (established.heads and established.yuan and other.heads):
        return None
    return Decimal(other.yuan * established.heads) / Decimal(established.yuan * other.heads)


def pay_problem(heads: int, yuan: int) -> str:
    """Why one line cannot be right; empty where it can."""
    if heads == 0:
        return "没有人，工资应填0。" if yuan else ""
    if not LEAST_YUAN_A_YEAR * heads <= yuan <= MOST_YUAN_A_YEAR * heads:
        return f"人均{yuan // heads:,}元一年，请核对人数，以及单位是不是元。"
    return ""


class Standing(StrEnum):
    MET = "met"  # no 有编不补
    UNMET = "unmet"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class Posts:
    """Approved posts, people who hold one, and teachers employed off the establishment.

    None where nobody knows: no quota is recorded, or nobody is on the roster.
    """

    quota: int | None
    established: int | None
    substitutes: int | None

    @property
    def vacant(self) -> int | None:
        """空编: approved posts that nobody holds; more people than posts leave none."""
        if self.quota is None or self.established is None:
            return None
        return max(0, self.quota - self.established)

    @property
    def unfilled(self) -> int | None:
        """有编不补: vacant posts whose work substitutes do, as many as there are of both."""
        if self.vacant is None or self.substitutes is None:
            return None
        return min(self.vacant, self.substitutes)

    @property
    def standing(self) -> Standing:
        if self.unfilled is None:
            return Standing.UNAVAILABLE
        return Standing.UNMET if self.unfilled else Standing.MET
