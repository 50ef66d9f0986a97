"""Where a person lands: which page that is depends on every app there is."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest
from config.navigation import HOME_ROUTES


@require_GET
def home(request: SignedInRequest) -> HttpResponse:
    """Send each person to the page the post works on."""
    for permission, route in HOME_ROUTES:
        if request.user.can(permission):
            return redirect(route)
    return render(request, "accounts/no_post.html", status=403)
