"""收费 in the return: begun from the schedule, checked beside it, kept, shown, carried on."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from fees.models import Charge, ScheduledFee
from kindergartens.models import FilingExplanation, MonthlyFiling
from reports.filings import services
from reports.filings.checks.cells import read_money
from reports.filings.checks.schedule import ScheduledLine, begun, offered, scheduled_for
from reports.filings.checks.sections.charges import CHARGES
from reports.filings.services import NotSubmittable
from reports.filings.submitted import last_submitted
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
    now = begun(last, [LARGE, CARE, HALF, MEALS], rows)
    assert {row: (cells["scope"], cells["amount"], cells["payers"]) for row, cells in now.items()} == {
        "1": ("all", "13.5", "24"), "2": ("all", "600", "20"), "3": ("small-half_day", "300", ""),
        "4": ("large", "0", "9"),
    }  # fmt: skip
    # What ended leaves its row; a draft is offered what it lacks, and what it has stays.
    assert begun(last, [CARE], rows) == {"2": CARE.typed("20")}
    assert offered(last, [CARE, HALF], rows) == {"3": HALF.typed("")}


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

    typed(filing, row1={"payers": "25", "amount": "650.5"}, row2={"payers": "24"},
          row5={"item": "service_fee", "name": "被褥费", "scope": "small", "unit": "time",
                "amount": "180", "payers": "6"})  # fmt: skip
    with pytest.raises(NotSubmittable) as refusal:
        scene.submit(filing)
    problems = dict(refusal.value.review.problems)
    assert "收费25人，多于在园24人" in problems["charges-1-payers"]
    assert "公示标准600元/月，每人多收50.5元" in problems["explain-charge_differs@1"]
    assert "收费公示表里没有这一项" in problems["explain-charge_unlisted@5"]

    reasons = {"charge_differs@1": "下月抵扣", "charge_unlisted@5": "正在退费"}
    typed(filing, reasons, row1={"payers": "20"})
    scene.submit(filing)
    kept = Charge.objects.visible_to(scene.officer).values_list(
        "position", "name", "scope", "amount", "payers", "scheduled"
    )
    assert list(kept) == [
        (1, "", "all", Decimal("650.50"), 20, Decimal("600.00")),
        (2, "伙食费", "all", Decimal("13.50"), 24, Decimal("13.50")),
        (5, "被褥费", "small", Decimal("180.00"), 6, None),
    ]
    says = FilingExplanation.objects.visible_to(scene.officer).values_list("place", "text")
    assert set(says) == {("1", "下月抵扣"), ("5", "正在退费")}
    # The reviewer reads the deviation, its reason, and the rows by their names.
    page = client_of(scene.officer).get(reverse("filing-review", args=[filing.pk])).content.decode()
    for text in ("每人多收50.5元", "下月抵扣", "被褥费（小班）", "650.5"):
        assert text in page
    # As typed again: the next month compares with it row by row.
    last = last_submitted(scene.kindergarten, dt.date(2026, 11, 1))
    assert last is not None
    assert last.part("charges")["1"] == {**CARE.typed("20"), "amount": "650.5"}


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
    assert CHARGES.is_same(begun(part, [CARE, MEALS], list(CHARGES.rows)), part)
    assert not CHARGES.is_same({**part, "1": {**part["1"], "payers": "23"}}, part)
    assert not CHARGES.is_same({"1": part["1"]}, part)


def test_what_the_director_types_is_saved_and_sent_back(scene: Scene) -> None:
    """Through the form: a row of one's own, and a reason at a cell when the return comes back."""
    filing = type_what_begins_empty(scene.open())
    typed(filing, row1={"payers": "24"}, row2={"payers": "24"})
    scene.submit(filing)
    services.send_back(
        filing_id=filing.pk, version_seen=1, reason="核对", by=scene.officer, now=NOW,
        field_reasons={"charges:1:payers": "和出勤不一致"},
    )  # fmt: skip
    page = client_of(scene.director).get(reverse("filing-edit", args=[filing.pk])).content.decode()
    assert "和出勤不一致" in page
