"""The return in a real browser: what follows each key, what is saved, what is kept back."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, expect

from kindergartens.models import MonthlyFiling, ReportingPeriod
from reports.filings import checks, services
from safety.rules import safety_items
from tests.conftest import acting
from tests.small_county import OCTOBER, SEPTEMBER, SmallCounty, type_what_begins_empty

# What stood at one item of September's self-check, in the marks and digits people type.
UNSAFE, WORDS = next(iter(safety_items())), "东侧通道，堆放１箱"

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def filing(small: SmallCounty) -> MonthlyFiling:
    """October's return of a kindergarten with one class of 24 in September, open today."""
    now = timezone.now()
    ReportingPeriod.objects.filter(month=OCTOBER).update(
        opens_at=now - dt.timedelta(days=5),
        due_at=now + dt.timedelta(days=5),
        locks_at=now + dt.timedelta(days=10),
    )
    kindergarten = small.kindergarten(small.town("甲镇"), "示例一园")
    said = {"answer": "no", "account": WORDS, "repair_by": now.date() + dt.timedelta(days=60)}
    small.file(kindergarten, 24, month=SEPTEMBER, unsafe={UNSAFE: said})
    director = acting(small.person("园长", kindergarten.organisation, "director"))
    period = ReportingPeriod.objects.get(county=small.county, month=OCTOBER)
    return type_what_begins_empty(
        services.open_filing(kindergarten=kindergarten, period=period, by=director, now=now)
    )


@pytest.fixture
def page(browser: Browser, live_server, client: Client, filing: MonthlyFiling) -> Iterator[Page]:
    """The return's page, signed in as its director; any complaint in the console fails the test."""
    director = filing.kindergarten.organisation.memberships.get(role="director").user
    client.force_login(director)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
    )
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on(
        "console",
        lambda line: complaints.append(line.text) if "Content Security" in line.text else None,
    )
    opened.goto(live_server.url + reverse("filing-edit", args=[filing.pk]))
    yield opened
    context.close()
    # Inside Playwright's event loop Django opened a connection of its own.
    connections.close_all()
    assert complaints == []


def saved(filing: MonthlyFiling) -> dict[str, str]:
    filing.refresh_from_db()
    return filing.draft["classes"][0]


def state_of(page: Page) -> str:
    return page.locator("#class-0 [data-state]:visible").inner_text()


def type_into(page: Page, **cells: str) -> None:
    for name, text in cells.items():
        page.fill(f"#class-0-{name}", text)


def test_totals_and_states_follow_each_key(page: Page) -> None:
    assert state_of(page) == "沿用上月"
    type_into(page, boys="13")
    expect(page.locator("#class-0 [data-total]")).to_have_text("25")
    expect(page.locator("#class-0 [data-delta]")).to_have_text("+1")
    expect(page.locator("#class-0-error")).to_contain_text(
        "小一班男女合计25人，各年龄合计24人，相差1人。请核对男、女和3岁的人数。"
    )
    assert state_of(page) == "必须改"
    type_into(page, age3="25")
    expect(page.locator("#class-0-error")).to_contain_text(
        "小一班上月24人，入园0人、转入0人，离园0人、转出0人，应为24人，现填25人。"
    )
    type_into(page, entered="1")
    expect(page.locator("#class-0-error")).to_be_hidden()
    assert state_of(page) == "改了3处"
    expect(page.locator("tfoot [data-grand-total]")).to_have_text("25")


def test_full_width_digits_are_read_and_shown_plain(page: Page) -> None:
    type_into(page, entered="１", boys="１３", age3="２５")
    page.press("#class-0-age3", "Tab")
    assert page.input_value("#class-0-age3") == "25"
    assert state_of(page) == "改了3处"


def test_what_is_no_head_count_is_named_beside_its_row(page: Page) -> None:
    for typed in ("", "-3", "十二", "1000000000", "1.5"):
        type_into(page, boys=typed)
        expect(page.locator("#class-0-error")).to_contain_text("小一班：男")
        expect(page.locator("#class-0-boys")).to_have_attribute("aria-invalid", "true")
        type_into(page, boys="12")
        expect(page.locator("#class-0-error")).to_be_hidden()


def test_draft_saves_itself_once_typing_rests(page: Page, filing: MonthlyFiling) -> None:
    before = filing.revision
    type_into(page, boys="13", age3="25")
    expect(page.locator("[name=revision]")).to_have_value(str(before + 1))
    expect(page.locator("[data-save=saved]")).to_be_visible()
    assert saved(filing)["boys"] == "13"


def test_broken_network_is_said_and_the_draft_saved_when_it_is_back(
    page: Page, filing: MonthlyFiling
) -> None:
    def cut(route: Route) -> None:
        if route.request.method == "POST":
            route.abort()
        else:
            route.continue_()

    page.route("**/edit/", cut)
    type_into(page, boys="13", age3="25")
    expect(page.locator("[data-save=trouble]")).to_be_visible()
    page.unroute("**/edit/")
    expect(page.locator("[data-save=saved]")).to_be_visible(timeout=10_000)
    assert saved(filing)["age3"] == "25"


def test_two_windows_do_not_overwrite_each_other(page: Page, filing: MonthlyFiling) -> None:
    MonthlyFiling.objects.filter(pk=filing.pk).update(revision=filing.revision + 1)
    type_into(page, boys="13", age3="25")
    expect(page.locator("[data-save=trouble]")).to_be_visible()
    assert saved(filing)["boys"] == "12"


def test_submitting_with_an_error_leads_to_it_and_sends_nothing(
    page: Page, filing: MonthlyFiling
) -> None:
    type_into(page, boys="13")
    page.click("[data-submits]")
    expect(page.locator("[data-submit-note]")).to_be_visible()
    expect(page.locator("#class-0-boys")).to_be_focused()
    filing.refresh_from_db()
    assert filing.state == "draft"


def test_unusual_change_asks_why_and_then_lets_through(page: Page, filing: MonthlyFiling) -> None:
    type_into(page, boys="4", age3="16", departed="8")
    expect(page.locator("#class-0-warn")).to_contain_text("小一班比上月少8人（24人变为16人）。")
    assert state_of(page) == "请说明"
    page.fill("#class-0-explain-class_change", "随父母返回原籍，已办转出。")
    assert state_of(page) == "已说明"
    page.click("[data-submits]")
    page.wait_for_url(lambda url: "/edit/" not in url)
    filing.refresh_from_db()
    assert filing.state == "submitted"


def test_withdrawn_class_can_be_taken_back(page: Page) -> None:
    page.click("#class-0 [data-remove]")
    assert state_of(page) == "已撤销"
    expect(page.locator("#class-0-boys")).to_be_disabled()
    page.click("#class-0 [data-remove]")
    expect(page.locator("#class-0-boys")).to_be_enabled()
    assert state_of(page) == "沿用上月"


def test_the_reasons_of_a_withdrawn_class_are_not_sent(page: Page, filing: MonthlyFiling) -> None:
    type_into(page, attended="100")
    page.fill("#class-0-explain-attendance_low", "流感停课")
    page.click("#class-0 [data-remove]")
    expect(page.locator("#class-0-explain-attendance_low")).to_be_disabled()
    expect(page.locator("#class-0-explain-class_change")).to_be_disabled()
    page.click("#class-0 [data-remove]")
    expect(page.locator("#class-0-explain-attendance_low")).to_be_enabled()


def test_a_renamed_class_is_compared_with_the_one_of_its_new_name(
    page: Page, filing: MonthlyFiling
) -> None:
    type_into(page, name="小甲班")
    # As on the server: no class had that name last month, so all 24 are more than came in.
    expect(page.locator("#class-0-error")).to_contain_text("小甲班上月0人")
    expect(page.locator("#class-0 [data-delta]")).to_have_text("—")
    type_into(page, moved_in="24")
    expect(page.locator("#class-0-error")).to_be_hidden()
    assert state_of(page) == "新班"
    page.fill("[id='explain-class_vanished@小一班']", "改名")
    page.click("[data-submits]")
    page.wait_for_url(lambda url: "/edit/" not in url)
    assert filing.versions.get().classes.get().name == "小甲班"


def test_enter_moves_down_a_column_and_never_submits(page: Page) -> None:
    address = page.url
    page.focus("#staff-principal")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert page.url == address
    assert page.evaluate("document.activeElement.closest('[data-staff-row]') !== null")


def test_return_without_a_class_does_not_pass_the_checks(page: Page, filing: MonthlyFiling) -> None:
    expect(page.locator("[data-all-right]")).to_be_visible()
    page.click("#class-0 [data-remove]")
    expect(page.locator("[data-all-right]")).to_be_hidden()
    expect(page.locator("[data-checks=error]")).to_have_text("1处必须改")
    page.click("[data-submits]")
    expect(page.locator("[data-submit-note]")).to_contain_text("没有提交。还没有填班级")
    filing.refresh_from_db()
    assert filing.state == "draft"


def test_return_with_too_many_classes_does_not_pass_the_checks(
    page: Page, filing: MonthlyFiling
) -> None:
    one = filing.draft["classes"][0]
    filing.draft["classes"] = [{**one, "name": f"小{i}班"} for i in range(checks.MOST_CLASSES + 1)]
    filing.save()
    page.reload()
    expect(page.locator("[data-number-of-classes]")).to_have_text(
        "一所园最多填60个班，现有61个。请核对。"
    )
    expect(page.locator("[data-all-right]")).to_be_hidden()
    page.click("#class-60 [data-remove]")
    expect(page.locator("[data-number-of-classes]")).to_be_hidden()


def test_class_just_added_is_new_and_not_yet_wrong(page: Page, filing: MonthlyFiling) -> None:
    page.click("[name=add][value=large]")
    name = page.locator("#class-1-name")
    expect(name).to_be_focused()
    new = page.locator("#class-1 [data-state]:visible")
    expect(new).to_have_text("新班")
    expect(page.locator("#class-1-error")).to_be_hidden()
    assert page.locator("#class-1 .is-bad").count() == 0
    expect(page.locator("[data-all-right]")).to_be_hidden()
    name.fill("大一班")
    page.keyboard.press("Tab")
    expect(page.locator("#class-1-error")).to_be_hidden()
    page.focus("#remarks")
    expect(new).to_have_text("必须改")
    expect(page.locator("#class-1-error")).to_contain_text(
        "大一班：男、女、3岁、4岁、5岁、6岁以上、入园、离园、转入和转出没有填"
    )


def test_class_just_added_is_named_when_submitting(page: Page, filing: MonthlyFiling) -> None:
    page.click("[name=add][value=large]")
    expect(page.locator("#class-1-name")).to_be_focused()
    page.evaluate("document.querySelector('[data-submits]').click()")
    expect(page.locator("#class-1-error")).to_contain_text("班级名称没有填")
    expect(page.locator("#class-1-name")).to_be_focused()


def test_server_does_not_call_a_class_just_added_wrong(
    client: Client, filing: MonthlyFiling
) -> None:
    director = filing.kindergarten.organisation.memberships.get(role="director").user
    client.force_login(director)
    blank = dict.fromkeys(filing.draft["classes"][0], "") | {"grade": "large"}
    filing.draft["classes"].append(blank)
    filing.save()
    page = client.get(reverse("filing-edit", args=[filing.pk])).content.decode()
    # What the page's script may say is there in any case.
    page = re.sub(r'data-rules="[^"]*"', "", page)
    assert "is-bad" not in page
    assert "班级名称没有填" not in page


def test_attendance_is_asked_for_when_submitting_and_its_rate_is_computed(
    page: Page, filing: MonthlyFiling
) -> None:
    type_into(page, attended="")
    expect(page.locator("[data-all-right]")).to_be_hidden()
    expect(page.locator("#class-0-more-error")).to_be_hidden()
    page.click("[data-submits]")
    expect(page.locator("#class-0-attended")).to_be_focused()
    expect(page.locator("#class-0-more-error")).to_contain_text("小一班：实到人次没有填。")
    # October 2026 has 18 working days: 24 children, 432 days due.
    days = page.input_value("#days_open")
    type_into(page, attended="400")
    due = 24 * int(days)
    expect(page.locator("#class-0-more [data-rate]")).to_have_text(
        f"{checks.in_percent(checks.rate_in_tenths(400, due))}%"
    )
    expect(page.locator("#class-0-more-error")).to_be_hidden()
    type_into(page, attended=str(due + 1))
    expect(page.locator("#class-0-more-error")).to_contain_text(f"超过{due}人次")
    type_into(page, attended="200")
    expect(page.locator("#class-0-more-warn")).to_contain_text("小一班出勤率")
    page.fill("#class-0-explain-attendance_low", "流感停课")
    page.click("[data-submits]")
    page.wait_for_url(lambda url: "/edit/" not in url)
    filing.refresh_from_db()
    assert filing.versions.get().explanations.get().text == "流感停课"


def test_an_earlier_reason_is_used_at_one_click(page: Page, filing: MonthlyFiling) -> None:
    september = filing.kindergarten.filings.get(month=SEPTEMBER).versions.get()
    september.explanations.create(
        code="class_change", place="小一班", says="小一班比上月少7人。", text="随父母返回原籍"
    )
    page.reload()
    type_into(page, boys="4", age3="16", departed="8")
    expect(page.locator("#class-0-explain-class_change")).to_have_value("")
    page.get_by_role("button", name="用9月的说明").click()
    expect(page.locator("#class-0-explain-class_change")).to_have_value("随父母返回原籍")
    assert state_of(page) == "已说明"


def test_a_section_of_words_stays_ticked_until_they_differ(page: Page) -> None:
    box, account = (
        page.get_by_label("安全自查都与上月相同"),
        page.locator(f"#safety-{UNSAFE}-account"),
    )
    type_into(page, boys="13")
    expect(box).to_be_checked()
    account.fill("门锁坏了")
    expect(box).not_to_be_checked()
    account.fill(WORDS)
    box.check()
    type_into(page, boys="12")
    expect(box).to_be_checked()


def test_what_sections_lack_is_said_where_it_lacks(page: Page) -> None:
    row = page.locator(f"#safety-{UNSAFE}-row")
    page.locator("[data-none]").uncheck()
    row.locator("[data-name=account]").fill("")
    # A charge of one's own, begun: what it is called is found in the schedule by the server alone.
    page.locator(".charges-others summary").click()
    other = page.locator("[data-charge][data-blank]").first
    other.locator("[data-name=amount]").fill("600")
    expect(other.locator("[data-finding]:visible")).to_have_count(0)
    page.get_by_role("button", name="提交", exact=True).click()
    expect(row.locator("[data-part-error]")).to_contain_text("要写明哪里不到位和整改期限")
    expect(page.locator("[data-incidents-error]")).to_have_text(
        re.compile("没有填。.*请勾选“本月无”")
    )
    expect(other.locator("[data-name=payers]")).to_have_class(re.compile("is-bad"))
    row.locator("[data-name=account]").fill(WORDS)
    page.locator("[data-none]").check()
    expect(row.locator("[data-part-error]")).to_be_hidden()
    expect(page.locator("[data-incidents-error]")).to_be_hidden()


def test_months_of_a_later_term_ask_for_a_reason_at_once(page: Page) -> None:
    page.locator(".charges-others summary").click()
    other = page.locator("[data-charge][data-blank]").first
    other.locator("[data-name=unit]").select_option("month")
    for name, text in (("amount", "600"), ("payers", "20"), ("periods", "4")):
        other.locator(f"[data-name={name}]").fill(text)
    reason = other.locator("[data-finding=charge_ahead]")
    expect(reason).to_be_hidden()
    # From October the autumn term has four months.
    other.locator("[data-name=periods]").fill("5")
    expect(reason).to_contain_text("一次收取5个月，其中1个月不属于本学期")


def test_a_charge_taken_out_again_asks_for_nothing(page: Page) -> None:
    """Its reason was given before, and stands hidden beside the emptied row."""
    page.locator(".charges-others summary").click()
    other = page.locator("[data-charge][data-blank]").first
    reason = other.locator("[data-finding=charge_unlisted] textarea")
    reason.evaluate("field => { field.value = '家长自愿参加'; }")
    page.locator(".charges-others summary").click()
    type_into(page, boys="12")
    page.get_by_role("button", name="提交", exact=True).click()
    page.wait_for_url("**/versions/1/")
