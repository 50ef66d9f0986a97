"""What self-checks kindergartens owe and made: one kindergarten's, and those of an area."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import add

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count as CountOf
from django.db.models import F, Q

from accounts.models import Region, User
from kindergartens.calendar.published import working_calendar
from kindergartens.calendar.rules import holidays
from kindergartens.calendar.selectors import months_asked
from kindergartens.models import Kindergarten, KindergartenStatus
from kindergartens.models.record import MealService
from kindergartens.rules import last_day
from safety.models import SafetyAnswer, SelfCheck, SelfCheckProblem
from safety.rules import NOT_APPLICABLE, safety_items
from safety.selfchecks import rules
from safety.selfchecks.catalogue import lines_in
from safety.selfchecks.rules import LATE, TERM, Asked, Count, Key, Kind, Line, Slot

IN_HAND = "of the kindergartens in hand"
# What an earlier return did not have is not asked for ever: the newest within so many days counts.
ANSWERS_HOLD = dt.timedelta(days=200)


def jurisdictions(town: Region) -> list[str]:
    """The codes of a town and of the places above it (GB/T 2260)."""
    code = town.code
    return [code, code[:6], f"{code[:4]}00", f"{code[:2]}0000"]


def lacking(kindergartens: Iterable[Kindergarten], day: dt.date) -> dict[int, frozenset[str]]:
    """By kindergarten the items of the return (food, bus) for which it has nothing to look at.

    As its record says, or its newest return before the day with 不适用. One query.
    """
    found: dict[int, set[str]] = {}
    for one in kindergartens:
        items = found.setdefault(one.pk, set())
        if one.meal_service == MealService.NONE:
            items.add("food")
        if one.school_buses == 0:
            items.add("bus")
    for kindergarten, item in _answered_na(found, day):
        found[kindergarten].add(item)
    return {pk: frozenset(items) for pk, items in found.items()}


def _answered_na(keys: Collection[int], day: dt.date) -> Iterable[tuple[int, str]]:
    filing = "filing_version__filing"
    rows = (
        SafetyAnswer.objects.unscoped(IN_HAND)
        .filter(
            item__in=[code for code, item in safety_items().items() if item.may_lack],
            filing_version__version=F(f"{filing}__version"),
            **{
                f"{filing}__kindergarten__in": keys,
                f"{filing}__month__range": (day - ANSWERS_HOLD, day),
            },
        )
        .order_by(f"{filing}__kindergarten_id", "item", f"-{filing}__month")
        .distinct(f"{filing}__kindergarten_id", "item")
        .values_list(f"{filing}__kindergarten", "item", "answer")
    )
    return [(row[0], row[1]) for row in rows if row[2] == NOT_APPLICABLE]


def _asked(
    statuses: Sequence[KindergartenStatus], months: Collection[dt.date], lacks: frozenset[str]
) -> Asked:
    """`statuses`: those in which it runs, the oldest first; `months`: that its county asks returns of."""
    return Asked(
        tuple((one.valid_from, one.valid_to) for one in statuses),
        min(months, default=None),
        holidays(months),
        half_day=bool(statuses) and statuses[-1].half_day,
        lacks=lacks,
    )


# ---- one kindergarten ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Own:
    """What is asked of one kindergarten."""

    lines: tuple[Line, ...]
    asked: Asked

    def due(self, first: dt.date, last: dt.date) -> list[Slot]:
        return rules.due(self.lines, self.asked, first, last, working_calendar())

    def now_due(self, today: dt.date) -> list[Slot]:
        return rules.now_due(self.lines, self.asked, today, working_calendar())

    def lines_of(self, kind: Kind, day: dt.date) -> list[Line]:
        return rules.lines_of(self.lines, kind, self.asked, day)

    def day_problem(self, kind: Kind, day: dt.date, today: dt.date) -> str:
        return rules.day_problem(
            kind, day, today, lines=self.lines, asked=self.asked, working=working_calendar()
        )


def own(kindergarten: Kindergarten, day: dt.date) -> Own:
    """As it stood on a day. Three queries; `kindergarten` was found to be seen, its region with it."""
    statuses = (
        KindergartenStatus.objects.unscoped(IN_HAND)
        .filter(kindergarten=kindergarten, operating_state="operating", valid_from__lte=day)
        .order_by("valid_from")
    )
    lacks = lacking([kindergarten], day)[kindergarten.pk]
    region = kindergarten.organisation.region
    county = region.county_id or region.pk
    asked = _asked(list(statuses), months_asked([county])[county], lacks)
    return Own(lines_in(jurisdictions(region)), asked)


def made(
    user: User, kindergarten: Kindergarten, slots: Iterable[Slot], first: dt.date, last: dt.date
) -> dict[Key, SelfCheck]:
    """By what they are for, those of `slots`, and whatever else was made for periods that begin within
    the days. Two queries.
    """
    asked = list(slots)
    earliest = min((first, *(slot.begins for slot in asked if slot.frequency != TERM)))
    # A term began months before: its own alone, not every day since.
    terms = {slot.begins for slot in asked if slot.frequency == TERM}
    rows = (
        SelfCheck.objects.visible_to(user)
        .standing()
        .filter(
            Q(begins__range=(earliest, last)) | Q(frequency=TERM, begins__in=terms),
            kindergarten=kindergarten,
        )
        .select_related("entered_as__user")
        .prefetch_related("problems")
    )
    return {row.key: row for row in rows}


# ---- beside the monthly return -------------------------------------------------------------------


def month_counts(kindergarten: Kindergarten, month: dt.date, today: dt.date) -> dict[str, Count]:
    """Done and due in a month by item of the return, beside one in hand. Four queries."""
    last = last_day(month)
    told = own(kindergarten, min(last, today))
    slots = told.due(month, last)
    earliest = min((slot.begins for slot in slots), default=month)
    checks = (
        SelfCheck.objects.unscoped(IN_HAND)
        .standing()
        .filter(kindergarten=kindergarten, begins__range=(earliest, last))
    )
    done = {(row[0], row[1], row[2]) for row in checks.values_list("field", "frequency", "begins")}
    return rules.counted_by_item(told.lines, slots, done, today)


def to_mend(kindergarten: Kindergarten, until: dt.date) -> list[SelfCheckProblem]:
    """What was found until a day and nobody has said to be mended, the oldest first. One query."""
    return list(
        SelfCheckProblem.objects.unscoped(IN_HAND)
        .to_mend()
        .filter(self_check__kindergarten=kindergarten, self_check__day__lte=until)
        .select_related("hazard")
        .order_by("self_check__day", "pk")
    )


# ---- an area -------------------------------------------------------------------------------------


@dataclass
class Place:
    """One kindergarten of the list in a month."""

    kindergarten: Kindergarten
    town: Region
    counts: Mapping[Kind, Count]
    overdue: Sequence[Slot]
    # 补录, and those among them that are 集中.
    late: int = 0
    at_once: int = 0
    to_mend: int = 0
    by_frequency: Mapping[str, Count] = field(init=False)

    def __post_init__(self) -> None:
        self.by_frequency = {
            frequency: total(one for (_, of), one in self.counts.items() if of == frequency)
            for frequency in rules.FREQUENCIES
        }

    @property
    def total(self) -> Count:
        return total(self.counts.values())


def total(counts: Iterable[Count]) -> Count:
    return reduce(add, counts, Count())


def places(
    user: User, region: Region, month: dt.date, today: dt.date, *, only: Kindergarten | None = None
) -> list[Place]:
    """Every kindergarten of a region (or the one) that ran on some day of the month until `today`,
    those with most overdue first. Five queries, however many.
    """
    last = min(last_day(month), today)
    running: dict[int, list[KindergartenStatus]] = defaultdict(list)
    for status in _statuses(user, region, only, month, last):
        running[status.kindergarten_id].append(status)
    lacks = lacking((one[-1].kindergarten for one in running.values()), last)
    checks, problems = _made(user, region, only, month), _to_mend(user, region, only, month)
    towns = [of[-1].town for of in running.values()]
    months = months_asked({town.county_id or town.pk for town in towns})
    slots_of = _Slots(month)
    found = []
    for pk, statuses in running.items():
        town, made_here = statuses[-1].town, checks.get(pk, _Made())
        asked = _asked(statuses, months[town.county_id or town.pk], lacks[pk])
        slots = slots_of(lines_in(jurisdictions(town)), asked)
        found.append(
            Place(
                statuses[-1].kindergarten,
                town,
                rules.counted(slots, made_here.done, today),
                rules.overdue(slots, made_here.done, today),
                made_here.late,
                made_here.at_once,
                problems.get(pk, 0),
            )
        )
    return sorted(found, key=lambda one: (-len(one.overdue), one.town.code, one.kindergarten.code))


class _Slots:
    """What is owed in a month, worked out once for all of which the same is asked."""

    def __init__(self, month: dt.date) -> None:
        self._month = month
        self._known: dict[tuple[int, Asked], list[Slot]] = {}

    def __call__(self, lines: tuple[Line, ...], asked: Asked) -> list[Slot]:
        key = (id(lines), asked)
        if key not in self._known:
            self._known[key] = rules.due(
                lines, asked, self._month, last_day(self._month), working_calendar()
            )
        return self._known[key]


def _statuses(
    user: User, region: Region, only: Kindergarten | None, first: dt.date, last: dt.date
) -> Iterable[KindergartenStatus]:
    return (
        KindergartenStatus.objects.visible_to(user)
        .filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=first),
            _within(region, "town"),
            _one(only, "kindergarten"),
            operating_state=KindergartenStatus.OperatingState.OPERATING,
            valid_from__lte=last,
        )
        .select_related("kindergarten__organisation", "town__county")
        .order_by("valid_from")
    )


def _within(region: Region, path: str) -> Q:
    name = Region.ANCESTOR_FIELD.get(Region.Level(region.level))
    return Q(**{path if name is None else f"{path}__{name}": region.pk})


def _one(only: Kindergarten | None, path: str) -> Q:
    return Q() if only is None else Q(**{path: only.pk})


@dataclass
class _Made:
    done: set[Key] = field(default_factory=set)
    late: int = 0
    at_once: int = 0


def _made(
    user: User, region: Region, only: Kindergarten | None, month: dt.date
) -> dict[int, _Made]:
    term = rules.period_of(TERM, month)[0]
    # A week that ends in the month may have begun before it.
    since = rules.period_of(rules.WEEKLY, month)[0]
    rows = (
        SelfCheck.objects.visible_to(user)
        .standing()
        .filter(_within(region, "kindergarten__organisation__region"), _one(only, "kindergarten"))
        .filter(Q(begins__range=(since, last_day(month))) | Q(frequency=TERM, begins=term))
        .order_by()
        .values("kindergarten", "field", "frequency")
        .annotate(
            days=ArrayAgg("begins"),
            late=CountOf("pk", filter=Q(flag=LATE, day__gte=month)),
            at_once=CountOf("pk", filter=Q(at_once=True, day__gte=month)),
        )
    )
    found: dict[int, _Made] = defaultdict(_Made)
    for row in rows:
        one = found[row["kindergarten"]]
        one.done |= {(row["field"], row["frequency"], day) for day in row["days"]}
        one.late += row["late"]
        one.at_once += row["at_once"]
    return found


def _to_mend(
    user: User, region: Region, only: Kindergarten | None, month: dt.date
) -> dict[int, int]:
    rows = (
        SelfCheckProblem.objects.visible_to(user)
        .to_mend()
        .filter(
            _within(region, "self_check__kindergarten__organisation__region"),
            _one(only, "self_check__kindergarten"),
            self_check__day__lte=last_day(month),
        )
        .order_by()
        .values_list("self_check__kindergarten")
        .annotate(CountOf("pk"))
    )
    return dict(rows)
