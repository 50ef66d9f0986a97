"""Thresholds of talks and rules of appraisals: what a county sets, and its keeping."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.home import home_of
from accounts.access.permissions import Permission
from accounts.formatting import zhdate
from accounts.history.pages import history_response
from kindergartens.dated.pages import DatedPages, what_may_be_done
from kindergartens.dated.services import Kind
from safety.patrols.county_settings import KINDS
from safety.patrols.forms import (
    AppraisalCorrectionForm,
    AppraisalForm,
    ThresholdCorrectionForm,
    ThresholdForm,
)
from safety.patrols.views.looking_up import TITLE, is_of_kindergarten

SETTINGS = "约谈标准和考核办法"
FORMS = {
    "threshold": (ThresholdForm, ThresholdCorrectionForm),
    "appraisal": (AppraisalForm, AppraisalCorrectionForm),
}


def _pages(code: str, kind: Kind) -> DatedPages:
    form, correction = FORMS[code]
    return DatedPages(
        kind=kind,
        title=SETTINGS,
        route="patrol-settings",
        above=((TITLE, "video-patrols"),),
        form=form,
        correction=correction,
        named=lambda row: kind.label,
        told=lambda row: f"{row}，{row.document}。",
        registered=lambda row: f"{row}已登记，{zhdate(row.valid_from)}起执行。",
        corrected=f"已更正{kind.label}，名单和考核按更正后的算。",
        ended=lambda row: f"{kind.label}已截止。",
        told_by=("valid_from",),
    )


PAGES = {code: _pages(code, kind) for code, kind in KINDS.items()}


@require_GET
@requires(Permission.READ_SAFETY)
def settings(request: SignedInRequest) -> HttpResponse:
    """Those of the own place and of the places above it, the newest first."""
    if is_of_kindergarten(request):
        raise PermissionDenied("您现在的岗位没有这项权限。")
    home = home_of(request)
    context = what_may_be_done(request, home) | {
        "thresholds": PAGES["threshold"].rows_read_in(home),
        "rules": PAGES["appraisal"].rows_read_in(home),
    }
    return render(request, "safety/patrols/settings.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def setting_new(request: SignedInRequest, kind: str) -> HttpResponse:
    return _pages_of(kind).new(request)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def setting_correct(request: SignedInRequest, kind: str, setting_id: int) -> HttpResponse:
    return _pages_of(kind).correct(request, setting_id)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def setting_end(request: SignedInRequest, kind: str, setting_id: int) -> HttpResponse:
    return _pages_of(kind).end(request, setting_id)


@require_GET
@requires(Permission.READ_HISTORY)
def settings_history(request: SignedInRequest) -> HttpResponse:
    """Of both kinds."""
    if not request.user.can(Permission.READ_SAFETY) or is_of_kindergarten(request):
        raise PermissionDenied("您现在的岗位没有这项权限。")
    home = home_of(request)
    subjects = [pages.history_subject(pages.rows_read_in(home)) for pages in PAGES.values()]
    back = (reverse("patrol-settings"), SETTINGS)
    return history_response(request, subjects, title=SETTINGS, back=back)


def _pages_of(kind: str) -> DatedPages:
    if kind not in PAGES:
        raise Http404
    return PAGES[kind]
