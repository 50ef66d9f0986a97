"""消防验收 still to be finished, as a list by who runs the kindergarten."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from kindergartens.premises import words
from kindergartens.premises.backlog import backlog
from kindergartens.premises.views.overview import region_asked


@require_GET
@requires(Permission.READ_PROGRESS)
def fire_backlog(request: SignedInRequest) -> HttpResponse:
    """Of a whole area, so for those who supervise one; `?region=` narrows it."""
    region, day = region_asked(request), timezone.localdate()
    shown = backlog(request.user, region, day)
    context = {
        "region": region,
        "home": home_region(request.user),
        "day": day,
        "shown": shown,
        "groups": [
            (group, [(row, words.FIRE_STATES[row.acceptance.state]) for row in group.rows])
            for group in shown.groups
        ],
    }
    return render(request, "kindergartens/premises/fire.html", context)
