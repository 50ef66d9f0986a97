"""The register of unlicensed places as it stood on a day, and its counts by route and state."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from accounts.access.roles import ADMINISTRATORS
from accounts.access.scope import home_region
from accounts.models import Membership, Organisation, Region, User
from accounts.typed_text import clean, day_until
from kindergartens.groups.filtering import EVERYONE
from kindergartens.models import (
    Kindergarten,
    KindergartenStatus,
    UnlicensedCheck,
    UnlicensedKindergarten,
    UnlicensedPlacement,
    UnlicensedPlan,
)
from kindergartens.unlicensed.rules import children_not_placed, roster_children

KINDS_OF_POSTS = "whether an organisation only runs the portal; no post is shown"
OF_A_PLACE_SEEN = "rows of a place that the person was found to see"
# Places with columns that exist only in the query, which the type checker cannot see.
Rows = QuerySet[Any]

# States on a day. The first three are open.
STATES: Mapping[str, str] = {
    "found": "待定处置方式",
    "doing": "处置中",
    "overdue": "逾期",
    "licensed": "取得办园许可",
    "closed": "已关停",
    "childcare": "已转为托育",
}
OPEN = ("found", "doing", "overdue")
NOT_DECIDED = "none"


@dataclass(frozen=True)
class RosterFilter:
    """What a person asked the list for. Unknown values are dropped, never an error."""

    day: dt.date
    text: str = ""
    region: str = ""
    route: str = ""
    state: str = "open"

    @classmethod
    def from_query(cls, query: Mapping[str, str], today: dt.date) -> RosterFilter:
        region, route = query.get("region", ""), query.get("route", "")
        state = query.get("state", "open")
        return cls(
            day=day_until(query.get("on", ""), today),
            text=unicodedata.normalize("NFKC", clean(query.get("q", "")))[:60],
            region=region if region.isascii() and region.isdecimal() else "",
            route=route if route in {*UnlicensedPlan.Route.values, NOT_DECIDED} else "",
            state=state if state in {*STATES, "open", "all"} else "open",
        )


def _newest(rows: QuerySet[Any], column: str) -> Subquery:
    return Subquery(rows.values(column)[:1])


def places_on(user: User, day: dt.date) -> Rows:
    """Places found by a day that the person sees, as they stood at its end.

    `state` is a key of STATES, `route` a value of UnlicensedPlan.Route or None, `deadline`, `lead`
    of the plan in force; `children` and `staff` of the newest check that found it running and
    counted them, None where nobody did; `placed` the children placed (0 for none).
    """
    plans = UnlicensedPlan.objects.unscoped(OF_A_PLACE_SEEN).filter(
        place=OuterRef("pk"), decided_on__lte=day
    )
    checks = UnlicensedCheck.objects.unscoped(OF_A_PLACE_SEEN).filter(
        place=OuterRef("pk"), day__lte=day, withdrawn_reason=""
    )
    running = checks.filter(running=True)
    placements = (
        UnlicensedPlacement.objects.unscoped(OF_A_PLACE_SEEN)
        .filter(place=OuterRef("pk"), day__lte=day, withdrawn_reason="")
        .order_by()
        .values("place")
        .annotate(of_place=Sum("children"))
        .values("of_place")
    )
    rows: Rows = UnlicensedKindergarten.objects.visible_to(user).filter(found_on__lte=day)
    return rows.annotate(
        route=_newest(plans, "route"),
        deadline=_newest(plans, "deadline"),
        lead=_newest(plans, "lead__name"),
        checked_on=_newest(checks, "day"),
        children=_newest(running.filter(children__isnull=False), "children"),
        staff=_newest(running.filter(staff__isnull=False), "staff"),
        placed=Coalesce(Subquery(placements, output_field=IntegerField()), 0),
        state=Case(
            When(closed_on__lte=day, then=F("outcome")),
            When(deadline__lt=day, then=Value("overdue")),
            When(route__isnull=True, then=Value("found")),
            default=Value("doing"),
            output_field=CharField(),
        ),
    )


def in_region(rows: Rows, region: Region) -> Rows:
    """Of the rows those in a region or below it."""
    field = Region.ANCESTOR_FIELD.get(Region.Level(region.level))
    return rows.filter(town=region) if field is None else rows.filter(**{f"town__{field}": region})


def roster_rows(user: User, asked: RosterFilter, where: Q = EVERYONE) -> Rows:
    """Rows of the list, by town and day of finding; `where` narrows them (a group's towns)."""
    rows = places_on(user, asked.day).select_related("town__county", "licensed_as")
    rows = rows.filter(where)
    if asked.text:
        rows = rows.filter(Q(name__icontains=asked.text) | Q(address__icontains=asked.text))
    if asked.region:
        rows = rows.filter(
            Q(town__code=asked.region)
            | Q(town__county__code=asked.region)
            | Q(town__city__code=asked.region)
        )
    if asked.route == NOT_DECIDED:
        rows = rows.filter(route__isnull=True)
    elif asked.route:
        rows = rows.filter(route=asked.route)
    if asked.state == "open":
        rows = rows.filter(state__in=OPEN)
    elif asked.state != "all":
        rows = rows.filter(state=asked.state)
    return rows.order_by("town__code", "found_on", "pk")


@dataclass(frozen=True)
class Standing:
    """Open places of a region on a day. `children` of those counted, None where none was;
    `not_counted` are the places whose children nobody has counted."""

    day: dt.date
    places: int
    children: int | None
    not_counted: int


def standing(user: User, region: Region, day: dt.date) -> Standing:
    """What stands beside the three rates and enters none of them."""
    rows = in_region(places_on(user, day), region).filter(state__in=OPEN)
    sums = rows.aggregate(
        places=Count("pk"),
        of_all=Sum("children"),
        not_counted=Count("pk", filter=Q(children__isnull=True)),
    )
    return Standing(day, sums["places"], sums["of_all"], sums["not_counted"])


@dataclass(frozen=True)
class Progress:
    """Counts of one town, or county, or of all: open places by route, ended ones by end."""

    name: str
    code: str
    found: int
    license: int
    rectify: int
    ban: int
    childcare: int
    overdue: int
    licensed: int
    closed: int
    converted: int
    open: int
    children: int | None

    @property
    def ended(self) -> int:
        return self.licensed + self.closed + self.converted


def progress(user: User, day: dt.date, where: Q = EVERYONE) -> list[Progress]:
    """By county above the county, else by town, those with places alone; the total is last."""
    home = home_region(user)
    at = "town__county" if home is not None and home.level < Region.Level.COUNTY else "town"
    is_open = Q(state__in=OPEN)
    counts = {
        "found_": Count("pk", filter=is_open & Q(route__isnull=True)),
        **{
            f"{route}_": Count("pk", filter=is_open & Q(route=route))
            for route in UnlicensedPlan.Route.values
        },
        "overdue_": Count("pk", filter=Q(state="overdue")),
        "licensed_": Count("pk", filter=Q(state="licensed")),
        "closed_": Count("pk", filter=Q(state="closed")),
        "converted_": Count("pk", filter=Q(state="childcare")),
        "open_": Count("pk", filter=is_open),
        "children_": Sum("children", filter=is_open),
    }
    rows = places_on(user, day).filter(where)
    parts = (
        rows.order_by(f"{at}__code").values(
            place_name=F(f"{at}__name"), place_code=F(f"{at}__code")
        )
    ).annotate(**counts)
    lines = [_progress(part.pop("place_name"), part.pop("place_code"), part) for part in parts]
    if len(lines) > 1:
        lines.append(_progress("合计", "", rows.aggregate(**counts)))
    return lines


def _progress(name: str, code: str, counts: Mapping[str, Any]) -> Progress:
    numbers = {key.removesuffix("_"): number for key, number in counts.items() if key[-1] == "_"}
    return Progress(name=name, code=code, **numbers)


@dataclass(frozen=True)
class Roster:
    """Children of one place: `children` is rules.roster_children, None before the first count."""

    children: int | None
    placed: int

    @property
    def missing(self) -> int | None:
        return children_not_placed(self.children, self.placed)


def roster(place: UnlicensedKindergarten) -> Roster:
    counts = place.unlicensedchecks.filter(
        running=True, children__isnull=False, withdrawn_reason=""
    ).values_list("day", "children")
    gone = list(
        place.unlicensedplacements.filter(withdrawn_reason="").values_list("day", "children")
    )
    return Roster(roster_children(counts, gone), sum(number for _, number in gone))


def last_day(place: UnlicensedKindergarten) -> dt.date:
    """The newest day on which something that counts is recorded about the place."""
    days = [
        place.unlicensedplans.aggregate(day=Max("decided_on"))["day"],
        *(
            rows.filter(withdrawn_reason="").aggregate(day=Max("day"))["day"]
            for rows in (place.unlicensedchecks, place.unlicensedplacements)
        ),
    ]
    return max([place.found_on, *(day for day in days if day is not None)])


def later_of(place: UnlicensedKindergarten) -> UnlicensedKindergarten | None:
    """The entry of the same place when it was found running again."""
    return UnlicensedKindergarten.objects.unscoped(OF_A_PLACE_SEEN).filter(earlier=place).first()


def towns_of(user: User) -> QuerySet[Region]:
    """Towns of the person's region, to report a find in."""
    home = home_region(user)
    if home is None:
        return Region.objects.none()
    return (
        Region.objects.within(home)
        .active()
        .filter(level=Region.Level.TOWN)
        .select_related("county")
        .order_by("code")
    )


def regions_with_places(user: User) -> list[Region]:
    """Towns to filter by, counties first for whoever sees several."""
    seen = UnlicensedKindergarten.objects.visible_to(user)
    home = home_region(user)
    found = Q(pk__in=seen.values("town"))
    if home is not None and home.level < Region.Level.COUNTY:
        found |= Q(pk__in=seen.values("town__county"))
    return list(Region.objects.filter(found).select_related("county").order_by("code"))


def leads_for(place: UnlicensedKindergarten) -> QuerySet[Organisation]:
    """Who may take the lead at a place: leads_in its county."""
    return leads_in(place.town.county_id)


def leads_in(county_id: int | None) -> QuerySet[Organisation]:
    """Bureaus and departments of a county, which may take the lead and supervise.

    Whoever only runs the portal is an organisation for its accounts alone, and closes no place.
    """
    posts = Membership.objects.unscoped(KINDS_OF_POSTS).filter(organisation=OuterRef("pk"))
    runs_the_portal = Exists(posts.filter(role__in=ADMINISTRATORS))
    does_business = Exists(posts.exclude(role__in=ADMINISTRATORS))
    return (
        Organisation.objects.filter(
            region=county_id,
            kind__in=[Organisation.Kind.BUREAU, Organisation.Kind.DEPARTMENT],
        )
        .filter(~runs_the_portal | does_business)
        .order_by("kind", "name")
    )


def kindergartens_for(
    user: User, place: UnlicensedKindergarten, day: dt.date
) -> QuerySet[Kindergarten]:
    """Kindergartens of the county that run on a day, to take children in or to be the licensed one."""
    there = (
        KindergartenStatus.objects.visible_to(user)
        .on(day)
        .filter(
            town__county=place.town.county_id,
            kindergarten=OuterRef("pk"),
            operating_state=KindergartenStatus.OperatingState.OPERATING,
        )
    )
    return Kindergarten.objects.visible_to(user).filter(Exists(there)).order_by("code")
