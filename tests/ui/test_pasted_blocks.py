"""A block copied from a spreadsheet: what goes where, and what is said of the rest."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st
from py_mini_racer import MiniRacer

SCRIPTS = Path(settings.BASE_DIR) / "static/js"
COLUMNS = [
    {"field": "boys", "label": "男"},
    {"field": "girls", "label": "女"},
    {"field": "age3", "label": "3岁"},
]
GRID = {"names": ["小一班", "小二班", "中一班"], "columns": COLUMNS}
TOP = {"row": 0, "column": 0}


@pytest.fixture(scope="module")
def engine() -> MiniRacer:
    racer = MiniRacer()
    for name in ("filing_checks.js", "filing_paste.js"):
        racer.eval((SCRIPTS / name).read_text(encoding="utf-8"))
    return racer


def call(engine: MiniRacer, function: str, *arguments: Any) -> Any:
    given_as = ",".join(json.dumps(argument, ensure_ascii=False) for argument in arguments)
    return json.loads(engine.eval(f"JSON.stringify(filingPaste.{function}({given_as}))"))


def placed(engine: MiniRacer, text: str, at: dict[str, int] = TOP) -> tuple[dict[Any, str], Any]:
    found = call(engine, "place", text, GRID, at)
    return {(cell["row"], cell["field"]): cell["text"] for cell in found["cells"]}, found["left"]


CASES: dict[str, tuple[str, dict[str, int], dict[tuple[int, str], str], list[str]]] = {
    "downwards and to the right": (
        "10\t12\n11\t13", TOP,
        {(0, "boys"): "10", (0, "girls"): "12", (1, "boys"): "11", (1, "girls"): "13"}, [],
    ),
    "from the cell pasted into": (
        "10\t12", {"row": 1, "column": 1}, {(1, "girls"): "10", (1, "age3"): "12"}, [],
    ),
    "header and blank rows": (
        "男\t女\n\n10\t12\n\t\n11\t13\n", TOP,
        {(0, "boys"): "10", (0, "girls"): "12", (1, "boys"): "11", (1, "girls"): "13"}, [],
    ),
    "a title that names no column": (
        "十月在园\n10\t12", TOP, {(0, "boys"): "10", (0, "girls"): "12"},
        ["“十月在园”一行没有数，当作标题"],
    ),
    "by the names in front, in any order": (
        "中一班\t10\t12\n小 一班\t7\t8", TOP,
        {(2, "boys"): "10", (2, "girls"): "12", (0, "boys"): "7", (0, "girls"): "8"}, [],
    ),
    "by the heads above, sums left out": (
        "班级\t合计\t女\t男\n小二班\t22\t12\t10\n合计\t22\t12\t10", TOP,
        {(1, "girls"): "12", (1, "boys"): "10"}, ["合计行，由系统算"],
    ),
    "a class that is not there": (
        "小一班\t10\n大九班\t12", TOP, {(0, "boys"): "10"}, ["“大九班”，页面上没有这个班"],
    ),
    "full-width digits and thousands": ("１０\t1,234", TOP, {(0, "boys"): "10", (0, "girls"): "1234"}, []),
    "too far down": ("1\n2", {"row": 2, "column": 0}, {(2, "boys"): "1"}, ["第2行，下面没有班了"]),
    "too far to the right": (
        "1\t2\t3", {"row": 0, "column": 1}, {(0, "girls"): "1", (0, "age3"): "2"},
        ["右边多出的1格，没有对应的列"],
    ),
    "an empty cell leaves what is there": ("10\t\t3", TOP, {(0, "boys"): "10", (0, "age3"): "3"}, []),
    "what is no number goes into its cell, where the check names it": (
        "10\t十二", TOP, {(0, "boys"): "10", (0, "girls"): "十二"}, [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_block_goes_where_it_belongs(engine: MiniRacer, case: str) -> None:
    text, at, cells, left = CASES[case]
    assert placed(engine, text, at) == (cells, left)


def test_an_empty_cell_is_no_name_even_while_a_class_has_none(engine: MiniRacer) -> None:
    grid = GRID | {"names": ["小一班", "", "中一班"]}
    by_place = call(engine, "place", "\t10\n\t11", grid, TOP)
    assert [(cell["row"], cell["field"]) for cell in by_place["cells"]] == [
        (0, "girls"),
        (1, "girls"),
    ]
    by_name = call(engine, "place", "中一班\t10\n\t11", grid, TOP)
    assert [(cell["row"], cell["text"]) for cell in by_name["cells"]] == [(2, "10")]
    assert by_name["left"] == ["第2行，没有班名"]


def test_one_number_is_no_block(engine: MiniRacer) -> None:
    assert not call(engine, "isBlock", "12\n")
    assert call(engine, "isBlock", "12\t13")


def test_a_quoted_cell_may_hold_breaks_and_quotes(engine: MiniRacer) -> None:
    assert call(engine, "read", '"小\n一""班"\t12') == [['小\n一"班', "12"]]


@given(text=st.text(st.sampled_from('0123456789\t\n\r" 小一二班男女合计十'), max_size=60))
def test_whatever_is_pasted_stays_within_the_page(engine: MiniRacer, text: str) -> None:
    found = call(engine, "place", text, GRID, TOP)
    for cell in found["cells"]:
        assert 0 <= cell["row"] < len(GRID["names"])
        assert cell["field"] in {column["field"] for column in COLUMNS}
        assert cell["text"]
