"""The lines of the pages of missing staff: of a region, of the regions below, of a kindergarten."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from accounts import formatting
from indicators.rules import Verdict
from kindergartens.models import ClassCount
from kindergartens.rules import class_complies, class_size_limit
from reports.staffing import words
from reports.staffing.effects import Effect
from reports.staffing.selectors import ROSTER_POSTS, Area, CountyTeachers, Garden, Rostered
from staffing.models import RecruitmentLine, StaffCount, StaffingStandard
from staffing.standards.rules import ASKED, DEMAND_OF, Lack, Need, Post, Standing
from staffing.standards.selectors import Standards, asks_for_less
from staffing.standards.services import correction_problem
from staffing.standards.sums import PostSum
from staffing.standards.terms import NUMBERS, Demand
from staffing.standards.words import terms_text


@dataclass(frozen=True)
class PostLine:
    """One post of a region. `verdict` is of all its kindergartens; `why` says what is not known."""

    sum: PostSum
    name: str
    verdict: str
    why: str
    bases: list[str]
    # The post by which a plan fills the gap; "" for sums of several posts.
    planned_as: str


@dataclass(frozen=True)
class AreaRow:
    """One region of a list, with the posts that a return answers, each by its short name."""

    area: Area
    cells: list[tuple[str, PostSum]]

    @property
    def short(self) -> int:
        """For the order of the list: of its worst line; lines overlap and are never added."""
        return max((one.short or 0 for _, one in self.cells), default=0)


@dataclass(frozen=True)
class GardenRow:
    garden: Garden
    cells: list[tuple[str, Need | None]]
    verdict: str
    code: str | None
    readable: bool


@dataclass(frozen=True)
class NeedLine:
    """One post of one kindergarten, with the document that asks for it and the counts used."""

    need: Need
    name: str
    verdict: str
    extra: str
    why: str
    standard: str
    basis: str
    # People on the roster that day; None where no post of the roster says the same.
    on_roster: int | None = None
    # Whether they stand in for the count that no return asks for: then the verdict is by them.
    by_roster: bool = False
    # The post to filter the roster by; "" for lines of several posts, or of a duty.
    roster_post: str = ""


@dataclass(frozen=True)
class ClassLine:
    """`led_by`: how many lead it by the roster, by the name of the post; empty where none is named."""

    room: ClassCount
    limit: int | None
    complies: bool | None
    led_by: list[tuple[str, int]]


PLANNED_AS: dict[Post, str] = {
    Post.CARE_TEACHING: RecruitmentLine.Post.CARE_TEACHING,
    Post.TEACHER: RecruitmentLine.Post.TEACHER,
    Post.CARER: RecruitmentLine.Post.CARER,
    Post.HEALTH: RecruitmentLine.Post.HEALTH,
    Post.PRINCIPAL: RecruitmentLine.Post.PRINCIPAL,
}


def post_lines(area: Area) -> list[PostLine]:
    """Posts that no kindergarten here is asked for have no line."""
    return [
        PostLine(
            sum=one,
            name=words.POSTS[one.post],
            verdict=_verdict(one),
            why=words.reasons(one.post, one.lacks),
            bases=area.bases(one.post),
            planned_as=PLANNED_AS.get(one.post, ""),
        )
        for one in area.sums
        if one.kindergartens
    ]


def _verdict(one: PostSum) -> str:
    if one.lacking:
        return Standing.SHORT
    return Standing.UNAVAILABLE if one.unknown else Standing.MET


def county_verdict(told: CountyTeachers, *, complete: bool) -> Verdict:
    """Of Σ ÷ Σ: kindergartens not counted yet may still bring the teachers that are missing."""
    if told.short is None:
        return Verdict.UNAVAILABLE
    if told.short == 0:
        return Verdict.MET
    return Verdict.UNMET if complete else Verdict.PENDING


def area_rows(areas: Sequence[Area]) -> list[AreaRow]:
    """Where most people are missing first."""
    rows = [
        AreaRow(
            area,
            [(words.SHORT_POSTS[one.post], one) for one in area.sums if one.post in ASKED],
        )
        for area in areas
    ]
    return sorted(rows, key=lambda row: (-row.short, row.area.region.code))


def worst_first(gardens: Sequence[Garden]) -> list[Garden]:
    return sorted(gardens, key=lambda one: (-one.short, one.facts.kindergarten.code))


def garden_row(garden: Garden, code: str | None, *, readable: bool) -> GardenRow:
    by_post = {need.post: need for need in garden.needs}
    return GardenRow(
        garden,
        [(words.SHORT_POSTS[post], by_post.get(post)) for post in ASKED],
        garden.verdict,
        code,
        readable,
    )


def need_lines(garden: Garden, roster: Rostered | None = None) -> list[NeedLine]:
    """`roster` where it is for the reader's eyes."""
    people = roster.people if roster else {}
    return [_need_line(garden, need, people) for need in garden.needs]


def _need_line(garden: Garden, need: Need, people: Mapping[Post, int]) -> NeedLine:
    posts, _ = ROSTER_POSTS.get(need.post, (frozenset(), frozenset()))
    row = garden.standard.get(DEMAND_OF[need.post])
    told = _by_roster(need, people)
    return NeedLine(
        need=told,
        name=words.POSTS[need.post],
        verdict=told.standing,
        extra=f"缺{formatting.count(told.short)}人" if told.short else "",
        why=words.reasons(need.post, told.lacks),
        standard=standard_text(garden, need),
        basis=row.basis if row else "",
        on_roster=people.get(need.post),
        by_roster=told is not need,
        roster_post=next(iter(posts)) if len(posts) == 1 else "",
    )


def _by_roster(need: Need, people: Mapping[Post, int]) -> Need:
    """With the roster's people where only their number is missing, for no return asks for it.

    Only where anybody is on the roster: one that nobody keeps says nothing of cooks and guards.
    """
    asked_by_return = need.post in ASKED or need.lacks != (Lack.PEOPLE,)
    if asked_by_return or need.post not in people or not people.get(Post.STAFF):
        return need
    return replace(need, present=people[need.post], lacks=())


def standard_text(garden: Garden, need: Need) -> str:
    """What the standard asks, as a sentence of its numbers."""
    row = garden.standard.get(DEMAND_OF[need.post])
    if row is None:
        return "没有适用的标准"
    return row.note or terms_text(DEMAND_OF[need.post], row.terms)


@dataclass(frozen=True)
class StandardLine:
    """One row of the standards; `used` says that it is what holds today in the reader's place.

    `less`: it asks for fewer people than the row of the places above; `ours_to_set`: a county may
    set one; `correctable`: of the reader's own place, it can still be put right.
    """

    row: StaffingStandard
    text: str
    used: bool
    begun: bool
    less: bool
    ours_to_set: bool
    correctable: bool


def standard_lines(
    rows: Sequence[StaffingStandard],
    used: Collection[int],
    standards: Standards,
    today: dt.date,
    open_from: dt.date | None,
) -> list[StandardLine]:
    """By demand in the order of the list, then by length of the day, the newest first."""
    order = list(Demand)
    lines = [
        StandardLine(
            row,
            terms_text(Demand(row.demand), row.terms),
            row.pk in used,
            row.valid_from is None or row.valid_from <= today,
            asks_for_less(row, standards, today),
            Demand(row.demand) in NUMBERS,
            not correction_problem(row, open_from),
        )
        for row in rows
    ]
    return sorted(lines, key=lambda line: order.index(Demand(line.row.demand)))


@dataclass(frozen=True)
class ChangeLine:
    """One post before and after another standard."""

    name: str
    required: tuple[int | None, int | None]
    short: tuple[int | None, int | None]
    # Kindergartens that lack people.
    lacking: tuple[int, int]


def effect_lines(effect: Effect) -> list[ChangeLine]:
    return [
        ChangeLine(
            words.POSTS[was.post],
            (was.required, would_be.required),
            (was.short, would_be.short),
            (was.lacking, would_be.lacking),
        )
        for was, would_be in effect.posts
    ]


LEADING = ("full_time_teacher", "childcare_worker")


def class_lines(rooms: Sequence[ClassCount], roster: Rostered | None = None) -> list[ClassLine]:
    """`roster` where it is for the reader's eyes. The class is known by its name."""
    leading = roster.leading if roster else {}
    return [
        ClassLine(
            room,
            class_size_limit(room.grade),
            class_complies(room.grade, room.children),
            [
                (str(StaffCount.Post(post).label), leading[room.name, post])
                for post in LEADING
                if (room.name, post) in leading
            ],
        )
        for room in rooms
    ]
