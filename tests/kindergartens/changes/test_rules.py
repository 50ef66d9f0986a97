"""Rules of dated status: counting by table, the law by table, the timeline by invariants."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindergartens.changes import counting, rules
from kindergartens.changes.rules import Counting, Dated, Overlap

DAY = dt.date(2026, 11, 1)
VALUES: dict[str, object] = {
    "town": 1,
    "sponsor_type": "private",
    "ownership": "non_inclusive_private",
    **rules.AT_FIRST,
    "counts_enrolment": True,
    "counts_public": False,
    "counts_inclusive": False,
    "counts_staff": True,
}


def with_(**changes: object) -> dict[str, object]:
    return {**VALUES, **changes}


PUBLIC = with_(
    sponsor_type="education", ownership="public", counts_public=True, counts_inclusive=True
)
INCLUSIVE = with_(ownership="inclusive_private", counts_inclusive=True)


@pytest.mark.parametrize(
    ("kind", "ownership", "flags"),
    [
        ("independent", "public", (1, 1, 1, 1)),
        ("independent", "inclusive_private", (1, 0, 1, 1)),
        ("independent", "non_inclusive_private", (1, 0, 0, 1)),
        ("attached", "public", (1, 1, 1, 1)),
        ("attached", "non_inclusive_private", (1, 0, 0, 1)),
        ("teaching_point", "public", (1, 1, 1, 1)),
        ("branch", "public", (1, 1, 1, 1)),
        ("community_site", "inclusive_private", (1, 0, 1, 1)),
        ("community_site", "non_inclusive_private", (1, 0, 0, 1)),
        ("child_centre", "inclusive_private", (1, 0, 1, 1)),
        ("child_centre", "non_inclusive_private", (1, 0, 0, 1)),
        ("care_point", "inclusive_private", (0, 0, 0, 0)),
        ("care_point", "non_inclusive_private", (0, 0, 0, 0)),
        ("a type without a rule", "public", (1, 1, 1, 1)),
    ],
)
def test_what_counts_where(kind: str, ownership: str, flags: tuple[int, ...]) -> None:
    rule = counting.counting_of(kind, region_code="120114100000", day=DAY)
    found = rules.counting_flags(rule, ownership=ownership)
    assert tuple(int(found[name]) for name in rules.FLAGS) == flags


def test_the_nearest_and_newest_rule_counts() -> None:
    def rule(region: str, enrolment: bool, since: dt.date = dt.date.min) -> counting.CountingRule:
        return counting.CountingRule(
            "care_point", Counting(enrolment=enrolment), "x", region, since
        )

    table = (rule("", False), rule("12", True), rule("120114", False, dt.date(2027, 1, 1)))

    def counted(code: str, day: dt.date) -> bool:
        return counting.counting_of("care_point", region_code=code, day=day, rules=table).enrolment

    assert not counted("650000000000", DAY)
    assert counted("120114100000", DAY)
    assert not counted("120114100000", dt.date(2027, 1, 1))


def test_every_rule_of_the_file_has_a_source_and_every_type_a_rule() -> None:
    assert {rule.type for rule in counting.all_rules()} == set(rules.InstitutionType)
    assert all(rule.source for rule in counting.all_rules())


@pytest.mark.parametrize(
    ("before", "after", "field", "says"),
    [
        (VALUES, INCLUSIVE, "", ""),
        (INCLUSIVE, VALUES, "", ""),
        (VALUES, PUBLIC, "", ""),
        (None, PUBLIC, "", ""),
        (PUBLIC, VALUES, "ownership", "第三十四条"),
        (PUBLIC, INCLUSIVE, "ownership", "第三十四条"),
        (INCLUSIVE, {**INCLUSIVE, "for_profit": True}, "for_profit", "第二十四条"),
        (VALUES, with_(for_profit=True), "", ""),
        (
            VALUES, with_(for_profit=True, counts_inclusive=True),
            "counts_inclusive", "不计入普惠（学前教育法第二十四条）",
        ),
        (PUBLIC, {**PUBLIC, "for_profit": True}, "for_profit", "第三十四条"),
        (VALUES, with_(sponsor_type="education"), "ownership", "对不上"),
        (PUBLIC, {**PUBLIC, "sponsor_type": "private"}, "ownership", "对不上"),
        (VALUES, with_(counts_public=True), "counts_inclusive", "第二十三条"),
        (VALUES, with_(recognition_document="文号"), "recognition_document", "只填给普惠性民办"),
        (with_(operating_state="closed"), VALUES, "operating_state", "已撤销"),
        (VALUES, with_(operating_state="closed"), "", ""),
        (with_(operating_state="suspended"), VALUES, "", ""),
    ],
)  # fmt: skip
def test_the_law_says_what_and_at_which_field(
    before: rules.Values | None, after: rules.Values, field: str, says: str
) -> None:
    found = [(name, says in text) for name, text in rules.law_problems(before, after)]
    assert found == ([(field, True)] if says else [])


# ---- the timeline ------------------------------------------------------------------------------

FIRST = dt.date(2026, 1, 1)
FIELDS = {
    "town": st.integers(1, 3),
    "level": st.sampled_from(["", "first", "second"]),
    "ownership": st.sampled_from(["public", "inclusive_private", "non_inclusive_private"]),
    "for_profit": st.booleans(),
    "half_day": st.booleans(),
}
days = st.integers(0, 40).map(lambda n: FIRST + dt.timedelta(days=n))
some_values = st.dictionaries(st.sampled_from(sorted(FIELDS)), st.none(), min_size=1).flatmap(
    lambda keys: st.fixed_dictionaries({key: FIELDS[key] for key in keys})
)
acts = st.lists(st.tuples(st.sampled_from(["change", "withdraw"]), days, some_values), max_size=12)


def values_on(timeline: list[Dated], day: dt.date) -> rules.Values | None:
    row = rules.in_force(timeline, day)
    return row.values if row else None


def every_day() -> list[dt.date]:
    return [FIRST + dt.timedelta(days=n) for n in range(45)]


@given(acts)
def test_rows_never_overlap_or_leave_gaps_and_earlier_days_never_change(
    steps: list[tuple[str, dt.date, dict[str, object]]],
) -> None:
    timeline = [Dated(FIRST, dict(VALUES))]
    made: list[tuple[dt.date, dict[str, object]]] = []
    for act, day, values in steps:
        earlier = {d: values_on(timeline, d) for d in every_day() if d < day}
        try:
            if act == "change":
                planned = rules.amended(timeline, day, values)
                assert {k: values_on(planned, day)[k] for k in values} == values  # type: ignore[index]
                made.append((day, values))
            elif made:
                day, values = made.pop()
                earlier = {d: values_on(timeline, d) for d in every_day() if d < day}
                if day == FIRST:
                    continue
                planned = rules.withdrawn(timeline, day, values)
            else:
                continue
        except Overlap:
            continue
        assert {d: values_on(planned, d) for d in every_day() if d < day} == earlier
        rows = rules.cut(planned)
        assert rows[0][0] == FIRST
        assert rows[-1][1] is None
        for (start, end, _), (following, _, _) in itertools.pairwise(rows):
            assert start < following == end
        timeline = planned


@given(days, some_values, days, some_values)
def test_a_later_row_keeps_what_it_sets_and_takes_over_the_rest(
    first: dt.date, one: dict[str, object], second: dt.date, two: dict[str, object]
) -> None:
    timeline = [Dated(FIRST - dt.timedelta(days=1), dict(VALUES))]
    late, early = max(first, second), min(first, second)
    if late == early:
        return
    planned = rules.amended(timeline, late, one)
    own = rules.changed_fields(VALUES, {**VALUES, **one})
    try:
        both = rules.amended(planned, early, two)
    except Overlap:
        assert own & rules.COUNTING_FIELDS
        assert rules.COUNTING_FIELDS & set(two)
        return
    on_late = values_on(both, late)
    assert on_late is not None
    assert {name: on_late[name] for name in own} == {name: one[name] for name in own}
    taken = set(two) - own
    assert {name: on_late[name] for name in taken} == {name: two[name] for name in taken}


def test_a_change_and_its_withdrawal_leave_no_trace() -> None:
    timeline = [Dated(FIRST, dict(VALUES))]
    day = FIRST + dt.timedelta(days=9)
    planned = rules.amended(timeline, day, {"level": "first"})
    assert len(planned) == 2
    assert rules.withdrawn(planned, day, {"level": "first"}) == timeline


def test_two_changes_of_one_day_stand_together_and_one_may_go() -> None:
    timeline = [Dated(FIRST, dict(VALUES))]
    day = FIRST + dt.timedelta(days=9)
    planned = rules.amended(timeline, day, {"level": "first"})
    planned = rules.amended(planned, day, {"town": 2})
    assert [row.valid_from for row in planned] == [FIRST, day]
    with pytest.raises(Overlap):
        rules.amended(planned, day, {"town": 3})
    [_, left] = rules.withdrawn(planned, day, {"level": "first"})
    assert (left.values["level"], left.values["town"]) == ("", 2)
