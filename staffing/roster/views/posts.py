"""Posts: a new one, its end, a move, its correction, one by mistake."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.formatting import zhdate
from kindergartens.models import Kindergarten
from kindergartens.stamps import stamp_of
from staffing.models import Appointment, Certificate, StaffMember
from staffing.papers.rules import Span
from staffing.papers.selectors import REMINDED_LABELS, spans_of
from staffing.roster import services
from staffing.roster.forms import EndForm, HireForm, PostForm, TransferForm, WithdrawForm
from staffing.roster.rules import PaperFacts
from staffing.roster.services import CORRECTABLE, RosterRefused
from staffing.roster.views.finding import (
    appointment_of,
    form_page,
    kindergarten_of,
    person_crumb,
    refuse,
    roster_crumb,
)


def _sub(appointment: Appointment) -> str:
    return (
        f"{appointment.kindergarten.name}，{appointment.get_post_display()}，"
        f"{zhdate(appointment.started_on)}起。"
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_STAFF)
@sensitive_post_parameters("number")
@sensitive_variables("form")
def staff_hire(request: SignedInRequest, code: str) -> HttpResponse:
    kindergarten = kindergarten_of(request, code)
    now = timezone.now()
    today = timezone.localdate(now)
    form = HireForm(request.POST or None, initial={"started_on": today})
    if request.method == "POST" and form.is_valid():
        try:
            appointment = services.hire(
                kindergarten=kindergarten,
                person=form.person(),
                post=form.post_facts(),
                papers=form.papers(),
                by=request.user,
                now=now,
                today=today,
            )
        except RosterRefused as refusal:
            refuse(request, form, refusal)
        else:
            messages.success(
                request,
                f"{appointment.person.name}已登记为{appointment.get_post_display()}，"
                f"{zhdate(appointment.started_on)}起。",
            )
            _say_what_is_missing(request, appointment.person, form.papers(), today)
            return redirect("kindergarten-staff", code=code)
    return form_page(
        request, form, title="登记任职", crumbs=roster_crumb(kindergarten), sub=kindergarten.name,
        template="staffing/hire.html", submit="登记",
    )  # fmt: skip


def _say_what_is_missing(
    request: SignedInRequest, person: StaffMember, papers: list[PaperFacts], today: dt.date
) -> None:
    """Papers that the law asks for before or with the first day, and certificates that do not count."""
    spans = spans_of(request.user, today, person)
    missing = "、".join(
        REMINDED_LABELS[kind] for kind, span in spans.items() if span is Span.MISSING
    )
    if missing:
        address = reverse("staff-member", args=[person.pk])
        text = '还没有登记{}，请到<a href="{}">{}的页面</a>登记。'
        messages.warning(request, format_html(text, missing, address, person.name))
    for paper in papers:
        why = services.why_not_certified(person, paper, request.user, today)
        if why:
            label = Certificate(kind=paper.kind, stage=paper.stage)
            messages.warning(request, f"{label}已登记，但不算持证：{why}。")


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_STAFF)
def post_correct(request: SignedInRequest, appointment_id: int) -> HttpResponse:
    appointment = appointment_of(request, appointment_id)
    initial = {name: getattr(appointment, name) for name in CORRECTABLE} | {
        "full_time": "1" if appointment.full_time else "0",
        "seen": stamp_of(appointment, CORRECTABLE),
    }
    form = PostForm(request.POST or None, initial=initial, of=appointment)
    if request.method == "POST" and form.is_valid():
        try:
            services.correct_appointment(
                appointment_id=appointment.pk,
                facts=form.facts_for(appointment),
                reason=form.cleaned_data["reason"],
                seen=form.cleaned_data["seen"],
                by=request.user,
                today=timezone.localdate(),
            )
        except RosterRefused as refusal:
            refuse(request, form, refusal)
        else:
            messages.success(request, "已更正。")
            return redirect("staff-member", person_id=appointment.person_id)
    return form_page(
        request, form, title="更正任职", crumbs=person_crumb(appointment.person),
        sub=_sub(appointment),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_STAFF)
def post_end(request: SignedInRequest, appointment_id: int) -> HttpResponse:
    appointment = appointment_of(request, appointment_id)
    form = EndForm(request.POST or None, initial={"on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            services.end_appointment(
                appointment_id=appointment.pk, by=request.user, today=timezone.localdate(),
                **form.cleaned_data,
            )  # fmt: skip
        except RosterRefused as refusal:
            refuse(request, form, refusal)
        else:
            messages.success(
                request,
                f"{appointment.person.name}自{zhdate(form.cleaned_data['on'])}起不再任"
                f"{appointment.get_post_display()}。",
            )
            return redirect("staff-member", person_id=appointment.person_id)
    return form_page(
        request, form, title="办理离任", crumbs=person_crumb(appointment.person),
        sub=_sub(appointment), submit="办理离任",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def post_transfer(request: SignedInRequest, appointment_id: int) -> HttpResponse:
    """To another kindergarten of the county, in one step."""
    appointment = appointment_of(request, appointment_id)
    now = timezone.now()
    today = timezone.localdate(now)
    carried = ("post", "duty", "establishment")
    initial = {name: getattr(appointment, name) for name in carried} | {
        "full_time": "1" if appointment.full_time else "0",
        "started_on": today,
    }
    form = TransferForm(request.POST or None, initial=initial)
    to = form.fields["to"]
    others = Kindergarten.objects.visible_to(request.user).exclude(pk=appointment.kindergarten_id)
    to.offer(others.order_by("code"))  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        try:
            new = services.transfer(
                appointment_id=appointment.pk,
                to=form.cleaned_data["to"],
                post=form.post_facts(),
                by=request.user,
                now=now,
                today=today,
            )
        except RosterRefused as refusal:
            refuse(request, form, refusal)
        else:
            messages.success(
                request,
                f"{appointment.person.name}自{zhdate(new.started_on)}起调到{new.kindergarten.name}。",
            )
            return redirect("staff-member", person_id=appointment.person_id)
    return form_page(
        request, form, title="办理调动", crumbs=person_crumb(appointment.person),
        sub=_sub(appointment), submit="办理调动",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_STAFF)
def post_withdraw(request: SignedInRequest, appointment_id: int) -> HttpResponse:
    appointment = appointment_of(request, appointment_id)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw_appointment(
                appointment_id=appointment.pk,
                reason=form.cleaned_data["reason"],
                by=request.user,
                now=timezone.now(),
            )
        except RosterRefused as refusal:
            refuse(request, form, refusal)
        else:
            messages.success(request, "这条任职已撤销，不再计入。")
            # The person may be out of sight with it.
            return redirect("kindergarten-staff", code=appointment.kindergarten.code)
    return form_page(
        request, form, title="撤销任职", crumbs=person_crumb(appointment.person),
        sub=f"{_sub(appointment)}只用于登记错的；人离开了，请办离任。", submit="撤销",
    )  # fmt: skip
