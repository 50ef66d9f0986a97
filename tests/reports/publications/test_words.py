"""What was published in words: counts and differences in the units they are read in."""

from __future__ import annotations

import pytest

from indicators.publications.rules import COUNTS, Difference, differences
from reports.publications import presenters

SAID = {
    "site_area_per_child": {"name": "生均占地", "kind": "amount", "parts": 100, "suffix": "平方米"},
    "pay": {"name": "编外在编工资比", "kind": "share", "parts": 1, "suffix": "%"},
}


@pytest.mark.parametrize(
    ("code", "counts", "said"),
    [
        ("site_area_per_child", (105_000, 70, None, None), "1,050 ÷ 70"),
        ("site_area_per_child", (None, 70, None, None), "— ÷ 70"),
        ("pay", (624_000, 800_000, 12, 10), "52,000（624,000 ÷ 12人） ÷ 80,000（800,000 ÷ 10人）"),
        ("pay", (0, 800_000, 0, 10), "没有人（0 ÷ 0人） ÷ 80,000（800,000 ÷ 10人）"),
    ],
)
def test_both_sides_are_in_the_units_they_are_read_in(code, counts, said):
    numbers = dict(zip(COUNTS, counts, strict=True))
    figure = {"indicator": code, "shown": None, "verdict": "not_judged", "targets": []}
    body = {"indicators": SAID}
    (line,) = presenters.figure_lines(body, [figure | numbers | {"reason": ""}])
    assert line.counts == said


def test_what_differs_is_in_the_units_it_is_read_in():
    body = {"indicators": SAID, "region": {"code": "1"}}
    area = Difference("1", "甲县", "site_area_per_child", "numerator", 105_000, 94_950)
    children = Difference("1", "甲县", "site_area_per_child", "denominator", 70, 71)
    first, second = presenters.difference_lines(body, [area, children])
    assert (first.before, first.after, first.change) == ("1,050", "949.5", "−100.5")
    assert (second.before, second.after, second.change) == ("70", "71", "+1")


def test_a_ratio_of_which_no_sums_are_told_differs_by_its_value():
    def body(shown, **counts):
        figure = dict.fromkeys(COUNTS) | {"indicator": "pay", "verdict": "met", "shown": shown}
        place = {"code": "1", "name": "甲县", "coverage": {"expected": 1, "accepted": 1}}
        said = {"indicators": SAID, "region": place, "coverage": place["coverage"]}
        return said | {"population": {}, "regions": [], "figures": [figure | counts]}

    before, after = body("65.00"), body("66.10")
    (line,) = presenters.difference_lines(after, differences(before, after))
    assert (line.what, line.before, line.after, line.change) == (
        "编外在编工资比，数值", "65.00%", "66.10%", "",
    )  # fmt: skip
    # Where there are counts, the value follows from them.
    told = differences(body("65.00", numerator=65), body("65.00", numerator=66))
    assert [one.part for one in told] == ["numerator"]


def test_a_target_for_the_towns_as_well_is_met_when_they_meet_it():
    def figure(verdict, **changed):
        target = {
            "operator": ">=", "target": "0.85", "by_date": None, "document": "示例方案",
            "document_number": "", "clause": "二", "verdict": verdict,
        }  # fmt: skip
        return dict.fromkeys(COUNTS) | {
            "indicator": "pay", "shown": "88.00", "verdict": verdict, "reason": "",
            "targets": [target | changed],
        }  # fmt: skip

    def own(*below):
        places = [{"figures": [one]} for one in below]
        body = {"indicators": SAID, "region": {"level": 3}, "regions": places}
        (line,) = presenters.own_lines(body | {"figures": [figure("met")]})
        return line.verdict, line.targets[0].partition("；")[2]

    assert own(figure("met"), figure("unmet")) == ("unmet", "本级达标，2个乡镇中1个未达标")
    # Another document asks something else of towns, or nobody asks anything of them.
    assert own(figure("unmet", clause="三")) == own() == ("met", "")
