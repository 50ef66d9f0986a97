"""Print one figure with everything it is made of and judged by."""

from __future__ import annotations

import datetime as dt
import json
import re
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import formatting
from accounts.models import Region
from accounts.statuses import verdict_status
from indicators.catalogue import INDICATORS
from indicators.rules import displayed
from indicators.selectors import Figure, Judgement, figures, months_available


class Command(BaseCommand):
    help = "说明一个指标是怎么算的，例如：explain 654300 public_enrolment_share 2020-12"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("region", metavar="REGION", help="行政区划代码，例如654300")
        parser.add_argument("indicator", metavar="INDICATOR", help="、".join(INDICATORS))
        parser.add_argument("period", metavar="PERIOD", help="年月，例如2020-12")
        parser.add_argument("--json", action="store_true", help="输出JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        figure = find_figure(options["region"], options["indicator"], options["period"])
        described = describe(figure)
        if options["json"]:
            self.stdout.write(json.dumps(described, ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(in_words(figure, described)))


def find_figure(code: str, indicator: str, period: str) -> Figure:
    """The figure asked for; CommandError says in one line what was not found."""
    month = parse_period(period)
    try:
        region = Region.objects.of_code(code)
    except Region.DoesNotExist as error:
        raise CommandError(str(error)) from error
    if indicator not in INDICATORS:
        raise CommandError(f"没有指标{indicator}。可用的指标：{'、'.join(INDICATORS)}。")
    (figure,) = figures(region, month, [indicator])
    if figure.computed_at is None:
        months = months_available(region)
        known = (
            f"有数据的月份：{months[-1]:%Y-%m}至{months[0]:%Y-%m}，共{len(months)}个月。"
            if months
            else "这个地区还没有任何月份的数据。"
        )
        raise CommandError(f"{region.name}{period}没有数据。{known}")
    return figure


def parse_period(text: str) -> dt.date:
    if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text) is None or text.startswith("0000"):
        raise CommandError(f"期次应写成2020-12这样的年月：{text}")
    return dt.date(int(text[:4]), int(text[5:]), 1)


def describe(figure: Figure) -> dict[str, Any]:
    """The figure as plain data; the value unrounded, as text."""
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
        "base": figure.base,
        "reference_date": figure.reference_date and figure.reference_date.isoformat(),
        "as_of": figure.computed_at and timezone.localtime(figure.computed_at).isoformat(),
        "expected": figure.expected,
        "filed": figure.filed,
        "accepted": figure.accepted,
        "provisional": figure.provisional,
        "verdict": figure.verdict,
        "targets": [describe_judgement(judgement) for judgement in figure.verdicts],
        "rule_version": figure.indicator.version,
        "source": figure.indicator.source,
    }


def describe_judgement(judgement: Judgement) -> dict[str, Any]:
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
        "gap": judgement.gap,
        "surplus": judgement.surplus,
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
        f"分子：{formatting.count(figure.numerator)}　分母：{formatting.count(figure.denominator)}",
        f"依据：{indicator.source}",
        f"口径：{figure.base}　统计时点：{formatting.zhdate(figure.reference_date)}",
        f"计入：应报{figure.expected}所，已报{figure.filed}所，已接收{figure.accepted}所",
        f"数据截至：{formatting.zhdatetime(figure.computed_at)}　算法版本：{indicator.version}",
    ]
    if not figure.verdicts:
        lines.append("目标：没有适用于这一级的目标，不考核")
    return lines + [target_in_words(figure, judgement) for judgement in figure.verdicts]


def target_in_words(figure: Figure, judgement: Judgement) -> str:
    target = judgement.target
    line = displayed(target.value, figure.indicator.kind).normalize()
    unit = figure.indicator.suffix
    sign = "≥" if target.operator == ">=" else "≤"
    parts = [
        f"目标：{sign}{line:f}{unit}，{verdict_status(judgement.verdict).word}",
    ]
    if judgement.gap is not None:
        parts.append(f"差{judgement.gap:,}{figure.indicator.gap_unit}")
    if judgement.surplus is not None:
        parts.append(f"余{judgement.surplus:,}{figure.indicator.gap_unit}")
    if target.by_date:
        parts.append(f"{formatting.zhdate(target.by_date)}前达到")
    source = judgement.title + (
        f"（{judgement.document_number}）" if judgement.document_number else ""
    )
    clause = f" {judgement.clause}" if judgement.clause else ""
    return "，".join(parts) + f"；依据：{source}{clause}"
