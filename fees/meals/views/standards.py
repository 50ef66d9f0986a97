"""What a county sets about meal fees: its one fee, and how far accounts may lie apart."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.home import home_of
from accounts.access.permissions import Permission
from accounts.history.pages import history_response
from fees.meals.forms import FORMS
from fees.meals.standards import KINDS
from kindergartens.dated.pages import DatedPages, what_may_be_done
from kindergartens.dated.services import Kind

TITLE = "伙食费标准"


def _pages(code: str, kind: Kind) -> DatedPages:
    form, correction = FORMS[code]
    return DatedPages(
        kind=kind,
        title=TITLE,
        route="meal-standards",
        above=(("伙食费收支", "meals"),),
        form=form,
        correction=correction,
        named=lambda row: kind.label,
        told=lambda row: f"{row}，{row.document}。",
        registered=lambda row: f"{row}已登记。",
        corrected=f"已更正{kind.label}。",
        ended=lambda row: f"{kind.label}已截止。",
        told_by=("document",),
    )


PAGES = {code: _pages(code, kind) for code, kind in KINDS.items()}


def _pages_of(code: str) -> DatedPages:
    if code not in PAGES:
        raise Http404
    return PAGES[code]


@require_GET
@requires(Permission.READ_PROGRESS)
def listed(request: SignedInRequest) -> HttpResponse:
    """Those of the own place and of the places above it."""
    home = home_of(request)
    context = what_may_be_done(request, home) | {
        "fees": PAGES["fee"].rows_read_in(home),
        "limits": PAGES["limit"].rows_read_in(home),
    }
    return render(request, "fees/meals/standards.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def new(request: SignedInRequest, kind: str) -> HttpResponse:
    return _pages_of(kind).new(request)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def correct(request: SignedInRequest, kind: str, pk: int) -> HttpResponse:
    return _pages_of(kind).correct(request, pk)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def end(request: SignedInRequest, kind: str, pk: int) -> HttpResponse:
    return _pages_of(kind).end(request, pk)


@require_GET
@requires(Permission.READ_HISTORY)
def history(request: SignedInRequest) -> HttpResponse:
    """Of both kinds."""
    if not request.user.can(Permission.READ_PROGRESS):
        raise PermissionDenied("您现在的岗位没有这项权限。")
    home = home_of(request)
    subjects = [pages.history_subject(pages.rows_read_in(home)) for pages in PAGES.values()]
    return history_response(request, subjects, title=TITLE, back=(reverse("meal-standards"), TITLE))
