"""What a published table says of a figure, in words; for pages, papers and the command."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from accounts import formatting
from indicators.aggregates.answers import Answer, Table
from indicators.aggregates.columns import COUNTS
from indicators.aggregates.rules import Agreement
from indicators.catalogue import INDICATORS, Kind
from indicators.models import AggregateReturn
from indicators.targets.words import figure_text

AGREEMENT_WORDS = {
    Agreement.AGREES: "与公布值一致",
    Agreement.DIFFERS: "与公布值不一致，请核对来源",
}


def said(answer: Answer) -> list[str]:
    """Published beside recomputed, tolerance, scope, part sums that break. Nothing of the verdict."""
    lines = []
    if answer.is_published_only:
        lines.append(f"公布值：{answer.published}。来源没有分子、分母，照公布值列示，不能重算。")
    elif answer.published:
        word = f"，重算{AGREEMENT_WORDS[answer.agreement]}" if answer.agreement else ""
        lines.append(f"公布值：{answer.published}{word}")
    tolerances = [
        f"{name}±{amount.tolerance:,}"
        for name, amount in (("分子", answer.numerator), ("分母", answer.denominator))
        if amount is not None and amount.tolerance
    ]
    if tolerances:
        off = f"，结果最多差{spread(answer)}" if answer.tolerance is not None else ""
        lines.append(f"按万印的数，误差为末位的一半：{'，'.join(tolerances)}{off}")
    lines += answer.notes
    if answer.breaks:
        lines += [f"来源的数对不上：{text}" for text in answer.breaks]
    if answer.row.explanation:
        lines.append(f"说明：{answer.row.explanation}")
    return lines


def spread(answer: Answer) -> str:
    """How far the value may be off, in the unit it is shown in."""
    if answer.tolerance is None:
        return ""
    return f"{answer.tolerance * 100:.2f}个百分点" if answer.percent else f"{answer.tolerance:.2f}"


@dataclass(frozen=True)
class CountShown:
    """A count of a row with its unit, and what was printed where that was in 万."""

    head: str
    number: int
    unit: str
    printed: str


def counts_shown(row: AggregateReturn) -> list[CountShown]:
    return [
        CountShown(column.head, number, column.unit, row.printed.get(column.name, ""))
        for column in COUNTS
        if (number := getattr(row, column.name)) is not None
    ]


@dataclass(frozen=True)
class SponsorsShown:
    """Rows by sponsor, one below the other: the heads are counts that one of them gives."""

    heads: list[str]
    rows: list[tuple[AggregateReturn, list[int | None]]]


def sponsors_shown(table: Table) -> SponsorsShown | None:
    if not table.by_sponsor:
        return None
    used = [
        column
        for column in COUNTS
        if any(getattr(row, column.name) is not None for row in table.by_sponsor)
    ]
    return SponsorsShown(
        [f"{column.head}（{column.unit}）" for column in used],
        [
            (row, [getattr(row, column.name) for column in used])
            for row in (*table.by_sponsor, table.row)
        ],
    )


@dataclass(frozen=True)
class AnswerShown:
    """A figure of the row: recomputed, published, and in words how they stand to each other."""

    name: str
    computed: str
    published: str
    agreement: str
    verdict: str
    said: str


def answer_shown(code: str, answer: Answer) -> AnswerShown:
    indicator = INDICATORS[code]
    parts = []
    if answer.numerator is not None:
        parts.append(formatting.quantity(Decimal(indicator.in_units(answer.numerator.number))))
    if answer.denominator is not None:
        parts.append(formatting.count(answer.denominator.number))
    sign = "1:" if indicator.kind is Kind.RATIO else ""
    worded = {Agreement.AGREES: "一致", Agreement.DIFFERS: "不一致"}
    return AnswerShown(
        name=indicator.name,
        computed=formatting.MISSING
        if answer.is_published_only
        else figure_text(indicator, answer.value),
        published=f"{sign}{answer.published}{indicator.suffix}"
        if answer.published
        else formatting.MISSING,
        agreement=worded[answer.agreement] if answer.agreement else "",
        verdict="unmet" if answer.agreement is Agreement.DIFFERS else "met",
        said=" ÷ ".join(parts) if not answer.is_published_only else "只有公布值",
    )
