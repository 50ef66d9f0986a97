"""How numbers and times are written: rounding half-up, true minus signs, dashes for what is missing."""

import datetime as dt
from decimal import Decimal

import pytest

from accounts import formatting as f


@pytest.mark.parametrize(
    ("fraction", "shown"),
    [
        ("0.956801", "95.68"),  # 27708 of 28959
        ("0.956850", "95.69"),  # half goes up
        ("0.956849", "95.68"),
        ("0.99995", "100.00"),
        ("1.0144", "101.44"),
        ("0", "0.00"),
        ("12.5", "1,250.00"),
    ],
)
def test_percent_rounds_half_up(fraction, shown):
    assert f.percent(Decimal(fraction)) == shown


@pytest.mark.parametrize(
    ("difference", "shown"),
    [("-0.0235", "−2.35"), ("0.0016", "+0.16"), ("0", "0.00"), ("-0.00001", "0.00")],
)
def test_points_carry_a_sign_only_when_something_is_left_to_show(difference, shown):
    assert f.points(Decimal(difference)) == shown


@pytest.mark.parametrize(
    ("number", "shown"), [(28959, "28,959"), (0, "0"), (999, "999"), (10**9, "1,000,000,000")]
)
def test_count_separates_thousands(number, shown):
    assert f.count(number) == shown


@pytest.mark.parametrize(("number", "shown"), [(112, "+112"), (-1064, "−1,064"), (0, "0")])
def test_change_has_a_true_minus(number, shown):
    assert f.change(number) == shown


@pytest.mark.parametrize(
    "write",
    [f.percent, f.points, f.decimal, f.count, f.change, f.zhdate, f.zhmonth, f.zhdatetime],
)
def test_missing_is_a_dash_and_never_zero(write):
    assert write(None) == "—"


def test_ratio_to_two_places():
    assert f.decimal(Decimal("7.0393")) == "7.04"
    assert f.decimal(Decimal("4.135"), 2) == "4.14"


def test_days_and_months():
    day = dt.date(2026, 11, 6)
    assert f.zhdate(day) == "2026年11月6日"
    assert f.zhdate(day, short=True) == "11月6日"
    assert f.zhmonth(day) == "2026年11月"
    assert f.zhmonth("2020-12") == "2020年12月"


def test_moments_are_shown_in_local_time():
    moment = dt.datetime(2026, 11, 5, 17, 30, tzinfo=dt.UTC)
    assert f.zhdatetime(moment) == "2026年11月6日01:30"
    assert f.zhdatetime(moment, short=True) == "11月6日01:30"
    assert f.zhdate(moment) == "2026年11月6日"


@pytest.mark.parametrize(
    ("due", "text"),
    [
        (dt.datetime(2026, 11, 6, 10, tzinfo=dt.UTC), "还剩1天"),
        (dt.datetime(2026, 11, 5, 15, 59, tzinfo=dt.UTC), "今天截止"),  # 23:59 here
        (dt.datetime(2026, 11, 5, 16, 1, tzinfo=dt.UTC), "还剩1天"),  # 00:01 on the 6th
    ],
)
def test_time_left_counts_calendar_days_of_this_place(due, text):
    assert f.time_left(due, dt.datetime(2026, 11, 5, 12, tzinfo=dt.UTC)) == text
