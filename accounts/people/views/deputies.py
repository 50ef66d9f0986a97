"""Who acts in my post while I am away."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.models import Membership
from accounts.people import selectors
from accounts.people.forms import DeputyForm
from accounts.people.policies import AccountRefused
from accounts.people.services.deputies import end_deputy, name_deputy
from accounts.sign_in.fresh import fresh_to_send
from accounts.way_back import back_to_list

DEPUTIES_PER_PAGE = 20


@require_http_methods(["GET", "POST"])
@requires(Permission.NAME_DEPUTY)
@fresh_to_send
def deputy_list(request: SignedInRequest) -> HttpResponse:
    now = timezone.now()
    today = timezone.localdate(now)
    form = DeputyForm(request.POST or None, by=request.user, today=today)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                deputy = name_deputy(
                    colleague_id=data["colleague"].pk,
                    first=data["first"],
                    last=data["last"],
                    reason=data["reason"],
                    by=request.user,
                    now=now,
                    today=today,
                )
            except AccountRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(
                    request, f"已请{deputy.user.full_name}代办，到期自动结束，也可以提前收回。"
                )
                return redirect("deputies")
    rows = selectors.deputies_named_by(request.user)
    page = Paginator(rows, DEPUTIES_PER_PAGE).get_page(request.GET.get("page"))
    acting = request.user.acting
    return render(
        request,
        "accounts/people/deputies.html",
        {
            "form": form,
            "post": acting,
            "is_deputy": acting is not None and acting.deputises_for_id is not None,
            "page_obj": page,
            "deputies": [
                {"post": row, "state": _state(row, today), "ends": row.ends_on()} for row in page
            ],
        },
        status=status,
    )


def _state(deputy: Membership, today: dt.date) -> str:
    if deputy.ended_at is not None or (deputy.valid_to is not None and deputy.valid_to < today):
        return "ended"
    return "upcoming" if deputy.valid_from > today else "deputising"


@require_POST
@requires(Permission.NAME_DEPUTY)
def deputy_end(request: SignedInRequest, deputy_id: int) -> HttpResponse:
    try:
        deputy = end_deputy(deputy_id=deputy_id, by=request.user, now=timezone.now())
    except AccountRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{deputy.user.full_name}的代办已结束。")
    return back_to_list(request, "deputies")
