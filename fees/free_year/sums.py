"""Months of kindergartens added up, in yuan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from fees.free_year.selectors import FreeMonth
from fees.models import SubsidyClaim

ZERO = Decimal(0)


@dataclass(frozen=True)
class Sums:
    """`uncounted`: months that cannot be computed, so that `computed` is at least that much.

    A claim that was sent back asks for nothing until it is filed again.
    """

    computed: Decimal
    uncounted: int
    unfiled: int
    claimed: Decimal
    approved: Decimal
    paid: Decimal

    @property
    def owed(self) -> Decimal:
        """Approved and not paid yet (待拨)."""
        return self.approved - self.paid


def sums(months: Iterable[FreeMonth]) -> Sums:
    rows = list(months)
    claims = [
        one.claim
        for one in rows
        if one.claim is not None and one.claim.step != SubsidyClaim.Step.RETURNED
    ]
    return Sums(
        computed=sum((one.computed for one in rows if one.computed is not None), ZERO),
        uncounted=sum(one.computed is None for one in rows),
        unfiled=sum(one.claim is None and bool(one.computed) for one in rows),
        claimed=sum((claim.amount for claim in claims), ZERO),
        approved=sum((claim.approved for claim in claims if claim.approved is not None), ZERO),
        paid=sum((claim.paid for claim in claims), ZERO),
    )
