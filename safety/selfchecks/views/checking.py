"""Making a self-check on a phone, and taking one back."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from kindergartens.models import Kindergarten
from safety.models import SelfCheck
from safety.selfchecks import presenters, selectors, services
from safety.selfchecks.forms import CheckForm, WithdrawForm, all_normal
from safety.selfchecks.photos import received
from safety.selfchecks.rules import FIELDS, FREQUENCIES, Kind, period_of
from safety.selfchecks.services import SelfCheckRefused

TITLE = "安全自查"


def _own(request: SignedInRequest, code: str) -> Kindergarten:
    visible = Kindergarten.objects.visible_to(request.user)
    found = get_object_or_404(visible.select_related("organisation__region"), code=code)
    _check_is_of_one(request)
    return found


def _check_is_of_one(request: SignedInRequest) -> None:
    """Others may look, but not check in its stead."""
    acting = request.user.acting
    if acting is None or not acting.is_of_kindergarten:
        raise PermissionDenied("自查由幼儿园自己做。")


def _day(text: str, today: dt.date) -> dt.date:
    try:
        return dt.date.fromisoformat(text[:10]) if text else today
    except ValueError:
        return today


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_SAFETY)
def check(request: SignedInRequest, code: str, field: str, frequency: str) -> HttpResponse:
    """One field for the period of `?day=`, today without; 全部正常 fills in what has no answer yet."""
    if field not in FIELDS or frequency not in FREQUENCIES:
        raise Http404
    kindergarten, kind = _own(request, code), (field, frequency)
    now = timezone.now()
    today = timezone.localdate(now)
    asked_day = request.POST.get("day") or request.GET.get("day", "")
    day = _day(asked_day, today)
    told = selectors.own(kindergarten, today)
    # A day on which nothing is asked is said at its field, beside the lines of today.
    lines = told.lines_of(kind, day) or told.lines_of(kind, today)
    if not lines:
        raise Http404
    new = partial(
        CheckForm, lines=lines, day=day, day_problem=lambda one: told.day_problem(kind, one, today)
    )
    if request.method == "GET":
        return _page(request, new(), kindergarten, kind, 200)
    photos, refused = received(request, kindergarten, lines, now)
    if request.POST.get("all") == "normal":
        form = new(typed=all_normal(request.POST, lines), photos=photos, refused=refused)
        return _page(request, form, kindergarten, kind, 200)
    form = new(request.POST, photos=photos, refused=refused)
    if form.is_valid():
        try:
            made = services.record_check(
                kindergarten=kindergarten,
                kind=kind,
                day=form.cleaned_data["day"],
                answers=form.answers(),
                photos=photos,
                submission=form.cleaned_data["submission"],
                by=request.user,
                now=now,
            )
        except SelfCheckRefused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return _go_on(request, kindergarten, made, told, today)
    return _page(request, form, kindergarten, kind, 422)


def _go_on(
    request: SignedInRequest,
    kindergarten: Kindergarten,
    made: SelfCheck,
    told: selectors.Own,
    today: dt.date,
) -> HttpResponse:
    """To what is still to be done of the same frequency, or back to the list."""
    slots = [one for one in told.now_due(today) if one.frequency == made.frequency]
    done = selectors.made(request.user, kindergarten, slots, today, today)
    messages.success(request, f"{FIELDS[made.field]}{FREQUENCIES[made.frequency]}自查已保存。")
    following = presenters.first_open(slots, done.keys())
    if following is None or made.begins != period_of(made.frequency, today)[0]:
        return redirect("kindergarten-self-checks", kindergarten.code)
    return redirect("self-check-new", kindergarten.code, following.field, following.frequency)


def _page(
    request: SignedInRequest,
    form: CheckForm,
    kindergarten: Kindergarten,
    kind: Kind,
    status: int,
) -> HttpResponse:
    field, frequency = kind
    title = f"{FIELDS[field]}{FREQUENCIES[frequency]}自查"
    back = reverse("kindergarten-self-checks", args=[kindergarten.code])
    context: dict[str, Any] = {
        "kindergarten": kindergarten,
        "form": form,
        "lines": list(form.views(request.user)),
        "title": title,
        "back": back,
        "crumbs": [{"label": TITLE, "url": back}, {"label": title}],
    }
    return render(request, "safety/selfchecks/check.html", context, status=status)


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_SAFETY)
def withdraw(request: SignedInRequest, check_id: int) -> HttpResponse:
    rows = SelfCheck.objects.visible_to(request.user).select_related("kindergarten")
    made = get_object_or_404(rows, pk=check_id)
    _check_is_of_one(request)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw_check(
                check=made, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now()
            )
        except SelfCheckRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "这次自查已撤销，可以重新做。")
            return redirect("kindergarten-self-checks", made.kindergarten.code)
    back = reverse("self-check", args=[made.pk])
    context = {
        "form": form,
        "title": "撤销自查",
        "sub": f"{made}。只用于登记错的；撤销后按没有做计，由它登记的隐患一起撤销；重新做一次，改动记录里留着。",
        "submit": "撤销",
        "back": back,
        "crumbs": [
            {"label": TITLE, "url": reverse("kindergarten-self-checks", args=[made.kindergarten.code])},
            {"label": "一次自查", "url": back},
            {"label": "撤销"},
        ],
    }  # fmt: skip
    return render(request, "kindergartens/form.html", context, status=422 if form.errors else 200)
