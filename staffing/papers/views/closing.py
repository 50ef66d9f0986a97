"""A paper by mistake, a contract that was filed, insurance that ends."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.formatting import zhdate
from staffing.models import Contract, StaffMember
from staffing.papers import services
from staffing.papers.forms import ContractEndForm, FilingForm, InsuranceEndForm
from staffing.papers.views.recording import kind_of
from staffing.roster.forms import WithdrawForm
from staffing.roster.services import RosterRefused
from staffing.roster.views.finding import (
    form_page,
    kindergarten_of,
    person_crumb,
    person_of,
    refuse,
)


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_STAFF)
def paper_withdraw(request: SignedInRequest, kind: str, paper_id: int) -> HttpResponse:
    paper = kind_of(kind)
    if not paper.may_withdraw(request.user):
        raise PermissionDenied(f"{paper.label}由园长和区县教育局撤销。")
    # One that is withdrawn already, in another window: the service says so.
    rows = paper.model.objects.visible_to(request.user)
    row = get_object_or_404(rows.select_related(paper.path), pk=paper_id)
    person = person_of(request, (row if paper.of_person else row.appointment).person_id)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            services.withdraw_paper(
                kind=kind, paper_id=paper_id, reason=form.cleaned_data["reason"],
                by=request.user, now=now, today=timezone.localdate(now),
            )  # fmt: skip
        except RosterRefused as refusal:
            refuse(request, form, refusal)
        else:
            messages.success(request, f"这条{paper.label}已撤销，不再计入。")
            return redirect("staff-member", person_id=person.pk)
    return form_page(
        request, form, title=f"撤销{paper.label}", crumbs=person_crumb(person),
        sub=f"{person.name}。只用于登记错的；撤销的仍然看得到，不再计入。", submit="撤销",
    )  # fmt: skip


def _contract_of(request: SignedInRequest, contract_id: int) -> tuple[Contract, StaffMember]:
    contracts = Contract.objects.visible_to(request.user).select_related("appointment")
    contract = get_object_or_404(contracts, pk=contract_id)
    return contract, person_of(request, contract.appointment.person_id)


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_STAFF)
def contract_file(request: SignedInRequest, contract_id: int) -> HttpResponse:
    contract, person = _contract_of(request, contract_id)
    today = timezone.localdate()
    form = FilingForm(request.POST or None, initial={"filed_on": today})
    if request.method == "POST" and form.is_valid():
        try:
            services.file_contract(
                contract_id=contract_id, by=request.user, today=today, **form.cleaned_data
            )
        except RosterRefused as refusal:
            refuse(request, form, refusal)
        else:
            messages.success(request, f"{person.name}的合同已登记备案。")
            return redirect("staff-member", person_id=person.pk)
    return form_page(
        request, form, title="登记合同备案", crumbs=person_crumb(person),
        sub=f"{person.name}的{contract}。学前教育法第43条：合同信息报区县教育局备案。",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_STAFF)
def contract_end(request: SignedInRequest, contract_id: int) -> HttpResponse:
    contract, person = _contract_of(request, contract_id)
    today = timezone.localdate()
    form = ContractEndForm(request.POST or None, initial={"last_day": today})
    if request.method == "POST" and form.is_valid():
        try:
            services.end_contract(
                contract_id=contract_id, by=request.user, today=today, **form.cleaned_data
            )
        except RosterRefused as refusal:
            refuse(request, form, refusal)
        else:
            messages.success(request, f"{person.name}的合同已登记终止。")
            return redirect("staff-member", person_id=person.pk)
    return form_page(
        request, form, title="终止合同", crumbs=person_crumb(person), submit="终止",
        sub=f"{person.name}的{contract}，{zhdate(contract.valid_from)}起。提前解除或终止的，登记最后一天。",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_STAFF)
def insurance_end(request: SignedInRequest, person_id: int, code: str) -> HttpResponse:
    person = person_of(request, person_id)
    kindergarten = kindergarten_of(request, code)
    today = timezone.localdate()
    form = InsuranceEndForm(request.POST or None, initial={"last_day": today})
    if request.method == "POST" and form.is_valid():
        try:
            ended = services.end_insurance(
                person_id=person.pk, kindergarten_id=kindergarten.pk, by=request.user,
                today=today, **form.cleaned_data,
            )  # fmt: skip
        except RosterRefused as refusal:
            refuse(request, form, refusal)
        else:
            messages.success(request, f"{person.name}的{ended}种参保已登记截止。")
            return redirect("staff-member", person_id=person.pk)
    return form_page(
        request, form, title="停保", crumbs=person_crumb(person), submit="停保",
        sub=f"{person.name}在{kindergarten.name}还在缴的险种，都到这一天为止。",
    )  # fmt: skip
