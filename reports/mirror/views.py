"""The director's mirror: how the own kindergarten stands, and what is open."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from reports.dashboards.town import nature
from reports.filings.views.own import own_kindergarten
from reports.mirror import presenters, selectors
from reports.reuse.selectors import worksheet_of


@require_GET
@requires(Permission.FILE_RETURN)
def mirror(request: SignedInRequest) -> HttpResponse:
    kindergarten = own_kindergarten(request)
    now = timezone.now()
    today = timezone.localdate(now)
    facts = selectors.newest_facts(kindergarten)
    things = selectors.open_things(kindergarten, by=request.user, now=now, today=today)
    context: dict[str, Any] = {
        "kindergarten": kindergarten,
        "facts": facts,
        "to_do": presenters.to_do(things, today=today),
        "with_bureau": presenters.with_the_bureau(things),
        "proposals": things.proposals,
    }
    if facts is not None:
        peers = selectors.peers_of(facts)
        points = selectors.children_by_month(kindergarten, facts.month)
        context |= {
            "standings": presenters.standings(facts, peers),
            "peers": peers,
            "trend": presenters.trend(kindergarten.name, points),
            "nature": nature(facts),
            "worksheet": worksheet_of(facts),
        }
    return render(request, "reports/mirror/mirror.html", context)
