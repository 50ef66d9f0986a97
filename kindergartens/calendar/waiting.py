"""Which submitted returns wait for their town (乡镇初审) before the bureau reviews them."""

from __future__ import annotations

from django.db.models import BooleanField, Case, Exists, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from kindergartens.models import FilingEvent, MonthlyFiling, PreReviewRule

OF_RETURNS_FOUND = "of returns that were found for the person"


def waits_for_town(filing: str = "") -> Case:
    """True where a return is submitted, its county wants it and its town has not passed it on.

    `filing` is the path to the return from the outer row, with its underscores, or nothing. The
    county is that of the return's period. The cheap questions come first: without the rule nobody
    looks for events.
    """
    rule = (
        PreReviewRule.objects.unscoped(OF_RETURNS_FOUND)
        .filter(
            county=OuterRef(f"{filing}period__county"), from_month__lte=OuterRef(f"{filing}month")
        )
        .order_by("-pk")
        .values("is_on")[:1]
    )
    passed = FilingEvent.objects.unscoped(OF_RETURNS_FOUND).filter(
        action=FilingEvent.Action.PASSED_ON,
        filing=OuterRef(f"{filing}pk"),
        version=OuterRef(f"{filing}version"),
    )
    wanted = Coalesce(Subquery(rule, output_field=BooleanField()), Value(False))
    return Case(
        When(~Q(**{f"{filing}state": MonthlyFiling.State.SUBMITTED}), then=Value(False)),
        When(Q(wanted), then=~Exists(passed)),
        default=Value(False),
        output_field=BooleanField(),
    )
