"""Order and explanations of what the pages of buildings and equipment show."""

from __future__ import annotations

from collections.abc import Sequence

from kindergartens.premises.figures import PremisesOf


def why_unknown(row: PremisesOf) -> str:
    """What is missing before the areas a child can be computed; empty when nothing is."""
    if not row.sites:
        return "还没有登记园址"
    if row.heads is None:
        return "还没有接收过月报，没有在园幼儿数"
    if not row.heads.children:
        return "月报里在园幼儿为0"
    missing = [line.measure.label for line in row.unknown]
    return f"没有清点：{'、'.join(missing)}" if missing else ""


def worst_first(rows: Sequence[PremisesOf]) -> list[PremisesOf]:
    """Short ones first, by how many standards; then those not known; then the others."""
    return sorted(rows, key=lambda row: (-len(row.short_of), -len(row.unknown)))
