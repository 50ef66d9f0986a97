"""The bureau's side: the queue, what changed, accepting and sending back."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, CharField, Count, F, QuerySet, Value, When
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.typed_text import clean
from kindergartens.calendar.selectors import month_counts
from kindergartens.groups.filtering import group_filter
from kindergartens.models import MonthlyFiling, ReportingPeriod
from kindergartens.policies import NotAllowedNow
from reports.filings import corrections, pre_reviews, selectors, services
from reports.filings.forms import (
    not_waiting_from_post,
    reason_from_post,
    reasons_from_post,
    version_from_post,
)
from reports.filings.months import chosen_month
from reports.filings.views.reviewing import review_page

# Submitted, and waiting for its town before the bureau: only where the county wants it.
PRE_REVIEW = "pre_review"
STATES = [
    (PRE_REVIEW, "待乡镇初审"),
    (MonthlyFiling.State.SUBMITTED, "待审核"),
    (MonthlyFiling.State.RETURNED, "已退回"),
    (MonthlyFiling.State.ACCEPTED, "已接收"),
    (MonthlyFiling.State.DRAFT, "填报中"),
]
SORTS = {
    "name": "kindergarten__name",
    "town": "town__code",
    "children": "children",
    "change": "change",
    "submitted": "first_submitted_at",
}
PAGE_SIZE = 50


def _visible(request: SignedInRequest) -> QuerySet[MonthlyFiling]:
    return MonthlyFiling.objects.visible_to(request.user)


def _with_stage(filings: QuerySet[MonthlyFiling]) -> pre_reviews.Rows:
    """With `stage`: the state, but PRE_REVIEW for what waits for its town."""
    return pre_reviews.with_waiting(filings).annotate(
        stage=Case(
            When(waits_for_town=True, then=Value(PRE_REVIEW)),
            default=F("state"),
            output_field=CharField(),
        )
    )


@require_GET
@requires(Permission.REVIEW_RETURNS)
def filing_queue(request: SignedInRequest) -> HttpResponse:
    """Returns by state and month, oldest submission first."""
    periods = list(ReportingPeriod.objects.visible_to(request.user).select_related("county")[:24])
    now = timezone.now()
    month = chosen_month(request.GET.get("month", ""), periods, now)
    counties = [period.county_id for period in periods if period.month == month]
    pre_reviewed = month is not None and pre_reviews.is_on_in(counties, month)
    states = STATES if pre_reviewed else [one for one in STATES if one[0] != PRE_REVIEW]
    state = request.GET.get("state", MonthlyFiling.State.SUBMITTED)
    if state not in dict(states):
        state = MonthlyFiling.State.SUBMITTED
    groups = group_filter(request.GET, request.user, timezone.localdate(now))
    of_month = _visible(request).filter(period__month=month) if month else _visible(request).none()
    of_month = of_month.filter(groups.rows(kindergarten="kindergarten", town="town"))
    corrected = corrections.of_month(of_month, request.user, month) if month else None
    only_corrected = request.GET.get("corrected") == "1"
    if only_corrected:
        of_month = corrections.replaced(of_month)
    in_stages = _with_stage(of_month)
    counts = dict(in_stages.order_by().values_list("stage").annotate(Count("pk")))
    filings = (
        selectors.with_counts(in_stages.filter(stage=state))
        .select_related("kindergarten", "town", "period")
        .annotate(change=F("children") - F("last_children"))
    )
    search = clean(request.GET.get("q", ""))[:60]
    if search:
        filings = filings.filter(kindergarten__name__icontains=search)
    sort = request.GET.get("sort", "submitted")
    column = SORTS.get(sort.lstrip("-"), SORTS["submitted"])
    direction = F(column).desc if sort.startswith("-") else F(column).asc
    page = Paginator(filings.order_by(direction(nulls_last=True), "pk"), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    return render(
        request,
        "reports/filings/queue.html",
        {
            "page": page,
            "groups": groups,
            "month": month,
            "months": sorted({period.month for period in periods}, reverse=True),
            "state": state,
            "states": [(code, word, counts.get(code, 0)) for code, word in states],
            "search": search,
            "corrected": corrected,
            "only_corrected": only_corrected,
            # Of the whole area, so not above a group's returns.
            "counts": (
                month_counts(request.user, month, now=now) if month and not groups.chosen else None
            ),
            "period_ids": [period.pk for period in periods if period.month == month],
            "may_manage_periods": request.user.can(Permission.MANAGE_PERIODS),
        },
    )


@require_GET
@requires(Permission.REVIEW_RETURNS)
def review_filing(request: SignedInRequest, filing_id: int) -> HttpResponse:
    """One return: what changed since last month, with a place for a reason at every field."""
    return review_page(request, filing_id)


@require_POST
@requires(Permission.REVIEW_RETURNS)
def accept_filing(request: SignedInRequest, filing_id: int) -> HttpResponse:
    filing = get_object_or_404(_visible(request).select_related("kindergarten"), pk=filing_id)
    reasons, reason = reasons_from_post(request.POST), reason_from_post(request.POST)
    not_waiting = not_waiting_from_post(request.POST)
    if reasons or reason:
        return review_page(
            request,
            filing_id,
            reasons=reasons,
            reason=reason,
            not_waiting=not_waiting,
            error="您写了退回原因。要退回，请按“退回并说明”；要接收，请先清空原因。",
            status=409,
        )
    try:
        services.accept(
            filing_id=filing.pk,
            version_seen=version_from_post(request.POST),
            by=request.user,
            now=timezone.now(),
            not_waiting=not_waiting,
        )
    except NotAllowedNow as refusal:
        return review_page(
            request, filing_id, not_waiting=not_waiting, error=str(refusal), status=409
        )
    # To the queue, never to the next return: a second click would accept that one unread.
    messages.success(request, f"已接收{filing.kindergarten.name}的月报，三率正在重算。")
    return redirect(f"{reverse('filing-queue')}?month={filing.month:%Y-%m}")


@require_POST
@requires(Permission.REVIEW_RETURNS)
def return_filing(request: SignedInRequest, filing_id: int) -> HttpResponse:
    filing = get_object_or_404(_visible(request).select_related("kindergarten"), pk=filing_id)
    reasons = reasons_from_post(request.POST)
    reason = reason_from_post(request.POST)
    not_waiting = not_waiting_from_post(request.POST)
    if not_waiting:
        return review_page(
            request,
            filing_id,
            reasons=reasons,
            reason=reason,
            not_waiting=not_waiting,
            error="您写了不等初审的理由。要接收，请按“接收这份月报”；要退回，请先清空它。",
            status=409,
        )
    try:
        services.send_back(
            filing_id=filing.pk,
            version_seen=version_from_post(request.POST),
            field_reasons=reasons,
            reason=reason,
            by=request.user,
            now=timezone.now(),
            reopen=request.POST.get("accepted") == "1",
        )
    except NotAllowedNow as refusal:
        return review_page(
            request, filing_id, reasons=reasons, reason=reason, error=str(refusal), status=409
        )
    messages.success(request, f"已退回{filing.kindergarten.name}的月报，园所会看到每一处原因。")
    return redirect("filing-queue")
