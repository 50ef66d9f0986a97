"""What one row of a staffing standard says, as the rules take it.

The numbers are not here: they are rows of `StaffingStandard`, which give these terms.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Demand(StrEnum):
    """What one row of a standard speaks of."""

    STAFF = "staff"  # 教职工与幼儿比
    CARE_TEACHING = "care_teaching"  # 保教人员与幼儿比
    TEACHERS_OF_COUNTY = "county_teachers"  # 专任教师与幼儿比: of a county's total only
    CLASS = "class_posts"  # 每班教师和保育员
    HEALTH = "health"  # 卫生保健人员
    PRINCIPAL = "principal"  # 园长
    COOK = "cook"  # 炊事人员
    GUARD = "guard"  # 保安人员


# The numbers that a demand is made of, in the order they are asked for. 专任教师与幼儿比 of a county
# (教督〔2020〕1号) is not among them: the county itself is judged by it and sets none.
NUMBERS: dict[Demand, tuple[str, ...]] = {
    Demand.STAFF: ("least", "most"),
    Demand.CARE_TEACHING: ("least", "most"),
    Demand.CLASS: (
        "teachers", "carers", "teachers_alone", "single_teachers", "single_carers",
        "boarding_teachers", "boarding_carers",
    ),
    Demand.HEALTH: ("most", "health_rule"),
    Demand.PRINCIPAL: ("steps",),
    Demand.COOK: ("least", "most"),
    Demand.GUARD: ("steps", "step_beyond"),
}  # fmt: skip


class HealthRule(StrEnum):
    """How "one for every 150 children" is read (a setting of the place; case V6)."""

    AT_MOST = "at_most"  # 每人最多150名: 151 children ask for two
    PER_FULL = "per_full"  # 每满150名一人: 151 children ask for one


@dataclass(frozen=True)
class Terms:
    """The numbers of one row of a standard; None and () where the row does not speak of it.

    `least` to `most` children to one person. Of a class: `teachers` and `carers`, or
    `teachers_alone` teachers and no carer; `boarding_…` what a boarding class needs besides;
    `single_teachers` and `single_carers` replace the first two where there is one class only.
    `steps` are (from so many classes or people on, so many persons), rising; past the last step
    one more for every further `step_beyond`.
    """

    least: int | None = None
    most: int | None = None
    health_rule: str = HealthRule.AT_MOST
    teachers: int | None = None
    carers: int | None = None
    teachers_alone: int | None = None
    single_teachers: int | None = None
    single_carers: int | None = None
    boarding_teachers: int | None = None
    boarding_carers: int | None = None
    steps: tuple[tuple[int, int], ...] = ()
    step_beyond: int | None = None


def step(terms: Terms, number: int) -> int | None:
    """People that the steps give for so many classes or persons; None below the first step."""
    reached = [(start, people) for start, people in terms.steps if number >= start]
    if not reached:
        return None
    start, people = reached[-1]
    if len(reached) == len(terms.steps) and terms.step_beyond:
        people += (number - start) // terms.step_beyond
    return people


def steps_rise(steps: object) -> bool:
    """Whether this is a list of pairs of whole numbers, both rising from 0; [] is one."""
    if not isinstance(steps, list):
        return False
    last = (-1, -1)
    for pair in steps:
        if not isinstance(pair, list) or [type(number) for number in pair] != [int, int]:
            return False
        start, people = pair
        if start <= last[0] or people <= last[1]:
            return False
        last = (start, people)
    return True


def fewer_than(demand: Demand, mine: Terms, above: Terms) -> bool:
    """Whether `mine` asks for fewer people than `above` somewhere; both are of one demand.

    The steps of directors say the most there may be, so they are never fewer.
    """
    if demand is Demand.PRINCIPAL:
        return False
    if demand is Demand.CLASS:
        return _fewer_in_a_class(mine, above)
    if demand is Demand.GUARD:
        steps = any((step(mine, start) or 0) < people for start, people in above.steps)
        slower = above.step_beyond is not None and (
            mine.step_beyond is None or mine.step_beyond > above.step_beyond
        )
        return steps or slower
    if mine.most is None or above.most is None:
        return False
    rounded_down = (mine.health_rule, above.health_rule) == (
        HealthRule.PER_FULL,
        HealthRule.AT_MOST,
    )
    return mine.most > above.most or (demand is Demand.HEALTH and rounded_down)


def _fewer_in_a_class(mine: Terms, above: Terms) -> bool:
    """A class may do without a carer only with as many teachers as `above` says, if at all."""
    if mine.teachers_alone is not None and mine.teachers_alone < (
        above.teachers_alone or (above.teachers or 0) + (above.carers or 0)
    ):
        return True
    pairs = [
        (mine.teachers, above.teachers),
        (mine.carers, above.carers),
        (mine.single_teachers or mine.teachers, above.single_teachers or above.teachers),
        (_single_carers(mine), _single_carers(above)),
        (mine.boarding_teachers, above.boarding_teachers),
        (mine.boarding_carers, above.boarding_carers),
    ]
    return any((own or 0) < (theirs or 0) for own, theirs in pairs)


def _single_carers(terms: Terms) -> int | None:
    """As the rules take it: whoever names teachers of a single class names its carers too."""
    return terms.carers if terms.single_teachers is None else terms.single_carers
