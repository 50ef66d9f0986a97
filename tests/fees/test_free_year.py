"""Claims of the free year: filed from the return, approved by another, paid within what is approved."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounts.access.acting import choose_membership
from accounts.history.tracking import TRACKED
from accounts.models import Region, User
from fees.free_year.selectors import FreeMonth, months_of_kindergarten, months_of_region
from fees.free_year.services.claims import file_claim, withdraw_claim
from fees.free_year.services.deciding import (
    approve_as_filed,
    approve_claim,
    record_payment,
    return_claim,
    withdraw_payment,
)
from fees.free_year.stamps import claim_stamp, figures_stamp
from fees.free_year.standards import STANDARD
from fees.models import FreeYearStandard, ScheduledFee, SubsidyClaim, SubsidyPayment
from fees.services import FeeRefused
from kindergartens.dated.services import RowRefused, set_row
from kindergartens.models import ClassCount, Kindergarten, MonthlyFiling
from tests.conftest import acting
from tests.signing_in import client_of
from tests.small_county import NOW, OCTOBER, SINCE, SmallCounty, more_of_a_class

pytestmark = pytest.mark.django_db
D = Decimal
NOBODY = "the test's own"


@pytest.fixture(autouse=True)
def on_the_day() -> Any:
    with time_machine.travel(NOW, tick=True):
        yield


def standard(region: Region, yuan: int, **more: Any) -> FreeYearStandard:
    return FreeYearStandard.objects.create(
        **{
            "region": region, "yuan_per_month": yuan, "document": f"{region.name}示例标准",
            "months_rule": "ten_months", "months_document": "示例办法", "valid_from": SINCE,
        } | more
    )  # fmt: skip


def garden(
    small: SmallCounty, name: str, *, large: int = 20, fee: int | None = 800, town: str = "甲镇",
    ownership: str = "inclusive_private", state: str = "accepted",
) -> Kindergarten:  # fmt: skip
    """With an October return of a small class and `large` children of 大班."""
    place = Region.objects.filter(name=town, county=small.county).first() or small.town(town)
    kindergarten = small.kindergarten(place, name, ownership=ownership)
    filing = small.file(kindergarten, 25, state=state)
    count(filing, 1, large)
    if fee is not None:
        ScheduledFee.objects.create(
            kindergarten=kindergarten, item="care_education_fee", scope="all", amount=fee,
            unit="month", valid_from=SINCE, document="示例文件", entered_at=NOW,
            entered_as=filing.versions.first().submitted_as,
        )  # fmt: skip
    return kindergarten


def count(filing: MonthlyFiling, version: int, large: int, **more: Any) -> None:
    ClassCount.objects.create(
        **{
            "filing_version": filing.versions.get(version=version), "position": 9,
            "name": "大一班", "grade": "large", "boys": large, "girls": 0, "age5": large,
        } | more_of_a_class(large) | more
    )  # fmt: skip


def correct(kindergarten: Kindergarten, large: int) -> None:
    """A second version of the return was accepted."""
    filing = MonthlyFiling.objects.unscoped(NOBODY).get(kindergarten=kindergarten)
    last = filing.versions.get()
    last.pk, last.version = None, 2
    last.save()
    MonthlyFiling.objects.unscoped(NOBODY).filter(pk=filing.pk).update(
        version=2, accepted_version=2
    )
    count(filing, 2, large)


def director(small: SmallCounty, kindergarten: Kindergarten) -> User:
    return acting(small.person("示例园长", kindergarten.organisation, "director"))


def month_of(by: User, kindergarten: Kindergarten) -> FreeMonth:
    [one] = months_of_kindergarten(by, kindergarten, [OCTOBER])
    return one


def filed(by: User, kindergarten: Kindergarten) -> SubsidyClaim:
    return file_claim(
        kindergarten_id=kindergarten.pk, month=OCTOBER, by=by, now=NOW,
        seen=figures_stamp(month_of(by, kindergarten)),
    )  # fmt: skip


def again(claim: SubsidyClaim) -> SubsidyClaim:
    return SubsidyClaim.objects.unscoped(NOBODY).get(pk=claim.pk)


def approve(
    by: User, claim: SubsidyClaim, children: int, reason: str = "", **more: Any
) -> SubsidyClaim:
    ask: dict[str, Any] = {
        "claim_id": claim.pk, "children": children, "waived": claim.waived, "reason": reason,
        "by": by, "now": NOW,
    }  # fmt: skip
    if "seen" not in more:
        more["seen"] = figures_stamp(month_of(by, claim.kindergarten))
    return approve_claim(**ask | more)


def pay(by: User, claim: SubsidyClaim, amount: str, **more: Any) -> SubsidyPayment:
    ask: dict[str, Any] = {
        "claim_id": claim.pk, "amount": D(amount), "paid_on": NOW.date(), "document": "示例凭证1号",
        "seen": claim_stamp(again(claim)), "by": by, "now": NOW, "today": NOW.date(),
    }  # fmt: skip
    return record_payment(**ask | more)


def test_the_nearest_place_and_the_mixed_class(small: SmallCounty) -> None:
    kindergarten = garden(small, "示例一园")
    by = acting(small.officer())
    assert month_of(by, kindergarten).computed is None
    above = standard(small.city, 600)
    assert month_of(by, kindergarten).computed == 20 * 600
    own = standard(small.county, 500)
    standard(small.other_county, 900)
    filing = MonthlyFiling.objects.unscoped(NOBODY).get(kindergarten=kindergarten)
    count(filing, 1, 9, position=10, name="混合班", grade="mixed", age4=2, age5=6, age6=1)
    waiver = month_of(by, kindergarten).waiver
    assert waiver is not None
    # Seven of nine are five or older; the row of the county holds though the city's is higher.
    assert (waiver.children, waiver.waived, waiver.parents_pay) == (27, 500, 300)
    FreeYearStandard.objects.filter(pk=own.pk).update(hours="half_day")
    assert month_of(by, kindergarten).standard == above


def test_only_an_accepted_return_and_only_once(small: SmallCounty) -> None:
    standard(small.county, 500)
    waiting = garden(small, "示例二园", state="submitted")
    with pytest.raises(FeeRefused, match="月报还没有接收"):
        filed(director(small, waiting), waiting)
    kindergarten = garden(small, "示例一园")
    by = director(small, kindergarten)
    claim = filed(by, kindergarten)
    assert (claim.children, claim.waived, claim.amount) == (20, 500, 10_000)
    assert claim.filing_version.version == 1
    with pytest.raises(FeeRefused, match="已经申报过了"):
        filed(by, kindergarten)
    with pytest.raises(FeeRefused, match="页面打开以后"):
        file_claim(kindergarten_id=kindergarten.pk, month=OCTOBER, seen="long ago", by=by, now=NOW)
    claim.pk = None
    with pytest.raises(IntegrityError, match="one_subsidy_claim_a_month"), transaction.atomic():
        claim.save()
    # Nobody else's, and no officer.
    for person in (director(small, waiting), acting(small.officer())):
        with pytest.raises(PermissionDenied):
            file_claim(kindergarten_id=kindergarten.pk, month=OCTOBER, seen="", by=person, now=NOW)


def test_sent_back_filed_again_withdrawn_and_filed_anew(small: SmallCounty) -> None:
    standard(small.county, 500)
    kindergarten = garden(small, "示例一园")
    by, officer = director(small, kindergarten), acting(small.officer())
    claim = filed(by, kindergarten)
    return_claim(
        claim_id=claim.pk, reason="人数不对", seen=claim_stamp(again(claim)), by=officer, now=NOW
    )
    correct(kindergarten, 18)
    same = filed(by, kindergarten)
    assert (same.pk, same.step, same.amount, same.filing_version.version) == (
        claim.pk, "filed", 9_000, 2,
    )  # fmt: skip
    kept = TRACKED[SubsidyClaim].copies(NOBODY).filter(pgh_obj_id=claim.pk, step="returned").get()
    assert (kept.reason, kept.amount) == ("人数不对", 10_000)
    withdraw_claim(claim_id=claim.pk, reason="重复", by=by)
    with pytest.raises(SubsidyClaim.DoesNotExist):
        approve(officer, claim, 18, seen="")
    assert filed(by, kindergarten).pk != claim.pk


def test_another_number_needs_a_reason_and_another_person(small: SmallCounty) -> None:
    standard(small.county, 500)
    kindergarten = garden(small, "示例一园")
    by = director(small, kindergarten)
    claim = filed(by, kindergarten)
    officer = acting(small.officer())
    with pytest.raises(FeeRefused, match="请写明原因") as refusal:
        approve(officer, claim, 19)
    assert refusal.value.field == "reason"
    # The director's own second post at the bureau does not make it another person.
    post = officer.memberships.get()
    own = by.memberships.create(organisation=post.organisation, role=post.role, valid_from=SINCE)
    both = User.objects.get(pk=by.pk)
    choose_membership(both, own.pk, today=NOW.date())
    with pytest.raises(FeeRefused, match="您自己申报"):
        approve(both, claim, 20)
    with pytest.raises(IntegrityError), transaction.atomic():
        SubsidyClaim.objects.unscoped(NOBODY).filter(pk=claim.pk).update(
            step="approved",
            decided_as=own,
            decided_at=NOW,
            approved_children=20,
            approved_waived=500,
            approved=10_000,
        )
    done = approve(officer, claim, 19, "一名幼儿已转走")
    assert (done.approved, done.state) == (9_500, "approved")
    # Corrected afterwards: the claim says what is owed or to be given back, and nothing moves by itself.
    correct(kindergarten, 15)
    one = month_of(by, kindergarten)
    assert (one.differs, one.difference, again(claim).approved) == (True, -2_000, 9_500)
    page = client_of(by).get(
        reverse("kindergarten-free-year-month", args=[kindergarten.code, "2026-10"])
    )
    assert (
        "月报更正到第2版（核定按第1版），幼儿由20人变为15人，比核定的少2,000元，应退。"
        in page.content.decode()
    )


def test_paid_in_parts_never_above_and_taken_back(small: SmallCounty) -> None:
    standard(small.county, 500)
    kindergarten = garden(small, "示例一园")
    claim = filed(director(small, kindergarten), kindergarten)
    officer = acting(small.officer())
    with pytest.raises(FeeRefused, match="核定以后"):
        pay(officer, claim, "100")
    approve(officer, claim, 20)
    seen = claim_stamp(again(claim))
    first = pay(officer, claim, "4000.50")
    # The same form sent twice is one payment.
    with pytest.raises(FeeRefused, match="页面打开以后"):
        pay(officer, claim, "4000.50", seen=seen)
    assert again(claim).state == "part_paid"
    with pytest.raises(FeeRefused, match=r"5999\.50元"):
        pay(officer, claim, "5999.51")
    with pytest.raises(FeeRefused, match="今天以后"):
        pay(officer, claim, "1", paid_on=NOW.date() + dt.timedelta(days=1))
    with pytest.raises(FeeRefused, match="不能退回"):
        return_claim(
            claim_id=claim.pk, reason="错", seen=claim_stamp(again(claim)), by=officer, now=NOW
        )
    with pytest.raises(FeeRefused, match="不能比它少"):
        approve(officer, claim, 8, "重复")
    pay(officer, claim, "5999.50")
    assert again(claim).state == "paid"
    with pytest.raises(IntegrityError, match="subsidy_paid_within"), transaction.atomic():
        SubsidyClaim.objects.unscoped(NOBODY).filter(pk=claim.pk).update(paid=D("10000.01"))
    withdraw_payment(payment_id=first.pk, reason="登记重复", by=officer, now=NOW)
    assert again(claim).paid == D("5999.50")
    with pytest.raises(FeeRefused, match="已经撤销"):
        withdraw_payment(payment_id=first.pk, reason="登记重复", by=officer, now=NOW)
    with pytest.raises(SubsidyClaim.DoesNotExist):
        pay(acting(small.officer(small.other_county)), claim, "1")


def test_what_is_typed_is_told_at_its_field_and_kept(small: SmallCounty) -> None:
    standard(small.county, 500)
    kindergarten = garden(small, "示例一园")
    claim = filed(director(small, kindergarten), kindergarten)
    officer = small.officer()
    approve(acting(officer), claim, 20)
    client = client_of(officer)
    url = reverse("subsidy-claim-pay", args=[claim.pk])
    typed = {"paid_on": "2026-11-04", "document": "示例凭证", "seen": claim_stamp(again(claim))}
    for amount, said in (
        ("-1", "0.01"),
        ("100.505", "小数"),
        ("一百", "数字"),
        ("10001", "不能超过"),
    ):
        answer = client.post(url, typed | {"amount": amount})
        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert f'value="{amount}"' in answer.content.decode()
    assert client.post(url, typed | {"amount": "￥1，000.00元"}).status_code == 302
    assert again(claim).paid == 1000


def test_a_new_standard_ends_the_former(small: SmallCounty) -> None:
    by = acting(small.officer())
    values: dict[str, Any] = {
        "hours": "any", "document": "示例文件", "months_rule": "ten_months",
        "months_document": "示例办法",
    }  # fmt: skip

    def put(by: User, yuan: int, since: dt.date) -> None:
        row = values | {"yuan_per_month": D(yuan), "valid_from": since}
        set_row(kind=STANDARD, values=row, by=by, today=NOW.date())

    put(by, 500, SINCE)
    put(by, 550, OCTOBER)
    on = FreeYearStandard.objects.in_force
    assert [row.yuan_per_month for row in on(OCTOBER - dt.timedelta(days=1))] == [500]
    assert [row.yuan_per_month for row in on(OCTOBER)] == [550]
    with pytest.raises(RowRefused, match="更晚的一天"):
        put(by, 560, OCTOBER)
    with pytest.raises(PermissionDenied):
        put(acting(small.officer(small.city, "city_officer")), 560, NOW.date())


def test_the_county_sees_every_kindergarten_and_approves_the_ticked(small: SmallCounty) -> None:
    standard(small.county, 500)
    standard(small.other_county, 500)
    first, free = garden(small, "示例一园"), garden(small, "示例二园", fee=400)
    garden(small, "示例三园", fee=None)
    small.kindergarten(first.organisation.region, "示例没报园")
    strange = small.kindergarten(small.town("邻镇", county=small.other_county), "邻县园")
    small.file(strange, 20)
    small.settle()
    claims = [filed(director(small, one), one) for one in (first, free)]
    officer = small.officer()
    client = client_of(officer)
    url = reverse("free-year") + "?when=2026-10"
    client.get(url)
    with CaptureQueriesContext(connection) as before:
        page = client.get(url).content.decode()
    assert "应补至少18,000元" in page
    assert "2所算不出来" in page
    assert "没有登记当时执行的大班保教费" in page
    # Where 大班 is still published at what it was, the page says so.
    assert "大班标准没有降" in page
    assert "月报还没有接收" in page
    assert "邻县园" not in page
    for number in range(3):
        one = garden(small, f"示例新{number}园", town="乙镇")
        filed(director(small, one), one)
    with CaptureQueriesContext(connection) as after:
        page = client.get(url).content.decode()
    assert len(after) == len(before)
    assert page.count('name="claim"') == 5
    # One moved since the page was opened: it is left out and named.
    by = acting(officer)
    seen = {one.pk: figures_stamp(month_of(by, one.kindergarten)) for one in claims}
    approve(acting(officer), claims[0], 19, "一名已转走")
    answer = client.post(
        reverse("free-year-approve", args=[small.county.code]) + "?when=2026-10",
        {"claim": [f"{pk}:{stamp}" for pk, stamp in seen.items()]}, follow=True,
    ).content.decode()  # fmt: skip
    assert "已按申报核定1所" in answer
    assert "示例一园：已经办过" in answer
    assert [again(claim).approved for claim in claims] == [9_500, 8_000]
    pay(acting(officer), claims[1], "3000")
    sheet = load_workbook(
        io.BytesIO(
            b"".join(
                client.get(
                    reverse("free-year-export", args=[small.county.code, "xlsx"]) + "?when=2026"
                ).streaming_content
            )
        )
    ).active
    assert sheet is not None
    rows = [row for row in sheet.iter_rows(values_only=True) if row[0] == small.county.name]
    october = [row for row in rows if row[4] == "2026年10月"]
    assert len(october) == 7
    assert sum(row[12] for row in october if row[12] is not None) == 18_000 + 3 * 10_000
    assert [row[16] for row in october if row[2] == "示例二园"] == [5_000]
    year = client.get(reverse("free-year") + "?when=2026").content.decode()
    assert "2026学年" in year
    town = Region.objects.get(name="乙镇", county=small.county)
    of_town = client.get(reverse("free-year-region", args=[town.code]) + "?when=2026-10")
    assert "应补30,000元" in of_town.content.decode()
    assert len(months_of_region(by, small.county, [OCTOBER])) == 7
    assert approve_as_filed(seen={10**6: "x"}, by=by, now=NOW)[1] == [
        (10**6, "已经办过，或不在您的范围内")
    ]
