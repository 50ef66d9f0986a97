"""What is given back of an over-charge: who records it, what is refused, what the pages say."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from fees.models import Charge, Repayment
from fees.overcharging import services
from fees.overcharging.selectors import Overcharge, overcharges, overcharges_of
from fees.overcharging.services import CHANGED, RepaymentFacts, repaid_stamp
from fees.services import FeeRefused
from kindergartens.models import MonthlyFiling
from tests.conftest import acting
from tests.reports.overcharging.test_page import charge
from tests.signing_in import client_of
from tests.small_county import NOW, OCTOBER, SmallCounty

pytestmark = pytest.mark.django_db
D = Decimal
TODAY = NOW.date()


@pytest.fixture
def scene(small: SmallCounty) -> SmallCounty:
    """20 children paid 50 too much of 保教费, and 3 more a day of what nobody can count."""
    small.place = small.town("甲镇")
    small.garden = small.kindergarten(small.place, "示例一园")
    small.filing = small.file(small.garden, 20)
    charge(small.filing, 650, 600)
    charge(small.filing, 18, 15, item="collected_on_behalf_fee", name="伙食费", unit="day")
    small.bureau = acting(small.officer())
    small.director = acting(small.person("园长", small.garden.organisation, "director"))
    return small


def care(scene: SmallCounty, by: Any = None) -> Overcharge:
    return next(
        one
        for one in overcharges_of(by or scene.bureau, scene.garden)
        if one.charge.item == "care_education_fee"
    )


def give(
    scene: SmallCounty, yuan: int = 600, by: Any = None, seen: str | None = None, **more: Any
) -> Repayment:
    by = by or scene.director
    one = more.pop("one", None) or care(scene)
    facts = {"repaid_on": TODAY, "children": 12, "yuan": D(yuan), "document": "示例收据"} | more
    return services.record_repayment(
        charge_id=one.charge.pk, facts=RepaymentFacts(**facts), by=by, now=NOW,
        seen=repaid_stamp(one) if seen is None else seen,
    )  # fmt: skip


def correct(scene: SmallCounty, amount: int) -> None:
    """Another version is accepted, in which so much was charged."""
    version = scene.filing.versions.latest("version")
    number = version.version + 1
    version.pk, version.version = None, number
    version.save()
    MonthlyFiling.objects.unscoped("the test's own").filter(pk=scene.filing.pk).update(
        version=number, accepted_version=number
    )
    scene.filing.refresh_from_db()
    charge(scene.filing, amount, 600)


def test_several_are_summed_and_more_than_owed_asks_why(scene: SmallCounty) -> None:
    give(scene, 600)
    give(scene, 300, by=scene.bureau)
    one = care(scene)
    assert (one.excess.refund, one.repaid, one.left) == (1000, 900, 100)
    with pytest.raises(FeeRefused) as refusal:
        give(scene, 101)
    assert refusal.value.field == "reason"
    last = give(scene, 101, reason="抹零多退1元")
    assert (last.owed, last.repaid_before) == (1000, 900)
    assert care(scene).left == 0
    # The database asks as well.
    with pytest.raises(IntegrityError), transaction.atomic():
        Repayment.objects.filter(pk=last.pk).update(reason="")
    with pytest.raises(IntegrityError), transaction.atomic():
        Repayment.objects.filter(pk=last.pk).update(repaid_on=OCTOBER - dt.timedelta(days=1))
    services.withdraw_repayment(repayment_id=last.pk, reason="登记错了", by=scene.director, now=NOW)
    assert care(scene).left == 100
    with pytest.raises(FeeRefused, match="已经撤销"):
        services.withdraw_repayment(repayment_id=last.pk, reason="再撤", by=scene.director, now=NOW)


def test_only_the_director_and_the_countys_officer(scene: SmallCounty) -> None:
    clerk = acting(scene.person("资料员", scene.garden.organisation, "kindergarten_clerk"))
    town = acting(scene.officer(scene.place, "town_officer"))
    for by in (clerk, town):
        with pytest.raises(PermissionDenied):
            give(scene, by=by)
    other = scene.kindergarten(scene.place, "示例二园")
    strange = acting(scene.person("邻园长", other.organisation, "director"))
    with pytest.raises(Charge.DoesNotExist):
        give(scene, by=strange)
    by_county = give(scene, by=scene.bureau)
    with pytest.raises(FeeRefused, match="教育局登记的"):
        services.withdraw_repayment(
            repayment_id=by_county.pk, reason="不是我们的", by=scene.director, now=NOW
        )


def test_a_corrected_return_keeps_what_was_given_back(scene: SmallCounty) -> None:
    give(scene, 600)
    before = care(scene)
    correct(scene, 620)
    # What the form was opened with is no longer what counts.
    with pytest.raises(FeeRefused, match="月报更正以后"):
        give(scene, 100, one=before)
    one = care(scene)
    assert (one.excess.refund, one.repaid, one.left) == (400, 600, 0)
    with pytest.raises(FeeRefused, match=CHANGED):
        give(scene, 100, reason="多退", seen=repaid_stamp(before))
    url = reverse("kindergarten-overcharged", args=[scene.garden.code])
    page = client_of(scene.director).get(url).content.decode()
    assert "登记退款时应退1,000元，月报更正后400元" in page
    # Nothing is too much any more: it is shown apart, and is in no sum.
    correct(scene, 600)
    client = client_of(scene.director)
    page = client.get(url).content.decode()
    assert "不计入上面的退款" in page
    assert "月报更正后不再算多收" in page
    region = client_of(scene.bureau).get(reverse("overcharging") + "?month=2026-10")
    assert "另有1笔退款共600元" in region.content.decode()
    assert [one.repaid for one in overcharges(scene.bureau, scene.county, OCTOBER)] == []


def test_the_pages_and_the_file_say_what_is_left(scene: SmallCounty) -> None:
    client, officer = client_of(scene.director), client_of(scene.bureau)
    own, area = reverse("own-overcharged"), reverse("overcharging") + "?month=2026-10"
    page = client.get(own).content.decode()
    assert "2项收费超标，应退至少1,000元，已退0元，还应退至少1,000元" in page
    new = reverse("repayment-new", args=[scene.garden.code, care(scene).charge.pk])
    form = client.get(new).context["form"]
    assert (form.initial["children"], form.initial["yuan"]) == (20, 1000)
    typed = {"repaid_on": "2026-11-05", "children": "12", "yuan": "600", "document": "示例收据1号",
             "seen": form.initial["seen"]}  # fmt: skip
    kept = client.post(new, typed | {"children": "21"})
    assert kept.status_code == 422
    assert "示例收据1号" in kept.content.decode()
    assert client.post(new, typed).status_code == 302
    # The same page sent twice records once.
    assert client.post(new, typed).status_code == 422
    assert Repayment.objects.visible_to(scene.bureau).count() == 1
    client.get(own), officer.get(area)
    with CaptureQueriesContext(connection) as before:
        page = client.get(own).content.decode()
    with CaptureQueriesContext(connection) as before_area:
        officer.get(area)
    assert "示例收据1号" in page
    one = next(
        one for one in overcharges_of(scene.bureau, scene.garden) if one.charge.unit == "day"
    )
    give(scene, 60, one=one)
    give(scene, 100, by=scene.bureau)
    other = scene.file(scene.kindergarten(scene.town("乙镇"), "示例二园"), 20)
    charge(other, 700, 600)
    charge(scene.filing, 300, None, item="service_fee", name="英语兴趣班")
    with CaptureQueriesContext(connection) as after:
        page = client.get(own).content.decode()
    with CaptureQueriesContext(connection) as after_area:
        seen = officer.get(area).content.decode()
    assert len(after) == len(before)
    assert len(after_area) == len(before_area)
    # Of what nobody can compute nothing is paid off, and it pays nothing else.
    assert "应退至少7,000元，已退760元，还应退至少6,300元" in page
    assert "已登记退还760元，还应退至少8,300元" in seen
    url = reverse("overcharging-export", args=[scene.county.code, "xlsx"]) + "?month=2026-10"
    book = load_workbook(io.BytesIO(b"".join(officer.get(url).streaming_content))).active
    assert book is not None
    rows = [row for row in book.iter_rows(values_only=True) if row[2] == "示例一园"]
    assert [row[11:14] for row in rows] == [(1000, 700, 300), (None, 60, None), (6000, 0, 6000)]
    assert "退12人600元（示例收据1号）" in str(rows[0][14])
