"""What was published in words, from its own bytes: shared by page and paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from accounts import formatting
from accounts.models import Region
from accounts.statuses import verdict_status
from indicators.catalogue import THREE_RATES, Kind
from indicators.publications.rules import Body, Difference, figure_in
from indicators.rules import AT_LEAST, Verdict, worst
from indicators.targets.rules import combined
from indicators.targets.words import combined_text
from reports.dashboards.missing import state_word
from reports.dashboards.presenters.figures import sides_text
from reports.dashboards.presenters.regions import NOT_JUDGED

# Parts of a difference, as pages say them.
PARTS = {
    "numerator": "分子",
    "denominator": "分母",
    "numerator_heads": "分子人数",
    "denominator_heads": "分母人数",
    "shown": "数值",
    "verdict": "判定",
    "expected": "应报园数",
    "accepted": "计入园数",
}


@dataclass(frozen=True)
class FigureLine:
    """One figure of a body: value with its unit, the counts behind it, verdict and targets."""

    code: str
    name: str
    value: str
    counts: str
    verdict: str
    verdict_word: str
    targets: list[str]
    reason: str


def figure_lines(body: Body, figures: Sequence[Mapping[str, Any]]) -> list[FigureLine]:
    return [_line(body["indicators"][one["indicator"]], one) for one in figures]


def own_lines(body: Body) -> list[FigureLine]:
    """The region's own figures; a target that asks it of the places below as well is met when all
    meet it, and what they were judged stands in the same bytes.
    """
    below = Region.Level(body["region"]["level"] + 1).name.lower()
    asked: dict[tuple[str, ...], list[Verdict]] = {}
    for place in body["regions"]:
        for figure in place["figures"]:
            for target in figure["targets"]:
                asked.setdefault(_demand(figure, target), []).append(Verdict(target["verdict"]))
    lines = []
    for figure, line in zip(body["figures"], figure_lines(body, body["figures"]), strict=True):
        wholes = [
            combined(Verdict(target["verdict"]), asked.get(_demand(figure, target), []))
            for target in figure["targets"]
        ]
        verdict = worst(whole.verdict for whole in wholes)
        if verdict is not None:
            line = replace(
                line,
                verdict=str(verdict),
                verdict_word=_verdict(verdict),
                targets=[
                    f"{text}；{combined_text(whole, {below: whole})}" if whole.judged else text
                    for text, whole in zip(line.targets, wholes, strict=True)
                ],
            )
        lines.append(line)
    return lines


def _demand(figure: Mapping[str, Any], target: Mapping[str, Any]) -> tuple[str, ...]:
    """Tells targets apart: a document's for another level is another."""
    told = ("document", "document_number", "clause", "operator", "target", "by_date")
    return (figure["indicator"], *(str(target[name]) for name in told))


def _line(said: Mapping[str, Any], figure: Mapping[str, Any]) -> FigureLine:
    return FigureLine(
        code=figure["indicator"],
        name=said["name"],
        value=value_text(said, figure),
        counts=_counts(said, figure),
        verdict=figure["verdict"],
        verdict_word="不考核" if figure["verdict"] == NOT_JUDGED else _verdict(figure["verdict"]),
        targets=[_target(said, one) for one in figure["targets"]],
        reason=figure["reason"],
    )


def _counts(said: Mapping[str, Any], figure: Mapping[str, Any]) -> str:
    """The two counts behind a value, in the units they are read in; the one of a count."""
    heads = figure["numerator_heads"], figure["denominator_heads"]
    above, below = sides_text(figure["numerator"], figure["denominator"], heads, said["parts"])
    return above if said["kind"] == Kind.COUNT else f"{above} ÷ {below}"


def _verdict(code: str) -> str:
    return verdict_status(code).word


def value_text(said: Mapping[str, Any], figure: Mapping[str, Any]) -> str:
    """The rounded value as it was published, with what it is of."""
    if figure["shown"] is None:
        return formatting.MISSING
    number = f"{Decimal(figure['shown']):,}"
    if said["kind"] == Kind.RATIO:
        return f"1:{number}"
    return f"{number}{said['suffix']}"


def _target(said: Mapping[str, Any], target: Mapping[str, Any]) -> str:
    share = said["kind"] == Kind.SHARE
    value = Decimal(target["target"]) * (100 if share else 1)
    sign = "≥" if target["operator"] == AT_LEAST else "≤"
    number = f"（{target['document_number']}）" if target["document_number"] else ""
    return (
        f"{sign}{format(value.normalize(), 'f')}{said['suffix']}，{target['document']}{number}"
        f"{target['clause']}，{_verdict(target['verdict'])}"
    )


@dataclass(frozen=True)
class PlaceLine:
    """One region below, with its three rates (text, verdict code and word)."""

    code: str
    name: str
    expected: int
    accepted: int
    rates: list[FigureLine]


def place_lines(body: Body) -> list[PlaceLine]:
    return [
        PlaceLine(
            place["code"], place["name"], place["coverage"]["expected"],
            place["coverage"]["accepted"],
            [
                _line(body["indicators"][one["indicator"]], one)
                for code in THREE_RATES
                for one in place["figures"]
                if one["indicator"] == code
            ],
        )
        for place in body["regions"]
    ]  # fmt: skip


def rate_heads(body: Body) -> list[str]:
    return [body["indicators"][code]["name"] for code in THREE_RATES if code in body["indicators"]]


def town_names(body: Body) -> dict[str, str]:
    return {place["code"]: place["name"] for place in body["regions"]}


@dataclass(frozen=True)
class MissingLine:
    name: str
    town: str
    state: str
    last: str


def missing_lines(body: Body) -> list[MissingLine]:
    """Who was not counted; `last` is what it last counted."""
    names = town_names(body)
    return [
        MissingLine(
            row["name"],
            names.get(row["town"], ""),
            state_word(row["state"], waits_for_town=False),
            f"{formatting.zhmonth(row['last_month'][:7])}{formatting.count(row['last_children'])}人"
            if row["last_month"]
            else "没有计入过",
        )
        for row in body["missing"]
    ]


@dataclass(frozen=True)
class DifferenceLine:
    place: str
    what: str
    before: str
    after: str
    change: str


# Of a whole city hundreds may differ, and everything differs in the data file too.
MOST_LISTED = 60


def difference_lines(body: Body, found: Sequence[Difference]) -> list[DifferenceLine]:
    """Numbers and verdicts that differ, with the `change` of counts: the region's own; those of the
    regions below where nothing of its own differs.
    """
    own = [one for one in found if one.region == body["region"]["code"]]
    return [
        DifferenceLine(
            one.place,
            f"{_named(body, one.indicator)}{PARTS[one.part]}",
            _shown(body, one, one.before),
            _shown(body, one, one.after),
            formatting.parts_moved(one.after - one.before, _parts(body, one))
            if isinstance(one.before, int) and isinstance(one.after, int)
            else "",
        )
        for one in (own or found)[:MOST_LISTED]
    ]


def rate_lines(before: Body, after: Body) -> list[DifferenceLine]:
    """The region's own figures that are published with another value, with the change in their unit."""
    place = after["region"]
    lines = []
    for figure in after["figures"]:
        said = after["indicators"][figure["indicator"]]
        then = figure_in(before, place["code"], figure["indicator"])
        # Of a ratio without counts the value stands among the differences.
        if then is None or then["shown"] == figure["shown"] or figure["numerator"] is None:
            continue
        lines.append(
            DifferenceLine(
                place["name"], said["name"], value_text(said, then), value_text(said, figure),
                _moved(said, then["value"], figure["value"]),
            )
        )  # fmt: skip
    return lines


def _moved(said: Mapping[str, Any], before: str | None, after: str | None) -> str:
    if before is None or after is None:
        return ""
    moved = Decimal(after) - Decimal(before)
    if said["kind"] == Kind.SHARE:
        return f"{formatting.points(moved)}个百分点"
    size = (formatting.quantity if said["kind"] == Kind.COUNT else formatting.decimal)(abs(moved))
    unit = "" if said["kind"] == Kind.RATIO else said["suffix"]
    return f"{'+' if moved > 0 else formatting.MINUS}{size}{unit}"


def correction(
    before: Body, after: Body, found: Sequence[Difference]
) -> dict[str, list[DifferenceLine] | int]:
    """更正了什么, for the page of a draft, of a publication and before either is made."""
    return {
        "rates": rate_lines(before, after),
        "changes": difference_lines(after, found),
        "change_count": len(found),
    }


def _named(body: Body, indicator: str) -> str:
    if not indicator:
        return ""
    known = body["indicators"].get(indicator)
    return f"{known['name'] if known else indicator}，"


def _shown(body: Body, one: Difference, value: int | str | None) -> str:
    if value is None:
        return formatting.MISSING
    if one.part == "verdict":
        return "不考核" if value == NOT_JUDGED else _verdict(str(value))
    if one.part == "shown":
        return value_text(body["indicators"][one.indicator], {"shown": value})
    return formatting.parts_of(int(value), _parts(body, one))


def _parts(body: Body, one: Difference) -> int:
    """How many of what differs make one unit: of a numerator of areas 100 dm²."""
    known = body["indicators"].get(one.indicator)
    return known["parts"] if known and one.part == "numerator" else 1


def coverage_text(body: Body) -> str:
    """暂计，28所应报，27所已报，25所计入。"""
    coverage = body["coverage"]
    return (
        f"{'暂计，' if body['provisional'] else ''}{formatting.count(coverage['expected'])}所应报，"
        f"{formatting.count(coverage['filed'])}所已报，{formatting.count(coverage['accepted'])}所计入。"
    )


def period_text(kind: str, month: dt.date, school_year: int) -> str:
    """2026年10月; of an annual one its school year and the month whose figures it has."""
    text = formatting.zhmonth(month)
    if kind != "annual":
        return text
    return f"{school_year}–{school_year + 1}学年（{text}数据）"


def day_of(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def moment_of(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None
