"""The list, its sums, the map and the saved views: all of what the person may see, no more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from accounts.access.roles import RoleCode
from accounts.access.scope import NOTHING
from accounts.models import Membership, Region, User
from kindergartens.models import (
    ClassCount,
    ColumnChoice,
    Kindergarten,
    KindergartenStatus,
    MonthlyFiling,
    SavedView,
)
from kindergartens.procedures import annual_checks, filed_directors
from kindergartens.search.filters import RegistryFilter
from kindergartens.selectors import REOPENED, Rows, kindergartens_on

# Columns that need a query of their own for every row shown.
COSTLY = frozenset({"children", "children_month", "filing", "director", "annual_check"})
# Columns that read the person or the kindergarten a row points at.
NAME_OTHERS = frozenset({"inspector", "host", "completeness"})
EVERYTHING = COSTLY | NAME_OTHERS


def registry(
    user: User,
    asked: RegistryFilter,
    *,
    day: dt.date,
    month: dt.date | None,
    columns: Collection[str] = COSTLY,
) -> Rows:
    """Rows of the list: `children` and `children_month` of the last return that counts,
    `filing_state` of the given month's return (None when it was not begun), `director` by name
    (of the account, else as filed),
    `annual_conclusion` and `annual_year` of the latest yearly check that was concluded.

    A return sent back for a correction goes on counting, and its state is "reopened" until the
    correction is submitted. Returns filed in another county are that county's to read. What no
    column shows and nothing is sorted by is not looked up.
    """
    needed = {*columns, asked.sort.removeprefix("-")}
    rows = kindergartens_on(user, day).filter(asked.where(day))
    if needed & {"children", "children_month"}:
        rows = _with_children(rows, user)
    if "filing" in needed:
        rows = _with_filing(rows, user, month)
    if "director" in needed:
        rows = rows.annotate(
            director=Coalesce(Subquery(_director(day)), filed_directors.name_of_row())
        )
    if "annual_check" in needed:
        checks = annual_checks.latest()
        rows = rows.annotate(
            annual_conclusion=Subquery(checks.values("conclusion")[:1]),
            annual_year=Subquery(checks.values("details__year")[:1]),
        )
    if needed & NAME_OTHERS:
        rows = rows.select_related("inspector", "host")
    return rows.order_by(*asked.order)


def in_order(user: User, asked: RegistryFilter, *, day: dt.date, month: dt.date | None) -> Rows:
    """Keys of the list's rows, with no more looked up than they are sorted by.

    A page far down passes over all rows before it, and what columns show of them costs.
    """
    return registry(user, asked, day=day, month=month, columns=()).values_list("pk", flat=True)


def rows_of(
    user: User,
    keys: Collection[int],
    asked: RegistryFilter,
    *,
    day: dt.date,
    month: dt.date | None,
    columns: Collection[str],
) -> list[Any]:
    """The list's rows of these keys, in the order of the keys."""
    found = registry(user, asked, day=day, month=month, columns=columns).filter(pk__in=keys)
    by_key = {row.pk: row for row in found.order_by()}
    return [by_key[key] for key in keys if key in by_key]


def _with_children(rows: Rows, user: User) -> Rows:
    accepted = (
        MonthlyFiling.objects.visible_to(user)
        .filter(kindergarten=OuterRef("pk"), accepted_version__isnull=False)
        .order_by("-month")
    )
    heads = (
        ClassCount.objects.filter(
            filing_version__filing=OuterRef("last_filing"),
            filing_version__version=F("filing_version__filing__accepted_version"),
        )
        .exclude(grade=ClassCount.Grade.NURSERY)
        .order_by()
        .values("filing_version")
        .annotate(head_count=Sum(F("boys") + F("girls")))
        .values("head_count")
    )
    return rows.annotate(
        last_filing=Subquery(accepted.values("pk")[:1]),
        children_month=Subquery(accepted.values("month")[:1]),
        children=Subquery(heads),
    )


def _with_filing(rows: Rows, user: User, month: dt.date | None) -> Rows:
    state = MonthlyFiling.State
    this_month = (
        MonthlyFiling.objects.visible_to(user)
        .filter(Q(month=month) if month else NOTHING, kindergarten=OuterRef("pk"))
        # One at most: the model's own order would join two tables for each row.
        .order_by()
        .annotate(
            shown_state=Case(
                When(
                    accepted_version__isnull=False,
                    state__in=[state.DRAFT, state.RETURNED],
                    then=Value(REOPENED),
                ),
                default=F("state"),
            )
        )
    )
    return rows.annotate(filing_state=Subquery(this_month.values("shown_state")[:1]))


def _director(day: dt.date) -> Any:
    posts = (
        Membership.objects.own()
        .in_force(day)
        .filter(organisation=OuterRef("organisation"), role=RoleCode.DIRECTOR, user__is_active=True)
    )
    return posts.order_by("valid_from", "pk").values("user__full_name")[:1]


@dataclass(frozen=True)
class RegistryCounts:
    """Kindergartens by nature, among those running on the day.

    `stopped` were running once; `coming` are registered and open later.
    """

    running: int
    public: int
    inclusive_private: int
    other_private: int
    stopped: int
    coming: int


def registry_counts(user: User, *, day: dt.date) -> RegistryCounts:
    ownership, running = KindergartenStatus.Ownership, Q(current__operating_state="operating")
    counts = kindergartens_on(user, day).aggregate(
        running=Count("pk", filter=running),
        public=Count("pk", filter=running & Q(current__ownership=ownership.PUBLIC)),
        inclusive_private=Count(
            "pk", filter=running & Q(current__ownership=ownership.INCLUSIVE_PRIVATE)
        ),
        other_private=Count(
            "pk", filter=running & Q(current__ownership=ownership.NON_INCLUSIVE_PRIVATE)
        ),
        coming=Count("pk", filter=_opens_later(day)),
        every=Count("pk"),
    )
    every = counts.pop("every")
    return RegistryCounts(stopped=every - counts["running"] - counts["coming"], **counts)


def _opens_later(day: dt.date) -> Q:
    """No status until the day, one from a later day on."""
    begun = KindergartenStatus.objects.unscoped("of kindergartens in hand").filter(
        kindergarten=OuterRef("pk")
    )
    return ~Q(Exists(begun.filter(valid_from__lte=day))) & Q(
        Exists(begun.filter(valid_from__gt=day))
    )


def towns_with_kindergartens(user: User) -> list[Region]:
    """Towns to filter by, in the order of their codes, with `kindergartens` in each."""
    return list(
        Region.objects.filter(organisations__kindergarten__in=Kindergarten.objects.visible_to(user))
        .annotate(kindergartens=Count("organisations__kindergarten"))
        .select_related("county")
        .order_by("code")
    )


def inspectors_at_work(user: User) -> list[tuple[str, str]]:
    """责任督学 of the kindergartens one sees, to filter by."""
    inspected = Kindergarten.objects.visible_to(user).filter(inspector__isnull=False)
    people = User.objects.unscoped("named on kindergartens one sees")
    people = people.filter(pk__in=inspected.values("inspector")).order_by("full_name", "pk")
    return [(str(pk), name) for pk, name in people.values_list("pk", "full_name")]


def chosen_columns(user: User) -> list[str]:
    """The columns a person keeps; empty for the usual ones."""
    kept = ColumnChoice.objects.filter(user=user).values_list("columns", flat=True).first()
    return list(kept or [])


def saved_views(user: User) -> QuerySet[SavedView]:
    return SavedView.objects.visible_to(user).select_related("owner")


# ---- the map -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """A kindergarten on the map; `area` is what its label says: the town, or the county."""

    code: str
    name: str
    latitude: float
    longitude: float
    ownership: str
    running: bool
    area: str


def places(user: User, asked: RegistryFilter, *, day: dt.date, by_county: bool) -> list[Place]:
    """Those with a position, one query."""
    area = "current__town__county__name" if by_county else "current__town__name"
    rows = (
        kindergartens_on(user, day)
        .filter(asked.where(day), latitude__isnull=False)
        .order_by("code")
        .values_list(
            "code",
            "name",
            "latitude",
            "longitude",
            "current__ownership",
            "current__operating_state",
            area,
        )
    )
    return [
        Place(
            code, name, float(lat), float(lon), ownership or "", state == "operating", where or ""
        )
        for code, name, lat, lon, ownership, state, where in rows
    ]


@dataclass(frozen=True)
class TownCount:
    code: str
    name: str
    county: str
    public: int
    inclusive_private: int
    other_private: int
    stopped: int
    located: int

    @property
    def every(self) -> int:
        return self.public + self.inclusive_private + self.other_private + self.stopped


def by_town(user: User, asked: RegistryFilter, *, day: dt.date) -> list[TownCount]:
    """How many kindergartens of each nature a town has, among those asked for."""
    ownership, running = KindergartenStatus.Ownership, Q(current__operating_state="operating")
    rows = (
        kindergartens_on(user, day)
        .filter(asked.where(day), current__isnull=False)
        .order_by("current__town__code")
        .values("current__town__code", "current__town__name", "current__town__county__name")
        .annotate(
            public=Count("pk", filter=running & Q(current__ownership=ownership.PUBLIC)),
            inclusive_private=Count(
                "pk", filter=running & Q(current__ownership=ownership.INCLUSIVE_PRIVATE)
            ),
            other_private=Count(
                "pk", filter=running & Q(current__ownership=ownership.NON_INCLUSIVE_PRIVATE)
            ),
            stopped=Count("pk", filter=~running),
            located=Count("pk", filter=Q(latitude__isnull=False)),
        )
    )
    return [
        TownCount(
            row["current__town__code"],
            row["current__town__name"],
            row["current__town__county__name"] or "",
            row["public"],
            row["inclusive_private"],
            row["other_private"],
            row["stopped"],
            row["located"],
        )
        for row in rows
    ]
