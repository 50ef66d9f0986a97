"""Asking again who somebody is, before a sensitive act."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.history.recording import Action, Outcome, record_access
from accounts.models import User
from accounts.sign_in import second_factor
from accounts.sign_in.entry import check_password_of
from accounts.sign_in.middleware import keep_and_lead
from accounts.sign_in.sessions import AUTHENTICATED_AT, authenticate_anew

Params = ParamSpec("Params")
View = Callable[Concatenate[Any, Params], HttpResponseBase]

# The proof travels with the form under this name; no other field may be called so.
PROOF = "again_proof"
NEVER_CARRIED = ("csrfmiddlewaretoken", PROOF)


def is_fresh(request: HttpRequest, *, now: dt.datetime) -> bool:
    """Whether the person showed who they are within FRESH_AUTHENTICATION_MINUTES."""
    at = parse_datetime(str(request.session.get(AUTHENTICATED_AT, "")))
    limit = dt.timedelta(minutes=settings.FRESH_AUTHENTICATION_MINUTES)
    return at is not None and dt.timedelta(0) <= now - at < limit


def fresh_authentication(
    view: View[Params],
) -> Callable[Concatenate[HttpRequest, Params], HttpResponseBase]:
    """Let a view run only for somebody who has just shown who they are.

    For acts that must not be done from a screen left open: granting roles, approving or starting an
    export of many persons, exporting the audit, changing the second factor. Put it under
    `@requires`, on the view that does the act and, if that has a page of its own, on the page too::

        @require_POST
        @requires(Permission.APPROVE_EXPORTS)
        @fresh_authentication
        def approve_export(request, pk): ...

    Within FRESH_AUTHENTICATION_MINUTES of signing in or of the last proof nothing is asked. After
    that a page asks for the password, or for a code where a second factor is on, and:

    * a GET goes on to the page that was asked for;
    * a POST is done with exactly what was typed: its fields travel through the page as hidden
      fields, once, under the same CSRF token. Files do not; a form with files goes back to its page
      before anything is stored, with what was typed (accounts/sign_in/kept.py).
    * an htmx request is sent to the page by `HX-Redirect` and returns to where one was, likewise.

    A wrong proof counts as a failed sign-in, with its lock. A view never sees the proof.
    """

    @wraps(view)
    def guarded(
        request: HttpRequest, *args: Params.args, **kwargs: Params.kwargs
    ) -> HttpResponseBase:
        now = timezone.now()
        if PROOF in request.POST:
            refusal = prove(request, request.POST[PROOF], now=now)
            request.POST = _without_proof(request)
            if refusal:
                return _ask_here(request, refusal)
        if is_fresh(request, now=now):
            return view(request, *args, **kwargs)
        if request.headers.get("HX-Request"):
            back = address(_path_of(request.headers.get("HX-Current-URL", "")))
            return keep_and_lead(request, back, user_id=request.user.pk)
        if request.method in ("GET", "HEAD"):
            return redirect(address(request.get_full_path()))
        if request.FILES:
            back = address(_path_of(request.headers.get("Referer", "")))
            return keep_and_lead(request, back, user_id=request.user.pk)
        return _ask_here(request)

    guarded.asks_freshness = True  # type: ignore[attr-defined]
    return guarded


def fresh_to_send(
    view: View[Params],
) -> Callable[Concatenate[HttpRequest, Params], HttpResponseBase]:
    """`fresh_authentication` for a view that shows its form freely and acts on a POST only."""
    guarded = fresh_authentication(view)

    @wraps(view)
    def by_method(
        request: HttpRequest, *args: Params.args, **kwargs: Params.kwargs
    ) -> HttpResponseBase:
        chosen = view if request.method in ("GET", "HEAD") else guarded
        return chosen(request, *args, **kwargs)

    by_method.asks_freshness = True  # type: ignore[attr-defined]
    return by_method


WRONG_PASSWORD = "密码不对。请核对大小写；连续输错会暂时锁定。"  # noqa: S105 - a sentence


def prove(request: HttpRequest, proof: str, *, now: dt.datetime) -> str:
    """“” if this is the password (or code) of who is signed in, and notes it; else the refusal."""
    user = request.user
    refusal = WRONG_PASSWORD
    if not isinstance(user, User) and not user.is_authenticated:
        return refusal
    if user.second_factor_at is not None:
        waited = second_factor.seconds_to_wait(user, now=now)
        proven = second_factor.verify(user=user, code=proof, now=now, by=user)
        if not proven:
            refusal = second_factor.refusal_of(user, proof, waited=waited, now=now)
    else:
        found = check_password_of(
            request,
            username=user.get_username(),
            password=proof,
            now=now,
            action=Action.REAUTHENTICATE,
        )
        proven = found is not None and found.pk == user.pk
    if not proven:
        return refusal
    authenticate_anew(request, now=now)
    record_access(Action.REAUTHENTICATE, by=user, at=now, outcome=Outcome.DONE)
    return ""


def address(back: str) -> str:
    """Of the page that asks, and then returns to `back`."""
    return f"{reverse('authenticate-again')}?{urlencode({'next': back})}"


def _path_of(url: str) -> str:
    """The path and query of a page of ours; “/” for anything else."""

    parts = urlsplit(url)
    if not parts.path.startswith("/") or parts.path.startswith("//"):
        return "/"
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _without_proof(request: HttpRequest) -> Any:
    post = request.POST.copy()
    del post[PROOF]
    post._mutable = False
    return post


def _ask_here(request: HttpRequest, refusal: str = "") -> HttpResponse:
    """The page that asks, carrying what was typed, to be sent to the same address."""
    return render(
        request,
        "accounts/sign_in/again.html",
        {
            "action": request.get_full_path(),
            "carried": [
                (name, value)
                for name, values in request.POST.lists()
                if name not in NEVER_CARRIED
                for value in values
            ],
            "refusal": refusal,
            "proof_name": PROOF,
            "with_code": request.user.second_factor_at is not None,  # type: ignore[union-attr]
            "acts": True,
        },
        status=403 if refusal else 401,
    )
