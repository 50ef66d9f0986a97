"""When the month locks: what was typed stays, a reason is given, and an extension lets it finish."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from kindergartens.calendar import services as calendar
from kindergartens.models import FilingExtension, MonthlyFiling, ReportingPeriod
from kindergartens.policies import NotAllowedNow
from reports.filings import own_months, services
from tests.conftest import acting
from tests.reports.filings.test_pages import form_data
from tests.signing_in import client_of
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty, moment, type_what_begins_empty

AFTER_LOCK = moment(2026, 11, 23)
AFTER_DUE = moment(2026, 11, 10)
UNTIL = moment(2026, 11, 25, 18)
REASON = "园长住院，没有人填报"
AS_JSON = {"accept": "application/json"}


class Scene:
    def __init__(self, small: SmallCounty) -> None:
        self.small = small
        town = small.town("甲镇")
        self.kindergarten = small.kindergarten(town, "示例一园")
        small.file(self.kindergarten, 24, month=SEPTEMBER)
        self.director = acting(small.person("园长", self.kindergarten.organisation, "director"))
        self.officer = acting(small.officer())
        self.period = ReportingPeriod.objects.get(county=small.county, month=OCTOBER)

    def open(self, now: dt.datetime = NOW) -> MonthlyFiling:
        return type_what_begins_empty(
            services.open_filing(
                kindergarten=self.kindergarten, period=self.period, by=self.director, now=now
            )
        )

    def submit(self, filing: MonthlyFiling, now: dt.datetime) -> Any:
        filing.refresh_from_db()
        return services.submit(
            filing_id=filing.pk, revision=filing.revision, by=self.director, now=now
        )

    def extend(self, now: dt.datetime = AFTER_LOCK) -> FilingExtension:
        return calendar.grant_extension(
            period_id=self.period.pk, kindergarten=self.kindergarten, until=UNTIL,
            reason=REASON, by=self.officer, now=now,
        )  # fmt: skip

    def page(self, who: str, route: str, *args: Any, at: dt.datetime = AFTER_LOCK) -> str:
        with time_machine.travel(at, tick=False):
            return client_of(getattr(self, who)).get(reverse(route, args=args)).content.decode()


@pytest.fixture
def scene(small: SmallCounty) -> Iterator[Scene]:
    with time_machine.travel(NOW, tick=False):
        yield Scene(small)


def test_a_return_begun_in_time_finishes_late_until_the_lock(scene: Scene) -> None:
    filing = scene.open()
    scene.submit(filing, AFTER_DUE)
    filing.refresh_from_db()
    assert filing.is_late
    with pytest.raises(NotAllowedNow, match="锁定"):
        services.withdraw(filing_id=filing.pk, by=scene.director, now=AFTER_LOCK)


def test_what_is_typed_when_the_lock_strikes_is_kept(scene: Scene) -> None:
    filing = scene.open()
    url = reverse("filing-edit", args=[filing.pk])
    with time_machine.travel(AFTER_LOCK, tick=False):
        client = client_of(scene.director)
        answer = client.post(url, form_data(filing, remarks="差一分钟"), headers=AS_JSON)
        said = json.loads(answer.content)
        assert (answer.status_code, said["revision"]) == (200, 2)
        assert "已于11月20日12:00锁定" in said["locked"]
        assert "甲县教育局月报经办人办理延期" in said["locked"]
        filing.refresh_from_db()
        assert (filing.draft["remarks"], filing.version) == ("差一分钟", 0)
        # Without a script: what was typed is kept, and nothing is submitted.
        data = form_data(filing, remarks="按了提交", action="submit")
        pressed = client.post(url, data)
        assert pressed.status_code == 409
        assert "办理延期" in pressed.content.decode()
        filing.refresh_from_db()
        assert (filing.draft["remarks"], filing.version) == ("按了提交", 0)


def test_before_the_lock_the_script_hears_of_none(scene: Scene) -> None:
    filing = scene.open()
    url = reverse("filing-edit", args=[filing.pk])
    answer = client_of(scene.director).post(url, form_data(filing, remarks="一"), headers=AS_JSON)
    assert json.loads(answer.content)["locked"] == ""


@pytest.mark.parametrize("state", ["submitted", "accepted"])
def test_what_was_submitted_is_not_changed_after_the_lock(scene: Scene, state: str) -> None:
    filing = scene.small.file(scene.kindergarten, 24, state=state)
    with pytest.raises(NotAllowedNow):
        services.save_draft(
            filing_id=filing.pk, draft={}, revision=1, by=scene.director, now=AFTER_LOCK
        )


def test_within_an_extension_a_missing_return_is_begun_and_filed(scene: Scene) -> None:
    with pytest.raises(NotAllowedNow, match="锁定"):
        scene.open(AFTER_LOCK)
    scene.extend()
    [line] = [
        line
        for line in own_months.own_months(scene.kindergarten, now=AFTER_LOCK)
        if line.period == scene.period
    ]
    assert line.may_be_filled_in(AFTER_LOCK)
    filing = scene.open(AFTER_LOCK)
    with pytest.raises(NotAllowedNow, match="锁定"):
        scene.submit(filing, UNTIL)
    scene.submit(filing, UNTIL - dt.timedelta(minutes=1))
    filing.refresh_from_db()
    assert (filing.state, filing.is_late) == ("submitted", True)
    services.accept(filing_id=filing.pk, version_seen=1, by=scene.officer, now=UNTIL)
    # And does not come back to be filled in.
    assert not any(
        line.may_be_filled_in(AFTER_LOCK)
        for line in own_months.own_months(scene.kindergarten, now=AFTER_LOCK)
    )


def test_an_accepted_return_is_corrected_within_an_extension(scene: Scene) -> None:
    filing = scene.small.file(scene.kindergarten, 24)
    back: dict[str, Any] = {
        "filing_id": filing.pk, "version_seen": 1, "field_reasons": {}, "reason": "多报一人",
        "by": scene.officer, "now": AFTER_LOCK,
    }  # fmt: skip
    with pytest.raises(NotAllowedNow, match="延期，再退回"):
        services.send_back(**back)
    scene.extend()
    services.send_back(**back)
    filing.refresh_from_db()
    assert (filing.state, filing.accepted_version) == ("returned", 1)


def test_everybody_reads_who_granted_it_and_why(scene: Scene) -> None:
    filing = scene.open()
    scene.submit(filing, AFTER_DUE)
    extension = scene.extend()
    shown = "由甲县教育局经办人于2026年11月23日12:00批准，理由：园长住院，没有人填报"
    for who, route, args in (
        ("director", "filing-version", [filing.pk, 1]),
        ("officer", "filing-version", [filing.pk, 1]),
        ("officer", "filing-review", [filing.pk]),
    ):
        page = scene.page(who, route, *args)
        assert "已延期到2026年11月25日18:00" in page, route
        assert shown in page, route
    with time_machine.travel(AFTER_LOCK, tick=False):
        services.withdraw(filing_id=filing.pk, by=scene.director, now=AFTER_LOCK)
    page = scene.page("director", "filing-edit", filing.pk)
    assert shown in page
    assert "已延期到11月25日18:00，现在提交记为迟报" in page
    calendar.revoke_extension(
        extension_id=extension.pk, reason="办错了园", by=scene.officer, now=AFTER_LOCK
    )
    page = scene.page("director", "filing-edit", filing.pk)
    assert "已延期到2026年11月25日18:00，已撤销" in page
    assert "原因：办错了园" in page
    assert "办理延期" in page


def test_the_directors_page_offers_the_extended_month(scene: Scene) -> None:
    assert "开始填10月月报" not in scene.page("director", "my-filings")
    scene.extend()
    page = scene.page("director", "my-filings")
    assert "开始填10月月报" in page
    assert "延期由经办人批准，理由：园长住院，没有人填报" in page


def test_the_queue_counts_late_apart_from_missing(scene: Scene) -> None:
    filing = scene.open()
    scene.submit(filing, AFTER_DUE)
    scene.small.kindergarten(scene.kindergarten.organisation.region, "示例二园")
    assert "应报2所，已报1所（其中迟报1所），缺报1所" in scene.page("officer", "filing-queue")
    assert "未报1所" in scene.page("officer", "filing-queue", at=AFTER_DUE)


def test_the_queue_begins_with_the_newest_month_that_has_opened(scene: Scene) -> None:
    """Months are opened ahead; nobody has filed what is only planned."""
    day = dt.date(2026, 12, 31)
    ReportingPeriod.objects.create(
        county=scene.small.county, month=day.replace(day=1), reference_date=day,
        opens_at=moment(2026, 12, 25), due_at=moment(2027, 1, 8), locks_at=moment(2027, 1, 20),
    )  # fmt: skip
    page = scene.page("officer", "filing-queue", at=NOW)
    assert '<option value="2026-10" selected>' in page
