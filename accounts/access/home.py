"""The place a page is asked for from; views ask it, services ask `posts`."""

from __future__ import annotations

from django.http import Http404

from accounts.access.guards import SignedInRequest
from accounts.access.scope import home_region
from accounts.models import Region


def home_of(request: SignedInRequest) -> Region:
    """The place of the person's post; 404 where there is none."""
    home = home_region(request.user)
    if home is None:
        raise Http404
    return home


def county_of(request: SignedInRequest) -> Region:
    """The county whose office the person works in; 404 for offices of other levels."""
    home = home_of(request)
    if home.level != Region.Level.COUNTY:
        raise Http404
    return home
