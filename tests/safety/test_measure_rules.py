"""Whether a kindergarten meets a measure on a day."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from safety.measures.rules import (
    Beside,
    Given,
    Standing,
    Why,
    beside,
    by_evidence,
    by_guards,
    evidence_problem,
    said,
)

D = dt.date
TODAY = D(2026, 11, 5)
GOOD = Given(1, "confirmed", D(2026, 1, 1), D(2026, 12, 31))
OLD = replace(GOOD, valid_until=D(2026, 11, 4))
WAITS = replace(GOOD, state="submitted")
BACK = replace(GOOD, state="returned", note="看不清")


@pytest.mark.parametrize(
    ("given", "standing", "why", "day"),
    [
        ([GOOD], Standing.MET, None, None),
        # Its last day still counts, the day after does not.
        ([replace(GOOD, valid_until=TODAY)], Standing.MET, None, None),
        ([OLD], Standing.UNMET, Why.EXPIRED, D(2026, 11, 4)),
        ([replace(GOOD, valid_from=TODAY)], Standing.MET, None, None),
        # Nothing known on the day itself, whatever came later.
        ([replace(GOOD, valid_from=D(2026, 11, 6))], Standing.NO_RECORD, Why.NOTHING, None),
        # What nobody confirmed counts nothing, and takes nothing away.
        ([WAITS], Standing.NO_RECORD, Why.NOTHING, None),
        ([WAITS, GOOD], Standing.MET, None, None),
        ([WAITS, OLD], Standing.UNMET, Why.EXPIRED, D(2026, 11, 4)),
        # A newer one that was sent back leaves the older one as it is.
        ([BACK, GOOD], Standing.MET, None, None),
        ([BACK, OLD], Standing.UNMET, Why.RETURNED, None),
        # Ended by the bureau: its first day without it is no more.
        ([replace(GOOD, ended_on=TODAY)], Standing.UNMET, Why.ENDED, TODAY),
        ([replace(GOOD, ended_on=D(2026, 11, 6))], Standing.MET, None, None),
        ([replace(GOOD, ended_on=D(2026, 1, 1))], Standing.UNMET, Why.ENDED, D(2026, 1, 1)),
        ([], Standing.NO_RECORD, Why.NOTHING, None),
    ],
)  # fmt: skip
def test_evidence_counts_from_its_first_day_to_its_last(given, standing, why, day) -> None:
    found = by_evidence(given, TODAY)
    assert (found.standing, found.why, found.day) == (standing, why, day)
    assert found.waiting is (WAITS in given)
    assert (found.until is None) is (standing is not Standing.MET)


def test_the_last_of_several_says_until_when() -> None:
    later = replace(GOOD, valid_until=D(2027, 3, 1))
    assert by_evidence([GOOD, later], TODAY).until == D(2027, 3, 1)
    assert by_evidence([replace(later, ended_on=D(2026, 11, 20))], TODAY).until == D(2026, 11, 19)


@pytest.mark.parametrize(
    ("required", "present", "standing", "why"),
    [
        (2, 2, Standing.MET, None),
        (2, 3, Standing.MET, None),
        (2, 1, Standing.UNMET, Why.TOO_FEW),
        (1, 0, Standing.UNMET, Why.TOO_FEW),
        (None, 2, Standing.NO_RECORD, Why.UNKNOWN_NEED),
        (2, None, Standing.NO_RECORD, Why.NO_ROSTER),
    ],
)
def test_guards_are_counted_and_a_missing_count_is_not_none(
    required, present, standing, why
) -> None:
    found = by_guards(required, present)
    assert (found.standing, found.why) == (standing, why)


@pytest.mark.parametrize(
    ("answers", "says", "met", "unmet"),
    [
        (["yes"], "yes", Beside.AGREES, Beside.SAYS_YES),
        (["no"], "no", Beside.SAYS_NO, Beside.AGREES),
        # Of two items that one measure takes together a 否 speaks for both.
        (["yes", "no"], "no", Beside.SAYS_NO, Beside.AGREES),
        (["yes", None], "", Beside.AGREES, Beside.AGREES),
        ([None, "no"], "no", Beside.SAYS_NO, Beside.AGREES),
        (["na"], "na", Beside.AGREES, Beside.AGREES),
        ([], "", Beside.AGREES, Beside.AGREES),
    ],
)
def test_what_the_return_says_stands_beside(answers, says, met, unmet) -> None:
    assert said(answers) == says
    assert beside(by_guards(2, 2), says) is met
    assert beside(by_guards(2, 1), says) is unmet


@pytest.mark.parametrize(
    ("since", "until", "field"),
    [
        (D(2026, 11, 5), D(2026, 11, 5), None),
        (D(2026, 1, 1), D(2031, 12, 31), None),
        (D(2026, 11, 5), D(2026, 11, 4), "valid_until"),  # ends before it begins
        (D(2025, 11, 5), D(2026, 11, 4), "valid_until"),  # over already
        (D(2026, 11, 6), D(2027, 11, 5), "valid_from"),  # not begun
        (D(2026, 1, 1), D(2062, 1, 1), "valid_until"),  # a slip of the year
    ],
)
def test_days_of_new_evidence(since, until, field) -> None:
    problem = evidence_problem(valid_from=since, valid_until=until, today=TODAY)
    assert (problem and problem[0]) == field
