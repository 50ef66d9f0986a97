"""How many people of each post a kindergarten should have, has, and lacks (应配、实有、缺).

People are whole persons; a missing count is None and never 0. Nursery classes (托班), their children
and what they ask for are in none of these: 托育 has standards of its own.
Sources: 《幼儿园教职工配备标准（暂行）》教师〔2013〕1号; 《托儿所幼儿园卫生保健管理办法》 Art 12;
GB/T 29315-2022; 县域学前教育普及普惠督导评估办法 (教督〔2020〕1号). The numbers are not here: they are
rows of `StaffingStandard`, which give the terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from staffing.rules import people_needed
from staffing.standards.terms import Demand, HealthRule, Terms, step


class Post(StrEnum):
    """A line of what is required; the first two are of several posts together."""

    STAFF = "staff"
    CARE_TEACHING = "care_teaching"
    TEACHER = "teacher"
    CARER = "carer"
    HEALTH = "health"
    PRINCIPAL = "principal"
    BOARDING = "boarding"  # 寄宿班另加的教师和保育员
    COOK = "cook"
    GUARD = "guard"


DEMAND_OF = {
    Post.STAFF: Demand.STAFF,
    Post.CARE_TEACHING: Demand.CARE_TEACHING,
    Post.TEACHER: Demand.CLASS,
    Post.CARER: Demand.CLASS,
    Post.HEALTH: Demand.HEALTH,
    Post.PRINCIPAL: Demand.PRINCIPAL,
    Post.BOARDING: Demand.CLASS,
    Post.COOK: Demand.COOK,
    Post.GUARD: Demand.GUARD,
}
# What a monthly return answers. Only these decide whether a kindergarten is fully staffed
# (配足配齐): nobody is asked for cooks, guards and the staff of boarding classes.
ASKED = (
    Post.STAFF, Post.CARE_TEACHING, Post.TEACHER, Post.CARER, Post.HEALTH, Post.PRINCIPAL,
)  # fmt: skip


class Meals(StrEnum):
    """What the kitchen of the kindergarten serves."""

    NONE = "none"  # 不供餐, or 配餐单位送餐
    FEWER = "fewer"  # less than three meals and a snack
    FULL = "full"  # 三餐一点


class Lack(StrEnum):
    """Why a line cannot be computed (无法计算)."""

    STANDARD = "standard"  # no row in force says how many
    CHILDREN = "children"  # no children, or their number is missing
    CLASSES = "classes"  # the number of classes is missing
    PEOPLE = "people"  # the return does not say how many there are, or they are not counted
    EVERYBODY = "everybody"  # children and staff together: staff is not counted, or not known
    BOARDING = "boarding"  # nobody knows how many classes board
    MEALS = "meals"  # nobody knows what meals are served
    FEWER_MEALS = "fewer_meals"  # the standard asks for "fewer" without saying how many


class Standing(StrEnum):
    MET = "met"
    SHORT = "unmet"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class HeadCount:
    """What is known of one kindergarten in one month; None where nobody was asked.

    `children` and `classes` without nursery classes; `everybody` are all children and staff, nursery
    classes too, as guards are counted by. `boarding_classes` is 0 where there is no boarding.
    """

    children: int | None
    classes: int | None
    staff: int | None
    principals: int | None
    teachers: int | None
    carers: int | None
    health: int | None
    everybody: int | None = None
    boarding_classes: int | None = None
    meals: Meals | None = None
    cooks: int | None = None
    guards: int | None = None


@dataclass(frozen=True)
class Need:
    """One post of one kindergarten. `filled` are places that people of another post fill: a third
    teacher stands in for a class's carer. `most` is the most there may be, where the standard says
    so. `lacks` are all the reasons why it cannot be computed.
    """

    post: Post
    required: int | None
    present: int | None
    filled: int = 0
    most: int | None = None
    lacks: tuple[Lack, ...] = ()

    @property
    def short(self) -> int | None:
        """People missing, never below 0; None while one of the counts is missing."""
        if self.lacks or self.required is None or self.present is None:
            return None
        return max(0, self.required - self.present - self.filled)

    @property
    def standing(self) -> Standing:
        if self.short is None:
            return Standing.UNAVAILABLE
        return Standing.SHORT if self.short else Standing.MET


def needs(standard: Mapping[Demand, Terms], counted: HeadCount) -> list[Need]:
    """Every post the standard asks one kindergarten for, in the order of `Post`.

    A post that does not apply (no carer in a half-day class, no boarding) has no line; one that
    nobody can compute has a line that says why.
    """
    found = [
        _by_ratio(Post.STAFF, standard, counted, counted.staff),
        _by_ratio(Post.CARE_TEACHING, standard, counted, _sum(counted.teachers, counted.carers)),
        *_of_classes(standard.get(Demand.CLASS), counted),
        _health(standard.get(Demand.HEALTH), counted),
        _principal(standard.get(Demand.PRINCIPAL), counted),
        _boarding(standard.get(Demand.CLASS), counted),
        _cook(standard.get(Demand.COOK), counted),
        _guard(standard.get(Demand.GUARD), counted),
    ]
    return [need for need in found if need is not None]


def fully_staffed(found: Iterable[Need]) -> bool | None:
    """配足配齐: whether none of the posts a return asks for is short; None if nobody can say."""
    standings = [need.standing for need in found if need.post in ASKED]
    if Standing.SHORT in standings:
        return False
    return None if not standings or Standing.UNAVAILABLE in standings else True


def more_than_asked(terms: Terms, children: int, people: int | None) -> bool:
    """Fewer children to one person than the standard's range begins with: no failure, worth saying."""
    return terms.least is not None and people is not None and children < terms.least * people


def _line(
    post: Post,
    required: int | None,
    present: int | None,
    lacks: Iterable[Lack | None],
    *,
    filled: int = 0,
    most: int | None = None,
) -> Need:
    known = [lack for lack in lacks if lack is not None]
    if present is None:
        known.append(Lack.PEOPLE)
    return Need(post, required, present, filled, most, tuple(known))


def _by_ratio(
    post: Post, standard: Mapping[Demand, Terms], counted: HeadCount, present: int | None
) -> Need:
    """教职工 1:5–1:7 (half-day 1:8–1:10), 保教人员 1:7–1:9 (1:11–1:13): 教师〔2013〕1号.

    Required is ceil(children ÷ the most children to one). Fewer to one than `least` is no failure.
    """
    terms = standard.get(DEMAND_OF[post])
    if terms is None or terms.most is None:
        return _line(post, None, present, [Lack.STANDARD])
    if not counted.children:
        return _line(post, None, present, [Lack.CHILDREN])
    return _line(post, people_needed(counted.children, terms.most), present, [])


def _of_classes(terms: Terms | None, counted: HeadCount) -> list[Need]:
    """全日制每班2名教师和1名保育员，或3名教师；半日制每班2名教师: 教师〔2013〕1号.

    Teachers beyond two a class stand in for carers, as many as "3 teachers instead" says.
    """
    if terms is None or terms.teachers is None:
        return [
            _line(Post.TEACHER, None, counted.teachers, [Lack.STANDARD]),
            _line(Post.CARER, None, counted.carers, [Lack.STANDARD]),
        ]
    single = counted.classes == 1 and terms.single_teachers is not None
    of_teachers = terms.single_teachers if single else terms.teachers
    of_carers = terms.single_carers if single else terms.carers
    lack = None if counted.children else Lack.CHILDREN
    if lack is None and not counted.classes:
        lack = Lack.CLASSES
    classes = 0 if lack or counted.classes is None else counted.classes
    teachers = None if lack or of_teachers is None else classes * of_teachers
    found = [_line(Post.TEACHER, teachers, counted.teachers, [lack])]
    if of_carers is None:
        return found
    carers = None if lack else classes * of_carers
    filled, lacks = 0, [lack]
    if terms.teachers_alone is not None:
        if counted.teachers is None or teachers is None:
            # How many of them are beyond two a class is not known either.
            lacks.append(None if lack else Lack.PEOPLE)
        elif counted.carers is not None and carers is not None:
            stand_in = terms.teachers_alone - (of_teachers or 0)
            beyond = max(0, counted.teachers - teachers)
            if stand_in > 0:
                filled = min(beyond // stand_in * of_carers, max(0, carers - counted.carers))
    carer = _line(Post.CARER, carers, counted.carers, lacks, filled=filled)
    return [*found, carer]


def _health(terms: Terms | None, counted: HeadCount) -> Need:
    """收托150名儿童至少1名专职；不足150名配1名专职或兼职: 卫生保健管理办法 Art 12."""
    if terms is None or terms.most is None:
        return _line(Post.HEALTH, None, counted.health, [Lack.STANDARD])
    if not counted.children:
        return _line(Post.HEALTH, None, counted.health, [Lack.CHILDREN])
    if terms.health_rule == HealthRule.PER_FULL:
        required = max(1, counted.children // terms.most)
    else:
        required = people_needed(counted.children, terms.most)
    return _line(Post.HEALTH, required, counted.health, [])


def _principal(terms: Terms | None, counted: HeadCount) -> Need:
    """6个班以下1名，6–9个班不超过2名，10个班及以上可设3名: 教师〔2013〕1号.

    One is required; the steps are the most there may be.
    """
    if terms is None or not terms.steps:
        return _line(Post.PRINCIPAL, None, counted.principals, [Lack.STANDARD])
    if not counted.children:
        return _line(Post.PRINCIPAL, None, counted.principals, [Lack.CHILDREN])
    most = step(terms, counted.classes) if counted.classes else None
    return _line(Post.PRINCIPAL, 1, counted.principals, [], most=most)


def _boarding(terms: Terms | None, counted: HeadCount) -> Need | None:
    """寄宿制每班至少增配1名教师和1名保育员: 教师〔2013〕1号. A line of its own, because the staff
    of boarding classes is not counted apart.
    """
    if terms is None or terms.boarding_teachers is None or counted.boarding_classes == 0:
        return None
    if counted.boarding_classes is None:
        return _line(Post.BOARDING, None, None, [Lack.BOARDING])
    extra = terms.boarding_teachers + (terms.boarding_carers or 0)
    return _line(Post.BOARDING, counted.boarding_classes * extra, None, [])


def _cook(terms: Terms | None, counted: HeadCount) -> Need | None:
    """三餐一点的每40–45名幼儿1名；少于三餐一点的酌减；不足40名但供餐的1名: 教师〔2013〕1号."""
    if counted.meals is Meals.NONE:
        return None
    if terms is None or terms.least is None or terms.most is None:
        return _line(Post.COOK, None, counted.cooks, [Lack.STANDARD])
    if not counted.children:
        return _line(Post.COOK, None, counted.cooks, [Lack.CHILDREN])
    if counted.meals is None:
        return _line(Post.COOK, None, counted.cooks, [Lack.MEALS])
    if counted.children < terms.least:
        return _line(Post.COOK, 1, counted.cooks, [])
    if counted.meals is Meals.FEWER:
        return _line(Post.COOK, None, counted.cooks, [Lack.FEWER_MEALS])
    return _line(Post.COOK, people_needed(counted.children, terms.most), counted.cooks, [])


def _guard(terms: Terms | None, counted: HeadCount) -> Need:
    """By head-count of a kindergarten without boarding: GB/T 29315-2022, a table of the place."""
    if terms is None or not terms.steps:
        return _line(Post.GUARD, None, counted.guards, [Lack.STANDARD])
    if counted.everybody is None:
        return _line(Post.GUARD, None, counted.guards, [Lack.EVERYBODY])
    if counted.boarding_classes != 0:
        return _line(Post.GUARD, None, counted.guards, [Lack.BOARDING])
    return _line(Post.GUARD, step(terms, counted.everybody), counted.guards, [])


def _sum(*parts: int | None) -> int | None:
    total = 0
    for part in parts:
        if part is None:
            return None
        total += part
    return total
