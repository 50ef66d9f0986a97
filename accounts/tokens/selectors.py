"""Keys with how much they were used, as the page lists them."""

from __future__ import annotations

import datetime as dt

from django.db.models import Max, OuterRef, Q, Subquery, Sum

from accounts.models import ApiToken, ApiTokenUse, Organisation, Region, User
from accounts.models.api_token import ApiTokenQuerySet

RECENT = dt.timedelta(days=30)


def tokens_of(user: User, *, today: dt.date) -> ApiTokenQuerySet:
    """Every key of the person's area, those in force first; uses of the last thirty days."""
    uses = (
        ApiTokenUse.objects.unscoped("of the keys that the outer query shows")
        .filter(token=OuterRef("pk"))
        .order_by()
        .values("token")
    )
    recent = uses.filter(day__gt=today - RECENT)
    return (
        ApiToken.objects.visible_to(user)
        .select_related("organisation", "region", "issued_as__user", "revoked_as__user")
        .annotate(
            last_used=Subquery(uses.annotate(at=Max("last_at")).values("at")),
            answered=Subquery(recent.annotate(n=Sum("answered")).values("n")),
            refused=Subquery(recent.annotate(n=Sum("refused")).values("n")),
        )
        .order_by("revoked_at", "-issued_at", "pk")
    )


def organisations_for(user: User) -> list[Organisation]:
    """Offices of one's own region and below, which may be given a key."""
    if user.acting is None:
        return []
    within = Region.objects.within(user.acting.organisation.region).values("pk")
    return list(
        Organisation.objects.filter(region__in=within)
        .filter(~Q(kind=Organisation.Kind.KINDERGARTEN))
        .select_related("region")
        .order_by("region__code", "kind", "name")
    )
