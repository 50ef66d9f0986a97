"""A printed report beside bare WeasyPrint on the same HTML: `python -m benchmarks.print_report`.

What the portal adds: reading the figures, three charts, the HTML, and the checks of typefaces and
glyphs, in a child process. CPU seconds of both processes are compared, medians of alternating
rounds: on a busy machine the clock on the wall says more about the neighbours.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from statistics import median
from typing import Any

import django

from benchmarks.county import make_county

GOAL = 1.1
ROUNDS = 7
TOWNS = 30
MONTHS = 12


def measure() -> str:
    """The result as one line."""
    from weasyprint import HTML

    from accounts.models import Region
    from indicators.selectors import figures
    from reports.documents import monthly_rates
    from reports.documents.pdf import packaged_files_only, to_pdf

    county = _county()
    county = Region.objects.select_related("province", "city").get(pk=county.pk)
    month = dt.date(2026, 10, 1)

    def html() -> str:
        body = monthly_rates.collect(county, month, figures(county, month))
        return monthly_rates.html({"heading": _heading(county), **body})

    same = html()
    floor, ours, pages = [], [], 0
    for _ in range(ROUNDS):
        floor.append(
            _seconds(
                lambda: HTML(string=same, url_fetcher=packaged_files_only()).write_pdf(
                    pdf_variant="pdf/ua-1"
                )
            )
        )
        started = _cpu()
        pages = to_pdf(html()).pages
        ours.append(_cpu() - started)
    ratio = median(ours) / median(floor)
    return (
        f"print_report: {ratio:.2f}x (goal {GOAL}x) of bare WeasyPrint on the same HTML, "
        f"{median(ours):.2f} s of CPU against {median(floor):.2f} s, "
        f"{pages} pages, {TOWNS} towns, {ROUNDS} rounds"
    )


def _cpu() -> float:
    """Seconds of processor time of this process and of the children it has ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _seconds(action: Callable[[], object]) -> float:
    started = _cpu()
    action()
    return _cpu() - started


def _county() -> Any:
    """A county with thirty towns and a year of sums, as rows."""
    from indicators.models import RegionFacts

    county, towns = make_county(TOWNS)
    RegionFacts.objects.bulk_create(
        _facts(region, dt.date(2025 + (10 + back) // 12, (10 + back) % 12 + 1, 1), times)
        for region, times in [(county, TOWNS), *((town, 1) for town in towns)]
        for back in range(MONTHS)
    )
    return county


def _facts(region: Any, month: dt.date, times: int) -> Any:
    from django.db.models import PositiveIntegerField

    from indicators.models import RegionFacts

    counts = {
        field.attname: 10 * times
        for field in RegionFacts._meta.concrete_fields
        if isinstance(field, PositiveIntegerField)
    }
    counts |= {
        "enrolled_children": (900 + month.month) * times,
        "inclusive_children": 800 * times,
        "public_children": 500 * times,
        "resident_population_3_5": 1000 * times,
        "registered_population_3_5": 950 * times,
    }
    computed = dt.datetime(2026, 11, 5, tzinfo=dt.UTC)
    return RegionFacts(
        region=region, month=month, computed_at=computed, population_date=month, **counts
    )


def _heading(county: Any) -> dict[str, Any]:
    now = "2026-11-05T16:40:00+08:00"
    return {
        "title": f"{county.name}三率月报", "kind": "三率月报", "number": "SLYB-990101-202610-00000000",
        "organisation": f"{county.name}教育局", "portal": "学前教育督导", "is_demo": False,
        "origin": "https://portal.example", "region_code": county.code, "region": county.name,
        "region_name": county.name, "region_level": county.level, "month": "2026-10-01",
        "reference_date": "2026-10-31", "population_date": "2026-10-01", "computed_at": now,
        "printed_at": now, "expected": 300, "filed": 300, "accepted": 300, "provisional": False,
    }  # fmt: skip


def main() -> None:
    """Measure in a scratch database, which is gone afterwards."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.db import connection

    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        print(measure())
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


if __name__ == "__main__":
    main()
