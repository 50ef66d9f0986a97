"""Drawing aids of the registry's pages."""

from __future__ import annotations

from dataclasses import dataclass

from django import template

from kindergartens.premises.rules import Lack
from kindergartens.premises.words import LACK_WORDS
from kindergartens.search.selectors import TownCount

register = template.Library()


@dataclass(frozen=True)
class Part:
    tone: str
    x: float
    width: float


@register.filter
def town_bar(town: TownCount, largest: int) -> list[Part]:
    """A town's kindergartens by nature as parts of a bar 100 wide; the largest town fills it."""
    parts, x = [], 0.0
    for tone, number in (
        ("public", town.public),
        ("inclusive", town.inclusive_private),
        ("other", town.other_private),
        ("stopped", town.stopped),
    ):
        width = round(100 * number / max(largest, 1), 2)
        if width:
            parts.append(Part(tone, round(x, 2), width))
        x += width
    return parts


@register.filter
def lack_word(lack: Lack | None) -> str:
    """Why an amount is not known; one with a standard was just not counted."""
    return LACK_WORDS[lack or Lack.COUNT]
