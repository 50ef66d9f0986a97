"""What every page of figures has at its head: the place, the period, the ways up, the other pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from accounts.access.guards import SignedInRequest
from accounts.access.permissions import Permission
from accounts.formatting import zhmonth
from accounts.models import Region
from indicators.periods import Period, Span, month_of, parse, school_year_period, term_period
from indicators.selectors import months_available
from reports.dashboards import asking, selectors
from reports.dashboards.converters import YEARS


@dataclass(frozen=True)
class Tab:
    route: str
    label: str


PAGES = {
    "rates": Tab("dashboard-region", "三率"),
    "all": Tab("figures-all", "全部指标"),
    "documents": Tab("figures-documents", "按文件"),
    "ranking": Tab("figures-ranking", "排名"),
    "trend": Tab("figures-trend", "走势"),
    "heat": Tab("figures-heat", "热力表"),
    "cuts": Tab("figures-cuts", "分类"),
}
TERMS = (2, 1)


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Asked:
    """The period that figures are asked of, and the month whose figures these are.

    `text` is how it stands in addresses. `months` are those that have figures, the newest first.
    """

    period: Period
    text: str
    month: dt.date
    months: Sequence[dt.date]
    reference_dates: Mapping[dt.date, dt.date]

    @property
    def words(self) -> str:
        """2026年10月; of a term or a school year also whose month stands for it."""
        if self.period.span is Span.MONTH:
            return zhmonth(self.month)
        return f"{self.period}，按{self._whose(self.period, self.month)}的数（{zhmonth(self.month)}月报）"

    def _whose(self, period: Period, month: dt.date) -> str:
        """What stands for a term or a school year: the very day of the returns, 期末 only of its end."""
        if period.span is Span.SCHOOL_YEAR:
            day = self.reference_dates.get(month)
            return f"{day.month}月{day.day}日" if day else f"{month.month}月"
        return "期末" if month == period.months[-1] else "学期最近一个月"

    def choices(self) -> list[tuple[str, list[Choice]]]:
        """Months, terms and school years that have figures, each under its head."""
        years = sorted({month.year for month in self.months} | {m.year - 1 for m in self.months})
        terms = [term_period(year, term) for year in reversed(years) for term in TERMS]
        schools = [school_year_period(year) for year in reversed(years)]
        return [
            (
                "月份",
                [
                    Choice(f"{month:%Y-%m}", zhmonth(month), f"{month:%Y-%m}" == self.text)
                    for month in self.months
                ],
            ),
            ("学期", self._choices_of(terms)),
            ("学年", self._choices_of(schools)),
        ]

    def _choices_of(self, periods: Iterable[Period]) -> list[Choice]:
        """Of the periods that have figures."""
        found = [(one, month_of(one, self.months, self.reference_dates)) for one in periods]
        return [self._choice(one, month) for one, month in found if month is not None]

    def _choice(self, period: Period, month: dt.date) -> Choice:
        text = written(period)
        return Choice(text, f"{period}，{self._whose(period, month)}", text == self.text)


def written(period: Period) -> str:
    """A period as it stands in addresses: 2026-10, 2026-2027, 2026-2027-1."""
    if period.span is Span.MONTH:
        return f"{period.first:%Y-%m}"
    text = f"{period.year}-{period.year + 1}"
    return f"{text}-{period.term}" if period.term else text


def period_asked(request: SignedInRequest, region: Region) -> Asked:
    """?month=2026-10, 2026-2027 or 2026-2027-1, else the newest month with figures.

    404 for nonsense, for a month to come, and for a term or a school year without figures: no other
    month stands in.
    """
    months = months_available(region)
    dates = selectors.reference_dates(region)
    text = request.GET.get("month", "")
    if not text:
        month = months[0] if months else timezone.localdate().replace(day=1)
        return Asked(Period(Span.MONTH, month), f"{month:%Y-%m}", month, months, dates)
    try:
        period = parse(text)
    except ValueError as error:
        raise Http404 from error
    if period.first.year not in YEARS:
        raise Http404
    if period.span is Span.MONTH:
        if period.first > max([timezone.localdate(), *months[:1]]):
            raise Http404
        return Asked(period, written(period), period.first, months, dates)
    month_found = month_of(period, months, dates)
    if month_found is None:
        raise Http404
    return Asked(period, written(period), month_found, months, dates)


def framed(request: SignedInRequest, region: Region, asked: Asked, page: str) -> dict[str, Any]:
    """Context of `_head.html`; `page` is one of PAGES."""
    is_town = region.level == Region.Level.TOWN
    hidden = {"ranking"} if is_town else set()
    if is_town and not request.user.can(Permission.READ_RETURNS):
        hidden.add("heat")
    query = urlencode({"month": asked.text})
    return {
        "region": region,
        "month": asked.month,
        "asked": asked,
        "now": timezone.now(),
        "ways_up": asking.ways_up(request, region),
        "page": page,
        "page_name": PAGES[page].label,
        "page_url": reverse(PAGES[page].route, args=[region.code]),
        "pages": [
            {
                "label": tab.label,
                "url": f"{reverse(tab.route, args=[region.code])}?{query}",
                "count": None,
                "active": code == page,
            }
            for code, tab in PAGES.items()
            if code not in hidden
        ],
        "can_export": request.user.can(Permission.EXPORT_FIGURES),
        "can_read_returns": request.user.can(Permission.READ_RETURNS),
    }


def exactly(region: Region, page: str, **chosen: str | Sequence[str]) -> dict[str, str]:
    """The address that shows exactly this, and those of its files: every choice stands in them."""
    query = urlencode({name: value for name, value in chosen.items() if value}, doseq=True)
    here = reverse(PAGES[page].route, args=[region.code])
    files = {
        f"{ending}_url": f"{reverse('figures-file', args=[region.code, page, ending])}?{query}"
        for ending in ("xlsx", "csv", "svg")
    }
    return files | {"address": f"{here}?{query}"}
