"""Campaigns with how far they are: by department, by town, and each place beside each department."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Region, User
from inspections.campaigns.rules import Checked, Progress, progress
from inspections.models import (
    Campaign,
    CampaignCheck,
    CampaignCircular,
    CampaignHazard,
    CampaignPart,
    CampaignPlace,
)
from safety.hazards.rules import WITHDRAWN

# Rows with columns that exist only in the query, which the type checker cannot see.
Rows = QuerySet[Any]
THAT_ONE_WAS_ISSUED = "of campaigns in hand, that a circular was issued, not what it says"


def listed(user: User) -> Rows:
    """With `places`, `departments` and `checks` as far as the person sees them; not read yet."""
    counts = {
        "place_count": CampaignPlace.objects.visible_to(user).standing(),
        "part_count": CampaignPart.objects.visible_to(user),
    }
    rows: Rows = Campaign.objects.visible_to(user).standing()
    for name, found in counts.items():
        rows = rows.annotate(**{name: _counted(found, "campaign")})
    checks = CampaignCheck.objects.visible_to(user)
    rows = rows.annotate(check_count=_counted(checks, "part__campaign"))
    return rows.select_related("county").order_by("-starts_on", "-pk")


def _counted(rows: QuerySet[Any], path: str) -> Coalesce:
    of_one = rows.filter(**{path: OuterRef("pk")}).order_by().values(path)
    return Coalesce(Subquery(of_one.annotate(number=Count("pk")).values("number")), 0)


def issued(campaigns: Iterable[Campaign]) -> set[int]:
    """Of campaigns in hand those with a circular. One query."""
    rows = CampaignCircular.objects.unscoped(THAT_ONE_WAS_ISSUED).filter(
        campaign__in=[one.pk for one in campaigns]
    )
    return set(rows.order_by().values_list("campaign", flat=True))


@dataclass(frozen=True)
class Board:
    """One campaign as a person sees it. `checks` by (place, part); `hazards` by check."""

    campaign: Campaign
    parts: list[CampaignPart]
    places: list[CampaignPlace]
    checks: Mapping[tuple[int, int], CampaignCheck]
    hazards: Mapping[int, list[Any]]
    total: Progress
    by_department: list[tuple[CampaignPart, Progress]]
    by_town: list[tuple[Region, Progress]]

    def row(self, place: CampaignPlace) -> list[tuple[CampaignPart, CampaignCheck | None]]:
        """What each department found at the place; None where it has not been."""
        return [(part, self.checks.get((place.pk, part.pk))) for part in self.parts]


def board(user: User, campaign: Campaign) -> Board:
    """Four queries, of one place or of hundreds."""
    parts = list(
        CampaignPart.objects.visible_to(user).filter(campaign=campaign).select_related("department")
    )
    places = list(
        CampaignPlace.objects.visible_to(user)
        .standing()
        .filter(campaign=campaign)
        .select_related("kindergarten__organisation__region")
        .order_by("kindergarten__organisation__region__code", "kindergarten__code")
    )
    checks = {
        (check.place_id, check.part_id): check
        for check in CampaignCheck.objects.visible_to(user).filter(part__campaign=campaign)
    }
    hazards: dict[int, list[Any]] = defaultdict(list)
    linked = CampaignHazard.objects.visible_to(user).filter(check_row__part__campaign=campaign)
    for one in linked.exclude(hazard__state=WITHDRAWN).select_related("hazard"):
        hazards[one.check_row_id].append(one.hazard)
    towns = {place.pk: place.kindergarten.organisation.region for place in places}
    counted = [
        Checked(
            check.part_id, towns[place].pk, place, check.found, check.fixed,
            len(hazards.get(check.pk, ())),
        )
        for (place, _), check in checks.items()
        if place in towns
    ]  # fmt: skip
    in_order = {town.pk: town for town in towns.values()}
    return Board(
        campaign, parts, places, checks, hazards,
        total=progress(len(parts) * len(places), counted),
        by_department=[
            (part, progress(len(places), [one for one in counted if one.department == part.pk]))
            for part in parts
        ],
        by_town=[
            (town, progress(
                len(parts) * sum(found.pk == key for found in towns.values()),
                [one for one in counted if one.town == key],
            ))
            for key, town in in_order.items()
        ],
    )  # fmt: skip


def figures(found: Board) -> dict[str, Any]:
    """Everything a circular says, as plain values that are kept with it."""
    campaign = found.campaign
    return {
        "name": campaign.name,
        "document": campaign.document,
        "starts_on": campaign.starts_on.isoformat(),
        "ends_on": campaign.ends_on.isoformat(),
        "places": len(found.places),
        "total": _said(found.total),
        "departments": [
            {"name": part.department.name, "lines": part.lines} | _said(one)
            for part, one in found.by_department
        ],
        "towns": [{"name": town.name} | _said(one) for town, one in found.by_town],
        "findings": [
            {
                "place": place.kindergarten.name,
                "town": place.kindergarten.organisation.region.name,
                "department": part.department.name,
                "day": check.checked_on.isoformat(),
                "found": check.found,
                "fixed": check.fixed,
                "note": check.note,
                "hazards": [
                    {"number": hazard.number, "state": hazard.get_state_display()}
                    for hazard in found.hazards.get(check.pk, ())
                ],
            }
            for place in found.places
            for part, check in found.row(place)
            if check is not None and check.found
        ],
        "unchecked": [
            {
                "place": place.kindergarten.name,
                "departments": [
                    part.department.name for part, check in found.row(place) if check is None
                ],
            }
            for place in found.places
            if any(check is None for _, check in found.row(place))
        ],
    }


def _said(one: Progress) -> dict[str, int]:
    return vars(one) | {"left": one.left}
