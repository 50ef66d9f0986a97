"""报送进度: every kindergarten that owes a month's return, with what became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    FilteredRelation,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.access.scope import home_region, region_scope
from accounts.models import NoticeDelivery, NoticeReading, Region, User
from accounts.typed_text import clean
from kindergartens.calendar.waiting import waits_for_town
from kindergartens.groups.filtering import EVERYONE
from kindergartens.models import FilingExtension, FilingUrge, KindergartenStatus, MonthlyFiling
from kindergartens.models.search_text import folded
from reports.filings import selectors as returns
from reports.filings.board.models import FollowUp
from reports.filings.board.rules import Urging

OWED_IN_THE_AREA = "who owes a return by the status in a town of the person's region"
# Rows with columns that exist only in the query, which the type checker cannot see.
Rows = QuerySet[Any]

# What a return is, each kindergarten in exactly one: the counters add up to those expected.
# `pre_review`, submitted and waiting for its town, only where a county wants it.
STATES = ("unfiled", "draft", "returned", "pre_review", "submitted", "accepted")
# Submitted and not taken back; one that counts stays filed while its correction is under way.
# Said of a row that may have no return: a negation would hold for it.
FILED = Q(
    owed_return__state__in=[
        MonthlyFiling.State.SUBMITTED,
        MonthlyFiling.State.RETURNED,
        MonthlyFiling.State.ACCEPTED,
    ]
) | Q(owed_return__accepted_version__isnull=False)
# Counted apart: a part of those above, and never a state of their own.
APART = {
    "open": Q(is_filed=False),
    "late": Q(is_late=True),
    "extended": Q(extended_until__isnull=False),
    "followed": Q(is_followed=True),
}
FILTERS: dict[str, Q] = {"": EVERYONE} | {code: Q(progress=code) for code in STATES} | APART

SORTS = {
    "progress": "urgency",
    "name": "kindergarten__name",
    "town": "town__code",
    "submitted": "submitted_at",
    "saved": "saved_at",
}
LONGEST_TEXT = 60


@dataclass(frozen=True)
class BoardFilter:
    """What the address asks for. `state` is one of FILTERS, `region` one below the person's."""

    month: dt.date
    state: str
    region: Region | None
    text: str
    sort: str

    @property
    def narrows(self) -> bool:
        return bool(self.state or self.region or self.text)

    def where(self) -> Q:
        """The conditions beside the state: what the counters count.

        For rows that have a `kindergarten` and a `town`: of status, and of returns.
        """
        found = EVERYONE
        if self.region is not None:
            field = Region.ANCESTOR_FIELD.get(Region.Level(self.region.level))
            found &= Q(**{f"town__{field}" if field else "town": self.region.pk})
        if self.text:
            found &= Q(kindergarten__search_text__contains=folded(self.text)) | Q(
                kindergarten__name__icontains=self.text
            )
        return found


def asked_for(query: Mapping[str, str], user: User, month: dt.date) -> BoardFilter:
    """Read the address; what does not exist, or lies outside the person's region, is ignored."""
    state, sort = query.get("state", ""), query.get("sort", "")
    code = query.get("region", "")
    home = home_region(user)
    region = None
    if home is not None and code.isascii() and code.isdecimal() and len(code) <= 12:
        region = Region.objects.within(home).exclude(pk=home.pk).filter(code=code).first()
    return BoardFilter(
        month=month,
        state=state if state in FILTERS else "",
        region=region,
        text=clean(query.get("q", ""))[:LONGEST_TEXT],
        sort=sort if sort.removeprefix("-") in SORTS else "progress",
    )


def owed_in_area(user: User, month: dt.date, *, now: dt.datetime, where: Q = EVERYONE) -> Rows:
    """Status rows of who owes a return of the month, in all counties of the person's region.

    By the status in force on the statistical date of the town's county, as everywhere: a
    kindergarten that has moved away or closed since still owes it. With `progress` (of STATES),
    `is_filed`, `is_late`, `filing_id`, `version`, `submitted_at`, `saved_at`, the period's
    `period_id`, `opens_at`, `due_at`, `locks_at`, `extended_until` of the extension in force, and
    `is_followed` where a follow-up is open.
    """
    extension = (
        FilingExtension.objects.in_force(now)
        .filter(kindergarten=OuterRef("kindergarten"), period=OuterRef("owed_period"))
        .order_by("-until")
    )
    followed = FollowUp.objects.unscoped(OWED_IN_THE_AREA).filter(
        filing=OuterRef("owed_return"), closed_at=None
    )
    return (
        KindergartenStatus.objects.unscoped(OWED_IN_THE_AREA)
        .filter(region_scope(user, "town"))
        .annotate(
            owed_period=FilteredRelation(
                "town__county__periods", condition=Q(town__county__periods__month=month)
            ),
            owed_return=FilteredRelation(
                "kindergarten__filings", condition=Q(kindergarten__filings__month=month)
            ),
        )
        .filter(owed_period__isnull=False)
        .on(F("owed_period__reference_date"))  # type: ignore[arg-type]
        .expected_to_file()
        .filter(where)
        .annotate(
            period_id=F("owed_period__pk"),
            opens_at=F("owed_period__opens_at"),
            due_at=F("owed_period__due_at"),
            locks_at=F("owed_period__locks_at"),
            filing_id=F("owed_return__pk"),
            version=Coalesce(F("owed_return__version"), 0),
            counts=F("owed_return__accepted_version"),
            submitted_at=F("owed_return__first_submitted_at"),
            saved_at=F("owed_return__updated_at"),
            waits_for_town=waits_for_town("owed_return__"),
            is_filed=Case(When(FILED, then=Value(True)), default=Value(False)),
            is_late=Case(
                When(
                    FILED,
                    owed_return__first_submitted_at__gt=F("owed_period__due_at"),
                    then=Value(True),
                ),
                default=Value(False),
            ),
            extended_until=Subquery(extension.values("until")[:1]),
            is_followed=Exists(followed),
        )
        .annotate(
            progress=Case(
                When(waits_for_town=True, then=Value("pre_review")),
                default=Coalesce(F("owed_return__state"), Value("unfiled")),
                output_field=CharField(),
            )
        )
        .annotate(
            urgency=Case(
                *(When(progress=code, then=Value(place)) for place, code in enumerate(STATES)),
                output_field=IntegerField(),
            )
        )
    )


def in_order(rows: Rows, sort: str) -> Rows:
    """With what a line shows. The order is total, so that no page shows a row twice."""
    column = F(SORTS[sort.removeprefix("-")])
    first = column.desc(nulls_last=True) if sort.startswith("-") else column.asc(nulls_last=True)
    return rows.select_related("kindergarten", "town__county").order_by(
        first, "town__code", "kindergarten__code"
    )


def numbers(rows: Rows) -> dict[str, int]:
    """How many rows each filter has; "" is all that are expected. One query."""
    counted = rows.order_by().aggregate(
        **{f"n_{code}": Count("pk", filter=found) for code, found in FILTERS.items() if code},
        n_=Count("pk"),
    )
    return {code: counted[f"n_{code}"] for code in FILTERS}


@dataclass(frozen=True)
class AreaLine:
    """The counters of one town (or county, for a city)."""

    code: str
    name: str
    numbers: Mapping[str, int]


def by_area(rows: Rows, over: Region) -> list[AreaLine]:
    """The counters of each town of a county, else of each county, by code. One query.

    So a province has its counties side by side, as a city has, and not its cities.
    """
    field = "town" if over.level >= Region.Level.COUNTY else "town__county"
    found = (
        rows.order_by()
        .values(code=F(f"{field}__code"), place=F(f"{field}__name"))
        .annotate(
            **{f"n_{code}": Count("pk", filter=found) for code, found in FILTERS.items() if code},
            n_=Count("pk"),
        )
        .order_by("code")
    )
    return [
        AreaLine(row["code"], row["place"], {code: row[f"n_{code}"] for code in FILTERS})
        for row in found
    ]


@dataclass(frozen=True)
class Enrolled:
    """Children in the latest submitted version here and in the month before; None: not submitted."""

    now: int | None
    last: int | None

    @property
    def change(self) -> int | None:
        return None if self.now is None or self.last is None else self.now - self.last


NOBODY = Enrolled(None, None)


def enrolled_in(user: User, filing_ids: list[int]) -> dict[int, Enrolled]:
    """Of returns found for the person, by key. One query."""
    rows: Rows = returns.with_counts(
        MonthlyFiling.objects.visible_to(user).filter(pk__in=filing_ids)
    )
    return {
        pk: Enrolled(now, last)
        for pk, now, last in rows.values_list("pk", "children", "last_children")
    }


# ---- urging --------------------------------------------------------------------------------------

URGED_AMONG_THOSE = "urges of kindergartens that were found to owe in the person's area"
# Who has something to do: nothing filed, or a return that came back and is not mended. A
# correction that was submitted and withdrawn is a draft again, while the version before counts on.
WAITS_FOR_KINDERGARTEN = Q(is_filed=False) | Q(
    progress__in=[MonthlyFiling.State.RETURNED, MonthlyFiling.State.DRAFT]
)


def with_urging(rows: Rows, *, now: dt.datetime) -> Rows:
    """Rows of owed_in_area with `urging` (Urging): what the page offers and the service does."""
    today = FilingUrge.objects.unscoped(URGED_AMONG_THOSE).filter(
        day=timezone.localdate(now), kindergarten=OuterRef("kindergarten")
    )
    return rows.annotate(
        urging=Case(
            When(~WAITS_FOR_KINDERGARTEN, then=Value(Urging.FILED.value)),
            When(opens_at__gt=now, then=Value(Urging.UPCOMING.value)),
            When(locks_at__lte=now, extended_until__isnull=True, then=Value(Urging.LOCKED.value)),
            When(Exists(today), then=Value(Urging.TODAY.value)),
            default=Value(Urging.POSSIBLE.value),
            output_field=CharField(),
        )
    )


def urging_numbers(rows: Rows) -> dict[Urging, int]:
    """How many of the rows of with_urging may be urged, and how many not and why. One query."""
    counted = rows.order_by().aggregate(
        **{f"n_{one}": Count("pk", filter=Q(urging=one.value)) for one in Urging}
    )
    return {one: counted[f"n_{one}"] for one in Urging}


def urged_on(day: dt.date, kindergarten_ids: list[int]) -> dict[int, FilingUrge]:
    """The urge of a day, by kindergarten. One query."""
    rows = FilingUrge.objects.unscoped(URGED_AMONG_THOSE).filter(
        day=day, kindergarten__in=kindergarten_ids
    )
    with_names = rows.select_related("urged_as__user", "urged_as__organisation", "period")
    return {row.kindergarten_id: row for row in with_names}


def last_urges(user: User, month: dt.date, kindergarten_ids: list[int]) -> dict[int, FilingUrge]:
    """The latest urge about a month, by kindergarten, with who has read it. One query."""
    rows = (
        FilingUrge.objects.visible_to(user)
        .filter(period__month=month, kindergarten__in=kindergarten_ids)
        .select_related("urged_as__user", "urged_as__organisation")
        .annotate(is_read=Exists(readings_of_urge()))
        .order_by("kindergarten_id", "-urged_at")
        .distinct("kindergarten_id")
    )
    return {row.kindergarten_id: row for row in rows}


def readings_of_urge() -> QuerySet[NoticeReading]:
    read = NoticeReading.objects.unscoped("whether somebody there has read it, never who")
    return read.filter(notice=OuterRef("notice"))


OF_URGES_SEEN = "what left the portal for urges that were found for the person"


def urges_of_month(user: User, month: dt.date) -> QuerySet[Any]:
    """Every urge about a month in the person's area, the newest first, and its deliveries."""
    return (
        FilingUrge.objects.visible_to(user)
        .filter(period__month=month)
        .select_related(
            "kindergarten", "town", "notice", "urged_as__user", "urged_as__organisation"
        )
        .prefetch_related(
            Prefetch(
                "notice__deliveries", NoticeDelivery.objects.unscoped(OF_URGES_SEEN).order_by("pk")
            )
        )
        .annotate(is_read=Exists(readings_of_urge()))
        .order_by("-urged_at", "-pk")
    )
