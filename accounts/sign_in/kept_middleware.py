"""After signing in again: the page a form stood on comes with what was typed before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.sign_in import kept
from accounts.sign_in.refill import Refilled, refill

GetResponse = Callable[[HttpRequest], HttpResponse]
# Where every page has its messages.
MESSAGES = 'id="messages"'
# The form did not get as far as being judged: what is kept may still be needed.
NOT_JUDGED = {400, 401, 403, 404, 405, 429}


class KeptInputMiddleware:
    """Stands innermost, so that it only sees what a view has answered to a person let through.

    It costs nothing, not even a query, where no form was kept in this browser.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.COOKIES.get(kept.cookie_name()):
            return response
        user = request.user
        if not isinstance(user, User) or not getattr(request, "reached_its_view", False):
            return response
        if request.method == "POST":
            return _after_sending(request, response, user)
        if request.method == "GET" and not request.headers.get("HX-Request"):
            return _shown(request, response, user)
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Mapping[str, Any]
    ) -> None:
        public = not getattr(view, "login_required", True)
        request.reached_its_view = not public  # type: ignore[attr-defined]


def _after_sending(request: HttpRequest, response: HttpResponse, user: User) -> HttpResponse:
    """The form was sent and judged: its page now says what became of it."""
    if response.status_code in NOT_JUDGED or response.status_code >= 500:
        return response
    if getattr(request, "input_kept", False):  # by this very request
        return response
    if kept.forget(request, user_id=user.pk, path=request.path):
        kept.take_token(response)
    return response


def _shown(request: HttpRequest, response: HttpResponse, user: User) -> HttpResponse:
    list_page = reverse("kept-input")
    if request.path == list_page:
        return response
    found = kept.find(request, user_id=user.pk, now=timezone.now())
    here = next((form for form in found.forms if form.page_path == request.path), None)
    if here is not None and response.status_code in {403, 404}:
        return redirect(list_page)
    if not _is_page(response):
        return response
    html = response.content.decode()
    if MESSAGES not in html:
        return response
    context: dict[str, Any] = {"found": found, "present": user.acting or user}
    if here is not None:
        filled = refill(
            html,
            page=request.path,
            path=here.path,
            fields=here.fields,
            secrets=here.secrets,
            files=here.files,
        )
        html = filled.html
        context |= {"here": here, "filled": filled, "missing": _missing(filled)}
        context["others"] = len(found.forms) - 1
    if not found.forms and not found.trouble:
        return response
    words = render_to_string("accounts/sign_in/_kept.html", context, request)
    at = html.index(">", html.index(MESSAGES)) + 1
    response.content = (html[:at] + words + html[at:]).encode()
    if not found.forms:
        kept.take_token(response)
    return response


def _missing(filled: Refilled) -> list[tuple[str, str]]:
    return [(name, value) for name, value in filled.unplaced if value.strip()]


def _is_page(response: HttpResponse) -> bool:
    return (
        response.status_code == 200
        and not response.streaming
        and response.get("Content-Type", "").startswith("text/html")
    )
