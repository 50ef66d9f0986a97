"""The list by year, one kindergarten's page, and the forms: as people meet them."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook
from time_machine import travel

from fees.models import AidCount, FundingPayment, FundingStandard
from tests.conftest import acting
from tests.registers import aided
from tests.signing_in import client_of
from tests.small_county import NOW, SmallCounty

pytestmark = pytest.mark.django_db
LIST = "funding"


@pytest.fixture
def scene(small: SmallCounty) -> SmallCounty:
    """A public kindergarten that got too little, and a recognised one nobody recorded anything of."""
    town = small.town("甲镇")
    small.garden = small.kindergarten(town, "示例一园")
    small.recognised = small.kindergarten(town, "示例二园", ownership="inclusive_private")
    small.file(small.garden, 90)
    small.bureau = small.officer()
    post = acting(small.bureau).acting
    for scope, yuan in (("public", 600), ("inclusive", 500)):
        FundingStandard.objects.create(
            region=small.county, scope=scope, yuan_per_year=yuan, counted_year_before=False,
            counted_month=10, document="示例文件", valid_from=dt.date(2026, 1, 1),
        )  # fmt: skip
    small.payment = FundingPayment.objects.create(
        kindergarten=small.garden, year=2026, kind="per_child", paid_on=dt.date(2026, 6, 1),
        yuan=Decimal(20_000), document="示例拨款文件", entered_as=post, entered_at=NOW,
    )  # fmt: skip
    return small


def test_the_list_says_who_is_short_and_what_is_not_known(scene: SmallCounty) -> None:
    with travel(NOW, tick=False):
        client = client_of(scene.bureau)
        page = client.get(reverse(LIST)).content.decode()
        for said in (
            "54,000",
            "拨付不足34,000元",
            "222.22",
            "2026年10月没有已接收的月报，报送并接收后再算",
            "应于2027年6月30日（含）前交",
        ):
            assert said in page
        short = client.get(reverse(LIST) + "?money=short").content.decode()
        assert "示例一园" in short
        assert "示例二园" not in short
        overdue = client.get(reverse(LIST) + "?year=2025&audit=overdue").content.decode()
        assert "逾期128天没交" in overdue
        assert "示例一园" not in overdue
        for nonsense in ("2027", "2014", "二〇二六"):
            assert client.get(reverse(LIST), {"year": nonsense}).status_code == 404
        file = client.get(reverse("funding-export", args=[scene.county.code, "xlsx"]))
        rows = CalamineWorkbook.from_filelike(
            io.BytesIO(b"".join(file.streaming_content))
        ).get_sheet_by_index(0).to_python()  # fmt: skip
        assert next(row for row in rows if "示例一园" in row)[8:13] == [
            90,
            54_000,
            20_000,
            -34_000,
            222.22,
        ]
        above = client_of(scene.officer(scene.city, "city_officer")).get(reverse(LIST))
        assert "甲县" in above.content.decode()


def test_aid_is_summed_in_times_and_says_who_filed_both_halves(scene: SmallCounty) -> None:
    post = acting(scene.bureau).acting
    aided(scene.garden, post)
    AidCount.objects.unscoped("the test's own").update(half="second")
    for one in (scene.garden, scene.recognised):
        aided(one, post)
    with travel(NOW, tick=False):
        page = client_of(scene.bureau).get(reverse(LIST) + "?year=2025").content.decode()
    assert "9,000元，2所填报，1所两个半年都报" in page
    assert "3,000，只报一个半年" in page


def test_as_few_queries_however_many(scene: SmallCounty) -> None:
    with travel(NOW, tick=False):
        client = client_of(scene.bureau)
        of_one = reverse("kindergarten-funding", args=[scene.garden.code])

        def asked(address: str) -> int:
            client.get(address)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert client.get(address).status_code == 200
            return len(queries)

        few, of_few = asked(reverse(LIST)), asked(of_one)
        town = scene.garden.organisation.region
        for number in range(4):
            one = scene.kindergarten(town, f"示例{number}号园", ownership="inclusive_private")
            scene.file(one, 30)
        assert asked(reverse(LIST)) == few <= 30
        assert asked(of_one) == of_few <= 30


def test_a_payment_is_typed_asked_about_and_withdrawn(scene: SmallCounty) -> None:
    with travel(NOW, tick=False):
        client = client_of(scene.bureau)
        form = reverse("funding-payment-new", args=[scene.garden.code])
        good: dict[str, Any] = {
            "year": "2026", "kind": "per_child", "paid_on": "2026-06-01", "yuan": "￥20,000元",
            "document": "示例拨款文件",
        }  # fmt: skip
        for changed, said in (
            ({"yuan": "2万"}, "请填数字"), ({"yuan": "-5"}, "不能是负数"),
            ({"yuan": "5.505"}, "小数最多2位"), ({"yuan": "0"}, "要大于0"),
            ({"paid_on": "2026-11-06"}, "还没到"), ({"document": ""}, "请写拨款文件"),
        ):  # fmt: skip
            answer = client.post(form, good | changed)
            assert answer.status_code == 422
            assert said in answer.content.decode()
            assert all(one in answer.content.decode() for one in changed.values())
        twin = client.post(form, good)
        assert "确实是另一笔" in twin.content.decode()
        assert client.post(form, good | {"another": "on"}).status_code == 302
        client.post(
            reverse("funding-payment-withdraw", args=[scene.payment.pk]), {"reason": "登记了两遍"}
        )
        page = client.get(
            reverse("kindergarten-funding", args=[scene.garden.code])
        ).content.decode()
        assert "已撤销：登记了两遍" in page
        assert "拨付不足34,000元" in page


def test_a_director_reads_the_own_one_and_files_aid(scene: SmallCounty) -> None:
    director = scene.person("园长", scene.garden.organisation, "director")
    with travel(NOW, tick=False):
        client = client_of(director)
        own = reverse("kindergarten-funding", args=[scene.garden.code])
        page = client.get(own).content.decode()
        form = reverse("kindergarten-aid", args=[scene.garden.code, 2026, "second"])
        assert form in page
        assert reverse("funding-payment-new", args=[scene.garden.code]) not in page
        typed = {f"{kind}-children": "0" for kind in AidCount.Kind.values}
        seen = {"seen": client.get(form).context["form"]["seen"].value()}
        told = client.post(form, typed | seen | {"orphan-children": "91", "orphan-yuan": "9100"})
        assert "2026年10月月报在园90名" in told.content.decode()
        told = client.post(form, typed | seen | {"orphan-children": "1"})
        assert "请填资助金额" in told.content.decode()
        assert client.post(
            form, typed | seen | {"orphan-children": "1", "orphan-yuan": "1500"}
        ).status_code == 302  # fmt: skip
        assert "1,500" in client.get(own).content.decode()
        future = reverse("kindergarten-aid", args=[scene.garden.code, 2027, "first"])
        assert client.get(future).status_code == 404
