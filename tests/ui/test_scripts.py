"""The scripts' pure parts, run in the engine that also draws printed charts.

The return page checks while someone types; the server checks again and decides. Both must say the
same, so generated returns go through both.
"""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st
from py_mini_racer import MiniRacer

from kindergartens.rules import CLASS_SIZE_LIMITS
from reports.filings import checks
from reports.filings.checks.flows import OLDEST
from reports.filings.checks.months import MOVED_TOGETHER
from reports.filings.checks.sections.registry import SECTIONS

SCRIPTS = Path(settings.BASE_DIR) / "static/js"
LIMITS = {str(grade): limit for grade, limit in CLASS_SIZE_LIMITS.items()}
RULES = {
    "most": {column: checks.most_in(column) for column in checks.COLUMN_LABELS},
    "labels": checks.COLUMN_LABELS,
    "flows": True,
    "working_days": 20,
    "low_attendance": checks.LOW_ATTENDANCE,
    "least_of_age": checks.LEAST_OF_AGE,
    "last_staff": {},
    "max_classes": checks.MOST_CLASSES,
    "class_limits": LIMITS,
    "unusual_change": checks.UNUSUAL_CHANGE,
    "unusual_total_change": checks.UNUSUAL_TOTAL_CHANGE,
    "last_classes": [],
    "peers": {},
    "stated": {},
    "graduates": 0,
    "moved_up_once": False,
    "moved_together": MOVED_TOGETHER,
    "oldest": OLDEST,
    "compare_with_last": True,
    "follows_last": True,
    "since": "上月",
    "says": {code: [check.says, check.advice] for code, check in checks.catalogue().items()},
}


@pytest.fixture(scope="module")
def engine():
    racer = MiniRacer()
    racer.eval((SCRIPTS / "rate_trend.js").read_text(encoding="utf-8"))
    racer.eval((SCRIPTS / "filing_checks.js").read_text(encoding="utf-8"))
    racer.eval((SCRIPTS / "filing_days.js").read_text(encoding="utf-8"))
    return racer


@pytest.fixture(scope="module")
def charges(engine):
    """The module of 收费, whose pure part needs no page."""
    engine.eval("globalThis.document = { addEventListener() {} }")
    source = (SCRIPTS / "filing_charges.js").read_text(encoding="utf-8")
    engine.eval(source.replace("export ", ""))
    return engine


def call(engine: MiniRacer, function: str, *arguments: Any) -> Any:
    given_as = ",".join(json.dumps(argument, ensure_ascii=False) for argument in arguments)
    # Functions and undefined do not survive JSON; what is drawn does.
    return json.loads(engine.eval(f"JSON.stringify({function}({given_as}))"))


# ---- the return -----------------------------------------------------------------------------------

TYPED = st.one_of(
    st.integers(0, 40).map(str),
    st.integers(0, 9999).map(str),
    st.sampled_from(
        [
            "",
            " ",
            "１２",
            "①②",
            "1²",
            "１²",
            "١٢",
            "𝟏𝟐",
            "−3",
            "-3",
            "12人",
            "１５０ 人次",
            "1,200名",
            "人",
            "22天",
            "1.5",
            "1,2",
            "1e3",
            "0x10",
            "1000000000",
            "十二",
            "007",
        ]
    ),
)
COLUMNS = (*checks.SEXES, *checks.AGES, *checks.MORE)
OUTSIDE_NURSERY = frozenset(checks.AGES)


@given(
    grade=st.sampled_from(list(checks.GRADE_LABELS)),
    name=st.sampled_from(["小一班", "新班", ""]),
    typed=st.fixed_dictionaries(dict.fromkeys(COLUMNS, TYPED)),
    last=st.tuples(st.integers(0, 40), st.integers(0, 40)),
    adds_up=st.booleans(),
    days=st.sampled_from(["0", "18", "20", "31", "32", "", "x"]),
    flows=st.booleans(),
)
def test_page_and_server_agree_on_every_class(
    engine, grade, name, typed, last, adds_up, days, flows
):
    if adds_up and typed["boys"].isascii() and typed["boys"].isdecimal():
        rest = dict.fromkeys(("girls", "age4", "age5", "age6", *checks.FLOWS), "0")
        came = max(0, int(typed["boys"]) - sum(last))
        left = max(0, sum(last) - int(typed["boys"]))
        typed = {**typed, **rest, "age3": typed["boys"]}
        typed |= {"entered": str(came), "departed": str(left)}
    columns = [column for column in COLUMNS if grade != "nursery" or column not in OUTSIDE_NURSERY]
    before = checks.LastClass(grade, {"boys": last[0], "girls": last[1]})
    draft = {
        "classes": [{"name": name, "grade": grade, **typed}],
        "staff": {},
        "days_open": days,
    }
    server = checks.review(
        draft, {"小一班": before}, LIMITS, compare_with_last=True, flows=flows, working_days=20
    )
    [row] = server.classes

    shown = call(
        engine,
        "filingChecks.checkClass",
        {
            "name": name,
            "grade": grade,
            "values": {column: typed[column] for column in columns},
            "lastTotal": sum(last) if name == "小一班" else None,
            "daysOpen": server.days_open.value,
        },
        {**RULES, "flows": flows},
    )
    assert shown["counts"] == {column: row.cells[column].value for column in columns}
    assert shown["total"] == row.children
    assert bool(shown["errors"]) == bool(row.errors or any(c.error for c in row.cells.values()))
    if name:
        assert [finding["text"] for finding in shown["warnings"]] == [
            one.sentence for one in row.warnings
        ]
    # What is wrong with single cells the page says in one sentence; the rest is the server's.
    assert [
        (one["text"] + one["advice"], tuple(one["fields"]))
        for one in shown["errors"]
        if one["fields"] != ["name"] and not one["text"].startswith(f"{name or '这个班'}：")
    ] == [(one.text, one.fields) for one in row.errors if one.fields != ("name",)]
    assert [finding["code"] for finding in shown["warnings"]] == [one.code for one in row.warnings]


A_CLASS = st.tuples(st.sampled_from(["小一班", "小二班", "大一班"]), st.integers(0, 30))


@given(
    now=st.lists(
        st.tuples(
            st.sampled_from(["小一班", "小二班", "大一班"]), st.integers(0, 30), st.integers(0, 3)
        ),
        max_size=3,
        unique_by=lambda row: row[0],
    ),
    last=st.lists(A_CLASS, max_size=3, unique_by=lambda row: row[0]),
    grade=st.sampled_from(["small", "nursery", "large"]),
    compare=st.booleans(),
    missed=st.sampled_from([None, 3]),
    days=st.sampled_from(["0", "20", "21"]),
    was=st.sampled_from(["", "小一班", "大一班", "没有的班"]),
    graduates=st.sampled_from([0, 2]),
    moved_up=st.booleans(),
    flows=st.booleans(),
)
def test_page_and_server_agree_on_the_whole(
    engine, now, last, grade, compare, missed, days, was, graduates, moved_up, flows
):
    before = {
        name: checks.LastClass(grade, {"boys": children, "girls": 0}) for name, children in last
    }
    drafted = [
        {"name": name, "grade": grade, **dict.fromkeys(COLUMNS, "0"), "boys": str(children)}
        | {"age3": str(children), "moved_in": str(moved_in)}
        for name, children, moved_in in now
    ]
    if drafted:
        drafted[0]["was"] = was
    server = checks.review(
        {"classes": drafted, "days_open": days}, before, LIMITS,
        compare_with_last=compare, missed_since=missed, flows=flows, working_days=20,
        graduates=graduates, moved_up_once=moved_up,
    )  # fmt: skip
    rules = {
        **RULES,
        "flows": flows,
        "moved_up_once": moved_up,
        "compare_with_last": compare,
        "since": checks.called(missed),
        "graduates": graduates,
        "last_classes": [
            {"name": name, "grade": grade, "children": children} for name, children in last
        ],
    }
    classes = []
    claimed = [row["was"] for row in drafted if row.get("was")]
    for row, (name, *_) in zip(drafted, now, strict=True):
        was_there = (name, row.get("was", ""), claimed)
        in_last = call(engine, "filingChecks.nameInLast", *was_there, rules)
        values = {
            column: row[column]
            for column in COLUMNS
            if grade != "nursery" or column not in OUTSIDE_NURSERY
        }
        total = before[in_last].children if in_last in before else None
        checked = call(
            engine,
            "filingChecks.checkClass",
            {
                "name": name,
                "grade": grade,
                "values": values,
                "lastTotal": total,
                "lastGrade": grade if in_last in before else None,
                "daysOpen": int(days),
            },
            rules,
        )
        classes.append({"name": name, "inLast": in_last, "grade": grade, **checked})
    assert [one["inLast"] for one in classes] == [row.name_in_last for row in server.classes]
    assert [[one["code"] for one in row["warnings"]] for row in classes] == [
        [one.code for one in row.warnings] for row in server.classes
    ]
    shown = [
        *call(engine, "filingChecks.checkStayed", classes, rules),
        *call(engine, "filingChecks.checkDaysOpen", int(days), rules),
        *call(engine, "filingChecks.checkWhole", classes, rules),
    ]
    moves = call(engine, "filingChecks.checkMoves", classes, rules)
    assert [text for text in [moves] if text] == [
        one.text for one in server.errors if one.code.startswith("moves_")
    ]
    assert [(one["code"], one["place"], one["text"], one["advice"]) for one in shown] == [
        (one.code, one.place, one.sentence, one.advice) for one in server.warnings
    ]


@given(typed=TYPED)
def test_page_and_server_use_the_same_words_for_a_wrong_count(engine, typed):
    server = checks.read_count(typed, "男", checks.MOST_IN_A_CLASS_CELL)
    page = call(engine, "filingChecks.parseCount", typed, "男", checks.MOST_IN_A_CLASS_CELL, RULES)
    assert page["value"] == server.value
    # The page shows a number as it reads it; the server repeats it as it was typed.
    if typed.isascii():
        assert (page["problem"] or "") == server.error


@pytest.mark.parametrize("number", [0, 1, checks.MOST_CLASSES, checks.MOST_CLASSES + 1])
def test_page_and_server_use_the_same_words_for_the_number_of_classes(engine, number):
    cells = dict.fromkeys(COLUMNS, "0")
    classes = [{"name": f"小{i}班", "grade": "small", **cells} for i in range(number)]
    draft = {"classes": classes, "staff": {}, "days_open": "20"}
    server = checks.review(draft, {}, LIMITS, compare_with_last=True).errors
    page = call(engine, "filingChecks.checkNumberOfClasses", number, RULES)
    assert [text for text in [page] if text] == [one.text for one in server]


DAYS = st.dates(dt.date(2026, 9, 28), dt.date(2026, 11, 4)).map(str) | st.sampled_from(["", "很快"])
MOMENTS = st.builds("{}T{:%H:%M}".format, DAYS.filter(str.isascii), st.times()).map(
    lambda at: at if len(at) > 6 else ""
)
NOWS = ["2026-10-20T09:30", "2026-11-02T09:30"]


@given(
    day=DAYS,
    reported=MOMENTS,
    repair_by=DAYS,
    account=st.sampled_from(["通道堆放桌椅", " "]),
    at=st.sampled_from(NOWS),
)
def test_page_and_server_agree_on_every_day(engine, day, reported, repair_by, account, at):
    reference = dt.date(2026, 10, 25)
    draft = {
        "safety": {"fire": {"answer": "no", "account": account, "repair_by": repair_by}},
        "incidents": {"2": {"occurred_on": day, "reported_at": reported}},
    }
    server = checks.review(
        draft, {}, LIMITS, compare_with_last=False, month=dt.date(2026, 10, 1),
        reference_date=reference, now=dt.datetime.fromisoformat(at),
    ).parts  # fmt: skip
    days = {"month": 10, "first": "2026-10-01", "last": "2026-10-31", "reference": str(reference)}
    rules = RULES | {"days": days}
    said = {"row": "第2起", "day": day, "reported": reported}
    page = call(engine, "filingDays.checkIncident", said, rules, at)
    assert [(one["name"], one["text"]) for one in page] == [
        (one.fields[0], one.text) for one in server["incidents"].errors_of("2")
    ]
    item = SECTIONS["safety"].rows["fire"]
    said = {"item": item, "answer": "no", "account": account, "repairBy": repair_by}
    assert call(engine, "filingDays.checkRepair", said, rules, at) == "".join(
        one.text
        for one in server["safety"].errors_of("fire")
        if one.code.startswith("safety_repair")
    )


def test_sum_that_differs_names_the_cells_to_look_at(engine):
    values = {"boys": "15", "girls": "13", "age3": "0", "age4": "27", "age5": "0", "age6": "0"}
    row = {"name": "中二班", "grade": "middle", "values": values, "lastTotal": 26, "daysOpen": 20}
    [error] = call(engine, "filingChecks.checkClass", row, RULES)["errors"]
    assert error["text"] == "中二班男女合计28人，各年龄合计27人，相差1人。"
    assert error["advice"] == "请核对男、女和4岁的人数。"
    assert error["fields"] == ["boys", "girls", "age4"]


def test_new_class_is_told_once_what_is_empty(engine):
    row = {
        "name": "托二班",
        "grade": "nursery",
        "values": {"boys": "", "girls": " "},
        "lastTotal": None,
        "daysOpen": 20,
    }
    [error] = call(engine, "filingChecks.checkClass", row, RULES)["errors"]
    assert error["text"] == "托二班：男和女没有填。"
    assert error["fields"] == ["boys", "girls"]


def test_september_does_not_ask_about_changes(engine):
    row = {
        "name": "小一班",
        "grade": "small",
        "values": {"boys": "1", "girls": "1"},
        "lastTotal": 24,
        "daysOpen": 20,
    }
    september = {**RULES, "compare_with_last": False, "flows": False}
    assert call(engine, "filingChecks.checkClass", row, september)["warnings"] == []


BOUNDS = st.tuples(st.integers(-300, 3000), st.integers(0, 900), st.integers(0, 900))


@given(
    classes=st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=4),
    people=st.integers(0, 6),
    before=st.integers(0, 100),
    missed=st.sampled_from([None, 3]),
    bounds=st.fixed_dictionaries(
        {"peer_staff": BOUNDS, "peer_class_size": BOUNDS, "peer_change": BOUNDS}
    ),
)
def test_page_and_server_agree_on_peers(engine, classes, people, before, missed, bounds):
    peers = {
        code: checks.Peers(9, middle, middle - below, middle + above)
        for code, (middle, below, above) in bounds.items()
    }
    drafted = [
        {
            "name": f"{at}班",
            "grade": "nursery" if nursery else "mixed",
            **dict.fromkeys(COLUMNS, "0"),
        }
        | {"boys": str(children), "age3": str(children)}
        for at, (children, nursery) in enumerate(classes)
    ]
    staff = {post: {"people": str(people), "certified": "0"} for post in checks.POST_LABELS}
    last = {"旧班": checks.LastClass("mixed", {"boys": before, "girls": 0})}
    server = checks.review(
        {"classes": drafted, "staff": staff, "days_open": "20"}, last, LIMITS,
        compare_with_last=True, missed_since=missed, peers=peers,
    )  # fmt: skip
    rules = {
        **RULES,
        "last_classes": [{"name": "旧班", "grade": "mixed", "children": before}],
        "follows_last": missed is None,
        "peers": {code: vars(one) for code, one in peers.items()},
    }
    shown = call(
        engine,
        "filingChecks.checkPeers",
        [{"grade": row["grade"], "total": int(row["boys"])} for row in drafted],
        people * len(checks.POST_LABELS),
        rules,
    )
    assert [(one["code"], one["text"], one["advice"]) for one in shown] == [
        (one.code, one.sentence, one.advice)
        for one in server.warnings
        if one.code.startswith("peer_")
    ]


@given(
    classes=st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=4),
    teachers=st.one_of(st.none(), st.integers(0, 12)),
    stated=st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ("stated_children", "stated_classes", "stated_teachers"),
            st.builds(
                checks.Stated, st.just("2026年9月1日"), st.integers(0, 100), st.integers(0, 30),
                st.integers(1, 6),
            ),
        ),
    ),
)  # fmt: skip
def test_page_and_server_agree_on_the_annual_statistics(engine, classes, teachers, stated):
    drafted = [
        {"name": f"{at}班", "grade": "nursery" if nursery else "mixed"}
        | dict.fromkeys(COLUMNS, "0")
        | {"boys": str(children), "age3": str(children)}
        for at, (children, nursery) in enumerate(classes)
    ]
    typed = "" if teachers is None else str(teachers)
    draft = {"classes": drafted, "staff": {"full_time_teacher": {"people": typed}}}
    server = checks.review(draft, {}, LIMITS, compare_with_last=False, stated=stated)
    shown = call(
        engine,
        "filingChecks.checkStated",
        [{"grade": row["grade"], "total": int(row["boys"])} for row in drafted],
        teachers,
        {**RULES, "stated": {code: vars(one) for code, one in stated.items()}},
    )
    assert [(one["code"], one["text"], one["advice"]) for one in shown] == [
        (one.code, one.sentence, one.advice)
        for one in server.warnings
        if one.code.startswith("stated_")
    ]


# ---- the chart ------------------------------------------------------------------------------------

COLOURS = dict.fromkeys(
    ("ink", "ink2", "ink3", "line", "line2", "accent", "surface", "band"), "#123456"
)


def trend(engine, values, target="50", holidays=(), provisional=(), width=400, height=150):
    points = [
        {"label": f"2026年{i + 1}月", "value": value, "holiday": i in holidays,
         "provisional": i in provisional}
        for i, value in enumerate(values)
    ]  # fmt: skip
    data = {"points": points, "target": target, "unit": "%", "colors": COLOURS}
    data |= {"width": width, "height": height}
    return call(engine, "rateTrendOption", data)


def test_gaps_stay_gaps_and_only_holidays_get_a_band(engine):
    option = trend(engine, ["47.60", None, "48.35", None, "49.38"], holidays=(1,))
    solid = option["series"][0]
    assert solid["data"] == [47.6, None, 48.35, None, 49.38]
    assert solid["connectNulls"] is False
    assert solid["markArea"]["data"] == [[{"xAxis": 0.5}, {"xAxis": 1.5}]]


def test_provisional_month_hangs_on_a_dashed_line(engine):
    option = trend(engine, ["49.00", "49.38", "49.23"], provisional=(2,))
    solid, dashed = option["series"]
    assert solid["data"] == [49.0, 49.38, None]
    assert [point["value"] for point in dashed["data"]] == [None, 49.38, 49.23]
    assert dashed["data"][2]["itemStyle"]["color"] == COLOURS["surface"]


def test_line_goes_on_after_a_provisional_month(engine):
    solid, dashed = trend(engine, ["49.00", "49.38", "49.23", "49.40"], provisional=(1,))["series"]
    assert solid["data"] == [49.0, None, 49.23, 49.4]
    assert [point["value"] for point in dashed["data"]] == [49.0, 49.38, 49.23, None]
    hollow = [point["symbol"] for point in dashed["data"]]
    assert hollow == ["none", "circle", "none", "none"]


@given(
    months=st.lists(
        st.tuples(st.one_of(st.none(), st.just("49.00")), st.booleans()), min_size=2, max_size=14
    )
)
def test_line_breaks_only_where_there_is_no_value(engine, months):
    values = [value for value, _ in months]
    provisional = [i for i, (_, is_provisional) in enumerate(months) if is_provisional]
    solid, dashed = trend(engine, values, provisional=provisional)["series"]
    ends = [solid["data"], [point["value"] for point in dashed["data"]]]
    for i in range(len(values) - 1):
        joined = any(line[i] is not None and line[i + 1] is not None for line in ends)
        assert joined == (values[i] is not None and values[i + 1] is not None)


def test_low_chart_has_three_numbers_on_its_axis(engine):
    option = trend(engine, ["47.60", "63.10", "88.00"], target="50", height=92)
    axis = option["yAxis"]
    assert (axis["max"] - axis["min"]) / axis["interval"] <= 2
    assert axis["min"] <= 47.6
    assert axis["max"] >= 88


def test_provisional_month_after_a_gap_stands_alone(engine):
    dashed = trend(engine, ["49.00", None, "49.23"], provisional=(2,))["series"][1]
    assert [point["value"] for point in dashed["data"]] == [None, None, 49.23]


def test_a_target_is_drawn_over_its_months_and_what_others_published_beside(engine):
    points = [{"label": f"2026年{n}月", "value": "80.00", "provisional": False} for n in (1, 2, 3)]
    data = {
        "points": [{**points[0], "value": None}, *points[1:]], "unit": "%", "colors": COLOURS,
        "targets": [{"value": "85", "from": 0, "to": 1}, {"value": "90", "from": 2, "to": 2}],
        "beside": [{"name": "全国", "values": ["70.00", None, None]}],
    }  # fmt: skip
    option = json.loads(engine.eval(f"JSON.stringify(rateTrendOption({json.dumps(data)}))"))
    first, second = option["series"][0]["markLine"]["data"]
    assert [end["coord"] for end in first] == [[0, 85], [1, 85]]
    assert [end["coord"] for end in second] == [[2, 90], [2, 90]]
    assert option["series"][-1]["data"][0]["label"]["formatter"] == "全国2026年"
    assert option["yAxis"]["min"] <= 70, "the axis holds what others published"


@given(
    values=st.lists(st.one_of(st.none(), st.decimals(0, 160, places=2).map(str)), max_size=24),
    target=st.one_of(st.none(), st.decimals(50, 95, places=0).map(str)),
)
def test_axis_holds_every_value_and_the_target_in_few_steps(engine, values, target):
    option = trend(engine, values, target=target)
    axis = option["yAxis"]
    shown = [float(value) for value in [*values, target] if value is not None]
    assert all(axis["min"] <= value <= axis["max"] for value in shown)
    assert axis["min"] >= 0
    assert 1 <= (axis["max"] - axis["min"]) / axis["interval"] <= 5
    assert len(option["xAxis"]["data"]) == len(values)


def test_without_a_target_there_is_no_target_line(engine):
    assert "markLine" not in trend(engine, ["49.00"], target=None)["series"][0]


# ---- what was charged -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "also", "code"),
    [
        ("600", "", None),
        ("550", "", "charge_differs"),
        # New entrants pay otherwise: either is as the schedule says, a third amount is not.
        ("550", "55000 58000", None),
        ("580", "55000 58000", None),
        ("590", "55000 58000", "charge_differs"),
    ],
)
def test_a_charge_that_fits_somebodys_standard_is_no_difference(charges, typed, also, code):
    row = {"dataset": {"label": "保教费", "unit": "元/月", "scheduled": "60000", "also": also}}
    found = call(
        charges, "findingOf", row, {"value": typed}, {"value": "3"}, {"has_schedule": True}
    )
    assert (found and found["code"]) == code
