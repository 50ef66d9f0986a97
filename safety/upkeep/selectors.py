"""What one kindergarten keeps up, and what those of an area lack."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Max, Q, Sum

from accounts.models import Region, User
from kindergartens.models import ClassCount, Kindergarten, KindergartenStatus
from safety.models import Drill, KitchenLicence, LiabilityPolicy, SafetyTraining
from safety.selfchecks.selectors import jurisdictions, lacking
from safety.upkeep import rules
from safety.upkeep.kinds import KINDS
from safety.upkeep.rules import DrillRule, Kitchen, Lack, Policy

IN_HAND = "of the kindergartens in hand"
# Long enough for the half year before the present one.
DRILLS_SEEN = dt.timedelta(days=366)
# The newest return within so many days says how many children there are.
CHILDREN_HOLD = dt.timedelta(days=130)


@dataclass(frozen=True)
class Place:
    """One kindergarten of the list: what it lacks, and what is there."""

    kindergarten: Kindergarten
    town: Region
    lacks: Sequence[Lack]
    insured_until: dt.date | None
    # Children of the newest return, and those that policies in force cover.
    children: int | None
    covered: int
    last_drill: dt.date | None
    drill_rule: DrillRule | None
    last_training: dt.date | None
    # None where nothing is recorded, or there is no kitchen (has_kitchen).
    kitchen: KitchenLicence | None
    has_kitchen: bool

    @property
    def is_failing(self) -> bool:
        return any(one not in rules.MILD for one in self.lacks)


@dataclass(frozen=True)
class _Kept:
    policies: Mapping[int, list[Policy]]
    drills: Mapping[int, list[tuple[str, dt.date]]]
    trainings: Mapping[int, dt.date]
    kitchens: Mapping[int, KitchenLicence]
    children: Mapping[int, int]
    lacking: Mapping[int, frozenset[str]]


def places(user: User, region: Region, today: dt.date) -> list[Place]:
    """Every running kindergarten of a region, those that lack most first. Seven queries."""
    statuses = list(
        KindergartenStatus.objects.visible_to(user)
        .on(today)
        .filter(
            _within(region, "town"), operating_state=KindergartenStatus.OperatingState.OPERATING
        )
        .select_related("kindergarten__organisation", "town__county")
    )
    kept = _kept([one.kindergarten for one in statuses], today)
    found = [_place(one.kindergarten, one.town, one.valid_from, kept, today) for one in statuses]
    order = list(Lack)
    return sorted(
        found,
        key=lambda one: (
            [order.index(each) for each in one.lacks] or [len(order)],
            one.town.code,
            one.kindergarten.code,
        ),
    )


def place_of(kindergarten: Kindergarten, today: dt.date) -> Place:
    """The same of one in hand. Six queries."""
    kept = _kept([kindergarten], today)
    return _place(
        kindergarten, kindergarten.organisation.region, kindergarten.opened_on, kept, today
    )


def _within(region: Region, path: str) -> Q:
    name = Region.ANCESTOR_FIELD.get(Region.Level(region.level))
    return Q(**{path if name is None else f"{path}__{name}": region.pk})


def _place(one: Kindergarten, town: Region, since: dt.date, kept: _Kept, today: dt.date) -> Place:
    pk = one.pk
    policies, drills = kept.policies.get(pk, []), kept.drills.get(pk, [])
    rule = rules.drill_rule(jurisdictions(town), today)
    kitchen, has_kitchen = kept.kitchens.get(pk), "food" not in kept.lacking[pk]
    children = kept.children.get(pk)
    lacks = [
        *rules.insurance_lacks(policies, children, today),
        *rules.drill_lacks(rule, drills, since, today),
        *rules.training_lacks(kept.trainings.get(pk), today),
    ]
    if has_kitchen:
        told = Kitchen(kitchen.valid_until, kitchen.open_kitchen) if kitchen else None
        lacks += rules.kitchen_lacks(told, today)
    in_force = [each for each in policies if each.valid_from <= today <= each.valid_until]
    return Place(
        one,
        town,
        sorted(lacks, key=list(Lack).index),
        rules.insured_until(policies, today),
        children,
        sum(each.children for each in in_force),
        max((day for _, day in drills), default=None),
        rule,
        kept.trainings.get(pk),
        kitchen if has_kitchen else None,
        has_kitchen,
    )


def _kept(kindergartens: Collection[Kindergarten], today: dt.date) -> _Kept:
    keys = [one.pk for one in kindergartens]
    policies: dict[int, list[Policy]] = defaultdict(list)
    for pk, *told in _of(LiabilityPolicy, keys, valid_until__gte=today).values_list(
        "kindergarten", "valid_from", "valid_until", "children"
    ):
        policies[pk].append(Policy(*told))
    drills: dict[int, list[tuple[str, dt.date]]] = defaultdict(list)
    for pk, kind, day in _of(Drill, keys, held_on__gte=today - DRILLS_SEEN).values_list(
        "kindergarten", "kind", "held_on"
    ):
        drills[pk].append((kind, day))
    trainings = dict(
        _of(SafetyTraining, keys).order_by().values_list("kindergarten").annotate(Max("held_on"))
    )
    kitchens = {
        row.kindergarten_id: row
        for row in _of(KitchenLicence, keys)
        .order_by("kindergarten_id", "-entered_at", "-pk")
        .distinct("kindergarten_id")
    }
    return _Kept(
        policies,
        drills,
        trainings,
        kitchens,
        _children(keys, today),
        lacking(kindergartens, today),
    )


def _of(model: type[Any], keys: Collection[int], **where: Any) -> Any:
    return model.objects.unscoped(IN_HAND).standing().filter(kindergarten__in=keys, **where)


def _children(keys: Collection[int], today: dt.date) -> dict[int, int]:
    """By kindergarten how many its newest return that counts says, nursery classes among them."""
    filing = "filing_version__filing"
    rows = (
        ClassCount.objects.unscoped(IN_HAND)
        .filter(
            filing_version__version=F(f"{filing}__accepted_version"),
            **{
                f"{filing}__kindergarten__in": keys,
                f"{filing}__month__gte": today - CHILDREN_HOLD,
            },
        )
        .order_by(f"{filing}__month")
        .values_list(f"{filing}__kindergarten", f"{filing}__month")
        .annotate(together=Sum(F("boys") + F("girls")))
    )
    return {pk: children for pk, _, children in rows}


def rows_of(user: User, kindergarten: Kindergarten) -> dict[str, Iterable[Any]]:
    """By kind every row, the newest first, withdrawn ones too. A query a kind."""
    return {
        code: list(
            kind.model.objects.visible_to(user)
            .filter(kindergarten=kindergarten)
            .select_related("entered_as__user")
        )
        for code, kind in KINDS.items()
    }
