"""A filing from draft to schedule in one county, by whom, and what its pages say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Membership, Notice
from fees.filing import selectors, services
from fees.filing.rules import Line
from fees.models import FeeCeiling, LocalFeeItem, ScheduledFee, ScheduleFiling
from fees.rules import FeeFacts
from fees.services import FeeRefused, record_fee
from kindergartens.models import KindergartenStatus
from reports.filings.fee_schedules import schedule_of
from tests.access.routes import World
from tests.conftest import acting
from tests.signing_in import client_of
from tests.small_county import NOW, SINCE

TODAY, FIRST = NOW.date(), dt.date(2026, 12, 1)
CARE = Line(
    1, "care_education_fee", "", "all", "any", "all", Decimal(580), "month", FIRST, "保育教育", "文号"
)  # fmt: skip


class Desk:
    """The world's kindergarten with 保教费 550 in force and meals; its director and two officers."""

    def __init__(self, world: World) -> None:
        self.world, self.kindergarten = world, world.kindergarten
        ScheduleFiling.objects.unscoped("the table's own").filter(
            kindergarten=world.kindergarten
        ).update(state="withdrawn", published_on=None)
        ScheduledFee.objects.create(
            kindergarten=world.kindergarten, item=CARE.item, scope="all", amount=550, unit="month",
            valid_from=SINCE, document="旧文号", entered_at=NOW,
            entered_as=world.people["bureau_officer"].memberships.get(),
        )  # fmt: skip
        self.director = acting(world.people["director"])
        self.officer = acting(world.people["bureau_officer"])

    def begun(self, *lines: Line) -> ScheduleFiling:
        filing = services.draft(kindergarten=self.kindergarten, by=self.director, now=NOW)
        rows = [selectors.line_of(row) for row in filing.lines.all()]
        # What is in force goes on, but for what is proposed of the same charge.
        kept = [row for row in rows if row.charge not in [line.charge for line in lines]]
        services.save_lines(
            filing_id=filing.pk, lines=[*lines, *kept], note="", by=self.director,
            seen=selectors.stamp(filing),
        )  # fmt: skip
        return self.again(filing)

    def again(self, filing: ScheduleFiling) -> ScheduleFiling:
        return ScheduleFiling.objects.unscoped("the test's own").get(pk=filing.pk)

    def act(self, act: Any, filing: ScheduleFiling, by: Any = None, **more: Any) -> ScheduleFiling:
        seen = more.pop("seen", selectors.stamp(self.again(filing)))
        act(filing_id=filing.pk, seen=seen, by=by or self.director, now=NOW, **more)
        return self.again(filing)

    def reviewed(self, *lines: Line) -> ScheduleFiling:
        filing = self.act(services.file, self.begun(*lines))
        return self.act(services.review, filing, self.officer, document_number="备〔2026〕1号")

    def publish(self, filing: ScheduleFiling, by: Any = None, on: Any = TODAY) -> ScheduleFiling:
        return self.act(
            services.publish, filing, by, published_on=on, published_where="园门口公示栏"
        )

    def schedule(self, day: dt.date) -> list[tuple[str, str, Decimal]]:
        rows = selectors.in_force(self.kindergarten, day)
        return [(one.item, one.entrants, one.amount) for one in rows if one.item == CARE.item]


@pytest.fixture
def desk(world: World) -> Iterator[Desk]:
    return Desk(world)


def test_it_becomes_the_schedule_when_it_is_published(desk: Desk) -> None:
    filing = desk.reviewed(CARE)
    assert desk.schedule(FIRST) == [(CARE.item, "all", 550)]
    with pytest.raises(FeeRefused, match="不能晚于今天"):
        desk.publish(filing, on=TODAY + dt.timedelta(days=1))
    with pytest.raises(FeeRefused, match="不能早于审核日期"):
        desk.publish(filing, on=TODAY - dt.timedelta(days=1))
    filing = desk.publish(filing)
    assert (filing.state, filing.published_where) == ("published", "园门口公示栏")
    assert desk.schedule(FIRST - dt.timedelta(days=1)) == [(CARE.item, "all", 550)]
    assert desk.schedule(FIRST) == [(CARE.item, "all", 580)]
    fee = filing.lines.get(item=CARE.item).recorded
    assert fee is not None
    assert (fee.document, fee.published_on) == ("备〔2026〕1号", TODAY)
    assert fee.replaced is not None
    with pytest.raises(FeeRefused, match="现在是“已公示”"):
        desk.act(services.withdraw, filing, reason="不改了")
    # The next draft knows what was said of it.
    later = services.draft(kindergarten=desk.kindergarten, by=desk.director, now=NOW)
    assert later.state == "draft"


def test_new_entrants_pay_anew_and_the_others_as_before(desk: Desk) -> None:
    desk.publish(desk.reviewed(replace(CARE, entrants="new")))
    assert {*desk.schedule(FIRST)} == {(CARE.item, "all", 550), (CARE.item, "new", 580)}
    # A return says one amount: it is held to the highest that somebody may be asked for.
    [line] = [one for one in schedule_of(desk.kindergarten, FIRST) if one.item == CARE.item]
    assert (line.fen, line.also, line.published) == (58000, (55000,), True)
    assert line.allows(55000)
    # One of everybody ends both.
    desk.publish(desk.reviewed(replace(CARE, amount=Decimal(600), valid_from=dt.date(2027, 3, 1))))
    assert desk.schedule(dt.date(2027, 3, 1)) == [(CARE.item, "all", 600)]


def test_a_line_stops_from_its_day(desk: Desk) -> None:
    meals = selectors.as_lines(selectors.in_force(desk.kindergarten, TODAY))[-1]
    assert meals.name == "伙食费"
    desk.publish(desk.reviewed(replace(meals, valid_from=FIRST, stops=True)))
    names = [fee.name for fee in selectors.in_force(desk.kindergarten, FIRST)]
    assert "伙食费" not in names


def test_who_may_do_what(desk: Desk) -> None:
    filing = desk.act(services.file, desk.begun(CARE))
    with pytest.raises(PermissionDenied):
        desk.act(services.review, filing, desk.director, document_number="文号")
    with pytest.raises(PermissionDenied):
        services.draft(kindergarten=desk.kindergarten, by=desk.officer, now=NOW)
    clerk = acting(desk.world.people["kindergarten_clerk"])
    with pytest.raises(PermissionDenied):
        desk.act(services.withdraw, filing, clerk, reason="不改了")
    stranger = acting(desk.world.strangers["bureau_officer"])
    with pytest.raises(ScheduleFiling.DoesNotExist):
        desk.act(services.review, filing, stranger, document_number="文号")
    with pytest.raises(FeeRefused) as refusal:
        desk.act(services.send_back, filing, desk.officer, reason="")
    assert refusal.value.field == "reason"
    # Whoever filed it has become an officer since.
    ScheduleFiling.objects.unscoped("the test's own").filter(pk=filing.pk).update(
        filed_as=desk.officer.acting
    )
    with pytest.raises(FeeRefused, match="另一位经办人"):
        desk.act(services.review, filing, desk.officer, document_number="文号")


def test_two_at_once(desk: Desk) -> None:
    filing = desk.begun(CARE)
    with pytest.raises(FeeRefused, match="已有一件"):
        services.draft(kindergarten=desk.kindergarten, by=desk.director, now=NOW)
    seen = selectors.stamp(filing)
    services.save_lines(
        filing_id=filing.pk, lines=[replace(CARE, amount=Decimal(590))], note="", seen=seen,
        by=desk.director,
    )  # fmt: skip
    for act in (services.file, services.withdraw):
        more = {"reason": "x"} if act is services.withdraw else {}
        with pytest.raises(FeeRefused, match="别人改过或办过"):
            desk.act(act, filing, seen=seen, **more)
    filing = desk.act(services.withdraw, filing, reason="重新起草")
    filing = desk.reviewed(CARE)
    with CaptureQueriesContext(connection) as asked:
        desk.publish(filing)
    locks = [one["sql"] for one in asked if "FOR NO KEY UPDATE" in one["sql"]]
    assert ['OF "' + sql.rpartition('OF "')[2] for sql in locks] == [
        'OF "kindergartens_kindergarten"', 'OF "fees_schedulefiling"',
    ]  # fmt: skip


def test_a_schedule_that_was_changed_meanwhile_is_not_written_over(desk: Desk) -> None:
    filing = desk.reviewed(CARE)
    fee = ScheduledFee.objects.unscoped("the test's own").get(
        kindergarten=desk.kindergarten, item=CARE.item
    )
    fee.valid_to = FIRST
    fee.save()
    ScheduledFee.objects.create(
        kindergarten=desk.kindergarten, item=CARE.item, scope="all", amount=560, unit="month",
        valid_from=FIRST, document="另一文号", entered_at=NOW, entered_as=desk.officer.acting,
    )  # fmt: skip
    with pytest.raises(FeeRefused) as refusal:
        desk.publish(filing)
    assert (
        "2026年12月1日执行的，审核时是全部幼儿550元/月（2020年1月1日起），"
        "现在是全部幼儿560元/月（2026年12月1日起）。没有登记公示。请教育局退回"
        in str(refusal.value)
    )
    assert desk.again(filing).state == "reviewed"
    back = desk.act(services.send_back, filing, desk.officer, reason="标准另外登记了，请核对")
    assert (back.state, back.document_number) == ("returned", "")
    # The kindergarten is told of both, and where to go on.
    told = Notice.objects.visible_to(desk.director).filter(kind="fees").order_by("pk")
    said = [(one.title, one.text, one.link) for one in told]
    page = reverse("fee-filing", args=[filing.pk])
    assert [(title, link) for title, _, link in said] == [
        ("收费备案审核通过，请公示", page), ("收费备案被退回，请改后重报", page),
    ]  # fmt: skip
    assert said[1][1] == "标准另外登记了，请核对"


@pytest.mark.parametrize("entrants", ["all", "new"])
def test_a_line_the_county_recorded_since_the_review_is_not_ended(
    desk: Desk, entrants: str
) -> None:
    filing = desk.reviewed(CARE)
    record_fee(
        kindergarten=desk.kindergarten, by=desk.officer, now=NOW, replaces=True,
        facts=FeeFacts(
            CARE.item, "", "all", "any", Decimal(560), "month", dt.date(2026, 11, 10),
            document="另一文号", entrants=entrants,
        ),
    )  # fmt: skip
    with pytest.raises(FeeRefused, match="标准另外改过"):
        desk.publish(filing)
    assert (CARE.item, entrants, 560) in desk.schedule(FIRST)
    # Sent back and reviewed again, in sight of it, it is published.
    filing = desk.act(services.send_back, filing, desk.officer, reason="标准另外登记了")
    filing = desk.act(services.file, filing)
    filing = desk.act(services.review, filing, desk.officer, document_number="备〔2026〕3号")
    desk.publish(filing)
    assert desk.schedule(FIRST) == [(CARE.item, "all", 580)]


def test_what_was_limited_since_the_review_is_not_published(desk: Desk) -> None:
    service = replace(CARE, position=2, item="service_fee", name="延时服务", amount=Decimal(200))
    filing = desk.reviewed(CARE, service)
    county = desk.world.small.county
    FeeCeiling.objects.filter(region=county).update(valid_to=FIRST)
    ceiling = FeeCeiling.objects.create(
        region=county, scope="public", yuan_per_month=570, document="新限价", valid_from=FIRST
    )
    with pytest.raises(
        FeeRefused, match=r"改过。第1行：高于最高限价10元.*没有登记公示。请教育局退回"
    ):
        desk.publish(filing)
    FeeCeiling.objects.filter(pk=ceiling.pk).update(yuan_per_month=580)
    listed = LocalFeeItem.objects.filter(region=county, name="延时服务")
    listed.update(unit="month", most=150, document="新清单", valid_from=FIRST)
    with pytest.raises(FeeRefused, match="第2行：高于当地目录清单的最高标准150元/月（新清单）"):
        desk.publish(filing)
    listed.update(most=200)
    filing = desk.publish(filing)
    fee = filing.lines.get(item="service_fee").recorded
    assert fee is not None
    # What parents are told they pay for comes from the filing.
    assert fee.content == "保育教育"


def test_a_private_one_hands_in_its_costs(desk: Desk) -> None:
    KindergartenStatus.objects.unscoped("the test's own").filter(
        kindergarten=desk.kindergarten
    ).update(ownership="non_inclusive_private", sponsor_type="private", counts_public=False)
    filing = desk.begun(CARE)
    with pytest.raises(FeeRefused, match="成本核算表"):
        desk.act(services.file, filing)
    client = client_of(desk.director)
    url = reverse("fee-filing-costs", args=[filing.pk])
    costs = dict.fromkeys(
        ("staff", "activities", "office", "premises", "utilities", "other"), "100000"
    )
    rest = {"year": "2025", "public_input": "50000", "donations": "0", "months": "10"}
    page = client.post(url, costs | rest | {"children": "0", "seen": selectors.stamp(filing)})
    assert page.status_code == 422
    typed = costs | rest | {"children": "100", "seen": selectors.stamp(filing)}
    page = client.post(url, typed, follow=True)
    assert "= <b>550.00元</b>" in page.content.decode()
    assert "拟收580元/月，比生均成本高30.00元" in page.content.decode()
    assert desk.act(services.file, desk.again(filing)).state == "filed"


def test_the_journey_over_its_pages(desk: Desk) -> None:
    director, officer = client_of(desk.director), client_of(desk.officer)
    code = desk.kindergarten.code
    page = director.post(reverse("fee-filing-new", args=[code]), follow=True)
    filing = ScheduleFiling.objects.unscoped("the test's own").open().get()
    lines = reverse("fee-filing-lines", args=[filing.pk])
    assert page.redirect_chain[-1][0] == lines
    form = page.context["form"]
    typed = {name: form[name].value() or "" for name in form.fields} | {
        "1-amount": "￥6000", "1-valid_from": "2026-12-01", "1-content": "保育教育",
        "4-item": "service_fee", "4-name": "英语兴趣班", "4-amount": "12.345",
    }  # fmt: skip
    typed = {name: value for name, value in typed.items() if not name.endswith("stops")}
    page = director.post(lines, typed)
    assert page.status_code == 422
    assert "小数最多2位" in page.content.decode()
    # Nothing that was typed is lost.
    assert 'value="￥6000"' in page.content.decode()
    # Half a row is no row that may be lost.
    left_over = typed | {"4-amount": "", "4-item": "", "4-name": "", "4-content": "英语口语"}
    page = director.post(lines, left_over)
    assert "这一行还没有收费项目和标准" in page.context["form"].errors["4-item"][0]
    page = director.post(lines, typed | {"4-amount": "100"}, follow=True)
    said = page.content.decode()
    assert "10.9倍" in said
    assert "不得以“兴趣班”的名义收费" in said
    # A draft is its kindergarten's alone.
    url = reverse("fee-filing", args=[filing.pk])
    assert officer.get(url).status_code == 404
    act = reverse("fee-filing-act", args=[filing.pk])
    refused = director.post(act, {"act": "file", "seen": page.context["seen"]})
    assert refused.status_code == 422
    form = director.get(lines).context["form"]
    typed = {name: form[name].value() or "" for name in form.fields if "stops" not in name} | {
        "1-amount": "580", "3-item": "", "3-name": "", "3-amount": "",
    }  # fmt: skip
    page = director.post(lines, typed, follow=True)
    page = director.post(act, {"act": "file", "seen": page.context["seen"]}, follow=True)
    assert "等甲县教育局审核" in page.content.decode()
    listed = officer.get(reverse("fee-filings")).content.decode()
    assert desk.kindergarten.name in listed
    page = officer.get(url)
    assert "涨30元" in page.content.decode()
    reviewing = {"act": "review", "document_number": "备〔2026〕2号", "seen": page.context["seen"]}
    page = officer.post(act, reviewing, follow=True)
    page = director.get(url)
    publishing = {
        "act": "publish", "published_on": "2026-11-05", "published_where": "公示栏",
        "seen": page.context["seen"],
    }  # fmt: skip
    said = director.post(act, publishing, follow=True).content.decode()
    assert "2026年11月5日在公示栏公示" in said
    assert "550元/月" in said
    told = director.get(reverse("fee-filing-history", args=[filing.pk])).content.decode()
    assert "6000" in told


def test_the_list_asks_as_much_of_many(desk: Desk) -> None:
    officer = client_of(desk.officer)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert officer.get(reverse("fee-filings"), {"state": ""}).status_code == 200
        return len(asked)

    few = queries()
    for at in range(4):
        ScheduleFiling.objects.create(
            kindergarten=desk.kindergarten, state="withdrawn", drafted_at=NOW,
            drafted_as=desk.director.acting, note=str(at),
        )  # fmt: skip
    assert queries() == few


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"state": "filed"}, "schedule_filing_says_who_filed"),
        ({"state": "reviewed", "filed": True}, "reviewed_schedule_filing_has_document"),
        ({"state": "published", "filed": True, "reviewed": True, "document_number": "x"},
         "published_schedule_filing_says_where"),
        ({"state": "filed", "filed": True, "same": True}, "who files a schedule does not review it"),
    ],
)  # fmt: skip
def test_the_database_holds_it(desk: Desk, values: dict[str, Any], constraint: str) -> None:
    director, officer = desk.director.acting, desk.officer.acting
    if values.pop("filed", False):
        values["filed_as"] = director
    if values.pop("reviewed", False):
        values["reviewed_as"] = officer
    if values.pop("same", False):
        # Another post of the same person.
        values["reviewed_as"] = Membership.objects.create(
            user=director.user,
            organisation=officer.organisation,
            role=officer.role,
            valid_from=SINCE,
        )
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        ScheduleFiling.objects.create(
            kindergarten=desk.kindergarten, drafted_as=director, drafted_at=NOW, **values
        )
