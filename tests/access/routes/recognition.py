"""Surveys of what people think of a county's preschools."""

from __future__ import annotations

import datetime as dt
from typing import Any

from indicators.models import RecognitionSurvey
from indicators.recognition.services import NAMES
from kindergartens.stamps import stamp_of
from tests.access.routes.case import BUREAU, READERS, Case
from tests.access.routes.world import World

SENT = {
    "surveyed_on": "2026-06-01", "asked": "100", "valid_answers": "90", "satisfied_answers": "80",
    "surveyor": "示例督导室", "method": "网上问卷",
}  # fmt: skip


def furnish(world: World) -> None:
    world.survey = RecognitionSurvey.objects.create(
        region=world.small.county, surveyed_on=dt.date(2026, 5, 20), asked=100, valid_answers=96,
        satisfied_answers=90, surveyor="示例督导室", method="网上问卷",
    )  # fmt: skip


def survey(world: World) -> list[Any]:
    return [world.survey.pk]


def correction(world: World) -> dict[str, Any]:
    return SENT | {"reason": "示例原因", "seen": stamp_of(world.survey, NAMES)}


CASES = [
    Case("recognition", READERS, strangers=200),
    Case("recognition-new", BUREAU, strangers=200),
    Case("recognition-new", BUREAU, method="post", status=302, strangers=302, data=lambda w: SENT),
    Case("recognition-history", READERS - {"department_officer"}, strangers=200),
    Case("recognition-correct", BUREAU, survey),
    Case("recognition-correct", BUREAU, survey, method="post", status=302, data=correction),
    Case("recognition-withdraw", BUREAU, survey),
    Case(
        "recognition-withdraw",
        BUREAU,
        survey,
        method="post",
        status=302,
        data=lambda w: {"reason": "示例原因"},
    ),
]
