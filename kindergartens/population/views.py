"""Population of a county by town, date, base and age; entering it; entrants to come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.downloads import download
from accounts.exports import CONTENT_TYPES, Table
from accounts.formatting import zhdate
from accounts.models import Region
from kindergartens.models import Population
from kindergartens.population import selectors, services
from kindergartens.population.forms import PopulationForm
from kindergartens.rules import school_year

Base = Population.Base
YEARS_AHEAD = 3


def _county(request: SignedInRequest) -> tuple[Region, list[Region]]:
    """The county that is asked for within the person's own area, and those to choose from."""
    counties = selectors.counties_of(request.user)
    wanted = request.GET.get("county", "")
    found = [one for one in counties if one.code == wanted] if wanted else counties[:1]
    if not found:
        raise Http404
    return found[0], counties


def _asked(request: SignedInRequest, name: str) -> str:
    """What the form carries on, else what the address says."""
    return request.POST.get(name) or request.GET.get(name, "")


def _base(request: SignedInRequest) -> str:
    asked = _asked(request, "base")
    return asked if asked in Base.values else Base.RESIDENT


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _tabs(
    request: SignedInRequest, name: str, offered: Sequence[tuple[str, str]], chosen: str
) -> list[dict[str, Any]]:
    kept = {
        key: str(value) for key, value in request.GET.items() if key in {"county", "base", "day"}
    }
    return [
        {"label": label, "url": "?" + urlencode({**kept, name: value}), "active": value == chosen}
        for value, label in offered
    ]


@require_GET
@requires(Permission.READ_FIGURES)
def population(request: SignedInRequest) -> HttpResponse:
    """Children by town and age on one date, with gaps, sums and the county's own value."""
    county, counties = _county(request)
    base = _base(request)
    dates = selectors.dates_of(county)
    asked = _day(request.GET.get("day", ""))
    day = asked if asked in dates else (dates[0] if dates else None)
    home = home_region(request.user)
    shown = selectors.table(county, day=day, base=base, dates=dates) if day else None
    context = {
        "county": county,
        "counties": counties,
        "base": Base(base),
        "day": day,
        "table": shown,
        "ages": selectors.ALL_AGES,
        "base_tabs": _tabs(request, "base", Base.choices, base),
        "day_tabs": _tabs(
            request, "day", [(one.isoformat(), zhdate(one)) for one in dates[:8]],
            day.isoformat() if day else "",
        ),
        "may_edit": home == county and request.user.can(Permission.MANAGE_REGISTRY),
        "may_import": request.user.can(Permission.IMPORT_TABLES),
        "may_export": request.user.can(Permission.EXPORT_FIGURES),
        "kept": urlencode({"county": county.code, "base": base, "day": day.isoformat() if day else ""}),
    }  # fmt: skip
    return render(request, "kindergartens/population/table.html", context)


@require_GET
@requires(Permission.EXPORT_FIGURES)
def population_export(request: SignedInRequest, ending: str) -> FileResponse:
    """The table of the page as a file, all its rows."""
    if ending not in CONTENT_TYPES:
        raise Http404
    county, _ = _county(request)
    base = _base(request)
    dates = selectors.dates_of(county)
    asked = _day(request.GET.get("day", ""))
    day = asked if asked in dates else (dates[0] if dates else None)
    if day is None:
        raise Http404
    shown = selectors.table(county, day=day, base=base, dates=dates)
    rows = (
        (
            row.region.code,
            row.region.name,
            *(children for _, children in row.cells),
            row.total,
            row.source or None,
        )
        for row in [shown.county, *shown.towns]
    )
    label = Base(base).label
    table = Table(
        name=f"{county.name}学前人口_{label}_{day:%Y%m%d}",
        heads=["代码", "地区", *(f"{age}岁" for age in selectors.ALL_AGES), "3—5岁合计", "来源"],
        rows=rows,
        notes=[f"{zhdate(day)}{label}人口。空格表示没有登记，不是0。"],
    )
    return download(table, ending, by=request.user, at=timezone.now(), target=county)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_REGISTRY)
def population_edit(request: SignedInRequest, code: str) -> HttpResponse:
    """One region's children on a date: entered or put right, with the reason."""
    county = services.editable_county(request.user)
    region = next((one for one in selectors.regions_of(county) if one.code == code), None)
    if region is None:
        raise Http404
    base, day = _base(request), _day(_asked(request, "day"))
    now = timezone.now()
    if day is None or day > timezone.localdate(now):
        messages.error(request, "请先选一个统计时点；还没有到的日子不能登记。")
        return redirect("population")
    there = selectors.entered(region, day=day, base=base)
    initial: dict[str, Any] = {f"age{age}": number for age, number in there.children.items()}
    initial |= {"source": there.source, "seen": there.stamp}
    form = PopulationForm(request.POST or None, initial=initial)
    back = f"{reverse('population')}?{urlencode({'base': base, 'day': day.isoformat()})}"
    context: dict[str, Any] = {}
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        entry = services.Entry(region, day, base, form.children, data["source"], data["seen"])
        try:
            entered = services.enter_population(
                entries=[entry], reason=data["reason"], by=request.user, now=now
            )
        except services.ChangedMeanwhile:
            status = 409
            there = selectors.entered(region, day=day, base=base)
            form.start_from(there.stamp)
            context = {
                "meanwhile": selectors.last_change(region, day=day, base=base),
                "differences": form.differences(there),
            }
        else:
            messages.success(request, _what_follows(region, entered))
            return redirect(back)
    context |= {
        "form": form,
        "region": region,
        "county": county,
        "base": Base(base),
        "day": day,
        "back": back,
        "is_new": not there.children,
        "status": status,
    }
    return render(request, "kindergartens/population/edit.html", context, status=status)


def _what_follows(region: Region, entered: services.Entered) -> str:
    """Which rates move, and which stay because their month is locked."""
    if not entered.changed:
        return f"{region.name}的人数和原来一样，没有改动。"
    open_months = [one for one in entered.affected if not one.locked]
    locked = [one for one in entered.affected if one.locked]
    said = f"{region.name}的人数已保存。"
    if open_months:
        first = open_months[0].month
        said += f"{region.name}{first.year}年{first.month}月起的毛入园率正在重算。"
    elif not locked:
        said += "没有三率用到这个统计时点，不用重算。"
    if locked:
        said += f"已锁定的{len(locked)}个月不变。"
    return said


@require_GET
@requires(Permission.READ_FIGURES)
def population_forecast(request: SignedInRequest) -> HttpResponse:
    """Children of the coming school years from births; marked as a forecast, in no figure."""
    county, counties = _county(request)
    asked = request.GET.get("base", "")
    base = asked if asked in Base.values else Base.REGISTERED
    first = school_year(timezone.localdate()) + 1
    years = list(range(first, first + YEARS_AHEAD))
    rows, known = selectors.forecasts(county, base=base, years=years)
    context = {
        "county": county,
        "counties": counties,
        "base": Base(base),
        "base_tabs": _tabs(request, "base", Base.choices, base),
        "years": years,
        "rows": rows,
        "known": known,
        "needed": f"{first - 6}—{years[-1] - 3}",
        "may_import": request.user.can(Permission.IMPORT_TABLES),
        "kept": urlencode({"county": county.code, "base": base}),
    }
    return render(request, "kindergartens/population/forecast.html", context)
