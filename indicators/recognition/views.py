"""社会认可度: surveys of the counties one looks after, and keeping those of the own county."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.home import county_of, home_of
from accounts.access.permissions import Permission
from accounts.formatting import zhdate
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from accounts.models import Region
from indicators.models import RecognitionSurvey
from indicators.recognition import services
from indicators.recognition.forms import SurveyCorrection, SurveyForm, SurveyWithdrawal
from indicators.rules import rate
from kindergartens.stamps import stamp_of

ROWS_PER_PAGE = 50
TITLE = "社会认可度"


@require_GET
@requires(Permission.READ_FIGURES)
def surveys(request: SignedInRequest) -> HttpResponse:
    home = home_of(request)
    rows = RecognitionSurvey.objects.visible_to(request.user).standing().select_related("region")
    page = Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "region": home,
        "page_obj": page,
        "rows": [(row, rate(row.satisfied_answers, row.valid_answers)) for row in page],
        "shows_county": home.level < Region.Level.COUNTY,
        "keeps": home.level == Region.Level.COUNTY and request.user.can(Permission.MANAGE_REGISTRY),
        "may_read_history": request.user.can(Permission.READ_HISTORY),
    }
    return render(request, "indicators/recognition/list.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def survey_new(request: SignedInRequest) -> HttpResponse:
    county_of(request)
    form = SurveyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.record_survey(values=form.values(), by=request.user, now=timezone.now())
        except services.SurveyRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _done(request, "调查已登记，没有锁定的月份正在重算。")
    return _page(request, form, "登记社会认可度调查", "登记")


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def survey_correct(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _own(request, pk)
    initial = {name: getattr(row, name) for name in services.NAMES}
    form = SurveyCorrection(
        request.POST if request.method == "POST" else None,
        initial=initial | {"seen": stamp_of(row, services.NAMES)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.correct_survey(
                pk=pk, values=form.values(), reason=form.cleaned_data["reason"],
                seen=form.cleaned_data["seen"], by=request.user, now=timezone.now(),
            )  # fmt: skip
        except services.SurveyRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _done(request, "调查已更正，没有锁定的月份正在重算。")
    return _page(request, form, f"更正{zhdate(row.surveyed_on)}的调查", "保存更正")


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def survey_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _own(request, pk)
    form = SurveyWithdrawal(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw_survey(
                pk=pk, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now()
            )
        except services.SurveyRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _done(request, "调查已撤销，没有锁定的月份正在重算。")
    return _page(request, form, f"撤销{zhdate(row.surveyed_on)}的调查", "撤销")


@require_GET
@requires(Permission.READ_HISTORY)
def survey_history(request: SignedInRequest) -> HttpResponse:
    if not request.user.can(Permission.READ_FIGURES):
        raise PermissionDenied("您现在的岗位没有这项权限。")
    rows = RecognitionSurvey.objects.visible_to(request.user)
    subject = Subject(RecognitionSurvey, rows.order_by().values("pk"), f"{TITLE}调查")
    back = (reverse("recognition"), TITLE)
    return history_response(request, [subject], title=f"{TITLE}调查改动", back=back)


def _own(request: SignedInRequest, pk: int) -> RecognitionSurvey:
    rows = RecognitionSurvey.objects.standing().filter(region=county_of(request))
    return get_object_or_404(rows, pk=pk)


def _done(request: SignedInRequest, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect("recognition")


def _page(request: SignedInRequest, form: forms.Form, title: str, submit: str) -> HttpResponse:
    back = reverse("recognition")
    context: dict[str, Any] = {
        "form": form,
        "title": title,
        "crumbs": [{"label": TITLE, "url": back}, {"label": title}],
        "back": back,
        "submit": submit,
    }
    return render(request, "kindergartens/form.html", context, status=422 if form.errors else 200)
