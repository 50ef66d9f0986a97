"""Surveys of a county: recorded, put right, withdrawn; the open months after them follow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from accounts.access.posts import own_county
from accounts.history.context import because
from accounts.models import Region, User
from indicators.models import RecognitionSurvey
from kindergartens.models import ReportingPeriod
from kindergartens.policies import NotAllowedNow
from kindergartens.recompute import ask_for_figures
from kindergartens.stamps import CHANGED_SINCE, stamp_of

NAMES = (
    "surveyed_on", "asked", "valid_answers", "satisfied_answers", "surveyor", "method", "document",
)  # fmt: skip
OF_ITS_MONTHS = "the periods of the county the person keeps"


class SurveyRefused(NotAllowedNow):
    """It cannot be recorded so; the text says why and what to do."""


@transaction.atomic
def record_survey(*, values: Mapping[str, Any], by: User, now: dt.datetime) -> RecognitionSurvey:
    """A new survey of the own county. Raises SurveyRefused, PermissionDenied."""
    county = own_county(by)
    return _keep(RecognitionSurvey(region=county), values, "登记社会认可度调查", now)


@transaction.atomic
def correct_survey(
    *, pk: int, values: Mapping[str, Any], reason: str, seen: str, by: User, now: dt.datetime
) -> RecognitionSurvey:
    """Put right what was typed wrongly. Raises SurveyRefused where somebody was faster."""
    row = _own(pk, by)
    if seen != stamp_of(row, NAMES):
        raise SurveyRefused(CHANGED_SINCE)
    before = row.surveyed_on
    kept = _keep(row, values, reason, now)
    _figures_follow(row.region, min(before, row.surveyed_on), now)
    return kept


@transaction.atomic
def withdraw_survey(*, pk: int, reason: str, by: User, now: dt.datetime) -> RecognitionSurvey:
    """It counts no more, and stays on record."""
    row = _own(pk, by)
    row.withdrawn_at = now
    with because(reason):
        row.save(update_fields=["withdrawn_at"])
    _figures_follow(row.region, row.surveyed_on, now)
    return row


def _own(pk: int, by: User) -> RecognitionSurvey:
    rows = RecognitionSurvey.objects.select_for_update(no_key=True, of=("self",))
    row = rows.select_related("region").get(pk=pk, region=own_county(by))
    if row.withdrawn_at is not None:
        raise SurveyRefused("这一条已经撤销，不用再办。")
    return row


def _keep(
    row: RecognitionSurvey, values: Mapping[str, Any], reason: str, now: dt.datetime
) -> RecognitionSurvey:
    for name in NAMES:
        setattr(row, name, values[name])
    try:
        with transaction.atomic(), because(reason):
            row.save()
    except IntegrityError:
        raise SurveyRefused("这一天、这个单位的调查已经登记过。登记错的请用“更正”。") from None
    _figures_follow(row.region, row.surveyed_on, now)
    return row


def _figures_follow(county: Region, day: dt.date, now: dt.datetime) -> None:
    """Months that are not locked and whose statistical date lies after the survey."""
    months = (
        ReportingPeriod.objects.unscoped(OF_ITS_MONTHS)
        .filter(county=county, reference_date__gte=day, locks_at__gt=now)
        .order_by("month")
        .values_list("month", flat=True)
    )
    first = months.first()
    if first is not None:
        ask_for_figures(county=county, month=first, now=now)
