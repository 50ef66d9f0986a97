"""The board: who owes a month's return, who filed, who is missing, by state and by town."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.downloads import download
from accounts.exports import CONTENT_TYPES
from accounts.models import Region
from accounts.notices.channels import channels_in_use
from accounts.typed_text import clean
from kindergartens.groups.filtering import GroupFilter, group_filter
from kindergartens.models import ReportingPeriod
from reports.filings import pre_reviews
from reports.filings.board import selectors, services
from reports.filings.board.forms import codes_from_post
from reports.filings.board.presenters import (
    Counter,
    board_table,
    counters,
    lines,
    not_urged_words,
    urged_words,
)
from reports.filings.board.reading import to_read_in
from reports.filings.board.rules import Urging
from reports.filings.board.selectors import BoardFilter, Rows
from reports.filings.months import chosen_month

PAGE_SIZE = 50
MONTHS_OFFERED = 24


@dataclass(frozen=True)
class Board:
    """What an address asks for, found for the person; `asked` is None without any period.

    `periods` are those of the month in the counties of the region that is looked at.
    """

    now: dt.datetime
    home: Region
    months: list[dt.date]
    periods: list[ReportingPeriod]
    groups: GroupFilter
    asked: BoardFilter | None

    def rows(self, user: Any) -> Rows:
        """Those the counters count: of the month and the conditions, whatever the state."""
        assert self.asked is not None  # noqa: S101 - looked at by the callers
        where = self.asked.where() & self.groups.rows(kindergarten="kindergarten", town="town")
        return selectors.owed_in_area(user, self.asked.month, now=self.now, where=where)

    def towns_look_first(self) -> bool:
        """Whether the towns of a county that is looked at see the month's returns first."""
        assert self.asked is not None  # noqa: S101 - looked at by the callers
        return pre_reviews.is_on_in([one.county_id for one in self.periods], self.asked.month)

    @property
    def locked(self) -> bool:
        return bool(self.periods) and all(self.now >= period.locks_at for period in self.periods)


def found_board(request: SignedInRequest) -> Board:
    now, home = timezone.now(), home_region(request.user)
    if home is None:
        raise Http404
    seen = ReportingPeriod.objects.visible_to(request.user).select_related("county")
    months = sorted(set(seen.order_by().values_list("month", flat=True)), reverse=True)
    newest = list(seen.filter(month__in=months[:MONTHS_OFFERED]))
    month = chosen_month(request.GET.get("month", ""), newest, now)
    asked = None if month is None else selectors.asked_for(request.GET, request.user, month)
    over = home if asked is None or asked.region is None else asked.region
    return Board(
        now=now,
        home=home,
        months=months[:MONTHS_OFFERED],
        periods=[
            period
            for period in newest
            if period.month == month
            and (over.contains(period.county) or period.county_id == over.county_id)
        ],
        groups=group_filter(request.GET, request.user, timezone.localdate(now)),
        asked=asked,
    )


@require_GET
@requires(Permission.READ_PROGRESS)
def filing_board(request: SignedInRequest) -> HttpResponse:
    """One month: the counters, then the list, or the towns side by side."""
    board = found_board(request)
    asked = board.asked
    if asked is None:
        return render(request, "reports/filings/board/none.html", {})
    rows = board.rows(request.user)
    number = selectors.numbers(rows)
    pre_reviewed = board.towns_look_first()
    states, apart = counters(number, asked.state, locked=board.locked, pre_reviews=pre_reviewed)
    over = asked.region or board.home
    splits = over.level < Region.Level.TOWN
    by_area = splits and request.GET.get("view") == "areas"
    context: dict[str, Any] = {
        "board": board,
        "asked": asked,
        "groups": board.groups,
        "states": states,
        "apart": apart,
        "total": number[""],
        "splits": splits,
        "by_area": by_area,
        "area_word": "乡镇街道" if over.level >= Region.Level.COUNTY else "区县",
        "period": board.periods[0] if len(board.periods) == 1 else None,
        "shows_county": board.home.level < Region.Level.COUNTY,
        "may_review": request.user.can(Permission.REVIEW_RETURNS),
        "may_pre_review": pre_reviewed and request.user.can(Permission.PRE_REVIEW_RETURNS),
        "may_manage_periods": request.user.can(Permission.MANAGE_PERIODS),
        "channels": [channel.label for channel in channels_in_use()],
        "may_urge": request.user.can(Permission.URGE_RETURNS),
        "may_export": request.user.can(Permission.EXPORT_FIGURES),
    }
    if by_area:
        shown = [*states, *apart]
        context["areas"] = [
            (area, [(one, area.numbers[one.code]) for one in shown])
            for area in selectors.by_area(rows, over)
        ]
    else:
        context |= _list(request, rows, asked, board)
    return render(request, "reports/filings/board/board.html", context)


def _list(request: SignedInRequest, rows: Rows, asked: BoardFilter, board: Board) -> dict[str, Any]:
    chosen = selectors.with_urging(rows.filter(selectors.FILTERS[asked.state]), now=board.now)
    shown = selectors.in_order(chosen, asked.sort)
    page = Paginator(shown, PAGE_SIZE).get_page(request.GET.get("page"))
    filings = [row.filing_id for row in page if row.filing_id is not None]
    found = lines(
        page,
        selectors.enrolled_in(request.user, filings),
        selectors.last_urges(request.user, asked.month, [row.kindergarten_id for row in page]),
        to_read_in(request.user, filings),
        pre_reviews.pre_reviewed(filings),
        now=board.now,
    )
    context: dict[str, Any] = {"page_obj": page, "lines": found}
    if request.user.can(Permission.URGE_RETURNS):
        numbers = selectors.urging_numbers(chosen)
        context["waiting"] = numbers[Urging.POSSIBLE]
        context["not_urged"] = not_urged_words(numbers)
    return context


@require_POST
@requires(Permission.URGE_RETURNS)
def filing_urge(request: SignedInRequest) -> HttpResponse:
    """Urge one, the ticked, or all in the list's conditions that have something to do.

    The address carries the conditions, as the list's does.
    """
    board = found_board(request)
    asked = board.asked
    if asked is None:
        raise Http404
    back = redirect(f"{reverse('filing-board')}?{request.GET.urlencode()}")
    waiting = (
        board.rows(request.user)
        .filter(selectors.FILTERS[asked.state])
        .filter(selectors.WAITS_FOR_KINDERGARTEN)
    )
    if request.POST.get("who") != "all":
        codes = codes_from_post(request.POST)
        if not codes:
            messages.error(request, "还没有勾选幼儿园，没有催报。")
            return back
        # Of those that were ticked also the ones that have nothing to do (any more): they are named.
        waiting = board.rows(request.user).filter(kindergarten__code__in=codes)
    try:
        done = services.urge(
            month=asked.month,
            kindergarten_ids=list(waiting.order_by().values_list("kindergarten", flat=True)),
            note=clean(request.POST.get("note", "")),
            by=request.user,
            now=board.now,
            origin=request.build_absolute_uri("/").rstrip("/"),
        )
    except services.NoteTooLong as refusal:
        messages.error(request, f"没有催报。{refusal}")
        return back
    for tone, text in urged_words(done):
        messages.add_message(request, tone, text)
    return back


def _word(counted: tuple[list[Counter], list[Counter]]) -> str:
    return next(one.word for group in counted for one in group if one.active)


@require_GET
@requires(Permission.EXPORT_FIGURES)
def filing_board_export(request: SignedInRequest, ending: str) -> FileResponse:
    """The list with its conditions and its order as a file."""
    board = found_board(request)
    asked = board.asked
    if ending not in CONTENT_TYPES or asked is None:
        raise Http404
    rows = board.rows(request.user)
    number, pre_reviewed = selectors.numbers(rows), board.towns_look_first()
    found = list(selectors.in_order(rows.filter(selectors.FILTERS[asked.state]), asked.sort))
    filings = [row.filing_id for row in found if row.filing_id is not None]
    table = board_table(
        lines(
            found,
            selectors.enrolled_in(request.user, filings),
            selectors.last_urges(request.user, asked.month, [row.kindergarten_id for row in found]),
            to_read_in(request.user, filings),
            pre_reviews.pre_reviewed(filings),
            now=board.now,
        ),
        asked,
        place=board.groups.place((asked.region or board.home).name),
        word=_word(counters(number, asked.state, locked=board.locked, pre_reviews=pre_reviewed)),
        now=board.now,
        pre_reviews=pre_reviewed,
    )
    return download(table, ending, by=request.user, at=board.now, target=board.home)
