"""Reporting periods: the months of a county, their rule, extensions of single kindergartens."""

from __future__ import annotations

import datetime as dt
from typing import Any

from kindergartens.calendar import services
from kindergartens.calendar.selectors import pre_reviews_decided, times_of
from kindergartens.models import ExtensionRequest, FilingExtension, PreReviewRule
from kindergartens.stamps import stamp_of
from tests.access.routes.case import BUREAU, HISTORY_READERS, Case
from tests.access.routes.world import World
from tests.small_county import NOW, OCTOBER


def furnish(world: World) -> None:
    """The kindergarten's own month, kept open for a while after the lock, and pre-reviewed."""
    officer = world.people["bureau_officer"].memberships.get()
    world.extension = FilingExtension.objects.create(
        kindergarten=world.kindergarten,
        period=world.period,
        town=world.town,
        until=world.period.locks_at + dt.timedelta(days=2),
        reason="示例原因",
        granted_as=officer,
        granted_at=NOW,
    )
    PreReviewRule.objects.create(
        county=world.small.county, from_month=OCTOBER, is_on=True, reason="示例原因",
        set_as=officer, set_at=NOW,
    )  # fmt: skip
    world.asked = ExtensionRequest.objects.create(
        kindergarten=world.kindergarten,
        period=world.period,
        town=world.town,
        reason="示例理由",
        asked_as=world.people["director"].memberships.get(),
        asked_at=NOW,
    )


def period(world: World) -> list[Any]:
    return [world.period.pk]


def of_kindergarten(world: World) -> list[Any]:
    return [world.period.pk, world.kindergarten.code]


def opened(world: World) -> dict[str, Any]:
    days = services.proposed(world.small.county, NOW.date())
    return {"until": "2026-11-01", "seen": services.days_stamp(days)}


def ruled(world: World) -> dict[str, Any]:
    return {
        "reference_day": 20, "opens_day": 10, "due_after": 3, "locks_after": 3,
        "reason": "示例原因", "seen": services.rule_stamp(times_of(world.small.county)),
    }  # fmt: skip


def pre_reviewed(world: World) -> dict[str, Any]:
    decided = pre_reviews_decided(world.small.county)
    return {
        "is_on": "off", "from_month": "2026-12-01", "reason": "示例原因",
        "seen": services.pre_review_stamp(decided),
    }  # fmt: skip


def moved(world: World) -> dict[str, Any]:
    return {
        "due_at": "2026-11-10T18:00", "locks_at": "2026-11-25T18:00", "reason": "示例原因",
        "seen": stamp_of(world.period, services.DATES),
    }  # fmt: skip


CASES = [
    Case("periods", BUREAU, strangers=200),
    Case("period-open", BUREAU, strangers=200),
    # What is confirmed is the months of one's own county, which are the same here.
    Case("period-open", BUREAU, method="post", data=opened, status=302, strangers=302),
    Case("period-rule", BUREAU, strangers=200),
    Case("period-rule", BUREAU, method="post", data=ruled, status=302, strangers=302),
    Case("pre-review-rule", BUREAU, strangers=200),
    # One's own county's again, in which the same was decided.
    Case("pre-review-rule", BUREAU, method="post", data=pre_reviewed, status=302, strangers=302),
    Case("period", BUREAU, period),
    Case("period-edit", BUREAU, period),
    Case("period-edit", BUREAU, period, method="post", data=moved, status=302),
    Case("period-extend", BUREAU, of_kindergarten),
    Case(
        "period-extend",
        BUREAU,
        of_kindergarten,
        method="post",
        data=lambda w: {"until": "2026-11-25T18:00", "reason": "示例原因"},
        status=302,
    ),
    Case("extension-refuse", BUREAU, lambda w: [w.asked.pk]),
    Case(
        "extension-refuse",
        BUREAU,
        lambda w: [w.asked.pk],
        method="post",
        data=lambda w: {"reason": "示例原因"},
        status=302,
    ),
    Case("extension-revoke", BUREAU, lambda w: [w.extension.pk]),
    Case(
        "extension-revoke",
        BUREAU,
        lambda w: [w.extension.pk],
        method="post",
        data=lambda w: {"reason": "示例原因"},
        status=302,
    ),
    Case("period-history", HISTORY_READERS, strangers=200),
]
