"""What every page knows: the portal's name, the person's post, and the way around."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.access.permissions import Permission
from accounts.notices.selectors import unread
from config.navigation import bar_of, navigation_for


def portal(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    acting = getattr(user, "acting", None) if signed_in else None
    navigation = navigation_for(request) if acting else []
    return {
        "portal_name": _portal_name(acting),
        "is_demo": settings.DEMO,
        "acting": acting,
        # Directors and clerks work under a top bar, officers beside a side bar.
        "shell": "base_director.html"
        if acting is not None and acting.organisation.kind == "kindergarten"
        else "base.html",
        "memberships": getattr(user, "posts", []) if signed_in else [],
        "navigation": navigation,
        "bar": bar_of(navigation),
        # Asked for by whole pages alone, not by the fragments that replace parts of one.
        "unread_notices": partial(_unread, user, acting),
        # What was recorded on a phone without network goes from whichever page is opened next.
        "keeps_hazards": _may_keep_hazards(user, acting),
        "request_id": getattr(request, "request_id", ""),
        # Not in a page made outside a request; reading it puts the nonce into the policy.
        "csp_nonce": getattr(request, "csp_nonce", None),
    }


def _portal_name(acting: Any) -> str:
    if acting is None:
        return settings.PORTAL_NAME
    region = acting.organisation.region
    return f"{(region.county or region).name}{settings.PORTAL_NAME}"


def _unread(user: Any, acting: Any) -> int | None:
    """How many messages the person has not read; None where there are none to read."""
    if acting is None or not user.can(Permission.READ_NOTICES):
        return None
    return unread(user).count()


def _may_keep_hazards(user: Any, acting: Any) -> bool:
    return acting is not None and user.can(Permission.KEEP_SAFETY)
