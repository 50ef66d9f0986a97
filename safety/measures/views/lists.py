"""What is asked of every kindergarten of a place against harm: the list and its dated rows."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.formatting import zhdate
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from accounts.models import Region
from kindergartens.dated.forms import EndForm
from kindergartens.dated.services import RowRefused, correct_row, end_row
from kindergartens.models.demand import ancestors
from kindergartens.stamps import stamp_of
from safety.measures.forms import ListForm, MeasureCorrectionForm, MeasureForm
from safety.measures.selectors import MeasureLists
from safety.measures.services import MEASURE, begin_list, set_measure
from safety.models import SafetyMeasure

TITLE = "安全防范清单"


def _home(request: SignedInRequest) -> Region:
    home = home_region(request.user)
    if home is None:
        raise Http404
    return home


def _keeps(request: SignedInRequest, home: Region) -> bool:
    return request.user.can(Permission.MANAGE_REGISTRY) and home.level == Region.Level.COUNTY


def _own_row(request: SignedInRequest, row_id: int) -> SafetyMeasure:
    """Of the own county; those of the places above are read only."""
    return get_object_or_404(SafetyMeasure, pk=row_id, region=_home(request))


@require_GET
@requires(Permission.READ_SAFETY)
def measure_list(request: SignedInRequest) -> HttpResponse:
    """The list that holds today; then the rows of places above, former ones and those to come."""
    home, today = _home(request), timezone.localdate()
    used = MeasureLists(today).in_region(home)
    rows: Any = SafetyMeasure.objects.holding_in(home).select_related("region")
    others = (
        rows.exclude(pk__in=[row.pk for row in used])
        .order_by("-region__level", "position", "-valid_from", "pk")
    )  # fmt: skip
    context = {
        "region": home,
        "used": used,
        "others": others,
        "today": today,
        "keeps": _keeps(request, home),
        "has_own": bool(used) and used[0].region_id == home.pk,
        "may_read_history": request.user.can(Permission.READ_HISTORY),
    }
    return render(request, "safety/measures/list.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def list_begin(request: SignedInRequest) -> HttpResponse:
    if not _keeps(request, _home(request)):
        raise Http404
    form = ListForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            rows = begin_list(by=request.user, today=timezone.localdate(), **form.values())
        except RowRefused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            return _done(request, f"本区县的清单已设，{len(rows)}项，可以逐项改、加和截止。")
    sub = "先照现在适用的清单另立一份，起始日期以前仍按上级的算。"
    return _form(request, form, "另设本区县的清单", sub)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def measure_new(request: SignedInRequest) -> HttpResponse:
    home, today = _home(request), timezone.localdate()
    if not _keeps(request, home):
        raise Http404
    form = MeasureForm(
        request.POST if request.method == "POST" else None,
        rows=MeasureLists(today).in_region(home),
        initial={"stands_for": request.GET.get("for", ""), "one_of_four": "no"},
    )
    if request.method == "POST" and form.is_valid():
        try:
            row = set_measure(
                values=form.values(), stands_for=form.cleaned_data["stands_for"], by=request.user,
                today=today,
            )  # fmt: skip
        except RowRefused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            since: Any = row.valid_from
            return _done(request, f"{row.label}已列入清单，{zhdate(since)}起适用。")
    return _form(request, form, "登记防范项目")


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def measure_correct(request: SignedInRequest, row_id: int) -> HttpResponse:
    row = _own_row(request, row_id)
    initial: dict[str, Any] = {name: getattr(row, name) for name in MEASURE.corrected}
    initial["one_of_four"] = "yes" if row.one_of_four else "no"
    form = MeasureCorrectionForm(
        request.POST if request.method == "POST" else None,
        initial=initial | {"seen": stamp_of(row, MEASURE.corrected)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            correct_row(
                kind=MEASURE, pk=row.pk,
                values={name: form.cleaned_data[name] for name in MEASURE.corrected},
                reason=form.cleaned_data["reason"], seen=form.cleaned_data["seen"],
                by=request.user, today=timezone.localdate(),
            )  # fmt: skip
        except RowRefused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            return _done(request, f"{row.label}已更正。")
    return _form(request, form, f"更正“{row.label}”", row.basis)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def measure_end(request: SignedInRequest, row_id: int) -> HttpResponse:
    row = _own_row(request, row_id)
    form = EndForm(
        request.POST if request.method == "POST" else None, initial={"on": timezone.localdate()}
    )
    if request.method == "POST" and form.is_valid():
        try:
            end_row(kind=MEASURE, pk=row.pk, by=request.user, **form.cleaned_data)
        except RowRefused as refusal:
            form.add_error("on", str(refusal))
        else:
            return _done(request, f"{row.label}已截止，以前的日期仍按它算。")
    sub = "本区县的清单全部截止以后，按上级的清单算。"
    return _form(request, form, f"截止“{row.label}”", sub)


@require_GET
@requires(Permission.READ_HISTORY)
def list_history(request: SignedInRequest) -> HttpResponse:
    rows = SafetyMeasure.objects.filter(region__in=ancestors(_home(request))).values("pk")
    subjects = [Subject(SafetyMeasure, rows, "防范项目", told_by=("label", "document"))]
    back = (reverse("safety-measure-list"), TITLE)
    return history_response(request, subjects, title=TITLE, back=back)


def _done(request: SignedInRequest, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect("safety-measure-list")


def _form(request: SignedInRequest, form: forms.Form, title: str, sub: str = "") -> HttpResponse:
    back = reverse("safety-measure-list")
    crumbs = [
        {"label": "安全防范", "url": reverse("safety-measures")},
        {"label": "清单", "url": back},
        {"label": title},
    ]
    context = {"form": form, "title": title, "crumbs": crumbs, "back": back, "sub": sub}
    return render(request, "kindergartens/form.html", context, status=422 if form.errors else 200)
