"""Why a figure changed: steps from one set of returns to another that add up exactly. Plain Python.

A kindergarten that is in both sets moves in two steps: first its heads, counted as it stood then
(real movement, or a correction of the same month's return), then what its changed status makes of
the new heads. Who is in one set only came late, opened, is still owed, or closed. What the returns
do not explain is named too: the population, and registers that were computed again.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from operator import add, sub
from typing import NamedTuple

from indicators.rules import Counts, change


class Reason(StrEnum):
    LATE = "late"  # 迟报补入: owed and missing in the figure compared with, counted now
    OPENED = "opened"  # 新开办 or moved in: owed nothing then
    CORRECTED = "corrected"  # 更正: another version of the same month's return counts
    MOVED = "moved"  # 真实增减: the same kindergarten, another month, other heads
    STATUS = "status"  # 办园性质变更: the new heads under another status
    MISSING = "missing"  # counted then, owed and not counted now
    CLOSED = "closed"  # 停办, 撤销 or moved away
    RECORDS = "records"  # sums computed again from registers, without another return
    POPULATION = "population"  # 人口变动: the denominator that no return adds to


# Who came in is added before who left is taken away: no step then divides by nothing.
ORDER = tuple(Reason)


class Part(NamedTuple):
    """What one return adds to a figure (0 where it does not add to it)."""

    numerator: int = 0
    denominator: int = 0
    numerator_heads: int = 0
    denominator_heads: int = 0

    def plus(self, other: Part) -> Part:
        return Part(*map(add, self, other))

    def minus(self, other: Part) -> Part:
        return Part(*map(sub, self, other))

    def added_to(self, counts: Counts, *, of_averages: bool) -> Counts:
        return Counts(
            (counts.numerator or 0) + self.numerator,
            (counts.denominator or 0) + self.denominator,
            (counts.numerator_heads or 0) + self.numerator_heads
            if of_averages
            else counts.numerator_heads,
            (counts.denominator_heads or 0) + self.denominator_heads if of_averages else 1,
        )


Flags = tuple[bool, ...]


class Seen(NamedTuple):
    """One kindergarten's counted return: which version, under which status, and what it adds.

    `as_if` says what it would add under another status, so that heads and status move apart.
    """

    version: int
    flags: Flags
    part: Part
    as_if: Callable[[Flags], Part]


class Move(NamedTuple):
    reason: Reason
    kindergarten: int
    part: Part


def moves(
    then: Mapping[int, Seen],
    now: Mapping[int, Seen],
    *,
    owed_then: Container[int],
    owing_now: Container[int],
    same_month: bool,
) -> Iterator[Move]:
    """From one set of counted returns to another; the parts add up to the difference of the sums.

    `owed_then` are those that owed a return then without being counted, `owing_now` the same of now.
    """
    for pk in sorted(then.keys() | now.keys()):
        was, seen = then.get(pk), now.get(pk)
        if was is None and seen is not None:
            yield Move(Reason.LATE if pk in owed_then else Reason.OPENED, pk, seen.part)
        elif was is not None and seen is None:
            reason = Reason.MISSING if pk in owing_now else Reason.CLOSED
            yield Move(reason, pk, Part().minus(was.part))
        elif was is not None and seen is not None:
            same_status = seen.flags == was.flags
            between = seen.part if same_status else seen.as_if(was.flags)
            heads = Reason.CORRECTED if same_month else Reason.MOVED
            yield Move(heads, pk, between.minus(was.part))
            if not same_status:
                yield Move(Reason.STATUS, pk, seen.part.minus(between))


@dataclass(frozen=True)
class Step:
    """`points` is the change of the value, unrounded; None while the value cannot be computed."""

    reason: Reason
    kindergartens: int
    numerator: int
    denominator: int
    points: Decimal | None


def steps(
    made: Iterable[Move],
    *,
    start: Counts,
    end: Counts,
    value: Callable[[Counts], Decimal | None],
    of_averages: bool = False,
    by_population: bool = False,
) -> list[Step]:
    """One step for each reason, from `start` to `end`: counts and points add up to the change.

    Points are the value after a step minus the last value that could be computed before it, so
    they telescope. What the moves leave to `end` is a step of its own: population where the
    denominator is one, registers computed again for the rest.
    """
    together: dict[Reason, Part] = {}
    who: dict[Reason, set[int]] = {}
    nothing = Part()
    for move in made:
        if move.part != nothing:
            together[move.reason] = together.get(move.reason, nothing).plus(move.part)
            who.setdefault(move.reason, set()).add(move.kindergarten)
    built: list[Step] = []
    counts, known = start, value(start)

    def step(reason: Reason, part: Part, after: Counts, kindergartens: int = 0) -> None:
        nonlocal counts, known
        reached = value(after)
        built.append(
            Step(reason, kindergartens, part.numerator, part.denominator, change(reached, known))
        )
        counts, known = after, known if reached is None else reached

    for reason in ORDER:
        if reason in together:
            part = together[reason]
            step(reason, part, part.added_to(counts, of_averages=of_averages), len(who[reason]))
    left = _difference(end, counts, of_averages)
    people = Part(denominator=left.denominator) if by_population else Part()
    records = left.minus(people)
    if records != nothing:
        step(Reason.RECORDS, records, records.added_to(counts, of_averages=of_averages))
    if people != nothing:
        step(Reason.POPULATION, people, end)
    return built


def _difference(end: Counts, counts: Counts, of_averages: bool) -> Part:
    def less(name: str) -> int:
        return (getattr(end, name) or 0) - (getattr(counts, name) or 0)

    heads = ("numerator_heads", "denominator_heads") if of_averages else ()
    return Part(
        **{name: less(name) for name in ("numerator", "denominator", *heads)},
    )
