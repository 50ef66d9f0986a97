"""The register of hazards as a list: what was asked for, how it is sorted, what it adds up to."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.access.scope import home_region
from accounts.models import Region, User
from accounts.typed_text import clean
from kindergartens.models import Kindergarten
from safety.hazards import rules
from safety.models import Hazard, HazardEvent
from safety.models.hazard import overdue_on

OPEN, OVERDUE, ALL = "open", "overdue", "all"
# Beside the states themselves.
ASKED_STATES: Mapping[str, str] = {OPEN: "没有销号的", OVERDUE: "逾期未改", **rules.STATES}
SORTS: Mapping[str, str] = {
    "number": "number",
    "kindergarten": "kindergarten__name",
    "found": "found_on",
    "deadline": "deadline",
}


@dataclass(frozen=True)
class HazardFilter:
    """What a person asked the list for. Unknown values are dropped, never an error."""

    text: str = ""
    region: str = ""
    kindergarten: str = ""
    state: str = OPEN
    grade: str = ""
    field: str = ""
    stopped: bool = False
    plated: bool = False
    sort: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> HazardFilter:
        def one_of(name: str, known: Any, default: str = "") -> str:
            return query.get(name, "") if query.get(name, "") in known else default

        code = {name: query.get(name, "") for name in ("region", "kindergarten")}
        sort = query.get("sort", "")
        return cls(
            text=unicodedata.normalize("NFKC", clean(query.get("q", "")))[:60],
            **{name: text for name, text in code.items() if text.isascii() and text.isdecimal()},
            state=one_of("state", {*ASKED_STATES, ALL}, OPEN),
            grade=one_of("grade", rules.GRADES),
            field=one_of("field", rules.FIELDS),
            stopped=query.get("stopped") == "1",
            plated=query.get("plated") == "1",
            sort=sort if sort.removeprefix("-") in SORTS else "",
        )


def hazard_rows(user: User, asked: HazardFilter, today: dt.date) -> QuerySet[Any]:
    """Rows of the list with what each shows, `times_extended` among it; without a sort the most
    pressing first.
    """
    extended = HazardEvent.objects.filter(hazard=OuterRef("pk"), action=HazardEvent.Action.EXTENDED)
    times = extended.order_by().values("hazard").annotate(times=Count("pk")).values("times")
    rows = Hazard.objects.visible_to(user).annotate(times_extended=Coalesce(Subquery(times), 0))
    if asked.text:
        rows = rows.filter(
            Q(number__icontains=asked.text)
            | Q(place__icontains=asked.text)
            | Q(description__icontains=asked.text)
            | Q(kindergarten__name__icontains=asked.text)
        )
    if asked.region:
        town = "kindergarten__organisation__region"
        rows = rows.filter(
            Q(**{f"{town}__code": asked.region})
            | Q(**{f"{town}__county__code": asked.region})
            | Q(**{f"{town}__city__code": asked.region})
        )
    if asked.kindergarten:
        rows = rows.filter(kindergarten__code=asked.kindergarten)
    if asked.state == OPEN:
        rows = rows.open()
    elif asked.state == OVERDUE:
        rows = rows.overdue(today)
    elif asked.state != ALL:
        rows = rows.filter(state=asked.state)
    for name in ("grade", "field"):
        if value := getattr(asked, name):
            rows = rows.filter(**{name: value})
    if asked.stopped:
        rows = rows.filter(stop_use=True)
    if asked.plated:
        rows = rows.filter(plate__isnull=False, plate__delisted_on__isnull=True)
    rows = rows.select_related("kindergarten__organisation__region__county", "plate")
    return rows.order_by(*_order(asked.sort), "-pk")


def _order(sort: str) -> list[Any]:
    if not sort:
        # Major before general, then by what is due first; what has no day comes last.
        return ["-grade", F("deadline").asc(nulls_last=True)]
    by = F(SORTS[sort.removeprefix("-")])
    return [by.desc(nulls_last=True) if sort.startswith("-") else by.asc(nulls_last=True)]


@dataclass(frozen=True)
class Standing:
    """How many of a set of hazards: open ones by what presses, and those that are closed."""

    open: int
    major: int
    plated: int
    overdue: int
    stopped: int
    mended: int
    closed: int


def standing(user: User, today: dt.date, asked: HazardFilter) -> Standing:
    """Of the person's area, narrowed by the filter's kindergarten alone. One query."""
    rows = Hazard.objects.visible_to(user)
    if asked.kindergarten:
        rows = rows.filter(kindergarten__code=asked.kindergarten)
    is_open = ~Q(state__in=rules.OVER)
    hung = Q(plate__isnull=False, plate__delisted_on__isnull=True)
    counts = rows.aggregate(
        open_=Count("pk", filter=is_open),
        major_=Count("pk", filter=is_open & Q(grade=rules.MAJOR)),
        plated_=Count("pk", filter=hung),
        overdue_=Count("pk", filter=overdue_on(today)),
        stopped_=Count("pk", filter=is_open & Q(stop_use=True)),
        mended_=Count("pk", filter=Q(state=rules.MENDED)),
        closed_=Count("pk", filter=Q(state=rules.CLOSED)),
    )
    return Standing(**{name.removesuffix("_"): number for name, number in counts.items()})


def regions_with_hazards(user: User) -> list[Region]:
    """Towns to filter by, counties first for whoever sees several."""
    towns = Hazard.objects.visible_to(user).values("kindergarten__organisation__region")
    home = home_region(user)
    found = Q(pk__in=towns)
    if home is not None and home.level < Region.Level.COUNTY:
        found |= Q(pk__in=Hazard.objects.visible_to(user).values("county"))
    return list(Region.objects.filter(found).select_related("county").order_by("code"))


def kindergartens_for(user: User) -> QuerySet[Kindergarten]:
    """Where a person may report a hazard."""
    return Kindergarten.objects.visible_to(user).order_by("code")
