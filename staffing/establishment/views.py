"""Approved posts and pay: of an area, of one kindergarten, and their keeping."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from accounts.models import Region
from kindergartens.models import Kindergarten
from kindergartens.policies import NotAllowedNow
from staffing.establishment import presenters, selectors, services
from staffing.establishment.forms import PayForm, QuotaForm, QuotaWithdrawalForm
from staffing.models import PayRecord, PostQuota
from staffing.roster.views.finding import Crumb, form_page, kindergarten_of

ROWS_PER_PAGE = 50


@require_GET
@requires(Permission.READ_STAFF)
def overview(request: SignedInRequest) -> HttpResponse:
    """Public kindergartens of the area; whoever works in one is led to its own page."""
    acting = request.user.acting
    if acting is not None and acting.is_of_kindergarten:
        own = Kindergarten.objects.visible_to(request.user).get()
        return redirect("kindergarten-posts-and-pay", code=own.code)
    today, region = timezone.localdate(), home_region(request.user)
    found = selectors.public_kindergartens(request.user, today)
    page = Paginator(found, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    whole = request.user.can(Permission.KEEP_STAFF)
    context = {
        "region": region,
        "shows_county": region is not None and region.level < Region.Level.COUNTY,
        "page_obj": page,
        "rows": presenters.place_lines(list(page.object_list), today, whole=whole),
        "day": today,
    }
    return render(request, "staffing/establishment/overview.html", context)


@require_GET
@requires(Permission.READ_STAFF)
def of_kindergarten(request: SignedInRequest, code: str) -> HttpResponse:
    kindergarten, today = kindergarten_of(request, code), timezone.localdate()
    whole = request.user.can(Permission.KEEP_STAFF)
    years = selectors.years_of(request.user, kindergarten)
    quotas = PostQuota.objects.visible_to(request.user).filter(kindergarten=kindergarten)
    context = {
        "kindergarten": kindergarten,
        "is_public": selectors.is_public(kindergarten, today),
        "posts": selectors.posts_of([kindergarten.pk], today)[kindergarten.pk],
        "quotas": quotas.select_related("entered_as__user"),
        "years": [
            (presenters.pay_words(one, whole=whole), presenters.title_lines(one) if whole else [])
            for one in years
        ],
        "kinds": PayRecord.Kind.choices,
        "last_year": today.year - 1,
        "has_last_year": any(one.year == today.year - 1 for one in years),
        "may_keep": whole,
        "keeps_quota": request.user.can(Permission.MANAGE_REGISTRY),
        "may_read_history": request.user.can(Permission.READ_HISTORY),
        "day": today,
    }
    return render(request, "staffing/establishment/kindergarten.html", context)


@require_GET
@requires(Permission.READ_HISTORY)
def history(request: SignedInRequest, code: str) -> HttpResponse:
    kindergarten = kindergarten_of(request, code)
    mine = {"kindergarten": kindergarten}
    subjects = [
        Subject(
            PostQuota,
            PostQuota.objects.visible_to(request.user).filter(**mine).values("pk"),
            "核定编制",
            told_by=("posts", "valid_from"),
        ),
        Subject(
            PayRecord,
            PayRecord.objects.visible_to(request.user).filter(**mine).values("pk"),
            "年工资",
            told_by=("year", "kind", "title"),
        ),
    ]
    back = (reverse("kindergarten-posts-and-pay", args=[code]), "编制和工资")
    return history_response(request, subjects, title=f"{kindergarten.name}编制和工资", back=back)


def _crumbs(kindergarten: Kindergarten) -> list[Crumb]:
    code = kindergarten.code
    return [
        {"label": kindergarten.name, "url": reverse("kindergarten-detail", args=[code])},
        {"label": "编制和工资", "url": reverse("kindergarten-posts-and-pay", args=[code])},
    ]


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_STAFF)
def pay_edit(request: SignedInRequest, code: str, year: int) -> HttpResponse:
    """A year's pay, typed whole; a recorded year is corrected here."""
    if not services.FIRST_YEAR <= year < timezone.localdate().year:
        raise Http404
    kindergarten = kindergarten_of(request, code)
    years = {one.year: one.rows for one in selectors.years_of(request.user, kindergarten)}
    there = years.get(year, {})
    form = PayForm(request.POST if request.method == "POST" else None, there=there)
    if request.method == "POST" and form.is_valid():
        try:
            services.record_pay(
                kindergarten=kindergarten,
                year=year,
                lines=form.lines(),
                seen=form.cleaned_data["seen"],
                reason=form.cleaned_data.get("reason", ""),
                by=request.user,
                now=timezone.now(),
            )
        except NotAllowedNow as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{year}年工资已保存。")
            return redirect("kindergarten-posts-and-pay", code=code)
    title = f"{'更正' if there else '登记'}{year}年工资"
    context: dict[str, Any] = {
        "form": form,
        "title": title,
        "crumbs": [*_crumbs(kindergarten), {"label": title}],
        "back": reverse("kindergarten-posts-and-pay", args=[code]),
        "kinds": PayRecord.Kind.choices,
    }
    status = 422 if form.errors else 200
    return render(request, "staffing/establishment/pay_form.html", context, status=status)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def quota_new(request: SignedInRequest, code: str) -> HttpResponse:
    kindergarten = kindergarten_of(request, code)
    form = QuotaForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            quota = services.set_quota(
                kindergarten=kindergarten,
                facts=form.facts(),
                by=request.user,
                now=timezone.now(),
            )
        except NotAllowedNow as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{kindergarten.name}{quota}已登记。")
            return redirect("kindergarten-posts-and-pay", code=code)
    return form_page(
        request, form, title="登记核定编制", crumbs=_crumbs(kindergarten),
        sub="以前的编制数在新的起始日期截止，留着不改。",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def quota_withdraw(request: SignedInRequest, quota_id: int) -> HttpResponse:
    visible = PostQuota.objects.visible_to(request.user).standing()
    quota = get_object_or_404(visible.select_related("kindergarten"), pk=quota_id)
    form = QuotaWithdrawalForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw_quota(
                quota=quota,
                reason=form.cleaned_data["reason"],
                by=request.user,
                now=timezone.now(),
            )
        except NotAllowedNow as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{quota}已撤销。")
            return redirect("kindergarten-posts-and-pay", code=quota.kindergarten.code)
    return form_page(
        request, form, title="撤销核定编制", crumbs=_crumbs(quota.kindergarten), submit="撤销",
        sub=f"{quota}。只用于登记错的；改动记录里留着。",
    )  # fmt: skip
