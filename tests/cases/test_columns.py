"""docs/indicators.md says which columns a table of aggregates may have; strangers go by it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from accounts.exchange.headers import find_heads, plain_head
from indicators.aggregates.importable import AGGREGATES_TABLE, OFFERED

PAGE = (Path(__file__).parents[2] / "docs" / "indicators.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("## History before the portal\n")[2].partition("\n## ")[0]
LISTED = re.findall(r"^\| `(\w+)` \| (\S+) \|", SECTION.partition("**Dates.**")[0], re.M)


def test_the_page_lists_every_column_by_both_heads():
    assert [(column.name, column.head) for column in AGGREGATES_TABLE.columns] == LISTED


def test_no_head_means_two_columns():
    spelled: dict[str, str] = {}
    for column in AGGREGATES_TABLE.columns:
        for head in {plain_head(one) for one in (column.head, column.name, *column.aliases)}:
            assert spelled.setdefault(head, column.name) == column.name


@pytest.mark.parametrize(
    "heads",
    [
        [column.name for column in AGGREGATES_TABLE.columns],
        [column.head for column in reversed(AGGREGATES_TABLE.columns)],
        ["year", "code", "来源", "在园幼儿（人）", "普惠率（%）", *OFFERED[2:]],
    ],
)
def test_heads_are_found_in_either_language_and_any_order(heads):
    found = find_heads([heads], AGGREGATES_TABLE.columns, dropped={}, version=1, file_version=None)
    assert (len(found.places), found.faults, found.notices) == (len(heads), [], [])
