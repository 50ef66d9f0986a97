"""The effect of a change in words: each region's three rates before and after."""

from __future__ import annotations

from typing import Any

from accounts.formatting import count, percent, points
from indicators.rules import change
from indicators.selectors.figures import Figure
from indicators.services.what_if import Effect
from kindergartens.models import Procedure


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


def placed_elsewhere(procedure: Procedure) -> str:
    """Where the children go whom the effect takes out only; "" for who places none.

    A placement does not say who is in a nursery class, and those are in no rate, so they cannot be
    added to the receivers' own head-counts.
    """
    rows = list(procedure.placements.select_related("receiver"))
    received = [row for row in rows if row.receiver is not None]
    if not received:
        return ""
    places = "、".join(f"{row.receiver}{count(row.children)}名" for row in received)
    total = sum(row.children for row in received)
    return (
        f"上面的数只减去了本园，没有加上转到别园的{count(total)}名幼儿（含托班）：{places}。"
        "生效以后，接收园的月报接收了，才算进去；托班幼儿不进三率。"
    )


def summary(effect: Effect) -> str:
    """One sentence: how many rates move, and whether a verdict does."""
    pairs = [pair for one in effect.regions for pair in zip(one.before, one.after, strict=True)]
    moved = sum((b.numerator, b.denominator) != (a.numerator, a.denominator) for b, a in pairs)
    verdicts = sum(b.verdict != a.verdict for b, a in pairs)
    if not moved:
        return "三率都不变。"
    text = f"{len(pairs)}个率里有{moved}个会变"
    return f"{text}，{verdicts}个判定会变。" if verdicts else f"{text}，判定都不变。"
