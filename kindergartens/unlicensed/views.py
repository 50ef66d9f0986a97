"""无证花名册: the list and its file, a place's page, and what is done about the place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.forms import Form
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.downloads import download
from accounts.exports import CONTENT_TYPES
from accounts.files import FileRefused, intake, store
from accounts.files.pages import attachment_response
from accounts.history.pages import history_response
from accounts.history.recording import Action, Outcome, record_access
from accounts.history.sentences import Subject
from accounts.models import Region, StoredFile
from kindergartens.groups.filtering import group_filter
from kindergartens.models import (
    UnlicensedCheck,
    UnlicensedDocument,
    UnlicensedKindergarten,
    UnlicensedPlacement,
    UnlicensedPlan,
)
from kindergartens.unlicensed import selectors, services
from kindergartens.unlicensed.forms import (
    CheckForm,
    CloseForm,
    CorrectForm,
    PlacementForm,
    ReportForm,
    RouteForm,
    WithdrawForm,
)
from kindergartens.unlicensed.resources import roster_table
from kindergartens.unlicensed.selectors import NOT_DECIDED, OPEN, STATES, RosterFilter
from kindergartens.unlicensed.services import CLOSED, UnlicensedRefused

PLACES_PER_PAGE = 50
AFTER_CLOSING = "办结以后的复查。又在办的，会成为新的一条，原来的不重开。"


def _place(request: SignedInRequest, place_id: int) -> Any:
    """The place as it stands today, with the columns of selectors.places_on."""
    today = timezone.localdate()
    rows = selectors.places_on(request.user, today).select_related(
        "town__county", "licensed_as", "earlier", "found_as__user", "found_as__organisation"
    )
    return get_object_or_404(rows, pk=place_id)


# ---- the list ----------------------------------------------------------------------------------


@require_GET
@requires(Permission.READ_UNLICENSED)
def roster_list(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    asked = RosterFilter.from_query(request.GET, today)
    region = home_region(request.user)
    groups = group_filter(request.GET, request.user, asked.day)
    where = groups.of_towns("town")
    lines = selectors.progress(request.user, asked.day, where)
    rows = selectors.roster_rows(request.user, asked, where)
    context = {
        "page_obj": Paginator(rows, PLACES_PER_PAGE).get_page(request.GET.get("page")),
        "groups": groups,
        "asked": asked,
        "today": today,
        "region": region,
        "shows_county": region is not None and region.level < Region.Level.COUNTY,
        "lines": lines,
        "total": lines[-1] if lines else None,
        "regions": selectors.regions_with_places(request.user),
        "routes": [*UnlicensedPlan.Route.choices, (NOT_DECIDED, "待定")],
        "states": STATES.items(),
        "may_report": request.user.can(Permission.REPORT_UNLICENSED),
        "may_export": request.user.can(Permission.EXPORT_REGISTRY),
    }
    return render(request, "kindergartens/unlicensed/list.html", context)


@require_GET
@requires(Permission.EXPORT_REGISTRY)
def roster_export(request: SignedInRequest, ending: str) -> FileResponse:
    """The rows of the list, with its filters, as a file."""
    if ending not in CONTENT_TYPES:
        raise Http404
    now = timezone.now()
    asked = RosterFilter.from_query(request.GET, timezone.localdate(now))
    region = home_region(request.user)
    groups = group_filter(request.GET, request.user, asked.day)
    rows = selectors.roster_rows(request.user, asked, groups.of_towns("town"))
    table = roster_table(rows, asked, place=groups.place(region.name if region else ""))
    return download(table, ending, by=request.user, at=now, target=region)


# ---- one place ---------------------------------------------------------------------------------


@require_GET
@requires(Permission.READ_UNLICENSED)
def detail(request: SignedInRequest, place_id: int) -> HttpResponse:
    place = _place(request, place_id)
    manages = request.user.can(Permission.MANAGE_REGISTRY)
    reports = request.user.can(Permission.REPORT_UNLICENSED)
    context = {
        "place": place,
        "is_open": place.state in OPEN,
        "later": selectors.later_of(place),
        "roster": selectors.roster(place),
        "plans": place.unlicensedplans.select_related("lead", "made_as__user"),
        "checks": place.unlicensedchecks.select_related("made_as__user"),
        "placements": place.unlicensedplacements.select_related("kindergarten", "made_as__user"),
        "documents": place.documents.all(),
        "may_manage": manages,
        "may_check": reports,
        "may_read_history": request.user.can(Permission.READ_HISTORY),
        "reads_registry": request.user.can(Permission.READ_REGISTRY),
    }
    return render(request, "kindergartens/unlicensed/detail.html", context)


def _form_page(
    request: SignedInRequest, form: Form, *, title: str, place: Any = None, **words: Any
) -> HttpResponse:
    context = {
        "form": form,
        "title": title,
        "place": place,
        "back": reverse("unlicensed", args=[place.pk]) if place else reverse("unlicensed-list"),
        **words,
    }
    status = 422 if form.errors else 200
    return render(request, "kindergartens/unlicensed/form.html", context, status=status)


def _done(
    request: SignedInRequest, form: Form, act: Callable[[], Any]
) -> UnlicensedKindergarten | None:
    """What the act returns; None when the form is not sent, is wrong, or the act is refused."""
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        made: UnlicensedKindergarten = act()
    except UnlicensedRefused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return None
    return made


@require_http_methods(["GET", "POST"])
@requires(Permission.REPORT_UNLICENSED)
def report_new(request: SignedInRequest) -> HttpResponse:
    now = timezone.now()
    today = timezone.localdate(now)
    form = ReportForm(request.POST or None, by=request.user, initial={"day": today})
    made = _done(request, form, lambda: services.report(
        description=form.description(), found=form.found(), by=request.user, now=now, today=today,
    ))  # fmt: skip
    if made is not None:
        messages.success(request, f"已登记{made.name}。")
        return redirect("unlicensed", place_id=made.pk)
    return _form_page(
        request, form, title="登记无证园", button="登记",
        hint="只记人数，不写幼儿姓名，也不留负责人的电话和证件号。",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def edit(request: SignedInRequest, place_id: int) -> HttpResponse:
    place = _place(request, place_id)
    written = ("name", "address", "head_name", "premises")
    form = CorrectForm(
        request.POST or None,
        by=request.user,
        initial={"town": place.town_id, **{name: getattr(place, name) for name in written}},
    )

    def act() -> Any:
        services.correct(
            place_id=place.pk, description=form.description(),
            reason=form.cleaned_data["reason"], by=request.user,
        )  # fmt: skip
        return place

    if _done(request, form, act) is not None:
        messages.success(request, "已保存。")
        return redirect("unlicensed", place_id=place.pk)
    return _form_page(
        request, form, title=f"修改{place.name}", place=place, button="保存",
        hint=CLOSED if place.closed_on else "",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.REPORT_UNLICENSED)
def check(request: SignedInRequest, place_id: int) -> HttpResponse:
    place = _place(request, place_id)
    now = timezone.now()
    today = timezone.localdate(now)
    form = CheckForm(request.POST or None, initial={"day": today})
    made = _done(request, form, lambda: services.check(
        place_id=place.pk, found=form.found(), by=request.user, now=now, today=today
    ))  # fmt: skip
    if made is not None:
        new = made.pk != place.pk
        messages.success(request, "又在办，已登记为新的一条。" if new else "已登记查看。")
        return redirect("unlicensed", place_id=made.pk)
    return _form_page(
        request, form, title=f"{'复查' if place.closed_on else '查看'}{place.name}", place=place,
        button="登记", hint=AFTER_CLOSING if place.closed_on else "",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def decide_route(request: SignedInRequest, place_id: int) -> HttpResponse:
    place = _place(request, place_id)
    now = timezone.now()
    today = timezone.localdate(now)
    form = RouteForm(request.POST or None, place=place, initial={"decided_on": today})
    made = _done(request, form, lambda: services.decide_route(
        place_id=place.pk, by=request.user, now=now, today=today, **form.cleaned_data
    ))  # fmt: skip
    if made is not None:
        messages.success(request, "已登记处置方式。")
        return redirect("unlicensed", place_id=place.pk)
    return _form_page(
        request, form, title=f"{place.name}的处置方式", place=place, button="登记",
        hint="以前定的都保留。改处置方式、牵头单位或期限，都再登记一次，写明原因。",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def place_children(request: SignedInRequest, place_id: int) -> HttpResponse:
    place = _place(request, place_id)
    now = timezone.now()
    today = timezone.localdate(now)
    form = PlacementForm(
        request.POST or None, by=request.user, place=place, day=today, initial={"day": today}
    )
    made = _done(request, form, lambda: services.place_children(
        place_id=place.pk, by=request.user, now=now, today=today, **form.cleaned_data
    ))  # fmt: skip
    if made is not None:
        messages.success(request, "已登记幼儿去向。")
        return redirect("unlicensed", place_id=place.pk)
    missing = selectors.roster(place).missing
    return _form_page(
        request, form, title=f"{place.name}的幼儿去向", place=place, button="登记",
        hint="还没有查明幼儿人数，请先登记一次查看。"
        if missing is None
        else f"还有{missing}名幼儿没有安置。只记人数，不写姓名。",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def close(request: SignedInRequest, place_id: int) -> HttpResponse:
    place = _place(request, place_id)
    now = timezone.now()
    today = timezone.localdate(now)
    form = CloseForm(
        request.POST or None,
        request.FILES or None,
        by=request.user,
        place=place,
        day=today,
        initial={"closed_on": today},
    )

    def act() -> Any:
        values = {key: form.cleaned_data[key] for key in form.fields if key != "document"}
        with transaction.atomic():
            document, name = _kept_document(request, form, place, now)
            return services.close(
                place_id=place.pk, document=document, document_name=name, by=request.user,
                now=now, today=today, **values,
            )  # fmt: skip

    try:
        made = _done(request, form, act)
    except FileRefused as refusal:
        record_access(
            Action.UPLOAD, by=request.user, at=now, outcome=Outcome.REFUSED, target=place,
            reason=refusal.code,
        )  # fmt: skip
        form.add_error("document", refusal.reason)
        made = None
    if made is not None:
        messages.success(request, f"{place.name}已办结。")
        return redirect("unlicensed", place_id=place.pk)
    roster = selectors.roster(place)
    return _form_page(
        request, form, title=f"办结{place.name}", place=place, button="办结", has_file=True,
        hint="关停和转托育的，花名册上的幼儿要全部安置。办结后不能再改。"
        + (
            f"现在花名册上有{roster.children}名幼儿，已安置{roster.placed}名。"
            if roster.children is not None
            else "还没有查明幼儿人数。"
        ),
    )  # fmt: skip


def _kept_document(
    request: SignedInRequest, form: CloseForm, place: Any, now: dt.datetime
) -> tuple[StoredFile, str]:
    """The uploaded paper, kept with the closing or not at all. Raises FileRefused."""
    upload = form.cleaned_data["document"]
    if upload.size is not None and upload.size > intake.largest():
        raise intake.too_large(upload.size)
    accepted = intake.accept(upload.name or "", upload.read())
    stored = store.keep(accepted, post=request.user.acting, now=now)  # type: ignore[arg-type]
    record_access(Action.UPLOAD, by=request.user, at=now, target=place)
    return stored, accepted.name


def _withdraw(
    request: SignedInRequest, row: UnlicensedCheck | UnlicensedPlacement, what: str
) -> HttpResponse:
    place = _place(request, row.place_id)
    form = WithdrawForm(request.POST or None)
    made = _done(request, form, lambda: services.withdraw(
        row=row, reason=form.cleaned_data["reason"], by=request.user
    ))  # fmt: skip
    if made is not None:
        messages.success(request, f"已撤销{what}，不再计数。")
        return redirect("unlicensed", place_id=place.pk)
    return _form_page(
        request, form, title=f"撤销{what}", place=place, button="撤销",
        hint=f"{row.day:%Y-%m-%d}的{what}登记错了的，撤销后不再计数，记录保留。",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def withdraw_check(request: SignedInRequest, row_id: int) -> HttpResponse:
    rows = UnlicensedCheck.objects.visible_to(request.user)
    return _withdraw(request, get_object_or_404(rows, pk=row_id), "查看")


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def withdraw_placement(request: SignedInRequest, row_id: int) -> HttpResponse:
    rows = UnlicensedPlacement.objects.visible_to(request.user)
    return _withdraw(request, get_object_or_404(rows, pk=row_id), "幼儿去向")


@require_GET
@requires(Permission.READ_UNLICENSED)
def document(request: SignedInRequest, document_id: UUID) -> HttpResponse:
    attachment = get_object_or_404(
        UnlicensedDocument.objects.visible_to(request.user).select_related("file"), pk=document_id
    )
    return attachment_response(request, attachment)


@require_GET
@requires(Permission.READ_HISTORY)
def place_history(request: SignedInRequest, place_id: int) -> HttpResponse:
    """Who changed what about a place, its checks and where its children went."""
    place = _place(request, place_id)
    return history_response(
        request,
        [
            Subject(UnlicensedKindergarten, [place.pk], "无证园"),
            Subject(UnlicensedCheck, place.unlicensedchecks.values("pk"), "查看"),
            Subject(UnlicensedPlacement, place.unlicensedplacements.values("pk"), "幼儿安置"),
        ],
        title=place.name,
        back=(reverse("unlicensed", args=[place.pk]), place.name),
    )
