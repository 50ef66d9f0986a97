"""A kindergarten's published fees in words, the same on page and paper."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from accounts.formatting import quantity, zhdate
from fees.catalogue.rules import kind_of, rule_set
from fees.models import Entrants, FeeHours, ScheduledFee
from reports.fee_sheets.rules import free_year_note
from reports.fee_sheets.selectors import Sheet

BLANK = ""


@dataclass(frozen=True)
class Line:
    """`whose`: children and hours; `published`: since when everybody could read it, in words."""

    label: str
    content: str
    whose: str
    amount: str
    unit: str
    since: str
    document: str
    published: str


@dataclass(frozen=True)
class Group:
    """Lines of one class of item, and how that class is priced for this kindergarten."""

    name: str
    pricing: str
    lines: list[Line]


def groups(sheet: Sheet) -> list[Group]:
    """By class, in the order of the sheet."""
    made = []
    for code, lines in groupby(sheet.lines, key=lambda fee: fee.item):
        fees = list(lines)
        made.append(
            Group(
                fees[0].get_item_display(),
                _pricing(sheet, code),
                [_line(sheet, fee) for fee in fees],
            )
        )
    return made


def coming(sheet: Sheet) -> list[Line]:
    """What is published already and charged later, by its first day."""
    return [_line(sheet, fee) for fee in sheet.coming]


def type_words(sheet: Sheet) -> str:
    """公办园，全日制; empty where no status stands on the day."""
    if sheet.status is None:
        return BLANK
    hours = "半日制" if sheet.status.half_day else "全日制"
    return f"{sheet.status.get_ownership_display()}园，{hours}"


def free_year(sheet: Sheet) -> str:
    """The note on 大班; empty where the day or the kindergarten's sort does not ask for it."""
    if sheet.status is None:
        return BLANK
    return free_year_note(ownership=sheet.status.ownership, day=sheet.day)


def _pricing(sheet: Sheet, code: str) -> str:
    if sheet.status is None:
        return BLANK
    kind = kind_of(ownership=sheet.status.ownership, for_profit=sheet.status.for_profit)
    found = [item.pricing[kind] for item in rule_set(sheet.day).items if item.code == code]
    return found[0] if found else BLANK


def _line(sheet: Sheet, fee: ScheduledFee) -> Line:
    whose = fee.get_scope_display()
    if fee.hours != FeeHours.ANY:
        whose += f"，{fee.get_hours_display()}"
    if fee.entrants == Entrants.NEW:
        whose += f"，{zhdate(fee.valid_from)}起入园的"
    published = f"{zhdate(fee.published_on)}公示" if fee.published_on else ""
    since = f"{zhdate(fee.valid_from)}起"
    if fee.valid_to is not None:
        since += f"，到{zhdate(fee.valid_to)}前"
    return Line(
        fee.label,
        fee.content or sheet.contents.get((fee.item, fee.name), ""),
        whose,
        quantity(fee.amount),
        fee.get_unit_display(),
        since,
        fee.document,
        published,
    )
