"""A county's own list of measures: begun from the one that holds there, then row by row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, cast

from django.db import IntegrityError, transaction

from accounts.access.posts import own_county
from accounts.history.context import because
from accounts.models import User
from kindergartens.dated.services import AHEAD, Kind, RowRefused, set_row
from safety.measures.selectors import MeasureLists
from safety.models import SafetyMeasure

# What a person types of a row, and what may be put right in place.
TYPED = ("label", "meaning", "one_of_four", "position")
CORRECTED = (*TYPED, "document", "document_number", "clause", "valid_from", "valid_to")
# What a row takes over from the one it stands for.
TAKEN_OVER = ("judged_by", "answers")


def _begins_problem(row: SafetyMeasure) -> str:
    if row.source:
        return "这条是随文件载入的，不能更正；请截止它，或从新的日期起另设一条。"
    return ""


MEASURE = Kind("防范项目", SafetyMeasure, ("code",), CORRECTED, _begins_problem)


@transaction.atomic
def begin_list(
    *, document: str, document_number: str, valid_from: dt.date, by: User, today: dt.date
) -> list[SafetyMeasure]:
    """Give the own county a list of its own from a day: the one that holds there, row by row.

    Raises RowRefused where it has one, or none holds there to begin from.
    """
    county = own_county(by)
    if valid_from > today + AHEAD:
        raise RowRefused("起始日期太远，请核对年份；最多提前两年登记。", "valid_from")
    former = MeasureLists(valid_from).in_region(county)
    if any(row.region_id == county.pk for row in former):
        raise RowRefused("本区县已有自己的清单，请在清单里改。", "valid_from")
    if SafetyMeasure.objects.filter(region=county, valid_from__gte=valid_from).exists():
        raise RowRefused("本区县已有从更晚的一天起的清单，请在那份清单里改。", "valid_from")
    if not former:
        raise RowRefused("上级还没有清单，请直接登记项目。")
    # Begun on a past day: what has ended since ends in the copy, too.
    copied = (*TYPED, *TAKEN_OVER, "code", "clause", "valid_to")
    rows = [
        SafetyMeasure(
            region=county, document=document, document_number=document_number,
            valid_from=valid_from, **{name: getattr(row, name) for name in copied},
        )
        for row in former
    ]  # fmt: skip
    try:
        with transaction.atomic(), because("另设本区县的清单"):
            return SafetyMeasure.objects.bulk_create(rows)
    except IntegrityError:
        raise RowRefused("别人刚刚设了本区县的清单，请返回看过现在的再办。") from None


@transaction.atomic
def set_measure(
    *, values: Mapping[str, Any], stands_for: str, by: User, today: dt.date
) -> SafetyMeasure:
    """A row of the own county's list from a day; in the place of the row with the code `stands_for`,
    whose evidence goes on, or, without one, a measure that is new.

    Raises RowRefused where the county has no list of its own that day.
    """
    county = own_county(by)
    there = MeasureLists(values["valid_from"]).in_region(county)
    if there and there[0].region_id != county.pk:
        raise RowRefused(
            "本区县那一天还没有自己的清单，只加一项会让上级的清单整份不再适用。"
            "请先“另设本区县的清单”。",
            "valid_from",
        )
    row: dict[str, Any] = dict(values)
    if stands_for:
        former = next((one for one in there if one.code == stands_for), None)
        if former is None:
            raise RowRefused("要替换的那一项那一天不在清单上，请重新选择。", "stands_for")
        row |= {name: getattr(former, name) for name in ("code", *TAKEN_OVER)}
    else:
        # Of the county, so that two counties' own measures are never one in the sums of a city.
        number = SafetyMeasure.objects.filter(region=county).count() + 1
        row |= {"code": f"own-{county.code}-{number}"}
    return cast(SafetyMeasure, set_row(kind=MEASURE, values=row, by=by, today=today))
