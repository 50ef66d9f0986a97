"""The pages of a return, as a browser without a script meets them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from kindergartens.models import MonthlyFiling
from reports.filings import services, unchanged
from reports.filings.checks import SECTIONS, text_at
from tests.reports.filings.test_services import Scene
from tests.small_county import NOW, SmallCounty

SignIn = Callable[[User], Client]


@pytest.fixture
def scene(small: SmallCounty) -> Iterator[Scene]:
    with time_machine.travel(NOW, tick=True):
        yield Scene(small)


def form_data(filing: MonthlyFiling, **changes: str) -> dict[str, str]:
    """What the browser posts for the saved draft, with some fields changed."""
    filing.refresh_from_db()
    data = {"revision": str(filing.revision), "days_open": filing.draft["days_open"]}
    for number, row in enumerate(filing.draft["classes"]):
        reasons = row.get("explanations", {})
        data |= {
            f"class-{number}-{column}": value
            for column, value in row.items()
            if column != "explanations"
        }
        data |= {f"class-{number}-explain-{code}": text for code, text in reasons.items()}
    data |= {f"explain-{key}": text for key, text in filing.draft.get("explanations", {}).items()}
    return data | section_data(filing.draft) | changes


def section_data(draft: dict[str, Any]) -> dict[str, str]:
    """The declared sections as the browser posts them."""
    return {
        section.input_name(row, field.name): text
        for code, section in SECTIONS.items()
        for row, field in section.cells()
        if (text := text_at(draft[code], row, field.name))
    } | {f"same-{section}": "1" for section, tick in unchanged.ticks(draft).items() if tick}


def test_the_month_to_do_stands_on_top(scene: Scene, sign_in: SignIn) -> None:
    page = sign_in(scene.director).get(reverse("my-filings")).content.decode()
    assert "2026年10月月报还没有填" in page
    assert "开始填10月月报" in page


def test_opening_leads_to_a_form_with_last_month(scene: Scene, sign_in: SignIn) -> None:
    client = sign_in(scene.director)
    answer = client.post(reverse("filing-open"), {"period": scene.period.pk}, follow=True)
    page = answer.content.decode()
    assert 'name="class-0-boys" value="12"' in page
    assert "上月24人" in page


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("-3", "男不能是负数"),
        ("", "男没有填"),
        ("十二", "要填整数"),
        ("1000000000", "超过200"),
        ("13", "相差1人"),
    ],
)
def test_bad_input_comes_back_at_its_field(
    scene: Scene, sign_in: SignIn, typed: str, says: str
) -> None:
    filing = scene.open()
    answer = sign_in(scene.director).post(
        reverse("filing-edit", args=[filing.pk]),
        form_data(filing, **{"class-0-boys": typed, "action": "submit"}),
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    assert says in page
    assert f'name="class-0-boys" value="{typed}"' in page
    assert 'href="#class-0-' in page
    filing.refresh_from_db()
    assert (filing.state, filing.version) == ("draft", 0)
    assert filing.draft["classes"][0]["boys"] == typed


def test_full_width_digits_are_digits(scene: Scene, sign_in: SignIn) -> None:
    filing = scene.open()
    answer = sign_in(scene.director).post(
        reverse("filing-edit", args=[filing.pk]),
        form_data(filing, **{"class-0-boys": "１２", "action": "submit"}),
    )
    assert answer.status_code == 302
    assert filing.versions.get().classes.get().boys == 12


def test_a_stale_tab_keeps_its_text_and_says_so(scene: Scene, sign_in: SignIn) -> None:
    filing = scene.open()
    client = sign_in(scene.director)
    url = reverse("filing-edit", args=[filing.pk])
    first, second = form_data(filing, remarks="一"), form_data(filing, remarks="二")
    assert client.post(url, first | {"action": "save"}).status_code == 302
    answer = client.post(url, second | {"action": "submit"})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "1处两边都改了，还没有保存" in page
    assert "二</textarea>" in page
    filing.refresh_from_db()
    assert (filing.draft["remarks"], filing.version) == ("一", 0)


def test_the_script_saves_and_learns_of_conflicts(scene: Scene, sign_in: SignIn) -> None:
    filing = scene.open()
    client = sign_in(scene.director)
    url = reverse("filing-edit", args=[filing.pk])
    data = form_data(filing, remarks="一")
    saved = client.post(url, data, headers={"accept": "application/json"})
    assert json.loads(saved.content)["revision"] == 2
    again = client.post(url, data, headers={"accept": "application/json"})
    assert json.loads(again.content)["revision"] == 2  # the same text once more is no conflict
    other = data | {"remarks": "二"}
    stale = client.post(url, other, headers={"accept": "application/json"})
    assert stale.status_code == 409
    assert "另一个窗口也改了这里改的1处" in json.loads(stale.content)["message"]


def test_what_was_typed_after_the_lock_comes_back(scene: Scene, sign_in: SignIn) -> None:
    filing = scene.open()
    data = form_data(filing, remarks="迟了", action="submit")
    scene.period.locks_at = NOW
    scene.period.due_at = NOW
    scene.period.save()
    answer = sign_in(scene.director).post(reverse("filing-edit", args=[filing.pk]), data)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "锁定" in page
    assert "迟了" in page


def test_classes_are_added_and_taken_away_without_a_script(scene: Scene, sign_in: SignIn) -> None:
    filing = scene.open()
    client = sign_in(scene.director)
    url = reverse("filing-edit", args=[filing.pk])
    client.post(url, form_data(filing, add="middle"))
    filing.refresh_from_db()
    assert [row["grade"] for row in filing.draft["classes"]] == ["small", "middle"]
    client.post(url, form_data(filing, remove="class-0"))
    filing.refresh_from_db()
    assert [row["grade"] for row in filing.draft["classes"]] == ["middle"]


def test_only_the_draft_can_be_set_by_a_form(scene: Scene, sign_in: SignIn) -> None:
    filing = scene.open()
    sign_in(scene.director).post(
        reverse("filing-edit", args=[filing.pk]),
        form_data(filing, state="accepted", version="9", town="1", period="1", action="save"),
    )
    filing.refresh_from_db()
    assert (filing.state, filing.version, filing.town) == ("draft", 0, scene.town)


def test_the_officer_reads_what_changed_and_sends_it_back(scene: Scene, sign_in: SignIn) -> None:
    filing = scene.open()
    director = sign_in(scene.director)
    director.post(
        reverse("filing-edit", args=[filing.pk]),
        form_data(
            filing,
            **{
                "class-0-boys": "13",
                "class-0-age3": "25",
                "class-0-entered": "1",
                "action": "submit",
            },
        ),
    )
    officer = Client()
    officer.force_login(scene.officer)
    queue = officer.get(reverse("filing-queue")).content.decode()
    assert "示例一园" in queue
    assert "+1" in queue
    page = officer.get(reverse("filing-review", args=[filing.pk])).content.decode()
    assert "改了2处" in page
    nothing = officer.post(reverse("filing-return", args=[filing.pk]), {"version": "1"})
    assert nothing.status_code == 409
    assert "至少写一条退回原因" in nothing.content.decode()
    officer.post(
        reverse("filing-return", args=[filing.pk]),
        {"version": "1", "reason-class:小一班:boys": "与花名册不符"},
    )
    form = director.get(reverse("filing-edit", args=[filing.pk])).content.decode()
    assert '<a href="#class-0-boys" data-jump>小一班 男</a>：与花名册不符' in form
    assert form.count("与花名册不符") == 2  # on top, and at the field
    assert form.count(">未改</span>") == 2


def test_only_the_page_of_an_accepted_return_reopens_it(scene: Scene, sign_in: SignIn) -> None:
    """A page that was read while the return waited does not undo what a colleague accepted since."""
    filing = scene.open()
    scene.submit(filing)
    officer = sign_in(scene.officer)
    review = reverse("filing-review", args=[filing.pk])
    send_back = reverse("filing-return", args=[filing.pk])
    asked = {"version": "1", "reason": "请核对"}
    assert 'name="accepted"' not in officer.get(review).content.decode()
    scene.accept(filing)

    refused = officer.post(send_back, asked)
    assert refused.status_code == 409
    assert "现在是“已接收”" in refused.content.decode()
    assert "请核对" in refused.content.decode()
    filing.refresh_from_db()
    assert filing.state == "accepted"

    assert 'name="accepted" value="1"' in officer.get(review).content.decode()
    assert officer.post(send_back, asked | {"accepted": "1"}).status_code == 302
    filing.refresh_from_db()
    assert (filing.state, filing.accepted_version) == ("returned", 1)


def test_a_future_month_cannot_be_opened(scene: Scene, sign_in: SignIn) -> None:
    period = scene.period
    period.pk, period.month = None, period.month.replace(month=12)
    period.opens_at = NOW.replace(month=12)
    period.due_at = period.locks_at = NOW.replace(year=2027)
    period.save()
    answer = sign_in(scene.director).post(
        reverse("filing-open"), {"period": period.pk}, follow=True
    )
    assert "还没有开放" in answer.content.decode()
    assert not MonthlyFiling.objects.filter(period=period).exists()


@pytest.mark.parametrize("many", [3, 30])
def test_the_queue_costs_the_same_whatever_its_length(
    scene: Scene, sign_in: SignIn, many: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(many):
        kindergarten = scene.small.kindergarten(scene.town, f"示例{number}园")
        scene.small.file(kindergarten, 20, state="submitted")
    client = sign_in(scene.officer)
    with django_assert_num_queries(13):
        page = client.get(reverse("filing-queue"))
    assert page.content.decode().count("示例") >= many


def test_the_whole_life_is_on_the_version_page(scene: Scene, sign_in: SignIn) -> None:
    filing = scene.open()
    scene.submit(filing)
    services.accept(filing_id=filing.pk, version_seen=1, by=scene.officer, now=NOW)
    page: Any = sign_in(scene.director).get(reverse("filing-version", args=[filing.pk, 1]))
    text = page.content.decode()
    assert "提交第1版" in text
    assert "接收第1版" in text
    assert "计入公办" in text


def test_control_characters_lose_nothing_that_was_typed(scene: Scene, sign_in: SignIn) -> None:
    filing = scene.open()
    client = sign_in(scene.director)
    url = reverse("filing-edit", args=[filing.pk])
    assert (
        client.post(url, form_data(filing, remarks="停\x00课\u202e", action="save")).status_code
        == 302
    )
    filing.refresh_from_db()
    assert filing.draft["remarks"] == "停课"
    officer = Client()
    officer.force_login(scene.officer)
    assert officer.get(reverse("filing-queue"), {"q": "\x00"}).status_code == 200


def test_the_officer_never_reads_an_unsubmitted_draft(scene: Scene, sign_in: SignIn) -> None:
    filing = scene.open()
    scene.submit(filing)
    services.send_back(
        filing_id=filing.pk,
        version_seen=1,
        field_reasons={},
        reason="核对",
        by=scene.officer,
        now=NOW,
    )
    filing.refresh_from_db()
    draft = filing.draft
    draft["classes"][0] |= {"name": "还没交的班", "boys": "90", "age3": "102"}
    services.save_draft(
        filing_id=filing.pk, draft=draft, revision=filing.revision, by=scene.director, now=NOW
    )
    page = sign_in(scene.officer).get(reverse("filing-review", args=[filing.pk]))
    assert page.status_code == 200
    assert "还没交的班" not in page.content.decode()


def test_accepting_leads_to_the_queue_and_never_past_a_written_reason(
    scene: Scene, sign_in: SignIn
) -> None:
    filing = scene.open()
    scene.submit(filing)
    client = sign_in(scene.officer)
    url = reverse("filing-accept", args=[filing.pk])
    refused = client.post(url, {"version": "1", "reason-class:小一班:boys": "不符"})
    assert refused.status_code == 409
    page = refused.content.decode()
    assert "您写了退回原因" in page
    assert 'value="不符"' in page
    filing.refresh_from_db()
    assert filing.state == "submitted"
    accepted = client.post(url, {"version": "1"})
    assert accepted.headers["location"] == f"{reverse('filing-queue')}?month=2026-10"


def test_a_flood_of_text_can_be_shortened(scene: Scene, sign_in: SignIn) -> None:
    filing = scene.open()
    many = {f"class-{n}-name": "长" * 4000 for n in range(60)}
    answer = sign_in(scene.director).post(
        reverse("filing-edit", args=[filing.pk]), form_data(filing, **many, action="save")
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "内容太长" in page
    assert '<fieldset class="filing-fields" disabled' not in page


def test_nothing_passes_the_checks_while_attendance_is_empty(scene: Scene, sign_in: SignIn) -> None:
    filing = scene.open()
    client = sign_in(scene.director)
    url = reverse("filing-edit", args=[filing.pk])
    passed = '<span class="save-right" data-all-right>'
    assert passed in client.get(url).content.decode()
    client.post(url, form_data(filing, **{"class-0-attended": "", "action": "save"}))
    assert passed not in client.get(url).content.decode()


@pytest.mark.parametrize("classes", [1, 12])
def test_the_form_and_the_review_read_everything_once(
    scene: Scene, sign_in: SignIn, classes: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    filing = scene.open()
    row = filing.draft["classes"][0]
    filing.draft["classes"] = [row, *({**row, "name": f"小{n}班"} for n in range(1, classes))]
    filing.draft["classes"][1:] = [one | {"entered": "24"} for one in filing.draft["classes"][1:]]
    filing.draft["explanations"] = {"total_change@": "新开班"}
    filing.save()
    client = sign_in(scene.director)
    with django_assert_num_queries(20):
        client.get(reverse("filing-edit", args=[filing.pk]))
    scene.submit(filing)
    officer = Client()
    officer.force_login(scene.officer)
    with django_assert_num_queries(33):
        officer.get(reverse("filing-review", args=[filing.pk]))


def test_a_return_of_months_ago_is_not_called_last_months(scene: Scene, sign_in: SignIn) -> None:
    scene.last.month = dt.date(2026, 8, 1)
    scene.last.save()
    filing = scene.open()
    flows = dict.fromkeys(("entered", "departed", "moved_in", "moved_out"), "0")
    # Over the summer 小一班 has become 中一班.
    filing.draft["classes"][0] |= {"boys": "13", "age4": "25", "aided": "0"} | flows
    filing.save()
    page = sign_in(scene.director).get(reverse("filing-edit", args=[filing.pk])).content.decode()
    assert "已带入8月的数" in page
    assert page.count(">比8月</th>") == 2
    assert ">8月12</span>" in page
    assert 'class="muted">8月24人' in page
    scene.submit(filing)
    page = sign_in(scene.officer).get(reverse("filing-review", args=[filing.pk])).content.decode()
    assert 'class="num">8月</th>' in page
    assert ">8月12</span>" in page
    assert "上月" not in page


def test_a_class_is_taken_away_without_a_script(scene: Scene, sign_in: SignIn) -> None:
    filing = scene.open()
    client = sign_in(scene.director)
    url = reverse("filing-edit", args=[filing.pk])
    assert client.post(url, form_data(filing, remove="class-" + "9" * 5000)).status_code == 302
    filing.refresh_from_db()
    assert [row["name"] for row in filing.draft["classes"]] == ["小一班"]
    client.post(url, form_data(filing, remove="class-0"))
    filing.refresh_from_db()
    assert filing.draft["classes"] == []


def test_a_vanished_class_is_one_change(scene: Scene, sign_in: SignIn) -> None:
    filing = scene.open()
    filing.draft["classes"][0] |= {"name": "小甲班", "moved_in": "24"}
    services.save_draft(
        filing_id=filing.pk,
        draft={**filing.draft, "explanations": {"class_vanished@小一班": "改名"}},
        revision=1,
        by=scene.director,
        now=NOW,
    )
    scene.submit(filing)
    page = sign_in(scene.officer).get(reverse("filing-review", args=[filing.pk]))
    text = page.content.decode()
    assert "改了2处" in text
    assert text.count("上月的小一班（24人）本月没有了") == 1
    assert "园所说明：改名" in text


def test_each_reason_stands_at_its_field_until_a_version_is_accepted(
    scene: Scene, sign_in: SignIn
) -> None:
    filing = scene.open()
    scene.submit(filing)
    services.send_back(
        filing_id=filing.pk, version_seen=1, reason="都请核对", by=scene.officer, now=NOW,
        field_reasons={"class:小一班:boys": "与花名册不符", "class:小二班:girls": "没有这个班",
                       "staff:full_time_teacher:certified": "证书过期"},
    )  # fmt: skip
    client = sign_in(scene.director)
    url = reverse("filing-edit", args=[filing.pk])
    client.post(url, form_data(filing, **{"class-0-boys": "１４", "action": "save"}))
    page = client.get(url).content.decode()
    assert "都请核对" in page
    assert 'id="class-0-boys-asked"' in page
    assert 'id="staff-full_time_teacher-certified-asked"' in page
    assert page.count(">已改</span>") == page.count(">未改</span>") == 2
    # A class that is not in the form (any more) cannot be jumped to; its reason is told all the same.
    assert "<b>小二班 女</b>：没有这个班" in page
    assert "这个班已不在表里" in page

    # Resubmitted and taken back: the reasons are still there.
    client.post(url, form_data(filing, **{"class-0-boys": "12", "action": "submit"}))
    client.post(reverse("filing-withdraw", args=[filing.pk]))
    assert "与花名册不符" in client.get(url).content.decode()
