"""催报记录: who was urged for a month, by whom, whether it was read, and what left the portal."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.models import NoticeDelivery
from accounts.notices import outbox
from accounts.notices.channels import KNOWN
from reports.filings.board import selectors
from reports.filings.board.forms import deliveries_from_post
from reports.filings.board.views.board import found_board

PAGE_SIZE = 50


@require_GET
@requires(Permission.READ_PROGRESS)
def filing_urges(request: SignedInRequest) -> HttpResponse:
    board = found_board(request)
    if board.asked is None:
        raise Http404
    rows = selectors.urges_of_month(request.user, board.asked.month)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    found = {urge.pk: list(urge.notice.deliveries.all()) for urge in page}
    states = NoticeDelivery.State
    left_behind = outbox.left_behind(
        [one.pk for some in found.values() for one in some if one.state == states.QUEUED]
    )
    acting = request.user.acting
    again = {
        one.pk
        for urge in page
        for one in found[urge.pk]
        if acting is not None and urge.urged_as.organisation_id == acting.organisation_id
        if one.state == states.FAILED or one.pk in left_behind
    }
    labels = {code: channel.label for code, channel in KNOWN.items()}
    lines = [
        {
            "urge": urge,
            "deliveries": [
                {
                    "row": one,
                    "label": labels.get(one.channel, one.channel),
                    "left_behind": one.pk in left_behind,
                    "may_go_again": one.pk in again,
                }
                for one in found[urge.pk]
            ],
        }
        for urge in page
    ]
    return render(
        request,
        "reports/filings/board/urges.html",
        {
            "board": board,
            "asked": board.asked,
            "page_obj": page,
            "lines": lines,
            "may_urge": request.user.can(Permission.URGE_RETURNS),
            "may_go_again": bool(again),
        },
    )


@require_POST
@requires(Permission.URGE_RETURNS)
def urges_again(request: SignedInRequest) -> HttpResponse:
    """Send once more what failed and what was left behind: that of one's own office."""
    number = outbox.queue_again(
        by=request.user,
        origin=request.build_absolute_uri("/").rstrip("/"),
        now=timezone.now(),
        keys=deliveries_from_post(request.POST),
    )
    if number:
        messages.success(request, f"{number}条站外通知已重新排队发送。")
    else:
        messages.info(request, "没有要重发的站外通知。只有本单位发的、没有发出的才能重发。")
    return redirect(f"{reverse('filing-urges')}?{request.GET.urlencode()}")
