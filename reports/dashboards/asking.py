"""Which region and which month of figures a page is asked for, within the person's own area."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone

from accounts.access.guards import SignedInRequest
from accounts.access.permissions import Permission
from accounts.access.scope import REGION_CHECKED, home_region
from accounts.models import Region
from indicators.models import Publication
from reports.dashboards.converters import MonthConverter


def region_in_scope(request: SignedInRequest, code: str | None) -> Region:
    """The region asked for, or the person's own; 404 outside the area of the post."""
    home = home_region(request.user)
    if home is None:
        raise Http404
    if code is None or code == home.code:
        return home
    found = (
        Region.objects.filter(code=code)
        .select_related("county", "city", "province")
        .order_by("-level")
        .first()
    )
    if found is None or not home.contains(found):
        raise Http404
    return found


def month_asked(request: SignedInRequest, available: list[dt.date]) -> dt.date:
    """?month=2026-10, else the newest month with figures, else this month; 404 for nonsense."""
    text = request.GET.get("month", "")
    if not text:
        return available[0] if available else timezone.localdate().replace(day=1)
    try:
        return MonthConverter().to_python(text)
    except ValueError as error:
        raise Http404 from error


def publication_asked(
    request: SignedInRequest, region: Region, month: dt.date
) -> Publication | None:
    """?publication=NUMBER that tells the region's figures of the month; 404 for any other."""
    number = request.GET.get("publication", "")
    if not number:
        return None
    holders = {region.pk, region.parent_id}
    found = Publication.objects.unscoped(REGION_CHECKED).filter(number=number, month=month)
    publication = found.filter(region__in=holders).first()
    if publication is None:
        raise Http404
    return publication


def may_open(request: SignedInRequest, publication: Publication | None) -> bool:
    """Whether the page of a publication is the person's to open: a town reads its own figures only."""
    home = home_region(request.user)
    return publication is not None and home is not None and home.contains(publication.region)


def ways_up(request: SignedInRequest, region: Region) -> list[Region]:
    """Regions above this one that the person may see, the highest first."""
    home = home_region(request.user)
    above = (region.province, region.city, region.county)
    return [r for r in above if r is not None and r.pk != region.pk and home and home.contains(r)]


def must_read_returns(request: SignedInRequest) -> None:
    """Lists of single kindergartens are for those who may read their returns."""
    if not request.user.can(Permission.READ_RETURNS):
        raise PermissionDenied("您现在的岗位只看合计，看不到各园的月报。")
