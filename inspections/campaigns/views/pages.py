"""Joint campaigns: the list, one with its board, its file, history and circulars."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.downloads import download
from accounts.exports import CONTENT_TYPES
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from accounts.models import Region
from inspections.campaigns import selectors, words
from inspections.models import (
    Campaign,
    CampaignCheck,
    CampaignCircular,
    CampaignPart,
    CampaignPlace,
)

ROWS_PER_PAGE = 50
TITLE = "集中整治"


def may_lead(request: SignedInRequest) -> bool:
    region = home_region(request.user)
    return (
        request.user.can(Permission.DECIDE_SAFETY)
        and region is not None
        and region.level == Region.Level.COUNTY
    )


def campaign_of(request: SignedInRequest, campaign_id: int) -> Campaign:
    rows = Campaign.objects.visible_to(request.user).standing().select_related("county")
    return get_object_or_404(rows, pk=campaign_id)


@require_GET
@requires(Permission.READ_CAMPAIGNS)
def campaigns(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    page = Paginator(selectors.listed(request.user), ROWS_PER_PAGE).get_page(
        request.GET.get("page")
    )
    issued = selectors.issued(page.object_list)
    region = home_region(request.user)
    context = {
        "region": region,
        "shows_county": region is not None and region.level < Region.Level.COUNTY,
        "page_obj": page,
        "rows": [
            (
                one,
                words.state(one, today, is_issued=one.pk in issued),
                one.place_count * one.part_count,
            )
            for one in page.object_list
        ],
        "may_lead": may_lead(request),
    }
    return render(request, "inspections/campaigns/list.html", context)


@require_GET
@requires(Permission.READ_CAMPAIGNS)
def campaign(request: SignedInRequest, campaign_id: int) -> HttpResponse:
    """How far it is, and each place beside each department."""
    found = campaign_of(request, campaign_id)
    board = selectors.board(request.user, found)
    rows = words.place_rows(board)
    if request.GET.get("left"):
        rows = [row for row in rows if any(check is None for _, check, _ in row.cells)]
    circulars = list(
        CampaignCircular.objects.visible_to(request.user)
        .filter(campaign=found)
        .defer("figures")
        .select_related("corrects", "issued_as__organisation")
    )
    today = timezone.localdate()
    leads = may_lead(request)
    context: dict[str, Any] = {
        "campaign": found,
        "board": board,
        "state": words.state(found, today, is_issued=found.pk in selectors.issued([found])),
        "page_obj": Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page")),
        "only_left": bool(request.GET.get("left")),
        "circulars": circulars,
        "may_lead": leads,
        "may_check": request.user.can(Permission.CHECK_CAMPAIGNS),
        "may_read_history": request.user.can(Permission.READ_HISTORY),
        "may_export": request.user.can(Permission.EXPORT_REGISTRY),
    }
    return render(request, "inspections/campaigns/campaign.html", context)


@require_GET
@requires(Permission.EXPORT_REGISTRY)
def export(request: SignedInRequest, campaign_id: int, ending: str) -> FileResponse:
    found = campaign_of(request, campaign_id)
    if ending not in CONTENT_TYPES:
        raise Http404
    now = timezone.now()
    table = words.checks_table(selectors.board(request.user, found), day=timezone.localdate(now))
    return download(table, ending, by=request.user, at=now, target=found)


@require_GET
@requires(Permission.READ_HISTORY)
def history(request: SignedInRequest, campaign_id: int) -> HttpResponse:
    found = campaign_of(request, campaign_id)
    user = request.user
    subjects = [
        Subject(
            Campaign, Campaign.objects.visible_to(user).filter(pk=found.pk).values("pk"), TITLE
        ),
        Subject(
            CampaignPart,
            CampaignPart.objects.visible_to(user).filter(campaign=found).values("pk"),
            "部门", told_by=("department",),
        ),
        Subject(
            CampaignPlace,
            CampaignPlace.objects.visible_to(user).filter(campaign=found).order_by().values("pk"),
            "幼儿园", told_by=("kindergarten",),
        ),
        Subject(
            CampaignCheck,
            CampaignCheck.objects.visible_to(user).filter(part__campaign=found).order_by()
            .values("pk"),
            "检查", told_by=("place", "part"),
        ),
    ]  # fmt: skip
    back = (reverse("campaign", args=[found.pk]), found.name)
    return history_response(request, subjects, title=f"{found.name}改动记录", back=back)
