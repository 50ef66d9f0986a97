"""Papers of the demo's roster: a believable mix of good, soon due, overdue and missing.

A kindergarten sends its people to one hospital on one day and asks about all of them on another;
who joined later is missing. Everything is invented, and says so where it has a name.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from accounts.access.roles import RoleCode
from accounts.models import Membership
from staffing.models import (
    Appointment,
    BackgroundQuery,
    Certificate,
    Contract,
    EthicsRecord,
    HealthCheck,
    Insurance,
    Post,
    Training,
)

EVERYBODY = "the demo writes everybody's"
TAUGHT = frozenset({Post.PRINCIPAL, Post.FULL_TIME_TEACHER})
CARING = TAUGHT | {Post.CHILDCARE_WORKER}
YEAR = dt.timedelta(days=365)
DAY = dt.timedelta(days=1)
# Of a hundred kindergartens, for how many the yearly round is overdue, or due within two months.
ROUNDS_OVERDUE, ROUNDS_DUE = 4, 16
# Of a hundred people, how many came after the round and have no paper yet.
MISSED = 3
# Of a hundred people, by what is paid for them: nothing, accidents only, all but the housing fund.
PAID = ((4, ()), (7, ("injury",)), (13, tuple(Insurance.Kind.values[:5])))
ALL_SIX = tuple(Insurance.Kind.values)
COURSES = (
    (Training.Level.COUNTY, "示例：游戏观察与支持", 24, 50),
    (Training.Level.CITY, "示例：幼小衔接", 16, 12),
    (Training.Level.PROVINCE, "示例：骨干教师研修", 60, 4),
    (Training.Level.NATIONAL, "示例：国培农村园长研修", 90, 2),
)
# Of a hundred who teach, by the hours of the year before: enough, too few; the rest had none.
LAST_YEAR = ((82, 72), (94, 36))


@dataclass
class Written:
    rows: dict[Any, list[Any]] = field(default_factory=lambda: defaultdict(list))

    def save(self) -> int:
        for model, rows in self.rows.items():
            model.objects.bulk_create(rows, batch_size=2000)
        return sum(len(rows) for rows in self.rows.values())


def write_staff_papers(
    rng: random.Random, county: str, *, whole: bool, today: dt.date, now: dt.datetime
) -> str:
    """Of a county's roster; `whole`: insurance, training and ethics too, not only what is due."""
    officer = (
        Membership.objects.filter(organisation__region__code=county, role=RoleCode.BUREAU_OFFICER)
        .order_by("pk")
        .first()
    )
    if officer is None:
        return "0份"
    people: dict[int, list[Appointment]] = defaultdict(list)
    posts = Appointment.objects.unscoped(EVERYBODY).held_on(today)
    for post in posts.filter(
        kindergarten__organisation__region__county__code=county, kindergarten__is_example=True
    ).order_by("kindergarten__code", "pk"):
        people[post.kindergarten_id].append(post)
    writer = _Writer(rng, today, {"entered_as": officer, "entered_at": now})
    for there in people.values():
        writer.due(there)
        if whole:
            writer.rest(there)
    if whole:
        _let_one_be_found(writer.written.rows[BackgroundQuery])
    _date_nurses(county, today)
    return f"{writer.written.save()}份"


class _Writer:
    def __init__(self, rng: random.Random, today: dt.date, entered: dict[str, Any]) -> None:
        self.rng, self.today, self.entered = rng, today, entered
        self.written = Written()

    def _one_in_hundred(self, many: int) -> bool:
        return self.rng.randrange(100) < many

    def _add(self, model: Any, **facts: Any) -> None:
        self.written.rows[model].append(model(**facts, **self.entered))

    def _round(self) -> dt.date:
        """The day of a kindergarten's yearly round: done, due within two months, or overdue."""
        chance = self.rng.randrange(100)
        if chance < ROUNDS_OVERDUE:
            return self.today - YEAR - self.rng.randint(1, 40) * DAY
        if chance < ROUNDS_OVERDUE + ROUNDS_DUE:
            return self.today - YEAR + self.rng.randint(1, 60) * DAY
        return self.today - self.rng.randint(5, 290) * DAY

    def due(self, posts: Iterable[Appointment]) -> None:
        checked_on, queried_on = self._round(), self._round()
        for post in posts:
            if not self._one_in_hundred(MISSED):
                fit = not self._one_in_hundred(1)
                self._add(
                    HealthCheck, person_id=post.person_id, checked_on=checked_on,
                    result="fit" if fit else "to_repeat", hospital="示例妇幼保健院",
                )  # fmt: skip
            if not self._one_in_hundred(MISSED):
                self._add(
                    BackgroundQuery, appointment=post, queried_on=queried_on, result="clear",
                    authority="示例公安分局", asked_by="示例资料员",
                )  # fmt: skip
            if post.establishment != "purchased" and not self._one_in_hundred(MISSED):
                self._contract(post)

    def _contract(self, post: Appointment) -> None:
        """Three years each, and after two of them mostly without an end (劳动合同法第14条)."""
        begins, terms = post.started_on, 1
        ends = _years_later(begins, 3) - DAY
        while ends < self.today:
            begins, ends, terms = ends + DAY, _years_later(ends + DAY, 3) - DAY, terms + 1
        if terms > 1 and self._one_in_hundred(2):
            # Nobody thought of the next one.
            ends = self.today - self.rng.randint(1, 45) * DAY
            begins = max(post.started_on, ends - 3 * YEAR)
        established = post.establishment == "established"
        for_good = not established and terms > 2 and not self._one_in_hundred(30)
        self._add(
            Contract, appointment=post, kind="employment" if established else "labour",
            signed_on=begins, valid_from=begins, valid_until=None if for_good else ends,
            filed_on=None
            if self._one_in_hundred(8)
            else min(begins + self.rng.randint(3, 28) * DAY, max(self.today, begins)),
        )  # fmt: skip

    def rest(self, posts: list[Appointment]) -> None:
        last_year = self.today.year - 1
        course_days = [self.today - self.rng.randint(10, 200) * DAY for _ in COURSES]
        own_day = self.today - self.rng.randint(5, 120) * DAY
        for post in posts:
            if post.establishment != "purchased":
                self._insurance(post)
            if post.post in CARING and not self._one_in_hundred(10):
                self._training(post, Training.Level.KINDERGARTEN, "示例：园本教研", 12, own_day)
            if post.post not in TAUGHT:
                continue
            for (level, subject, hours, many), day in zip(COURSES, course_days, strict=True):
                if self._one_in_hundred(many):
                    self._training(post, level, subject, hours, day)
            chance = self.rng.randrange(100)
            hours = next((hours for below, hours in LAST_YEAR if chance < below), 0)
            if hours and post.started_on < dt.date(last_year, 1, 1):
                self._training(
                    post, Training.Level.COUNTY, "示例：教师全员培训", hours,
                    dt.date(last_year, 11, 15),
                )  # fmt: skip
            if post.started_on < dt.date(last_year, 9, 1):
                self._add(
                    EthicsRecord, appointment=post, kind="yearly", year=last_year,
                    decided_on=dt.date(last_year, 12, 30),
                    conclusion=self.rng.choices(
                        EthicsRecord.Conclusion.values, weights=(15, 84, 1, 0)
                    )[0],
                )  # fmt: skip

    def _insurance(self, post: Appointment) -> None:
        chance = self.rng.randrange(100)
        kinds = next((kinds for below, kinds in PAID if chance < below), ALL_SIX)
        for kind in kinds:
            self._add(Insurance, appointment=post, kind=kind, valid_from=post.started_on)

    def _training(
        self, post: Appointment, level: str, subject: str, hours: int, day: dt.date
    ) -> None:
        self._add(
            Training, person_id=post.person_id, level=level, subject=subject, hours=hours,
            started_on=day - (hours // 8) * DAY, ended_on=day,
        )  # fmt: skip


def _years_later(day: dt.date, years: int) -> dt.date:
    """The demo's posts begin on the 28th at the latest or on any day but 29 February."""
    return day.replace(year=day.year + years, day=min(day.day, 28) if day.month == 2 else day.day)


def _let_one_be_found(queries: list[BackgroundQuery]) -> None:
    """Of one person in service something was found, and nobody has acted yet."""
    for query in queries:
        if query.appointment.post == Post.SERVICE_STAFF:
            query.result = BackgroundQuery.Result.FOUND
            return


def _date_nurses(county: str, today: dt.date) -> None:
    """A nurse's registration is good for five years (护士条例第8条): some end soon, some are over."""
    papers = list(
        Certificate.objects.unscoped(EVERYBODY)
        .filter(
            kind=Certificate.Kind.NURSE,
            person__appointments__kindergarten__organisation__region__county__code=county,
            person__appointments__kindergarten__is_example=True,
        )
        .distinct()
        .order_by("pk")
    )
    for at, paper in enumerate(papers):
        paper.valid_until = max(today + (at * 41 % 900 - 25) * DAY, paper.issued_on)
    Certificate.objects.bulk_update(papers, ["valid_until"], batch_size=1000)
