"""Public money of kindergartens for a year: a constant number of queries whatever their number."""

from __future__ import annotations

import calendar
import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from accounts.models import Region, User
from fees.funding.audits import Audit, audits_of
from fees.funding.rules import (
    Aided,
    AidOfYear,
    Counted,
    Due,
    Money,
    Standard,
    Why,
    due,
    holding,
)
from fees.models import AidCount, FundingPayment, FundingStandard
from kindergartens.changes.rules import PRIVATE_SPONSORS
from kindergartens.models import ClassCount, Kindergarten, KindergartenStatus

IN_HAND = "of the kindergartens in hand"
Scope = FundingStandard.Scope
OPERATING = KindergartenStatus.OperatingState.OPERATING


@dataclass(frozen=True)
class Entry:
    """One kindergarten's year. `scope` is what it was in the reference month, "" where neither.

    `other_paid` is public money beside the amounts a child, `aid` that of the whole year; both None
    where nobody recorded any. `changed`: what it is changed within the year or since the earliest
    reference month. `counted_in` is the reference month, None without a standard.
    """

    pk: int
    code: str
    name: str
    town: Region
    scope: str
    ownership: str
    standards: tuple[Standard, ...]
    counted_in: dt.date | None
    money: Money
    other_paid: Decimal | None
    aid: AidOfYear | None
    audit: Audit | None
    changed: bool


def of_year(year: int) -> Q:
    """Kindergartens that ran on some day of a year, or were paid for it."""
    ran = KindergartenStatus.objects.unscoped(IN_HAND).filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=dt.date(year, 1, 1)),
        kindergarten=OuterRef("pk"),
        operating_state=OPERATING,
        valid_from__lte=dt.date(year, 12, 31),
    )
    paid = FundingPayment.objects.unscoped(IN_HAND).standing()
    return Q(Exists(ran)) | Q(Exists(paid.filter(kindergarten=OuterRef("pk"), year=year)))


def within(region: Region) -> Q:
    field = Region.ANCESTOR_FIELD.get(Region.Level(region.level))
    town = "organisation__region"
    return Q(**{f"{town}__{field}" if field else town: region.pk})


def entries(of: QuerySet[Kindergarten], year: int, today: dt.date) -> list[Entry]:
    """Of kindergartens the reader was found to see, by place. Seven queries."""
    found = list(
        of.select_related("organisation__region__county", "organisation__region__city").order_by(
            "organisation__region__code", "code"
        )
    )
    keys = of.order_by().values("pk")
    standards = _standards(year)
    statuses = _statuses(keys, year)
    months = {one.counted_in(year) for rows in standards.values() for one in rows}
    counts = _counts(keys, months)
    paid = _paid(keys, year)
    aid = _aid(keys, year)
    audits = audits_of(
        {
            one.pk: (one.organisation.region.code, statuses[one.pk])
            for one in found
            if _ran_privately(statuses[one.pk], year)
        },
        year,
        today,
    )
    made = []
    for one in found:
        town = one.organisation.region
        places = (town.pk, town.county_id, town.city_id, town.province_id)
        rows = statuses[one.pk]
        meant = _meant(rows, standards, places, year, today)
        at_end = _on(rows, _last_day(year, today)) or (rows[-1] if rows else None)
        per_child, other = paid.get(one.pk, (None, None))
        made.append(
            Entry(
                pk=one.pk,
                code=one.code,
                name=one.name,
                town=town,
                scope=meant.scope,
                ownership=at_end.get_ownership_display() if at_end else "",
                standards=meant.standards,
                counted_in=meant.counted_in,
                money=Money(
                    Due(why=meant.why)
                    if meant.why
                    else due(meant.standards, counts.get((one.pk, meant.counted_in))),
                    per_child,
                ),
                other_paid=other,
                aid=aid.get(one.pk),
                audit=audits.get(one.pk),
                changed=_changed(rows, meant.since, _last_day(year, today)),
            )
        )
    return made


Standards = dict[tuple[int, str], list[Standard]]


def _standards(year: int) -> Standards:
    """By place and scope those in force on 1 January, which hold for the year."""
    found: dict[tuple[int, str], list[Standard]] = defaultdict(list)
    rows = FundingStandard.objects.in_force(dt.date(year, 1, 1)).select_related("region")
    for row in rows:
        found[row.region_id, row.scope].append(
            Standard(
                row.region.name, row.document, row.yuan_per_year, row.disabled_yuan_per_year,
                row.counted_year_before, row.counted_month,
            )
        )  # fmt: skip
    return dict(found)


@dataclass(frozen=True)
class Meant:
    """As what a kindergarten is paid, or `why` nothing can be said. `since`: the first day from
    which on a change of what it is matters.
    """

    scope: str
    since: dt.date
    standards: tuple[Standard, ...] = ()
    counted_in: dt.date | None = None
    why: Why | None = None


def _meant(
    rows: Sequence[KindergartenStatus],
    standards: Standards,
    places: Sequence[int | None],
    year: int,
    today: dt.date,
) -> Meant:
    """What it was at the end of each scope's own reference month decides.

    One that began later is paid as what it became, and has no return to count by; a scope
    without a standard has no month, so what it was last counts.
    """
    begins = dt.date(year, 1, 1)
    if not _ran(rows, begins):
        return Meant("", begins, why=Why.DID_NOT_RUN)
    held = {
        scope: tuple(one for place in places if place for one in standards.get((place, scope), ()))
        for scope in Scope.values
    }
    ends = _on(rows, _last_day(year, today)) or (rows[-1] if rows else None)
    months = {
        scope: standard.counted_in(year)
        for scope in Scope.values
        if (standard := holding(held[scope])) is not None
    }
    since = min([begins, *months.values()])
    then = {scope: _scope_of(_on(rows, month_end(day)) or ends) for scope, day in months.items()}
    for scope, month in months.items():
        if then[scope] == scope:
            return Meant(scope, since, held[scope], month)
    for scope in (*then.values(), _scope_of(ends)):
        if scope and scope not in months:
            return Meant(scope, since, why=Why.NO_STANDARD)
    # With a month for each scope: entitled in both, and counted in neither.
    scope = next((one for one in then.values() if one), "")
    return Meant(scope, since, why=Why.CHANGED if scope else Why.NOT_MEANT)


def _scope_of(status: KindergartenStatus | None) -> str:
    if status is None or not status.counts_inclusive:
        return ""
    return Scope.PUBLIC if status.counts_public else Scope.INCLUSIVE


def _on(rows: Sequence[KindergartenStatus], day: dt.date) -> KindergartenStatus | None:
    return next((row for row in rows if row.is_in_force(day)), None)


def _changed(rows: Sequence[KindergartenStatus], since: dt.date, until: dt.date) -> bool:
    held = [row for row in rows if row.valid_from <= until]
    held = [row for row in held if row.valid_to is None or row.valid_to > since]
    return len({_scope_of(row) for row in held}) > 1


def _ran(rows: Sequence[KindergartenStatus], begins: dt.date) -> bool:
    return any(
        row.operating_state == OPERATING and (row.valid_to is None or row.valid_to > begins)
        for row in rows
    )


def _ran_privately(rows: Sequence[KindergartenStatus], year: int) -> bool:
    private = [row for row in rows if row.sponsor_type in PRIVATE_SPONSORS]
    return _ran(private, dt.date(year, 1, 1))


def _last_day(year: int, today: dt.date) -> dt.date:
    return min(dt.date(year, 12, 31), today)


def month_end(month: dt.date) -> dt.date:
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def _statuses(keys: QuerySet, year: int) -> dict[int, list[KindergartenStatus]]:
    """By kindergarten those since the beginning of the year before, the earlier first."""
    rows = (
        KindergartenStatus.objects.unscoped(IN_HAND)
        .filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=dt.date(year - 1, 1, 1)),
            kindergarten__in=keys,
            valid_from__lte=dt.date(year, 12, 31),
        )
        .order_by("valid_from")
    )
    found: dict[int, list[KindergartenStatus]] = defaultdict(list)
    for row in rows:
        found[row.kindergarten_id].append(row)
    return found


def _counts(keys: QuerySet, months: set[dt.date]) -> dict[tuple[int, dt.date | None], Counted]:
    """By kindergarten and month, children of its accepted return without 托班."""
    rows = (
        ClassCount.objects.unscoped(IN_HAND)
        .filter(
            filing_version__filing__month__in=months,
            filing_version__filing__kindergarten__in=keys,
            filing_version__version=F("filing_version__filing__accepted_version"),
        )
        .exclude(grade=ClassCount.Grade.NURSERY)
        .order_by()
        .values("filing_version__filing__kindergarten", "filing_version__filing__month")
        .annotate(heads=Sum(F("boys") + F("girls")), with_disability=Sum("disabled"))
    )
    return {
        (
            row["filing_version__filing__kindergarten"],
            row["filing_version__filing__month"],
        ): Counted(row["heads"], row["with_disability"])
        for row in rows
    }


def _paid(keys: QuerySet, year: int) -> dict[int, tuple[Decimal | None, Decimal | None]]:
    """By kindergarten (amounts a child, other public money); None where none is recorded."""
    per_child = Q(kind=FundingPayment.Kind.PER_CHILD)
    rows = (
        FundingPayment.objects.unscoped(IN_HAND)
        .standing()
        .filter(kindergarten__in=keys, year=year)
        .order_by()
        .values("kindergarten")
        .annotate(per_child=Sum("yuan", filter=per_child), other=Sum("yuan", filter=~per_child))
    )
    return {row["kindergarten"]: (row["per_child"], row["other"]) for row in rows}


def _aid(keys: QuerySet, year: int) -> dict[int, AidOfYear]:
    rows = (
        AidCount.objects.unscoped(IN_HAND)
        .filter(kindergarten__in=keys, year=year)
        .order_by()
        .values("kindergarten")
        .annotate(times=Sum("children"), all_yuan=Sum("yuan"), halves=Count("half", distinct=True))
    )
    return {
        row["kindergarten"]: AidOfYear(row["times"], row["all_yuan"], row["halves"]) for row in rows
    }


# ---- of one kindergarten ------------------------------------------------------------------------


@dataclass(frozen=True)
class HalfCount:
    month: dt.date
    children: int


def children_of_half(
    user: User, kindergarten: Kindergarten, year: int, half: str
) -> HalfCount | None:
    """Children of the last accepted return of a half-year, 托班 left out; None without one."""
    first = 1 if half == AidCount.Half.FIRST else 7
    rows = (
        ClassCount.objects.visible_to(user)
        .filter(
            filing_version__filing__kindergarten=kindergarten,
            filing_version__filing__month__gte=dt.date(year, first, 1),
            filing_version__filing__month__lte=dt.date(year, first + 5, 1),
            filing_version__version=F("filing_version__filing__accepted_version"),
        )
        .exclude(grade=ClassCount.Grade.NURSERY)
        .order_by()
        .values("filing_version__filing__month")
        .annotate(heads=Sum(F("boys") + F("girls")))
        .order_by("-filing_version__filing__month")
    )
    newest = rows.first()
    if newest is None:
        return None
    return HalfCount(newest["filing_version__filing__month"], newest["heads"])


@dataclass(frozen=True)
class AidHalf:
    """One half-year as recorded: by kind, and the note on more children than were there."""

    year: int
    half: str
    lines: dict[str, Aided]
    note: str

    @property
    def label(self) -> str:
        return f"{self.year}年{AidCount.Half(self.half).label}"

    @property
    def total(self) -> Aided:
        rows = self.lines.values()
        return Aided(sum(one.children for one in rows), sum(one.yuan for one in rows))


def halves_of(user: User, kindergarten: Kindergarten) -> list[AidHalf]:
    """Recorded half-years, the newest first. One query."""
    found: dict[tuple[int, str], list[AidCount]] = defaultdict(list)
    for row in AidCount.objects.visible_to(user).filter(kindergarten=kindergarten).order_by("pk"):
        found[row.year, row.half].append(row)
    return [
        AidHalf(
            year, half, {row.kind: Aided(row.children, row.yuan) for row in rows}, rows[0].note
        )
        for (year, half), rows in sorted(
            found.items(), key=lambda one: (one[0][0], one[0][1] == AidCount.Half.SECOND),
            reverse=True,
        )
    ]  # fmt: skip
