"""What one figure is: what is divided by what, in which unit, judged which way, by which rule."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Kind(StrEnum):
    SHARE = "share"  # a fraction, shown in percent
    RATIO = "ratio"  # children per person or place, shown plain
    AMOUNT = "amount"  # yuan, square metres or books a child, shown plain
    COUNT = "count"  # a whole number, divided by nothing


class Direction(StrEnum):
    """Which side of a target is met. The values are the operators that targets are stored with."""

    AT_LEAST = ">="
    AT_MOST = "<="


class Topic(StrEnum):
    """Where a figure stands among its kind (教督〔2020〕1号 asks for the first three parts)."""

    REACH = "reach"
    SUPPORT = "support"
    CONDITIONS = "conditions"
    STAFF = "staff"
    SAFETY = "safety"
    BUILDING = "building"
    REPORTING = "reporting"

    @property
    def label(self) -> str:
        return TOPIC_LABELS[self]


TOPIC_LABELS = {
    Topic.REACH: "普及普惠",
    Topic.SUPPORT: "政府保障",
    Topic.CONDITIONS: "办园条件",
    Topic.STAFF: "教职工",
    Topic.SAFETY: "安全",
    Topic.BUILDING: "建设与示范",
    Topic.REPORTING: "月报报送",
}


@dataclass(frozen=True)
class Source:
    """The document that asks for a figure, and where in it.

    `read` is False where the clause was taken from another document that quotes it, not from the
    text itself: it is then said to be unverified.
    """

    document: str
    number: str = ""
    clause: str = ""
    read: bool = True

    def __str__(self) -> str:
        number = f"（{self.number}）" if self.number else ""
        unverified = "" if self.read else "（条款未与原文核对）"
        return f"《{self.document}》{number}{self.clause}{unverified}"


@dataclass(frozen=True)
class Indicator:
    """One figure. Texts are for people; `numerator` and `denominator` name sums of RegionFacts.

    A figure whose rule changes keeps its code: the new definition names the first month it holds
    for, and carries the one before it as `former`, so that a past month is computed and labelled by
    the rule of its time.
    """

    code: str
    name: str  # 中文名
    short_name: str  # for heads of narrow columns
    english: str
    topic: Topic
    kind: Kind
    numerator: tuple[str, ...]
    denominator: tuple[str, ...]  # empty of a count
    numerator_text: str
    denominator_text: str
    unit: str  # %, 名幼儿/人, 元/生, 平方米/生, 册/生, 所, 个
    base: str  # 口径, printed beside the value
    gap_unit: str  # of what is missing to a target: 名幼儿, 人, 所, 个班
    sources: tuple[Source, ...]
    direction: Direction = Direction.AT_LEAST
    # Raised whenever the formula changes meaning, and printed with every figure.
    version: str = "2026.1"
    since: dt.date | None = None  # the first month of the rule; None: of every month there is
    former: Indicator | None = None
    # Where both are averages: the people that each is divided by, names of sums as well.
    numerator_heads: str = ""
    denominator_heads: str = ""
    # How many of what the numerator sums make one unit: square decimetres of a square metre.
    parts: int = 1
    # Of what registers hold: said where nothing is recorded to divide by.
    unrecorded: str = ""
    # Sums of kindergartens of which nobody can say yet; they could still add to the numerator.
    undecided: tuple[str, ...] = ()
    # Of a count: who says anything of it, without whom it is not known; and who has more of it than
    # anybody can say, so that it is at least so much.
    told_by: str = ""
    uncounted: str = ""
    # A part of its denominator, so 100 % is the most it can be; the gross rate may pass it.
    at_most_whole: bool = True
    # Summed over kindergartens whose return is counted; else of the place itself on the day.
    of_returns: bool = True

    @property
    def operator(self) -> str:
        """The direction as targets write it."""
        return str(self.direction)

    @property
    def suffix(self) -> str:
        """What is written behind a value: %, 元, 平方米, 所; nothing behind 1:7.04."""
        return "" if self.kind is Kind.RATIO else self.unit.split("/")[0]

    @property
    def formula(self) -> str:
        if not self.denominator_text:
            return self.numerator_text
        return f"{self.numerator_text} ÷ {self.denominator_text}"

    @property
    def source(self) -> str:
        """Documents and clauses in words."""
        return "；".join(str(source) for source in self.sources)

    @property
    def of_averages(self) -> bool:
        """Average ÷ average: Σ ÷ Σ heads on both sides, never a mean of kindergartens' averages."""
        return bool(self.numerator_heads)

    @property
    def sums(self) -> tuple[str, ...]:
        """Every sum it is made of or judged with."""
        heads = (self.numerator_heads, self.denominator_heads) if self.of_averages else ()
        around = tuple(filter(None, (self.told_by, self.uncounted)))
        return (*self.numerator, *self.denominator, *heads, *self.undecided, *around)

    @property
    def by_population(self) -> bool:
        """Divided by registered population, which no kindergarten's return adds to."""
        return self.denominator == ("resident_population_3_5",)

    @property
    def denominator_of_returns(self) -> bool:
        """Whether returns add to the denominator: not to a population, nor where there is none."""
        return self.of_returns and bool(self.denominator) and not self.by_population

    def on(self, month: dt.date) -> Indicator:
        """The definition whose rule holds for a month; the oldest for months before all of them."""
        if self.former is None or self.since is None or self.since <= month:
            return self
        return self.former.on(month)

    @property
    def rules(self) -> tuple[Indicator, ...]:
        """This definition and those before it."""
        return (self, *(self.former.rules if self.former else ()))

    def in_units(self, quantity: int) -> int | Decimal:
        """A numerator, or what is missing of it, in the unit it is read in: 1050 dm² are 10.5 m²."""
        return quantity if self.parts == 1 else Decimal(quantity) / self.parts
