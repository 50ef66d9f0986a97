"""A kindergarten's self-checks: what is to be done, the calendar of what was, and one of them."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.files.pages import attachment_response
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from kindergartens.calendar.rules import add_months
from kindergartens.models import Kindergarten
from kindergartens.rules import last_day
from safety.models import SelfCheck, SelfCheckPhoto
from safety.selfchecks import presenters, rules, selectors
from safety.selfchecks.rules import ASKED_FROM

MONTHS_OFFERED = 12


def _kindergarten(request: SignedInRequest, code: str) -> Kindergarten:
    visible = Kindergarten.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("organisation__region"), code=code)


def months_offered(today: dt.date) -> list[dt.date]:
    """This month and those before it, as far as self-checks were asked for."""
    this = today.replace(day=1)
    found = [add_months(this, -back) for back in range(MONTHS_OFFERED)]
    return [month for month in found if month >= ASKED_FROM] or [this]


def month_asked(request: SignedInRequest, today: dt.date) -> dt.date:
    text = request.GET.get("month", "")
    if not text:
        return today.replace(day=1)
    if not re.fullmatch(r"\d{4}-\d{2}", text):
        raise Http404
    month = next((one for one in months_offered(today) if f"{one:%Y-%m}" == text), None)
    if month is None:
        raise Http404
    return month


def _day_asked(request: SignedInRequest, month: dt.date, last: dt.date) -> dt.date | None:
    """The day of the calendar that was chosen; None without one."""
    try:
        day = dt.date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return None
    return day if month <= day <= last else None


@require_GET
@requires(Permission.READ_SAFETY)
def of_kindergarten(request: SignedInRequest, code: str) -> HttpResponse:
    kindergarten, today = _kindergarten(request, code), timezone.localdate()
    month = month_asked(request, today)
    last = last_day(month)
    day = _day_asked(request, month, last)
    told = selectors.own(kindergarten, today)
    now, of_month = told.now_due(today), told.due(month, last)
    back = max(ASKED_FROM, today - rules.ONE_DAY * rules.DAYS_BACK)
    lately = told.due(back, today)
    asked = (*now, *of_month, *lately)
    made = selectors.made(request.user, kindergarten, asked, month, max(last, today))
    acting = request.user.acting
    context: dict[str, Any] = {
        "kindergarten": kindergarten,
        "today": today,
        "blocks": presenters.blocks(now, made),
        "overdue": [
            presenters.Task(slot, None)
            for slot in reversed(rules.overdue(lately, made.keys(), today))
        ],
        "weeks": presenters.calendar_of(month, last, of_month, made, today),
        "total": selectors.total(rules.counted(of_month, made.keys(), today).values()),
        "day": day,
        "checks": presenters.to_read(made.values(), month, last, day),
        "month": month,
        "months": months_offered(today),
        "days_back": rules.DAYS_BACK,
        "is_own": acting is not None and acting.is_of_kindergarten,
        "may_check": request.user.can(Permission.KEEP_SAFETY)
        and acting is not None
        and acting.is_of_kindergarten,
        "may_read_history": request.user.can(Permission.READ_HISTORY),
    }
    return render(request, "safety/selfchecks/kindergarten.html", context)


@require_GET
@requires(Permission.READ_SAFETY)
def one(request: SignedInRequest, check_id: int) -> HttpResponse:
    rows = (
        SelfCheck.objects.visible_to(request.user)
        .select_related("kindergarten", "entered_as__user")
        .prefetch_related("problems__photos__file", "problems__hazard")
    )
    check = get_object_or_404(rows, pk=check_id)
    acting = request.user.acting
    context = {
        "check": check,
        "kindergarten": check.kindergarten,
        "found": presenters.found_in(check),
        "may_withdraw": check.withdrawn_at is None
        and request.user.can(Permission.KEEP_SAFETY)
        and acting is not None
        and acting.is_of_kindergarten,
    }
    return render(request, "safety/selfchecks/one.html", context)


@require_GET
@requires(Permission.READ_SAFETY)
def photo(request: SignedInRequest, photo_id: UUID) -> HttpResponse:
    photos = SelfCheckPhoto.objects.visible_to(request.user).select_related("file")
    return attachment_response(request, get_object_or_404(photos, pk=photo_id))


@require_GET
@requires(Permission.READ_HISTORY)
def history(request: SignedInRequest, code: str) -> HttpResponse:
    kindergarten = _kindergarten(request, code)
    checks = SelfCheck.objects.visible_to(request.user).filter(kindergarten=kindergarten)
    subjects = [
        Subject(SelfCheck, checks.order_by().values("pk"), "自查", told_by=("day", "field")),
    ]
    back = (reverse("kindergarten-self-checks", args=[code]), "安全自查")
    return history_response(request, subjects, title=f"{kindergarten.name}安全自查", back=back)
