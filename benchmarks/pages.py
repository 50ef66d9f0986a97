"""Pages of figures at national size: `python -m benchmarks.pages`.

The dashboard, the explanation of a figure and the interface for other systems, of forty different
regions of the nation: ten provinces, cities, counties and towns. Each is asked once for warming up
and then once for the time, through the whole portal. Beside each stands its floor in the same run:
one indexed read of the rows the page is made of, fetched into Python.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from statistics import quantiles
from time import perf_counter
from typing import Any

from benchmarks import scratch

EACH = 10
LEVELS = {1: "province", 2: "city", 3: "county", 4: "town"}
INDICATOR = "public_enrolment_share"
SINCE = dt.date(2020, 1, 1)

OF_REGIONS = """
    SELECT r.* FROM indicators_regionfacts r JOIN accounts_region g ON g.id = r.region_id
    WHERE r.month = %(month)s AND (g.id = %(region)s OR g.parent_id = %(region)s)
"""
OF_KINDERGARTENS = """
    SELECT f.* FROM indicators_kindergartenfacts f
    WHERE f.month = ANY(%(months)s) AND f.superseded_at IS NULL AND f.{column} = %(region)s
"""


@dataclass
class Times:
    """Seconds and queries of one page by level, beside the floor's seconds."""

    page: dict[int, list[float]] = field(default_factory=dict)
    floor: dict[int, list[float]] = field(default_factory=dict)
    queries: set[int] = field(default_factory=set)

    def lines(self, name: str) -> Iterator[str]:
        everything = [second for seconds in self.page.values() for second in seconds]
        floor = [second for seconds in self.floor.values() for second in seconds]
        yield (
            f"{name}: p50 {_part(everything, 50)} ms, p95 {_part(everything, 95)} ms of "
            f"{len(everything)} regions, {_spoken(self.queries)} queries; floor (one indexed read "
            f"of the same rows) p50 {_part(floor, 50)} ms, p95 {_part(floor, 95)} ms"
        )
        for level, word in LEVELS.items():
            ratio = sum(self.page[level]) / sum(self.floor[level])
            yield (
                f"  {word}: p50 {_part(self.page[level], 50)} ms, p95 {_part(self.page[level], 95)} ms, "
                f"{ratio:.0f}x of {_part(self.floor[level], 50)} ms"
            )


def _part(seconds: list[float], percent: int) -> int:
    cuts = quantiles(seconds, n=100, method="inclusive")
    return round(cuts[percent - 1] * 1000)


def _spoken(numbers: set[int]) -> str:
    low, high = min(numbers), max(numbers)
    return str(low) if low == high else f"{low} to {high}"


def measure() -> Iterator[str]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    from accounts.models import Region
    from benchmarks import national
    from indicators.services.recompute import recompute

    national.build()
    now = dt.datetime.now(dt.UTC)
    for month in (national.MONTH_BEFORE, national.MONTH):
        recompute(month=month, now=now)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE indicators_regionfacts")
    regions = {
        level: list(Region.objects.filter(level=level).order_by("pk")[:EACH]) for level in LEVELS
    }
    clients = _Clients()
    asked = national.MONTH.strftime("%Y-%m")
    pages: dict[str, tuple[Callable[[Any], tuple[Any, str]], str]] = {
        "dashboard": (
            lambda r: (
                clients.officer(r),
                f"{reverse('dashboard-region', args=[r.code])}?month={asked}",
            ),
            OF_REGIONS,
        ),
        "explain": (
            lambda r: (
                clients.officer(r),
                reverse("figure-explain", args=[r.code, INDICATOR, national.MONTH]),
            ),
            OF_KINDERGARTENS,
        ),
        "api_parts": (
            lambda r: (
                clients.key(r),
                f"{reverse('api-parts')}?indicator={INDICATOR}&month={asked}",
            ),
            OF_REGIONS,
        ),
    }
    for name, (find, floor_sql) in pages.items():
        times = Times()
        for level, of_level in regions.items():
            for region in of_level:
                client, address = find(region)
                with CaptureQueriesContext(connection) as captured:
                    answer = client.get(address)
                if answer.status_code != 200:
                    raise SystemExit(f"{address} answered {answer.status_code}")
                times.queries.add(len(captured))
                # Who is asked for the second time waits for nothing but the page.
                times.page.setdefault(level, []).append(_seconds(lambda: client.get(address)))  # noqa: B023
                times.floor.setdefault(level, []).append(
                    _seconds(lambda: _read(floor_sql, level, region, national))  # noqa: B023
                )
        yield from times.lines(name)


def _read(sql: str, level: int, region: Any, national: Any) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            sql.format(column=f"{LEVELS[level]}_id"),
            {
                "month": national.MONTH,
                "months": [national.MONTH, national.MONTH_BEFORE],
                "region": region.pk,
            },
        )
        cursor.fetchall()


def _seconds(action: Callable[[], object]) -> float:
    started = perf_counter()
    action()
    return perf_counter() - started


class _Clients:
    """An officer of each province, who may look at everything in it, and a key of each region."""

    def __init__(self) -> None:
        self._officers: dict[int, Any] = {}

    def officer(self, region: Any) -> Any:
        from django.test import Client

        from accounts.models import User

        province = region.province_id or region.pk
        if province not in self._officers:
            client = Client()
            client.force_login(User.objects.get(pk=self._post(province).user_id))
            self._officers[province] = client
        return self._officers[province]

    def key(self, region: Any) -> Any:
        from django.test import Client

        from accounts.models import ApiToken
        from accounts.tokens.services import MARK, digest_of

        # The made-up codes are no codes: each region has a key of its own instead.
        secret, now = f"{MARK}{region.pk}", dt.datetime.now(dt.UTC)
        post = self._post(region.province_id or region.pk)
        ApiToken.objects.get_or_create(
            digest=digest_of(secret),
            defaults={
                "organisation": post.organisation, "region": region, "name": "示例",
                "begins_with": secret[:12], "issued_at": now, "issued_as": post,
                "expires_at": now + dt.timedelta(days=1),
            },
        )  # fmt: skip
        return Client(headers={"Authorization": f"Bearer {secret}"})

    def _post(self, province: int) -> Any:
        from accounts.models import Membership, Organisation, User

        # The rows of the nation brought their own numbers.
        number = 1_000_000 + province
        office, _ = Organisation.objects.get_or_create(
            pk=number,
            defaults={"name": f"示例{province}局", "kind": "city_bureau", "region_id": province},
        )
        user, _ = User.objects.get_or_create(username=f"officer{province}", full_name="示例")
        post, _ = Membership.objects.get_or_create(
            user=user, organisation=office, role="city_officer", valid_from=SINCE
        )
        return post


def main() -> None:
    """Measure in a database of its own and print."""
    # The pages are measured, not the way to them.
    os.environ |= {"RATE_LIMITS": "0", "PLAIN_STATIC": "1", "SECOND_FACTOR_ROLES": "none"}
    os.environ["ALLOWED_HOSTS"] = "testserver"
    logging.disable(logging.INFO)
    with scratch.database("bench_pages"):
        for line in measure():
            print(line, flush=True)


if __name__ == "__main__":
    main()
