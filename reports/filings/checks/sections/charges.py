"""收费: what was charged this month, beside the fee schedule of the kindergarten (学前教育法 Art 69)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fees.catalogue.rules import banned_name
from fees.overcharging.rules import beyond_term
from fees.rules import (
    ASKED_FROM,
    FEE_HOURS,
    FEE_ITEMS,
    FEE_SCOPES,
    FEE_UNITS,
    NAMED_ITEMS,
    PERIODIC_UNITS,
)
from reports.filings.checks.catalogue import Finding, answers, found_by, threshold
from reports.filings.checks.cells import typed_yuan
from reports.filings.checks.parts import PartReview
from reports.filings.checks.rows import Known, Review
from reports.filings.checks.schedule import CHARGE, HOURS_AFTER, scheduled_for
from reports.filings.checks.sections.declaring import Begins, Field, Kind, Section
from reports.filings.checks.words import GRADE_LABELS

# More than a schedule may have in force (fees.rules.MOST_IN_FORCE), for what is charged beside it.
MOST_ROWS = 60
MOST_FEN = 100 * threshold("money_too_large", "charge")
MOST_PAYERS = threshold("count_too_large", "payers")
MOST_IN_A_NAME = 40
# Three years of months, the whole of a kindergarten.
MOST_PERIODS = 36
PERIOD_WORDS = {"month": "个月", "term": "个学期"}
NURSERY, MIXED = "nursery", "mixed"
# Grades whose children may be in a mixed class as well.
MAY_BE_MIXED = frozenset({"small", "middle", "large"})
# Whose children pay, with their hours where the schedule tells them apart: large, large-half_day.
SCOPES = FEE_SCOPES | {
    f"{scope}{HOURS_AFTER}{hours}": f"{words}{FEE_HOURS[hours]}"
    for scope, words in FEE_SCOPES.items()
    for hours in ("full_day", "half_day")
}


def title(cells: Mapping[str, str]) -> str:
    """How a row is called: 伙食费（全园）; "" while it does not say."""
    called = cells.get("name", "") or FEE_ITEMS.get(cells.get("item", ""), "")
    scope = SCOPES.get(cells.get("scope", ""), "")
    is_said = not scope or called.endswith(f"（{scope}）")  # 保育费（托班）
    return called if is_said or not called else f"{called}（{scope}）"


def check_charges(found: PartReview, known: Known) -> Iterator[Finding]:
    seen: set[tuple[str, ...]] = set()
    for row in found.cells:
        yield from charge_named(found, row)
        yield from charge_once(found, row, seen)
        yield from payers_within_children(found, row, known)
        yield from periods_of_a_unit(found, row)
        yield from prepaid_within_payers(found, row)


@answers("charge_name_missing", "charge_name_unasked")
def charge_named(found: PartReview, row: str) -> Iterator[Finding]:
    item, name = found.text(row, "item"), found.text(row, "name")
    if item in NAMED_ITEMS and not name:
        yield found_by("charge_name_missing", row, fee=FEE_ITEMS[item])
    if item in FEE_ITEMS and item not in NAMED_ITEMS and name:
        yield found_by("charge_name_unasked", row, fee=FEE_ITEMS[item], name=name)


@answers("charge_twice")
def charge_once(found: PartReview, row: str, seen: set[tuple[str, ...]]) -> Iterator[Finding]:
    charge = tuple(found.text(row, name) for name in CHARGE)
    if charge in seen:
        yield found_by("charge_twice", row, fee=called(found, row))
    seen.add(charge)


@answers("charge_periods_unasked")
def periods_of_a_unit(found: PartReview, row: str) -> Iterator[Finding]:
    """How many were paid at once is said of months and terms, from one on."""
    periods = found.value(row, "periods")
    if periods is not None and (periods == 0 or found.text(row, "unit") not in PERIODIC_UNITS):
        yield found_by("charge_periods_unasked", row, fee=called(found, row), periods=periods)


@answers("charge_prepaid_within_payers")
def prepaid_within_payers(found: PartReview, row: str) -> Iterator[Finding]:
    """Who paid several at once is some of those who paid; said only where several were paid."""
    prepaid, payers = found.value(row, "prepaid"), found.value(row, "payers")
    periods = found.value(row, "periods")
    if prepaid is None or payers is None:
        return
    if not 1 <= prepaid <= payers or periods is None or periods < 2:
        yield found_by(
            "charge_prepaid_within_payers",
            row,
            fee=called(found, row),
            prepaid=prepaid,
            payers=payers,
        )


@answers("charge_payers_within_children")
def payers_within_children(found: PartReview, row: str, known: Known) -> Iterator[Finding]:
    """Not more than were there in the month, of the grade or of all; 保教费 is not of nursery classes."""
    payers, children = found.value(row, "payers"), _children(found, row, known.were_here)
    if payers is not None and children is not None and payers > children:
        yield found_by(
            "charge_payers_within_children",
            row,
            fee=called(found, row),
            payers=payers,
            children=children,
        )


def _children(found: PartReview, row: str, children: Mapping[str, int | None]) -> int | None:
    """Children who may pay; None while a class is not filled in."""
    scope = found.text(row, "scope").partition(HOURS_AFTER)[0]
    if scope in MAY_BE_MIXED:
        grades = {scope, MIXED}
    elif scope in GRADE_LABELS:
        grades = {scope}
    else:
        is_care = found.text(row, "item") == "care_education_fee"
        grades = {grade for grade in children if not (is_care and grade == NURSERY)}
    numbers = [children.get(grade, 0) for grade in grades]
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None


@answers("charge_differs", "charge_unlisted")
def charges_beside_schedule(found: Review, known: Known) -> Iterator[Finding]:
    """经验校验: charged otherwise than the schedule says, or not in the schedule at all."""
    part = found.parts.get(CHARGES.code)
    if part is None or not known.schedule:
        return  # not asked, or no schedule is registered that it could be beside
    for row in part.cells:
        fen = part.value(row, "amount")
        if fen is None or not part.value(row, "payers"):
            continue
        charge = {name: part.text(row, name) for name in CHARGE}
        line = scheduled_for(charge, known.schedule)
        said: dict[str, Any] = {
            "fee": called(part, row),
            "charged": typed_yuan(fen),
            "unit": FEE_UNITS.get(charge["unit"], "元"),
        }
        if line is None and fen:
            yield found_by("charge_unlisted", row, **said)
        elif line is not None and not line.allows(fen):
            yield found_by(
                "charge_differs",
                row,
                **said,
                scheduled=typed_yuan(line.fen),
                more="多" if fen > line.fen else "少",
                difference=typed_yuan(abs(fen - line.fen)),
            )


@answers("charge_banned")
def charged_though_banned(found: Review, known: Known) -> Iterator[Finding]:
    """经验校验: charged under a name that is banned on the statistical day, whether published or not."""
    part, day = found.parts.get(CHARGES.code), known.reference_date
    if part is None or day is None or known.listed is None:
        return
    for row in part.cells:
        fen = part.value(row, "amount")
        banned = banned_name(part.text(row, "name"), on=day, listed=known.listed)
        if banned is not None and fen and part.value(row, "payers"):
            yield found_by(
                "charge_banned",
                row,
                fee=called(part, row),
                charged=typed_yuan(fen),
                unit=FEE_UNITS.get(part.text(row, "unit"), "元"),
                word=banned.word,
            )


@answers("charge_ahead")
def charged_ahead(found: Review, known: Known) -> Iterator[Finding]:
    """经验校验: paid at once for months or terms that are not of this term."""
    part = found.parts.get(CHARGES.code)
    if part is None or known.month is None:
        return
    for row in part.cells:
        unit, periods = part.text(row, "unit"), part.value(row, "periods") or 1
        ahead = beyond_term(known.month, unit, periods)
        if ahead and part.value(row, "payers") and part.value(row, "amount"):
            yield found_by(
                "charge_ahead",
                row,
                fee=called(part, row),
                periods=periods,
                ahead=ahead,
                of=PERIOD_WORDS[unit],
            )


def called(found: PartReview, row: str) -> str:
    return title({name: found.text(row, name) for name in CHARGE}) or CHARGES.rows[row]


CHARGES = Section(
    "charges",
    "收费",
    {str(number): f"第{number}项" for number in range(1, MOST_ROWS + 1)},
    (
        Field("item", "收费项目", Kind.CHOICE, choices=FEE_ITEMS, after="的收费项目", is_key=True),
        Field(
            "name",
            "项目名称",
            Kind.TEXT,
            most=MOST_IN_A_NAME,
            after="的名称",
            is_optional=True,
            is_key=True,
        ),
        Field("scope", "收费对象", Kind.CHOICE, choices=SCOPES, after="的收费对象", is_key=True),
        Field("unit", "计费单位", Kind.CHOICE, choices=FEE_UNITS, after="的计费单位"),
        Field("amount", "实际收取标准", Kind.MONEY, most=MOST_FEN, after="实际收取标准"),
        Field(
            "periods",
            "一次收取期数",
            Kind.COUNT,
            begins=Begins.EMPTY,
            most=MOST_PERIODS,
            after="一次收取期数",
            is_optional=True,
        ),
        Field(
            "prepaid",
            "其中一次收取人数",
            Kind.COUNT,
            begins=Begins.EMPTY,
            most=MOST_PAYERS,
            after="一次收取人数",
            is_optional=True,
        ),
        Field("payers", "收费人数", Kind.COUNT, most=MOST_PAYERS, after="收费人数"),
    ),
    is_open=True,
    asked_from=ASKED_FROM,
    checks=check_charges,
    title=title,
    nothing="这一版没有填收费。",
)
