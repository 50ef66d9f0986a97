"""The effect of a change in words: each region's three rates before and after."""

from __future__ import annotations

from typing import Any

from accounts.formatting import count, percent, points
from indicators.rules import change
from indicators.selectors.figures import Figure
from indicators.services.what_if import Effect


def effect_rows(effect: Effect) -> list[dict[str, Any]]:
    """A row a region, smallest first; `moves` compares unrounded."""
    return [
        {
            "region": one.region,
            "expected": one.after[0].expected,
            "accepted": one.after[0].accepted,
            "provisional": one.after[0].provisional,
            "cells": [
                _cell(before, after) for before, after in zip(one.before, one.after, strict=True)
            ],
        }
        for one in effect.regions
    ]


def _cell(before: Figure, after: Figure) -> dict[str, Any]:
    moved = (before.numerator, before.denominator) != (after.numerator, after.denominator)
    difference = change(after.value, before.value)
    return {
        "label": after.indicator.short_name,
        "before": _percent(before),
        "after": _percent(after),
        "moved": moved,
        "points": points(difference) if difference is not None and moved else "",
        # A step too small for two decimals is one all the same.
        "tiny": bool(difference) and percent(after.value) == percent(before.value),
        "before_counts": f"{count(before.numerator)}÷{count(before.denominator)}",
        "after_counts": f"{count(after.numerator)}÷{count(after.denominator)}",
        "before_verdict": before.verdict,
        "after_verdict": after.verdict,
        "verdict_moves": before.verdict != after.verdict,
    }


def _percent(figure: Figure) -> str:
    return f"{percent(figure.value)}%" if figure.value is not None else "无法计算"


def summary(effect: Effect) -> str:
    """One sentence: how many rates move, and whether a verdict does."""
    pairs = [pair for one in effect.regions for pair in zip(one.before, one.after, strict=True)]
    moved = sum((b.numerator, b.denominator) != (a.numerator, a.denominator) for b, a in pairs)
    verdicts = sum(b.verdict != a.verdict for b, a in pairs)
    if not moved:
        return "三率都不变。"
    text = f"{len(pairs)}个率里有{moved}个会变"
    return f"{text}，{verdicts}个判定会变。" if verdicts else f"{text}，判定都不变。"
