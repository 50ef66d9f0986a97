"""Deciding on accounts: kindergartens' by bureau officers, offices' by security administrators."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.models import AccountRequest
from accounts.people.policies import AccountRefused
from accounts.people.presenters import Slip, requester
from accounts.people.rules import refusal_reason_problem
from accounts.people.services import requests
from accounts.sign_in.fresh import fresh_authentication
from accounts.way_back import back_to_list, list_address

REQUESTS_PER_PAGE = 50


@require_GET
@requires(Permission.APPROVE_KINDERGARTEN_ACCOUNTS)
def kindergarten_accounts(request: SignedInRequest) -> HttpResponse:
    return _list(request, "kindergarten-accounts-decide")


@require_GET
@requires(Permission.APPROVE_OFFICE_ACCOUNTS)
def office_accounts(request: SignedInRequest) -> HttpResponse:
    return _list(request, "office-accounts-decide")


@require_POST
@requires(Permission.APPROVE_KINDERGARTEN_ACCOUNTS)
@fresh_authentication
def kindergarten_accounts_decide(request: SignedInRequest) -> HttpResponse:
    return _decide(request, "kindergarten-accounts")


@require_POST
@requires(Permission.APPROVE_OFFICE_ACCOUNTS)
@fresh_authentication
def office_accounts_decide(request: SignedInRequest) -> HttpResponse:
    return _decide(request, "office-accounts")


def _list(request: SignedInRequest, decide_route: str) -> HttpResponse:
    shows_decided = request.GET.get("state") == "decided"
    rows = AccountRequest.objects.visible_to(request.user).decidable_by(request.user)
    waiting = rows.waiting()
    decided = rows.exclude(state=AccountRequest.State.WAITING)
    chosen = (decided if shows_decided else waiting).with_names()
    order = ("-decided_at", "-pk") if shows_decided else ("requested_at", "pk")
    page = Paginator(chosen.order_by(*order), REQUESTS_PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "accounts/people/approvals.html",
        {
            "page_obj": page,
            "requests": [{"request": row, "requester": requester(row)} for row in page],
            "shows_decided": shows_decided,
            "ticked": request.GET.getlist("tick"),
            "decide_route": decide_route,
            "tabs": [
                {
                    "label": "待批准",
                    "url": request.path,
                    "count": waiting.count(),
                    "active": not shows_decided,
                },
                {
                    "label": "已办",
                    "url": "?state=decided",
                    "count": decided.count(),
                    "active": shows_decided,
                },
            ],
        },
    )


def _decide(request: SignedInRequest, list_route: str) -> HttpResponse:
    """Approve or refuse the chosen ones, each by itself; one-time passwords are shown once."""
    ids = [int(pk) for pk in request.POST.getlist("request")[:REQUESTS_PER_PAGE] if pk.isdigit()]
    act = request.POST.get("act")
    if not ids or act not in {"approve", "refuse"}:
        messages.error(request, "请先勾选申请，再点批准或拒绝。")
        return back_to_list(request, list_route)
    problem = refusal_reason_problem(request.POST.get("reason", "")) if act == "refuse" else ""
    if problem:
        messages.error(request, f"{problem}勾选的申请还在。")
        return back_to_list(request, list_route, tick=ids)
    now = timezone.now()
    granted: list[requests.Granted] = []
    refused = 0
    for pk in ids:
        try:
            if act == "approve":
                granted.append(
                    requests.approve(
                        request_id=pk, by=request.user, now=now, today=timezone.localdate(now)
                    )
                )
            else:
                requests.refuse(
                    request_id=pk, reason=request.POST.get("reason", ""), by=request.user, now=now
                )
                refused += 1
        except AccountRefused as refusal:
            messages.error(request, str(refusal))
    if refused:
        messages.success(request, f"已拒绝{refused}份申请，申请人会看到原因。")
    new = [
        Slip(grant.request.subject, grant.request.organisation, grant.password)
        for grant in granted
        if grant.request.subject is not None and grant.password
    ]
    further = len(granted) - len(new)
    if further:
        messages.success(request, f"已为{further}个已有账号增加岗位。")
    if not new:
        return back_to_list(request, list_route)
    context = {
        "slips": sorted(new, key=lambda slip: (slip.place, slip.user.full_name)),
        "now": now,
        "list_url": list_address(request, list_route),
    }
    return render(request, "accounts/people/one_time_passwords.html", context)
