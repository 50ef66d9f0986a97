"""An officer keeps the county's documents: what is asked, what it would change, what history keeps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from time_machine import travel

from indicators.models import Policy, Target
from indicators.selectors import figures
from tests.signing_in import client_of
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty
from tests.standing import standing

SHARE = "public_enrolment_share"


def county() -> SmallCounty:
    """甲镇 30 of 60 in public ones, 乙镇 40 of 40: 70 % together. One still owes its return."""
    small = SmallCounty()
    small.populate(small.county, 200)
    east, west = small.town("甲镇"), small.town("乙镇")
    for town, name, ownership, children in (
        (east, "示例一园", "public", 30),
        (east, "示例二园", "non_inclusive_private", 30),
        (west, "示例三园", "public", 40),
    ):
        kindergarten = small.kindergarten(town, name, ownership=ownership)
        small.file(kindergarten, children - 5, month=SEPTEMBER)
        small.file(kindergarten, children)
    small.settle(SEPTEMBER, OCTOBER)
    small.nation = Policy.objects.create(slug="nation", title="示例国家办法")  # type: ignore[attr-defined]
    Target.objects.create(
        policy=small.nation, indicator=SHARE, operator=">=", value=D("0.5"), levels=["county"],  # type: ignore[attr-defined]
    )  # fmt: skip
    small.keeper, small.city_keeper = small.officer(), small.officer(small.city, "city_officer")  # type: ignore[attr-defined]
    return small


@pytest.fixture(scope="module")
def built(request: Any, django_db_setup: None, django_db_blocker: Any) -> Iterator[SmallCounty]:
    with standing(request, django_db_blocker, county) as made:
        yield made


@pytest.fixture
def small(built: SmallCounty, db: None) -> Iterator[SmallCounty]:
    with travel(NOW, tick=False):
        yield built


@pytest.fixture
def officer(small: SmallCounty) -> Client:
    return client_of(small.keeper)  # type: ignore[attr-defined]


def own(small: SmallCounty, **values: Any) -> Policy:
    fields = {"slug": "own", "title": "甲县方案", "valid_from": dt.date(2026, 1, 1)} | values
    return Policy.objects.create(region=small.county, **fields)


def ask(policy: Policy, value: str, **values: Any) -> Target:
    fields = {"indicator": SHARE, "operator": ">=", "levels": ["county", "town"]} | values
    return Target.objects.create(policy=policy, value=D(value), **fields)


def send(client: Client, address: str, **typed: Any) -> Any:
    """Typed, looked at, and confirmed; returns the last answer."""
    looked = client.post(address, typed)
    if looked.status_code != 200 or not looked.context["confirmed"]:
        return looked
    return client.post(address, typed | {"confirmed": looked.context["confirmed"]})


def verdicts(small: SmallCounty, month: dt.date = OCTOBER) -> list[tuple[str, str]]:
    (figure,) = figures(small.county, month, [SHARE])
    return [(f"{j.target.value:.2f}", str(j.verdict)) for j in figure.verdicts]


def test_a_document_and_its_target_are_entered_after_a_look(officer, small) -> None:
    answer = officer.post(
        reverse("policy-new"), {"title": "甲县攻坚方案", "valid_from": "2026-01-01"}
    )
    policy = Policy.objects.get(title="甲县攻坚方案")
    assert answer["Location"] == reverse("policy", args=[policy.pk])
    typed = {"indicator": SHARE, "levels": ["town", "county"], "value": "75%"}
    looked = officer.post(reverse("target-new", args=[policy.pk]), typed)
    # Nothing is kept yet: what was understood is said again, and who would be hit is named.
    assert looked.context["understood"].endswith("≥75%，考核到县区、乡镇街道")
    assert not policy.targets.exists()
    assert looked.context["effect"] == [
        "甲县由达标变为未达标", "甲镇由不考核变为未达标", "乙镇由不考核变为达标",
    ]  # fmt: skip
    assert send(officer, reverse("target-new", args=[policy.pk]), **typed).status_code == 302
    target = policy.targets.get()
    assert (target.value, target.operator, target.levels) == (D("0.75"), ">=", ["county", "town"])
    assert verdicts(small) == [("0.75", "unmet"), ("0.50", "met")]
    page = officer.get(reverse("policy", args=[policy.pk]))
    (row,) = page.context["rows"]
    assert row.short_of == "本级未达标，2个乡镇中1个未达标"
    assert "甲县未达标" in page.content.decode()


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"value": "0.85"}, "value", "请写成百分数：85%（即0.85）"),
        ({"value": "8500"}, "value", "8500%不合理：要大于0%、不超过100%"),
        ({"value": "1"}, "value", "是1%还是100%"),
        ({"indicator": "children_per_staff", "value": "15:1"}, "value", "请写成1:15"),
        ({"value": "1:7"}, "value", "不是师幼比"),
        ({"value": "七成"}, "value", "请填数"),
        ({"levels": []}, "levels", "请至少选一级"),
        ({"by_date": "2025-12-31"}, "by_date", "早于起始日期"),
        ({"valid_from": "2025-12-31"}, "valid_from", "目标不能更早"),
        ({"value": "60%"}, "value", "两个目标≥80%和≥60%"),
        ({"indicator": "master_teacher_studios"}, "indicator", "请从列表里选"),
    ],
)
def test_bad_input_is_said_at_its_field(officer, small, typed, field, said) -> None:
    policy = own(small)
    ask(policy, "0.8", levels=["county"])
    sent = {"indicator": SHARE, "levels": ["county"], "value": "90%"} | typed
    answer = officer.post(reverse("target-new", args=[policy.pk]), sent)
    assert answer.status_code == 422
    assert said in "".join(answer.context["form"].errors[field])
    # What was typed stays in the form.
    assert answer.context["form"]["value"].value() == sent["value"]


def test_a_change_from_a_day_on_leaves_past_months_and_a_correction_does_not(
    officer, small
) -> None:
    policy = own(small)
    first = ask(policy, "0.6", levels=["county"])
    later = {"indicator": SHARE, "levels": ["county"], "value": "80%", "valid_from": "2026-10-01"}
    assert send(officer, reverse("target-new", args=[policy.pk]), **later).status_code == 302
    assert verdicts(small, SEPTEMBER) == [("0.60", "met"), ("0.50", "met")]
    assert verdicts(small) == [("0.80", "unmet"), ("0.50", "met")]
    first.refresh_from_db()
    assert (first.ended_on, first.ended_reason) == (
        dt.date(2026, 10, 1),
        "自2026年10月1日起改为0.8",
    )
    # A correction of what was typed wrongly is of all its months, with its reason in history.
    address = reverse("target-correct", args=[first.pk])
    form = officer.get(address).context["form"]
    typed = {"value": "90%", "seen": form["seen"].value(), "reason": "原文是90%"}
    assert send(officer, address, **typed).status_code == 302
    assert verdicts(small, SEPTEMBER) == [("0.90", "unmet"), ("0.50", "met")]
    told = officer.get(reverse("policy-history")).content.decode()
    assert "原文是90%" in told
    # Whoever opened the form before is told that it has changed since.
    stale = send(officer, address, **typed | {"value": "85%"})
    assert "别人改过" in stale.content.decode()


def test_whoever_withdraws_a_mistaken_change_has_the_former_target_again(officer, small) -> None:
    policy = own(small)
    first = ask(policy, "0.6", levels=["county"])
    later = {"indicator": SHARE, "levels": ["county"], "value": "80%", "valid_from": "2026-10-01"}
    send(officer, reverse("target-new", args=[policy.pk]), **later)
    end = reverse("target-end", args=[policy.targets.get(value=D("0.8")).pk])
    looked = officer.post(end, {"how": "withdraw", "reason": "登记错了"})
    assert looked.context["effect"] == ["甲县由未达标变为达标"]
    send(officer, end, how="withdraw", reason="登记错了")
    assert verdicts(small) == [("0.60", "met"), ("0.50", "met")]
    first.refresh_from_db()
    assert (first.ended_on, first.ended_reason) == (None, "")


def test_ended_and_withdrawn(officer, small) -> None:
    policy = own(small)
    target = ask(policy, "0.9", levels=["county"])
    end = reverse("target-end", args=[target.pk])
    assert "请填日期" in officer.post(end, {"how": "end", "reason": "示例"}).content.decode()
    looked = officer.post(end, {"how": "end", "on": "2026-10-01", "reason": "新文件"})
    assert looked.context["effect"] == ["甲县由未达标变为达标"]
    send(officer, end, how="end", on="2026-10-01", reason="新文件")
    assert verdicts(small) == [("0.50", "met")]
    assert verdicts(small, SEPTEMBER) == [("0.90", "unmet"), ("0.50", "met")]
    send(officer, reverse("policy-end", args=[policy.pk]), how="withdraw", reason="登记错了")
    assert verdicts(small, SEPTEMBER) == [("0.50", "met")]
    assert Policy.objects.get(pk=policy.pk).ended_reason == "登记错了"
    # A withdrawn document is read, and nothing is done to it any more.
    assert officer.get(reverse("policy", args=[policy.pk])).status_code == 200
    assert officer.get(reverse("target-new", args=[policy.pk])).status_code == 404


def test_a_number_is_registered_once_in_a_place(officer, small) -> None:
    own(small, document_number="甲教〔2026〕1号")
    again = {"title": "同一份", "valid_from": "2026-01-01", "document_number": "甲教〔2026〕1号"}
    answer = officer.post(reverse("policy-new"), again)
    assert "已经登记过" in "".join(answer.context["form"].errors["document_number"])


def test_who_keeps_what(small) -> None:
    policy = own(small)
    ask(policy, "0.4", levels=["county"])
    client = client_of(small.city_keeper)
    assert client.get(reverse("policy", args=[policy.pk])).status_code == 200
    assert client.get(reverse("target-new", args=[policy.pk])).status_code == 404
    assert client.get(reverse("policy-correct", args=[small.nation.pk])).status_code == 404
    assert client.get(reverse("policy-new")).status_code == 200


def test_softer_than_above_is_marked_and_side_by_side(officer, small) -> None:
    policy = own(small)
    ask(policy, "0.4", levels=["county"], by_date=dt.date(2026, 12, 31))
    ask(policy, "6", indicator="master_teacher_studios", levels=["county"])
    page = officer.get(reverse("policy", args=[policy.pk]))
    rows = {row.target.indicator: row for row in page.context["rows"]}
    assert rows[SHARE].softer == "低于全国的≥50%"
    assert rows["master_teacher_studios"].state == "系统还没有计算的指标"
    table = officer.get(reverse("policy-matrix")).context["table"]
    assert [policy.title for policy in table.policies] == ["示例国家办法", "甲县方案"]
    name, value, cells = table.rows[0]
    assert (name, value) == ("公办园在园幼儿占比", "70.00%")
    assert [[row.demand for row in cell] for _, cell in cells] == [["≥50%"], ["≥40%"]]


def test_progress_starts_with_the_documents_first_month(officer, small) -> None:
    ask(own(small), "0.9", levels=["county"], by_date=dt.date(2026, 12, 31))
    (figure,) = figures(small.county, OCTOBER, [SHARE])
    way = figure.verdicts[0].progress
    # September: 60 of 85; a straight line from there to 90 % on 31 December.
    assert (way.start.day, way.start.value) == (dt.date(2026, 9, 30), D(60) / D(85))
    assert (way.stage, way.days_left) == ("behind", 61)
    page = officer.get(reverse("figure-explain", args=[small.county.code, SHARE, OCTOBER]))
    assert "落后于进度" in page.content.decode()


def test_a_newer_document_stands_in_place_of_an_ended_plan(officer, small) -> None:
    plan = own(small, slug="plan", title="旧规划", valid_from=dt.date(2024, 1, 1),
               valid_to=dt.date(2025, 12, 31))  # fmt: skip
    ask(plan, "0.6")
    ask(own(small), "0.7", levels=["county"])
    (row,) = officer.get(reverse("policy", args=[plan.pk])).context["rows"]
    assert row.replaced == ["对县区已由《甲县方案》代替"]
    assert [line.text for line in row.lines] == ["2个乡镇，1个未达标"]


def test_queries_do_not_grow_with_targets(officer, small) -> None:
    policy = own(small)
    ask(policy, "0.4")

    def queries(address: str) -> int:
        officer.get(address)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert officer.get(address).status_code == 200
        return len(asked)

    pages = [reverse("policies"), reverse("policy", args=[policy.pk]), reverse("policy-matrix")]
    before = [queries(page) for page in pages]
    for number in range(3):
        another = own(small, slug=f"own{number}", title=f"方案{number}")
        ask(another, "0.4", indicator="certified_share")
        ask(another, "7", indicator="children_per_staff", operator="<=", levels=["kindergarten"])
        ask(another, "0.6")
    ask(policy, "7", indicator="children_per_staff", operator="<=", levels=["kindergarten"])
    after = [queries(page) for page in pages]
    # One more: the kindergartens, which nothing judged before.
    assert after == [number + 1 for number in before]
