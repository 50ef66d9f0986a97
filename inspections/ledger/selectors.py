"""What is to be entered in the ledger, and what is in it."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import User
from inspections.models import RectificationItem
from safety.models import Hazard


def offered(user: User) -> QuerySet[Hazard]:
    """Open hazards with a day to be mended by that are not in the ledger; major ones first."""
    return (
        Hazard.objects.visible_to(user)
        .open()
        .filter(rectification_item__isnull=True, deadline__isnull=False)
        .select_related("kindergarten__organisation__region__county", "plate")
        .order_by("-grade", "deadline", "pk")
    )


def entries(user: User) -> QuerySet[RectificationItem]:
    """The ledger with the hazards that say how each stands; the newest first."""
    return (
        RectificationItem.objects.visible_to(user)
        .select_related("kindergarten__organisation__region__county", "hazard__plate")
        .order_by("-opened_at", "-pk")
    )
