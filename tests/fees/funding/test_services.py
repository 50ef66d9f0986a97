"""Standards of the own county, payments, aid: who may, what is refused, what stays."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from time_machine import travel

from accounts.models import Region
from fees.funding import services
from fees.funding.audits import AuditState
from fees.funding.forms import StandardForm
from fees.funding.presenters import why_not_due
from fees.funding.rules import Aided, AidOfYear, State, Why, total
from fees.funding.selectors import Entry, entries, halves_of, of_year
from fees.funding.services import PaidTwice, PaymentFacts, stamp_of_aid
from fees.funding.standards import STANDARD
from fees.models import AidCount, FundingPayment, FundingStandard
from fees.services import FeeRefused
from kindergartens.dated.services import RowRefused, correct_row, end_row, set_row
from kindergartens.models import Kindergarten, KindergartenStatus
from kindergartens.stamps import CHANGED_SINCE, stamp_of
from tests.conftest import acting
from tests.signing_in import client_of
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty

pytestmark = pytest.mark.django_db
TODAY, YEAR = NOW.date(), 2026
NEW_YEAR = dt.date(2026, 1, 1)


@pytest.fixture
def scene(small: SmallCounty) -> SmallCounty:
    """Of 2026, by the returns of that October: a public one, a recognised one, and one of neither."""
    small.place = small.town("甲镇")
    small.garden = small.kindergarten(small.place, "示例一园")
    small.recognised = small.kindergarten(small.place, "二园", ownership="inclusive_private")
    small.market = small.kindergarten(small.place, "三园", ownership="non_inclusive_private")
    small.bureau = acting(small.officer())
    small.director = acting(small.person("园长", small.garden.organisation, "director"))
    small.file(small.garden, 90, nursery=12)
    return small


def standard(region: Region, yuan: int, scope: str = "public", **more: Any) -> FundingStandard:
    given = {
        "region": region, "scope": scope, "yuan_per_year": yuan, "counted_year_before": False,
        "counted_month": 10, "document": "示例文件", "valid_from": NEW_YEAR,
    }  # fmt: skip
    return FundingStandard.objects.create(**given | more)


def pay(scene: SmallCounty, yuan: str = "20000", **given: Any) -> FundingPayment:
    facts = PaymentFacts(
        YEAR, given.pop("kind", "per_child"), given.pop("paid_on", TODAY), Decimal(yuan),
        given.pop("document", "示例拨款文件"),
    )  # fmt: skip
    told = {"kindergarten": scene.garden, "facts": facts, "by": scene.bureau, "now": NOW}
    return services.record_payment(**told | given)


def entry(scene: SmallCounty, one: Kindergarten, year: int = YEAR) -> Entry:
    of = Kindergarten.objects.visible_to(scene.bureau).filter(of_year(year))
    return next(row for row in entries(of, year, TODAY) if row.pk == one.pk)


def test_due_is_the_standard_by_the_children_of_the_month(scene: SmallCounty) -> None:
    assert entry(scene, scene.garden).money.due.why == Why.NO_STANDARD
    standard(scene.county, 600)
    standard(scene.city.province, 500)
    # Begins within the year, so it holds from the next on.
    standard(scene.city, 900, valid_from=dt.date(2026, 1, 2))
    standard(scene.other_county, 700)
    found = entry(scene, scene.garden)
    # Without 托班, by the highest of the own places.
    assert (found.money.due.children, found.money.due.yuan) == (90, 54_000)
    assert [one.yuan for one in found.standards] == [600, 500]
    assert found.money.state == State.UNTOLD
    # A return that is not accepted counts as none: never as nobody.
    standard(scene.county, 500, "inclusive")
    scene.file(scene.recognised, 50, state="submitted")
    assert entry(scene, scene.recognised).money.due.why == Why.NO_RETURN
    assert entry(scene, scene.market).money.state == State.NOT_MEANT


NOVEMBER = dt.date(2026, 11, 1)
AS_PUBLIC = {"ownership": "public", "counts_public": True, "sponsor_type": "education"}


def becomes(one: Kindergarten, day: dt.date, **what: Any) -> None:
    rows = KindergartenStatus.objects.unscoped("the test's own").filter(kindergarten=one)
    row = rows.latest("valid_from")
    rows.filter(pk=row.pk).update(valid_to=day)
    row.pk, row.valid_from = None, day
    for name, value in what.items():
        setattr(row, name, value)
    row.save()


def test_what_it_was_in_the_month_decides_for_the_year(scene: SmallCounty) -> None:
    standard(scene.county, 600)
    standard(scene.county, 500, "inclusive", counted_month=9)
    scene.file(scene.recognised, 50, month=SEPTEMBER)
    assert entry(scene, scene.recognised).money.due.yuan == 25_000
    # Public from October on: recognised still on the last day of September.
    becomes(scene.recognised, OCTOBER, **AS_PUBLIC)
    found = entry(scene, scene.recognised)
    # As a public one it would be counted in October, when it was one.
    assert (found.scope, found.money.due.why, found.changed) == ("public", Why.NO_RETURN, True)
    FundingStandard.objects.filter(scope="public").update(counted_month=9)
    found = entry(scene, scene.recognised)
    assert (found.scope, found.money.due.yuan, found.changed) == ("inclusive", 25_000, True)


def test_one_that_changed_is_not_taken_for_one_that_is_not_meant(scene: SmallCounty) -> None:
    """Recognised until October, public since: in October, by which public ones are counted, it was none."""
    standard(scene.county, 600)
    becomes(scene.recognised, NOVEMBER, **AS_PUBLIC)
    found = entry(scene, scene.recognised)
    assert (found.scope, found.money.due.why) == ("inclusive", Why.NO_STANDARD)
    # Each scope's month with the other: entitled all the year, counted in neither.
    standard(scene.county, 500, "inclusive", counted_month=11)
    found = entry(scene, scene.recognised)
    assert (found.money.due.why, found.money.state) == (Why.CHANGED, State.UNKNOWN)
    assert "按拨款文件核定" in why_not_due(found)
    # Never meant in the month, recognised since: from the next year on.
    recognised = {"ownership": "inclusive_private", "counts_inclusive": True, "for_profit": False}
    becomes(scene.market, NOVEMBER, **recognised)
    FundingStandard.objects.filter(scope="inclusive").update(counted_month=10)
    found = entry(scene, scene.market)
    assert (found.scope, found.money.due.why, found.changed) == ("", Why.NOT_MEANT, True)
    assert "从下一年算" in why_not_due(found)


def test_what_was_paid_outside_is_told_apart(scene: SmallCounty) -> None:
    standard(scene.county, 600)
    pay(scene)
    pay(scene, "3000", kindergarten=scene.market)
    closed = scene.kindergarten(scene.place, "撤销园")
    becomes(closed, dt.date(2025, 7, 1), operating_state="closed")
    of = Kindergarten.objects.visible_to(scene.bureau).filter(of_year(YEAR))
    assert closed.pk not in {one.pk for one in entries(of, YEAR, TODAY)}
    pay(scene, "700", kindergarten=closed)
    found = entry(scene, closed)
    assert (found.money.state, found.money.due.why) == (State.OUTSIDE, Why.DID_NOT_RUN)
    sums = total(one.money for one in entries(of, YEAR, TODAY))
    assert (sums.paid, sums.outside, sums.outside_of) == (20_000, 3_700, 2)
    with travel(NOW, tick=False):
        client = client_of(scene.officer())
        page = client.get(reverse("funding")).content.decode()
        assert "付给不在范围的2所3,700元" in page
        shown = client.get(reverse("funding") + "?money=outside").content.decode()
    assert "撤销园" in shown
    assert "示例一园" not in shown
    assert "这一年没有在办，不拨。已付的请核对" in shown


def test_payments_add_up_and_a_mistake_is_withdrawn(scene: SmallCounty) -> None:
    standard(scene.county, 600)
    pay(scene)
    wrong = pay(scene, "34000.50", document="另一份")
    pay(scene, "5000", kind="reward", document="奖补")
    found = entry(scene, scene.garden)
    assert (found.money.paid, found.other_paid) == (Decimal("54000.50"), 5000)
    assert found.money.over == Decimal("0.50")
    services.withdraw_payment(payment=wrong, reason="金额写错", by=scene.bureau, now=NOW)
    assert entry(scene, scene.garden).money.over == -34_000
    with pytest.raises(FeeRefused, match="已经撤销"):
        services.withdraw_payment(payment=wrong, reason="再撤", by=scene.bureau, now=NOW)
    with pytest.raises(PaidTwice, match="同一文件"):
        pay(scene, paid_on=dt.date(2026, 3, 1))
    pay(scene, another=True)
    # What was withdrawn is no twin.
    pay(scene, "34000.50", document="另一份")
    with pytest.raises(FeeRefused, match="还没到"):
        pay(scene, paid_on=TODAY + dt.timedelta(days=1), document="新的")
    for person in (scene.director, acting(scene.officer(scene.other_county))):
        with pytest.raises(PermissionDenied):
            pay(scene, by=person, document="别人的")


def test_a_standard_is_set_corrected_and_ended(scene: SmallCounty) -> None:
    values = {
        "yuan_per_year": Decimal(500), "disabled_yuan_per_year": None, "counted_year_before": True,
        "counted_month": 9, "document": "示例文件", "valid_from": dt.date(2025, 1, 1),
    }  # fmt: skip
    values |= {"scope": "public"}
    ask: dict[str, Any] = {"kind": STANDARD, "by": scene.bureau, "today": TODAY}
    first: Any = set_row(values=values, **ask)
    with pytest.raises(RowRefused, match="更晚的一天"):
        set_row(values=values, **ask)
    less = StandardForm(values | {"counted_year_before": "1", "disabled_yuan_per_year": "400"})
    assert "适当提高" in less.errors["disabled_yuan_per_year"][0]
    second: Any = set_row(
        values=values | {"yuan_per_year": Decimal(600), "valid_from": NEW_YEAR}, **ask
    )
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.valid_to == NEW_YEAR
    seen = stamp_of(second, STANDARD.corrected)
    told: dict[str, Any] = {"kind": STANDARD, "pk": second.pk, "reason": "更正"}
    told |= {"by": scene.bureau, "today": TODAY}
    fixed = values | {"valid_from": NEW_YEAR, "valid_to": None, "yuan_per_year": Decimal(650)}
    correct_row(values=fixed, seen=seen, **told)
    with pytest.raises(RowRefused, match=CHANGED_SINCE[:6]):
        correct_row(values=fixed, seen=seen, **told)
    with pytest.raises(FundingStandard.DoesNotExist):
        end_row(
            kind=STANDARD, pk=second.pk, on=TODAY, reason="不相干",
            by=acting(scene.officer(scene.other_county)),
        )  # fmt: skip
    end_row(kind=STANDARD, pk=second.pk, on=TODAY, reason="废止", by=scene.bureau)
    assert not FundingStandard.objects.in_force(TODAY).exists()


def aid(scene: SmallCounty, half: str = "second", **given: Any) -> int:
    lines = dict.fromkeys(AidCount.Kind.values, Aided(0, 0)) | {
        "hardship": given.pop("hardship", Aided(4, 6_000))
    }
    told = {
        "kindergarten": scene.garden, "year": YEAR, "half": half, "lines": lines, "note": "",
        "seen": stamp_of_aid({}), "reason": "", "by": scene.director, "now": NOW,
    }  # fmt: skip
    return services.record_aid(**told | given)


def test_aid_is_told_whole_and_by_the_kindergarten(scene: SmallCounty) -> None:
    with pytest.raises(FeeRefused, match="在园90名") as refusal:
        aid(scene, hardship=Aided(91, 9_100))
    assert refusal.value.field == "note"
    # Of the first half no return is there to tell more from.
    assert aid(scene, "first", hardship=Aided(91, 9_100)) == 5
    assert aid(scene, hardship=Aided(91, 9_100), note="3名9月离园") == 5
    [second, first] = halves_of(scene.director, scene.garden)
    assert (second.half, second.note, second.total) == ("second", "3名9月离园", Aided(91, 9_100))
    with pytest.raises(FeeRefused, match=CHANGED_SINCE[:6]):
        aid(scene)
    with pytest.raises(FeeRefused, match="为什么更正"):
        aid(scene, seen=stamp_of_aid(second.lines))
    assert aid(scene, seen=stamp_of_aid(second.lines), reason="多算了") == 5
    # Four of one half and 91 of the other are no 95 children.
    assert entry(scene, scene.garden).aid == AidOfYear(95, 15_100, halves=2)
    for refused in ({"year": 2027}, {"hardship": Aided(3, 0)}, {"lines": {}}):
        with pytest.raises(FeeRefused):
            aid(scene, **refused)
    with pytest.raises(PermissionDenied):
        aid(scene, by=scene.bureau)
    assert first.label == "2026年上半年"


def test_an_audit_is_received_late_or_says_what_may_not_be(scene: SmallCounty) -> None:
    late = entry(scene, scene.recognised, 2025).audit
    assert late is not None
    assert (late.state, late.due_on, late.days_over) == (
        AuditState.OVERDUE, dt.date(2026, 6, 30), 128,
    )  # fmt: skip
    assert entry(scene, scene.garden, 2025).audit is None
    now = entry(scene, scene.recognised).audit
    assert now is not None
    assert now.state == AuditState.NOT_YET
    said: dict[str, object] = {
        "year": 2025, "auditor": "示例所", "opinion": "qualified", "related": "0",
        "distributed": "30000",
    }  # fmt: skip
    for one, breach in ((scene.recognised, True), (scene.market, False)):
        director = scene.person("园长", one.organisation, "director")
        row = scene.procedure(one, director, kind="annual_audit", details=said)
        found = entry(scene, one, 2025).audit
        assert found is not None
        assert (found.state, found.number, found.breach) == (
            AuditState.WAITING, row.number, breach,
        )  # fmt: skip
