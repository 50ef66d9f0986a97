"""收费 in the return: begun from the schedule, checked beside it, kept, shown, carried on."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from time_machine import travel

from fees.models import Charge, ScheduledFee
from fees.rules import FeeFacts
from fees.selectors import states_of
from fees.services import FEE_FACTS, FeeRefused, correct_fee, record_fee, withdraw_fee
from kindergartens.models import FilingExplanation, MonthlyFiling
from reports.filings import services
from reports.filings.checks import review
from reports.filings.checks.cells import read_money
from reports.filings.checks.schedule import ScheduledLine, begun, offered, scheduled_for
from reports.filings.checks.sections.charges import CHARGES
from reports.filings.fee_schedules import moved_charges, schedule_of_filing
from reports.filings.presenters import comparison as comparing
from reports.filings.presenters.version import content
from reports.filings.services import NotSubmittable
from reports.filings.submitted import last_submitted, read_version
from tests.conftest import acting
from tests.reports.filings.test_checks import LIMITS, a_class, a_draft
from tests.reports.filings.test_pages import form_data
from tests.reports.filings.test_services import Scene
from tests.signing_in import client_of
from tests.small_county import NOW, SINCE, SmallCounty, type_what_begins_empty

CARE = ScheduledLine("care_education_fee", "", "all", "month", 60000)
LARGE = ScheduledLine("care_education_fee", "", "large", "month", 0)
HALF = ScheduledLine("care_education_fee", "", "small-half_day", "month", 30000)
MEALS = ScheduledLine("collected_on_behalf_fee", "伙食费", "all", "day", 1350)


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("600", 60000), ("13.5", 1350), ("0", 0), ("１３．５", 1350), ("￥1,200元", 120000),
        ("600.00", 60000), ("600.10", 60010), ("600.005", None), ("-1", None), ("六百", None),
        ("1.", None), (".5", None), ("1e3", None), ("", None), ("100001", None),
    ],
)  # fmt: skip
def test_an_amount_is_understood_to_the_fen(typed: str, fen: int | None) -> None:
    cell = read_money(typed, "标准", 10_000_000)
    assert (cell.value, bool(cell.error)) == (fen, fen is None)


@pytest.mark.parametrize(
    ("scope", "unit", "line"),
    [
        ("all", "month", CARE), ("large", "month", LARGE), ("middle", "month", CARE),
        ("small-half_day", "month", HALF), ("large-full_day", "month", LARGE),
        ("small-full_day", "month", CARE), ("all", "term", None),
    ],
)  # fmt: skip
def test_a_charge_is_held_to_the_line_of_its_own_children(
    scope: str, unit: str, line: ScheduledLine | None
) -> None:
    charge = {"item": CARE.item, "name": "", "scope": scope, "unit": unit}
    assert scheduled_for(charge, [CARE, LARGE, HALF, MEALS]) == line


def test_a_line_keeps_its_row_and_its_payers() -> None:
    rows = list(CHARGES.rows)
    last = {
        "1": MEALS.typed("24"),
        "2": {**CARE.typed("20"), "amount": "620"},
        "4": LARGE.typed("9"),
    }
    now = begun(last, [LARGE, CARE, HALF, MEALS], rows, carries=True)
    assert {row: (cells["scope"], cells["amount"], cells["payers"]) for row, cells in now.items()} == {
        "1": ("all", "13.5", "24"), "2": ("all", "600", "20"), "3": ("small-half_day", "300", ""),
        "4": ("large", "0", "0"),  # nobody pays what costs nothing
    }  # fmt: skip
    # What ended leaves its row; a draft is offered what it lacks, and what it has stays.
    assert begun(last, [CARE], rows, carries=True) == {"2": CARE.typed("20")}
    assert offered(last, [CARE, HALF], rows) == {"3": HALF.typed("")}
    # A new line takes no other's row while one is left, or months would compare two charges.
    assert begun(last, [HALF], rows, carries=True) == {"3": HALF.typed("")}
    assert begun(last, [HALF], ["1", "2", "4"], carries=True) == {"1": HALF.typed("")}


@pytest.mark.parametrize(
    ("unit", "fen", "carries", "payers"),
    [
        ("month", 600, True, "20"), ("day", 600, True, "20"), ("meal", 600, True, "20"),
        ("term", 600, True, ""), ("time", 600, True, ""), ("month", 600, False, ""),
        ("month", 0, True, "0"), ("term", 0, False, "0"),
    ],
)  # fmt: skip
def test_payers_are_carried_over_where_they_may_hold(
    unit: str, fen: int, carries: bool, payers: str
) -> None:
    line = ScheduledLine("service_fee", "延时服务", "all", unit, fen)
    now = begun({"1": line.typed("20")}, [line], ["1"], carries=carries)
    assert now == {"1": line.typed(payers)}


SMALL, MIXED = (
    a_class(),
    a_class("混一班", "mixed", boys="10", girls="10", ages=("20", "0", "0", "0")),
)


@pytest.mark.parametrize(
    ("classes", "scope", "payers", "most"),
    [
        ([SMALL], "all", 23, None),
        ([SMALL], "all", 24, 23),
        ([SMALL], "large", 1, 0),
        # 大班 in a mixed class: nobody knows how many of it there are.
        ([MIXED], "large", 20, None),
        ([MIXED], "large-half_day", 21, 20),
        ([SMALL, MIXED], "small", 43, None),
        ([SMALL, MIXED], "mixed", 21, 20),
        # Paid, and left before the statistical date, or for another class.
        ([{**SMALL, "departed": "1", "moved_out": "1"}], "small", 25, None),
        ([{**SMALL, "departed": "1"}], "small", 25, 24),
        # Nobody knows while a number is missing.
        ([{**SMALL, "departed": ""}], "small", 99, None),
        ([SMALL, {**MIXED, "boys": ""}], "small", 99, None),
    ],
)
def test_payers_are_held_against_all_who_were_there(
    classes: list[dict[str, Any]], scope: str, payers: int, most: int | None
) -> None:
    row = {**CARE.typed(str(payers)), "scope": scope}
    found = review(a_draft(*classes) | {"charges": {"1": row}}, {}, LIMITS, compare_with_last=False)
    said = [one.sentence for one in found.parts["charges"].errors]
    assert [f"多于本月在园过的{most}人" in one for one in said] == [True] * (most is not None)


@pytest.mark.parametrize(
    ("schedule", "amount", "codes"),
    [
        ((CARE,), "600", []),
        ((CARE,), "650", ["charge_differs"]),
        ((MEALS,), "600", ["charge_unlisted"]),
        ((MEALS,), "0", []),
        # Nothing is registered: nothing is beside it.
        ((), "600", []),
        (None, "600", []),
    ],
)
def test_what_is_charged_beside_the_schedule_is_asked(
    schedule: tuple[ScheduledLine, ...] | None, amount: str, codes: list[str]
) -> None:
    row = {**CARE.typed("20"), "amount": amount}
    found = review(
        a_draft() | {"charges": {"1": row}}, {}, LIMITS, compare_with_last=False, schedule=schedule
    )
    assert [one.code for one in found.warnings] == codes


@pytest.mark.parametrize(
    ("name", "amount", "listed", "codes"),
    [
        ("英语兴趣班", "300", set(), ["charge_banned"]),
        # Let by the county; nothing charged; nobody asks (a version that is read); lawful care.
        ("英语兴趣班", "300", {"英语兴趣班"}, []),
        ("英语兴趣班", "0", set(), []),
        ("英语兴趣班", "300", None, []),
        ("课后延时服务", "300", set(), []),
    ],
)
def test_under_a_banned_name_the_reason_is_asked(
    name: str, amount: str, listed: set[str] | None, codes: list[str]
) -> None:
    line = ScheduledLine("service_fee", name, "all", "month", 100 * int(amount))
    found = review(
        a_draft() | {"charges": {"1": line.typed("20")}}, {}, LIMITS, compare_with_last=False,
        schedule=(line,), listed=listed, reference_date=dt.date(2026, 11, 8),
    )  # fmt: skip
    assert [one.code for one in found.warnings] == codes


@pytest.mark.parametrize(
    ("line", "periods", "prepaid", "errors", "warnings"),
    [
        (CARE, "", "", [], []),
        (CARE, "4", "", [], []),
        (CARE, "5", "3", [], ["charge_ahead"]),
        (CARE, "0", "", ["charge_periods_unasked"], []),
        (CARE, "三", "", ["count_not_a_number"], []),
        (CARE, "3", "21", ["charge_prepaid_within_payers"], []),
        (CARE, "3", "0", ["charge_prepaid_within_payers"], []),
        (CARE, "", "3", ["charge_prepaid_within_payers"], []),
        # By the day there is nothing to be paid at once.
        (MEALS, "2", "", ["charge_periods_unasked"], []),
    ],
)
def test_several_months_paid_at_once(
    line: ScheduledLine, periods: str, prepaid: str, errors: list[str], warnings: list[str]
) -> None:
    row = {**line.typed("20"), "periods": periods, "prepaid": prepaid}
    found = review(
        a_draft() | {"charges": {"1": row}}, {}, LIMITS, compare_with_last=False,
        schedule=(line,), month=dt.date(2026, 10, 1),
    )  # fmt: skip
    part = found.parts["charges"]
    codes = [one.code for one in part.errors] + [
        "count_not_a_number" for cell in part.cells["1"].values() if cell.error
    ]
    assert (codes, [one.code for one in found.warnings]) == (errors, warnings)


def test_a_row_that_is_about_something_else_is_one_change() -> None:
    last = {"1": CARE.typed("20"), "2": MEALS.typed("20"), "3": HALF.typed("5")}
    now = {"1": {**CARE.typed("21"), "amount": "650"}, "2": HALF.typed("6"), "4": LARGE.typed("0")}
    assert list(CHARGES.differences(now, last, same_month=False)) == [
        ("charges:1:amount", "600", "650"),
        ("charges:1:payers", 20, 21),
        ("charges:2:item", "伙食费（全园）", "保教费（小班半日制）"),
        ("charges:3:item", "保教费（小班半日制）", None),
        ("charges:4:item", None, "保教费（大班）"),
    ]


@pytest.fixture
def scene(small: SmallCounty) -> Scene:
    found = Scene(small)
    officer = found.officer.memberships.get()
    for line in (CARE, MEALS):
        ScheduledFee.objects.create(
            kindergarten=found.kindergarten, item=line.item, name=line.name, scope=line.scope,
            amount=Decimal(line.fen) / 100, unit=line.unit, valid_from=SINCE, document="示例文号",
            entered_as=officer, entered_at=NOW,
        )  # fmt: skip
    return found


def typed(filing: MonthlyFiling, explanations: dict[str, str] | None = None, **rows: Any) -> None:
    for number, cells in rows.items():
        row = filing.draft["charges"].setdefault(number.removeprefix("row"), {})
        row |= cells
    filing.draft["explanations"] = explanations or {}
    filing.save(update_fields=["draft"])


def test_a_return_begins_with_the_schedule_and_says_where_it_was_left(scene: Scene) -> None:
    filing = scene.open()
    assert filing.draft["charges"] == {"1": CARE.typed(""), "2": MEALS.typed("")}
    with pytest.raises(NotSubmittable) as refusal:
        scene.submit(filing)
    problems = dict(refusal.value.review.problems)
    assert "保教费（全园）收费人数没有填" in problems["charges-1-payers"]

    typed(filing, row1={"payers": "25", "amount": "650.5", "periods": "5", "prepaid": "3"}, row2={"payers": "24"},
          row5={"item": "service_fee", "name": "被褥费", "scope": "small", "unit": "time",
                "amount": "180", "payers": "6"})  # fmt: skip
    with pytest.raises(NotSubmittable) as refusal:
        scene.submit(filing)
    problems = dict(refusal.value.review.problems)
    assert "收费25人，多于本月在园过的24人" in problems["charges-1-payers"]
    assert "公示标准600元/月，每人多收50.5元" in problems["explain-charge_differs@1"]
    assert "收费公示表里没有这一项" in problems["explain-charge_unlisted@5"]
    assert "一次收取5个月，其中1个月不属于本学期" in problems["explain-charge_ahead@1"]

    reasons = {
        "charge_differs@1": "下月抵扣", "charge_unlisted@5": "正在退费", "charge_ahead@1": "退2月的",
    }  # fmt: skip
    typed(filing, reasons, row1={"payers": "20"})
    scene.submit(filing)
    kept = Charge.objects.visible_to(scene.officer).values_list(
        "position", "name", "scope", "amount", "payers", "scheduled", "prepaid"
    )
    assert list(kept) == [
        (1, "", "all", Decimal("650.50"), 20, Decimal("600.00"), 3),
        (2, "伙食费", "all", Decimal("13.50"), 24, Decimal("13.50"), None),
        (5, "被褥费", "small", Decimal("180.00"), 6, None, None),
    ]
    says = FilingExplanation.objects.visible_to(scene.officer).values_list("place", "text")
    assert set(says) == {("1", "下月抵扣"), ("5", "正在退费"), ("1", "退2月的")}
    # The reviewer reads the deviation, its reason, and the rows by their names.
    page = client_of(scene.officer).get(reverse("filing-review", args=[filing.pk])).content.decode()
    for text in ("每人多收50.5元", "下月抵扣", "被褥费（小班）", "650.5"):
        assert text in page
    # A class may be called as a row is numbered: the row's reason is not the class's.
    version = read_version(filing.versions.get())
    as_row = replace(version, classes={"1": version.classes["小一班"]})
    shown = content(as_row, None, list(version.version.explanations.all()))
    assert [row.note for row in shown["classes"]] == [""]
    # As typed again: the next month compares with it row by row.
    last = last_submitted(scene.kindergarten, dt.date(2026, 11, 1))
    assert last is not None
    assert last.part("charges")["1"] == {
        **CARE.typed("20"),
        "amount": "650.5",
        "periods": "5",
        "prepaid": "3",
    }


def test_the_form_offers_what_a_draft_lacks_and_ticks_what_is_the_same(scene: Scene) -> None:
    """A return opened before the schedule was recorded; next month the tick."""
    filing = scene.open()
    filing.draft["charges"] = {}
    filing.save(update_fields=["draft"])
    client = client_of(scene.director)
    page = client.get(reverse("filing-edit", args=[filing.pk])).content.decode()
    assert 'name="charges-1-amount" value="600"' in page
    assert "公示13.5元/天" in page
    assert 'name="same-charges"' not in page

    typed(filing, row1=CARE.typed("24"), row2=MEALS.typed("24"))
    scene.submit(filing)
    last = last_submitted(scene.kindergarten, dt.date(2026, 11, 1))
    assert last is not None
    part = last.part("charges")
    assert CHARGES.is_same(begun(part, [CARE, MEALS], list(CHARGES.rows), carries=True), part)
    assert not CHARGES.is_same({**part, "1": {**part["1"], "payers": "23"}}, part)
    assert not CHARGES.is_same({"1": part["1"]}, part)


def test_what_the_director_types_is_saved_and_sent_back(scene: Scene) -> None:
    """Through the form: a row of one's own, and a reason at a cell when the return comes back."""
    filing = type_what_begins_empty(scene.open())
    typed(filing, row1={"payers": "24"}, row2={"payers": "24"})
    client, url = client_of(scene.director), reverse("filing-edit", args=[filing.pk])
    own = {"": "service_fee", "-name": "被褥费", "-scope": "small-half_day", "-unit": "time",
           "-amount": "180", "-payers": "6"}  # fmt: skip
    posted = {f"charges-5{name}": text for name, text in own.items()}
    reason = {"explain-charge_unlisted@5": "正在退费"}
    client.post(url, form_data(filing, **posted, **reason, action="save"))
    filing.refresh_from_db()
    assert filing.draft["charges"]["5"] == {
        "item": "service_fee", "name": "被褥费", "scope": "small-half_day", "unit": "time",
        "amount": "180", "payers": "6", "periods": "", "prepaid": "",
    }  # fmt: skip
    assert filing.draft["explanations"] == {"charge_unlisted@5": "正在退费"}
    # Hours that no line has any more stay what they are.
    page = client.get(url).content.decode()
    assert '<option value="small-half_day" selected>小班半日制</option>' in page
    scene.submit(filing)
    services.send_back(
        filing_id=filing.pk, version_seen=1, reason="核对", by=scene.officer, now=NOW,
        field_reasons={"charges:1:payers": "和出勤不一致"},
    )  # fmt: skip
    page = client.get(url).content.decode()
    assert "和出勤不一致" in page
    assert "保教费（全园）收费" in page
    assert "第1项收费" not in page
    filing.refresh_from_db()
    typed(filing, {"charge_unlisted@5": "已退费"}, row1={"payers": "23"})
    scene.submit(filing)
    seen = comparing.compare(filing, *(filing.versions.get(version=one) for one in (1, 2)))
    assert [one.label for one in seen.texts] == ["被褥费（小班半日制） 说明"]
    assert [line.change.label for line in seen.lines] == ["保教费（全园）收费人数"]


def test_a_line_recorded_after_the_draft_was_saved_is_asked_for(scene: Scene) -> None:
    """With more lines than the twenty that a return once had rows for."""
    filing = scene.open()
    typed(filing, row1={"payers": "24"}, row2={"payers": "24"})
    fee = ScheduledFee.objects.visible_to(scene.officer).get(name=MEALS.name)
    for number in range(21):
        fee.pk, fee.name, fee._state.adding = None, f"服务{number}", True
        fee.save()
    with pytest.raises(NotSubmittable) as refusal:
        scene.submit(filing)
    problems = dict(refusal.value.review.problems)
    assert "服务20（全园）收费人数没有填" in "".join(problems.values())
    page = client_of(scene.director).get(reverse("filing-edit", args=[filing.pk])).content.decode()
    assert page.count("data-listed") == 23
    assert page.count("再填一项") == 3


def test_a_first_return_begins_with_the_schedule_and_no_tick(scene: Scene) -> None:
    second = scene.small.kindergarten(scene.town, "示例二园")
    fee = ScheduledFee.objects.visible_to(scene.officer).get(name="")
    fee.pk, fee.kindergarten, fee._state.adding = None, second, True
    fee.save()
    director = acting(scene.small.person("二园园长", second.organisation, "director"))
    filing = services.open_filing(kindergarten=second, period=scene.period, by=director, now=NOW)
    page = client_of(director).get(reverse("filing-edit", args=[filing.pk])).content.decode()
    assert "公示600元/月" in page
    assert 'name="same-' not in page


def test_a_line_that_a_submitted_return_was_held_to_is_not_withdrawn(scene: Scene) -> None:
    filing = scene.open()
    typed(filing, row1={"payers": "20"}, row2={"payers": "24"})
    fee = ScheduledFee.objects.visible_to(scene.officer).get(name="")
    large = record_fee(
        kindergarten=scene.kindergarten, by=scene.officer, now=NOW,
        facts=FeeFacts(item=fee.item, name="", scope="large", hours="any", amount=Decimal(0),
                       unit="month", valid_from=dt.date(2026, 11, 1), document="示例文号"),
    )  # fmt: skip
    scene.submit(filing)
    ask: dict[str, Any] = {"reason": "登记错了", "by": scene.officer, "now": NOW}
    with pytest.raises(FeeRefused, match="2026年10月月报已按这一条提交，不能撤销"):
        withdraw_fee(fee_id=fee.pk, **ask)
    withdraw_fee(fee_id=large.pk, **ask)


@pytest.mark.parametrize(
    ("line", "corrected", "charge", "held"),
    [
        ("all-any", {}, ("all", "any", 600), True),
        ("all-any", {}, ("large", "half_day", 600), True),
        ("small-any", {}, ("small", "half_day", 600), True),
        # Beside another line of the same amount, or of another: none of its children.
        ("small-any", {}, ("large", "any", 600), False),
        ("small-half_day", {}, ("small", "any", 600), False),
        ("all-any", {}, ("all", "any", 500), False),
        # As the line stood when it was submitted.
        ("all-any", {"amount": Decimal(650)}, ("large", "any", 600), True),
        ("large-any", {"scope": "small"}, ("large", "any", 600), True),
        ("all-any", {"valid_from": dt.date(2026, 11, 1)}, ("all", "any", 600), True),
    ],
)
def test_what_was_held_to_a_line_stays_so_when_it_is_corrected(
    scene: Scene, line: str, corrected: dict[str, Any], charge: tuple[str, str, int], held: bool
) -> None:
    scope, hours = line.split("-")
    facts = FeeFacts(
        item="service_fee", name="延时服务", scope=scope, hours=hours, amount=Decimal(600),
        unit="month", valid_from=SINCE, document="示例文号",
    )  # fmt: skip
    fee = record_fee(kindergarten=scene.kindergarten, facts=facts, by=scene.officer, now=NOW)
    Charge.objects.create(
        filing_version=scene.last.versions.get(), position=1, item=facts.item, name=facts.name,
        scope=charge[0], hours=charge[1], unit="month", amount=Decimal(600), payers=1,
        scheduled=Decimal(charge[2]),
    )  # fmt: skip
    if corrected:
        facts = replace(facts, **corrected)
        correct_fee(fee_id=fee.pk, facts=facts, reason="笔误", seen=None, by=scene.officer)
    fee.refresh_from_db()
    assert Charge.objects.visible_to(scene.officer).held_to(states_of(fee)).exists() is held


def test_what_is_as_last_month_is_confirmed_when_it_goes_off_again_too(scene: Scene) -> None:
    """After it came back, the same rule; however the number was typed."""
    last = scene.last.versions.get()
    for row, line in (("1", CARE), ("2", MEALS)):
        Charge.objects.create(
            filing_version=last, position=int(row), item=line.item, name=line.name, scope="all",
            hours="any", unit=line.unit, amount=Decimal(line.fen) / 100, payers=24,
        )  # fmt: skip
    filing = scene.open()
    assert filing.draft["charges"]["1"] == CARE.typed("24")
    typed(filing, row1={"payers": "20"})
    scene.submit(filing)
    services.send_back(
        filing_id=filing.pk, version_seen=1, field_reasons={"charges:1:payers": "请核对"},
        reason="", by=scene.officer, now=NOW,
    )  # fmt: skip
    filing.refresh_from_db()
    form = form_data(filing, **{"charges-1-payers": "24人", "charges-1-amount": "600.00元"})
    form |= {"action": "submit"}
    unticked = {name: text for name, text in form.items() if name != "same-charges"}
    url = reverse("filing-edit", args=[filing.pk])
    with travel(NOW, tick=False):
        client = client_of(scene.director)
        page = client.post(url, unticked)
        assert page.status_code == 422
        assert "收费与上月完全相同。核对无误的，请勾选" in page.content.decode()
        filing.refresh_from_db()
        form |= {"revision": str(filing.revision), "same-charges": "1"}
        assert client.post(url, form).status_code == 302
    assert "charges" in filing.versions.get(version=2).unchanged


def test_a_standard_that_changed_since_is_said_at_its_row_with_the_new_amount(
    scene: Scene, django_assert_num_queries: Any
) -> None:
    filing = scene.open()
    typed(filing, row1={"payers": "20"}, row2={"payers": "24"})
    with django_assert_num_queries(0):
        assert not moved_charges(filing, filing.draft, [CARE, MEALS])
    client, url = client_of(scene.director), reverse("filing-edit", args=[filing.pk])
    assert "charge-moved" not in client.get(url).content.decode()
    care, meals = (
        ScheduledFee.objects.visible_to(scene.officer).get(name=n) for n in ("", MEALS.name)
    )
    facts = {name: getattr(care, name) for name in FEE_FACTS} | {"amount": Decimal(650)}
    correct_fee(fee_id=care.pk, facts=FeeFacts(**facts), reason="笔误", seen=None, by=scene.officer)
    withdraw_fee(fee_id=meals.pk, reason="登记错了", by=scene.officer, now=NOW)
    page = client.get(url).content.decode()
    assert "收费标准已由600元/月改为650元/月，这里还是原来的。" in page
    assert 'data-takes-amount="650"' in page
    assert "这一项的收费标准13.5元/天已撤销或截止。" in page
    # What the director wrote beside the schedule was never the schedule's.
    typed(filing, row1={"amount": "620"})
    filing.period.refresh_from_db()
    assert list(moved_charges(filing, filing.draft, schedule_of_filing(filing))) == ["2"]
