"""The bureau's side: the queue, what changed, accepting and sending back."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.typed_text import clean
from kindergartens.calendar.selectors import extensions_of, month_counts
from kindergartens.groups.filtering import group_filter
from kindergartens.models import MonthlyFiling, ReportingPeriod
from kindergartens.policies import NotAllowedNow
from reports.filings import corrections, selectors, services, submitted
from reports.filings.forms import reason_from_post, reasons_from_post, version_from_post
from reports.filings.months import chosen_month
from reports.filings.peer_figures import peers_of_filing
from reports.filings.presenters import comparison as comparing
from reports.filings.presenters import history
from reports.filings.presenters import version as version_presenter
from reports.filings.presenters.promotion import moved_up
from reports.filings.reviewing import review_beside
from reports.filings.views.attachments import attachments_context

STATES = [
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


@require_GET
@requires(Permission.REVIEW_RETURNS)
def filing_queue(request: SignedInRequest) -> HttpResponse:
    """Returns by state and month, oldest submission first."""
    periods = list(ReportingPeriod.objects.visible_to(request.user).select_related("county")[:24])
    now = timezone.now()
    month = chosen_month(request.GET.get("month", ""), periods, now)
    state = request.GET.get("state", MonthlyFiling.State.SUBMITTED)
    if state not in MonthlyFiling.State.values:
        state = MonthlyFiling.State.SUBMITTED
    groups = group_filter(request.GET, request.user, timezone.localdate(now))
    of_month = _visible(request).filter(period__month=month) if month else _visible(request).none()
    of_month = of_month.filter(groups.rows(kindergarten="kindergarten", town="town"))
    corrected = corrections.of_month(of_month, request.user, month) if month else None
    only_corrected = request.GET.get("corrected") == "1"
    if only_corrected:
        of_month = corrections.replaced(of_month)
    counts = dict(of_month.order_by().values_list("state").annotate(Count("pk")))
    filings = (
        selectors.with_counts(of_month.filter(state=state))
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
            "states": [(code, word, counts.get(code, 0)) for code, word in STATES],
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
    return _review_page(request, filing_id)


def _review_page(
    request: SignedInRequest,
    filing_id: int,
    *,
    reasons: dict[str, str] | None = None,
    reason: str = "",
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    filing = get_object_or_404(
        _visible(request).select_related("period__county", "kindergarten__organisation", "town"),
        pk=filing_id,
    )
    version = get_object_or_404(
        filing.versions.select_related("submitted_as__user", "submitted_as__organisation"),
        version=filing.version,
    )
    now = timezone.now()
    content = submitted.read_version(version)
    last = submitted.last_submitted(filing.kindergarten, filing.month)
    reasons = reasons or {}
    changes = [
        replace(change, reason=reasons.get(change.key, ""))
        for change in selectors.changes(content, last)
    ]
    explanations = list(version.explanations.all())
    rows = version_presenter.content(content, last, explanations)
    # After a resubmission: what changed since the version that was sent back, and no more.
    returned = comparing.returned_before(filing, version)
    comparison = None
    if returned is not None and request.GET.get("against") != "month":
        comparison = comparing.with_reasons(comparing.compare(filing, returned, version), reasons)
    shown = {line.key for line in (changes if comparison is None else comparison.lines)}
    unchanged = version_presenter.reason_fields(rows, shown, reasons)
    # What was submitted, not what the director may be typing now.
    review = review_beside(
        last, filing.month, submitted.as_draft(content), peers=peers_of_filing(filing)
    )
    return render(
        request,
        "reports/filings/review.html",
        {
            "filing": filing,
            "version": version,
            **rows,
            "last": last,
            "moved_up": moved_up(last),
            "changes": changes,
            "comparison": comparison,
            "returned": returned,
            "unchanged": unchanged,
            "other_reasons": any(item.reason for item in unchanged),
            # What has its reason says it with the reason, as it was read when it was typed.
            "warnings": [
                one.sentence
                for found in (review.warnings, *(row.warnings for row in review.classes))
                for one in found
                if one.key not in {each.key for each in explanations}
            ],
            "notes": [row for row in content.classes.values() if row.note],
            "events": history.timeline(filing),
            "counted": corrections.counted_versions(filing),
            "extensions": history.extension_lines(
                extensions_of(filing.kindergarten_id, filing.period_id), now
            ),
            "may_extend": now >= filing.period.locks_at
            and request.user.can(Permission.MANAGE_PERIODS),
            **attachments_context(filing, version=version.version),
            "reason": reason,
            "error": error,
            "is_waiting": filing.state == MonthlyFiling.State.SUBMITTED,
            "is_accepted": filing.state == MonthlyFiling.State.ACCEPTED,
        },
        status=status,
    )


@require_POST
@requires(Permission.REVIEW_RETURNS)
def accept_filing(request: SignedInRequest, filing_id: int) -> HttpResponse:
    filing = get_object_or_404(_visible(request).select_related("kindergarten"), pk=filing_id)
    reasons, reason = reasons_from_post(request.POST), reason_from_post(request.POST)
    if reasons or reason:
        return _review_page(
            request,
            filing_id,
            reasons=reasons,
            reason=reason,
            error="您写了退回原因。要退回，请按“退回并说明”；要接收，请先清空原因。",
            status=409,
        )
    try:
        services.accept(
            filing_id=filing.pk,
            version_seen=version_from_post(request.POST),
            by=request.user,
            now=timezone.now(),
        )
    except NotAllowedNow as refusal:
        return _review_page(request, filing_id, error=str(refusal), status=409)
    # To the queue, never to the next return: a second click would accept that one unread.
    messages.success(request, f"已接收{filing.kindergarten.name}的月报，三率正在重算。")
    return redirect(f"{reverse('filing-queue')}?month={filing.month:%Y-%m}")


@require_POST
@requires(Permission.REVIEW_RETURNS)
def return_filing(request: SignedInRequest, filing_id: int) -> HttpResponse:
    filing = get_object_or_404(_visible(request).select_related("kindergarten"), pk=filing_id)
    reasons = reasons_from_post(request.POST)
    reason = reason_from_post(request.POST)
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
        return _review_page(
            request, filing_id, reasons=reasons, reason=reason, error=str(refusal), status=409
        )
    messages.success(request, f"已退回{filing.kindergarten.name}的月报，园所会看到每一处原因。")
    return redirect("filing-queue")
