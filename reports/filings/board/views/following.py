"""The list of follow-ups, opening one for a return, closing it with its outcome."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.formatting import zhmonth
from kindergartens.models import MonthlyFiling
from reports.filings.board import following
from reports.filings.board.forms import FollowUpForm, OutcomeForm
from reports.filings.board.models import FollowUp

PAGE_SIZE = 50


@require_GET
@requires(Permission.READ_PROGRESS)
def follow_ups(request: SignedInRequest) -> HttpResponse:
    """Open ones, oldest first; closed ones, newest first."""
    found = FollowUp.objects.visible_to(request.user)
    closed = request.GET.get("state") == "closed"
    rows = found.filter(closed_at__isnull=not closed).select_related(
        "filing__kindergarten", "filing__town", "filing__period",
        "opened_as__user", "closed_as__user",
    )  # fmt: skip
    rows = rows.order_by("-closed_at", "-pk") if closed else rows.order_by("opened_at", "pk")
    number = found.filter(closed_at=None).count()
    tabs = [
        {"label": "跟进中", "url": "?", "count": number, "active": not closed},
        {
            "label": "已办结",
            "url": "?state=closed",
            "count": found.exclude(closed_at=None).count(),
            "active": closed,
        },
    ]
    return render(
        request,
        "reports/filings/board/follow_ups.html",
        {
            "page_obj": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
            "tabs": tabs,
            "closed": closed,
            "may_close": request.user.can(Permission.REVIEW_RETURNS),
        },
    )


def _form_page(
    request: SignedInRequest, form: Form, *, title: str, sub: str, submit: str, back: str
) -> HttpResponse:
    context = {
        "form": form,
        "title": title,
        "sub": sub,
        "submit": submit,
        "back": back,
        "crumbs": [
            {"label": "报送进度", "url": reverse("filing-board")},
            {"label": "跟进", "url": reverse("follow-ups")},
            {"label": submit, "url": ""},
        ],
    }
    return render(request, "kindergartens/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(Permission.REVIEW_RETURNS)
def follow_up_open(request: SignedInRequest, filing_id: int) -> HttpResponse:
    filing = get_object_or_404(
        MonthlyFiling.objects.visible_to(request.user)
        .filter(version__gte=1)
        .select_related("kindergarten", "period"),
        pk=filing_id,
    )
    form = FollowUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            following.open_follow_up(
                filing_id=filing.pk, by=request.user, now=timezone.now(), **form.cleaned_data
            )
        except following.FollowUpRefused as refusal:
            form.add_error("note", str(refusal))
        else:
            messages.success(request, f"已记下，{filing.kindergarten.name}在跟进。")
            return redirect("filing-review", filing.pk)
    return _form_page(
        request,
        form,
        title=f"跟进{filing.kindergarten.name}{zhmonth(filing.month)}月报",
        sub="不影响接收和退回。园所看不到这里写的内容。",
        submit="记下要跟进",
        back=reverse("filing-review", args=[filing.pk]),
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.REVIEW_RETURNS)
def follow_up_close(request: SignedInRequest, follow_up_id: int) -> HttpResponse:
    found = get_object_or_404(
        FollowUp.objects.visible_to(request.user).select_related("filing__kindergarten"),
        pk=follow_up_id,
    )
    form = OutcomeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            following.close_follow_up(
                follow_up_id=found.pk, by=request.user, now=timezone.now(), **form.cleaned_data
            )
        except following.FollowUpRefused as refusal:
            form.add_error("outcome", str(refusal))
        else:
            messages.success(request, f"已办结{found.filing.kindergarten.name}的跟进。")
            return redirect("follow-ups")
    return _form_page(
        request,
        form,
        title=f"办结{found.filing.kindergarten.name}的跟进",
        sub=f"{zhmonth(found.filing.month)}月报第{found.version}版：{found.note}",
        submit="办结",
        back=reverse("follow-ups"),
    )
