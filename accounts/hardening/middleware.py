"""Requests turned away before any view: those that cannot be meant, and those that come too often."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.access.permissions import Permission
from accounts.exports import NotExported
from accounts.hardening import limits
from accounts.hardening.address import client_address
from accounts.hardening.problems import is_api, problem

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]

# No query string of the portal comes near these.
LONGEST_QUERY = 8_000
MOST_PARAMETERS = 200
_NOT_STORABLE = re.compile("[\0\ud800-\udfff]")

LIMIT_OF_ROUTE = {
    ("login", "POST"): limits.SIGN_IN,
    ("csp-report", "POST"): limits.CSP_REPORT,
    ("people-export", "GET"): limits.EXPORT,
    ("staff-export", "GET"): limits.EXPORT,
    # Whoever only looks at what was asked for takes nothing out.
    ("export-ask", "POST"): limits.EXPORT,
    ("export-download", "POST"): limits.EXPORT,
    ("audit-export", "GET"): limits.EXPORT,
    ("audit-changes-export", "GET"): limits.EXPORT,
    ("incidents-export", "GET"): limits.EXPORT,
    ("safety-risk-visits", "GET"): limits.EXPORT,
    ("dashboard-export", "GET"): limits.FIGURES,
    ("figures-file", "GET"): limits.FIGURES,
    ("audit-verify", "POST"): limits.VERIFY,
    ("filing-attach", "POST"): limits.UPLOAD,
    ("filing-workbook", "GET"): limits.DOWNLOAD,
    ("filing-workbook", "POST"): limits.UPLOAD,
    ("account-batch-upload", "POST"): limits.UPLOAD,
    ("import-upload", "POST"): limits.UPLOAD,
    ("import-current", "GET"): limits.EXPORT,
    ("import-marked", "GET"): limits.EXPORT,
    ("import-original", "GET"): limits.EXPORT,
    ("import-template", "GET"): limits.DOWNLOAD,
    ("filing-attachment", "GET"): limits.DOWNLOAD,
    ("status-document", "GET"): limits.DOWNLOAD,
    ("procedure-document", "GET"): limits.DOWNLOAD,
    ("unlicensed-document", "GET"): limits.DOWNLOAD,
    ("hazard-photo", "GET"): limits.DOWNLOAD,
    ("self-check-photo", "GET"): limits.DOWNLOAD,
    ("measure-document", "GET"): limits.DOWNLOAD,
    ("document-download", "GET"): limits.DOWNLOAD,
    ("fee-sheet", "GET"): limits.PRINT,
    ("hazard-slip", "GET"): limits.PRINT,
    ("patrol-circular-pdf", "GET"): limits.PRINT,
    ("publication-data", "GET"): limits.EXPORT,
    ("publication-pdf", "GET"): limits.PRINT,
    ("campaign-circular-pdf", "GET"): limits.PRINT,
    ("status-change", "POST"): limits.UPLOAD,
    ("unlicensed-close", "POST"): limits.UPLOAD,
    ("hazard-new", "POST"): limits.UPLOAD,
    ("measure-evidence-new", "POST"): limits.UPLOAD,
    ("hazard-mend", "POST"): limits.UPLOAD,
    ("self-check-new", "POST"): limits.UPLOAD,
    ("procedure-ask", "POST"): limits.UPLOAD,
    ("procedure-complete", "POST"): limits.UPLOAD,
    ("reveal-phone", "POST"): limits.REVEAL,
}
LIMIT_OF_PERMISSION = {
    Permission.EXPORT_FIGURES: limits.EXPORT,
    Permission.EXPORT_REGISTRY: limits.EXPORT,
}
# Whoever asks for a file that is not there has taken nothing out.
GIVEN_BACK = {limits.EXPORT, limits.FIGURES}
# Asked by machines every few seconds; it must answer them whatever else goes on.
NEVER_LIMITED = {"health"}


def error_page(
    request: HttpRequest, status: int, name: str | None = None, **words: Any
) -> HttpResponse:
    """One of the static error pages, by the status where it has no name of its own.

    No context processors, no database.
    """
    if is_api(request):
        return problem(request, status)
    context = {"request_id": getattr(request, "request_id", ""), **words}
    return HttpResponse(render_to_string(f"{name or status}.html", context), status=status)


def check_text(values: Iterable[str]) -> None:
    """BadRequest for NUL, which no field can hold, and for halves of characters."""
    for value in values:
        if value != storable(value):
            raise BadRequest("a character that no text can hold")


def storable(text: str) -> str:
    """Without NUL and halves of characters: PostgreSQL takes neither, and nobody types them."""
    return _NOT_STORABLE.sub("", text)


def with_storable_values(sent: QueryDict) -> QueryDict:
    """The same parameters; a copy only where a value had to change.

    A value is mended, so that pasted text is not lost for a character nobody sees. A name is not:
    no form of the portal has such a name.
    """
    check_text(sent)
    if not any(_NOT_STORABLE.search(value) for _, values in sent.lists() for value in values):
        return sent
    mended = sent.copy()
    for name, values in sent.lists():
        mended.setlist(name, [storable(value) for value in values])
    mended._mutable = False
    return mended


class MalformedInputMiddleware:
    """Refuses with 400 what would only fail deeper down, and mends what can be mended.

    Stands behind the middlewares that know the person, because forms are read here: the check
    against forged forms, which comes first, has read them already.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if len(request.META.get("QUERY_STRING", "")) > LONGEST_QUERY:
            raise BadRequest("a query string too long for any page")
        check_text([request.path])
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Mapping[str, Any]
    ) -> None:
        check_text(map(str, kwargs.values()))
        if sum(len(values) for _, values in request.GET.lists()) > MOST_PARAMETERS:
            raise BadRequest("more parameters than any page has")
        request.GET = with_storable_values(request.GET)  # type: ignore[assignment]
        if request.method == "POST" and not getattr(view, "csrf_exempt", False):
            request.POST = with_storable_values(request.POST)  # type: ignore[assignment]


class Counted(NamedTuple):
    limit: limits.Limit
    person: int | None
    address: str | None


class RateLimitMiddleware:
    """Answers 429 and says when to come again."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        counted: Counted | None = getattr(request, "counted", None)
        if response.status_code == 404 and counted and counted.limit in GIVEN_BACK:
            limits.give_back(
                counted.limit, person=counted.person, address=counted.address, now=timezone.now()
            )
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Mapping[str, Any]
    ) -> HttpResponse | None:
        limit = limit_for(request, view)
        if limit is None or not settings.RATE_LIMITS:
            return None
        user = getattr(request, "user", None)
        person = user.pk if user is not None and user.is_authenticated else None
        address = client_address(request)
        refusal = limits.count_request(limit, person=person, address=address, now=timezone.now())
        if refusal is not None:
            return too_many(request, limit, refusal)
        request.counted = Counted(limit, person, address)  # type: ignore[attr-defined]
        return None


def limit_for(request: HttpRequest, view: Any) -> limits.Limit | None:
    """Which limit a request counts against: by its route, its permission, or for being public."""
    match = request.resolver_match
    name = match.url_name if match is not None else None
    if name in NEVER_LIMITED:
        return None
    if (name, request.method) in LIMIT_OF_ROUTE:
        return LIMIT_OF_ROUTE[name, request.method]  # type: ignore[index]
    permission = getattr(view, "required_permission", None)
    if permission in LIMIT_OF_PERMISSION:
        return LIMIT_OF_PERMISSION[permission]
    if permission is Permission.PRINT_REPORTS and request.method == "POST":
        return limits.PRINT
    if is_api(request):
        return limits.API_ADDRESS
    if not getattr(view, "login_required", True):
        return limits.PUBLIC_PAGE
    return None


def too_many(request: HttpRequest, limit: limits.Limit, refusal: limits.Refusal) -> HttpResponse:
    response = error_page(
        request,
        429,
        words=limit.words,
        wait=spoken(refusal.seconds),
        only_this_person=refusal.whose == "person",
    )
    response["Retry-After"] = str(refusal.seconds)
    return response


def spoken(seconds: int) -> str:
    """约2分钟: seconds as a person says them, never too short."""
    return f"{seconds}秒" if seconds < 60 else f"{-(-seconds // 60)}分钟"


class ErrorPagesMiddleware:
    """Gives bare refusals, and lists that could not be exported, a page that says what to do next."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        bare = isinstance(response, HttpResponseNotAllowed) and (
            not response.content or is_api(request)
        )
        if bare:
            page = error_page(request, 405)
            page["Allow"] = response["Allow"]
            return page
        return response

    def process_exception(self, request: HttpRequest, failure: Exception) -> HttpResponse | None:
        """A file that could not be written: why not, instead of half of it."""
        if not isinstance(failure, NotExported):
            return None
        logger.warning("No file for %s: %s", request.path, failure, exc_info=failure.__cause__)
        status = 503 if failure.is_passing else 422
        return error_page(
            request, status, "not_exported", what=failure.what, next_step=failure.next_step
        )
