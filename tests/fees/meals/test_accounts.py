"""A meal account from its opening to what the county answers, and the county's list of them."""

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
from time_machine import travel

from accounts.history.tracking import TRACKED
from accounts.models import Membership
from fees.meals import services
from fees.meals.rules import MEALS, EntryFacts, Standing
from fees.meals.selectors import places, terms_of, total
from fees.meals.stamps import stamp_of_account, stamp_of_entry
from fees.meals.standards import KINDS
from fees.models import Charge, MealAccount, MealEntry, ScheduledFee
from fees.services import FeeRefused
from fees.terms import Term
from kindergartens.dated.services import Kind, RowRefused, correct_row, end_row, set_row
from kindergartens.models import Kindergarten, KindergartenStatus
from kindergartens.stamps import CHANGED_SINCE, stamp_of
from tests.conftest import acting
from tests.registers import meals_kept
from tests.signing_in import client_of
from tests.small_county import NOW, SINCE, SmallCounty, moment

pytestmark = pytest.mark.django_db
D = Decimal
AUTUMN = Term(2026, "autumn")
SPRING = Term(2025, "spring")
SEPTEMBER, OCTOBER, DECEMBER = (dt.date(2026, month, 1) for month in (9, 10, 12))
# The first day on which the autumn term can be handed in.
OVER = moment(2027, 2, 1)


@pytest.fixture
def scene(small: SmallCounty) -> SmallCounty:
    small.garden = small.kindergarten(small.town("甲镇"), "示例一园")
    small.bureau = acting(small.officer())
    small.director = acting(small.person("园长", small.garden.organisation, "director"))
    return small


def facts(receipts: int = 10_000, spent: int = 9_500, **more: Any) -> EntryFacts:
    meals = dict.fromkeys(MEALS) | {"lunch": 600, "afternoon_snack": 590}
    told = {
        "receipts": D(receipts), "food": D(spent), "fuel": D(0), "other": D(0), "refunds": D(0),
        "child_days": 600, "meals": meals,
    }  # fmt: skip
    return EntryFacts(**told | more)


def begin(by: Any, garden: Kindergarten, opening: str, **more: Any) -> MealAccount:
    told = {
        "kindergarten": garden, "term": AUTUMN, "opening": D(opening), "opening_reason": "",
        "by": by, "now": NOW, "today": NOW.date(),
    }  # fmt: skip
    return services.open_account(**told | more)


def put(by: Any, account: MealAccount, month: dt.date | None, **more: Any) -> Any:
    told = {
        "account": account, "month": month, "facts": facts(), "seen": "", "by": by, "now": NOW,
        "today": NOW.date(),
    }  # fmt: skip
    return services.record_entry(**told | more)


def fill(by: Any, account: MealAccount, *months: dt.date, **more: Any) -> None:
    """No meals in these months: that is told as well."""
    nothing = facts(0, 0, child_days=0, meals=dict.fromkeys(MEALS))
    for month in months:
        put(by, account, month, facts=nothing, today=OVER.date(), **more)


def seen_by(account: MealAccount) -> str:
    stored = MealAccount.objects.unscoped("the test's own").get(pk=account.pk)
    return stamp_of_account(stored, stored.entries.all())


def hand_in(
    by: Any, account: MealAccount, counted: str, explanation: str = "", **more: Any
) -> MealAccount:
    told = {"seen": seen_by(account), "now": OVER} | more
    return services.submit_account(
        account=account, counted_cash=D(counted), explanation=explanation, by=by, **told
    )


def accept(by: Any, account: MealAccount, seen: str = "") -> MealAccount:
    return services.accept_account(account=account, seen=seen or seen_by(account), by=by, now=OVER)


def give_back(by: Any, account: MealAccount, seen: str = "") -> MealAccount:
    return services.return_account(
        account=account, reason="十月没有填", seen=seen or seen_by(account), by=by, now=OVER
    )


def test_a_term_from_the_closing_before_to_the_countys_answer(scene: SmallCounty) -> None:
    by = scene.director
    spring = begin(by, scene.garden, "100", term=SPRING)
    put(by, spring, None, facts=facts(10_000, 9_900))
    with pytest.raises(FeeRefused, match=r"200\.00") as refusal:
        begin(by, scene.garden, "250")
    assert refusal.value.field == "opening"
    account = begin(by, scene.garden, "250", opening_reason="移交时补入")
    for month, more, says in (
        (DECEMBER, {}, "还没有开始"),
        (dt.date(2026, 8, 1), {}, "不在"),
        (OCTOBER, {"facts": facts(child_days=0)}, "人天"),
    ):
        with pytest.raises(FeeRefused, match=says):
            put(by, account, month, **more)
    entry = put(by, account, SEPTEMBER)
    entry.refresh_from_db()
    with pytest.raises(FeeRefused, match="另一种方式"):
        put(by, account, None)
    with pytest.raises(FeeRefused, match=CHANGED_SINCE[:6]):
        put(by, account, SEPTEMBER)
    put(by, account, SEPTEMBER, facts=facts(10_000, 9_000), seen=stamp_of_entry(entry))
    # One month of five is no term.
    with pytest.raises(FeeRefused, match="缺10月，学期到2027年1月31日结束"):
        hand_in(by, account, "1250", now=NOW)
    with pytest.raises(FeeRefused, match=r"缺10月、11月、12月、1月。.*没有供餐的月份也要登记"):
        hand_in(by, account, "1250")
    fill(by, account, *AUTUMN.months[1:])
    with pytest.raises(FeeRefused, match="盘点数"):
        hand_in(by, account, "1200")
    hand_in(by, account, "1200", "找零差错")
    kept = terms_of(by, scene.garden)
    assert [(one.closing, one.difference, one.chain_broken) for one in kept] == [
        (D(1250), D(-50), True), (D(200), None, False),
    ]  # fmt: skip
    # With the county: nobody writes in it; back with a reason, it is corrected with one.
    with pytest.raises(FeeRefused, match="请教育局退回"):
        put(by, account, OCTOBER)
    with pytest.raises(PermissionDenied):
        accept(by, account)
    accept(scene.bureau, account)
    give_back(scene.bureau, account)
    october = stamp_of_entry(MealEntry.objects.visible_to(by).get(month=OCTOBER))
    with pytest.raises(FeeRefused, match="为什么更正"):
        put(by, account, OCTOBER, seen=october)
    put(by, account, OCTOBER, seen=october, reason="漏填")
    hand_in(by, account, "1750")
    account.refresh_from_db()
    assert account.state == MealAccount.State.SUBMITTED
    states = (
        TRACKED[MealAccount]
        .copies("the test's own")
        .filter(pgh_obj_id=account.pk)
        .order_by("pgh_id")
    )
    assert [*states.values_list("state", flat=True)] == [
        "open", "submitted", "accepted", "returned", "submitted",
    ]  # fmt: skip


def handed_in(scene: SmallCounty) -> MealAccount:
    account = begin(scene.director, scene.garden, "0")
    put(scene.director, account, None)
    return hand_in(scene.director, account, "500")


def test_only_what_was_read_is_answered(scene: SmallCounty) -> None:
    """Sent back by a colleague, corrected and handed in again while the page lay open."""
    account = handed_in(scene)
    first = seen_by(account)
    give_back(acting(scene.officer()), account)
    entry = account.entries.get()
    put(scene.director, account, None, facts=facts(10_000, 9_000), seen=stamp_of_entry(entry),
        reason="更正")  # fmt: skip
    with pytest.raises(FeeRefused, match=CHANGED_SINCE[:6]):
        hand_in(scene.director, account, "1000", seen=first)
    hand_in(scene.director, account, "1000")
    for answer in (accept, give_back):
        with pytest.raises(FeeRefused, match=CHANGED_SINCE[:6]):
            answer(scene.bureau, account, first)
    with travel(OVER, tick=False):
        client, of_term = client_of(scene.officer()), [scene.garden.code, 2026, "autumn"]
        page = client.get(reverse("meal-account", args=of_term)).content.decode()
        assert f'name="seen" value="{seen_by(account)}"' in page
        client.post(reverse("meal-accept", args=of_term), {"seen": first})
        account.refresh_from_db()
        assert account.state == "submitted"
        client.post(reverse("meal-accept", args=of_term), {"seen": seen_by(account)})
        account.refresh_from_db()
        assert account.state == "accepted"


def test_the_database_refuses_an_own_answer(scene: SmallCounty) -> None:
    """Past the services; the deputy did it for the one who is away, and both count."""
    account = handed_in(scene)
    director = scene.director.acting
    colleague = scene.person("副园长", scene.garden.organisation, "director")
    deputy = Membership.objects.create(
        user=colleague, organisation=director.organisation, role=director.role,
        deputises_for=director, valid_from=NOW.date(), valid_to=NOW.date(), reason="示例外出",
    )  # fmt: skip
    told = {"decided_at": OVER, "return_reason": "示例原因"}
    row = MealAccount.objects.unscoped("the test's own").filter(pk=account.pk)
    for own in (director, deputy, None):
        for state in ("accepted", "returned"):
            with pytest.raises(IntegrityError), transaction.atomic():
                row.update(decided_as=own, state=state, **told)
    row.update(decided_as=scene.bureau.acting, state="accepted", **told)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.update(submitted_as=scene.bureau.acting)


def test_who_handed_in_does_not_accept(scene: SmallCounty) -> None:
    """Somebody who is director and officer is one person."""
    account = handed_in(scene)
    MealAccount.objects.unscoped("the test's own").update(submitted_as=scene.bureau.acting)
    with pytest.raises(FeeRefused, match="另一位"):
        accept(scene.bureau, account)
    with pytest.raises(PermissionDenied):
        begin(scene.bureau, scene.garden, "0")
    stranger = acting(scene.officer(scene.other_county))
    with pytest.raises(MealAccount.DoesNotExist):
        accept(stranger, account)


def unified(by: Any, amount: str, since: dt.date, **more: Any) -> Any:
    values = {
        "scope": "public", "unit": "day", "amount": D(amount), "lunch": True, "document": "示例",
        "valid_from": since,
    }  # fmt: skip
    return set_row(kind=KINDS["fee"], values=values | more, by=by, today=NOW.date())


def test_a_new_standard_ends_the_former_and_a_correction_has_a_reason(scene: SmallCounty) -> None:
    by, kind = scene.bureau, KINDS["fee"]
    first = unified(by, "14", SINCE)
    row = unified(by, "15", OCTOBER)
    first.refresh_from_db()
    assert (first.valid_to, first.pattern) == (OCTOBER, "一餐")
    with pytest.raises(RowRefused, match="更晚的一天"):
        unified(by, "16", OCTOBER)
    row.refresh_from_db()
    seen, values = stamp_of(row, kind.corrected), {n: getattr(row, n) for n in kind.corrected}
    told = {"kind": kind, "pk": row.pk, "reason": "打错", "by": by, "today": NOW.date()}
    correct_row(values=values | {"amount": D("15.5")}, seen=seen, **told)
    with pytest.raises(RowRefused, match=CHANGED_SINCE[:6]):
        correct_row(values=values, seen=seen, **told)
    with pytest.raises(RowRefused, match="同一天只能有一条"):
        correct_row(values=values | {"valid_from": SINCE}, seen=_now(row, kind), **told)
    end_row(kind=kind, pk=row.pk, on=DECEMBER, reason="停用", by=by)
    with pytest.raises(PermissionDenied):
        unified(scene.director, "15", DECEMBER)


def _now(row: Any, kind: Kind) -> str:
    row.refresh_from_db()
    return stamp_of(row, kind.corrected)


def line(garden: Kindergarten, amount: str, post: Any, name: str = "伙食费") -> None:
    ScheduledFee.objects.create(
        kindergarten=garden, item="collected_on_behalf_fee", name=name, scope="all", unit="day",
        amount=D(amount), valid_from=SINCE, document="示例", entered_as=post, entered_at=NOW,
    )  # fmt: skip


def test_the_county_sees_who_is_over_who_is_unlike_and_who_is_missing(scene: SmallCounty) -> None:
    by, post = scene.director, scene.bureau.acting
    set_row(
        kind=KINDS["limit"], by=scene.bureau, today=NOW.date(),
        values={"percent": D(2), "document": "示例", "valid_from": SINCE},
    )  # fmt: skip
    unified(scene.bureau, "15", SINCE)
    account = begin(by, scene.garden, "0")
    put(by, account, SEPTEMBER, facts=facts(10_000, 9_500))
    line(scene.garden, "16.5", post)
    line(scene.garden, "30", post, "校车费")
    filing = scene.file(scene.garden, 20)
    for at, (amount, payers) in enumerate((("17", 20), ("18", 0)), 1):
        Charge.objects.create(
            filing_version=filing.versions.get(), position=at, unit="day", hours="any",
            item="collected_on_behalf_fee", name="伙食费", scope=("all", "small")[at - 1],
            amount=D(amount), payers=payers,
        )  # fmt: skip
    town = scene.garden.organisation.region
    private = scene.kindergarten(town, "示例民办园", ownership="inclusive_private")
    line(private, "20", post)
    scene.kindergarten(scene.town("邻镇", county=scene.other_county), "邻县园")
    found = places(scene.bureau, scene.county, AUTUMN, NOW.date())
    # What is left over of one month is nobody's verdict yet.
    assert [(p.kindergarten.name, p.standing, p.lacks) for p in found] == [
        ("示例一园", Standing.PENDING, "缺10月，学期到2027年1月31日结束"),
        ("示例民办园", None, ""),
    ]  # fmt: skip
    # The public ones' fee is not the private one's; nobody paid the second charge.
    assert [[(one.more, one.month) for one in p.unlike] for p in found] == [
        [(D("1.5"), None), (D(2), OCTOBER)], [],
    ]  # fmt: skip
    sums = total(found)
    assert (sums.expected, sums.kept, sums.pending, sums.over, sums.unlike) == (2, 1, 1, 0, 1)
    fill(by, account, *AUTUMN.months[1:])
    [judged, _] = places(scene.bureau, scene.county, AUTUMN, OVER.date())
    assert (judged.standing, judged.lacks) == (Standing.SURPLUS, "")
    with travel(NOW, tick=False):
        client = client_of(scene.officer())
        url = reverse("meals")
        client.get(url)
        with CaptureQueriesContext(connection) as before:
            page = client.get(url).content.decode()
        assert "在办的2所里1所登记了收支" in page
        assert "公示16.5元/天，比统一的15元多1.5元" in page
        assert "0/5次已公布" in page
        assert "邻县园" not in page
        for number in range(3):
            other = scene.kindergarten(town, f"示例新{number}园")
            line(other, "13", post)
            director = acting(scene.person("园长", other.organisation, "director"))
            put(director, begin(director, other, "5"), None)
        with CaptureQueriesContext(connection) as after:
            client.get(url)
        assert len(after) == len(before)
        shown = client.get(f"{url}?show=missing").content.decode()
        assert "示例民办园" in shown
        assert "示例一园" not in shown
        sheet = load_workbook(
            io.BytesIO(
                b"".join(
                    client.get(
                        reverse("meals-export", args=["xlsx"]) + "?show=pending"
                    ).streaming_content
                )
            )
        ).active
        assert sheet is not None
        cells = [row for row in sheet.iter_rows(values_only=True) if row[0] == "甲县"]
        assert next((row[2], row[11]) for row in cells) == ("示例一园", 5)
        assert len(cells) == 4


def test_one_that_closed_in_the_term_has_taken_money_too(scene: SmallCounty) -> None:
    town = scene.garden.organisation.region
    closed, never = scene.kindergarten(town, "撤销园"), scene.kindergarten(town, "停办园")
    long_ago = scene.kindergarten(town, "早撤园")
    statuses = KindergartenStatus.objects.unscoped("the test's own")
    for one, day in ((closed, OCTOBER), (long_ago, SEPTEMBER)):
        row = statuses.get(kindergarten=one)
        statuses.filter(pk=row.pk).update(valid_to=day)
        row.pk, row.valid_from, row.operating_state = None, day, "closed"
        row.save()
    # Never counted as running, but it keeps an account.
    statuses.filter(kindergarten=never).update(operating_state="suspended")
    meals_kept(never, scene.bureau.acting)
    meals_kept(closed, scene.bureau.acting)
    found = places(scene.bureau, scene.county, AUTUMN, NOW.date())
    assert [(p.kindergarten.name, bool(p.kept), p.ran_until) for p in found] == [
        ("示例一园", False, None), ("撤销园", True, OCTOBER), ("停办园", True, None),
    ]  # fmt: skip
    assert total(found).flow.receipts == 20_000
    with travel(NOW, tick=False):
        page = client_of(scene.officer()).get(reverse("meals")).content.decode()
    assert "2026年10月1日起不再在办" in page


def test_the_director_keeps_what_was_typed_and_is_told_where_it_is_wrong(
    scene: SmallCounty,
) -> None:
    with travel(NOW, tick=False):
        client = client_of(scene.person("园长", scene.garden.organisation, "director"))
        of_term = [scene.garden.code, 2026, "autumn"]
        assert (
            client.post(reverse("meal-opening", args=of_term), {"opening": "1,200元"}).status_code
            == 302
        )
        typed = {
            "receipts": "12000.123", "food": "-5", "fuel": "八百", "other": "0", "refunds": "0",
            "child_days": "600", "lunch": "600",
        }  # fmt: skip
        page = client.post(reverse("meal-entry", args=[*of_term, "2026-10"]), typed)
        assert page.status_code == 422
        said = page.content.decode()
        for text in ("小数最多2位", "不能是负数", "请填数字", 'value="12000.123"', "八百"):
            assert text in said
        good = typed | {"receipts": "￥12,000", "food": "11000", "fuel": "800"}
        assert (
            client.post(reverse("meal-entry", args=[*of_term, "2026-10"]), good).status_code == 302
        )
        account = client.get(reverse("meal-account", args=of_term)).content.decode()
        assert "1,400.00元" in account
        assert "11月</th>" in account
        assert client.get(reverse("meal-entry", args=[*of_term, "2026-08"])).status_code == 404
        assert (
            client.get(
                reverse("meal-opening", args=[scene.garden.code, 2027, "autumn"])
            ).status_code
            == 200
        )
        refused = client.post(
            reverse("meal-opening", args=[scene.garden.code, 2027, "autumn"]), {"opening": "0"}
        )
        assert "到时再登记" in refused.content.decode()
