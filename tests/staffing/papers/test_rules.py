"""Papers by table: when they are due, and what is wrong with what was typed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from staffing.papers.rules import (
    WITHOUT_DAY,
    ContractFacts,
    EthicsFacts,
    HealthFacts,
    InsuranceFacts,
    QueryFacts,
    Span,
    TrainingFacts,
    a_year_from,
    first_and_last,
    next_period,
    problems,
    problems_of_one,
    span_of,
)

D = dt.date
TODAY = D(2026, 11, 5)

SPANS = [
    (61, Span.VALID), (60, Span.WITHIN_60), (31, Span.WITHIN_60), (30, Span.WITHIN_30),
    (8, Span.WITHIN_30), (7, Span.WITHIN_7), (0, Span.WITHIN_7), (-1, Span.OVERDUE),
]  # fmt: skip


@pytest.mark.parametrize(("left", "span"), SPANS)
def test_what_is_due_in_so_many_days_lies_in_its_span(left: int, span: Span) -> None:
    until = TODAY + dt.timedelta(days=left)
    assert span_of(until, TODAY) is span
    # The days that a list asks the database for say the same.
    assert [
        one for one in Span
        if one not in WITHOUT_DAY
        and first_and_last(one, TODAY)[0] <= until <= first_and_last(one, TODAY)[1]
    ] == [span]  # fmt: skip


def test_no_paper_is_missing_and_not_overdue() -> None:
    assert span_of(None, TODAY) is Span.MISSING


@pytest.mark.parametrize(
    ("day", "last"),
    [
        (D(2025, 11, 5), D(2026, 11, 5)),
        (D(2024, 2, 29), D(2025, 2, 28)),
        (D(2023, 2, 28), D(2024, 2, 28)),
        (D(2025, 12, 31), D(2026, 12, 31)),
    ],
)
def test_a_year_ends_on_the_same_day_of_the_month(day: dt.date, last: dt.date) -> None:
    assert a_year_from(day) == last


@pytest.mark.parametrize(
    ("begins", "ends", "period"),
    [
        # Three years, due soon: the three years after it.
        (D(2023, 12, 1), D(2026, 11, 30), (D(2026, 12, 1), D(2029, 11, 30))),
        # Over: from today.
        (D(2023, 9, 1), D(2026, 8, 31), (TODAY, D(2029, 11, 4))),
        # Less than a year is offered as one.
        (D(2026, 9, 1), D(2026, 11, 30), (D(2026, 12, 1), D(2027, 11, 30))),
        (D(2023, 9, 1), None, (TODAY, None)),
    ],
)
def test_a_renewed_contract_is_as_long_as_the_one_before(
    begins: dt.date, ends: dt.date | None, period: Any
) -> None:
    assert next_period(begins, ends, TODAY) == period


LATER, LONG_AGO = D(2026, 11, 6), D(1979, 12, 31)


def health(checked_on: dt.date) -> HealthFacts:
    return HealthFacts(checked_on, "fit", "示例医院")


def query(queried_on: dt.date) -> QueryFacts:
    return QueryFacts(queried_on, "示例公安分局", "示例园长", "clear")


def contract(**facts: Any) -> ContractFacts:
    given: dict[str, Any] = {
        "kind": "labour", "signed_on": D(2026, 9, 1), "valid_from": D(2026, 9, 1),
    }  # fmt: skip
    return ContractFacts(**given | facts)


def training(**facts: Any) -> TrainingFacts:
    given: dict[str, Any] = {
        "level": "county", "subject": "示例", "hours": Decimal(24), "started_on": D(2026, 8, 1),
        "ended_on": D(2026, 8, 3),
    }  # fmt: skip
    return TrainingFacts(**given | facts)


@pytest.mark.parametrize(
    ("facts", "fields"),
    [
        (health(TODAY), []),
        (health(LATER), ["checked_on"]),
        (health(LONG_AGO), ["checked_on"]),
        (query(TODAY), []),
        (query(LATER), ["queried_on"]),
        (contract(), []),
        (contract(valid_until=D(2026, 9, 1), filed_on=D(2026, 9, 1)), []),
        (contract(valid_until=D(2026, 8, 31)), ["valid_until"]),
        (contract(filed_on=D(2026, 8, 31)), ["filed_on"]),
        (contract(filed_on=LATER), ["filed_on"]),
        (contract(signed_on=LATER), ["signed_on"]),
        (contract(signed_on=TODAY, valid_from=D(2027, 11, 5)), []),
        (contract(signed_on=TODAY, valid_from=D(2027, 11, 6)), ["valid_from"]),
        (contract(signed_on=D(2025, 9, 1)), []),
        (contract(signed_on=D(2025, 8, 31)), ["valid_from"]),
        (contract(valid_until=D(2076, 8, 31)), []),
        (contract(valid_until=D(2206, 8, 31)), ["valid_until"]),
        (InsuranceFacts(("pension",), D(2026, 9, 1)), []),
        (InsuranceFacts(("pension",), D(2026, 9, 1), D(2027, 11, 5)), []),
        (InsuranceFacts(("pension",), D(2026, 9, 1), D(2027, 11, 6)), ["valid_until"]),
        (InsuranceFacts((), D(2026, 9, 1)), ["kinds"]),
        (InsuranceFacts(("pension",), D(2026, 9, 1), D(2026, 8, 31)), ["valid_until"]),
        (training(), []),
        (training(hours=Decimal("0.5")), []),
        (training(hours=Decimal(0)), ["hours"]),
        (training(hours=Decimal(30)), []),
        (training(hours=Decimal("30.5")), ["hours"]),
        (training(hours=Decimal("1000.5")), ["hours"]),
        (training(started_on=D(2026, 8, 4)), ["started_on"]),
        (training(ended_on=LATER), ["ended_on"]),
        (EthicsFacts("yearly", TODAY, 2026, "passed"), []),
        (EthicsFacts("yearly", TODAY, 2027, "passed"), ["year"]),
        (EthicsFacts("yearly", TODAY), ["year", "conclusion"]),
        (EthicsFacts("breach", TODAY, note="示例"), []),
        (EthicsFacts("breach", TODAY), ["note"]),
        (EthicsFacts("commended", TODAY, 2026, "passed", "示例"), ["year", "conclusion"]),
    ],
)
def test_what_is_wrong_is_said_at_its_field(facts: Any, fields: list[str]) -> None:
    assert [field for field, _ in problems(facts, TODAY)] == fields


@pytest.mark.parametrize(
    ("facts", "since", "fields"),
    [
        (health(D(2004, 5, 17)), None, []),
        (health(D(2004, 5, 16)), None, ["checked_on"]),
        (training(started_on=D(2004, 5, 16)), None, ["started_on"]),
        (InsuranceFacts(("pension",), D(2024, 9, 1)), D(2024, 9, 16), []),
        (InsuranceFacts(("pension",), D(2024, 8, 31)), D(2024, 9, 16), ["valid_from"]),
        (EthicsFacts("yearly", TODAY, 2024, "passed"), D(2024, 9, 16), []),
        (EthicsFacts("yearly", TODAY, 2023, "passed"), D(2024, 9, 16), ["year"]),
        (EthicsFacts("commended", TODAY, note="示例"), D(2024, 9, 16), []),
    ],
)
def test_a_paper_is_of_somebody_who_was_of_age_and_there(
    facts: Any, since: dt.date | None, fields: list[str]
) -> None:
    assert [field for field, _ in problems_of_one(facts, D(1990, 5, 17), since)] == fields
