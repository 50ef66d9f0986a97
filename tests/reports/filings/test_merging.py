"""Two drafts put together: nothing typed is lost, and only what both changed is asked about."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reports.filings.checks import reads_alike
from reports.filings.merging import MINE, THEIRS, cells, differences, merge

COUNTS = st.sampled_from(["", "0", "7", "12"])
NAMES = ["小一班", "小二班", "中一班", ""]
ROWS = st.builds(
    lambda name, grade, boys, why: {
        "name": name, "grade": grade, "boys": boys, "explanations": {"class_change": why}
    },
    st.sampled_from(NAMES), st.sampled_from(["small", "middle"]), COUNTS,
    st.sampled_from(["", "转园"]),
)  # fmt: skip
DRAFTS = st.fixed_dictionaries(
    {
        "classes": st.lists(ROWS, max_size=4),
        "staff": st.fixed_dictionaries({"principal": st.fixed_dictionaries({"people": COUNTS})}),
        "remarks": st.sampled_from(["", "停课", "并班"]),
    }
)


def draft(**changes: Any) -> dict[str, Any]:
    rows = [
        {"name": name, "grade": "small", "boys": "12", "girls": "12"}
        for name in ("小一班", "小二班", "小三班")
    ]
    return {"classes": rows, "staff": {"principal": {"people": "1"}}, "remarks": ""} | changes


def changed(base: dict[str, Any], row: int, **cells: str) -> dict[str, Any]:
    found = copy.deepcopy(base)
    found["classes"][row] |= cells
    return found


def said(draft: dict[str, Any]) -> tuple[Any, ...]:
    """What a draft says, whatever the order of its classes."""
    rows = sorted(tuple(text for _, text in cells(row)) for row in draft["classes"])
    return rows, draft["staff"], draft["remarks"]


@given(base=DRAFTS, other=DRAFTS)
def test_where_one_side_changed_nothing_the_other_stands(base: Any, other: Any) -> None:
    for merged in (merge(base, other, base), merge(base, base, other)):
        assert merged.conflicts == []
        assert said(merged.draft) == said(other)
    same = merge(base, other, other)
    assert (same.draft, same.conflicts, same.taken) == (other, [], [])


@given(base=st.none() | DRAFTS, theirs=DRAFTS, mine=DRAFTS)
def test_every_conflict_is_settled_by_one_pick_a_cell(base: Any, theirs: Any, mine: Any) -> None:
    open_ones = merge(base, theirs, mine)
    for side in (MINE, THEIRS):
        picks = {conflict.key: conflict.choice(side) for conflict in open_ones.conflicts}
        assert merge(base, theirs, mine, picks).conflicts == []
    # A pick that was made on other values is no pick.
    stale = {conflict.key: f"{THEIRS}-000000000000" for conflict in open_ones.conflicts}
    again = merge(base, theirs, mine, stale)
    assert (again.conflicts, again.draft) == (open_ones.conflicts, open_ones.draft)


@given(base=DRAFTS, theirs=DRAFTS, mine=DRAFTS)
def test_what_was_typed_stays_until_somebody_picks_otherwise(
    base: Any, theirs: Any, mine: Any
) -> None:
    """Each text that is mine and not the base's is in the merged draft, at its own section."""
    merged = merge(base, theirs, mine).draft
    before = {row["boys"] for row in base["classes"]} | {""}
    for row in mine["classes"]:
        if row["boys"] not in before:
            assert row["boys"] in [one["boys"] for one in merged["classes"]]
    if mine["remarks"] != base["remarks"]:
        assert merged["remarks"] == mine["remarks"]


@given(theirs=DRAFTS, mine=DRAFTS)
def test_without_a_base_whatever_differs_is_asked(theirs: Any, mine: Any) -> None:
    merged = merge(None, theirs, mine)
    assert merged.taken == []
    if said(theirs) != said(mine):
        assert merged.conflicts


def test_cells_of_one_class_come_from_both_sides() -> None:
    base = draft()
    merged = merge(base, changed(base, 0, boys="13"), changed(base, 0, girls="11"))
    assert merged.draft["classes"][0] == {
        "name": "小一班", "grade": "small", "boys": "13", "girls": "11"
    }  # fmt: skip
    assert (merged.taken, merged.conflicts) == (["classes:小一班:boys"], [])


def test_the_same_cell_is_asked_with_both_values() -> None:
    base = draft()
    [conflict] = merge(base, changed(base, 1, boys="13"), changed(base, 1, boys="14")).conflicts
    assert (conflict.key, conflict.theirs, conflict.mine) == ("classes:小二班:boys", "13", "14")


def test_a_class_taken_away_here_and_changed_there_is_asked_as_a_whole() -> None:
    base = draft()
    without = copy.deepcopy(base)
    del without["classes"][1]
    there = changed(base, 1, boys="13")
    [conflict] = merge(base, there, without).conflicts
    assert (conflict.key, conflict.theirs, conflict.mine) == (
        "classes:小二班", "小二班，small，13，12", None,
    )  # fmt: skip
    kept = merge(base, there, without, {conflict.key: conflict.choice(THEIRS)})
    assert [row["name"] for row in kept.draft["classes"]] == ["小一班", "小三班", "小二班"]
    gone = merge(base, there, without, {conflict.key: conflict.choice(MINE)})
    assert [row["name"] for row in gone.draft["classes"]] == ["小一班", "小三班"]


def test_a_class_renamed_there_keeps_what_is_typed_here() -> None:
    base = draft()
    merged = merge(base, changed(base, 2, name="小丙班"), changed(base, 2, boys="14"))
    assert merged.conflicts == []
    assert merged.draft["classes"][2]["name"] == "小丙班"
    assert merged.draft["classes"][2]["boys"] == "14"


def test_rows_shifted_by_one_taken_away_keep_their_own_numbers() -> None:
    base = draft()
    there = copy.deepcopy(base)
    del there["classes"][0]
    merged = merge(base, there, changed(base, 2, boys="14"))
    assert [(row["name"], row["boys"]) for row in merged.draft["classes"]] == [
        ("小二班", "12"), ("小三班", "14"),
    ]  # fmt: skip
    assert merged.conflicts == []


def test_a_cell_that_was_changed_and_changed_back_was_decided_too() -> None:
    base = draft()
    mine = changed(base, 1, boys="14", girls="11")
    merged = merge(base, base, mine, touched={"classes:小二班:boys"})
    [conflict] = merged.conflicts
    assert (conflict.key, conflict.theirs, conflict.mine) == ("classes:小二班:boys", "12", "14")
    assert merged.draft["classes"][1]["girls"] == "11"
    # Nobody is asked about what this side left alone.
    assert merge(base, base, base, touched={"classes:小二班:boys"}).conflicts == []


def test_what_differs_is_named_by_cells_and_by_rows_that_came_or_went() -> None:
    base = draft()
    after = changed(base, 1, boys="14", name="小乙班") | {"remarks": "停课"}
    after["classes"] = [*after["classes"][:2], {"name": "新班", "grade": "large", "boys": "1"}]
    assert set(differences(base, after)) == {
        "remarks", "classes:小二班:boys", "classes:小二班:name", "classes:小三班", "classes:新班",
    }  # fmt: skip
    assert list(differences(base, base)) == []


def test_two_texts_of_one_number_are_no_conflict() -> None:
    base = draft(charges={"1": {"amount": "1200", "name": "延时服务"}}, days_open="22")
    theirs = base | {"charges": {"1": {"amount": "1,300元", "name": "延时"}}, "days_open": "２１"}
    mine = base | {"charges": {"1": {"amount": "1300.00", "name": "晚托"}}, "days_open": "21"}
    found = merge(base, theirs, mine, alike=reads_alike)
    assert [one.key for one in found.conflicts] == ["charges:1:name"]
    assert found.draft["charges"]["1"]["amount"] == "1,300元"
    # Typed otherwise, it is not changed either.
    assert merge(base, theirs, base | {"days_open": "２２"}, alike=reads_alike).conflicts == []
