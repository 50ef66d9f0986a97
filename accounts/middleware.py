"""What every request meets: a number for the log, the post acted in, a word when all is busy."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from accounts.access.acting import choose_membership, post_that_ended
from accounts.access.scoping import serving_a_person
from accounts.hardening.address import client_address
from accounts.hardening.problems import is_api, problem
from accounts.history.context import request_history
from accounts.history.request import begin, end, this_request
from accounts.sign_in.slots import TooManyAtOnce

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestIdFilter(logging.Filter):
    """Puts the request's number on every log line."""

    def filter(self, record: logging.LogRecord) -> bool:
        # Django complains of a request once it is over; its record carries the request itself.
        request = getattr(record, "request", None)
        record.request_id = getattr(request, "request_id", None) or this_request().number
        return True


class RequestIdMiddleware:
    """Gives each request a short number that error pages show and log lines carry."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = secrets.token_hex(4).upper()  # type: ignore[attr-defined]
        token = begin(request.request_id, client_address(request))  # type: ignore[attr-defined]
        try:
            response = self.get_response(request)
        finally:
            end(token)
        response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        return response


class ActingAsMiddleware:
    """Sets `request.user.acting` to the post chosen in this session.

    Once that post has ended, nothing is done in another one before the person has chosen it: every
    page leads to the one that says so, and what was typed meanwhile is kept (docs/adr/0011).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            choose_membership(
                request.user, request.session.get("acting"), today=timezone.localdate()
            )
            request.ended_post = post_that_ended(  # type: ignore[attr-defined]
                request.user, request.session.get("acting")
            )
            if request.ended_post is not None:  # type: ignore[attr-defined]
                request.user.acting = None
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if getattr(request, "ended_post", None) is None:
            return None
        if getattr(view, "in_background", False) or getattr(view, "opens_without_post", False):
            return None
        if not getattr(view, "login_required", True):
            return None
        # The log is set up with this module, before there are models.
        from accounts.sign_in.middleware import keep_and_lead

        return keep_and_lead(request, reverse("post-ended"), user_id=request.user.pk, view=view)


class HistoryMiddleware:
    """Every row changed while a request is answered carries who asked, in which post, and where."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            route = resolve(request.path_info).url_name or ""
        except Resolver404:
            route = ""
        with request_history(request.user, route):
            return self.get_response(request)


class ScopeMiddleware:
    """From here on a query for scoped rows says whose they are (accounts/access/scoping.py)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with serving_a_person():
            return self.get_response(request)


# A lock or a statement took too long, or the database is just restarting.
DATABASE_LET_GO = (OperationalError, InterfaceError)
RETRY_AFTER_SECONDS = 5


def busy_page(request: HttpRequest) -> HttpResponse:
    """“Try again”: what the page was about to write has been rolled back."""
    if is_api(request):
        return problem(request, 503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
    # No context processors: they ask the database too.
    page = render_to_string("503.html", {"request_id": getattr(request, "request_id", "")})
    return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


class BusyMiddleware:
    """Says “try again” when the database let go of a view, or too many sign in at once."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, failure: Exception) -> HttpResponse | None:
        if isinstance(failure, TooManyAtOnce):
            logger.warning("Too many passwords to verify at once")
            return busy_page(request)
        if not isinstance(failure, DATABASE_LET_GO):
            return None
        logger.warning("The database let go of %s", request.path, exc_info=failure)
        return busy_page(request)
