"""Meal accounts of a term: one kindergarten's, and those of an area beside what its places set."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import BooleanField, Count, ExpressionWrapper, F, Q, Sum

from accounts.models import Region, User
from fees.meals.rules import (
    MEAL_FEE_NAMES,
    Flow,
    Standing,
    apart,
    closing,
    lacking,
    standing,
    surplus_share,
    together,
)
from fees.models import (
    Charge,
    FeeItem,
    MealAccount,
    MealEntry,
    MealFee,
    MealSurplusLimit,
    ScheduledFee,
)
from fees.terms import Term
from kindergartens.models import Kindergarten, KindergartenStatus
from kindergartens.models.demand import ancestors

# (amount, unit, month of the return or None for a line of the schedule)
Price = tuple[Decimal, str, dt.date | None]


def flow_of(entries: Iterable[MealEntry]) -> Flow:
    return together(one.flow for one in entries)


def closing_of(user: User, kindergarten_id: int, term: Term) -> Decimal | None:
    """What a term closed with; None where no account of it is there. Two queries."""
    account = (
        MealAccount.objects.visible_to(user).of(term).filter(kindergarten=kindergarten_id).first()
    )
    if account is None:
        return None
    entries = MealEntry.objects.visible_to(user).filter(account=account)
    return closing(account.opening, flow_of(entries))


def limit_of(county: Region, day: dt.date) -> MealSurplusLimit | None:
    """The nearest place's that is in force: the county's, else the city's, else the province's."""
    rows = MealSurplusLimit.objects.in_force(day).filter(region__in=ancestors(county))
    return rows.select_related("region").order_by("-region__level").first()


@dataclass(frozen=True)
class Kept:
    """An account with its sums; `before` is the closing of the term before, None without one."""

    account: MealAccount
    flow: Flow
    # The months entered, None for the whole term at once.
    told: Sequence[dt.date | None]
    published: int
    before: Decimal | None = None

    def lacks(self, today: dt.date) -> str:
        return lacking(self.account.term, self.told, today)

    @property
    def closing(self) -> Decimal:
        return closing(self.account.opening, self.flow)

    @property
    def share(self) -> Decimal | None:
        return surplus_share(self.flow)

    @property
    def difference(self) -> Decimal | None:
        """Counted less computed; None until somebody counted."""
        counted = self.account.counted_cash
        return None if counted is None else counted - self.closing

    @property
    def difference_size(self) -> Decimal | None:
        return None if self.difference is None else abs(self.difference)

    @property
    def chain_broken(self) -> bool:
        return self.before is not None and self.before != self.account.opening


def terms_of(user: User, kindergarten: Kindergarten) -> list[Kept]:
    """Every term of one kindergarten, the newest first. One query for all, and one for entries."""
    rows = MealAccount.objects.visible_to(user).filter(kindergarten=kindergarten)
    accounts = sorted(
        rows.select_related("submitted_as__user", "decided_as__user").prefetch_related("entries"),
        key=lambda one: one.term,
    )
    found: list[Kept] = []
    for account in accounts:
        entries = account.entries.all()
        former = found[-1] if found and found[-1].account.term == account.term.former else None
        found.append(
            Kept(
                account,
                flow_of(entries),
                [one.month for one in entries],
                sum(one.published_on is not None for one in entries),
                former.closing if former else None,
            )
        )
    return found[::-1]


# ---- an area ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Unlike:
    """A price unlike the county's one meal fee: `more` yuan a child and unit, less than 0: below."""

    amount: Decimal
    unit: str
    unified: Decimal
    more: Decimal
    # The month of the return that says it was charged; None for a line of the schedule.
    month: dt.date | None = None


@dataclass
class Place:
    """One kindergarten of the list; `kept` is None where nobody opened an account.

    `ran_until`: from that day in the term on it ran no more. `lacks`: what keeps it from being
    judged.
    """

    kindergarten: Kindergarten
    town: Region
    ran_until: dt.date | None
    kept: Kept | None
    standing: Standing | None
    lacks: str
    unlike: list[Unlike] = field(default_factory=list)


def places(user: User, region: Region, term: Term, today: dt.date) -> list[Place]:
    """Every kindergarten of a region that ran on some day of a term or keeps an account of it: one
    that closes within it has taken parents' money all the same. Seven queries, however many.
    """
    day = min(today, term.last_day)
    accounts = _accounts(user, region, term)
    limits = _limits(day)
    unified = list(MealFee.objects.in_force(day))
    lines, charges = _lines(user, region, day), _charges(user, region, term)
    found = []
    for status in _statuses(user, region, term, day):
        county, pk = status.town.county, status.kindergarten_id
        kept = accounts.get(pk)
        fees = _fees_of(unified, status.town.county_id, status.ownership)
        limit = _nearest(limits, county) if county else None
        lacks = kept.lacks(today) if kept else ""
        ended = status.valid_to if status.valid_to and status.valid_to <= day else None
        found.append(
            Place(
                status.kindergarten,
                status.town,
                ended,
                kept,
                standing(kept.flow, limit, whole=not lacks) if kept else None,
                lacks,
                [*_unlike(lines[pk], fees), *_unlike(charges[pk], fees)],
            )
        )
    return found


def _statuses(user: User, region: Region, term: Term, day: dt.date) -> list[KindergartenStatus]:
    """The last that each was in the term: running, where it ran on some day of it until `day`."""
    owes = Q(
        Q(valid_to__isnull=True) | Q(valid_to__gt=term.first_day),
        operating_state=KindergartenStatus.OperatingState.OPERATING,
        counts_enrolment=True,
        valid_from__lte=day,
    )
    keeping = MealAccount.objects.visible_to(user).of(term).order_by().values("kindergarten")
    rows = (
        KindergartenStatus.objects.visible_to(user)
        .filter(owes | Q(kindergarten__in=keeping))
        .filter(_within(region, "town"))
        .annotate(owes=ExpressionWrapper(owes, BooleanField()))
        .select_related("kindergarten__organisation", "town__county")
        .order_by("owes", "valid_from")
    )
    last = {one.kindergarten_id: one for one in rows}
    return sorted(last.values(), key=lambda one: (one.town.code, one.kindergarten.code))


def _within(region: Region, path: str) -> Q:
    name = Region.ANCESTOR_FIELD.get(Region.Level(region.level))
    return Q(**{path if name is None else f"{path}__{name}": region.pk})


def _accounts(user: User, region: Region, term: Term) -> dict[int, Kept]:
    """By kindergarten. Two queries: the accounts of the term and of the one before, their sums."""
    both = Q(pk__in=())
    for one in (term, term.former):
        both |= Q(year=one.year, season=one.season)
    seen = (
        MealAccount.objects.visible_to(user)
        .filter(both)
        .filter(_within(region, "kindergarten__organisation__region"))
    )
    sums = {
        row["account"]: row
        for row in MealEntry.objects.visible_to(user)
        .filter(account__in=seen.order_by().values("pk"))
        .order_by()
        .values("account")
        .annotate(
            received=Sum("receipts"),
            spent=Sum(F("food") + F("fuel") + F("other")),
            refunded=Sum("refunds"),
            told=ArrayAgg("month"),
            published=Count("published_on"),
        )
    }
    nothing = {"received": Decimal(0), "spent": Decimal(0), "refunded": Decimal(0)}
    kept: dict[Term, dict[int, Kept]] = {term: {}, term.former: {}}
    for account in seen:
        row = sums.get(account.pk, nothing | {"told": [], "published": 0})
        flow = Flow(row["received"], row["spent"], row["refunded"])
        kept[account.term][account.kindergarten_id] = Kept(
            account, flow, row["told"], row["published"]
        )
    return {
        pk: replace(one, before=kept[term.former][pk].closing if pk in kept[term.former] else None)
        for pk, one in kept[term].items()
    }


def _limits(day: dt.date) -> dict[int, Decimal]:
    rows = MealSurplusLimit.objects.in_force(day)
    return dict(rows.values_list("region", "percent"))


def _nearest(limits: Mapping[int, Decimal], county: Region) -> Decimal | None:
    places = (county.pk, county.city_id, county.province_id)
    return next((limits[place] for place in places if place is not None and place in limits), None)


def _fees_of(
    unified: Iterable[MealFee], county_id: int | None, ownership: str
) -> dict[str, Decimal]:
    """By unit what holds for a kindergarten: the public ones' own before that of all."""
    of_county = [one for one in unified if one.region_id == county_id]
    found = {one.unit: one.amount for one in of_county if one.scope == MealFee.Scope.ALL}
    if ownership == KindergartenStatus.Ownership.PUBLIC:
        found |= {one.unit: one.amount for one in of_county if one.scope == MealFee.Scope.PUBLIC}
    return found


def _lines(user: User, region: Region, day: dt.date) -> dict[int, list[Price]]:
    rows = (
        ScheduledFee.objects.visible_to(user)
        .on(day)
        .filter(item=FeeItem.ON_BEHALF, name__in=MEAL_FEE_NAMES)
        .filter(_within(region, "kindergarten__organisation__region"))
        .values_list("kindergarten", "amount", "unit")
    )
    found: dict[int, list[Price]] = defaultdict(list)
    for kindergarten, amount, unit in rows:
        found[kindergarten].append((amount, unit, None))
    return found


def _charges(user: User, region: Region, term: Term) -> dict[int, list[Price]]:
    """Of the returns that count, the newest month of the term that each kindergarten filed."""
    filing = "filing_version__filing"
    rows = (
        Charge.objects.visible_to(user)
        .filter(item=FeeItem.ON_BEHALF, name__in=MEAL_FEE_NAMES, payers__gt=0)
        .filter(_within(region, f"{filing}__town"))
        .filter(
            **{f"{filing}__month__range": (term.first_day, term.last_day)},
            filing_version__version=F(f"{filing}__accepted_version"),
        )
        .values_list(f"{filing}__kindergarten", "amount", "unit", f"{filing}__month")
    )
    by_month: dict[int, dict[dt.date, list[Price]]] = defaultdict(lambda: defaultdict(list))
    for kindergarten, amount, unit, month in rows:
        by_month[kindergarten][month].append((amount, unit, month))
    newest = {pk: months[max(months)] for pk, months in by_month.items()}
    return defaultdict(list, newest)


def _unlike(prices: Iterable[Price], fees: Mapping[str, Decimal]) -> list[Unlike]:
    return [
        Unlike(amount, unit, fees[unit], more, month)
        for amount, unit, month in prices
        if (more := apart(amount, unit, fees)) is not None
    ]


@dataclass(frozen=True)
class Total:
    """Those that are there together; `kept` of `expected` kindergartens have an account."""

    expected: int
    kept: int
    accepted: int
    waiting: int
    pending: int
    over: int
    under: int
    unlike: int
    flow: Flow
    closing: Decimal


def total(found: Iterable[Place]) -> Total:
    rows = list(found)
    kept = [one.kept for one in rows if one.kept]
    states = [one.account.state for one in kept]
    return Total(
        expected=len(rows),
        kept=len(kept),
        accepted=states.count(MealAccount.State.ACCEPTED),
        waiting=states.count(MealAccount.State.SUBMITTED),
        pending=sum(one.standing == Standing.PENDING for one in rows),
        over=sum(one.standing == Standing.SURPLUS for one in rows),
        under=sum(one.standing == Standing.DEFICIT for one in rows),
        unlike=sum(bool(one.unlike) for one in rows),
        flow=together(one.flow for one in kept),
        closing=sum((one.closing for one in kept), Decimal(0)),
    )
