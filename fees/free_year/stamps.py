"""Whether a month or a claim is still as it was on the page."""

from __future__ import annotations

from fees.free_year.selectors import FreeMonth
from fees.models import SubsidyClaim
from kindergartens.stamps import stamp_of, stamp_of_texts

# What people decide about a claim, and what was paid on it.
DECIDED = (
    "filing_version",
    "children",
    "waived",
    "step",
    "approved_children",
    "approved_waived",
    "paid",
    "filed_at",
    "decided_at",
)


def figures_stamp(one: FreeMonth) -> str:
    """Of what is computed for a month now, and how its claim stands."""
    waiver = one.waiver
    return stamp_of_texts(
        {
            "version": str(one.filing and one.filing.accepted_version),
            "result": repr(waiver or one.result),
            "asked": str(one.asked),
            "claim": claim_stamp(one.claim) if one.claim else "",
        }
    )


def claim_stamp(claim: SubsidyClaim) -> str:
    return stamp_of(claim, DECIDED)
