"""Public money of a year: which standard holds, what is due, what a sum may say."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from fees.funding.rules import (
    Aided,
    Counted,
    Due,
    Money,
    Standard,
    State,
    Why,
    due,
    for_disabled,
    holding,
    payment_problem,
    standard_problem,
    too_many_aided,
    total,
)
from kindergartens.procedures.rules import audited_problem


def of(place: str, yuan: int, disabled: int | None = None) -> Standard:
    return Standard(place, "文件", Decimal(yuan), disabled and Decimal(disabled), True, 9)


COUNTY, PROVINCE = of("县", 600), of("省", 500, 1500)


@pytest.mark.parametrize(
    ("standards", "place", "disabled"),
    [
        ((), None, None),
        ((COUNTY,), "县", None),
        ((COUNTY, PROVINCE), "县", 1500),
        # A nearer place never sets less.
        ((of("县", 400), PROVINCE), "省", 1500),
        # Of equals the nearest.
        ((of("县", 500), PROVINCE), "县", 1500),
        # What the county gives everybody is not less than what the province gives to some.
        ((of("县", 2000), PROVINCE), "县", 2000),
    ],
)
def test_the_highest_holds(
    standards: tuple[Standard, ...], place: str | None, disabled: int | None
) -> None:
    held = holding(standards)
    assert (held.place if held else None) == place
    assert for_disabled(standards) == disabled


@pytest.mark.parametrize(
    ("standards", "counted", "yuan", "why"),
    [
        ((COUNTY,), Counted(90, None), 54_000, None),
        ((COUNTY,), Counted(0, 0), 0, None),
        # 88 at 600 and 2 at 1,500.
        ((COUNTY, PROVINCE), Counted(90, 2), 55_800, None),
        ((COUNTY, PROVINCE), Counted(90, None), None, Why.NO_DISABLED),
        ((COUNTY,), None, None, Why.NO_RETURN),
        ((), Counted(90, 2), None, Why.NO_STANDARD),
    ],
)
def test_due(
    standards: tuple[Standard, ...], counted: Counted | None, yuan: int | None, why: Why | None
) -> None:
    found = due(standards, counted)
    assert (found.yuan, found.why) == (yuan, why)


def test_the_year_is_counted_by_one_month() -> None:
    assert COUNTY.counted_in(2026) == dt.date(2025, 9, 1)
    same = Standard("县", "文件", Decimal(600), None, False, 3)
    assert same.counted_in(2026) == dt.date(2026, 3, 1)


def money(due: int | None, paid: str | None, children: int | None = 100) -> Money:
    if due is None:
        return Money(Due(why=Why.NO_RETURN), paid and Decimal(paid))
    return Money(Due(Decimal(due), children), paid and Decimal(paid))


@pytest.mark.parametrize(
    ("row", "state", "over", "per_child"),
    [
        (money(60_000, "60000"), State.PAID, 0, 600),
        (money(60_000, "60000.01"), State.PAID, Decimal("0.01"), Decimal("600.0001")),
        (money(60_000, "59999.99"), State.SHORT, Decimal("-0.01"), Decimal("599.9999")),
        # Nobody recorded anything: that is not nothing paid.
        (money(60_000, None), State.UNTOLD, None, None),
        (money(None, "500"), State.UNKNOWN, None, None),
        (Money(Due(why=Why.NOT_MEANT), None), State.NOT_MEANT, None, None),
        (Money(Due(why=Why.NOT_MEANT), Decimal(5)), State.OUTSIDE, None, None),
        (Money(Due(why=Why.DID_NOT_RUN), Decimal(5)), State.OUTSIDE, None, None),
    ],
)
def test_how_a_year_stands(
    row: Money, state: State, over: Decimal | None, per_child: Decimal | None
) -> None:
    assert (row.state, row.over, row.per_child) == (state, over, per_child)


def test_sums_leave_out_what_nobody_knows() -> None:
    rows = [
        money(60_000, "50000"), money(30_000, None, 50), money(None, "700"), money(6_000, "8000", 10),
        Money(Due(why=Why.NOT_MEANT), None), Money(Due(why=Why.NOT_MEANT), Decimal(400)),
    ]  # fmt: skip
    found = total(rows)
    assert (found.outside, found.outside_of) == (400, 1)
    assert (found.kindergartens, found.computable, found.told) == (4, 3, 3)
    assert (found.children, found.due, found.paid) == (160, 96_000, 58_700)
    # What one has too much makes up for nobody else.
    assert (found.short, found.short_of) == (10_000, 1)
    assert found.per_child == Decimal(58_000) / 110
    assert total([]).per_child is None


@pytest.mark.parametrize(
    ("children", "lines", "too_many"),
    [(90, [Aided(90, 1)], False), (90, [Aided(3, 1), Aided(91, 1)], True),
     (None, [Aided(500, 1)], False)],
)  # fmt: skip
def test_more_aided_than_there_were(
    children: int | None, lines: list[Aided], too_many: bool
) -> None:
    assert too_many_aided(lines, children) is too_many


TODAY = dt.date(2026, 11, 5)


@pytest.mark.parametrize(
    ("year", "paid_on", "field"),
    [
        (2026, TODAY, ""),
        (2026, dt.date(2026, 11, 6), "paid_on"),
        (2026, dt.date(2025, 1, 1), ""),
        (2026, dt.date(2024, 12, 31), "paid_on"),
        # What was owed of a year may come years later.
        (2023, TODAY, ""),
        (2027, TODAY, "year"),
        (2014, TODAY, "year"),
    ],
)
def test_days_of_a_payment(year: int, paid_on: dt.date, field: str) -> None:
    assert payment_problem(year=year, paid_on=paid_on, today=TODAY)[0] == field


@pytest.mark.parametrize(
    ("yuan", "disabled", "field"),
    [
        (500, None, ""), (500, 500, ""), (500, 499, "disabled_yuan_per_year"),
        # Ten thousands of yuan, or a sum of a whole kindergarten.
        ("0.05", None, "yuan_per_year"), (60_000, None, "yuan_per_year"),
        (500, 60_000, "disabled_yuan_per_year"),
    ],
)  # fmt: skip
def test_amounts_of_a_standard(yuan: str, disabled: int | None, field: str) -> None:
    amount = None if disabled is None else Decimal(disabled)
    assert standard_problem(Decimal(yuan), amount)[0] == field


@pytest.mark.parametrize(
    ("audited_on", "said"),
    [(dt.date(2025, 12, 31), "还没结束"), (dt.date(2026, 1, 1), ""), (TODAY, ""),
     (dt.date(2026, 11, 6), "还没到")],
)  # fmt: skip
def test_a_year_is_audited_when_it_is_over(audited_on: dt.date, said: str) -> None:
    found = audited_problem(2025, audited_on, TODAY)
    assert said in found if said else found == ""
