"""What a published table says of a figure, in words; for pages, papers and the command."""

from __future__ import annotations

from indicators.aggregates.answers import Answer
from indicators.aggregates.rules import Agreement

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
        lines.append(
            f"按万印的数，误差为末位的一半：{'，'.join(tolerances)}，结果最多差{spread(answer)}"
        )
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
