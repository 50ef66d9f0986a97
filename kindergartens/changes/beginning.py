"""The first status of kindergartens that are being registered, of all of them in one go.

What one change is checked for (services.change_status) holds here too; what needs rows that a new
kindergarten cannot have yet (later changes, returns, estates) is not asked.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from accounts.exchange.bulk import insert_many
from accounts.models import Membership, Region
from kindergartens.changes import policies, rules
from kindergartens.changes.counting import counting_of
from kindergartens.changes.policies import ChangeRefused, Step
from kindergartens.changes.services import MOST_IN_A_REASON
from kindergartens.changes.snapshots import stored
from kindergartens.models import KindergartenStatus, StatusChange
from kindergartens.recompute import ask_for_figures


@dataclass(frozen=True)
class Beginning:
    """A kindergarten's first row: `values` are fields of rules.FIELDS but for the town."""

    kindergarten: int
    institution_type: str
    opened_on: dt.date
    town: Region
    valid_from: dt.date
    values: Mapping[str, object]
    reason: str
    document_number: str


def first_values(
    town: Region, values: Mapping[str, object], *, institution_type: str, valid_from: dt.date
) -> dict[str, object]:
    """Every field of the first row; the flags follow from the type of place where not said."""
    counting = counting_of(institution_type, region_code=town.code, day=valid_from)
    return rules.first_values({"town": town.pk, **values}, counting)


@transaction.atomic
def begin_statuses(
    beginnings: Sequence[Beginning], *, county: Region, post: Membership, now: dt.datetime
) -> None:
    """Write the first status of new kindergartens of a county, each with who decided it on what.

    The caller has just made them and has the right to. Raises ChangeRefused, with the number of
    the one it is about: no reason or paper, against the law, or in a month that is locked. The
    open months from the first day on are computed again: more kindergartens owe a return.
    """
    if not beginnings:
        return
    today = timezone.localdate(now)
    first = min(one.valid_from for one in beginnings)
    months = policies.months_from(first, [county])
    locked = policies.last_locked(months, now=now)
    rows = []
    for number, one in enumerate(beginnings):
        values = first_values(
            one.town,
            one.values,
            institution_type=one.institution_type,
            valid_from=one.valid_from,
        )
        try:
            if not one.reason.strip():
                raise ChangeRefused("请写明登记原因。")
            if not one.document_number.strip():
                raise ChangeRefused("请写明批准文号或办学许可证号。")
            policies.check_first_day(one.opened_on, one.valid_from, today=today)
            policies.check_steps([Step(one.opened_on, one.valid_from, None, values)])
            policies.check_not_locked(one.valid_from, locked)
        except ChangeRefused as refusal:
            refusal.number = number
            raise
        rows.append((one, values))
    columns = [name for name in rules.FIELDS if name != "town"]
    insert_many(
        KindergartenStatus,
        ["kindergarten_id", "town_id", "valid_from", "reason", *columns],
        (
            (
                one.kindergarten,
                one.town.pk,
                one.valid_from,
                one.reason.strip()[:MOST_IN_A_REASON],
                *(values[name] for name in columns),
            )
            for one, values in rows
        ),
    )
    nothing = json.dumps(dict.fromkeys(rules.FIELDS))
    insert_many(
        StatusChange,
        ["kindergarten_id", "valid_from", "values", "before", "reason", "document_number",
         "made_as_id", "made_at"],
        (
            (
                one.kindergarten,
                one.valid_from,
                json.dumps(
                    {name: stored(name, value) for name, value in values.items()},
                    ensure_ascii=False,
                ),
                nothing,
                one.reason.strip()[:MOST_IN_A_REASON],
                one.document_number.strip()[:100],
                post.pk,
                now,
            )
            for one, values in rows
        ),
    )  # fmt: skip
    for month in months:
        if month.reference_date >= first and now < month.locks_at:
            ask_for_figures(county=month.county, month=month.month, now=now)
            break
