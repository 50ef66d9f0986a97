"""What the annual statistics say of a kindergarten: one row, with what is usual to differ by."""

from __future__ import annotations

import datetime as dt

from accounts.formatting import zhdate
from kindergartens.models import AnnualStatistics, MonthlyFiling
from kindergartens.rules import school_year
from reports.filings.checks import Stated, catalogue
from reports.filings.checks.statistics import FIGURES

OF_THE_RETURN = "of the kindergarten whose return is in hand"


def stated_for_filing(filing: MonthlyFiling) -> dict[str, Stated]:
    """By check: the newest row of the school year on or before the statistical date. One query.

    Not of the school year before: over the summer 大班 leave and new children come. A figure that
    was not told, or whose check is not made in that month yet, is missing.
    """
    wanted = {
        code: numbers
        for code in FIGURES
        if (numbers := catalogue()[code].numbers_in(filing.month)) is not None
    }
    if not wanted:
        return {}
    day = filing.period.reference_date
    row = (
        AnnualStatistics.objects.unscoped(OF_THE_RETURN)
        .filter(
            county=filing.period.county_id,
            code=filing.kindergarten.code,
            reference_date__range=(dt.date(school_year(day), 9, 1), day),
        )
        .order_by("-reference_date")
        .first()
    )
    if row is None:
        return {}
    return {
        code: Stated(zhdate(row.reference_date), number, numbers["percent"], numbers["least"])
        for code, numbers in wanted.items()
        if (number := getattr(row, FIGURES[code])) is not None
    }
