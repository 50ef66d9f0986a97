"""One order of locks for whatever is done with a claim: its kindergarten, then the claim."""

from __future__ import annotations

from accounts.models import User
from fees.models import SubsidyClaim
from kindergartens.models import Kindergarten


def held_claim(claim_id: int, by: User) -> SubsidyClaim:
    """A standing claim of theirs, read when nobody else files or decides it any more.

    Whoever files one holds the kindergarten first, because there may be no claim yet to hold.
    """
    claims = SubsidyClaim.objects.visible_to(by).standing()
    found = claims.get(pk=claim_id)
    Kindergarten.objects.unscoped("of a claim that is theirs").select_for_update(
        of=("self",), no_key=True
    ).get(pk=found.kindergarten_id)
    return (
        claims.select_for_update(of=("self",), no_key=True)
        .select_related("filed_as", "kindergarten", "filing_version")
        .get(pk=claim_id)
    )
