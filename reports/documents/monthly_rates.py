"""三率月报: a region's three rates of one month, their trends, what lies below, who is missing.

`collect` reads the figures once into plain values, which are kept with the document; `html` writes
the report from those values alone, so that a reprint never shows other numbers.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.template.loader import render_to_string

from accounts.access.scope import REGION_CHECKED
from accounts.formatting import MISSING, count, percent, points, zhmonth
from accounts.models import Region
from accounts.statuses import VERDICTS, state_status
from indicators.catalogue import INDICATORS, THREE_RATES
from indicators.models import RegionFacts
from indicators.rules import rate
from indicators.selectors import (
    Figure,
    Judgement,
    child_figures,
    filing_progress,
    trend,
)
from kindergartens.models import Group
from reports.documents.charts import rate_trend
from reports.documents.heading import heading
from reports.documents.tracing import code_of, explanation_path

# Three charts stand side by side on 156 mm, each drawn larger and scaled to 50 mm.
CHART_WIDTH, CHART_HEIGHT = 270, 215
# 未计入 has a cause each; on paper the words stand without icon or colour. Whether a return that
# was not begun has been opened does not matter there, and one accepted has yet to be counted.
PAPER_STATES = {"not_begun": "unfiled", "accepted": "uncounted"}
OPERATOR_SIGNS = {">=": "≥", "<=": "≤"}


def title(region_name: str, month: dt.date) -> str:
    return f"{region_name}{month.year}年{month.month}月学前教育“三率”情况"


def collect(region: Region, month: dt.date, own: list[Figure]) -> dict[str, Any]:
    """The report's values; `own` are the region's three figures of the month."""
    facts = RegionFacts.objects.unscoped(REGION_CHECKED).filter(region=region, month=month).first()
    children = child_figures(region, month)
    groups = list(
        Group.objects.unscoped(REGION_CHECKED).filter(county=region).values_list("name", flat=True)
    )
    # Towns in their groups, in the groups' own order; those in no group come last.
    order = {name: place for place, name in enumerate(groups)}
    grouped = sorted(children, key=lambda row: order.get(row.group_name, len(order)))
    rows = [_row(0, region, facts, own, "", month)]
    rows += [
        _row(number, row.region, row.facts, row.figures, row.group_name, month)
        for number, row in enumerate(grouped, start=1)
    ]
    return {
        "figures": [_figure(figure, facts) for figure in own],
        "rows": rows,
        "missing": [
            {
                "town": owed.town_name,
                "name": f"{owed.name}（示例）" if owed.is_example else owed.name,
                "state": state_status(PAPER_STATES.get(owed.state, owed.state)).word,
                "children": owed.last_children,
            }
            for owed in filing_progress(region, month).rows
        ],
        "explanation_address": explanation_path(region, THREE_RATES[0], month).replace(
            f"/{region.code}/", "/区划代码/"
        ),
    }


def _figure(figure: Figure, facts: RegionFacts | None) -> dict[str, Any]:
    indicator = figure.indicator
    leading_first = sorted(figure.verdicts, key=lambda judgement: judgement is not figure.leading)
    by_population = facts is not None and indicator.by_population
    registered = facts.registered_population_3_5 if by_population and facts else None
    population_date = facts.population_date if by_population and facts else None
    return {
        "indicator": indicator.code,
        "explanation": explanation_path(figure.region, indicator.code, figure.month),
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "value": _text(figure.value),
        "reason": figure.reason,
        "base": figure.base,
        "judgements": [_judgement(judgement) for judgement in leading_first],
        "change": _text(figure.change),
        "previous_month": figure.previous_month.isoformat() if figure.previous_month else None,
        "population_date": population_date.isoformat() if population_date else None,
        "registered_value": _text(rate(figure.numerator, registered)),
        "trend": [
            {
                "month": point.month.isoformat(),
                "value": _text(point.value),
                "provisional": point.provisional,
                "reported": point.reported,
            }
            for point in trend(figure.region, indicator.code, figure.month)
        ],
    }


def _judgement(judgement: Judgement) -> dict[str, Any]:
    return {
        "target": str(judgement.target.value),
        "operator": judgement.target.operator,
        "policy": judgement.title,
        "document_number": judgement.document_number,
        "clause": judgement.clause,
        "verdict": str(judgement.verdict),
        "gap": judgement.gap,
        "surplus": judgement.surplus,
    }


def _row(
    number: int,
    region: Region,
    facts: RegionFacts | None,
    own: list[Figure],
    group: str,
    month: dt.date,
) -> dict[str, Any]:
    enrolled = own[1].denominator
    return {
        "number": number,
        "code": region.code,
        "name": region.name,
        "group": group,
        "resident_population_3_5": facts.resident_population_3_5 if facts else None,
        "enrolled": enrolled,
        "accepted": facts.accepted if facts else 0,
        "expected": facts.expected if facts else 0,
        "figures": [
            {
                "value": _text(figure.value),
                "verdict": figure.verdict,
                "gap": figure.leading.gap if figure.leading else None,
                "explanation": explanation_path(region, figure.indicator.code, month),
            }
            for figure in own
        ],
    }


def _text(value: Decimal | None) -> str | None:
    """Unrounded, as text: JSON numbers would lose digits."""
    return None if value is None else str(value)


def html(snapshot: dict[str, Any]) -> str:
    """The report as HTML, from a snapshot alone."""
    head = heading(snapshot)
    codes = [figure["indicator"] for figure in snapshot["figures"]]
    shown = [_shown_figure(n, figure, head) for n, figure in enumerate(snapshot["figures"])]
    rows = [_shown_row(row, head["origin"]) for row in snapshot["rows"]]
    context = {
        "heading": head,
        "child_label": head["child_label"],
        "figures": shown,
        "sentences": [_sentence(figure, head["month"]) for figure in snapshot["figures"]],
        "columns": [INDICATORS[code].short_name for code in codes],
        "groups": [
            (f"组团：{name}" if name else "", list(members))
            for name, members in groupby(rows, key=lambda row: row["group"])
        ],
        "width": 5 + 2 * len(codes),
        "scope_note": _scope_note(snapshot),
        "missing": snapshot["missing"],
        "sources": [
            _shown_source(figure["indicator"], judgement)
            for figure in snapshot["figures"]
            for judgement in figure["judgements"]
        ],
        "definitions": [_definition(figure) for figure in snapshot["figures"]],
        "address": head["origin"] + snapshot["explanation_address"],
        "traces": [
            {"number": f"{row['number']:02d}", "name": row["name"], "code": row["code"]}
            for row in snapshot["rows"]
        ],
    }
    return render_to_string("reports/documents/papers/monthly_rates.html", context)


def _shown_figure(column: int, figure: dict[str, Any], head: dict[str, Any]) -> dict[str, Any]:
    indicator = INDICATORS[figure["indicator"]]
    leading = _leading(figure)
    verdict = leading["verdict"] if leading else "not_judged"
    return {
        "name": indicator.name,
        "short": indicator.short_name,
        "base": figure["base"],
        "value": percent(figure["value"]),
        "trace": code_of(0, column),
        "href": head["origin"] + figure["explanation"],
        "numerator": count(figure["numerator"]),
        "denominator": count(figure["denominator"]),
        "target": _target(leading) if leading else MISSING,
        "verdict": verdict,
        "verdict_word": _word(verdict),
        "distance": _distance(leading),
        "change": points(figure["change"]),
        "since": ""
        if _is_month_before(figure, head["month"])
        else zhmonth(figure["previous_month"]),
        "chart": _chart(figure),
    }


def _shown_row(row: dict[str, Any], origin: str) -> dict[str, Any]:
    cells = []
    for column, figure in enumerate(row["figures"]):
        verdict = figure["verdict"]
        cells.append(
            {
                "value": percent(figure["value"]),
                "trace": "" if figure["value"] is None else code_of(row["number"], column),
                "href": origin + figure["explanation"],
                "verdict": verdict,
                "verdict_word": _word(verdict),
                "gap": f"差{count(figure['gap'])}人" if figure["gap"] else "",
            }
        )
    return {
        "number": "" if row["number"] == 0 else row["number"],
        "is_total": row["number"] == 0,
        "name": row["name"],
        "group": row["group"],
        "population": count(row["resident_population_3_5"]),
        "enrolled": count(row["enrolled"]),
        "figures": cells,
        "accepted": row["accepted"],
        "expected": row["expected"],
        "provisional": row["accepted"] < row["expected"],
    }


def _shown_source(indicator: str, judgement: dict[str, Any]) -> dict[str, Any]:
    return {
        "indicator": INDICATORS[indicator].name,
        "target": _target(judgement),
        "policy": judgement["policy"],
        "document_number": judgement["document_number"],
        "clause": judgement["clause"] or MISSING,
        "verdict": judgement["verdict"],
        "verdict_word": _word(judgement["verdict"]),
        "gap": f"差{count(judgement['gap'])}人" if judgement["gap"] else "",
    }


def _is_month_before(figure: dict[str, Any], month: dt.date) -> bool:
    """Whether the change is to the month before; after a holiday it is to an earlier one."""
    before = figure["previous_month"]
    return before is None or before == (month - dt.timedelta(days=1)).replace(day=1).isoformat()


def _sentence(figure: dict[str, Any], month: dt.date) -> str:
    name = INDICATORS[figure["indicator"]].name
    if figure["value"] is None:
        return f"{name}无法计算：{figure['reason']}"
    text = f"{name}{percent(figure['value'])}%"
    leading = _leading(figure)
    if leading is not None:
        text += f"，{_word(leading['verdict'])}（目标{_target(leading)}%）"
    change = figure["change"]
    if change is not None:
        moved = points(Decimal(change)).lstrip("+−")
        way = "提高" if Decimal(change) > 0 else "下降"
        adjacent = _is_month_before(figure, month)
        since = "上月" if adjacent else zhmonth(figure["previous_month"])
        text += f"，比{since}{way}{moved}个百分点" if Decimal(moved) else f"，与{since}持平"
    return text + "。"


def _definition(figure: dict[str, Any]) -> str:
    indicator = INDICATORS[figure["indicator"]]
    text = f"{indicator.name}＝{indicator.formula}"
    if indicator.by_population and figure["population_date"]:
        day = dt.date.fromisoformat(figure["population_date"])
        text += f"（人口统计时点{day.year}年{day.month}月{day.day}日）"
    if figure["registered_value"] is not None:
        text += f"；按户籍3–5岁人口计算为{percent(figure['registered_value'])}%，供对照"
    return text + "。托班幼儿不计入。"


def _scope_note(snapshot: dict[str, Any]) -> str:
    judged = [cell["verdict"] for row in snapshot["rows"][1:] for cell in row["figures"]]
    return "没有适用目标的区域不考核。" if "not_judged" in judged else ""


def _leading(figure: dict[str, Any]) -> dict[str, Any] | None:
    """The judgement that leads: the first of the worst, as the collector put them in order."""
    return figure["judgements"][0] if figure["judgements"] else None


def _target(judgement: dict[str, Any]) -> str:
    number = percent(judgement["target"]).rstrip("0").rstrip(".")
    return f"{OPERATOR_SIGNS[judgement['operator']]}{number}"


def _word(verdict: str) -> str:
    return VERDICTS[verdict].word


def _distance(judgement: dict[str, Any] | None) -> str:
    if judgement is None:
        return MISSING
    if judgement["gap"]:
        return f"差{count(judgement['gap'])}"
    return f"余{count(judgement['surplus'])}" if judgement["surplus"] is not None else MISSING


def _chart(figure: dict[str, Any]) -> str:
    leading = _leading(figure)
    shown = [
        {
            "label": zhmonth(point["month"]),
            "value": None if point["value"] is None else percent(point["value"]),
            "provisional": point["provisional"],
            "holiday": False,  # a month without returns is a plain gap
        }
        for point in figure["trend"]
    ]
    data = {
        "points": shown,
        "target": _target(leading).lstrip("≥≤") if leading else None,
    }
    known = [point for point in shown if point["value"] is not None]
    description = f"{INDICATORS[figure['indicator']].name}近{len(shown)}个月："
    if known:
        first, last = known[0], known[-1]
        description += f"{first['label']}{first['value']}%，{last['label']}{last['value']}%"
    else:
        description += "没有数据"
    return rate_trend(data, width=CHART_WIDTH, height=CHART_HEIGHT, title=description)
