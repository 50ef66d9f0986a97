"""Between the session and every view: idle sessions end, duties come first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from accounts.history.recording import Action, record_access
from accounts.models import Session, User
from accounts.sign_in.duties import duty_of
from accounts.sign_in.passwords import is_privileged

GetResponse = Callable[[HttpRequest], HttpResponse]
# Says on the next sign-in page why one is there; holds no secret.
ENDED_COOKIE = "ended"
# The time of the last doing is written at most this often.
NOTE_EVERY = dt.timedelta(seconds=60)


class SignInMiddleware:
    """Ends idle sessions, notes the last doing, and sends people to what they must do first.

    Stands before LoginRequiredMiddleware, which then finds nobody signed in.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        why = getattr(request.session, "ended_why", "")
        if why and not request.user.is_authenticated and response.status_code == 302:
            response.set_cookie(
                ENDED_COOKIE,
                why,
                max_age=600,
                path=reverse("login"),
                secure=settings.HTTPS,
                httponly=True,
                samesite="Lax",
            )
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        user = request.user
        if not isinstance(user, User) and not user.is_authenticated:
            return None
        now = timezone.now()
        in_background = getattr(view, "in_background", False)
        if not _still_in(request, user, now, counts=not in_background):
            return None
        duty = duty_of(user, now=now)
        if duty is None or duty in getattr(view, "opens_during", ()):
            return None
        if not getattr(view, "login_required", True):
            return None
        address = reverse(duty)
        if getattr(request, "htmx", False) or request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": address})
        return redirect(address)


def idle_limit(user: User) -> dt.timedelta:
    minutes = settings.SESSION_IDLE_MINUTES
    if is_privileged(user.posts):
        minutes = min(minutes, settings.SESSION_IDLE_MINUTES_PRIVILEGED)
    return dt.timedelta(minutes=minutes)


def _still_in(request: HttpRequest, user: User, now: dt.datetime, *, counts: bool) -> bool:
    """End the session if it was idle too long; otherwise note that it was used."""
    session = request.session
    row: Session | None = getattr(session, "row", None)
    if row is None or row.seen_at is None:
        return True
    idle = now - row.seen_at
    if idle >= idle_limit(user):
        Session.objects.filter(session_key=row.session_key, ended_at=None).update(
            ended_at=now, ended_why=Session.Ended.IDLE, session_data=""
        )
        reason = Session.Ended.IDLE.label
        record_access(Action.END_SESSION, by=user, at=now, reason=reason)
        session.forget()  # type: ignore[attr-defined]
        session.ended_why = Session.Ended.IDLE  # type: ignore[attr-defined]
        request.user = AnonymousUser()
        return False
    if counts and idle >= NOTE_EVERY:
        Session.objects.filter(session_key=row.session_key, ended_at=None).update(seen_at=now)
        row.seen_at = now
    return True
