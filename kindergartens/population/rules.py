"""Children of preschool age from births, and sums that have to fit. Plain Python.

A forecast is a forecast: it is shown beside the figures, marked 推算, and never enters one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

# A school year's cohort is born from 1 September to 31 August (facts §1.3): of the earlier year's
# births four months of twelve, of the later year's eight, taken as spread evenly.
MONTHS_OF_THE_EARLIER, MONTHS_OF_THE_LATER, MONTHS = 4, 8, 12
AGES = (3, 4, 5)
# A town sum and the county's own value may differ by rounding and by people no town counts.
TOLERATED_SHARE = Decimal("0.005")


@dataclass(frozen=True)
class Forecast:
    """Children of one school year, whole persons; None where a year's births are not known."""

    school_year: int
    by_age: Mapping[int, int | None]
    total: int | None


def cohort(births: Mapping[int, int], *, school_year: int, age: int) -> Decimal | None:
    """Children of `age` full years on 31 August of the year the school year begins in (推算).

    Born from September `school_year - age - 1` to August `school_year - age`; nobody is taken to
    have moved or died. None unless both years' births are known.
    """
    later = births.get(school_year - age)
    earlier = births.get(school_year - age - 1)
    if later is None or earlier is None:
        return None
    return (
        Decimal(earlier) * MONTHS_OF_THE_EARLIER + Decimal(later) * MONTHS_OF_THE_LATER
    ) / MONTHS


def forecast(births: Mapping[int, int], *, school_year: int) -> Forecast:
    """Three-, four- and five-year-olds of a school year; the sum is of the unrounded cohorts."""
    cohorts = {age: cohort(births, school_year=school_year, age=age) for age in AGES}
    known = [value for value in cohorts.values() if value is not None]
    total = _whole(sum(known, Decimal(0))) if len(known) == len(AGES) else None
    return Forecast(
        school_year,
        {age: None if value is None else _whole(value) for age, value in cohorts.items()},
        total,
    )


def _whole(number: Decimal) -> int:
    return int(number.quantize(Decimal(1), ROUND_HALF_UP))


@dataclass(frozen=True)
class SumCheck:
    """The towns' sum beside the county's own value (乡镇合计与区县值). `missing` towns have none."""

    towns: int | None
    county: int | None
    missing: int

    @property
    def difference(self) -> int | None:
        """Towns minus county; None while a town is missing or the county has no value."""
        if self.towns is None or self.county is None or self.missing:
            return None
        return self.towns - self.county

    @property
    def is_wide(self) -> bool:
        """Whether the two differ by more than half of one percent of the county's value."""
        apart = self.difference
        if apart is None or self.county is None:
            return False
        return Decimal(abs(apart)) > self.county * TOLERATED_SHARE
