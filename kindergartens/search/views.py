"""Finding kindergartens: the list with filters and columns, saved views, the map, the export."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.downloads import download
from accounts.exports import CONTENT_TYPES
from accounts.models import Region
from kindergartens.groups.filtering import group_choices
from kindergartens.models import Kindergarten, SavedView
from kindergartens.resources import registry_table
from kindergartens.search import selectors, services
from kindergartens.search.columns import (
    COLUMNS,
    MOST,
    Column,
    Look,
    as_shown,
    cells,
    columns_of,
    is_wide,
    left_out_of,
)
from kindergartens.search.drawing import draw
from kindergartens.search.filters import BY_NAME, FILTERS, RegistryFilter
from kindergartens.selectors import newest_month

ROWS_PER_PAGE = 50
# A wide sheet for desks, a narrow one for phones.
WIDE, NARROW = 1080, 358


def _own_page(request: SignedInRequest) -> HttpResponse | None:
    """Directors and clerks have one kindergarten, and its page."""
    visible = Kindergarten.objects.visible_to(request.user)
    own = visible.filter(organisation=request.user.acting.organisation).first()  # type: ignore[union-attr]
    return redirect("kindergarten-detail", code=own.code) if own is not None else None


@require_GET
@requires(Permission.READ_REGISTRY)
def kindergarten_list(request: SignedInRequest) -> HttpResponse:
    """All kindergartens in one's area; a director is taken to the own one."""
    own = _own_page(request)
    if own is not None:
        return own
    asked = _asked(request)
    look = _look(request, timezone.now(), home_region(request.user))
    columns = as_shown(_columns(request))
    chosen = {column.key for column in columns}
    keys = selectors.in_order(request.user, asked, day=look.day, month=look.month)
    page = Paginator(keys, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    rows = selectors.rows_of(
        request.user, list(page), asked, day=look.day, month=look.month, columns=chosen
    )
    context = {
        **_filter_context(request, asked, look),
        "page_obj": page,
        "rows": cells(rows, columns, look),
        "columns": columns,
        "wide": is_wide(columns),
        "most_columns": MOST,
        "every_column": [(column, column.key in chosen) for column in COLUMNS],
        "columns_in_address": ",".join(_asked_columns(request)),
        "month": look.month,
        "counts": selectors.registry_counts(request.user, day=look.day),
        "can_export": request.user.can(Permission.EXPORT_REGISTRY),
        "may_manage": request.user.can(Permission.MANAGE_REGISTRY),
    }
    return render(request, "kindergartens/list.html", context)


def _asked(request: SignedInRequest) -> RegistryFilter:
    """What the address asks for, on the list, the map and in the file alike."""
    return RegistryFilter.from_query(request.GET, selectors.towns_with_kindergartens(request.user))


def _asked_columns(request: SignedInRequest) -> list[str]:
    """Columns named in the address, as a shared view or a link sent to a colleague has them."""
    return [key for key in request.GET.get("columns", "").split(",") if key][: len(COLUMNS)]


def _columns(request: SignedInRequest) -> list[Column]:
    """The columns on the screen: named in the address, else the person's own, else the usual."""
    return columns_of(_asked_columns(request) or selectors.chosen_columns(request.user))


def _look(request: SignedInRequest, now: dt.datetime, region: Region | None) -> Look:
    return Look(
        timezone.localdate(now),
        newest_month(request.user, now),
        region is not None and region.level < Region.Level.COUNTY,
    )


def _filter_context(request: SignedInRequest, asked: RegistryFilter, look: Look) -> dict[str, Any]:
    """What the bar of filters shows, on the list and on the map."""
    inspectors = selectors.inspectors_at_work(request.user)
    groups = group_choices(request.user, look.day)
    views = list(selectors.saved_views(request.user))
    return {
        "asked": asked,
        "day": look.day,
        "region": home_region(request.user),
        "shows_county": look.shows_county,
        "towns": asked.towns,
        "main_filters": [(f, asked.chosen.get(f.name, "")) for f in FILTERS if f.main],
        "more_filters": [(f, asked.chosen.get(f.name, "")) for f in FILTERS if not f.main],
        "inspectors": inspectors,
        "groups": groups,
        "chips": _chips(asked, dict(inspectors), dict(groups)),
        "views": [{"view": view, "address": _address_of(view)} for view in views],
        "address": asked.address,
    }


def _chips(
    asked: RegistryFilter,
    inspectors: dict[str, str],
    groups: dict[str, str],
) -> list[tuple[str, str]]:
    """The parameter and the words of each condition, to take it away again."""
    chips = []
    if asked.text:
        chips.append(("q", f"“{asked.text}”"))
    if asked.region:
        names = {town.code: town.name for town in asked.towns}
        names |= {town.county.code: town.county.name for town in asked.towns if town.county}
        chips.append(("region", names.get(asked.region, asked.region)))
    chips += [
        (name, f"{BY_NAME[name].label}：{BY_NAME[name].word(value)}")
        for name, value in asked.chosen.items()
    ]
    if asked.inspector:
        chips.append(("inspector", f"责任督学：{inspectors.get(asked.inspector, '未知')}"))
    if asked.group:
        chips.append(("group", f"集团组团：{groups.get(asked.group, '未知')}"))
    if asked.box is not None:
        chips.append(("box", "地图上的一块"))
    return chips


def _address_of(view: SavedView) -> str:
    query = view.query
    if view.columns:
        columns = urlencode({"columns": ",".join(view.columns)})
        query = f"{query}&{columns}" if query else columns
    return f"{reverse('kindergarten-list')}?{query}"


@require_GET
@requires(Permission.EXPORT_REGISTRY)
def kindergarten_export(request: SignedInRequest, ending: str) -> FileResponse:
    """The rows of the list, with its filters and order, as a file: its columns, or with `all=1`
    everything the registry holds of them."""
    if ending not in CONTENT_TYPES:
        raise Http404
    now = timezone.now()
    region = home_region(request.user)
    look = _look(request, now, region)
    columns = None
    if request.GET.get("all") != "1":
        columns = [column.key for column in _columns(request)]
    rows = selectors.registry(
        request.user,
        _asked(request),
        day=look.day,
        month=look.month,
        columns=selectors.EVERYTHING if columns is None else columns,
    )
    table = registry_table(rows, columns, look, place=region.name if region else "")
    return download(table, ending, by=request.user, at=now, target=region)


@require_GET
@requires(Permission.READ_REGISTRY)
def kindergarten_map(request: SignedInRequest) -> HttpResponse:
    """The same kindergartens by position, drawn to scale, and by town."""
    own = _own_page(request)
    if own is not None:
        return own
    now = timezone.now()
    day = timezone.localdate(now)
    asked = _asked(request)
    region = home_region(request.user)
    look = Look(day, None, region is not None and region.level < Region.Level.COUNTY)
    found = selectors.places(request.user, asked, day=day, by_county=look.shows_county)
    towns = selectors.by_town(request.user, asked, day=day)
    context = {
        **_filter_context(request, asked, look),
        "wide": draw(found, width=WIDE, most=400, cells=24),
        "narrow": draw(found, width=NARROW, most=40, cells=7),
        "by_town": towns,
        "largest": max((town.every for town in towns), default=1),
        "located": len(found),
        "every": sum(town.every for town in towns),
    }
    return render(request, "kindergartens/search/map.html", context)


# ---- how a person looks at the list --------------------------------------------------------------


def _back(asked: RegistryFilter, columns: str = "") -> str:
    query = asked.address
    if columns:
        query += ("&" if query else "") + urlencode({"columns": columns})
    return reverse("kindergarten-list") + (f"?{query}" if query else "")


@require_POST
@requires(Permission.READ_REGISTRY)
def view_save(request: SignedInRequest) -> HttpResponse:
    """Keep the conditions the page was asked with, under a name."""
    asked = RegistryFilter.from_query(request.POST)
    columns = request.POST.get("columns", "")
    keys = [key for key in columns.split(",") if key]
    try:
        view = services.save_view(
            name=request.POST.get("name", ""),
            asked=asked,
            columns=keys or selectors.chosen_columns(request.user),
            shared=request.POST.get("shared") == "1",
            by=request.user,
            now=timezone.now(),
        )
    except services.NotSaved as refusal:
        messages.error(request, str(refusal))
        return redirect(_back(asked, columns))
    who = "，本单位的人都能用" if view.shared else ""
    messages.success(request, f"已保存为“{view.name}”{who}。")
    return redirect(_address_of(view))


@require_POST
@requires(Permission.READ_REGISTRY)
def view_delete(request: SignedInRequest, view_id: int) -> HttpResponse:
    view = get_object_or_404(SavedView.objects.visible_to(request.user), pk=view_id)
    try:
        name = services.delete_view(view_id=view.pk, by=request.user)
    except services.NotSaved as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"已删去“{name}”。")
    return redirect("kindergarten-list")


@require_POST
@requires(Permission.READ_REGISTRY)
def columns_choose(request: SignedInRequest) -> HttpResponse:
    """Keep the ticked columns for this person; the filters stay."""
    ticked = request.POST.getlist("column")
    services.choose_columns(columns=ticked, by=request.user)
    left_out = left_out_of(ticked)
    if left_out:
        messages.warning(
            request,
            f"最多{MOST}列，您勾了{MOST + len(left_out)}列。按名册的顺序显示前{MOST}列，没有显示的是"
            f"{'、'.join(column.label for column in left_out)}。要看这些，请先去掉别的列。",
        )
    return redirect(_back(RegistryFilter.from_query(request.POST)))
