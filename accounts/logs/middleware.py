"""One line a request at its end: who, as what, which page, what came of it, how long it took."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import LazyObject, empty

from accounts.models import User

logger = logging.getLogger("portal.request")

GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestLogMiddleware:
    """Stands right within the middleware that numbers the request."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        milliseconds = round((time.perf_counter() - started) * 1000)
        fields = line_of(request, response.status_code, milliseconds)
        level = logging.ERROR if response.status_code >= 500 else logging.INFO
        logger.log(
            level, "%s %s %s", fields["method"], fields["route"], fields["status"], extra=fields
        )
        return response


def line_of(request: HttpRequest, status: int, milliseconds: int) -> dict[str, Any]:
    """The fields of the line. Of the address only the route's name and the object's id."""
    match = request.resolver_match
    user = known_user(request)
    post = user.acting if user is not None else None
    return {
        "method": (request.method or "")[:10],
        "route": match.view_name if match is not None else "-",
        "object": {name: str(value)[:40] for name, value in match.kwargs.items()} if match else {},
        "status": status,
        "outcome": outcome_of(status),
        "duration_ms": milliseconds,
        "user": user.pk if user is not None else None,
        "role": post.role if post is not None else None,
    }


def outcome_of(status: int) -> str:
    if status >= 500:
        return "failed"
    return "refused" if status >= 400 else "done"


def known_user(request: HttpRequest) -> User | None:
    """The signed-in person, if the request got far enough to know; never asks the database."""
    user = vars(request).get("user")
    if isinstance(user, LazyObject) and user._wrapped is empty:  # type: ignore[attr-defined]
        return None
    return user if isinstance(user, User) else None
