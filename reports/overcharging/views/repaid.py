"""One kindergarten's over-charges of all months, and what is recorded of giving back."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.formatting import quantity, zhdate, zhmonth
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from fees.models import Charge, Repayment
from fees.overcharging import services
from fees.overcharging.selectors import Overcharge, overcharges_of, repayments_of
from fees.services import FeeRefused
from kindergartens.models import Kindergarten
from reports.overcharging import presenters
from reports.overcharging.forms import RepaymentForm, RepaymentWithdrawalForm

ROWS_PER_PAGE = 50
TITLE = "超标收费和退款"


def _kindergarten(request: SignedInRequest, **which: object) -> Kindergarten:
    return get_object_or_404(
        Kindergarten.objects.visible_to(request.user).select_related("organisation"), **which
    )


@require_GET
@requires(Permission.FILE_RETURN)
def own(request: SignedInRequest) -> HttpResponse:
    acting = request.user.acting
    return _page(request, _kindergarten(request, organisation=acting and acting.organisation))


@require_GET
@requires(Permission.READ_RETURNS)
def of_kindergarten(request: SignedInRequest, code: str) -> HttpResponse:
    return _page(request, _kindergarten(request, code=code))


def _page(request: SignedInRequest, kindergarten: Kindergarten) -> HttpResponse:
    found = overcharges_of(request.user, kindergarten)
    page = Paginator(found, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    placed = [row.pk for one in found for row in one.repayments]
    others = (
        repayments_of(request.user, kindergarten)
        .exclude(pk__in=placed)
        .select_related("charge__filing_version", "entered_as__user", "entered_as__organisation")
    )
    context = {
        "kindergarten": kindergarten,
        "total": presenters.sums(found),
        "page_obj": page,
        "lines": [presenters.line(one) for one in page],
        # Withdrawn, or of what a corrected return no longer says was too much.
        "others": others,
        "may_repay": services.may_repay(request.user),
        "may_read_history": request.user.can(Permission.READ_HISTORY),
    }
    return render(request, "reports/overcharging/kindergarten.html", context)


@require_GET
@requires(Permission.READ_HISTORY)
def history(request: SignedInRequest, code: str) -> HttpResponse:
    kindergarten = _kindergarten(request, code=code)
    rows = repayments_of(request.user, kindergarten)
    subject = Subject(
        Repayment, rows.order_by().values("pk"), "退款", told_by=("month", "document")
    )
    back = (reverse("kindergarten-overcharged", args=[code]), TITLE)
    return history_response(request, [subject], title=f"{kindergarten.name}{TITLE}", back=back)


@require_http_methods(["GET", "POST"])
@requires(Permission.READ_RETURNS)
def repayment_new(request: SignedInRequest, code: str, charge_id: int) -> HttpResponse:
    services.repaying_post(request.user)
    kindergarten, now = _kindergarten(request, code=code), timezone.now()
    one = next(
        (one for one in overcharges_of(request.user, kindergarten) if one.charge.pk == charge_id),
        None,
    )
    if one is None:
        of_it = Charge.objects.visible_to(request.user).filter(
            filing_version__filing__kindergarten=kindergarten
        )
        get_object_or_404(of_it, pk=charge_id)
        messages.error(request, "月报更正过，或还没有接收，这一项现在没有要退的。请看现在的数字。")
        return redirect("kindergarten-overcharged", code=code)
    initial = {
        "repaid_on": timezone.localdate(now), "children": one.charge.payers, "yuan": one.left or None,
        "seen": services.repaid_stamp(one),
    }  # fmt: skip
    form = RepaymentForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            row = services.record_repayment(
                charge_id=charge_id, facts=form.facts(), seen=form.cleaned_data["seen"],
                by=request.user, now=now,
            )  # fmt: skip
        except FeeRefused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, f"已登记退还{row.children}人{quantity(row.yuan)}元。")
            return redirect("kindergarten-overcharged", code=code)
    return _form(request, form, "登记退款", kindergarten, _said(one))


@require_http_methods(["GET", "POST"])
@requires(Permission.READ_RETURNS)
def repayment_withdraw(request: SignedInRequest, repayment_id: int) -> HttpResponse:
    services.repaying_post(request.user)
    visible = Repayment.objects.visible_to(request.user).standing()
    row = get_object_or_404(
        visible.select_related("charge__filing_version__filing__kindergarten__organisation"),
        pk=repayment_id,
    )
    kindergarten = row.charge.filing_version.filing.kindergarten
    form = RepaymentWithdrawalForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw_repayment(
                repayment_id=row.pk, reason=form.cleaned_data["reason"], by=request.user,
                now=timezone.now(),
            )  # fmt: skip
        except FeeRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{quantity(row.yuan)}元的退款已撤销，不再计入。")
            return redirect("kindergarten-overcharged", code=kindergarten.code)
    said = f"撤销的是{zhdate(row.repaid_on)}退还的{quantity(row.yuan)}元（{row.document}）。"
    return _form(request, form, "撤销退款", kindergarten, said, submit="撤销")


def _said(one: Overcharge) -> str:
    charge = one.charge
    owed = (
        "月报没有次数，应退算不出来"
        if one.left is None
        else f"应退{quantity(one.excess.refund)}元，还应退{quantity(one.left)}元"
    )
    return (
        f"{zhmonth(charge.filing_version.filing.month)}"
        f"{charge.name or charge.get_item_display()}，收费{charge.payers}人，{owed}，"
        f"已登记退还{quantity(one.repaid)}元。"
    )


def _form(
    request: SignedInRequest,
    form: forms.Form,
    title: str,
    kindergarten: Kindergarten,
    sub: str,
    *,
    submit: str = "",
) -> HttpResponse:
    back = reverse("kindergarten-overcharged", args=[kindergarten.code])
    crumbs = [
        {"label": f"{kindergarten.name}：{TITLE}", "url": back},
        {"label": title},
    ]
    context = {
        "form": form, "title": title, "crumbs": crumbs, "back": back, "sub": sub, "submit": submit,
    }  # fmt: skip
    return render(request, "kindergartens/form.html", context, status=422 if form.errors else 200)
