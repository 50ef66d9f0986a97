"""The town's side (乡镇初审): read what waits, pass it on to the bureau or send it back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.formatting import zhmonth
from kindergartens.models import MonthlyFiling
from kindergartens.policies import NotAllowedNow
from reports.filings import pre_reviews, services
from reports.filings.forms import reason_from_post, reasons_from_post, version_from_post
from reports.filings.views.reviewing import review_page


@require_http_methods(["GET", "POST"])
@requires(Permission.PRE_REVIEW_RETURNS)
def pre_review_filing(request: SignedInRequest, filing_id: int) -> HttpResponse:
    """The bureau's review page for the town; `decision` is to pass on or to return."""
    filing = get_object_or_404(
        MonthlyFiling.objects.visible_to(request.user)
        .filter(version__gte=1)
        .select_related("kindergarten", "period"),
        pk=filing_id,
    )
    if not pre_reviews.is_on_for(filing.period.county_id, filing.month):
        messages.info(request, f"{zhmonth(filing.month)}月报不经乡镇初审，由教育局审核。")
        return redirect("filing-version", filing.pk, filing.version)
    if request.method == "GET":
        return review_page(request, filing.pk, for_town=True)
    reasons, reason = reasons_from_post(request.POST), reason_from_post(request.POST)
    seen, now = version_from_post(request.POST), timezone.now()
    passes = request.POST.get("decision") == "pass"
    try:
        if passes and reasons:
            raise NotAllowedNow(
                "您在项目里写了退回原因。要退回，请按“退回并说明”；要通过，请先清空这些原因。"
            )
        if passes:
            services.pass_on(
                filing_id=filing.pk, version_seen=seen, note=reason, by=request.user, now=now
            )
        else:
            services.send_back_from_town(
                filing_id=filing.pk, version_seen=seen, field_reasons=reasons, reason=reason,
                by=request.user, now=now,
            )  # fmt: skip
    except NotAllowedNow as refusal:
        return review_page(
            request, filing.pk, reasons=reasons, reason=reason, for_town=True,
            error=str(refusal), status=409,
        )  # fmt: skip
    name = filing.kindergarten.name
    messages.success(
        request,
        f"{name}的月报初审通过，等教育局审核。"
        if passes
        else f"已退回{name}的月报，园所会看到每一处原因。",
    )
    return redirect(f"{reverse('filing-board')}?month={filing.month:%Y-%m}&state=pre_review")
