"""The places for reasons on the form, with reasons given before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from kindergartens.calendar.rules import add_months
from reports.filings.checks import About, ClassRow, Finding, Review, experiences
from reports.filings.selectors import Earlier
from reports.filings.submitted import Submitted


@dataclass(frozen=True)
class EarlierView:
    """A reason given before, with the words that say when."""

    when: str
    text: str


@dataclass(frozen=True)
class ExplanationView:
    """The place for one reason. It stands on the page also while there is nothing to explain:
    the script shows it when there is, and what was typed stays."""

    code: str
    place: str
    input_name: str
    finding: Finding | None
    value: str
    earlier: list[EarlierView]


def class_explanations(
    number: int, row: ClassRow, earlier: Mapping[str, list[Earlier]], month: dt.date
) -> list[ExplanationView]:
    found = {one.code: one for one in row.warnings}
    return [
        ExplanationView(
            code,
            "",
            f"class-{number}-explain-{code}",
            found.get(code),
            row.explanations.get(code, ""),
            _earlier_views(earlier.get(f"{code}@{row.name}", []), month),
        )
        for code in experiences(About.CLASS)
    ]


def whole_explanations(
    review: Review,
    last: Submitted | None,
    earlier: Mapping[str, list[Earlier]],
    month: dt.date,
) -> list[ExplanationView]:
    """Places for reasons about the whole return: one for each class of last month that may go."""
    classes = list(last.classes) if last else []
    places = [
        (code, place)
        for code in experiences(About.WHOLE)
        for place in (classes if code == "class_vanished" else [""])
    ]
    return [explanation_at(code, place, review, earlier, month) for code, place in places]


def explanation_at(
    code: str,
    place: str,
    review: Review,
    earlier: Mapping[str, list[Earlier]],
    month: dt.date,
) -> ExplanationView:
    """The place for the reason of one finding that is of no class."""
    key = f"{code}@{place}"
    return ExplanationView(
        code,
        place,
        f"explain-{key}",
        next((one for one in review.warnings if one.key == key), None),
        review.explanations.get(key, ""),
        _earlier_views(earlier.get(key, []), month),
    )


def _earlier_views(earlier: list[Earlier], month: dt.date) -> list[EarlierView]:
    return [
        EarlierView(
            f"去年{one.month.month}月"
            if one.month == add_months(month, -12)
            else f"{one.month.month}月",
            one.text,
        )
        for one in earlier
    ]
