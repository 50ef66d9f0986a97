"""Print one figure with everything it is made of and judged by."""

from __future__ import annotations

import datetime as dt
import json
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import formatting
from accounts.access.scope import REGION_CHECKED
from accounts.models import Region
from accounts.statuses import verdict_status
from indicators import periods
from indicators.aggregates.answers import Answer
from indicators.aggregates.presenters import said
from indicators.catalogue import INDICATORS, Indicator
from indicators.models import AggregateReturn
from indicators.models.aggregate import NATION
from indicators.rules import displayed
from indicators.selectors import (
    Figure,
    Judgement,
    figures,
    months_available,
    nation,
    published_figure,
)
from indicators.selectors.history import judgement, reference_targets
from kindergartens.models import ReportingPeriod
from kindergartens.rules import last_day


class Command(BaseCommand):
    help = "说明一个指标是怎么算的，例如：explain 654300 public_enrolment_share 2020-12"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("region", metavar="REGION", help="行政区划代码，例如654300；全国写CN")
        parser.add_argument("indicator", metavar="INDICATOR", help="、".join(INDICATORS))
        parser.add_argument(
            "period",
            metavar="PERIOD",
            help="2020-12（月）、2020（年）、2025-2026（学年）、2025-2026-1（学期）",
        )
        parser.add_argument("--json", action="store_true", help="输出JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        found = find_figure(options["region"], options["indicator"], options["period"])
        described = describe(found)
        if options["json"]:
            self.stdout.write(json.dumps(described, ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(in_words(found.figure, described)))


@dataclass(frozen=True)
class Found:
    """The figure asked for, and what other published tables of the same time answer."""

    figure: Figure
    others: Sequence[Answer] = ()


def find_figure(code: str, indicator: str, text: str) -> Found:
    """The figure asked for; CommandError says in one line what was not found."""
    try:
        period = periods.parse(text)
    except ValueError as error:
        raise CommandError(str(error)) from error
    region = find_region(code)
    if indicator not in INDICATORS:
        raise CommandError(f"没有指标{indicator}。可用的指标：{'、'.join(INDICATORS)}。")
    months = months_available(region) if region.pk else []
    month: dt.date | None = period.first
    if period.span is not periods.Span.MONTH:
        own = ReportingPeriod.objects.unscoped(REGION_CHECKED)
        dates = own.of_region(region).reference_dates() if months else {}
        month = periods.month_of(period, months, dates)
    if region.pk and month is not None:
        (figure,) = figures(region, month, [indicator])
        if figure.computed_at is not None and not figure.source:
            return Found(figure, beside(region, indicator, spans(period, text)))
    for first, last in spans(period, text):
        published = published_figure(region, indicator, first, last)
        if published is not None:
            return Found(*published)
    raise CommandError(f"{region.name}{text}没有数据。{what_there_is(region, months)}")


def beside(
    region: Region, indicator: str, times: Sequence[tuple[dt.date, dt.date]]
) -> list[Answer]:
    """What was published of a time that the portal answers for."""
    for first, last in times:
        published = published_figure(region, indicator, first, last)
        if published is not None and published[0].aggregate is not None:
            return [published[0].aggregate, *published[1]]
    return []


def parse_month(text: str) -> dt.date:
    """A month; CommandError says how one is written."""
    try:
        return periods.parse_month(text)
    except ValueError as error:
        raise CommandError(str(error)) from error


def find_region(code: str) -> Region:
    if code.upper() == NATION:
        return nation()
    try:
        return Region.objects.of_code(code)
    except Region.DoesNotExist as error:
        raise CommandError(f"{error}全国写{NATION}。") from error


def spans(period: periods.Period, text: str) -> list[tuple[dt.date, dt.date]]:
    """Between which days a published table must stand to answer, the nearest first.

    A year alone is the calendar year, as yearbooks count, then the school year that begins in it.
    A month is its own days, then the year up to its end: the figure says its own date.
    """
    first, last = period.months[0], period.months[-1]
    end = last_day(last)
    if len(text.strip()) == len("2020"):
        return [(dt.date(first.year, 1, 1), dt.date(first.year, 12, 31)), (first, end)]
    if period.span is periods.Span.MONTH:
        return [(first, end), (dt.date(first.year, 1, 1), end)]
    return [(first, end)]


def what_there_is(region: Region, months: Sequence[dt.date]) -> str:
    said = []
    if months:
        said.append(f"有数据的月份：{months[-1]:%Y-%m}至{months[0]:%Y-%m}，共{len(months)}个月。")
    days = AggregateReturn.objects.standing().of_region(region if region.pk else None)
    known = days.order_by("reference_date").values_list("reference_date", flat=True).distinct()
    if known:
        said.append(f"有历史数据的统计时点：{'、'.join(day.isoformat() for day in known)}。")
    return "".join(said) or "这个地区还没有任何月份的数据，也没有历史数据。"


def describe(found: Found) -> dict[str, Any]:
    """The figure as plain data (docs/indicators.md names the keys); values unrounded, as text."""
    figure = found.figure
    return {
        "region": {"code": figure.region.code, "name": figure.region.name},
        "indicator": figure.indicator.code,
        "name": figure.indicator.name,
        "period": f"{figure.month:%Y-%m}",
        "value": None if figure.value is None else str(figure.value),
        "displayed": shown(figure),
        "unit": figure.indicator.unit,
        "reason": figure.reason,
        "formula": figure.indicator.formula,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "parts": figure.indicator.parts,
        "base": figure.base,
        "reference_date": figure.reference_date and figure.reference_date.isoformat(),
        "as_of": figure.computed_at and timezone.localtime(figure.computed_at).isoformat(),
        "expected": figure.expected,
        "filed": figure.filed,
        "accepted": figure.accepted,
        "provisional": figure.provisional,
        "verdict": figure.verdict,
        "targets": [describe_judgement(figure.indicator, one) for one in figure.verdicts],
        "rule_version": figure.indicator.version,
        "source": figure.indicator.source,
        "data_source": figure.source,
        "aggregate": figure.aggregate and describe_answer(figure.aggregate),
        "reference_targets": [
            describe_judgement(figure.indicator, one) for one in compared(figure)
        ],
        "other_sources": [
            {"reference_date": other.row.reference_date.isoformat(), **describe_answer(other)}
            for other in found.others
        ],
    }


def describe_answer(answer: Answer) -> dict[str, Any]:
    """What a published table says, and how its published value stands to its counts."""
    return {
        "data_source": answer.row.label,
        "kind": answer.row.get_kind_display(),
        "scope": answer.row.get_scope_display(),
        "value": None if answer.value is None else str(answer.value),
        "published_only": answer.is_published_only,
        "published": answer.published or None,
        "agreement": answer.agreement and str(answer.agreement),
        "tolerance": None if answer.tolerance is None else str(answer.tolerance),
        "numerator_tolerance": answer.numerator and answer.numerator.tolerance,
        "denominator_tolerance": answer.denominator and answer.denominator.tolerance,
        "notes": list(answer.notes),
        "breaks": list(answer.breaks),
        "explanation": answer.row.explanation,
    }


def compared(figure: Figure) -> list[Judgement]:
    """How a published figure that no target judges stands to the lines of other levels."""
    if figure.aggregate is None or figure.verdicts or figure.reference_date is None:
        return []
    lines = reference_targets(figure.region, figure.indicator.code, figure.reference_date)
    return [judgement(figure.indicator, figure.aggregate, target) for target in lines]


def _why_not(figure: Figure, judgement: Judgement) -> str:
    """Why a line that a figure is compared with does not judge it."""
    begins = judgement.target.begins_on
    if begins and figure.reference_date and begins > figure.reference_date:
        return f"{formatting.zhdate(begins)}起施行，当时不考核"
    return "本级不考核"


def in_units(indicator: Indicator, quantity: int | None) -> int | str | None:
    """What is missing or to spare in the indicator's unit; of parts of one as decimal text."""
    if quantity is None or indicator.parts == 1:
        return quantity
    return f"{indicator.in_units(quantity):f}"


def describe_judgement(indicator: Indicator, judgement: Judgement) -> dict[str, Any]:
    target = judgement.target
    return {
        "operator": target.operator,
        "value": str(target.value.normalize()),
        "levels": target.levels,
        "by_date": target.by_date and target.by_date.isoformat(),
        "document": judgement.title,
        "document_number": judgement.document_number,
        "clause": judgement.clause,
        "verdict": str(judgement.verdict),
        "word": verdict_status(judgement.verdict).word,
        "gap": in_units(indicator, judgement.gap),
        "surplus": in_units(indicator, judgement.surplus),
        "close": judgement.close,
    }


def shown(figure: Figure) -> str:
    if figure.value is None:
        return formatting.MISSING
    text = f"{displayed(figure.value, figure.indicator.kind):,}"
    return f"{text}{figure.indicator.suffix}"


def in_words(figure: Figure, described: dict[str, Any]) -> list[str]:
    indicator = figure.indicator
    verdict = verdict_status(figure.verdict).word
    heading = f"{figure.region.name} {formatting.zhmonth(figure.month)} {indicator.name}"
    provisional = "，暂计" if figure.provisional else ""
    lines = [
        f"{heading}：{described['displayed']}（{verdict}{provisional}）",
        f"未四舍五入：{described['value'] or formatting.MISSING}{figure.reason}",
        f"算式：{indicator.formula}",
        f"分子：{quantity(indicator, figure.numerator)}　分母：{formatting.count(figure.denominator)}",
        f"依据：{indicator.source}",
        f"口径：{figure.base}　统计时点：{formatting.zhdate(figure.reference_date)}",
        *where_from(figure),
        f"数据截至：{formatting.zhdatetime(figure.computed_at)}　口径版本：{indicator.version}",
    ]
    if not figure.verdicts:
        lines.append("目标：没有适用于这一级的目标，不考核")
    lines += [
        f"参照（{_why_not(figure, judgement)}）{target_in_words(figure, judgement)}"
        for judgement in compared(figure)
    ]
    return lines + [target_in_words(figure, judgement) for judgement in figure.verdicts]


def quantity(indicator: Indicator, number: int | None) -> str:
    return formatting.quantity(None if number is None else Decimal(indicator.in_units(number)))


def where_from(figure: Figure) -> list[str]:
    """Returns counted; of a published table its source, what it printed, and whether that agrees."""
    answer = figure.aggregate
    if answer is None:
        return [f"计入：应报{figure.expected}所，已报{figure.filed}所，已接收{figure.accepted}所"]
    return [
        f"来源：{answer.row.label}（{answer.row.get_kind_display()}），不是本系统的月报",
        *said(answer),
    ]


def target_in_words(figure: Figure, judgement: Judgement) -> str:
    target = judgement.target
    line = displayed(target.value, figure.indicator.kind).normalize()
    unit = figure.indicator.suffix
    sign = "≥" if target.operator == ">=" else "≤"
    parts = [
        f"目标：{sign}{line:f}{unit}，{verdict_status(judgement.verdict).word}",
    ]
    if judgement.gap is not None:
        parts.append(f"差{quantity(figure.indicator, judgement.gap)}{figure.indicator.gap_unit}")
    if judgement.surplus is not None:
        parts.append(
            f"余{quantity(figure.indicator, judgement.surplus)}{figure.indicator.gap_unit}"
        )
    if target.by_date:
        parts.append(f"{formatting.zhdate(target.by_date)}前达到")
    source = judgement.title + (
        f"（{judgement.document_number}）" if judgement.document_number else ""
    )
    clause = f" {judgement.clause}" if judgement.clause else ""
    return "，".join(parts) + f"；依据：{source}{clause}"
