"""The kindergarten a director or clerk acts for, and its returns."""

from __future__ import annotations

from django.shortcuts import get_object_or_404

from accounts.access.guards import SignedInRequest
from kindergartens.models import Kindergarten, MonthlyFiling


def own_kindergarten(request: SignedInRequest) -> Kindergarten:
    own = Kindergarten.objects.visible_to(request.user).filter(
        organisation=request.user.acting.organisation_id if request.user.acting else None
    )
    return get_object_or_404(own.select_related("organisation__region__county"))


def own_filing(request: SignedInRequest, filing_id: int) -> MonthlyFiling:
    own = MonthlyFiling.objects.visible_to(request.user).filter(
        kindergarten__organisation=own_kindergarten(request).organisation_id
    )
    return get_object_or_404(
        own.select_related("period__county", "kindergarten__organisation", "town"),
        pk=filing_id,
    )
