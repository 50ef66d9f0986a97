"""对账 of one county and month: the list, its file, and the explanation of differences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.home import home_of
from accounts.access.permissions import Permission
from accounts.downloads import download
from accounts.exports import CONTENT_TYPES
from accounts.formatting import zhdate, zhmonth
from accounts.models import Region
from accounts.typed_text import clean
from kindergartens.models import ReportingPeriod
from reports.filings.months import county_month
from reports.reconciling import presenters, services
from reports.reconciling.forms import DifferencesForm, typed_elsewhere
from reports.reconciling.rules import ListStanding, Standing
from reports.reconciling.selectors import Line, Reconciled, reconcile

PAGE_SIZE = 50
LONGEST_TEXT = 60


@dataclass(frozen=True)
class Asked:
    """What an address asks for, found for the person; `found` is None without any period."""

    home: Region
    counties: list[Region]
    months: list[dt.date]
    found: Reconciled | None
    state: Standing | None
    listed: ListStanding | None
    text: str
    sort: str

    def matching(self) -> list[Line]:
        """Those that the counters of the tabs count."""
        return [
            line
            for line in self.searched()
            if self.listed is None or line.list_standing == self.listed
        ]

    def in_state(self) -> list[Line]:
        """Those that the numbers beside the choices of a list count."""
        return [
            line for line in self.searched() if self.state is None or line.standing == self.state
        ]

    def searched(self) -> list[Line]:
        assert self.found is not None  # noqa: S101 - looked at by the callers
        return [
            line
            for line in self.found.lines
            if not self.text or self.text == line.code or self.text in line.names
        ]

    def lines(self) -> list[Line]:
        chosen = [
            line for line in self.matching() if self.state is None or line.standing == self.state
        ]
        return presenters.in_order(chosen, self.sort)


def _asked(request: SignedInRequest, now: dt.datetime) -> Asked:
    home = home_of(request)
    found = county_month(request.user, request.GET, now)
    period = found.period
    state, listed = request.GET.get("state", ""), request.GET.get("listed", "")
    return Asked(
        home=home,
        counties=found.counties,
        months=found.months,
        found=None if period is None else reconcile(request.user, period, now=now),
        state=Standing(state) if state in set(Standing) else None,
        listed=ListStanding(listed) if listed in set(ListStanding) else None,
        text=clean(request.GET.get("q", ""))[:LONGEST_TEXT],
        sort=request.GET.get("sort", "")[:20],
    )


def _word(asked: Asked) -> str:
    words = []
    if asked.state is not None:
        words.append(presenters.WORDS[asked.state])
    if asked.listed is not None:
        words.append(presenters.LIST_WORDS[asked.listed])
    return "、".join(words) or "全部"


@require_GET
@requires(Permission.READ_PROGRESS)
def reconciliation(request: SignedInRequest) -> HttpResponse:
    """Each kindergarten with both papers, and how many stand how."""
    now = timezone.now()
    asked = _asked(request, now)
    if asked.found is None:
        return render(request, "reports/reconciling/none.html", {})
    matching = asked.matching()
    page = Paginator(asked.lines(), PAGE_SIZE).get_page(request.GET.get("page"))
    numbers = presenters.numbers(matching)
    return render(
        request,
        "reports/reconciling/page.html",
        {
            "asked": asked,
            "period": asked.found.period,
            "stated_on": asked.found.stated_on,
            "usually": asked.found.stated_usually,
            "stated_words": presenters.stated_words(asked.found),
            "sources": presenters.sources_words(asked.found),
            "lists": presenters.lists_words(asked.found),
            "page_obj": page,
            "rows": [
                {
                    "line": line,
                    "word": presenters.WORDS[line.standing],
                    "cells": presenters.cells(line),
                    "list_word": presenters.LIST_WORDS[line.list_standing],
                    "unlike": presenters.unlike(line),
                }
                for line in page
            ],
            "total": len(matching),
            "states": [
                (state.value, presenters.WORDS[state], number, state == asked.state)
                for state, number in numbers.items()
                if number or state == asked.state
            ],
            "listed": [
                (one.value, presenters.LIST_WORDS[one], number)
                for one, number in presenters.list_numbers(asked.in_state()).items()
                if number or one == asked.listed
            ],
            "figures": list(presenters.LABELS.items()),
            "may_explain": request.user.can(Permission.REVIEW_RETURNS),
            "may_import": request.user.can(Permission.IMPORT_TABLES),
            "may_export": request.user.can(Permission.EXPORT_FIGURES),
        },
    )


@require_GET
@requires(Permission.EXPORT_FIGURES)
def reconciliation_export(request: SignedInRequest, ending: str) -> FileResponse:
    """The list with its conditions and its order as a file."""
    now = timezone.now()
    asked = _asked(request, now)
    if ending not in CONTENT_TYPES or asked.found is None:
        raise Http404
    county = asked.found.period.county
    place = asked.home if asked.home.level == Region.Level.TOWN else county
    table = presenters.reconciliation_table(
        asked.found, asked.lines(), place=place.name, word=_word(asked), now=now
    )
    return download(table, ending, by=request.user, at=now, target=place)


@require_http_methods(["GET", "POST"])
@requires(Permission.REVIEW_RETURNS)
def explain(request: SignedInRequest, period_id: int, code: str) -> HttpResponse:
    """Why the papers of one kindergarten differ, figure by figure."""
    now = timezone.now()
    period = get_object_or_404(
        ReportingPeriod.objects.visible_to(request.user).select_related("county"), pk=period_id
    )
    found = reconcile(request.user, period, now=now)
    line = found.line(code)
    may_ask = line is not None and (
        line.may_be_explained or (line.owes and line.statistics is not None)
    )
    labels = presenters.FIELD_LABELS
    # What somebody typed is said again, also when nothing differs here any more.
    if not may_ask and not typed_elsewhere(request.POST, labels):
        raise Http404
    cells, unlike = [], []
    if line is not None:
        cells = [cell for cell in presenters.cells(line) if line.owes and cell.pair.differs]
        unlike = presenters.unlike(line)
    name = code if line is None else line.name
    form = DifferencesForm(request.POST or None, cells=cells, unlike=unlike, labels=labels)
    back = f"{reverse('reconciliation')}?month={period.month:%Y-%m}"
    if request.method == "POST" and form.is_valid():
        try:
            services.explain_differences(
                period=period, code=code, texts=form.texts(), seen=form.seen(),
                by=request.user, now=now,
            )  # fmt: skip
        except services.NotExplained as refusal:
            form.add_error(refusal.figure or None, str(refusal))
        else:
            left = presenters.unexplained(reconcile(request.user, period, now=now).line(code))
            messages.success(
                request,
                f"已记下{name}的说明，还有{len(left)}处差异没有说明（{'、'.join(left)}）。"
                if left
                else f"已记下{name}的说明，差异都有说明了。",
            )
            return redirect(back)
    return render(
        request,
        "kindergartens/form.html",
        {
            "form": form,
            "title": f"{name}{zhmonth(period.month)}对账说明",
            "sub": _sub(found, line, cells, unlike),
            "submit": "保存说明",
            "back": back,
            "crumbs": [
                {"label": "报送进度", "url": reverse("filing-board")},
                {"label": "对账", "url": back},
                {"label": "说明", "url": ""},
            ],
        },
        status=422 if form.errors else 200,
    )


def _sub(
    found: Reconciled,
    line: Line | None,
    cells: Sequence[presenters.Cell],
    unlike: Sequence[presenters.Unlike],
) -> str:
    if line is None:
        return "这所园这个月没有可以对的数。"
    papers = []
    if line.owes and line.facts is None:
        papers.append("月报还没有计入，和事业统计的差异还不能说明")
    if cells and line.statistics is not None:
        papers.append(
            f"月报统计时点{zhdate(found.period.reference_date)}，"
            f"事业统计时点{zhdate(line.statistics.reference_date)}"
        )
    if unlike:
        papers.append(presenters.lists_words(found))
    if not cells and not unlike:
        return f"{papers[0]}。" if papers else "能对的都一致，不用说明。"
    return (
        f"{'；'.join(papers)}。"
        "说明和两边的数、两边的写法一起保存；以后有一边变了，会重新列为没有说明。"
    )
