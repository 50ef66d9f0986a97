"""Asking for accounts: one's requests, the people of one's kindergarten, a new request."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.models import AccountRequest
from accounts.people import selectors
from accounts.people.forms import RequestForm
from accounts.people.policies import AccountRefused
from accounts.people.presenters import present_person, requester
from accounts.people.selectors import PeopleFilter
from accounts.people.services import requests
from accounts.way_back import back_to_list

ROWS_PER_PAGE = 30


@require_GET
@requires(Permission.REQUEST_ACCOUNTS)
def account_requests(request: SignedInRequest) -> HttpResponse:
    """One's requests; a director sees who works in the kindergarten first."""
    now = timezone.now()
    acting = request.user.acting
    own_place = acting is not None and acting.is_of_kindergarten
    asked = AccountRequest.objects.visible_to(request.user)
    shows_people = own_place and request.GET.get("view") != "requests"
    context: dict[str, Any] = {
        "own_place": own_place,
        "shows_people": shows_people,
        "place": acting.organisation if acting else None,
        "may_read_history": request.user.can(Permission.READ_HISTORY),
    }
    number = request.GET.get("page")
    today = timezone.localdate(now)
    context["today"] = today
    people = selectors.people(request.user, PeopleFilter(), today=today, now=now)
    if own_place:
        context["tabs"] = [
            {
                "label": "人员",
                "url": request.path,
                "count": people.count(),
                "active": shows_people,
            },
            {
                "label": "申请",
                "url": f"{request.path}?view=requests",
                "count": asked.count(),
                "active": not shows_people,
            },
        ]
    if shows_people:
        page: Any = Paginator(people, ROWS_PER_PAGE).get_page(number)
        context["people"] = [present_person(person, now) for person in page]
    else:
        page = Paginator(asked.with_names(), ROWS_PER_PAGE).get_page(number)
        context["requests"] = [
            {
                "request": row,
                "requester": requester(row),
                "may_withdraw": row.state == AccountRequest.State.WAITING
                and row.requested_by_id == request.user.pk,
            }
            for row in page
        ]
    return render(request, "accounts/people/requests.html", {**context, "page_obj": page})


@require_http_methods(["GET", "POST"])
@requires(Permission.REQUEST_ACCOUNTS)
def account_request_new(request: SignedInRequest) -> HttpResponse:
    now = timezone.now()
    today = timezone.localdate(now)
    form = RequestForm(request.POST or None, by=request.user, today=today)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                asked = requests.ask_for_account(
                    wish=form.wish(), by=request.user, now=now, today=today
                )
            except AccountRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, f"{asked.full_name}的申请已提交，等另一个人批准。")
                return redirect(f"{reverse('account-requests')}?view=requests")
    return render(request, "accounts/people/request_new.html", {"form": form}, status=status)


@require_POST
@requires(Permission.REQUEST_ACCOUNTS)
def account_request_withdraw(request: SignedInRequest, request_id: int) -> HttpResponse:
    try:
        asked = requests.withdraw(request_id=request_id, by=request.user, now=timezone.now())
    except AccountRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{asked.full_name}的申请已撤回。")
    return back_to_list(request, "account-requests", view="requests")
