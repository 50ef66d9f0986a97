"""A county's own rule for its months."""

from __future__ import annotations

from kindergartens.models import PeriodRule
from tests.access.routes import World


def furnish(world: World) -> None:
    PeriodRule.objects.create(
        county=world.small.county, reference_day=31, opens_day=25, due_after=5, locks_after=7
    )
