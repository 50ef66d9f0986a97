"""What self-checks are due, overdue, late and at once, and what a line has to say."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from kindergartens.calendar.published import working_calendar
from kindergartens.calendar.rules import holidays
from safety.rules import safety_items
from safety.selfchecks import rules
from safety.selfchecks.catalogue import every_line, lines_in, packs
from safety.selfchecks.rules import (
    DAILY,
    MONTHLY,
    TERM,
    WEEKLY,
    Answered,
    Asked,
    Count,
    Line,
    Slot,
)

WORKING = working_calendar()
SINCE = dt.date(2025, 6, 1)
ALWAYS = Asked(((dt.date(2020, 1, 1), None),), SINCE)
SEPTEMBER, OCTOBER, NOVEMBER = (dt.date(2026, month, 1) for month in (9, 10, 11))


@pytest.fixture(autouse=True)
def asked_since_september(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "ASKED_FROM", SEPTEMBER)


def line(code: str, frequency: str = DAILY, field: str = "fire", **more: object) -> Line:
    told: dict[str, object] = {"document": "示例", "item": field, "since": SINCE, "says": code}
    return Line(code, field, frequency=frequency, **told | more)  # type: ignore[arg-type]


LINES = [
    line("exits"),
    line("gear", WEEKLY),
    line("alarm", MONTHLY),
    line("floors", TERM),
    line("samples", field="food", may_lack=True),
    line("watch", field="nap", item="handover", full_day=True),
]


def test_the_packs_are_whole() -> None:
    assert 45 <= len(every_line()) <= 60
    assert len(every_line()) == sum(len(pack.lines) for pack in packs())
    assert {one.field for one in every_line().values()} == set(rules.FIELDS)
    assert {one.item for one in every_line().values()} == set(safety_items())
    replaced = {code for pack in packs() for code in pack.replaced}
    assert replaced <= set(every_line())


def test_a_place_has_its_own_lines_beside_the_nations() -> None:
    nation = {one.code for one in lines_in(["120114"])}
    baotou = {one.code for one in lines_in(["150203001", "150203", "150200", "150000"])}
    assert "baotou_escort" in baotou - nation
    assert nation - baotou == {"gate_barriers"}


@pytest.mark.parametrize(
    ("frequency", "day", "begins", "ends"),
    [
        (DAILY, "2026-11-05", "2026-11-05", "2026-11-05"),
        (WEEKLY, "2026-11-05", "2026-11-02", "2026-11-08"),
        (WEEKLY, "2026-11-01", "2026-10-26", "2026-11-01"),
        (MONTHLY, "2026-02-10", "2026-02-01", "2026-02-28"),
        (TERM, "2026-09-01", "2026-09-01", "2027-01-31"),
        (TERM, "2027-01-31", "2026-09-01", "2027-01-31"),
        (TERM, "2027-02-01", "2027-02-01", "2027-08-31"),
        (TERM, "2027-08-31", "2027-02-01", "2027-08-31"),
    ],
)
def test_periods(frequency: str, day: str, begins: str, ends: str) -> None:
    found = rules.period_of(frequency, dt.date.fromisoformat(day))
    assert found == (dt.date.fromisoformat(begins), dt.date.fromisoformat(ends))


def days(slots: list[Slot], field: str, frequency: str = DAILY) -> int:
    return sum(one.kind == (field, frequency) for one in slots)


def test_october_has_eighteen_days_the_make_up_saturday_among_them() -> None:
    """2026: 1 to 7 October are off, Saturday the 10th is worked (国办发明电〔2025〕7号)."""
    slots = rules.due(LINES, ALWAYS, OCTOBER, dt.date(2026, 10, 31), WORKING)
    made = {one.begins for one in slots if one.kind == ("fire", DAILY)}
    assert len(made) == 18
    assert dt.date(2026, 10, 10) in made
    assert not made & {dt.date(2026, 10, 1), dt.date(2026, 10, 11)}
    # Weeks that end in October: those of 28 September, and of 5, 12 and 19 October.
    assert days(slots, "fire", WEEKLY) == 4
    assert days(slots, "fire", MONTHLY) == days(slots, "fire", TERM) == 1


@pytest.mark.parametrize(
    ("asked", "field", "number"),
    [
        (ALWAYS, "food", 21),
        (replace(ALWAYS, lacks=frozenset({"food"})), "food", 0),
        (ALWAYS, "nap", 21),
        (replace(ALWAYS, half_day=True), "nap", 0),
        # Out of service from the 9th to the 15th, five working days.
        (Asked(((SINCE, dt.date(2026, 11, 9)), (dt.date(2026, 11, 16), None)), SINCE), "fire", 16),
        (Asked(((SINCE, NOVEMBER),), SINCE), "fire", 0),
    ],
)
def test_what_a_kindergarten_is_asked_in_november(asked: Asked, field: str, number: int) -> None:
    slots = rules.due(LINES, asked, NOVEMBER, dt.date(2026, 11, 30), WORKING)
    assert days(slots, field) == number


def test_lines_come_and_go_by_their_days() -> None:
    changing = [line("old", until=dt.date(2026, 11, 9)), line("new", since=dt.date(2026, 11, 9))]
    for day, code in ((6, "old"), (9, "new")):
        there = rules.lines_of(changing, ("fire", DAILY), ALWAYS, dt.date(2026, 11, day))
        assert [one.code for one in there] == [code]


@pytest.mark.parametrize(
    ("months", "numbers"),
    [
        # The holidays: the month's and the term's stay; so does the week that ends with the 1st, which
        # is October's.
        ((9, 10, 12), (0, 1, 1, 1)),
        ((9, 10, 11, 12), (21, 5, 1, 1)),
        # Behind the newest nothing is known.
        ((9, 10), (21, 5, 1, 1)),
        ((12,), (0, 0, 0, 1)),
        ((), (0, 0, 0, 0)),
    ],
)
def test_what_november_asks_by_the_months_of_the_county(
    months: tuple[int, ...], numbers: tuple[int, ...]
) -> None:
    asked_for = {dt.date(2026, month, 1) for month in months}
    asked = replace(ALWAYS, since=min(asked_for, default=None), holidays=holidays(asked_for))
    slots = rules.due(LINES[:4], asked, NOVEMBER, dt.date(2026, 11, 30), WORKING)
    assert tuple(days(slots, "fire", one) for one in rules.FREQUENCIES) == numbers
    problem = rules.day_problem(
        ("fire", DAILY), dt.date(2026, 11, 4), dt.date(2026, 11, 5),
        lines=LINES, asked=asked, working=WORKING,
    )  # fmt: skip
    assert bool(problem) == (numbers[0] == 0)


def test_nothing_is_asked_of_before_it_began() -> None:
    august = dt.date(2026, 8, 1)
    assert not rules.due(LINES, ALWAYS, august, dt.date(2026, 8, 31), WORKING)


def test_a_term_that_runs_when_the_asking_begins_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "ASKED_FROM", NOVEMBER)
    [term] = rules.due(LINES[3:4], ALWAYS, NOVEMBER, dt.date(2026, 11, 30), WORKING)
    assert term.begins == SEPTEMBER


def test_not_done_is_overdue_once_its_period_is_over() -> None:
    today = dt.date(2026, 11, 5)
    slots = rules.due(LINES[:4], ALWAYS, NOVEMBER, dt.date(2026, 11, 30), WORKING)
    done = {("fire", DAILY, dt.date(2026, 11, 2)), ("fire", WEEKLY, dt.date(2026, 11, 2))}
    late = rules.overdue(slots, done, today)
    # The 3rd and 4th; the week of 26 October, which ended with the 1st.
    assert [(one.frequency, one.begins.day) for one in late] == [
        (DAILY, 3), (DAILY, 4), (WEEKLY, 26),
    ]  # fmt: skip
    counts = rules.counted(slots, done, today)
    assert counts[("fire", DAILY)] == Count(1, 3)
    # This week's is made before it had to be; month and term still have time.
    assert counts[("fire", WEEKLY)] == Count(1, 2)
    assert set(counts) == {("fire", DAILY), ("fire", WEEKLY)}


def test_today_and_this_week_month_and_term() -> None:
    found = rules.now_due(LINES[:4], ALWAYS, dt.date(2026, 11, 5), WORKING)
    assert [(one.frequency, one.begins) for one in found] == [
        (DAILY, dt.date(2026, 11, 5)),
        (WEEKLY, dt.date(2026, 11, 2)),
        (MONTHLY, NOVEMBER),
        (TERM, SEPTEMBER),
    ]
    on_sunday = rules.now_due(LINES[:4], ALWAYS, dt.date(2026, 11, 8), WORKING)
    assert DAILY not in {one.frequency for one in on_sunday}


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-11-05", ""),
        ("2026-11-06", "还没有到"),
        ("2026-10-04", "最近31天"),
        ("2026-11-01", "休息日"),
        ("2026-10-12", "不在办"),
    ],
)
def test_days_that_can_be_entered(day: str, said: str) -> None:
    asked = Asked(((SINCE, dt.date(2026, 10, 9)), (dt.date(2026, 10, 20), None)), SINCE)
    problem = rules.day_problem(
        ("fire", DAILY), dt.date.fromisoformat(day), dt.date(2026, 11, 5),
        lines=LINES, asked=asked, working=WORKING,
    )  # fmt: skip
    assert said in problem
    assert bool(said) == bool(problem)


@pytest.mark.parametrize(
    ("frequency", "day", "entered", "flag"),
    [
        (DAILY, 5, 5, ""),
        (DAILY, 4, 5, "late"),
        (WEEKLY, 3, 8, ""),
        (WEEKLY, 3, 9, "late"),
        (TERM, 3, 30, ""),
    ],
)
def test_entered_after_its_period_is_late(
    frequency: str, day: int, entered: int, flag: str
) -> None:
    kind = ("fire", frequency)
    assert rules.flag_of(kind, dt.date(2026, 11, day), dt.date(2026, 11, entered)) == flag


@pytest.mark.parametrize(
    ("entered", "keys"),
    [
        # Three fields of one day are one day's work.
        ([(1, 5, 0), (2, 5, 5), (3, 5, 9)], set()),
        ([(1, 4, 0), (2, 5, 5)], set()),
        ([(1, 3, 0), (2, 4, 5), (3, 5, 9)], {1, 2, 3}),
        # The first was entered more than an hour ago.
        ([(1, 3, -90), (2, 4, 5), (3, 5, 9)], set()),
    ],
)
def test_days_entered_at_once(entered: list[tuple[int, int, int]], keys: set[int]) -> None:
    noon = dt.datetime(2026, 11, 5, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
    rows = [
        (key, dt.date(2026, 11, day), noon + dt.timedelta(minutes=at)) for key, day, at in entered
    ]
    assert rules.entered_at_once(rows, noon + dt.timedelta(minutes=10)) == keys


GOOD = Answered("problem", "通道堆物", "二楼", fixed=True)


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        (Answered("normal"), []),
        (Answered(""), ["answer"]),
        (Answered("na"), ["answer"]),
        (Answered("normal", photos=1), ["answer"]),
        (GOOD, []),
        (Answered("problem", photos=1), ["account", "place", "fixed"]),
        (Answered("problem", "通道堆物", "二楼", fixed=False), ["repair_by"]),
        (Answered("problem", "堆物", "二楼", fixed=False, repair_by=dt.date(2026, 11, 4)), ["repair_by"]),
        (Answered("problem", "堆物", "二楼", fixed=False, repair_by=dt.date(2026, 11, 5)), []),
        (Answered("problem", "堆物", "二楼", fixed=True, photos=4), ["photos"]),
    ],
)  # fmt: skip
def test_what_a_line_has_to_say(said: Answered, fields: list[str]) -> None:
    found = list(rules.line_problems(LINES[0], said, dt.date(2026, 11, 5)))
    assert [name for name, _ in found] == fields


def test_counts_by_item_of_the_return() -> None:
    slots = rules.due(LINES[:2], ALWAYS, NOVEMBER, dt.date(2026, 11, 30), WORKING)
    done = {("fire", DAILY, dt.date(2026, 11, 2))}
    counts = rules.counted_by_item(LINES[:2], slots, done, dt.date(2026, 11, 5))
    assert counts == {"fire": Count(1, 4)}
