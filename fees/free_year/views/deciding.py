"""The county with one claim: send it back, approve it, record what was paid."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.formatting import quantity, zhdate
from fees.free_year.forms import (
    ApprovalForm,
    ClaimReturnForm,
    PaymentForm,
    PaymentWithdrawalForm,
)
from fees.free_year.presenters import moved
from fees.free_year.selectors import months_of_kindergarten
from fees.free_year.services import deciding
from fees.free_year.stamps import figures_stamp
from fees.free_year.views.claims import back_to, form_page, found_claim, refuse, seen_of
from fees.models import SubsidyPayment
from fees.services import FeeRefused


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def claim_return(request: SignedInRequest, claim_id: int) -> HttpResponse:
    claim = found_claim(request, claim_id)
    form = ClaimReturnForm(
        request.POST if request.method == "POST" else None, initial=seen_of(claim)
    )
    if request.method == "POST" and form.is_valid():
        try:
            deciding.return_claim(
                claim_id=claim.pk, by=request.user, now=timezone.now(), **form.cleaned_data
            )
        except FeeRefused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, "已退回，等幼儿园改好再申报。")
            return redirect(back_to(claim))
    return form_page(request, form, "退回申报", claim, submit="退回")


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def claim_approve(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Also changes what was approved before. Offered is what is computed now."""
    claim = found_claim(request, claim_id)
    again = claim.approved_children is not None
    months = months_of_kindergarten(request.user, claim.kindergarten, [claim.month])
    if not months:
        raise Http404
    one = months[0]
    offered = (claim.approved_children or claim.children, claim.approved_waived or claim.waived)
    if one.differs and one.figures is not None:
        offered = one.figures[:2]
    form = ApprovalForm(
        request.POST if request.method == "POST" else None,
        initial={"seen": figures_stamp(one), "children": offered[0], "waived": offered[1]},
    )
    if request.method == "POST" and form.is_valid():
        try:
            done = deciding.approve_claim(
                claim_id=claim.pk, by=request.user, now=timezone.now(), **form.cleaned_data
            )
        except FeeRefused as refusal:
            refuse(form, refusal)
        else:
            messages.success(
                request,
                f"已核定{done.approved_children}人，每生{quantity(done.approved_waived)}元，"
                f"共{quantity(done.approved)}元。",
            )
            return redirect(back_to(claim))
    sub = moved(one)
    if again:
        sub = (
            f"原核定{claim.approved_children}人，每生{quantity(claim.approved_waived)}元，"
            f"共{quantity(claim.approved)}元，已拨付{quantity(claim.paid)}元。{sub}"
        )
    return form_page(request, form, "改核定" if again else "核定", claim, sub=sub, submit="核定")


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def claim_pay(request: SignedInRequest, claim_id: int) -> HttpResponse:
    claim = found_claim(request, claim_id)
    today = timezone.localdate()
    left = claim.approved - claim.paid if claim.approved is not None else None
    form = PaymentForm(
        request.POST if request.method == "POST" else None,
        initial=seen_of(claim) | {"amount": left, "paid_on": today},
    )
    if request.method == "POST" and form.is_valid():
        try:
            deciding.record_payment(
                claim_id=claim.pk, by=request.user, now=timezone.now(), today=today,
                **form.cleaned_data,
            )  # fmt: skip
        except FeeRefused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"已登记拨付{quantity(form.cleaned_data['amount'])}元。")
            return redirect(back_to(claim))
    sub = (
        ""
        if left is None
        else f"核定{quantity(claim.approved)}元，还没有拨付的{quantity(left)}元。"
    )
    return form_page(request, form, "登记拨付", claim, sub=sub)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def payment_withdraw(request: SignedInRequest, payment_id: int) -> HttpResponse:
    payment = get_object_or_404(
        SubsidyPayment.objects.visible_to(request.user)
        .standing()
        .select_related("claim__kindergarten"),
        pk=payment_id,
    )
    form = PaymentWithdrawalForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            deciding.withdraw_payment(
                payment_id=payment.pk, by=request.user, now=timezone.now(), **form.cleaned_data
            )
        except FeeRefused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"{quantity(payment.amount)}元的拨付已撤销，不再计入。")
            return redirect(back_to(payment.claim))
    sub = f"撤销的是{zhdate(payment.paid_on)}拨付的{quantity(payment.amount)}元。"
    return form_page(request, form, "撤销拨付", payment.claim, sub=sub, submit="撤销")
