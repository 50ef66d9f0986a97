"""The lines of the pages of missing staff: of a region, of the regions below, of a kindergarten."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from accounts import formatting
from indicators.rules import Verdict
from kindergartens.models import ClassCount
from kindergartens.rules import class_complies, class_size_limit
from reports.staffing import words
from reports.staffing.effects import Effect
from reports.staffing.selectors import ROSTER_POSTS, Area, CountyTeachers, Garden
from staffing.models import StaffingStandard
from staffing.standards.rules import ASKED, DEMAND_OF, Need, Post, Standing
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
    # The post to filter the roster by; "" for lines of several posts, or of a duty.
    roster_post: str = ""


@dataclass(frozen=True)
class ClassLine:
    room: ClassCount
    limit: int | None
    complies: bool | None


def post_lines(area: Area) -> list[PostLine]:
    """Posts that no kindergarten here is asked for have no line."""
    return [
        PostLine(
            sum=one,
            name=words.POSTS[one.post],
            verdict=_verdict(one),
            why=words.reasons(one.post, one.lacks),
            bases=area.bases(one.post),
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


def need_lines(garden: Garden, on_roster: Mapping[Post, int] | None = None) -> list[NeedLine]:
    """`on_roster` where the roster is for the reader's eyes."""
    return [_need_line(garden, need, on_roster or {}) for need in garden.needs]


def _need_line(garden: Garden, need: Need, on_roster: Mapping[Post, int]) -> NeedLine:
    posts, _ = ROSTER_POSTS.get(need.post, (frozenset(), frozenset()))
    row = garden.standard.get(DEMAND_OF[need.post])
    return NeedLine(
        need=need,
        name=words.POSTS[need.post],
        verdict=need.standing,
        extra=f"缺{formatting.count(need.short)}人" if need.short else "",
        why=words.reasons(need.post, need.lacks),
        standard=standard_text(garden, need),
        basis=row.basis if row else "",
        on_roster=on_roster.get(need.post),
        roster_post=next(iter(posts)) if len(posts) == 1 else "",
    )


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


def class_lines(rooms: Sequence[ClassCount]) -> list[ClassLine]:
    return [
        ClassLine(room, class_size_limit(room.grade), class_complies(room.grade, room.children))
        for room in rooms
    ]
