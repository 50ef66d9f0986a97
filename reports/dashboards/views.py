"""The figures of a region, kept fresh, and the explanation of each."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.downloads import download
from accounts.exports import CHUNK, CONTENT_TYPES, Table
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from accounts.models import Region
from accounts.sign_in.duties import in_background
from indicators.catalogue import INDICATORS, THREE_RATES
from indicators.models import Policy, Target
from indicators.selectors import (
    Against,
    Explanation,
    child_figures,
    combined_judgements,
    estimates,
    explanation,
    figures,
    filing_progress,
    months_available,
    trend,
)
from kindergartens.unlicensed.selectors import standing
from reports.dashboards import (
    asking,
    classes_and_staff,
    explaining,
    lines,
    missing,
    presenters,
    selectors,
    tables,
)
from reports.dashboards.by_table import by_table
from reports.dashboards.framing import framed, period_asked
from reports.dashboards.signing import signed
from reports.dashboards.town import town_lines

# From so many returns on, each group of an explanation is fetched when it is opened.
ROWS_SHOWN_AT_ONCE = 200
MISSING_PER_PAGE = 50


# ---- the dashboard's neighbours ----------------------------------------------------------------


def _beside_the_rates(request: SignedInRequest, region: Region, day: dt.date) -> dict[str, Any]:
    """Unlicensed places of the region on the figures' day, and the way to the list of them."""
    if not request.user.can(Permission.READ_UNLICENSED):
        return {}
    day = min(day, timezone.localdate())
    asked = {"region": region.code, "on": day.isoformat()}
    return {
        "unlicensed": standing(request.user, region, day),
        "unlicensed_url": f"{reverse('unlicensed-list')}?{urlencode(asked)}",
    }


# ---- the dashboard -----------------------------------------------------------------------------


def _figures_context(
    request: SignedInRequest, region: Region, month: dt.date, now: dt.datetime
) -> dict[str, Any]:
    """Everything inside the part of the page that is swapped when newer figures arrive."""
    newest = selectors.newest_computed(region, month)
    facts = selectors.facts_of(region, month)
    every = {f.indicator.code: f for f in figures(region, month, lines.EVERY_INDICATOR)}
    own = [every.pop(code) for code in THREE_RATES]
    judged = [figure for figure in every.values() if figure.leading is not None]
    progress = filing_progress(region, month)
    estimated = estimates(own, progress.rows)
    is_town = region.level == Region.Level.TOWN
    rows = [] if is_town else child_figures(region, month)
    sort = request.GET.get("sort", "")
    tabs, not_counted = missing.missing_by_state(progress, request.GET.get("tab", ""), now)
    page = Paginator(not_counted, MISSING_PER_PAGE).get_page(request.GET.get("page"))
    codes = selectors.kindergarten_codes(request.user, [row.kindergarten_id for row in page])
    readable = selectors.readable_filings(request.user, [row.filing_id for row in page])
    reads_returns = request.user.can(Permission.READ_RETURNS)
    holidays = selectors.holidays(region)
    kept = {name: request.GET.get(name, "") for name in ("sort", "tab", "page")} | {
        "month": f"{month:%Y-%m}"
    }
    asked = {name: value for name, value in kept.items() if value}
    if newest is not None:
        asked["since"] = newest.isoformat()
    return {
        "region": region,
        "month": month,
        "now": now,
        "facts": facts,
        "newest": newest,
        "progress": progress,
        "coverage_note": missing.coverage_note(progress),
        "cards": [
            presenters.card(
                figure,
                trend(region, figure.indicator.code, month),
                facts,
                holidays,
                combined_judgements(figure, rows),
                estimated.get(figure.indicator.code),
            )
            for figure in own
        ],
        "documents": lines.documents_of([*own, *every.values()]),
        "others": [classes_and_staff.small_figure(figure) for figure in judged],
        "number_of_figures": len(lines.EVERY_INDICATOR),
        "tabs": tabs,
        "can_read_returns": reads_returns,
        "missing": [
            (
                row,
                codes.get(row.kindergarten_id),
                row.filing_id in readable,
                readable.get(row.filing_id or 0, False),
            )
            for row in page
        ],
        "page_obj": page,
        "last_month": missing.month_they_share(not_counted),
        "missing_children": sum(row.last_children or 0 for row in not_counted),
        "is_town": is_town,
        "total": presenters.region_line(region, facts, own),
        "groups": presenters.arranged(presenters.lines_of(rows), sort),
        "lines_count": len(rows),
        "sorted": sort.removeprefix("-") in presenters.SORTS,
        "has_groups": any(row.group_name for row in rows),
        "heads": presenters.rate_heads([f for row in rows for f in row.figures], own),
        "level_word": presenters.LEVEL_WORDS[
            Region.Level(min(region.level + 1, Region.Level.TOWN))
        ][1],
        # Single kindergartens are for those who may read their returns; others see the sums.
        "lines": town_lines(request.user, region, month) if is_town and reads_returns else [],
        "can_review": request.user.can(Permission.REVIEW_RETURNS),
        "can_export": request.user.can(Permission.EXPORT_FIGURES),
        "fresh_url": f"{reverse('dashboard-fresh', args=[region.code])}?{urlencode(asked)}",
        "export_query": urlencode({k: v for k, v in kept.items() if v and k in {"month", "sort"}}),
        **_beside_the_rates(request, region, own[0].reference_date or month),
    }


@require_GET
@requires(Permission.READ_FIGURES)
def dashboard(request: SignedInRequest, code: str | None = None) -> HttpResponse:
    """Three rates of a region, who has filed, and the regions below it."""
    region = asking.region_in_scope(request, code)
    asked = period_asked(request, region)
    month, now = asked.month, timezone.now()
    context = framed(request, region, asked, "rates") | _figures_context(
        request, region, month, now
    )
    context |= {
        "can_print": request.user.can(Permission.PRINT_REPORTS)
        and region.level in {Region.Level.CITY, Region.Level.COUNTY},
        "dates_text": presenters.dates_text(selectors.period_dates(region, month), now),
    }
    return render(request, "reports/dashboards/dashboard.html", context)


@in_background
@require_GET
@requires(Permission.READ_FIGURES)
def dashboard_fresh(request: SignedInRequest, code: str) -> HttpResponse:
    """204 while nothing newer than `since` was computed, else the figures anew."""
    region = asking.region_in_scope(request, code)
    month = asking.month_asked(request, [])
    try:
        since = parse_datetime(request.GET.get("since", ""))
    except ValueError as error:
        raise Http404 from error
    newest = selectors.newest_computed(region, month)
    if newest is None or (since is not None and timezone.is_aware(since) and newest <= since):
        return HttpResponse(status=204)
    # The links of the new figures are those of the page, which knows nothing of `since`.
    links = request.GET.copy()
    links.pop("since", None)
    request.GET = links  # type: ignore[assignment]
    context = _figures_context(request, region, month, timezone.now())
    return render(request, "reports/dashboards/_fresh.html", context)


@require_GET
@requires(Permission.EXPORT_FIGURES)
def dashboard_export(request: SignedInRequest, code: str, ending: str) -> FileResponse:
    """The table of the page, with its order, as a file."""
    if ending not in CONTENT_TYPES:
        raise Http404
    region = asking.region_in_scope(request, code)
    month = asking.month_asked(request, months_available(region))
    own = figures(region, month)
    foot = explaining.foot_text(own[0], timezone.now())
    if region.level == Region.Level.TOWN:
        asking.must_read_returns(request)
        counted = selectors.kindergartens_of_town(region, month).iterator(CHUNK)
        table = tables.kindergartens_table(region, month, counted, foot)
        return _exported(request, table, region, ending)
    groups = presenters.arranged(
        presenters.lines_of(child_figures(region, month)), request.GET.get("sort", "")
    )
    total = presenters.region_line(region, selectors.facts_of(region, month), own)
    below = [line for group in groups for line in group.lines]
    table = tables.regions_table(region, month, total, below, foot)
    return _exported(request, table, region, ending)


def _exported(request: SignedInRequest, table: Table, region: Region, ending: str) -> FileResponse:
    """The file, and a record of who took how many rows."""
    return download(table, ending, by=request.user, at=timezone.now(), target=region)


# ---- one figure explained ----------------------------------------------------------------------


def _explained(
    request: SignedInRequest, code: str, indicator: str, month: dt.date,
    rows_up_to: int | None = None,
) -> tuple[Region, Explanation]:  # fmt: skip
    """`?against=` month, year or published; `?publication=` a number: all as it was then."""
    if indicator not in INDICATORS:
        raise Http404
    region = asking.region_in_scope(request, code)
    publication = asking.publication_asked(request, region, month)
    try:
        against = Against(request.GET.get("against", Against.MONTH))
        found = explanation(
            region, indicator, month,
            against=against, publication=publication, rows_up_to=rows_up_to,
        )  # fmt: skip
    except (ValueError, KeyError) as error:
        raise Http404 from error
    return region, found


@require_GET
@requires(Permission.READ_FIGURES)
def figure_explain(
    request: SignedInRequest, code: str, indicator: str, month: dt.date
) -> HttpResponse:
    """Where a figure comes from: in the drawer for htmx, else as a page of its own."""
    region, explained = _explained(request, code, indicator, month, ROWS_SHOWN_AT_ONCE)
    template = "_explain_drawer.html" if request.htmx else "explain.html"
    if explained.figure.computed_at is None:
        [published] = figures(region, month, [indicator])
        if (told := by_table(published)) is not None:
            told |= {"region": region, "month": month, "now": timezone.now()}
            told["ways_up"] = asking.ways_up(request, region)
            return render(request, f"reports/dashboards/{template}", told)
    rows = [row for group in explained.groups for row in group.rows]
    readable = selectors.readable_filings(request.user, [row.filing_id for row in rows])
    waiting = selectors.waiting_for_towns(explained.missing)
    context = explaining.explained(explained, waiting, signed(rows, readable)) | {
        "readable": readable,
        "in_drawer": bool(request.htmx),
        "opens_publication": asking.may_open(request, explained.publication),
        "asked": f"?{request.GET.urlencode()}" if request.GET else "",
        "region": region,
        "month": month,
        "lazy": not explained.listed,
        "ways_up": asking.ways_up(request, region),
        "can_read_returns": request.user.can(Permission.READ_RETURNS),
        "can_export": request.user.can(Permission.EXPORT_FIGURES),
        "may_read_history": request.user.can(Permission.READ_HISTORY),
        "now": timezone.now(),
        **_beside_the_rates(request, region, explained.figure.reference_date or month),
    }
    return render(request, f"reports/dashboards/{template}", context)


@require_GET
@requires(Permission.READ_FIGURES)
def figure_contributions(
    request: SignedInRequest, code: str, indicator: str, month: dt.date, child: str
) -> HttpResponse:
    """The returns of one group of an explanation, fetched when the group is opened.

    Only the group's own region is computed.
    """
    asking.must_read_returns(request)
    region = asking.region_in_scope(request, code)
    below, explained = _explained(request, child, indicator, month)
    if below.pk != region.pk and below.parent_id != region.pk:
        raise Http404
    rows = [row for group in explained.groups for row in group.rows]
    waiting = selectors.waiting_for_towns(explained.missing)
    readable = selectors.readable_filings(request.user, [row.filing_id for row in rows])
    context = {
        "indicator": explained.figure.indicator,
        **explaining.compares(explained),
        "rows": explaining.leaves(rows, signed(rows, readable)),
        "owing": [pair for group in explained.groups for pair in explaining.owing(group, waiting)],
        "readable": readable,
    }
    return render(request, "reports/dashboards/_contributions.html", context)


@require_GET
@requires(Permission.EXPORT_FIGURES)
def figure_export(
    request: SignedInRequest, code: str, indicator: str, month: dt.date, ending: str
) -> FileResponse:
    """The returns behind a figure as a file."""
    asking.must_read_returns(request)
    if ending not in CONTENT_TYPES:
        raise Http404
    region, explained = _explained(request, code, indicator, month)
    foot = explaining.foot_text(explained.figure, timezone.now())
    waiting = selectors.waiting_for_towns(explained.missing)
    return _exported(request, tables.contributions_table(explained, foot, waiting), region, ending)


# ---- what it is judged by ----------------------------------------------------------------------


@require_GET
@requires(Permission.READ_HISTORY)
def policy_history(request: SignedInRequest) -> HttpResponse:
    """Who entered or changed the documents and targets that hold where the person works."""
    policies = Policy.objects.visible_to(request.user).values("pk")
    subjects = [
        Subject(Policy, policies, "政策文件", told_by=("title",)),
        Subject(
            Target,
            selectors.target_keys_ever(policies),
            "目标",
            presenters.WORDS_OF_TARGETS,
            told_by=("policy", "indicator"),
        ),
    ]
    return history_response(request, subjects, title="政策目标")
