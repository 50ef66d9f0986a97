"""Where a person lands: which page that is depends on every app there is."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest
from config.navigation import HOME_ROUTES


@require_GET
def home(request: SignedInRequest) -> HttpResponse:
    """Send each person to the page the post works on."""
    for permission, route in HOME_ROUTES:
        if request.user.can(permission):
            return redirect(route)
    today = timezone.localdate()
    coming = request.user.memberships.filter(
        valid_from__gt=today, ended_at__isnull=True
    ).select_related("organisation", "deputises_for__user")
    context = {"coming": coming.order_by("valid_from", "pk")}
    return render(request, "accounts/no_post.html", context, status=403)
