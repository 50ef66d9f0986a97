"""A county sets a rule after a look; a director computes by the nearest one, and nothing is kept."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from time_machine import travel

from fees.models import RefundRule, ScheduledFee
from kindergartens.models import Kindergarten
from tests.conftest import acting
from tests.signing_in import client_of
from tests.small_county import NOW, SINCE, SmallCounty

pytestmark = pytest.mark.django_db
TIERS = {"up_to_1": "0", "included_1": "yes", "back_1": "80", "up_to_2": "50%",
         "included_2": "yes", "back_2": "50", "up_to_3": "100", "included_3": "yes",
         "back_3": "0"}  # fmt: skip
RULE = {
    "item": "care_education_fee", "basis": "attended", "document": "示例文件",
    "valid_from": "2026-09-01", **TIERS,
}  # fmt: skip


def line(garden: Kindergarten, post: Any, **more: Any) -> ScheduledFee:
    told = {
        "kindergarten": garden, "item": "care_education_fee", "scope": "all", "unit": "month",
        "amount": Decimal(600), "valid_from": SINCE, "document": "示例", "entered_as": post,
        "entered_at": NOW,
    }  # fmt: skip
    return ScheduledFee.objects.create(**told | more)


@travel(NOW, tick=False)
def test_a_rule_is_looked_at_before_it_is_saved(small: SmallCounty) -> None:
    client, url = client_of(small.officer()), reverse("refund-rule-new")
    gap = client.post(url, RULE | {"up_to_3": "", "back_3": ""})
    assert gap.status_code == 422
    assert "50%以上没有规定" in gap.content.decode()
    half = client.post(url, RULE | {"back_2": ""})
    assert "这一档没有填全" in half.content.decode()
    look = client.post(url, RULE)
    assert "还没有保存" in look.content.decode()
    assert not RefundRule.objects.exists()
    stamp = look.context["previewed"]
    # Another table than the one that was looked at is looked at first.
    assert (
        "还没有保存"
        in client.post(url, RULE | {"back_2": "60", "previewed": stamp}).content.decode()
    )
    assert client.post(url, RULE | {"previewed": stamp}).status_code == 302
    [row] = RefundRule.objects.all()
    assert row.bands == [["0", True, "80"], ["50", True, "50"], ["100", True, "0"]]
    address = reverse("refund-rule-correct", args=[row.pk])
    page = client.get(address)
    seen = page.context["form"]["seen"].value()
    typed = RULE | {"back_2": "40", "reason": "打错", "seen": seen}
    look = client.post(address, typed)
    assert "现在退" in look.content.decode()
    assert client.post(address, typed | {"previewed": look.context["previewed"]}).status_code == 302
    row.refresh_from_db()
    assert row.bands[1] == ["50", True, "40"]


@travel(NOW, tick=False)
def test_the_nearest_places_rule_holds_and_the_others_are_shown(small: SmallCounty) -> None:
    garden = small.kindergarten(small.town("甲镇"), "示例一园")
    post = acting(small.officer()).acting
    fee = line(garden, post)
    old = line(garden, post, scope="small", amount=Decimal(500), valid_to=dt.date(2026, 9, 1))
    meal = line(
        garden, post, item="collected_on_behalf_fee", name="伙食费", amount=Decimal(15), unit="day"
    )
    rules = {
        "basis": "attended", "valid_from": SINCE,
        "bands": [["0", True, "80"], ["50", True, "50"], ["100", True, "0"]],
    }  # fmt: skip
    for region, document in ((small.city, "市里的办法"), (small.county, "县里的办法")):
        RefundRule.objects.create(
            region=region, item="care_education_fee", document=document, **rules
        )
    client = client_of(small.person("园长", garden.organisation, "director"))
    url = reverse("refund-calculator", args=[garden.code])
    asked = {"line": fee.pk, "left_on": "2026-10-09"}
    # Which of several lines is meant their days tell; today's is chosen first.
    form = client.get(url).context["form"]
    assert dict(form.fields["line"].choices)[str(old.pk)].endswith("起，到2026年9月1日前")
    assert form["line"].value() == str(fee.pk)
    with CaptureQueriesContext(connection) as before:
        page = client.get(url, asked).content.decode()
    # October 2026 has 18 working days (the make-up day of the 10th is one); two were attended.
    assert "退300.00元" in page
    assert "依据：甲县，县里的办法" in page
    assert "示例市的规定，没有采用：市里的办法" in page
    for number in range(3):
        line(garden, post, scope=("middle", "large", "mixed")[number])
        RefundRule.objects.create(
            region=small.county, item="boarding_fee", document="示例",
            **rules | {"valid_from": dt.date(2021 + number, 1, 1),
                       "valid_to": dt.date(2022 + number, 1, 1)},
        )  # fmt: skip
    with CaptureQueriesContext(connection) as after:
        client.get(url, asked)
    assert len(after) == len(before)
    for typed, says in (
        ({"line": fee.pk}, "请填离园日，或填月份和缺勤天数"),
        ({"line": fee.pk, "absent": "3"}, "请填是哪个月缺勤的"),
        ({"line": fee.pk, "month": "2026-10", "absent": "30"}, "比当月"),
        ({"line": fee.pk, "month": "2026-09", "left_on": "2026-10-16"}, "离园日不在2026年9月"),
        ({"line": fee.pk, "left_on": "2026-10-16", "absent": "3"}, "请清空一个"),
        ({"line": old.pk, "left_on": "2026-10-16"}, "不执行这一条标准"),
        ({"line": meal.pk, "month": "2026-10", "absent": "3"}, "没有登记伙食费的退费办法"),
        ({"line": "0", "month": "2026-10", "absent": "3"}, "没有这个选项"),
        ({"line": fee.pk, "month": "十月", "absent": "-3"}, "月份写成2026-10这样"),
    ):  # fmt: skip
        refused = client.get(url, typed)
        assert refused.status_code == 422, typed
        assert says in refused.content.decode(), typed
    stranger = client_of(small.officer(small.other_county))
    assert stranger.get(url).status_code == 404
