"""What keeps a newly handed-over estate kindergarten from a private operator, wherever it is tried."""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.models import Region
from kindergartens.models import (
    EstateOperator,
    EstateProject,
    EstateRule,
    Kindergarten,
    KindergartenStatus,
)
from kindergartens.models.demand import nearest
from kindergartens.projects import rules
from kindergartens.projects.rules import OperatorRule

Ownership = KindergartenStatus.Ownership


def operator_rule(county: Region, day: dt.date) -> OperatorRule | None:
    """The strictest rule in force about who may run a new one; None where there is none."""
    rows: list[Any] = list(EstateRule.objects.holding_in(county).in_force(day))
    found = [
        OperatorRule(rule.town_public_share_min, rule.valid_from, rule.basis)
        for rule in nearest(rows, county, lambda rule: rule.code).values()
        if rule.town_public_share_min is not None
    ]
    return max(found, key=lambda rule: rule.town_public_share_min, default=None)


def why_status_is_not_for_it(
    kindergarten: Kindergarten, ownership: object, day: dt.date, *, today: dt.date
) -> str:
    """Why a kindergarten of an estate may not become so from a day; "" if it may."""
    if ownership not in (Ownership.INCLUSIVE_PRIVATE, Ownership.NON_INCLUSIVE_PRIVATE):
        return ""
    for estate in kindergarten.estates.select_related("county", "town"):
        why = why_not_in_estate(estate, str(ownership), day, today=today)
        if why:
            return why
    return ""


def why_not_in_estate(
    estate: EstateProject, ownership: str, day: dt.date, *, today: dt.date
) -> str:
    """Why a kindergarten that is so from a day may not be this estate's; "" if it may.

    The registry sees no figures, so where a rule asks for the town's share it needs the decision
    that was weighed against it. A day that is over still answers to the rule of today.
    """
    if ownership == Ownership.NON_INCLUSIVE_PRIVATE and estate.handed_over_on is not None:
        return rules.why_not_run_so(ownership, town="", handed_over_on=None, rule=None, share=None)
    rule = operator_rule(estate.county, max(day, today))
    if (
        ownership == Ownership.INCLUSIVE_PRIVATE
        and rule is not None
        and rules.is_new(estate.handed_over_on, rule)
        and not _decided(estate, day)
    ):
        return (
            f"这是{estate.name}的新配套园。按{rule.basis}，办成普惠性民办园要看"
            f"{estate.town.name}的公办园在园幼儿占比。请先在“小区配套园”里提出，批准后再办。"
        )
    return ""


def _decided(estate: EstateProject, day: dt.date) -> bool:
    return (
        estate.pk is not None
        and estate.operators.filter(
            state=EstateOperator.State.APPROVED,
            run_as=EstateOperator.RunAs.INCLUSIVE_PRIVATE,
            valid_from__lte=day,
        ).exists()
    )
