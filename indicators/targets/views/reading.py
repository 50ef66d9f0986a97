"""Documents and targets that hold here, and where each stands now (政策目标)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.home import home_of
from accounts.access.permissions import Permission
from accounts.models import Region
from indicators.models import Policy, Target
from indicators.selectors import months_available
from indicators.targets import presenters, selectors
from indicators.targets.selectors import Scene
from indicators.targets.words import place_of_policy


def scene_now(
    request: SignedInRequest, home: Region, also: Collection[str] = (), *, trying: bool = False
) -> Scene:
    """The newest month with figures; single kindergartens for those who may read their returns."""
    months = months_available(home)
    month = months[0] if months else timezone.localdate().replace(day=1)
    reads = request.user.can(Permission.READ_RETURNS)
    return selectors.scene(home, month, kindergartens=reads, also=also, trying=trying)


def keeps(request: SignedInRequest, policy: Policy, home: Region) -> bool:
    """The own county's or city's documents; those of other places are read only."""
    may = request.user.can(Permission.KEEP_TARGETS)
    return may and policy.region_id == home.pk and policy.withdrawn_at is None


@require_GET
@requires(Permission.READ_FIGURES)
def policies(request: SignedInRequest) -> HttpResponse:
    """National, city and county side by side, each with how many targets and how they stand."""
    home, today = home_of(request), timezone.localdate()
    documents = list(selectors.policies_holding_in(home).prefetch_related("targets"))
    found = scene_now(request, home)
    stands = selectors.standings(found, _of(documents))
    context = {
        "region": home,
        "month": found.month,
        "lines": presenters.document_lines(documents, stands, today),
        "may_keep": request.user.can(Permission.KEEP_TARGETS),
        "may_read_history": request.user.can(Permission.READ_HISTORY),
    }
    return render(request, "indicators/targets/policies.html", context)


def _of(documents: Iterable[Policy]) -> list[Target]:
    """Their targets, each with its document in hand."""
    targets = []
    for document in documents:
        for target in document.targets.all():
            target.policy = document
            targets.append(target)
    return targets


@require_GET
@requires(Permission.READ_FIGURES)
def policy(request: SignedInRequest, policy_id: int) -> HttpResponse:
    """One document, its targets, and where each stands now."""
    home, today = home_of(request), timezone.localdate()
    document = get_object_or_404(selectors.policies_holding_in(home), pk=policy_id)
    targets = _of([document])
    found = scene_now(request, home)
    rows = [presenters.target_row(one, today) for one in selectors.standings(found, targets)]
    context = {
        "policy": document,
        "place": place_of_policy(document),
        "days": presenters.days_of(document),
        "region": home,
        "month": found.month,
        "rows": rows,
        "keeps": keeps(request, document, home),
        "may_read_history": request.user.can(Permission.READ_HISTORY),
    }
    return render(request, "indicators/targets/policy.html", context)


@require_GET
@requires(Permission.READ_FIGURES)
def matrix(request: SignedInRequest) -> HttpResponse:
    """Indicators down, documents across: what each asks, and how it stands here."""
    home, today = home_of(request), timezone.localdate()
    found = scene_now(request, home)
    day: dt.date = found.context.day
    stands = selectors.standings(found, found.context.targets)
    context = {
        "region": home,
        "month": found.month,
        "day": day,
        "table": presenters.matrix(stands, today),
    }
    return render(request, "indicators/targets/matrix.html", context)
