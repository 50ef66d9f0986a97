"""Between the session and every view: idle sessions end, duties come first."""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from accounts.history.recording import Action, record_access
from accounts.models import Session, User
from accounts.sign_in import kept
from accounts.sign_in.duties import duty_of
from accounts.sign_in.passwords import is_privileged
from accounts.sign_in.sessions import end_idle, note_use

GetResponse = Callable[[HttpRequest], HttpResponse]
# Says on the next sign-in page why one is there; holds no secret.
ENDED_COOKIE = "ended"
# Says there, and once more after signing in, that what was just sent was neither done nor kept, and
# which of the two reasons there was.
LOST_COOKIE = "lost"
NOBODYS, TOO_LONG = "nobodys", "too-long"
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
        to_sign_in = response.status_code == 302 or "HX-Redirect" in response
        if why and not request.user.is_authenticated and to_sign_in:
            _tell_at_the_door(response, ENDED_COOKIE, why)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        user = request.user
        if not isinstance(user, User) and not user.is_authenticated:
            return _to_sign_in(request, view)
        now = timezone.now()
        in_background = getattr(view, "in_background", False)
        if not _still_in(request, user, now, counts=not in_background):
            return _to_sign_in(request, view)
        duty = duty_of(user, now=now)
        if duty is None or duty in getattr(view, "opens_during", ()):
            return None
        if not getattr(view, "login_required", True):
            return None
        return keep_and_lead(request, reverse(duty), user_id=user.pk, view=view)


def _to_sign_in(request: HttpRequest, view: Callable[..., Any]) -> HttpResponse | None:
    """The way to the door for what a signed-out person sends; pages they open go there anyway.

    The address a form is sent to often answers no GET, so signing in leads back to the page the
    form stood on. What was typed is kept for the person whose session it was; the door says so, or
    that nothing was kept.
    """
    if not getattr(view, "login_required", True):
        return None
    if request.method in ("GET", "HEAD", "OPTIONS") and not request.headers.get("HX-Request"):
        return None
    address = f"{reverse('login')}?{urlencode({'next': page_of_form(request) or _home()})}"
    user_id = getattr(request.session, "ended_user_id", None)
    response = keep_and_lead(request, address, user_id=user_id, view=view)
    lost = getattr(request, "input_lost", "")
    if lost:
        _tell_at_the_door(response, LOST_COOKIE, lost)
    return response


def keep_and_lead(
    request: HttpRequest,
    address: str,
    *,
    user_id: int | None,
    view: Callable[..., Any] | None = None,
) -> HttpResponse:
    """Lead elsewhere instead of doing what was sent, and keep what was typed for this person.

    Sets `request.input_kept`, or `request.input_lost` to the reason why not. Scripts that send by
    themselves (autosave, uploads) keep what they send, and act on the status.
    """
    response: HttpResponse
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204, headers={"HX-Redirect": address})
    else:
        response = redirect(address)
    by_itself = request.headers.get("X-Requested-With") == "fetch"
    if request.method != "POST" or by_itself or getattr(view, "sends_nothing", False):
        return response
    token, lost = None, NOBODYS
    try:
        if user_id is not None:
            page = page_of_form(request)
            token = kept.keep(request, user_id=user_id, page=page, now=timezone.now())
    except kept.TooLong:
        lost = TOO_LONG
    if token is None:
        request.input_lost = lost  # type: ignore[attr-defined]
    else:
        request.input_kept = True  # type: ignore[attr-defined]
        kept.give_token(response, token)
    return response


def after_an_old_token(request: HttpRequest) -> HttpResponse | None:
    """For a form of ours that carries the token of an earlier sign-in: keep it, show it again.

    Signing in elsewhere in the browser changes the token of every form left open. The browser
    itself says that the form came from a page of this portal (Origin, which no page can forge);
    nothing is done with what was sent, the person sees it in the form again. None for any other
    request, and where nobody knows whose form it is.
    """
    match = request.resolver_match
    origin = f"{request.scheme}://{request.get_host()}"
    if request.method != "POST" or match is None or request.headers.get("Origin") != origin:
        return None
    if request.headers.get("X-Requested-With") == "fetch":
        return None  # it asks for the new token and sends again
    view = match.func
    if not getattr(view, "login_required", True) or getattr(view, "sends_nothing", False):
        return None
    user = request.user
    if isinstance(user, User) and _still_in(request, user, timezone.now(), counts=True):
        page = page_of_form(request) or reverse("kept-input")
        response = keep_and_lead(request, page, user_id=user.pk, view=view)
        return response if getattr(request, "input_kept", False) else None
    if getattr(request.session, "ended_user_id", None) is None:
        return None
    return _to_sign_in(request, view)


def _home() -> str:
    return reverse(settings.LOGIN_REDIRECT_URL)


def page_of_form(request: HttpRequest) -> str:
    """Path and query of the page a form stood on; “” where the browser does not say one of ours."""
    by_htmx = bool(request.headers.get("HX-Request"))
    return _own_page(request, request.headers.get("HX-Current-URL" if by_htmx else "Referer", ""))


def _own_page(request: HttpRequest, url: str) -> str:
    """Path and query of a page of this portal that can be opened; “” for others."""
    try:
        parts = urlsplit(url)
    except ValueError:  # e.g. half an IPv6 address
        return ""
    if parts.netloc != request.get_host():
        return ""
    try:
        view = resolve(parts.path).func
    except Resolver404:
        return ""
    if not _answers_get(view):
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _answers_get(view: Callable[..., Any]) -> bool:
    """Whether a page can be opened: not where `require_POST` stands anywhere around the view."""
    layer: Any = view
    while inspect.isfunction(layer):
        methods = inspect.getclosurevars(layer).nonlocals.get("request_method_list")
        if methods is not None and "GET" not in methods:
            return False
        layer = getattr(layer, "__wrapped__", None)
    return True


def _tell_at_the_door(response: HttpResponse, cookie: str, value: str) -> None:
    response.set_cookie(
        cookie,
        value,
        max_age=600,
        path=reverse("login"),
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


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
        end_idle(row, now)
        reason = Session.Ended.IDLE.label
        record_access(Action.END_SESSION, by=user, at=now, reason=reason)
        session.forget()  # type: ignore[attr-defined]
        session.ended_why = Session.Ended.IDLE  # type: ignore[attr-defined]
        session.ended_user_id = user.pk  # type: ignore[attr-defined]
        request.user = AnonymousUser()
        return False
    if counts and idle >= NOTE_EVERY:
        note_use(row, now)
    return True
