"""People sent to other kindergartens: the list with months served, and its keeping."""

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
from kindergartens.models import Kindergarten
from staffing.models import Secondment
from staffing.roster.services import RosterRefused
from staffing.roster.views.finding import appointment_of, form_page, person_crumb, refuse
from staffing.secondments import selectors, services
from staffing.secondments.forms import BackForm, SendForm, WithdrawalForm
from staffing.secondments.rules import months_served

ROWS_PER_PAGE = 50
CRUMBS = {"label": "结对和轮岗"}


@require_GET
@requires(Permission.READ_STAFF)
def secondments(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    state = request.GET.get("state", "")
    state = state if state in selectors.STATES else ""
    found = selectors.listed(request.user, state, today)
    page = Paginator(found, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    seen = set(
        Kindergarten.objects.visible_to(request.user)
        .filter(pk__in=[row.sender_id for row in page.object_list])
        .values_list("pk", flat=True)
    )
    senders, groups = selectors.by_sender(request.user, today)
    context = {
        "page_obj": page,
        "rows": [
            (row, months_served(row.started_on, row.ended_on, today), row.sender_id in seen)
            for row in page.object_list
        ],
        "tables": [("按派出园", "派出园", senders), ("按集团组团", "集团组团", groups)],
        "state": state,
        "states": selectors.STATES.items(),
        "today": today,
        "may_keep": request.user.can(Permission.MANAGE_REGISTRY),
    }
    return render(request, "staffing/secondments/list.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def send(request: SignedInRequest, appointment_id: int) -> HttpResponse:
    """Send whoever holds this post to another kindergarten of the county."""
    post = appointment_of(request, appointment_id)
    others = Kindergarten.objects.visible_to(request.user).exclude(pk=post.kindergarten_id)
    form = SendForm(
        request.POST if request.method == "POST" else None, kindergartens=others.order_by("code")
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.send(
                appointment=post,
                receiver=form.cleaned_data["receiver"],
                facts=form.facts(),
                by=request.user,
                now=timezone.now(),
            )
        except RosterRefused as refusal:
            refuse(request, form, refusal)
        else:
            messages.success(request, f"{post.person.name}已登记派出。")
            return redirect("secondments")
    return form_page(
        request, form, title="派出到另一所园", crumbs=person_crumb(post.person),
        sub=f"{post.person.name}，{post.kindergarten.name}{post}。任职和工资关系不变，不重复计人。",
    )  # fmt: skip


def _secondment(request: SignedInRequest, secondment_id: int) -> Secondment:
    visible = Secondment.objects.visible_to(request.user).standing()
    return get_object_or_404(
        visible.select_related("person", "sender", "receiver"), pk=secondment_id
    )


def _page(
    request: SignedInRequest, form: forms.Form, row: Secondment, title: str, submit: str
) -> HttpResponse:
    crumbs = [CRUMBS | {"url": reverse("secondments")}]
    return form_page(
        request, form, title=title, crumbs=crumbs, submit=submit,
        sub=f"{row.person.name}，{row.sender.name}派到{row.receiver.name}。",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def bring_back(request: SignedInRequest, secondment_id: int) -> HttpResponse:
    row = _secondment(request, secondment_id)
    initial = {"on": row.ended_on, "seen": str(row.ended_on or "")}
    form = BackForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.bring_back(
                secondment=row,
                on=form.cleaned_data["on"],
                seen=form.cleaned_data["seen"],
                by=request.user,
            )
        except RosterRefused as refusal:
            refuse(request, form, refusal)
        else:
            messages.success(request, f"{row.person.name}的返回日期已登记。")
            return redirect("secondments")
    return _page(request, form, row, "登记返回", "保存")


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def withdraw(request: SignedInRequest, secondment_id: int) -> HttpResponse:
    row = _secondment(request, secondment_id)
    form = WithdrawalForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw(
                secondment=row,
                reason=form.cleaned_data["reason"],
                by=request.user,
                now=timezone.now(),
            )
        except RosterRefused as refusal:
            refuse(request, form, refusal)
        else:
            messages.success(request, f"{row.person.name}的这次派出已撤销。")
            return redirect("secondments")
    return _page(request, form, row, "撤销派出", "撤销")
