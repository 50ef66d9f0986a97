"""收费 on the form: each row with what the schedule says, and the place for a reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from fees.catalogue.rules import Banned
from fees.rules import FEE_SCOPES, FEE_UNITS, PERIODIC_UNITS
from reports.filings.checks import Review
from reports.filings.checks.cells import typed_yuan
from reports.filings.checks.schedule import CHARGE, Moved, ScheduledLine, scheduled_for
from reports.filings.checks.sections.charges import SCOPES
from reports.filings.presenters.explanations import ExplanationView, explanation_at
from reports.filings.presenters.sections import SectionCell, SectionRow, SectionView
from reports.filings.selectors import Earlier

# What bans a charge by its name.
Bans = Callable[[str], Banned | None]


@dataclass(frozen=True)
class ChargeRow:
    """`scheduled` is the published amount in words, `fen` in hundredths; empty and None: no line.
    `also`: the amounts of those who pay otherwise, in hundredths, with a space between.

    `keys` say what is charged: fixed where a line of the schedule says it, else filled in.
    """

    row: SectionRow
    keys: list[SectionCell]
    amount: SectionCell
    payers: SectionCell
    unit: str
    scheduled: str
    fen: int | None
    also: str
    is_fixed: bool
    periods: SectionCell
    prepaid: SectionCell
    reason: ExplanationView
    ahead: ExplanationView
    ban: ExplanationView
    # The word for which nothing of that name may be charged; "": none.
    banned: str
    # What became of the line whose amount stands here; "" while it stands.
    moved: str = ""

    @property
    def is_periodic(self) -> bool:
        """Charged by the month or the term, of which several may be paid at once. What was typed in
        another row stays to be seen.
        """
        unit = next(cell.value for cell in self.keys if cell.name == "unit")
        return unit in PERIODIC_UNITS or bool(self.periods.value)

    @property
    def shows_note(self) -> bool:
        found = any(one.finding for one in (self.ban, self.reason, self.ahead))
        return bool(self.row.errors or self.row.asked or found)

    @property
    def offer(self) -> str:
        """The amount of the schedule, as it would be typed."""
        return "" if self.fen is None else typed_yuan(self.fen)

    @property
    def scopes(self) -> list[tuple[str, str]]:
        """Whose children pay, as a row that is filled in offers it; its own is never lost."""
        own = next(cell.value for cell in self.keys if cell.name == "scope")
        offered = FEE_SCOPES if own not in SCOPES else FEE_SCOPES | {own: SCOPES[own]}
        return list(offered.items())


@dataclass(frozen=True)
class ChargesView:
    """`listed` are the schedule's; `others` what was charged beside it, and rows to fill in."""

    section: SectionView
    listed: list[ChargeRow]
    others: list[ChargeRow]

    @property
    def has_others(self) -> bool:
        return any(not one.row.is_blank for one in self.others)


def charges_view(
    view: SectionView,
    schedule: Sequence[ScheduledLine],
    review: Review,
    earlier: Mapping[str, list[Earlier]],
    month: dt.date,
    moved: Mapping[str, Moved],
    bans: Bans,
) -> ChargesView:
    rows = [
        replace(
            _row(row, schedule, review, earlier, month, bans), moved=_moved(moved.get(row.code))
        )
        for row in view.rows
    ]
    return ChargesView(
        view, [one for one in rows if one.is_fixed], [one for one in rows if not one.is_fixed]
    )


def _moved(moved: Moved | None) -> str:
    if moved is None:
        return ""
    unit = FEE_UNITS.get(moved.was.unit, "元")
    was = f"{typed_yuan(moved.was.fen)}{unit}"
    if moved.line is None:
        return (
            f"这一项的收费标准{was}已撤销或截止。本月没有收的，请清空这一项；收了的，请写明原因。"
        )
    return f"收费标准已由{was}改为{typed_yuan(moved.line.fen)}{unit}，这里还是原来的。"


def _scheduled(line: ScheduledLine, unit: str) -> str:
    """With what others pay, where those who entered later pay otherwise."""
    amounts = "或".join(typed_yuan(fen) for fen in (line.fen, *line.also))
    return f"{amounts}{unit}"


def _row(
    row: SectionRow,
    schedule: Sequence[ScheduledLine],
    review: Review,
    earlier: Mapping[str, list[Earlier]],
    month: dt.date,
    bans: Bans,
) -> ChargeRow:
    cells = {cell.name: cell for cell in row.cells if cell is not None}
    charge = {name: cells[name].value for name in CHARGE}
    line = scheduled_for(charge, schedule)
    is_fixed = line is not None and line.charge == tuple(charge.values())
    unit = FEE_UNITS.get(charge["unit"], "元")
    banned = bans(charge["name"])
    return ChargeRow(
        row=row,
        keys=[cells[name] for name in CHARGE],
        amount=cells["amount"],
        payers=cells["payers"],
        periods=cells["periods"],
        prepaid=cells["prepaid"],
        unit=unit,
        scheduled="" if line is None else _scheduled(line, unit),
        fen=None if line is None else line.fen,
        also="" if line is None else " ".join(map(str, line.also)),
        is_fixed=is_fixed,
        reason=explanation_at(
            "charge_unlisted" if line is None else "charge_differs",
            row.code,
            review,
            earlier,
            month,
        ),
        ahead=explanation_at("charge_ahead", row.code, review, earlier, month),
        ban=explanation_at("charge_banned", row.code, review, earlier, month),
        banned="" if banned is None else banned.word,
    )
