"""docs/indicators.md says what the code does: its tables are computed again here."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from accounts.statuses import VERDICTS
from indicators.catalogue import INDICATORS, Direction, Indicator, Kind
from indicators.rules import Counts, Outlook, Verdict, displayed, judge, value_of

PAGE = (Path(__file__).parents[2] / "docs" / "indicators.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### `(\w+)` [^\n]*\n(.*?)(?=^##|\Z)", PAGE, re.M | re.S))
HEADINGS = dict(re.findall(r"^### `(\w+)` ([^\n]*)$", PAGE, re.M))


def rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def count(text: str) -> int | None:
    return None if text == "—" else int(text)


def counts_in(numerator: str, denominator: str, indicator: Indicator | None = None) -> Counts:
    """Of averages both are written sum:people; a count has no denominator."""
    if ":" not in numerator:
        below = 1 if indicator and indicator.kind is Kind.COUNT else count(denominator)
        return Counts(count(numerator), below, indicator.parts if indicator else 1)
    (above, above_heads), (below, below_heads) = (
        map(count, text.split(":")) for text in (numerator, denominator)
    )
    return Counts(above, below, above_heads, below_heads)


def ahead(text: str) -> Outlook:
    if text == "?":
        return Outlook(unknown_kindergartens=1)
    above, below = text.split("/") if text else ("0", "0")
    if ":" not in above:
        return Outlook(int(above), int(below))
    counts = counts_in(above, below)
    return Outlook(
        counts.numerator or 0, counts.denominator or 0,
        numerator_heads=counts.numerator_heads or 0,
        denominator_heads=counts.denominator_heads or 0,
    )  # fmt: skip


WORKED = [(code, row) for code, text in SECTIONS.items() for row in rows(text)]


@pytest.mark.parametrize(("code", "row"), WORKED, ids=[f"{c}-{'-'.join(r)}" for c, r in WORKED])
def test_worked_tables(code, row):
    numerator, denominator, target, not_counted, shown, verdict, units = row
    indicator = INDICATORS[code]
    counts = counts_in(numerator, denominator, indicator)
    value = value_of(indicator, counts)
    ruling = judge(indicator, counts, indicator.operator, Decimal(target), ahead(not_counted))
    assert ("—" if value is None else str(displayed(value, indicator.kind))) == shown
    assert ruling.verdict == verdict
    spare = ruling.surplus if ruling.gap is None else -ruling.gap
    assert ("" if spare is None else str(spare)) == units


def described(indicator: Indicator) -> str:
    """The line under a figure's heading: all that the catalogue says of it besides the formula."""
    judged = "at least" if indicator.direction is Direction.AT_LEAST else "at most"
    since = f" since {indicator.since:%Y-%m}" if indicator.since else ""
    return (
        f"> {indicator.english}. Unit: {indicator.unit}, judged {judged}. Base: {indicator.base}. "
        f"Rule {indicator.version}{since}. Source: {indicator.source}."
    )


def test_every_figure_is_described_as_the_catalogue_has_it():
    for code, indicator in INDICATORS.items():
        assert described(indicator) in SECTIONS[code], code


def test_every_figure_has_its_section_name_and_sums():
    assert SECTIONS.keys() == INDICATORS.keys()
    for code, indicator in INDICATORS.items():
        assert HEADINGS[code] == indicator.name
        for name in indicator.sums:
            assert f"`{name}`" in SECTIONS[code], (code, name)


def test_every_verdict_is_described_by_its_word():
    verdicts = PAGE.partition("## Verdicts\n")[2].partition("\n## ")[0]
    described = dict(re.findall(r"^\| `(\w+)` \| (\S+) \|", verdicts, re.M))
    assert described == {str(v): VERDICTS[str(v)].word for v in Verdict}
