"""Figures that move after a claim was filed: who acts on what they saw, and what it rests on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from fees.free_year.presenters import line
from fees.free_year.rules import Unknown
from fees.free_year.services.deciding import approve_as_filed
from fees.free_year.stamps import figures_stamp
from fees.models import Charge, FeeCeiling, FreeYearStandard, ScheduledFee, SubsidyClaim
from fees.rules import FeeFacts
from fees.services import FeeRefused, correct_fee, record_fee
from reports.free_year.presenters import rows, states_of
from tests.access.races.course import Course
from tests.conftest import acting
from tests.fees.test_free_year import (
    NOBODY,
    again,
    approve,
    correct,
    director,
    filed,
    garden,
    month_of,
    pay,
    standard,
)
from tests.signing_in import client_of
from tests.small_county import NOW, OCTOBER, SINCE, SmallCounty

D = Decimal
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_day() -> Any:
    with time_machine.travel(NOW, tick=True):
        yield


def test_a_standard_corrected_upwards_is_approved_anew_with_its_reason(small: SmallCounty) -> None:
    row = standard(small.county, 500)
    kindergarten = garden(small, "示例一园")
    claim = filed(director(small, kindergarten), kindergarten)
    user = small.officer()
    officer = acting(user)
    approve(officer, claim, 20, "和考勤核对过")
    client = client_of(user)
    url = reverse("kindergarten-free-year-month", args=[kindergarten.code, "2026-10"])
    page = client.get(url).content.decode()
    # A word beside an approval as claimed says nothing of a difference.
    assert "核定说明" in page
    assert "核定和申报不一样" not in page
    pay(officer, claim, "10000")
    FreeYearStandard.objects.filter(pk=row.pk).update(yuan_per_month=550)
    one = month_of(officer, kindergarten)
    assert line(one).moved == "每生减免由500元变为550元，比核定的多1,000元，应补。"
    # What is offered is what is computed; nobody is worth more than that, and nothing goes unsaid.
    form = client.get(reverse("subsidy-claim-approve", args=[claim.pk])).content.decode()
    assert 'value="550"' in form, form[form.index("核定每生") :][:600]
    with pytest.raises(FeeRefused, match="不能比它多") as refusal:
        approve(officer, claim, 20, "多给", waived=D("550.01"))
    assert refusal.value.field == "waived"
    with pytest.raises(FeeRefused, match="请写明原因"):
        approve(officer, claim, 20, waived=D(550))
    done = approve(officer, claim, 20, "标准更正为550元", waived=D(550))
    assert (done.approved, done.waived, done.amount, done.paid) == (11_000, 500, 10_000, 10_000)
    one = month_of(officer, kindergarten)
    assert (one.differs, line(one).moved) == (False, "")
    assert states_of(rows([one], of_one_month=True)[0]) == {"to_pay"}
    assert "核定和申报不一样" in client.get(url).content.decode()
    # Another number than is computed may be approved with a reason; that has not moved either.
    approve(officer, claim, 19, "一名已转走", waived=D(550))
    assert not month_of(officer, kindergarten).differs
    for broken in ({"approved": 11_001}, {"approved_waived": 500, "approved": 9500, "reason": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            SubsidyClaim.objects.unscoped(NOBODY).filter(pk=claim.pk).update(**broken)


def test_nobody_approves_what_moved_since_the_page(small: SmallCounty) -> None:
    row = standard(small.county, 500)
    kindergarten = garden(small, "示例一园")
    claim = filed(director(small, kindergarten), kindergarten)
    officer = acting(small.officer())
    seen = figures_stamp(month_of(officer, kindergarten))
    FreeYearStandard.objects.filter(pk=row.pk).update(yuan_per_month=400)
    with pytest.raises(FeeRefused, match="页面打开以后"):
        approve(officer, claim, 20, seen=seen)
    assert "页面打开以后" in approve_as_filed(seen={claim.pk: seen}, by=officer, now=NOW)[1][0][1]
    # Ticked with figures that are another's than the claim's, though no box was offered.
    seen = figures_stamp(month_of(officer, kindergarten))
    [(_, why)] = approve_as_filed(seen={claim.pk: seen}, by=officer, now=NOW)[1]
    assert "现在每生减免算得400元" in why
    correct(kindergarten, 18)
    FreeYearStandard.objects.filter(pk=row.pk).update(yuan_per_month=500)
    seen = figures_stamp(month_of(officer, kindergarten))
    [(_, why)] = approve_as_filed(seen={claim.pk: seen}, by=officer, now=NOW)[1]
    assert "核定不能比它多" in why
    assert again(claim).step == "filed"


def test_lines_of_new_entrants_and_a_published_price_that_was_not_lowered(
    small: SmallCounty,
) -> None:
    standard(small.county, 500)
    kindergarten = garden(small, "示例一园", fee=450, ownership="public")
    officer = acting(small.officer())
    assert line(month_of(officer, kindergarten)).doubt == (
        "收费标准里大班仍是450元/月，减免后应交0元，请登记减免后的标准"
    )
    care = FeeFacts(
        item="care_education_fee", name="", scope="large", hours="any", amount=D(0), unit="month",
        valid_from=SINCE, document="示例文件", before_waiver=D(450),
    )  # fmt: skip
    ask: dict[str, Any] = {"kindergarten": kindergarten, "by": officer, "now": NOW}
    record_fee(facts=care, **ask)
    assert line(month_of(officer, kindergarten)).doubt == ""
    new = vars(care) | {
        "scope": "all", "amount": D(600), "before_waiver": None, "entrants": "new",
        "valid_from": SINCE + dt.timedelta(days=1),
    }  # fmt: skip
    record_fee(facts=FeeFacts(**new), **ask)
    assert month_of(officer, kindergarten).result is Unknown.NEW_ENTRANTS


def test_an_amount_before_the_waiver_is_held_when_it_is_recorded(small: SmallCounty) -> None:
    kindergarten = garden(small, "示例一园", fee=450, ownership="public")
    officer = acting(small.officer())
    ask: dict[str, Any] = {"kindergarten": kindergarten, "by": officer, "now": NOW}
    care = FeeFacts(
        item="care_education_fee", name="", scope="mixed", hours="any", amount=D(0), unit="month",
        valid_from=OCTOBER, document="示例文件", before_waiver=D(451),
    )  # fmt: skip
    with pytest.raises(FeeRefused, match=r"比全园的450\.00元高") as refusal:
        record_fee(facts=care, **ask)
    assert refusal.value.field == "before_waiver"
    fee = record_fee(facts=FeeFacts(**vars(care) | {"before_waiver": D(450)}), **ask)
    FeeCeiling.objects.create(
        region=small.county, scope="public", yuan_per_month=440, document="示例限价",
        valid_from=OCTOBER,
    )  # fmt: skip
    with pytest.raises(FeeRefused, match=r"高于最高限价440\.00元"):
        correct_fee(
            fee_id=fee.pk, facts=FeeFacts(**vars(care) | {"before_waiver": D(450)}),
            reason="笔误", seen=None, by=officer,
        )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        ScheduledFee.objects.filter(pk=fee.pk).update(scope="small")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["officer", "director"])
def test_an_approval_and_a_filing_anew_at_once_leave_one_of_them(
    first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = SmallCounty()
    standard(small.county, 500)
    kindergarten = garden(small, "示例一园")
    by, officer = director(small, kindergarten), acting(small.officer())
    claim = filed(by, kindergarten)
    correct(kindergarten, 18)
    seen = figures_stamp(month_of(officer, kindergarten))
    acts: dict[str, Callable[[], object]] = {
        "officer": lambda: approve(officer, claim, 18, "按考勤", seen=seen),
        "director": lambda: filed(by, kindergarten),
    }
    read = {
        "officer": "fees.free_year.services.deciding.held_claim",
        "director": "fees.free_year.services.claims.months_of_kindergarten",
    }
    course = Course(monkeypatch, read[first])
    course.run(acts.pop(first), acts.popitem()[1])
    assert [type(one) for one in course.failures] == [FeeRefused], course.failures
    left = again(claim)
    assert (left.step, left.amount, left.approved) == (
        ("approved", 10_000, 9_000) if first == "officer" else ("filed", 9_000, None)
    )


def test_no_more_children_than_the_return_has_and_none_asked_for_what_is_waived(
    small: SmallCounty,
) -> None:
    standard(small.county, 500)
    kindergarten = garden(small, "示例一园")
    claim = filed(director(small, kindergarten), kindergarten)
    officer = acting(small.officer())
    with pytest.raises(FeeRefused, match="幼儿20人，核定不能比它多") as refusal:
        approve(officer, claim, 21, "补报")
    assert refusal.value.field == "children"
    Charge.objects.create(
        filing_version=claim.filing_version, position=1, item="care_education_fee", scope="large",
        hours="any", unit="month", amount=D("300.01"), payers=20,
    )  # fmt: skip
    shown = line(month_of(officer, kindergarten))
    assert not shown.is_plain
    assert "大班实收300.01元/月，减免后应交300元" in shown.doubt
    with pytest.raises(FeeRefused, match="退了没有"):
        approve(officer, claim, 20)
    approve(officer, claim, 20, "已退回家长，见收据")
    pay(officer, claim, "100")
    with pytest.raises(FeeRefused, match="已经登记过"):
        pay(officer, claim, "100")
    pay(officer, claim, "100", document="示例凭证1号第2笔")
    assert again(claim).paid == 200
