"""Figures of a group (集团, 组团, 联盟…): the same sums as a region's, over its kindergartens.

Not stored: a group has some dozens of kindergartens, and who belongs to it is known on the month's
statistical date only.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from accounts.access.scope import REGION_CHECKED
from accounts.models import Region
from indicators.catalogue import INDICATORS, THREE_RATES
from indicators.models import KindergartenFacts, RegionFacts
from indicators.selectors.figures import Figure, build_figure
from indicators.selectors.judging import MonthContext, reference_date
from indicators.selectors.progress import OwedReturn, filing_progress
from indicators.sums import SUMS, cast
from kindergartens.groups.selectors import kindergartens_in, members_on
from kindergartens.models import Group
from kindergartens.rules import last_day

# The very sums of a region's row, over the kindergartens named.
SUM_OF_KINDERGARTENS = f"""
SELECT max(f.accepted_at), {", ".join(f"coalesce({sum_}, 0)::{cast(name)} AS {name}" for name, sum_ in SUMS.items())}
FROM indicators_kindergartenfacts f
WHERE f.month = %(month)s AND f.superseded_at IS NULL AND f.counts_enrolment
    AND f.kindergarten_id = ANY(%(kindergartens)s)
"""  # noqa: S608 - built from column names, never from input

PENDING_NAMES = [
    field.name for field in RegionFacts._meta.fields if field.name.startswith("pending_")
]


@dataclass(frozen=True)
class GroupFigures:
    """A group's three rates of one month, and the rows that add up to them."""

    figures: list[Figure]
    facts: RegionFacts
    # Read when first gone through; a file goes through it without keeping it.
    counted: QuerySet[KindergartenFacts]
    owing: list[OwedReturn]
    reference_date: dt.date
    only_towns: bool

    def owing_in(self, state: str) -> int:
        return sum(row.state == state for row in self.owing)

    @property
    def submitted(self) -> int:
        return self.owing_in("submitted")

    @property
    def returned(self) -> int:
        return self.owing_in("returned")

    @property
    def accepted(self) -> int:
        """Counted ones, and those accepted a moment ago that are counted next."""
        return self.facts.accepted + self.owing_in("accepted")


def group_figures(group: Group, month: dt.date) -> GroupFigures:
    """Figures over the kindergartens that were in the group on the month's statistical date.

    The population is that of its towns. A kindergarten that came in by itself, from a town outside
    the group, brings no population: then there is no gross enrolment rate.
    """
    county = group.county
    known = reference_date(county, month)
    day = known or last_day(month)
    kindergartens = list(kindergartens_in(group, day).values_list("pk", flat=True))
    members = members_on(group, day)
    inside = set(kindergartens)
    owing = [row for row in filing_progress(county, month).rows if row.kindergarten_id in inside]
    facts = _facts(group, month, kindergartens, owing)
    towns = [member.town for member in members if member.town is not None]
    only_towns = bool(towns) and len(towns) == len(members)
    if only_towns:
        facts.resident_population_3_5 = _population(towns, month)
    context = MonthContext(month, known, None)
    counted = (
        KindergartenFacts.objects.unscoped(REGION_CHECKED)
        .current()
        .filter(month=month, counts_enrolment=True, kindergarten__in=kindergartens)
        .select_related("kindergarten", "filing_version", "town")
        .order_by("town__code", "kindergarten__code")
    )
    return GroupFigures(
        figures=[
            build_figure(INDICATORS[code], county, month, facts, None, context)
            for code in THREE_RATES
        ],
        facts=facts,
        counted=counted,
        owing=owing,
        reference_date=day,
        only_towns=only_towns,
    )


def _facts(
    group: Group,
    month: dt.date,
    kindergartens: list[int],
    owing: list[OwedReturn],
) -> RegionFacts:
    """The sums as an unsaved row, so that every rule for regions holds for it."""
    with connection.cursor() as cursor:
        cursor.execute(SUM_OF_KINDERGARTENS, {"month": month, "kindergartens": kindergartens})
        names = [column.name for column in cursor.description]
        sums = dict(zip(names, cursor.fetchone(), strict=True))
    computed_at = sums.pop("max")
    counted = sums["kindergartens"]
    filed = [row for row in owing if row.state in {"submitted", "returned", "accepted"}]
    return RegionFacts(
        region=group.county,
        month=month,
        computed_at=computed_at,
        expected=counted + len(owing),
        filed=counted + len(filed),
        accepted=counted,
        **sums,
        # What the missing ones could add matters to a verdict only, and no target judges a group.
        **dict.fromkeys(PENDING_NAMES, 0),
    )


def _population(towns: list[Region], month: dt.date) -> int | None:
    """Residents of 3 to 5 in all the towns; None while one of them has none registered."""
    rows = RegionFacts.objects.unscoped(REGION_CHECKED).filter(
        region__in=[town.pk for town in towns], month=month
    )
    counts = list(rows.values_list("resident_population_3_5", flat=True))
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(towns) else None
