"""The return that begins a school year: last month's classes moved up, and nothing guessed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from accounts.models import User
from kindergartens.models import ClassCount, FilingVersion, MonthlyFiling, ReportingPeriod
from kindergartens.models.filing import MORE_COUNTS
from reports.filings import services, submitted
from reports.filings.forms import draft_from_post
from reports.filings.presenters.definitions import definitions_of
from reports.filings.presenters.promotion import moved_up, names_now, to_type_anew
from reports.filings.promotion import OneClass, promote
from reports.filings.reviewing import review_beside, review_draft
from reports.filings.selectors import changes
from tests.conftest import acting
from tests.small_county import DAYS_OPEN, NOW, OCTOBER, SEPTEMBER, SmallCounty, moment

AUGUST = dt.date(2026, 8, 1)
OPEN = moment(2026, 9, 28)
CLASSES = (
    # name, grade, boys, girls, ages
    ("托班", "nursery", 6, 6, (0, 0, 0, 0)),
    ("小一班", "small", 12, 10, (20, 2, 0, 0)),
    ("蓝天班", "middle", 14, 14, (1, 25, 2, 0)),
    ("大一班", "large", 16, 14, (0, 1, 27, 2)),
    ("混合班", "mixed", 8, 8, (5, 5, 6, 0)),
)


class Summer:
    """A kindergarten whose August was accepted, and its director in September."""

    def __init__(self, small: SmallCounty) -> None:
        town = small.town("甲镇")
        self.kindergarten = small.kindergarten(town, "示例一园")
        ReportingPeriod.objects.create(
            county=small.county,
            month=AUGUST,
            reference_date=dt.date(2026, 8, 31),
            opens_at=moment(2026, 8, 25),
            due_at=moment(2026, 9, 9, 18),
            locks_at=moment(2026, 9, 20),
        )
        self.august = small.file(self.kindergarten, 24, month=AUGUST, state="submitted")
        version = FilingVersion.objects.get(filing=self.august)
        self.august.version = 2
        self.august.state, self.august.accepted_version = "accepted", 2
        self.august.save()
        counted = FilingVersion.objects.create(
            filing=self.august,
            version=2,
            days_open=DAYS_OPEN,
            submitted_at=version.submitted_at,
            submitted_as=version.submitted_as,
        )
        ClassCount.objects.bulk_create(
            ClassCount(
                filing_version=counted,
                position=position,
                name=name,
                grade=grade,
                boys=boys,
                girls=girls,
                **dict(zip(ClassCount.AGE_FIELDS, ages, strict=True)),
                **(dict.fromkeys(MORE_COUNTS, 0) | {"attended": 100, "migrant": 3, "aided": 2}),
            )
            for position, (name, grade, boys, girls, ages) in enumerate(CLASSES)
        )
        self.director: User = acting(
            small.person("园长", self.kindergarten.organisation, "director")
        )

    def open(self) -> MonthlyFiling:
        return services.open_filing(
            kindergarten=self.kindergarten,
            period=ReportingPeriod.objects.get(
                county=self.kindergarten.organisation.region.county, month=SEPTEMBER
            ),
            by=self.director,
            now=OPEN,
        )


@pytest.fixture
def summer(small: SmallCounty) -> Summer:
    return Summer(small)


def test_september_opens_with_the_classes_moved_up(summer: Summer) -> None:
    rows = {row["name"]: row for row in summer.open().draft["classes"]}
    ages = ("age3", "age4", "age5", "age6")
    assert {
        name: (row["grade"], row["boys"], row["girls"], [row[age] for age in ages])
        for name, row in rows.items()
    } == {
        # Ages of a nursery class were never asked for; who of a mixed class left nobody knows.
        "小班": ("small", "6", "6", ["", "", "", ""]),
        "中一班": ("middle", "12", "10", ["0", "20", "2", "0"]),
        "蓝天班": ("large", "14", "14", ["0", "1", "25", "2"]),
        "混合班": ("mixed", "", "", ["", "", "", ""]),
    }
    middle = rows["中一班"]
    assert (middle["migrant"], middle["aided"], middle["entered"]) == ("3", "", "0")
    last = submitted.last_submitted(summer.kindergarten, SEPTEMBER)
    assert last is not None
    # What the last return reported stays what it was, graduates and all.
    assert last.enrolled_children == 96
    assert moved_up(last) == (
        "托班1个升为小班，小班1个升为中班，中班1个升为大班，大班1个毕业，共30人。"
    )


def filled_in(draft: dict[str, Any]) -> dict[str, Any]:
    """Everything typed that was left open; nobody came or left but from the mixed class."""
    rows = {row["name"]: row for row in draft["classes"]}
    rows["小班"] |= {"age3": "12", "age4": "0", "age5": "0", "age6": "0"}
    rows["混合班"] |= {"boys": "5", "girls": "5", "age3": "0", "age4": "5", "age5": "5"}
    rows["混合班"] |= {"age6": "0", "departed": "6", "disabled": "0", "left_behind": "0"}
    rows["混合班"] |= {"migrant": "0"}
    for row in rows.values():
        row["aided"], children = "0", int(row["boys"]) + int(row["girls"])
        row["attended"] = str(children * 9)
    for post in draft["staff"].values():
        post |= {"people": "1", "certified": "1", "joined": "0", "left": "0"}
    for item in draft["safety"].values():
        item["answer"] = item["answer"] or "yes"
    return draft | {"days_open": "10", "incidents": {"month": {"none": "1"}}}


def problems(filing: MonthlyFiling) -> list[str]:
    return [text for _, text in review_draft(filing, NOW).problems]


def test_moved_up_classes_add_up_also_under_another_name(summer: Summer) -> None:
    filing = summer.open()
    filing.draft = filled_in(filing.draft)
    filing.draft["classes"][1]["name"] = "星星班"
    assert problems(filing) == []
    # A forgotten child is noticed, under either name, against what the class was in August.
    filing.draft["classes"][1] |= {"boys": "11", "age4": "19"}
    [text] = problems(filing)
    assert "星星班上月22人" in text
    assert "应为22人，现填21人" in text


def test_who_stays_another_year_moved_in_from_the_graduated(summer: Summer) -> None:
    filing = summer.open()
    filing.draft = filled_in(filing.draft)
    large = next(row for row in filing.draft["classes"] if row["name"] == "蓝天班")
    large |= {"boys": "15", "age6": "3", "moved_in": "1"}
    assert problems(filing) == ["转入比转出多1人，是大班毕业后留级的。请写明原因。"]
    filing.draft["explanations"]["stayed_on@"] = "康复训练，家长申请再读一年。"
    assert problems(filing) == []
    large |= {"boys": "45", "age6": "33", "moved_in": "31"}
    assert any("转入可以比转出多0到30人" in text for text in problems(filing))


def test_a_new_small_class_did_not_move_in(summer: Summer) -> None:
    filing = summer.open()
    filing.draft = filled_in(filing.draft)
    new = filing.draft["classes"][0] | {"name": "小二班", "was": "", "moved_in": "12"}
    filing.draft["classes"].append(new)
    assert any("新生和从别的园来的，填入园。" in text for text in problems(filing))
    new |= {"moved_in": "0", "entered": "12"}
    assert problems(filing) == []


def test_the_form_says_what_moved_and_keeps_which_class_it_was(summer: Summer, sign_in) -> None:
    filing = summer.open()
    client = sign_in(summer.director)
    page = client.get(f"/returns/{filing.pk}/edit/").content.decode()
    assert "新学年，已按升班带入：" in page
    assert "大班1个毕业，共30人" in page
    assert "蓝天班的班名没有改，要改的请改。" in page
    assert 'name="class-1-was" value="中一班"' in page
    [row] = draft_from_post(
        {"class-1-name": "星星班", "class-1-grade": "middle", "class-1-was": "中一班"}
    )["classes"]
    assert (row["name"], row["was"]) == ("星星班", "中一班")


def test_a_renamed_class_is_the_same_one_to_whoever_reads_the_version(
    summer: Summer, small: SmallCounty, sign_in
) -> None:
    filing = summer.open()
    filing.draft = filled_in(filing.draft)
    filing.draft["classes"][1]["name"] = "星星班"
    filing.save()
    version = services.submit(
        filing_id=filing.pk, revision=filing.revision, by=summer.director, now=OPEN
    )
    now, last = (
        submitted.read_version(version),
        submitted.last_submitted(summer.kindergarten, SEPTEMBER),
    )
    assert last is not None
    assert now.classes["星星班"].was == "中一班"
    said = {one.key: (one.last, one.now) for one in changes(now, last)}
    assert said["class:星星班:name"] == ("中一班", "星星班")
    # 班 that came or went are none of it.
    assert not [key for key in said if key.endswith(":name") and key != "class:星星班:name"]
    assert review_beside(last, SEPTEMBER, submitted.to_check(now), peers={}).problems == []
    page = sign_in(acting(small.officer())).get(f"/reviews/{filing.pk}/").content.decode()
    assert "上月中一班" in page
    assert "上月没有" not in page
    # In October it is about other classes.
    october = submitted.last_submitted(summer.kindergarten, OCTOBER)
    assert all("was" not in row for row in submitted.prefilled(october, OCTOBER)["classes"])


@pytest.mark.parametrize(
    ("now", "paired"),
    [
        ({"中一班": "", "新班": ""}, {"中一班": "中一班"}),
        ({"星星班": "中一班", "中二班": "中二班"}, {"星星班": "中一班", "中二班": "中二班"}),
        # A new class that takes the name of a renamed one is not that one.
        ({"星星班": "中一班", "中一班": ""}, {"星星班": "中一班"}),
        ({"中一班": "中二班", "中二班": "中一班"}, {"中一班": "中二班", "中二班": "中一班"}),
        # Last month's return was corrected since and has no such class any more.
        ({"中一班": "没有的班"}, {"中一班": "中一班"}),
    ],
)
def test_classes_are_paired_by_what_they_were(now: dict[str, str], paired: dict[str, str]) -> None:
    def of(filing: int, names: dict[str, str]) -> submitted.Submitted:
        rows = {name: ClassCount(name=name, was=was) for name, was in names.items()}
        return submitted.Submitted(FilingVersion(filing_id=filing), rows, {})

    before = {"中一班": "", "中二班": ""}
    assert submitted.names_before(of(2, now), of(1, before)) == paired
    # Versions of one return are paired by their names.
    assert submitted.names_before(of(1, now), of(1, before)) == {
        name: name for name in now if name in before
    }


@pytest.mark.parametrize(
    ("classes", "says"),
    [
        (
            [("小一班", "small"), ("中一班", "middle"), ("大一班", "large")],
            "班名已跟着改，也可以再改。",
        ),
        ([("小①班", "small"), ("（小）一班", "small")], "升班的班名都没有改，要改的请改。"),
        (
            [("小①班", "small"), ("小二班", "small"), ("混合班", "mixed")],
            "写了年级的班名已跟着改；小①班的班名没有改，要改的请改。",
        ),
        ([("混合班", "mixed"), ("大一班", "large")], ""),
    ],
)
def test_classes_that_kept_their_names_are_listed(
    classes: list[tuple[str, str]], says: str
) -> None:
    promotion = promote([OneClass(*one, 20) for one in classes], since=2025, to=2026)
    assert names_now(promotion) == says


def test_form_and_definitions_say_where_those_who_went_to_school_belong(summer: Summer) -> None:
    last = submitted.last_submitted(summer.kindergarten, SEPTEMBER)
    assert last is not None
    assert last.promotion is not None
    where = "大班毕业的不填离园，混合班毕业的填在混合班的离园。"
    assert to_type_anew(last.promotion).endswith(f"请填。{where}")
    september, october = (
        {
            one.column: one.text
            for one in definitions_of(ReportingPeriod(month=month, reference_date=month))
        }
        for month in (SEPTEMBER, OCTOBER)
    )
    assert "大班毕业的不填；混合班毕业的，填在混合班的离园。" in september["departed"]
    assert "大班毕业后留级的，填转入" in september["moved_in"]
    assert "毕业" not in october["departed"] + october["moved_in"]


def test_october_moves_up_where_september_was_missed(summer: Summer) -> None:
    last = submitted.last_submitted(summer.kindergarten, OCTOBER)
    assert last is not None
    assert list(last.classes) == ["小班", "中一班", "蓝天班", "混合班"]
    assert not submitted.flows_add_up(last, OCTOBER)
