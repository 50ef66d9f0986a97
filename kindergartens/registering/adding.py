"""What new kindergartens of a table will count as once it is written, before anybody confirms it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from accounts.exchange.declaring import Context, Line
from kindergartens.changes import rules
from kindergartens.models import KindergartenStatus
from kindergartens.registering.checks import first_status

Status = KindergartenStatus
NOT_COUNTED = (("counts_enrolment", "不计入在园幼儿"), ("counts_staff", "不计入教职工"))
COUNTED = (("counts_public", "计入公办"), ("counts_inclusive", "计入普惠"))
# A table of a county names no more towns than that; one of a city is summed up by its counties.
TOWNS_NAMED = 40


def what_is_added(context: Context, new: Sequence[Line]) -> list[str]:
    """Sentences about new rows in which nothing is wrong; none without such rows.

    By nature, then what of them enters which sum (a table may say otherwise than the nature does),
    and how many each town gets.
    """
    towns = context.known["towns"]
    if not new or any(line.values["town"] not in towns for line in new):
        # Whoever looks has another area by now than whoever uploaded it.
        return []
    first = [first_status(context, line.values) for line in new]
    natures = Counter(values["ownership"] for values in first)
    by_nature = "、".join(f"{label}{natures[value]}" for value, label in Status.Ownership.choices)
    # As the sums are made: only of those that operate and whose children count at all.
    summed = [
        values
        for values in first
        if values["operating_state"] == rules.OPERATING and values["counts_enrolment"]
    ]
    parts = [
        f"{label}{count}所"
        for name, label in COUNTED
        if (count := sum(bool(values[name]) for values in summed))
    ]
    parts += [
        f"{label}{count}所"
        for name, label in NOT_COUNTED
        if (count := sum(not values[name] for values in first))
    ]
    states = Counter(values["operating_state"] for values in first)
    parts += [
        f"{label}{states[value]}所"
        for value, label in Status.OperatingState.choices
        if value != rules.OPERATING and states[value]
    ]
    said = [f"新登记{len(first)}所：{by_nature}。"]
    if parts:
        said.append(f"其中{'、'.join(parts)}。")
    lying = Counter(values["town"] for values in first)
    named = [f"{town.name}{lying[key]}" for key, town in towns.items() if lying[key]]
    if 1 < len(named) <= TOWNS_NAMED:
        said.append(f"按乡镇街道：{'、'.join(named)}。")
    return said
