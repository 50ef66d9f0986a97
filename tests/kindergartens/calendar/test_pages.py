"""Reporting periods in the browser's words: bad input at its place, nothing lost, nothing shown to others."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import travel

from kindergartens.models import FilingExtension, PeriodRule, ReportingPeriod
from tests.signing_in import client_of
from tests.small_county import NOW, OCTOBER, SmallCounty, moment

pytestmark = pytest.mark.django_db

NOVEMBER = dt.date(2026, 11, 1)
AFTER_LOCK = moment(2026, 11, 23)


class Scene:
    def __init__(self) -> None:
        self.small = SmallCounty()
        self.town = self.small.town("甲镇")
        self.kindergarten = self.small.kindergarten(self.town, "示例一园")
        self.period = ReportingPeriod.objects.get(county=self.small.county, month=OCTOBER)
        self.officer = self.small.officer()

    @property
    def client(self) -> Client:
        return client_of(self.officer)

    def url(self, route: str, *rest: Any) -> str:
        return reverse(route, args=[self.period.pk, *rest])


@pytest.fixture
def scene() -> Iterator[Scene]:
    with travel(NOW, tick=False):
        yield Scene()


def seen_on(page: str) -> str:
    return re.search(r'name="seen" value="([^"]*)"', page)[1]  # type: ignore[index]


def test_the_list_says_which_month_waits_and_the_preview_opens_it(scene: Scene) -> None:
    page = scene.client.get(reverse("periods")).content.decode()
    assert "2026年11月已经开始，园所还不能填报" in page
    preview = scene.client.get(reverse("period-open")).content.decode()
    assert "2026年12月7日18:00" in preview
    # January is reported on in a year whose holidays are not known.
    assert "2027年的节假日和调休还没有公布" in preview
    assert "国办发明电〔2025〕7号" in preview
    made = scene.client.post(
        reverse("period-open"), {"until": "2026-11-01", "seen": seen_on(preview)}, follow=True
    )
    assert "已开设2026年11月的报送期。" in made.content.decode()
    assert "已经开始，园所还不能填报" not in made.content.decode()
    assert ReportingPeriod.objects.filter(month=NOVEMBER).count() == 1


def test_a_proposal_that_changed_is_shown_anew_before_it_is_confirmed(scene: Scene) -> None:
    seen = seen_on(scene.client.get(reverse("period-open")).content.decode())
    PeriodRule.objects.create(
        county=scene.small.county, reference_day=20, opens_day=10, due_after=3, locks_after=3
    )
    asked = {"until": "2026-11-01", "seen": seen}
    refused = scene.client.post(reverse("period-open"), asked)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "有了变化" in page
    assert "2026年11月20日" in page
    asked["seen"] = seen_on(page)
    assert scene.client.post(reverse("period-open"), asked).status_code == 302


@pytest.mark.parametrize("until", ["", "2027-06-01", "十一月"])
def test_a_month_nobody_proposed_is_not_opened(scene: Scene, until: str) -> None:
    seen = seen_on(scene.client.get(reverse("period-open")).content.decode())
    answer = scene.client.post(reverse("period-open"), {"until": until, "seen": seen})
    assert answer.status_code == 422
    assert "开设到哪个月" in answer.content.decode()
    assert ReportingPeriod.objects.filter(month__gte=NOVEMBER).count() == 0


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"reference_day": "32"}, "id_reference_day", "请填1到31的整数"),
        ({"due_after": "五"}, "id_due_after", "请填1到20的整数"),
        ({"opens_day": "31", "reference_day": "20"}, "id_opens_day", "不能晚于统计时点"),
        ({"reason": ""}, "id_reason", "请写明原因"),
    ],
)
def test_a_bad_rule_is_said_at_its_place(
    scene: Scene, typed: dict[str, str], field: str, said: str
) -> None:
    url = reverse("period-rule")
    asked = {
        "reference_day": "20", "opens_day": "10", "due_after": "3", "locks_after": "3",
        "reason": "区里规定", "seen": seen_on(scene.client.get(url).content.decode()),
    }  # fmt: skip
    answer = scene.client.post(url, asked | typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert re.search(rf'href="#{field}">[^<]*{said}', page)
    assert not PeriodRule.objects.exists()
    assert scene.client.post(url, asked).status_code == 302
    assert PeriodRule.objects.get().reference_day == 20


def test_a_running_month_is_asked_for_due_and_lock_alone(scene: Scene) -> None:
    url = scene.url("period-edit")
    page = scene.client.get(url).content.decode()
    assert 'name="opens_at"' not in page
    asked = {
        "due_at": "2026-11-09T18:00", "locks_at": "2026-11-25 18:00", "reason": "系统维护一天",
        "seen": seen_on(page),
    }  # fmt: skip
    wrong = scene.client.post(url, asked | {"due_at": "2026-11-05T10:00"})
    assert wrong.status_code == 422
    assert "新的时间要晚于现在" in wrong.content.decode()
    assert 'value="2026-11-05T10:00"' in wrong.content.decode()
    bad = scene.client.post(url, asked | {"due_at": "下周一"})
    assert "日期和时间写成2026-11-26 18:00这样" in bad.content.decode()
    assert scene.client.post(url, asked).status_code == 302
    scene.period.refresh_from_db()
    assert scene.period.due_at == moment(2026, 11, 9, 18)
    assert scene.period.locks_at == moment(2026, 11, 25, 18)


def test_a_time_that_is_left_alone_keeps_its_seconds(scene: Scene) -> None:
    scene.period.locks_at = moment(2026, 11, 20).replace(second=37)
    scene.period.save()
    url = scene.url("period-edit")
    seen = seen_on(scene.client.get(url).content.decode())
    asked = {
        "due_at": "2026-11-09T18:00", "locks_at": "2026-11-20T12:00", "reason": "一", "seen": seen,
    }  # fmt: skip
    assert scene.client.post(url, asked).status_code == 302
    scene.period.refresh_from_db()
    assert scene.period.locks_at.second == 37


def test_a_locked_month_is_not_edited_but_extended(scene: Scene) -> None:
    with travel(AFTER_LOCK, tick=False):
        sent = scene.client.get(scene.url("period-edit"), follow=True).content.decode()
        assert "已经锁定，不能再改时间" in sent
        assert "缺报" in sent
        url = scene.url("period-extend", scene.kindergarten.code)
        # Three working days from today are proposed.
        assert 'value="2026-11-26T18:00"' in scene.client.get(url).content.decode()
        asked = {"until": "2026-11-25T18:00", "reason": "园长住院"}
        for typed, said in (
            ({"until": "2026-11-20T18:00"}, "现在以后"),
            ({"until": "2027-11-25T18:00"}, "最多延期30天"),
            ({"reason": ""}, "请写明为什么延期"),
            ({"reason": "园长13812345678住院"}, "号码"),
        ):
            refused = scene.client.post(url, asked | typed)
            assert refused.status_code == 422
            assert said in refused.content.decode()
        granted = scene.client.post(url, asked, follow=True).content.decode()
        assert "示例一园2026年10月月报已延期到2026年11月25日18:00" in granted
        extension = FilingExtension.objects.get()
        revoke = reverse("extension-revoke", args=[extension.pk])
        revoked = scene.client.post(revoke, {"reason": "办错了"}, follow=True).content.decode()
        assert "已撤销示例一园2026年10月月报的延期" in revoked
        again = scene.client.post(revoke, {"reason": "办错了"})
        assert again.status_code == 422
        assert "撤销" in again.content.decode()


def test_kindergartens_that_owe_nothing_are_not_offered(scene: Scene) -> None:
    closed = scene.small.kindergarten(scene.town, "示例停园", state="suspended")
    elsewhere = scene.small.kindergarten(
        scene.small.town("乙镇", county=scene.small.other_county), "示例乙园"
    )
    page = scene.client.get(scene.url("period")).content.decode()
    assert "示例一园" in page
    for other in (closed, elsewhere):
        assert other.name not in page
        assert scene.client.get(scene.url("period-extend", other.code)).status_code == 404


def test_pages_take_the_same_queries_for_many_kindergartens(
    scene: Scene, django_assert_max_num_queries: Any
) -> None:
    client = scene.client
    for route in (reverse("periods"), scene.url("period")):
        client.get(route)
        with django_assert_max_num_queries(25) as few:
            client.get(route)
        for number in range(5):
            scene.small.file(scene.small.kindergarten(scene.town, f"{route}{number}园"), 20)
        with django_assert_max_num_queries(len(few.captured_queries)):
            client.get(route)


def test_history_tells_of_rules_dates_and_extensions(scene: Scene) -> None:
    with travel(AFTER_LOCK, tick=False):
        scene.client.post(
            scene.url("period-extend", scene.kindergarten.code),
            {"until": "2026-11-25T18:00", "reason": "园长住院"},
        )
        page = scene.client.get(reverse("period-history")).content.decode()
    assert "园长住院" in page
    assert "延期到" in page
