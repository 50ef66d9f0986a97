"""The demo's drills, training, policies and kitchens: most in order, some not; all invented."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from accounts.access.roles import RoleCode
from accounts.models import Membership
from indicators.models import KindergartenFacts
from kindergartens.models.record import MealService
from safety.models import Drill, KitchenLicence, LiabilityPolicy, SafetyTraining
from safety.upkeep.rules import drill_rule, period_of

INSURER = "示例财产保险公司"
DAY = dt.timedelta(days=1)
# Of so many kindergartens one has let its policy run out, one has it end soon, one has insured too few;
# one has not drilled yet, one has no valid paper for its kitchen, one shows nothing of it.
RUN_OUT, ENDS_SOON, TOO_FEW, NOT_DRILLED, NO_PAPER, CLOSED = 23, 14, 17, 6, 19, 11
FOUND = ("后门疏散时有拥堵，已调整小班路线", "二楼一个班没听到警报，已报修广播", "", "", "")
SUBJECTS = ("灭火器和消火栓使用", "幼儿急救和气道异物处理", "防暴器械使用和门卫处置")


def write_upkeep(
    rng: random.Random, county: str, director: str, today: dt.date, now: dt.datetime
) -> str:
    """Of every kindergarten of a county, or of that of one `director` alone."""
    posts = (
        Membership.objects.filter(organisation__region__county__code=county, role=RoleCode.DIRECTOR)
        .exclude(organisation__kindergarten=None)
        .select_related("organisation__kindergarten", "user")
        .order_by("organisation__kindergarten__code", "-pk")
    )
    if director:
        posts = posts.filter(user__username=director)
    directors = {post.organisation_id: post for post in posts}
    # The newest last, so that it is the one that stays.
    filed = KindergartenFacts.objects.unscoped("the demo writes them").order_by("month")
    children = dict(filed.values_list("kindergarten", "enrolled_children"))
    made: dict[type[Any], list[Any]] = {}
    for number, post in enumerate(directors.values()):
        in_park = children.get(post.organisation.kindergarten.pk)
        for row in _rows(rng, number, post, in_park, today):
            row.kindergarten, row.entered_as = post.organisation.kindergarten, post
            row.entered_at = min(row.entered_at, now)
            made.setdefault(type(row), []).append(row)
    for model, rows in made.items():
        model.objects.bulk_create(rows)
    return f"{len(directors)}所园，{sum(len(rows) for rows in made.values())}条"


def _is(number: int, of: int) -> bool:
    return number % of == of - 1


def _rows(
    rng: random.Random, number: int, post: Membership, in_park: int | None, today: dt.date
) -> Iterator[Any]:
    rule = drill_rule([], today)
    first = period_of(rule.every, today)[0] if rule else today.replace(day=1)
    people = rng.randint(90, 320)
    for back, kind in ((0, "fire"), (1, "earthquake"), (2, "fire"), (3, "violence")):
        day = min(first + DAY * rng.randint(10, 30), today - DAY) - dt.timedelta(days=91 * back)
        if back == 0 and (_is(number, NOT_DRILLED) or day < first):
            continue
        yield Drill(
            kind=kind, held_on=day, people=people, minutes=rng.randint(3, 12),
            found=rng.choice(FOUND), entered_at=_at(day),
        )  # fmt: skip
    for at, subject in enumerate(SUBJECTS):
        day = today - DAY * (20 + 70 * at + rng.randint(0, 9))
        yield SafetyTraining(
            held_on=day, subject=subject, people=rng.randint(12, 45), entered_at=_at(day)
        )
    yield _policy(rng, number, in_park, today)
    if post.organisation.kindergarten.meal_service != MealService.NONE and not _is(
        number, NO_PAPER
    ):
        since = today - DAY * rng.randint(200, 1200)
        yield KitchenLicence(
            number=f"JY3{rng.randint(10**9, 10**10 - 1)}", valid_from=since,
            valid_until=since + DAY * (5 * 365),
            open_kitchen="none" if _is(number, CLOSED) else rng.choice(("window", "screen", "online")),
            entered_at=_at(since),
        )  # fmt: skip


def _policy(
    rng: random.Random, number: int, in_park: int | None, today: dt.date
) -> LiabilityPolicy:
    """A year's, from the beginning of this school year in most."""
    begins = dt.date(today.year if today.month >= 9 else today.year - 1, 9, 1)
    if _is(number, RUN_OUT):
        begins = today - DAY * (365 + rng.randint(3, 40))
    elif _is(number, ENDS_SOON):
        begins = today - DAY * (365 - rng.randint(4, 25))
    insured = (in_park or 420) + rng.randint(0, 12)
    children = 40 if _is(number, TOO_FEW) else insured
    return LiabilityPolicy(
        insurer=INSURER, number=f"示例PZ{begins.year}{rng.randint(10**7, 10**8 - 1)}",
        valid_from=begins, valid_until=begins + DAY * 364, children=children,
        sum_yuan=rng.choice((3_000_000, 5_000_000, 10_000_000)), entered_at=_at(begins),
    )  # fmt: skip


def _at(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(10, 20)))
