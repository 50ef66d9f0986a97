"""Rules of refunds of a place, and the calculator: nothing personal is asked, nothing is stored."""

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
from accounts.access.home import home_of
from accounts.access.permissions import Permission
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from accounts.models import Region
from fees.models import RefundRule
from fees.refunds import selectors
from fees.refunds.computing import Asked, compute
from fees.refunds.forms import CalculatorForm, RuleCorrectionForm, RuleForm, WhichForm, initial_of
from fees.refunds.kinds import REFUND_RULE
from fees.refunds.rules import BASES, TRIED, CannotCompute, bands_in_words, tried
from kindergartens.dated.forms import EndForm
from kindergartens.dated.pages import what_may_be_done
from kindergartens.dated.services import RowRefused, correct_row, end_row, set_row
from kindergartens.models import Kindergarten
from kindergartens.models.demand import ancestors
from kindergartens.stamps import stamp_of, stamp_of_texts

TITLE = "退费办法"
CONFIRMED = "previewed"


def _words(row: RefundRule) -> list[str]:
    """A rule in sentences, as on the page of rules and beside a computed refund."""
    if row.bands:
        return bands_in_words(row.rule.bands)
    least = f"，缺勤满{row.least_days}天才退" if row.least_days else ""
    return [f"退{row.percent.normalize():f}%{least}" if row.percent is not None else ""]


@require_GET
@requires(Permission.READ_RETURNS)
def listed(request: SignedInRequest) -> HttpResponse:
    """Those of the own place and of the places above; whoever works in a kindergarten computes."""
    acting = request.user.acting
    if acting is not None and acting.is_of_kindergarten:
        own = Kindergarten.objects.visible_to(request.user).get()
        return redirect("refund-calculator", code=own.code)
    home = home_of(request)
    which = WhichForm(request.GET if "kindergarten" in request.GET else None)
    which.fields["kindergarten"].offer(  # type: ignore[attr-defined]
        Kindergarten.objects.visible_to(request.user).order_by("code")
    )
    if which.is_bound and which.is_valid():
        return redirect("refund-calculator", code=which.cleaned_data["kindergarten"].code)
    rows = RefundRule.objects.filter(region__in=ancestors(home)).select_related("region")
    context = what_may_be_done(request, home) | {
        "rows": [(row, _words(row)) for row in rows],
        "which": which,
    }
    status = 422 if which.errors else 200
    return render(request, "fees/refunds/rules.html", context, status=status)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def new(request: SignedInRequest) -> HttpResponse:
    """Typed, looked at in an example, then saved."""
    if home_of(request).level != Region.Level.COUNTY:
        raise Http404
    form = RuleForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _was_looked_at(request, form):
        try:
            row = set_row(
                kind=REFUND_RULE, values=form.values(), by=request.user, today=timezone.localdate()
            )
        except RowRefused as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, f"{row}已登记。")
            return redirect("refund-rules")
    return _rule_page(request, form, "登记退费办法")


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def correct(request: SignedInRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(RefundRule, pk=pk, region=home_of(request))
    stamp = stamp_of(row, REFUND_RULE.corrected)
    form = RuleCorrectionForm(
        request.POST if request.method == "POST" else None,
        initial=initial_of(row) | {"seen": stamp},
    )
    if request.method == "POST" and form.is_valid() and _was_looked_at(request, form):
        try:
            correct_row(
                kind=REFUND_RULE, pk=pk, values=form.values(),
                reason=form.cleaned_data["reason"], seen=form.cleaned_data["seen"],
                by=request.user, today=timezone.localdate(),
            )  # fmt: skip
        except RowRefused as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, f"{row}已更正。")
            return redirect("refund-rules")
    return _rule_page(request, form, f"更正{row}", row)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def end(request: SignedInRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(RefundRule, pk=pk, region=home_of(request))
    form = EndForm(
        request.POST if request.method == "POST" else None, initial={"on": timezone.localdate()}
    )
    if request.method == "POST" and form.is_valid():
        try:
            end_row(kind=REFUND_RULE, pk=pk, by=request.user, **form.cleaned_data)
        except RowRefused as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, f"{row}已截止，有上级规定的按上级的算。")
            return redirect("refund-rules")
    context = {"form": form, "title": f"截止{row}", "sub": row.document, "back": _back()}
    context["crumbs"] = _crumbs(f"截止{row}")
    status = 422 if form.errors else 200
    return render(request, "kindergartens/form.html", context, status=status)


@require_GET
@requires(Permission.READ_HISTORY)
def history(request: SignedInRequest) -> HttpResponse:
    rows = RefundRule.objects.filter(region__in=ancestors(home_of(request))).order_by().values("pk")
    subjects = [Subject(RefundRule, rows, TITLE, told_by=("item", "document"))]
    return history_response(request, subjects, title=TITLE, back=(_back(), TITLE))


@require_GET
@requires(Permission.READ_RETURNS)
def calculator(request: SignedInRequest, code: str) -> HttpResponse:
    """What is given back of one line, step by step. All of it stands in the address."""
    visible = Kindergarten.objects.visible_to(request.user)
    kindergarten = get_object_or_404(
        visible.select_related("organisation__region__county"), code=code
    )
    lines = selectors.refundable_lines(request.user, kindergarten)
    form = CalculatorForm(
        request.GET if "line" in request.GET else None, lines=lines, today=timezone.localdate()
    )
    county = kindergarten.organisation.region.county
    context: dict[str, Any] = {"kindergarten": kindergarten, "form": form, "lines": lines}
    if form.is_bound and form.is_valid() and county is not None:
        data = form.cleaned_data
        line = next(one for one in lines if str(one.pk) == data["line"])
        asked = Asked(line, *(data[name] for name in list(data) if name != "line"))
        try:
            found = compute(asked, county)
        except CannotCompute as problem:
            form.add_error(problem.field if problem.field in form.fields else None, str(problem))
        else:
            rule = found.in_force.rule
            context |= {
                "line": line,
                "found": found,
                "rule_words": _words(rule) if rule else [],
                "others": [(other, _words(other)) for other in found.in_force.others],
            }
    status = 422 if form.errors else 200
    return render(request, "fees/refunds/calculator.html", context, status=status)


def _was_looked_at(request: SignedInRequest, form: RuleForm | RuleCorrectionForm) -> bool:
    """Whether the very rule that is sent was shown in an example before."""
    return request.POST.get(CONFIRMED) == _stamp(form)


def _stamp(form: RuleForm | RuleCorrectionForm) -> str:
    return stamp_of_texts({name: str(value) for name, value in form.values().items()})


def _rule_page(
    request: SignedInRequest,
    form: RuleForm | RuleCorrectionForm,
    title: str,
    row: RefundRule | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "title": title, "crumbs": _crumbs(title)}
    if form.is_bound and form.is_valid():
        rule = form.rule()
        before = dict(tried(row.rule)) if row is not None and row.basis == rule.basis else {}
        context |= {
            "previewed": _stamp(form),
            "fee": TRIED[rule.basis].name,
            "basis": BASES[rule.basis],
            "words": bands_in_words(rule.bands),
            "examples": [(text, yuan, before.get(text)) for text, yuan in tried(rule)],
            "has_before": bool(before),
        }
    context["back"] = _back()
    status = 422 if form.errors else 200
    return render(request, "fees/refunds/rule_form.html", context, status=status)


def _refuse(form: forms.Form, refusal: RowRefused) -> None:
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))


def _back() -> str:
    return reverse("refund-rules")


def _crumbs(title: str) -> list[dict[str, str]]:
    return [{"label": TITLE, "url": _back()}, {"label": title}]
