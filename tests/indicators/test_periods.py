"""Terms, school years and years: what is written, and which month's figures are meant."""

from __future__ import annotations

import datetime as dt

import pytest

from indicators.periods import month_of, parse


def month(text: str) -> dt.date:
    return dt.date.fromisoformat(f"{text}-01")


@pytest.mark.parametrize(
    ("text", "words", "first", "last"),
    [
        ("2025-10", "2025年10月", "2025-10", "2025-10"),
        ("2025", "2025—2026学年", "2025-09", "2026-08"),
        ("2025-2026", "2025—2026学年", "2025-09", "2026-08"),
        ("2025-2026-1", "2025—2026学年秋季学期", "2025-09", "2026-01"),
        ("2025-2026-2", "2025—2026学年春季学期", "2026-02", "2026-08"),
    ],
)
def test_what_a_period_covers(text, words, first, last):
    period = parse(text)
    assert str(period) == words
    assert (period.months[0], period.months[-1]) == (month(first), month(last))
    assert period.year == 2025


@pytest.mark.parametrize(
    "text", ["", "2025-13", "2025-2027", "0000", "0000-01", "9999", "2025-2026-3", "二〇二五"]
)
def test_what_is_no_period_says_how_one_is_written(text):
    with pytest.raises(ValueError, match="2025-2026-1"):
        parse(text)


COUNTED_AT_THE_END = {
    month("2025-09"): dt.date(2025, 9, 30),
    month("2025-10"): dt.date(2025, 10, 31),
}
COUNTED_ON_THE_FIRST = {
    month("2025-08"): dt.date(2025, 9, 1),
    month("2025-09"): dt.date(2025, 10, 1),
}


@pytest.mark.parametrize(
    ("text", "have", "dates", "expected"),
    [
        ("2025", ["2025-09", "2025-10"], COUNTED_AT_THE_END, "2025-09"),
        ("2025", ["2025-08", "2025-09"], COUNTED_ON_THE_FIRST, "2025-08"),
        # Another month does not stand in for the statistical date.
        ("2025", ["2025-10"], COUNTED_AT_THE_END, None),
        ("2025-2026-1", ["2025-09", "2025-11", "2026-02"], {}, "2025-11"),
        ("2025-2026-1", ["2025-12", "2026-01", "2026-02"], {}, "2026-01"),
        ("2025-2026-2", ["2026-01"], {}, None),
        ("2025-10", ["2025-10"], {}, "2025-10"),
        ("2025-10", ["2025-09"], {}, None),
    ],
)
def test_whose_month_a_figure_is(text, have, dates, expected):
    found = month_of(parse(text), [month(one) for one in have], dates)
    assert found == (expected and month(expected))
