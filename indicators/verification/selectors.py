"""What the pages on verification show, of one's own place."""

from __future__ import annotations

from accounts.models import Region, User
from indicators.models import FigureDrift, RecomputeRun
from indicators.models.runs import FigureDriftQuerySet, RecomputeRunQuerySet


def drifts_seen(user: User) -> FigureDriftQuerySet:
    """Rows found to differ, with what a page names of them."""
    return FigureDrift.objects.visible_to(user).select_related(
        "region__county", "region__city", "region__province", "kindergarten", "run",
        "settled_as__user", "settled_as__organisation",
    )  # fmt: skip


def runs_seen(user: User) -> RecomputeRunQuerySet:
    return RecomputeRun.objects.visible_to(user).select_related(
        "region", "asked_as__user", "asked_as__organisation"
    )


def last_verification(user: User) -> RecomputeRun | None:
    """The newest one over the person's own place."""
    return runs_seen(user).filter(purpose=RecomputeRun.Purpose.VERIFICATION).first()


def province_of(region: Region | None) -> Region | None:
    """What is verified when somebody asks: their province; everything for who runs the portal."""
    if region is None:
        return None
    return region if region.province_id is None else region.province
