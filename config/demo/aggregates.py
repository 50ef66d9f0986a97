"""The years before the first return of a county of the demo, as an invented yearbook has them."""

from __future__ import annotations

import datetime as dt

from accounts.models import Region
from indicators.aggregates.services import Entry, enter_aggregates

SOURCE = "示例区教育统计资料"
# Kindergartens, classes, children (all, public, inclusive private), full-time teachers, staff, and
# children of 3 to 5; the newest last. A year without children of that age has none.
YEARS = (
    (118, 1_186, 33_906, 12_680, 12_910, 1_982, 3_905, 37_120),
    (121, 1_192, 33_412, 13_034, 12_986, 2_014, 3_960, 36_248),
    (126, 1_201, 32_705, 13_420, 13_102, 2_047, 4_012, None),
    (131, 1_174, 31_288, 13_548, 12_640, 2_036, 3_987, 33_515),
    (134, 1_139, 29_640, 13_486, 12_118, 2_005, 3_921, 31_894),
)
BROKEN = 2  # the year whose private children do not add up
LAST_YEARS_AGO = 2


def write_aggregates(code: str, now: dt.datetime) -> str:
    """Rows of 1 September, one with a part sum that breaks and the reason for it."""
    county = Region.objects.get(level=Region.Level.COUNTY, code=code)
    first = now.year - LAST_YEARS_AGO - len(YEARS) + 1
    rows = [_entry(county, first + number, number) for number in range(len(YEARS))]
    enter_aggregates(entries=rows, reason="演示数据", by=None, now=now)
    return f"历年数{len(rows)}条"


def _entry(county: Region, year: int, number: int) -> Entry:
    gardens, classes, children, public, inclusive, teachers, staff, aged = YEARS[number]
    counts = {
        "kindergartens": gardens, "classes": classes, "enrolled_children": children,
        "public_children": public, "inclusive_private_children": inclusive,
        "private_children": children - public + (12 if number == BROKEN else 0),
        "full_time_teachers": teachers, "staff": staff,
    }  # fmt: skip
    if aged is not None:
        counts["resident_population_3_5"] = aged
    rate = f"{public / children * 100:.2f}"
    return Entry(
        region=county, reference_date=dt.date(year, 9, 1), source=f"{SOURCE}{year}",
        sponsor="", kind="statistics", place="表3", scope="kindergartens",
        explanation="原表民办合计含后来注销的一所" if number == BROKEN else "",
        counts=counts, printed={}, published={"public_enrolment_share": rate},
    )  # fmt: skip
