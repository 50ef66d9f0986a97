"""What the demo's kindergartens charged: their schedules, and here and there something else."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import F, Sum

from config.demo.plan import Grade
from fees.models import Charge, FeeItem, FeeScope, FeeUnit, ScheduledFee
from fees.overcharging.rules import beyond_term
from fees.rules import published_by
from fees.selectors import in_order
from kindergartens.models import ClassCount, FilingExplanation, FilingVersion, MonthlyFiling
from reports.filings.checks.catalogue import catalogue
from reports.filings.checks.sections.charges import PERIOD_WORDS
from reports.filings.fee_schedules import schedule_of_filing, with_charges
from reports.filings.submitted import last_submitted

EVERYBODY = "the demo writes everybody's"
# Every so many kindergartens one charges more than it published, what it never published, for
# months of the next term, or for what nobody may charge.
OVER, UNLISTED, AHEAD, BANNED = 31, 43, 47, 53
MORE = Decimal(50)
WHY_OVER = "新的收费标准已报区教育局备案，公示表还没有换，多收的下月抵扣。"
MONTHS_AT_ONCE, PREPAID = 6, 12
WHY_AHEAD = "家长要求一次交半年，不属于本学期的两个月已通知家长来退。"
WHY_BANNED = "九月起开的兴趣班，已停办，本月收的正在逐户退还。"
WHY_UNLISTED = "新生被褥由家长委员会统一代买，已停收，正在退费。"


def write_charges(county: str) -> str:
    """Of every version that was asked for details, and of the drafts in hand; says how many."""
    schedules = _schedules(county)
    versions = list(
        FilingVersion.objects.unscoped(EVERYBODY)
        .filter(filing__town__county__code=county, days_open__isnull=False)
        .filter(filing__kindergarten__in=schedules)
        .select_related("filing__period", "filing__kindergarten")
        .order_by("pk")
    )
    children = _children(versions)
    newest = max((version.filing.month for version in versions), default=None)
    charges: list[Charge] = []
    explanations: list[FilingExplanation] = []
    for version in versions:
        day = version.filing.period.reference_date
        lines = [fee for fee in schedules[version.filing.kindergarten_id] if _is_on(fee, day)]
        of_version = list(_charges(version, lines, children[version.pk], day))
        if version.filing.month == newest:
            explanations += _odd(version, of_version)
        charges += of_version
    Charge.objects.bulk_create(charges, batch_size=2000)
    FilingExplanation.objects.bulk_create(explanations)
    _begin_drafts(county)
    return f"{len(charges)}条"


def _schedules(county: str) -> dict[int, list[ScheduledFee]]:
    found: dict[int, list[ScheduledFee]] = defaultdict(list)
    rows = (
        ScheduledFee.objects.unscoped(EVERYBODY)
        .standing()
        .filter(kindergarten__organisation__region__county__code=county)
    )
    for fee in sorted(rows, key=in_order):
        found[fee.kindergarten_id].append(fee)
    return dict(found)


def _is_on(fee: ScheduledFee, day: object) -> bool:
    return fee.valid_from <= day and (fee.valid_to is None or fee.valid_to > day)  # type: ignore[operator]


def _children(versions: Sequence[FilingVersion]) -> Mapping[int, dict[str, int]]:
    """By version and grade."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    rows = (
        ClassCount.objects.unscoped(EVERYBODY)
        .filter(filing_version__in=[version.pk for version in versions])
        .order_by()
        .values_list("filing_version", "grade")
        .annotate(number=Sum(F("boys") + F("girls")))
    )
    for version, grade, number in rows:
        found[version][grade] = number
    return found


def _charges(
    version: FilingVersion,
    lines: Sequence[ScheduledFee],
    children: Mapping[str, int],
    day: dt.date,
) -> Iterator[Charge]:
    own = {fee.scope for fee in lines if fee.item == FeeItem.CARE_EDUCATION}
    for position, fee in enumerate(lines, 1):
        if fee.scope != FeeScope.ALL:
            payers = children.get(fee.scope, 0)
        elif fee.item == FeeItem.CARE_EDUCATION:
            payers = sum(children[g] for g in children if g not in {Grade.NURSERY.value, *own})
        else:
            payers = sum(children.values())
        if fee.item == FeeItem.SERVICE:
            payers = payers * 2 // 5
        yield Charge(
            filing_version=version, position=position, item=fee.item, name=fee.name,
            scope=fee.scope, hours=fee.hours, unit=fee.unit, amount=fee.amount, payers=payers,
            scheduled=fee.amount,
            published=published_by(
                day, valid_from=fee.valid_from, published_on=fee.published_on
            ),
        )  # fmt: skip


def _odd(version: FilingVersion, charges: list[Charge]) -> Iterator[FilingExplanation]:
    """Some charge otherwise; the reason is kept with what the check says of it."""
    number = int(version.filing.kindergarten.code[-4:])
    if charges and number % OVER == OVER - 1:
        care = charges[0]
        care.amount += MORE
        yield _explained(
            version, care, "charge_differs", WHY_OVER, scheduled=f"{care.scheduled:.0f}",
            more="多", difference=f"{MORE:.0f}",
        )  # fmt: skip
    if charges and number % AHEAD == AHEAD - 1:
        care, month = charges[0], version.filing.month
        ahead = beyond_term(month, care.unit, MONTHS_AT_ONCE)
        if ahead:
            care.periods, care.prepaid = MONTHS_AT_ONCE, min(care.payers, PREPAID)
            yield _explained(
                version, care, "charge_ahead", WHY_AHEAD, periods=MONTHS_AT_ONCE, ahead=ahead,
                of=PERIOD_WORDS[care.unit],
            )  # fmt: skip
    if charges and number % UNLISTED == UNLISTED - 1:
        bedding = Charge(
            filing_version=version, position=len(charges) + 1, item=FeeItem.ON_BEHALF,
            name="被褥费", scope=FeeScope.SMALL, hours="any", unit=FeeUnit.TIME,
            amount=Decimal(180), payers=6,
        )  # fmt: skip
        charges.append(bedding)
        yield _explained(version, bedding, "charge_unlisted", WHY_UNLISTED)
    if charges and number % BANNED == BANNED - 1:
        lessons = Charge(
            filing_version=version, position=len(charges) + 1, item=FeeItem.SERVICE,
            name="美术兴趣班", scope=FeeScope.ALL, hours="any", unit=FeeUnit.MONTH,
            amount=Decimal(260), payers=9,
        )  # fmt: skip
        charges.append(lessons)
        yield _explained(version, lessons, "charge_unlisted", WHY_BANNED)
        yield _explained(version, lessons, "charge_banned", WHY_BANNED, word="兴趣班")


def _explained(
    version: FilingVersion, charge: Charge, code: str, text: str, **values: Any
) -> FilingExplanation:
    fee = f"{charge.name or charge.get_item_display()}（{charge.get_scope_display()}）"
    finding = catalogue()[code].finding(
        str(charge.position), fee=fee, charged=f"{charge.amount:.0f}",
        unit=charge.get_unit_display(), **values,
    )  # fmt: skip
    return FilingExplanation(
        version=version, code=code, place=finding.place, says=finding.sentence,
        figures=finding.figures, text=text,
    )  # fmt: skip


def _begin_drafts(county: str) -> None:
    """Returns being filled in have their charges as if they were opened today."""
    drafts = (
        MonthlyFiling.objects.unscoped(EVERYBODY)
        .filter(town__county__code=county)
        .filter(state__in=[MonthlyFiling.State.DRAFT, MonthlyFiling.State.RETURNED])
        .select_related("kindergarten", "period")
    )
    for filing in drafts:
        last = last_submitted(filing.kindergarten, filing.month)
        filing.draft = with_charges(filing.draft, last, schedule_of_filing(filing))
        filing.save(update_fields=["draft"])
