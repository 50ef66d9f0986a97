"""The fee schedule in one county: recorded, replaced, ended, corrected, read, imported."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.history.tracking import TRACKED
from fees import services
from fees.models import ScheduledFee
from fees.rules import FeeFacts
from fees.selectors import schedule
from fees.services import FEE_FACTS, FeeRefused
from kindergartens.stamps import stamp_of
from tests.access.routes import World
from tests.accounts.exchange.conftest import checked, written
from tests.accounts.exchange.tables import excel
from tests.conftest import acting
from tests.signing_in import client_of
from tests.small_county import NOW

MARCH, SEPTEMBER, OCTOBER = (dt.date(2026, month, 1) for month in (3, 9, 10))
CARE = FeeFacts(
    item="care_education_fee", name="", scope="all", hours="any", amount=Decimal(600),
    unit="month", valid_from=MARCH, document="示例文号",
)  # fmt: skip


@pytest.fixture
def officer(world: World) -> Any:
    return acting(world.people["bureau_officer"])


def record(world: World, officer: Any, facts: FeeFacts = CARE, **options: Any) -> ScheduledFee:
    return services.record_fee(
        kindergarten=world.kindergarten, facts=facts, by=officer, now=NOW, **options
    )


def amounts(world: World, user: Any, day: dt.date) -> list[tuple[str, Decimal]]:
    rows = schedule(user, world.kindergarten, day).in_force
    return [(fee.label, fee.amount) for fee in rows if fee.item == CARE.item]


def test_a_new_standard_follows_the_one_in_force(world: World, officer: Any) -> None:
    record(world, officer)
    higher = replace(CARE, amount=Decimal("680.50"), valid_from=SEPTEMBER)
    with pytest.raises(FeeRefused, match="2026年3月1日起已有600元/月，还没有截止"):
        record(world, officer, higher)
    record(world, officer, higher, replaces=True)
    # A grade's own line stands beside that of all, and orders after it.
    record(world, officer, replace(CARE, scope="large", amount=Decimal(0), valid_from=OCTOBER))
    assert amounts(world, officer, dt.date(2026, 8, 31)) == [("保教费", Decimal(600))]
    assert amounts(world, officer, SEPTEMBER) == [("保教费", Decimal("680.50"))]
    assert amounts(world, officer, OCTOBER) == [
        ("保教费", Decimal("680.50")),
        ("保教费", Decimal(0)),
    ]
    found = schedule(officer, world.kindergarten, SEPTEMBER)
    assert (len(found.coming), len(found.ended)) == (1, 1)
    director = acting(world.people["director"])
    assert amounts(world, director, MARCH) == [("保教费", Decimal(600))]


def test_a_line_ends_and_is_corrected_with_a_reason(world: World, officer: Any) -> None:
    fee = record(world, officer)
    seen = stamp_of(ScheduledFee.objects.visible_to(officer).get(pk=fee.pk), FEE_FACTS)
    services.end_fee(fee_id=fee.pk, on=OCTOBER, reason="停收", by=officer)
    ask: dict[str, Any] = {"fee_id": fee.pk, "reason": "笔误", "by": officer}
    right = replace(CARE, amount=Decimal(650))
    with pytest.raises(FeeRefused, match="别人改过"):
        services.correct_fee(facts=right, seen=seen, **ask)
    with pytest.raises(FeeRefused, match="已于2026年10月1日截止") as refusal:
        services.end_fee(fee_id=fee.pk, on=SEPTEMBER, reason="停收", by=officer)
    assert refusal.value.field == "on"
    services.correct_fee(facts=right, seen=None, **ask)
    last = TRACKED[ScheduledFee].copies("the test's own row").filter(pgh_obj_id=fee.pk).last()
    assert (last.amount, last.valid_to, last.pgh_context["reason"]) == (650, None, "笔误")


def test_a_line_recorded_by_mistake_is_withdrawn_and_the_one_before_goes_on(
    world: World, officer: Any
) -> None:
    december = dt.date(2026, 12, 1)
    before = record(world, officer, replace(CARE, valid_to=december))
    wrong = record(
        world, officer, replace(CARE, amount=Decimal(6000), valid_from=SEPTEMBER), replaces=True
    )
    ask: dict[str, Any] = {"reason": "登记到了别的园", "by": officer, "now": NOW}
    fee, restored = services.withdraw_fee(fee_id=wrong.pk, **ask)
    assert restored == before
    assert (restored.valid_to, fee.withdrawn_at) == (december, NOW)
    assert amounts(world, officer, SEPTEMBER) == [("保教费", Decimal(600))]
    # No line any more: its place is free, nothing is done to it, and history has the reason.
    record(world, officer, replace(CARE, amount=Decimal(650), valid_from=SEPTEMBER), replaces=True)
    with pytest.raises(ScheduledFee.DoesNotExist):
        services.withdraw_fee(fee_id=wrong.pk, **ask)
    last = TRACKED[ScheduledFee].copies("the test's own row").filter(pgh_obj_id=wrong.pk).last()
    assert last.pgh_context["reason"] == "登记到了别的园"
    client = client_of(officer)
    page = client.get(reverse("fees-history", args=[world.kindergarten.code])).content.decode()
    assert "登记到了别的园" in page
    # Put right otherwise since, the one before is left as it is.
    third = record(world, officer, replace(CARE, valid_from=OCTOBER), replaces=True)
    services.correct_fee(
        fee_id=third.replaced_id, facts=replace(CARE, valid_from=SEPTEMBER, valid_to=dt.date(2026, 9, 9)),
        reason="笔误", seen=None, by=officer,
    )  # fmt: skip
    url = reverse("fee-withdraw", args=[third.pk])
    page = client.post(url, {"reason": "重复登记"}, follow=True).content.decode()
    assert "原来的标准已另行改过，没有恢复，请核对。" in page


def test_a_line_that_goes_on_into_one_recorded_at_the_same_moment_is_refused(
    world: World, officer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(world, officer)
    wrong = record(world, officer, replace(CARE, valid_from=SEPTEMBER), replaces=True)
    record(world, officer, replace(CARE, valid_from=OCTOBER), replaces=True)
    # As if it were not there yet when the later lines were read.
    monkeypatch.setattr(
        services, "_same_charge", lambda *_: ScheduledFee.objects.visible_to(officer).none()
    )
    with pytest.raises(FeeRefused, match="别人刚刚登记了同一项收费"):
        services.withdraw_fee(fee_id=wrong.pk, reason="登记错了", by=officer, now=NOW)
    wrong.refresh_from_db()
    assert wrong.withdrawn_at is None


def test_who_changes_a_line_holds_the_schedule_of_its_kindergarten_first(
    world: World, officer: Any
) -> None:
    fee = record(world, officer)
    ask: dict[str, Any] = {"fee_id": fee.pk, "reason": "登记错了", "by": officer}
    for act in (
        lambda: services.correct_fee(facts=CARE, seen=None, **ask),
        lambda: services.end_fee(on=OCTOBER, **ask),
        lambda: services.withdraw_fee(now=NOW, **ask),
    ):
        with CaptureQueriesContext(connection) as asked:
            act()
        locks = [one["sql"] for one in asked if "FOR NO KEY UPDATE" in one["sql"]]
        assert ['OF "' + sql.rpartition('OF "')[2] for sql in locks] == [
            'OF "kindergartens_kindergarten"',
            'OF "fees_scheduledfee"',
        ]


def test_a_line_that_ended_and_is_not_restored_is_said_with_what_to_do(
    world: World, officer: Any
) -> None:
    """Of a line recorded before it was kept which one it had replaced, and of one ended by hand."""
    first = record(world, officer, replace(CARE, valid_to=SEPTEMBER))
    client = client_of(officer)
    wrong = record(world, officer, replace(CARE, amount=Decimal(650), valid_from=SEPTEMBER))
    url = reverse("fee-withdraw", args=[wrong.pk])
    page = client.post(url, {"reason": "登记错了"}, follow=True).content.decode()
    assert "原来的600元/月没有恢复；现在仍按它收的，请登记一条。" in page
    url = reverse("fee-withdraw", args=[first.pk])
    page = client.post(url, {"reason": "登记错了"}, follow=True).content.decode()
    assert "已撤销" in page
    assert "没有恢复" not in page


def test_only_the_own_county_keeps_a_schedule(world: World) -> None:
    with pytest.raises(PermissionDenied):
        record(world, acting(world.people["director"]))
    with pytest.raises(PermissionDenied, match="不在您的工作范围"):
        record(world, acting(world.strangers["bureau_officer"]))


def test_no_more_lines_than_a_return_has_rows_for(
    world: World, officer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The one that is there already among them.
    monkeypatch.setattr(services, "MOST_IN_FORCE", 3)
    for scope in ("all", "small"):
        fee = record(world, officer, replace(CARE, scope=scope))
    large = replace(CARE, scope="large", valid_from=SEPTEMBER)
    with pytest.raises(FeeRefused, match="已有3项，请先截止不再收的。"):
        record(world, officer, large)
    services.end_fee(fee_id=fee.pk, on=SEPTEMBER, reason="停收", by=officer)
    record(world, officer, large)


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        ({"valid_from": OCTOBER}, "one_scheduled_fee_at_a_time"),
        ({"scope": "large", "valid_to": MARCH}, "scheduled_fee_dates_in_order"),
        ({"scope": "large", "amount": Decimal(-1)}, "scheduled_fee_not_negative"),
        ({"name": "保教费"}, "scheduled_fee_named_where_free"),
        ({"item": "service_fee"}, "scheduled_fee_named_where_free"),
        ({"scope": "large", "document": ""}, "scheduled_fee_has_basis"),
    ],
)
def test_the_database_keeps_its_promises(
    world: World, officer: Any, broken: dict[str, Any], promise: str
) -> None:
    fee = record(world, officer)
    row = vars(CARE) | {"entered_as": fee.entered_as, "entered_at": NOW} | broken
    with pytest.raises(IntegrityError, match=promise), transaction.atomic():
        ScheduledFee.objects.create(kindergarten=world.kindergarten, **row)


def test_bad_input_is_said_at_its_place_and_kept(world: World) -> None:
    client = client_of(world.people["bureau_officer"])
    address = reverse("fee-new", args=[world.kindergarten.code])
    typed = {name: getattr(CARE, name) for name in FEE_FACTS if getattr(CARE, name)}
    for wrong, said in (
        ({"amount": "六百"}, "请填数字"),
        ({"amount": "-1"}, "不能是负数"),
        ({"amount": "600.005"}, "小数最多2位"),
        ({"unit": "day"}, "请选元/月或元/学期"),
        ({"document": ""}, "请写批准或备案文件"),
    ):
        answer = client.post(address, typed | wrong)
        page = answer.content.decode()
        assert (answer.status_code, said in page) == (422, True), wrong
        assert f'value="{wrong.get("amount", "600")}"' in page
    assert client.post(address, typed | {"amount": "￥600元"}).status_code == 302
    page = client.get(reverse("kindergarten-fees", args=[world.kindergarten.code])).content.decode()
    assert "保教费" in page
    assert "伙食费" in page


def test_the_page_asks_as_much_whatever_the_lines(
    world: World, officer: Any, django_assert_max_num_queries: Any
) -> None:
    client = client_of(world.people["director"])
    address = reverse("kindergarten-fees", args=[world.kindergarten.code])
    client.get(address)

    def asked() -> int:
        with django_assert_max_num_queries(60) as queries:
            client.get(address)
        return len(queries)

    few = asked()
    for number in range(12):
        facts = replace(CARE, item="service_fee", name=f"服务{number}")
        record(world, officer, facts)
    assert asked() == few


def test_a_table_is_read_once(world: World, officer: Any, tmp_path: Any, settings: Any) -> None:
    """New lines are written, the standing one ends; the same table again changes nothing."""
    settings.FILES_ROOT = tmp_path
    record(world, officer)
    heads = ["学校标识码", "收费类别", "收费项目", "收费对象", "作息", "标准", "计费单位",
             "起始日期", "批准或备案文件"]  # fmt: skip
    code = world.kindergarten.code
    rows = [
        [code, "保教费", "保教费", "全园", "不区分", "650元", "元/月", SEPTEMBER, "新文号"],
        [code, "服务性收费", "延时服务", "全园", "不区分", 160, "元/月", SEPTEMBER, "新文号"],
        # Of the same name and another class: another charge, never a correction of that one.
        [code, "代收费", "延时服务", "全园", "不区分", 20, "元/次", SEPTEMBER, "新文号"],
    ]
    wrong = [
        [code, "保教费", "特色班", "全园", "不区分", 1, "元/月", OCTOBER, "新文号"],
        [code, "保育费", "保育费（托班）", "全园", "不区分", 1, "元/月", OCTOBER, "新文号"],
        ["9999999999", "保教费", "保教费", "全园", "不区分", 1, "元/月", OCTOBER, "新文号"],
    ]
    faulty = checked(officer, excel([heads, *wrong]), kind="fees")
    assert (faulty.fault_count, faulty.new_count) == (3, 0)
    batch = checked(officer, excel([heads, *rows]), kind="fees")
    assert (batch.fault_count, batch.new_count) == (0, 3)
    written(officer, batch)
    assert amounts(world, officer, SEPTEMBER) == [("保教费", Decimal(650))]
    assert amounts(world, officer, MARCH) == [("保教费", Decimal(600))]
    again = checked(officer, excel([heads, *rows]), kind="fees")
    assert (again.new_count, again.changed_count, again.same_count) == (0, 0, 3)
