"""A kindergarten's months of the free year: what is computed, claimed, approved and paid."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.formatting import quantity, zhmonth
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from accounts.models import Region
from fees.free_year.forms import ClaimWithdrawalForm
from fees.free_year.presenters import line
from fees.free_year.rules import FREE_FROM
from fees.free_year.selectors import FreeMonth, classes_of, months_of_kindergarten
from fees.free_year.services.claims import file_claim, withdraw_claim
from fees.free_year.stamps import claim_stamp, figures_stamp
from fees.free_year.sums import sums
from fees.models import SubsidyClaim, SubsidyPayment
from fees.services import FeeRefused
from kindergartens.models import Kindergarten, ReportingPeriod
from kindergartens.rules import school_year

Step = SubsidyClaim.Step


def found_kindergarten(request: SignedInRequest, code: str) -> Kindergarten:
    visible = Kindergarten.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("organisation__region__county"), code=code)


def found_month(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise Http404 from error


def found_claim(request: SignedInRequest, claim_id: int) -> SubsidyClaim:
    claims = SubsidyClaim.objects.visible_to(request.user).standing()
    return get_object_or_404(claims.select_related("kindergarten", "town"), pk=claim_id)


def back_to(claim: SubsidyClaim) -> str:
    args = [claim.kindergarten.code, f"{claim.month:%Y-%m}"]
    return reverse("kindergarten-free-year-month", args=args)


@require_GET
@requires(Permission.READ_REGISTRY)
def kindergarten_free_year(request: SignedInRequest, code: str) -> HttpResponse:
    return _months_page(request, found_kindergarten(request, code))


@require_GET
@requires(Permission.FILE_RETURN)
def own_free_year(request: SignedInRequest) -> HttpResponse:
    acting = request.user.acting
    own = Kindergarten.objects.visible_to(request.user).select_related(
        "organisation__region__county"
    )
    return _months_page(
        request, get_object_or_404(own, organisation=acting and acting.organisation)
    )


def _months_page(request: SignedInRequest, kindergarten: Kindergarten) -> HttpResponse:
    """A school year's months (`?year=2026`), the newest without it."""
    months = list(
        ReportingPeriod.objects.visible_to(request.user)
        .filter(
            county=kindergarten.organisation.region.county_id,
            month__gte=FREE_FROM,
            opens_at__lte=timezone.now(),
        )
        .order_by("month")
        .values_list("month", flat=True)
    )
    years = sorted({school_year(month) for month in months}, reverse=True)
    asked = request.GET.get("year", "")
    if asked and (not asked.isdecimal() or int(asked) not in years):
        raise Http404
    year = int(asked) if asked else years[0] if years else None
    found = months_of_kindergarten(
        request.user, kindergarten, [month for month in months if school_year(month) == year]
    )
    context = {
        "kindergarten": kindergarten,
        "years": years,
        "year": year,
        "lines": [line(one) for one in found],
        "total": sums(found),
        "may_file": request.user.can(Permission.ASK_PROCEDURES),
        "may_read_history": request.user.can(Permission.READ_HISTORY),
    }
    return render(request, "fees/free_year/kindergarten.html", context)


@require_GET
@requires(Permission.READ_REGISTRY)
def kindergarten_month(request: SignedInRequest, code: str, month: str) -> HttpResponse:
    """How a month comes about, and how its claim stands."""
    kindergarten = found_kindergarten(request, code)
    found = months_of_kindergarten(request.user, kindergarten, [found_month(month)])
    if not found:
        raise Http404
    one = found[0]
    claim = one.claim
    may_file = request.user.can(Permission.ASK_PROCEDURES) and _claimable(one)
    keeps = _keeps(request)
    step = claim.step if claim is not None else ""
    context = {
        "kindergarten": kindergarten,
        "line": line(one),
        "claim": claim,
        "classes": classes_of(one),
        "seen": figures_stamp(one),
        "may_file": may_file and (step in {"", Step.RETURNED} or (step == Step.FILED and one.differs)),
        "may_withdraw": request.user.can(Permission.ASK_PROCEDURES)
        and step in {Step.FILED, Step.RETURNED},
        "may_decide": keeps and step in {Step.FILED, Step.APPROVED},
        "may_pay": keeps and claim is not None and step == Step.APPROVED
        and claim.paid < (claim.approved or 0),
        "keeps": keeps,
        "payments": []
        if claim is None
        else SubsidyPayment.objects.visible_to(request.user)
        .filter(claim=claim)
        .select_related("entered_as__user"),
        "may_read_history": request.user.can(Permission.READ_HISTORY),
    }  # fmt: skip
    return render(request, "fees/free_year/month.html", context)


def _claimable(one: FreeMonth) -> bool:
    return one.waiver is not None and one.waiver.amount > 0


def _keeps(request: SignedInRequest) -> bool:
    acting = request.user.acting
    return (
        acting is not None
        and request.user.can(Permission.MANAGE_REGISTRY)
        and acting.organisation.region.level == Region.Level.COUNTY
    )


@require_POST
@requires(Permission.ASK_PROCEDURES)
def claim_file(request: SignedInRequest, code: str, month: str) -> HttpResponse:
    kindergarten = found_kindergarten(request, code)
    day = found_month(month)
    try:
        claim = file_claim(
            kindergarten_id=kindergarten.pk,
            month=day,
            seen=request.POST.get("seen", ""),
            by=request.user,
            now=timezone.now(),
        )
    except FeeRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request, f"{zhmonth(day)}补助已申报{quantity(claim.amount)}元，等教育局核定。"
        )
    return redirect("kindergarten-free-year-month", code=code, month=month)


@require_http_methods(["GET", "POST"])
@requires(Permission.ASK_PROCEDURES)
def claim_withdraw(request: SignedInRequest, claim_id: int) -> HttpResponse:
    claim = found_claim(request, claim_id)
    form = ClaimWithdrawalForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_claim(claim_id=claim.pk, by=request.user, **form.cleaned_data)
        except FeeRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "申报已撤回，这个月可以重新申报。")
            return redirect(back_to(claim))
    return form_page(request, form, "撤回申报", claim, submit="撤回")


@require_GET
@requires(Permission.READ_HISTORY)
def free_year_history(request: SignedInRequest, code: str) -> HttpResponse:
    """Who filed, returned, approved and paid what, withdrawn claims too."""
    kindergarten = found_kindergarten(request, code)
    claims = SubsidyClaim.objects.visible_to(request.user).filter(kindergarten=kindergarten)
    payments = SubsidyPayment.objects.visible_to(request.user).filter(
        claim__kindergarten=kindergarten
    )
    return history_response(
        request,
        [
            Subject(SubsidyClaim, claims.order_by().values("pk"), "补助申报", told_by=("month",)),
            Subject(SubsidyPayment, payments.order_by().values("pk"), "拨付", told_by=("document",)),
        ],
        title=f"{kindergarten.name}免保教费补助",
        back=(
            reverse("kindergarten-free-year", args=[code]), f"{kindergarten.name}学前一年免保教费"
        ),
    )  # fmt: skip


def form_page(
    request: SignedInRequest,
    form: forms.Form,
    title: str,
    claim: SubsidyClaim,
    *,
    sub: str = "",
    submit: str = "",
) -> HttpResponse:
    back = back_to(claim)
    code = claim.kindergarten.code
    crumbs = [
        {"label": claim.kindergarten.name, "url": reverse("kindergarten-free-year", args=[code])},
        {"label": zhmonth(claim.month), "url": back},
        {"label": title},
    ]
    said = (
        f"{claim.kindergarten.name}{zhmonth(claim.month)}，申报{claim.children}人，"
        f"每生{quantity(claim.waived)}元，共{quantity(claim.amount)}元。"
    )
    context: dict[str, Any] = {
        "form": form, "title": title, "crumbs": crumbs, "back": back, "sub": said + sub,
        "submit": submit,
    }  # fmt: skip
    return render(request, "kindergartens/form.html", context, status=422 if form.errors else 200)


def refuse(form: forms.Form, refusal: FeeRefused) -> None:
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))


def seen_of(claim: SubsidyClaim) -> dict[str, str]:
    return {"seen": claim_stamp(claim)}
