"""Dated status as plain values: what counts where, what the law forbids, and how rows are cut.

A timeline is a list of `Dated`, in order, each in force until the next one begins. A change of
some fields on a day never touches an earlier day, and reaches the later rows only in the fields
those rows do not set themselves.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum


class InstitutionType(StrEnum):
    """机构类型. Decides, with the sponsor and the recognition, which sums a place enters."""

    INDEPENDENT = "independent"  # 独立设置幼儿园
    ATTACHED = "attached"  # 附设幼儿班
    TEACHING_POINT = "teaching_point"  # 公办教学点
    BRANCH = "branch"  # 分园、分址
    COMMUNITY_SITE = "community_site"  # 社区办园点 (Beijing)
    CHILD_CENTRE = "child_centre"  # 幼儿中心 (Inner Mongolia)
    CARE_POINT = "care_point"  # 民办托幼点 (Tianjin)


PUBLIC = "public"
INCLUSIVE_PRIVATE = "inclusive_private"
NON_INCLUSIVE_PRIVATE = "non_inclusive_private"
# Private hands; every other kind of sponsor runs public kindergartens.
PRIVATE_SPONSORS = frozenset({"private", "joint_venture"})
OPERATING, CLOSED = "operating", "closed"
STAYS_PUBLIC = "公办幼儿园不得转制为民办幼儿园（学前教育法第三十四条）。"

FLAGS = ("counts_enrolment", "counts_public", "counts_inclusive", "counts_staff")
RECOGNITION = ("recognition_document", "recognised_until")
# What may change on a date. The first group decides what counts, so two of them never cross.
COUNTING_FIELDS = frozenset({"sponsor_type", "ownership", "for_profit", *FLAGS})
FIELDS = (
    "town",
    "sponsor_type",
    "ownership",
    "for_profit",
    "operating_state",
    "half_day",
    "level",
    "urban_rural",
    *RECOGNITION,
    *FLAGS,
)
# Whatever a rate, or the share of a region in it, is counted by; the rest of FIELDS moves none.
COUNTED_BY = (
    "town",
    "sponsor_type",
    "ownership",
    "for_profit",
    "operating_state",
    *RECOGNITION,
    *FLAGS,
)
# With a first row these have to be said; the others have a value of their own.
NEEDED_AT_FIRST = ("town", "sponsor_type", "ownership")
AT_FIRST: Mapping[str, object] = {
    "for_profit": False,
    "operating_state": "operating",
    "half_day": False,
    "level": "",
    "urban_rural": "",
    "recognition_document": "",
    "recognised_until": None,
}

Values = Mapping[str, object]


@dataclass(frozen=True)
class Counting:
    """Which sums an institution enters (domain facts §1.2); None: by its sponsor or recognition."""

    enrolment: bool = True
    public: bool | None = None
    inclusive: bool | None = None
    staff: bool = True


def counting_flags(counting: Counting, *, ownership: str) -> dict[str, bool]:
    """The four `counts_` flags: public as the sponsor is, inclusive when public or recognised.

    Law Art 23: public kindergartens and recognised private ones are the inclusive ones. A place
    outside the enrolment sum is in no other sum either.
    """
    public = ownership == PUBLIC if counting.public is None else counting.public
    inclusive = counting.inclusive
    if inclusive is None:
        inclusive = public or ownership in {PUBLIC, INCLUSIVE_PRIVATE}
    enrolment = counting.enrolment
    return {
        "counts_enrolment": enrolment,
        "counts_public": enrolment and public,
        "counts_inclusive": enrolment and (inclusive or public),
        "counts_staff": enrolment and counting.staff,
    }


def first_values(values: Values, counting: Counting) -> dict[str, object]:
    """A first row complete: what is not said has a value of its own, and the flags follow.

    `values` holds at least NEEDED_AT_FIRST.
    """
    flags = counting_flags(counting, ownership=str(values["ownership"]))
    return {**AT_FIRST, **flags, **values}


def with_what_follows(
    before: Values, values: Values, counting: Callable[[], Counting]
) -> dict[str, object]:
    """A change of the row `before` with what follows from it and is not said itself.

    The recognition ends with the ownership it belongs to, and what counts as public and inclusive
    goes by the new sponsor. Whether a place is counted at all was decided once and hangs on no
    sponsor: a new one brings no place outside the sums into them.
    """
    after = {**before, **values}
    wanted = dict(values)
    if after["ownership"] != INCLUSIVE_PRIVATE:
        wanted = {**{name: AT_FIRST[name] for name in RECOGNITION}, **wanted}
    if any(after[name] != before[name] for name in ("sponsor_type", "ownership")):
        kept = replace(
            counting(),
            enrolment=bool(after["counts_enrolment"]),
            staff=bool(after["counts_staff"]),
        )
        wanted = {**counting_flags(kept, ownership=str(after["ownership"])), **wanted}
    return wanted


@dataclass(frozen=True)
class Dated:
    """What a kindergarten is from a day on."""

    valid_from: dt.date
    values: Values = field(default_factory=dict)


class Overlap(Exception):
    """The change and a row that is there cannot both hold. `day` is that row's."""

    def __init__(self, day: dt.date, fields: Sequence[str]) -> None:
        self.day = day
        self.fields = tuple(fields)
        super().__init__(f"{day}: {', '.join(fields)}")


def in_force(timeline: Sequence[Dated], day: dt.date) -> Dated | None:
    """The row that holds on a day; None before the first."""
    return next((row for row in reversed(timeline) if row.valid_from <= day), None)


def changed_fields(before: Values | None, after: Values) -> frozenset[str]:
    if before is None:
        return frozenset(after)
    return frozenset(name for name in after if before.get(name) != after[name])


def amended(timeline: Sequence[Dated], day: dt.date, values: Values) -> list[Dated]:
    """The timeline with some fields changed from a day on; earlier days stay as they are.

    Later rows keep what they change themselves and take over the rest. Raises Overlap where a row
    of the same day sets one of the fields otherwise, and where both this change and a later row
    decide what counts: then only the person who knows both can say what shall hold.
    """
    earlier = [row for row in timeline if row.valid_from < day]
    later = [row for row in timeline if row.valid_from >= day]
    before = earlier[-1].values if earlier else None
    result = list(earlier)
    if not later or later[0].valid_from > day:
        result.append(Dated(day, {**(before or {}), **values}))
    carried = dict(values)
    for row in later:
        own = changed_fields(before, row.values)
        if row.valid_from == day:
            clash = frozenset(
                name for name in own & set(carried) if row.values[name] != carried[name]
            )
        else:
            clash = _both_count(own, values)
        if clash:
            raise Overlap(row.valid_from, sorted(clash))
        before = row.values
        carried = {name: value for name, value in carried.items() if name not in own}
        result.append(Dated(row.valid_from, {**row.values, **carried}))
    return result


def _both_count(own: frozenset[str], values: Values) -> frozenset[str]:
    """What a later row decides about counting, where the change decides about it too."""
    return own & COUNTING_FIELDS if COUNTING_FIELDS & set(values) else frozenset()


def withdrawn(timeline: Sequence[Dated], day: dt.date, values: Values) -> list[Dated]:
    """The timeline without a change made on a day: its fields hold on as they were before it.

    Raises Overlap where a later row sets one of them: that one was decided upon this one.
    """
    earlier = [row for row in timeline if row.valid_from < day]
    before = earlier[-1].values if earlier else None
    rows = [row for row in timeline if row.valid_from >= day]
    result = list(earlier)
    previous: Values | None = None
    for row in rows:
        if previous is not None:
            own = changed_fields(previous, row.values)
            clash = own & set(values) | _both_count(own, values)
            if clash:
                raise Overlap(row.valid_from, sorted(clash))
        previous = row.values
        if before is None:
            # The first row of all: nothing was before it.
            continue
        kept = {**row.values, **{name: before[name] for name in values}}
        if not changed_fields(result[-1].values, kept):
            continue
        result.append(Dated(row.valid_from, kept))
    return result


def cut(timeline: Sequence[Dated]) -> list[tuple[dt.date, dt.date | None, Values]]:
    """Rows with their end (not included): each ends where the next begins, the last never."""
    ends = [row.valid_from for row in timeline[1:]] + [None]
    return [(row.valid_from, end, row.values) for row, end in zip(timeline, ends, strict=True)]


def latest_first_day(today: dt.date) -> dt.date:
    """The last day a kindergarten registered today may begin on: twelve months ahead.

    Further ahead a date is a mistyped year and no plan. (The portal's own limit.)
    """
    try:
        return today.replace(year=today.year + 1)
    except ValueError:  # 29 February
        return today.replace(year=today.year + 1, day=28)


def first_day_faults(
    opened_on: dt.date | None, valid_from: dt.date | None, *, today: dt.date
) -> list[tuple[str, str]]:
    """What is wrong with the days a kindergarten is registered with, each with its field."""
    latest = latest_first_day(today)
    until = f"{latest.year}年{latest.month}月{latest.day}日"
    faults = []
    if opened_on is not None and opened_on > latest:
        faults.append(("opened_on", f"建园日期最晚填{until}（12个月内）。请核对年份。"))
    if valid_from is not None and valid_from > latest:
        faults.append(("valid_from", f"在册起始日期最晚填{until}（12个月内）。请核对年份。"))
    return faults


def law_problems(before: Values | None, after: Values) -> list[tuple[str, str]]:
    """What the law and the meaning of the fields forbid in a step from one row to the next.

    Each with the field where it can be mended.
    """
    problems = []
    ownership, sponsor = after["ownership"], after["sponsor_type"]
    if before is not None and before["operating_state"] == CLOSED:
        text = "这所园已撤销，不能再变更。重新办园要另行审批、另建一所（学前教育法第三十条）。"
        problems.append(("operating_state", text))
    if before is not None and before["ownership"] == PUBLIC and ownership != PUBLIC:
        problems.append(("ownership", STAYS_PUBLIC))
    if (ownership == PUBLIC) == (sponsor in PRIVATE_SPONSORS):
        text = (
            "办园性质和办别对不上：民办、中外合作举办的是民办园，其他办别举办的是公办园。请一并改。"
        )
        problems.append(("ownership", text))
    if after["for_profit"] and ownership == PUBLIC:
        problems.append(("for_profit", "公办幼儿园不能是营利性的（学前教育法第三十四条）。"))
    if after["for_profit"] and ownership == INCLUSIVE_PRIVATE:
        text = "只有非营利性民办幼儿园才能认定为普惠性民办幼儿园（学前教育法第二十四条）。"
        problems.append(("for_profit", text))
    if after["for_profit"] and after["counts_inclusive"] and ownership == NON_INCLUSIVE_PRIVATE:
        text = "营利性民办幼儿园不计入普惠（学前教育法第二十四条）。"
        problems.append(("counts_inclusive", text))
    if after["counts_public"] and not after["counts_inclusive"]:
        text = "计入公办的一定计入普惠（学前教育法第二十三条）。请一并改。"
        problems.append(("counts_inclusive", text))
    if ownership != INCLUSIVE_PRIVATE and any(after[name] for name in RECOGNITION):
        text = "认定文件和认定期限只填给普惠性民办幼儿园。"
        problems.append(("recognition_document", text))
    return problems
