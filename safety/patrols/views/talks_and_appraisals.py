"""月约谈 and 年考核: who is to be talked to, talks held, points of a year; what a county sets for both."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.formatting import zhmonth
from safety.models import PatrolTalk
from safety.patrols import selectors, talks_and_appraisals
from safety.patrols.forms import TalkForm, WithdrawalForm, month_of
from safety.patrols.rules import GRADES, month_after
from safety.patrols.services.refusal import PatrolRefused
from safety.patrols.services.talks import record_talk, withdraw_talk
from safety.patrols.views.looking_up import (
    cameras_crumbs,
    county_asked,
    form_page,
    is_of_kindergarten,
    kindergarten_of,
    refuse,
    tabs_of,
)

ROWS_PER_PAGE = 50
MONTHS_SHOWN = 12
FIRST_YEAR = 2020


@require_GET
@requires(Permission.READ_SAFETY)
def talks(request: SignedInRequest) -> HttpResponse:
    """`?month=2026-10`; those on the list, then `?show=all` every kindergarten; `?county=` from above."""
    if is_of_kindergarten(request):
        return redirect("video-devices")
    (region, counties), today = county_asked(request), timezone.localdate()
    month = month_of(request.GET.get("month", ""), today)
    lines = talks_and_appraisals.month_lines(request.user, region, month, today)
    listed = [line for line in lines if line.reasons or line.talk]
    show_all = request.GET.get("show") == "all"
    page = Paginator(lines if show_all else listed, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "region": region,
        "counties": counties,
        "tabs": tabs_of(request, "patrol-talks"),
        "month": month,
        "months": _months(today),
        "is_over": month_after(month) <= today,
        "page_obj": page,
        "rows": page.object_list,
        "show_all": show_all,
        "listed": len(listed),
        "held": sum(line.talk is not None for line in listed),
        "all": len(lines),
        "without_threshold": sum(line.threshold is None for line in lines),
        "may_talk": request.user.can(Permission.DECIDE_SAFETY),
    }
    return render(request, "safety/patrols/talks.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.DECIDE_SAFETY)
def talk_new(request: SignedInRequest, code: str, month: str) -> HttpResponse:
    kindergarten, now = kindergarten_of(request, code), timezone.now()
    today = timezone.localdate(now)
    of_month = month_of(month, today)
    if f"{of_month:%Y-%m}" != month:
        raise Http404
    form = TalkForm(request.POST if request.method == "POST" else None, initial={"held_on": today})
    if request.method == "POST" and form.is_valid():
        try:
            record_talk(
                kindergarten=kindergarten, month=of_month, values=form.cleaned_data,
                by=request.user, now=now,
            )  # fmt: skip
        except PatrolRefused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"{kindergarten.name}{zhmonth(of_month)}约谈已登记。")
            return redirect(f"{reverse('patrol-talks')}?month={of_month:%Y-%m}")
    return form_page(
        request, form, title=f"登记{zhmonth(of_month)}约谈", crumbs=cameras_crumbs(kindergarten)
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.DECIDE_SAFETY)
def talk_withdraw(request: SignedInRequest, talk_id: int) -> HttpResponse:
    visible = PatrolTalk.objects.visible_to(request.user).select_related("kindergarten")
    talk = get_object_or_404(visible, pk=talk_id)
    form = WithdrawalForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_talk(
                talk_id=talk.pk,
                reason=form.cleaned_data["reason"],
                by=request.user,
                now=timezone.now(),
            )
        except PatrolRefused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, "约谈已撤销。")
            return redirect("kindergarten-cameras", code=talk.kindergarten.code)
    return form_page(
        request, form, title=f"撤销{talk}", crumbs=cameras_crumbs(talk.kindergarten),
        submit="撤销", sub="只用于登记错的；改动记录里留着。",
    )  # fmt: skip


@require_GET
@requires(Permission.READ_SAFETY)
def appraisals(request: SignedInRequest) -> HttpResponse:
    """`?year=2026`: every kindergarten's points, the fewest first; `?county=` from above."""
    if is_of_kindergarten(request):
        return redirect("video-devices")
    (region, counties), today = county_asked(request), timezone.localdate()
    year = _year(request.GET.get("year", str(today.year)), today)
    places = selectors.watched(request.user, min(dt.date(year, 12, 31), today), region)
    made = talks_and_appraisals.appraisals(
        request.user, list(places.select_related("organisation__region__county")), year, today
    )
    made.sort(key=lambda one: (one.points is None, one.points))
    page = Paginator(made, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "region": region,
        "counties": counties,
        "tabs": tabs_of(request, "patrol-appraisals"),
        "year": year,
        "years": [today.year - back for back in range(3)],
        "is_running": year == today.year,
        "page_obj": page,
        "rows": page.object_list,
        "grades": [
            (label, sum(one.grade == grade for one in made)) for grade, label in GRADES.items()
        ],
        "unknown": sum(one.points is None for one in made),
    }
    return render(request, "safety/patrols/appraisals.html", context)


@require_GET
@requires(Permission.READ_SAFETY)
def appraisal(request: SignedInRequest, code: str, year: int) -> HttpResponse:
    """Line by line, each led back to the patrol that saw it."""
    kindergarten, today = kindergarten_of(request, code), timezone.localdate()
    _year(str(year), today)
    (made,) = talks_and_appraisals.appraisals(request.user, [kindergarten], year, today)
    context = {
        "kindergarten": kindergarten,
        "year": year,
        "is_running": year == today.year,
        "made": made,
        "crumbs": [*cameras_crumbs(kindergarten), {"label": f"{year}年考核"}],
    }
    return render(request, "safety/patrols/appraisal.html", context)


def _months(today: dt.date) -> list[dt.date]:
    month, found = today.replace(day=1), []
    for _ in range(MONTHS_SHOWN):
        found.append(month)
        month = (month - dt.timedelta(days=1)).replace(day=1)
    return found


def _year(text: str, today: dt.date) -> int:
    if not (text.isascii() and text.isdecimal() and FIRST_YEAR <= int(text[:4]) <= today.year):
        raise Http404
    return int(text[:4])
