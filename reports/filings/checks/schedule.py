"""The fee schedule (收费公示表) beside which a return's charges are checked. Plain Python."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from reports.filings.checks.cells import read_money, typed_yuan

# What tells one charge from another. `scope` says the hours as well where they matter.
CHARGE = ("item", "name", "scope", "unit")
ALL = "all"
# Units by which not everybody pays every month.
NOT_MONTHLY = frozenset({"term", "time"})
# Between whose children pay and their hours: large-half_day.
HOURS_AFTER = "-"
ANY_NUMBER = 10**9
# {row: {field: text as typed}}
Rows = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class ScheduledLine:
    """One charge in force on the statistical day; `fen` is its amount in hundredths of a yuan.

    Where those who entered later pay otherwise (新生新办法) it is the highest that somebody may be
    asked for, and `also` are the other amounts. `published`: whether it was published by that day
    (fees.rules.published_by), None where nobody knows.
    """

    item: str
    name: str
    scope: str
    unit: str
    fen: int
    also: tuple[int, ...] = ()
    published: bool | None = None

    @property
    def charge(self) -> tuple[str, ...]:
        return tuple(getattr(self, name) for name in CHARGE)

    def typed(self, payers: str) -> dict[str, str]:
        """As a row of a draft that charges what the schedule says."""
        return {
            **dict(zip(CHARGE, self.charge, strict=True)),
            "amount": typed_yuan(self.fen),
            "payers": payers,
        }

    def allows(self, fen: int) -> bool:
        """Whether this is what somebody is to pay."""
        return fen == self.fen or fen in self.also


def scheduled_for(
    charge: Mapping[str, str], schedule: Iterable[ScheduledLine]
) -> ScheduledLine | None:
    """The line that a charge is held to: that of its own children, else that of all; None: none."""
    alike = {
        line.scope: line
        for line in schedule
        if all(getattr(line, name) == charge.get(name, "") for name in ("item", "name", "unit"))
    }
    scope = charge.get("scope", "")
    for wanted in (scope, scope.partition(HOURS_AFTER)[0], ALL):
        if wanted in alike:
            return alike[wanted]
    return None


@dataclass(frozen=True)
class Moved:
    """A row still has an amount that was the schedule's; `line` is what the schedule says now, None
    where it has nothing for that charge any more.
    """

    was: ScheduledLine
    line: ScheduledLine | None


def moved(
    rows: Rows, schedule: Iterable[ScheduledLine], once: Collection[ScheduledLine]
) -> dict[str, Moved]:
    """The rows that were filled in from a line as it once stood (`once`), and not as it stands."""
    now = {line.charge: line for line in schedule}
    were = {(line.charge, line.fen): line for line in once}
    found = {}
    for row, cells in rows.items():
        charge = tuple(cells.get(name, "") for name in CHARGE)
        fen = read_money(cells.get("amount", ""), "", ANY_NUMBER).value
        line = now.get(charge)
        if fen is None or (line is not None and line.allows(fen)):
            continue
        was = were.get((charge, fen))
        if was is not None:
            found[row] = Moved(was, line)
    return found


def begun(
    last: Rows, schedule: Sequence[ScheduledLine], rows: Sequence[str], *, carries: bool
) -> dict[str, dict[str, str]]:
    """What a month begins with: the schedule's lines at its amounts, last month's payers.

    A line keeps the row it had last month, so that months compare row by row; a new one takes
    another's row only when no row is left. What was charged beside the schedule is typed anew.
    Without `carries` the payers are, too: other children are there in a new school year.
    """
    were = _places(last)
    kept = {were[line.charge]: line for line in schedule if line.charge in were}
    unused = [row for row in rows if row not in last]
    free = unused + [row for row in rows if row in last and row not in kept]
    new = [line for line in schedule if line.charge not in were]
    placed = kept | dict(zip(free, new, strict=False))
    return {
        row: placed[row].typed(
            _payers(placed[row], last[row].get("payers", "") if row in kept and carries else "")
        )
        for row in rows
        if row in placed
    }


def offered(
    there: Rows, schedule: Sequence[ScheduledLine], rows: Sequence[str]
) -> dict[str, dict[str, str]]:
    """Rows for the lines that a draft does not have, in rows that it does not use."""
    known = _places(there)
    free = (row for row in rows if row not in there)
    missing = [line for line in schedule if line.charge not in known]
    return {row: line.typed(_payers(line, "")) for row, line in zip(free, missing, strict=False)}


def _payers(line: ScheduledLine, before: str) -> str:
    """Nobody pays what costs nothing; by the term or each time, a month says nothing of the next."""
    if not line.fen:
        return "0"
    return "" if line.unit in NOT_MONTHLY else before


def _places(rows: Rows) -> dict[tuple[str, ...], str]:
    return {tuple(cells.get(name, "") for name in CHARGE): row for row, cells in rows.items()}
