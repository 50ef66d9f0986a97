"""Charges of accepted returns above what may be charged: a few queries whatever the area."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from accounts.models import Region, User
from fees.catalogue.rules import Banned, Kind, banned_name, ever_banned, kind_of
from fees.models import (
    Charge,
    FeeCeiling,
    FeeItem,
    FeeUnit,
    LocalFeeItem,
    Repayment,
    ScheduledFee,
)
from fees.models.repayment import RepaymentQuerySet
from fees.overcharging.rules import Ceiling, Charged, Excess, Local, excess, left_of
from fees.rules import SAME_CHARGE
from kindergartens.models import FilingVersion, Kindergarten, KindergartenStatus

# Of a recognised private kindergarten the class is not recorded: no ceiling is exceeded for certain
# until the higher of the two is, and both have to be known.
CLASSES: dict[Kind, tuple[str, ...]] = {
    Kind.PUBLIC: (FeeCeiling.Scope.PUBLIC,),
    Kind.INCLUSIVE: (FeeCeiling.Scope.INCLUSIVE_A, FeeCeiling.Scope.INCLUSIVE_B),
    Kind.NON_PROFIT: (FeeCeiling.Scope.NON_PROFIT,),
}


@dataclass(frozen=True)
class Overcharge:
    """`charge` has its version, return, kindergarten and town loaded."""

    charge: Charge
    excess: Excess
    # What was given back of it and stands, the earliest first.
    repayments: tuple[Repayment, ...] = ()

    @property
    def repaid(self) -> Decimal:
        """In yuan."""
        return sum((one.yuan for one in self.repayments), Decimal(0))

    @property
    def left(self) -> Decimal | None:
        """Yuan still owed; None where what is owed cannot be computed."""
        return left_of(self.excess.refund, self.repaid)

    @property
    def kindergarten_id(self) -> int:
        return self.charge.filing_version.filing.kindergarten_id

    @property
    def town(self) -> Region:
        return self.charge.filing_version.filing.town


@dataclass(frozen=True)
class Coverage:
    """Accepted returns of a month: how many there are, how many say nothing of charges, and how many
    say it of a kindergarten that had no schedule when the return was submitted.
    """

    accepted: int
    silent: int
    without_schedule: int


def overcharges(user: User, region: Region, month: dt.date) -> list[Overcharge]:
    """What was charged too much, by kindergarten; three queries. Only what the return counts."""
    rows = _counted(Charge.objects.visible_to(user), region, month, "filing_version__")
    town = "filing_version__filing__town__code"
    repayments = Repayment.objects.visible_to(user).filter(month=month)
    return _found(
        rows.order_by(town, "filing_version__filing__kindergarten__code", "position"), repayments
    )


def overcharges_of(user: User, kindergarten: Kindergarten) -> list[Overcharge]:
    """Of one kindergarten in every accepted return, the newest month first; three queries."""
    filing = "filing_version__filing"
    rows = Charge.objects.visible_to(user).filter(
        **{f"{filing}__kindergarten": kindergarten},
        filing_version__version=F(f"{filing}__accepted_version"),
    )
    repayments = repayments_of(user, kindergarten).standing()
    return _found(rows.order_by(f"-{filing}__month", "position"), repayments)


@dataclass(frozen=True)
class Kept:
    """Whether a return's charges were within what may be charged, and by how many yuan not.

    `yuan` is of what can be computed, all payers of a month together, before anything was given back;
    `uncounted`: something was too much of which that cannot be said.
    """

    within: bool
    yuan: Decimal
    uncounted: bool


def kept_limits(versions: Sequence[int]) -> dict[int, Kept]:
    """By version of a return; without those that say nothing of charges, and those of kindergartens
    without a schedule in which nothing is too much for certain. A few queries, however many.
    """
    rows = Charge.objects.unscoped("of versions in hand").filter(filing_version__in=versions)
    ceilings = all_ceilings()
    over: dict[int, list[Excess]] = defaultdict(list)
    for charge in _suspicious(rows):
        found = excess(_charged(charge, ceilings))
        if found is not None:
            over[charge.filing_version_id].append(found)
    held = set(
        FilingVersion.objects.unscoped("of versions in hand")
        .filter(Exists(_schedule("")), pk__in=rows.filter(payers__gt=0).values("filing_version"))
        .values_list("pk", flat=True)
    )
    return {
        version: Kept(
            not over[version],
            sum((one.refund for one in over[version] if one.refund), Decimal(0)),
            any(one.refund is None for one in over[version]),
        )
        for version in held | over.keys()
    }


def repayments_of(user: User, kindergarten: Kindergarten) -> RepaymentQuerySet:
    """Withdrawn ones, too."""
    return Repayment.objects.visible_to(user).filter(
        charge__filing_version__filing__kindergarten=kindergarten
    )


def repaid_beside(
    user: User, region: Region, month: dt.date, found: Sequence[Overcharge]
) -> tuple[int, Decimal]:
    """How many were recorded, and yuan together, of what a corrected return no longer says was too
    much. One query.
    """
    placed = {row.pk for one in found for row in one.repayments}
    rows = _of_place(
        Repayment.objects.visible_to(user).standing().filter(month=month),
        region,
        "charge__filing_version__filing__town",
    )
    beside = [yuan for pk, yuan in rows.values_list("pk", "yuan") if pk not in placed]
    return len(beside), sum(beside, Decimal(0))


def _found(rows: QuerySet[Charge], repayments: RepaymentQuerySet) -> list[Overcharge]:
    ceilings = all_ceilings()
    given: dict[tuple[object, ...], list[Repayment]] = defaultdict(list)
    for row in repayments.standing().select_related(
        "charge__filing_version", "entered_as__user", "entered_as__organisation"
    ):
        given[same_charge(row.charge)].append(row)
    found = []
    for charge in _suspicious(rows):
        over = excess(_charged(charge, ceilings))
        if over is not None:
            found.append(Overcharge(charge, over, tuple(given[same_charge(charge)])))
    return found


def same_charge(charge: Charge) -> tuple[object, ...]:
    """What is the same in every version of a return: the item of a month."""
    facts = (getattr(charge, name) for name in (*SAME_CHARGE, "unit"))
    return (charge.filing_version.filing_id, *facts)


def coverage(user: User, region: Region, month: dt.date) -> Coverage:
    """One query."""
    counted = _counted(FilingVersion.objects.visible_to(user), region, month, "")
    charges = Charge.objects.unscoped("of versions in hand").filter(filing_version=OuterRef("pk"))
    sums = counted.annotate(says=Exists(charges), has_schedule=Exists(_schedule(""))).aggregate(
        accepted=Count("pk"),
        silent=Count("pk", filter=Q(says=False)),
        without_schedule=Count("pk", filter=Q(says=True, has_schedule=False)),
    )
    return Coverage(**sums)


def _schedule(version: str) -> QuerySet[ScheduledFee]:
    """Lines in force on the statistical day that were recorded when the version was submitted."""
    day = OuterRef(f"{version}filing__period__reference_date")
    return (
        ScheduledFee.objects.unscoped("of returns in hand")
        .standing()
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), valid_from__lte=day)
        .filter(
            kindergarten=OuterRef(f"{version}filing__kindergarten"),
            entered_at__lte=OuterRef(f"{version}submitted_at"),
        )
    )


def _counted(rows: QuerySet, region: Region, month: dt.date, version: str) -> QuerySet:
    """Of accepted returns of a month in a region; `version` leads from a row to its version."""
    accepted = rows.filter(
        **{
            f"{version}filing__month": month,
            f"{version}version": F(f"{version}filing__accepted_version"),
        }
    )
    return _of_place(accepted, region, f"{version}filing__town")


def _of_place(rows: QuerySet, region: Region, town: str) -> QuerySet:
    level = Region.Level(region.level)
    place = town if level == Region.Level.TOWN else f"{town}__{level.name.lower()}"
    return rows.filter(**{place: region})


def _suspicious(rows: QuerySet[Charge]) -> QuerySet[Charge]:
    """Those that may be too much; the rule says which are."""
    filing = OuterRef("filing_version__filing__kindergarten")
    day = OuterRef("filing_version__filing__period__reference_date")
    status = KindergartenStatus.objects.unscoped("of returns in hand").filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=day), kindergarten=filing, valid_from__lte=day
    )
    town = "filing_version__filing__town"
    lowest = (
        FeeCeiling.objects.filter(valid_from__lte=day)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day))
        .filter(
            Q(region=OuterRef(f"{town}__county"))
            | Q(region=OuterRef(f"{town}__city"))
            | Q(region=OuterRef(f"{town}__province"))
        )
        .order_by("yuan_per_month")
        .values("yuan_per_month")[:1]
    )
    of_county = LocalFeeItem.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=day),
        region=OuterRef(f"{town}__county"), valid_from__lte=day,
    )  # fmt: skip
    named = of_county.filter(name=OuterRef("name"))
    of_county, listed = (rows.filter(item=OuterRef("item")) for rows in (of_county, named))
    most = listed.filter(unit=OuterRef("unit"), most__isnull=False)
    return (
        rows.filter(payers__gt=0)
        .annotate(
            ownership=Subquery(status.values("ownership")[:1]),
            for_profit=Subquery(status.values("for_profit")[:1]),
            has_schedule=Exists(_schedule("filing_version__")),
            ceiling=Subquery(lowest),
            has_list=Exists(of_county),
            listed=Exists(listed),
            named=Exists(named),
            local_most=Subquery(most.values("most")[:1]),
            local_document=Subquery(most.values("document")[:1]),
        )
        .filter(
            Q(amount__gt=F("scheduled"))
            | Q(scheduled__isnull=True, has_schedule=True)
            | Q(periods__gt=1)
            | Q(published=False)
            | Q(name__regex=ever_banned(), named=False)
            | Q(
                item=FeeItem.CARE_EDUCATION,
                unit__in=[FeeUnit.MONTH, FeeUnit.TERM],
                amount__gt=F("ceiling"),
            )
            | Q(has_list=True, listed=False)
            | Q(amount__gt=F("local_most"))
        )
        .select_related(
            "filing_version__filing__kindergarten__organisation",
            "filing_version__filing__period",
            f"{town}__county",
            f"{town}__city",
        )
    )


Ceilings = Mapping[tuple[int, str], Sequence[FeeCeiling]]


def all_ceilings() -> Ceilings:
    """By place and class, the earliest first. One query."""
    found: dict[tuple[int, str], list[FeeCeiling]] = defaultdict(list)
    for one in FeeCeiling.objects.select_related("region").order_by("valid_from", "pk"):
        found[one.region_id, one.scope].append(one)
    return dict(found)


def ceilings_on(day: dt.date, *, town: Region, kind: Kind | None, among: Ceilings) -> list[Ceiling]:
    """Those of county, city and province that hold for a kindergarten of a kind on a day; None: its
    kind is not known.
    """
    in_force = []
    classes = CLASSES.get(kind, ()) if kind else ()
    for place in (town.county_id, town.city_id, town.province_id):
        of_place = [
            one
            for scope in classes
            for one in (among.get((place, scope), ()) if place else ())
            if _is_on(one, day)
        ]
        # Which class a kindergarten is of is not known: with one class's alone nothing is certain.
        if of_place and len(of_place) == len(classes):
            in_force.append(_ceiling(max(of_place, key=lambda one: one.yuan_per_month)))
    return in_force


def _charged(charge: Charge, ceilings: Ceilings) -> Charged:
    filing = charge.filing_version.filing
    in_force = ceilings_on(
        filing.period.reference_date,
        town=filing.town,
        kind=_kind(charge),
        among=ceilings,
    )
    return Charged(
        charge.item, charge.unit, charge.amount, charge.payers, charge.scheduled,
        charge.has_schedule, tuple(in_force), _local(charge),  # type: ignore[attr-defined]
        filing.month, charge.periods or 1, charge.prepaid, charge.published,
        _banned(charge),
    )  # fmt: skip


def _banned(charge: Any) -> Banned | None:
    """As the county's list of the statistical day lets it, in whichever class it has the name."""
    day = charge.filing_version.filing.period.reference_date
    return banned_name(charge.name, on=day, listed={charge.name} if charge.named else ())


def _kind(charge: Any) -> Kind | None:
    if charge.ownership is None:
        return None
    return kind_of(ownership=charge.ownership, for_profit=charge.for_profit)


def _local(charge: Any) -> Local | None:
    """As the query found it; its class has to be on the list for anything to be missing there."""
    if not charge.has_list:
        return None
    return Local(charge.listed, charge.local_most, charge.local_document or "")


def _is_on(one: FeeCeiling, day: dt.date) -> bool:
    return one.valid_from <= day and (one.valid_to is None or one.valid_to > day)


def _ceiling(one: FeeCeiling) -> Ceiling:
    return Ceiling(one.yuan_per_month, one.document, one.region.name)
