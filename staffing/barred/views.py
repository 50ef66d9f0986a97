"""The list of the barred (从业禁止名单). Every look at it, and at one row, is written down."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.formatting import zhdate
from accounts.privacy.presenters import shown_identity
from accounts.typed_text import clean
from staffing.barred import selectors, services
from staffing.barred.forms import BanForm, LiftForm
from staffing.barred.services import BanRefused
from staffing.models import EmploymentBan

ROWS_PER_PAGE = 50
STATES = {"": "禁止期内", "over": "已解除和已期满", "all": "全部"}


def _shown(ban: EmploymentBan) -> tuple[EmploymentBan, str]:
    return ban, shown_identity(ban, "number")


@require_GET
@requires(Permission.KEEP_BANS)
def bans(request: SignedInRequest) -> HttpResponse:
    """The own county's list; on top whoever on it is still in a post."""
    now = timezone.now()
    today = timezone.localdate(now)
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    name = clean(request.GET.get("q", ""))[:40]
    rows = EmploymentBan.objects.visible_to(request.user)
    if state != "all":
        rows = rows.over(today) if state else rows.not_over(today)
    if name:
        rows = rows.filter(name__icontains=name)
    rows = rows.select_related("entered_as__user", "lifted_as__user")
    page = Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    in_posts = selectors.in_posts(request.user, today)
    services.note_look_at_list(
        shown=[*page.object_list, *(ban for ban, _ in in_posts)], by=request.user, now=now
    )
    people = [(*_shown(ban), held) for ban, held in in_posts]
    context = {
        "today": today,
        "region": request.user.acting.organisation.region if request.user.acting else None,
        "page_obj": page,
        "rows": [(*_shown(ban), ban.is_over(today)) for ban in page.object_list],
        "employed": [one for one in people if one[-1].since <= today],
        "later": [one for one in people if one[-1].since > today],
        "state": state,
        "states": STATES.items(),
        "name": name,
        "narrows": bool(state or name),
    }
    return render(request, "staffing/bans.html", context)


@require_GET
@requires(Permission.KEEP_BANS)
def ban(request: SignedInRequest, ban_id: int) -> HttpResponse:
    """One row, with the posts that its person still holds."""
    now = timezone.now()
    today = timezone.localdate(now)
    found = get_object_or_404(
        EmploymentBan.objects.visible_to(request.user).select_related(
            "entered_as__user", "entered_as__organisation", "lifted_as__user"
        ),
        pk=ban_id,
    )
    held = selectors.posts_held([found], request.user, today)
    services.note_look_at_one(ban=found, by=request.user, now=now)
    context = {
        "ban": found,
        "number": shown_identity(found, "number"),
        "is_over": found.is_over(today),
        "held": held.get(found.pk),
        "today": today,
    }
    return render(request, "staffing/ban.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_BANS)
@sensitive_post_parameters("number")
@sensitive_variables("form")
def ban_new(request: SignedInRequest) -> HttpResponse:
    now = timezone.now()
    today = timezone.localdate(now)
    form = BanForm(request.POST or None, initial={"barred_from": today})
    if request.method == "POST" and form.is_valid():
        try:
            new = services.bar(facts=form.facts(), by=request.user, now=now, today=today)
        except BanRefused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(
                request, f"{new.name}已列入名单，从{zhdate(new.barred_from)}起不能聘用。"
            )
            return redirect("employment-ban", ban_id=new.pk)
    return _form(
        request, form, "列入从业禁止名单", submit="列入名单",
        sub="列入以后，各园登记任职、调动和导入名册都会按证件号码拦下，不告诉园里事由。",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_BANS)
def ban_lift(request: SignedInRequest, ban_id: int) -> HttpResponse:
    """The form says whom it is about, so opening it is a look at the row."""
    now = timezone.now()
    found = get_object_or_404(EmploymentBan.objects.visible_to(request.user), pk=ban_id)
    services.note_look_at_one(ban=found, by=request.user, now=now)
    form = LiftForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.lift(
                ban_id=found.pk, reason=form.cleaned_data["reason"], by=request.user, now=now
            )
        except BanRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{found.name}的从业禁止已解除。")
            return redirect("employment-bans")
    return _form(
        request, form, "解除从业禁止", submit="解除",
        sub=f"{found}，{found.name}，{found.document}。解除以后不再拦；登记错的，解除后重新登记。",
    )  # fmt: skip


def _form(request: SignedInRequest, form: Any, title: str, **more: str) -> HttpResponse:
    back = reverse("employment-bans")
    crumbs = [{"label": "从业禁止名单", "url": back}, {"label": title}]
    context = {"form": form, "title": title, "crumbs": crumbs, "back": back} | more
    return render(request, "kindergartens/form.html", context, status=422 if form.errors else 200)
