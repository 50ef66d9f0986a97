"""批量接收: only what needs no reading, each in the version seen, every one named, once."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.jobs.registry import JobRun
from accounts.models import Job, Membership
from indicators.models import KindergartenFacts
from kindergartens.models import (
    ClassCount,
    FilingEvent,
    FilingVersion,
    MonthlyFiling,
    ReportingPeriod,
)
from kindergartens.rules import last_day
from reports.filings.board.accepting import JOB_KIND, ask_to_accept
from reports.filings.board.models import BulkAcceptance
from reports.filings.board.reading import read_through
from reports.filings.board.selectors import Enrolled, enrolled_in
from reports.filings.board.tasks import accept_requested
from tests.acting_role import as_owner
from tests.conftest import acting, wait_for_jobs
from tests.reports.filings.board.conftest import OVERDUE, Scene
from tests.signing_in import client_of
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty, moment

# Two months of one school year, in which no return was open on more days than there were.
MAY, JUNE = dt.date(2026, 5, 1), dt.date(2026, 6, 1)
AUGUST = dt.date(2026, 8, 1)


def a_month(small: SmallCounty, month: dt.date) -> ReportingPeriod:
    """Another month of the county, long over."""
    return ReportingPeriod.objects.create(
        county=small.county, month=month, reference_date=last_day(month),
        opens_at=moment(2026, month.month, 25), due_at=moment(2026, month.month + 1, 4),
        locks_at=moment(2026, month.month + 1, 20),
    )  # fmt: skip


class Waiting:
    """Five returns that wait: three plain ones, one with a remark, one with an attachment."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.filings: dict[str, MonthlyFiling] = {}
        for name in ("甲一", "甲二", "甲三", "有备注", "有附件"):
            scene.named[name] = scene.small.kindergarten(scene.town, name)
            self.filings[name] = self.submitted(name)
        scene.small.attach(self.filings["有附件"])
        version = self.filings["有备注"].versions.get()
        FilingVersion.objects.filter(pk=version.pk).update(remarks="停电一天")

    def submitted(self, name: str) -> MonthlyFiling:
        small = self.scene.small
        small.file(self.scene.named[name], 22, month=SEPTEMBER)
        return small.file(self.scene.named[name], 22, state="submitted")

    def seen(self, *names: str) -> dict[int, int]:
        return {self.filings[name].pk: self.filings[name].version for name in names}

    def job(self, *names: str) -> Job:
        return ask_to_accept(
            month=OCTOBER, seen=self.seen(*names), by=acting(self.scene.officer), now=OVERDUE
        )


@contextmanager
def as_it_could_have_come_in() -> Iterator[None]:
    """Versions are never changed, says a trigger; here they are made different from the usual."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")


@pytest.fixture
def waiting(scene: Scene) -> Waiting:
    with as_it_could_have_come_in():
        made = Waiting(scene)
        open_on_few_days()
        return made


def open_on_few_days() -> None:
    """In October there are fewer working days than every return of the builder was open."""
    FilingVersion.objects.update(days_open=15)
    ClassCount.objects.update(attended=(F("boys") + F("girls")) * 14)


def do(job: Job) -> BulkAcceptance:
    """What the worker does, in this transaction."""
    fresh = Job.objects.select_related("requested_as__user").get(pk=job.pk)
    accept_requested(JobRun(fresh, now=OVERDUE, report=lambda *_: None))
    return BulkAcceptance.objects.get(job=job)


def outcome(done: BulkAcceptance) -> dict[str, str]:
    return {name: reason for _, _, name, reason in done.results}


def page(scene: Scene, query: str = "") -> str:
    answer = client_of(scene.officer).get(f"{reverse('filings-accept')}?{query}")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def test_only_what_needs_no_reading_may_be_ticked(waiting: Waiting) -> None:
    text = page(waiting.scene)
    ticked = re.findall(r'name="return" value="(\d+):(\d+)" checked', text)
    # Two children more than in September are nothing unusual.
    late = waiting.scene.filing("迟报园")
    assert {int(key): int(version) for key, version in ticked} == {
        **waiting.seen("甲一", "甲二", "甲三"), late.pk: 1,
    }  # fmt: skip
    assert "有其他情况" in text
    assert "附件1个" in text


def test_accepting_freezes_facts_and_asks_for_figures_once(waiting: Waiting) -> None:
    done = do(waiting.job("甲一", "甲二", "甲三"))
    assert outcome(done) == {"甲一": "", "甲二": "", "甲三": ""}
    for name in ("甲一", "甲二", "甲三"):
        filing = waiting.scene.filing(name)
        assert (filing.state, filing.accepted_version) == ("accepted", 1)
        event = FilingEvent.objects.get(filing=filing, action="accepted")
        assert event.done_as == waiting.scene.officer.memberships.get()
        assert KindergartenFacts.objects.filter(
            kindergarten=filing.kindergarten, month=OCTOBER, superseded_at=None
        ).exists()
    assert Job.objects.filter(kind="recompute-figures").count() == 1


def test_a_second_delivery_does_nothing_again(waiting: Waiting) -> None:
    job = waiting.job("甲一", "甲二")
    first = do(job)
    assert do(job) == first
    assert FilingEvent.objects.filter(action="accepted").count() == 2


def test_pressing_twice_queues_one_job(waiting: Waiting) -> None:
    assert waiting.job("甲一", "甲二") == waiting.job("甲二", "甲一")
    again = ask_to_accept(
        month=OCTOBER, seen=waiting.seen("甲一"), by=acting(waiting.scene.officer), now=OVERDUE
    )
    assert Job.objects.filter(kind=JOB_KIND).count() == 2
    do(again)
    # What was accepted meanwhile is left out of the longer list and named.
    done = do(Job.objects.filter(kind=JOB_KIND).exclude(pk=again.pk).get())
    assert outcome(done)["甲二"] == ""
    assert "已接收" in outcome(done)["甲一"]


def test_what_changed_since_it_was_seen_is_left_out(waiting: Waiting) -> None:
    job = waiting.job("甲一", "甲二", "甲三")
    filing = waiting.filings["甲二"]
    FilingVersion.objects.create(
        filing=filing, version=2, submitted_at=NOW, submitted_as=Membership.objects.first()
    )
    MonthlyFiling.objects.filter(pk=filing.pk).update(version=2)
    MonthlyFiling.objects.filter(pk=waiting.filings["甲三"].pk).update(state="returned")
    done = outcome(do(job))
    assert done["甲一"] == ""
    assert "您看的是第1版，园所已提交第2版" in done["甲二"]
    assert "已退回" in done["甲三"]
    assert waiting.scene.filing("甲二").state == "submitted"


def test_what_needs_reading_is_left_out_even_if_it_was_named(waiting: Waiting) -> None:
    done = outcome(do(waiting.job("甲一", "有备注", "有附件")))
    assert done["甲一"] == ""
    assert "有其他情况" in done["有备注"]
    assert "附件1个" in done["有附件"]
    assert waiting.scene.filing("有备注").state == "submitted"


def test_an_unusual_change_and_a_first_return_are_read(scene: Scene) -> None:
    jump = scene.named["跳变园"] = scene.small.kindergarten(scene.town, "跳变园")
    scene.small.file(jump, 40, month=SEPTEMBER)
    first = scene.named["新园"] = scene.small.kindergarten(scene.town, "新园")
    filings = [scene.small.file(k, 20, state="submitted") for k in (jump, first)]
    with as_it_could_have_come_in():
        open_on_few_days()
    found = {one.filing.kindergarten.name: one for one in read_through(filings)}
    assert any("经验校验" in reason for reason in found["跳变园"].reasons)
    assert (found["跳变园"].children, found["跳变园"].change) == (20, -20)
    assert found["新园"].reasons == ("没有上月可比",)
    assert found["新园"].change is None


def test_after_a_missed_month_there_is_no_last_month(scene: Scene) -> None:
    missed = scene.named["隔月园"] = scene.small.kindergarten(scene.town, "隔月园")
    follows = scene.named["逐月园"] = scene.small.kindergarten(scene.town, "逐月园")
    for kindergarten in (missed, follows):
        scene.small.file(kindergarten, 24, month=SEPTEMBER)
    missed.filings.update(month=dt.date(2026, 8, 1))
    filings = [scene.small.file(k, 22, state="submitted") for k in (missed, follows)]
    enrolled = enrolled_in(acting(scene.officer), [filing.pk for filing in filings])
    assert enrolled[filings[0].pk] == Enrolled(22, None)
    assert enrolled[filings[1].pk] == Enrolled(22, 24)
    found = {one.filing.kindergarten.name: one for one in read_through(filings)}
    assert "没有上月可比" in found["隔月园"].reasons
    assert (found["隔月园"].last_children, found["逐月园"].last_children) == (None, 24)


def test_the_first_month_of_a_school_year_is_read_one_by_one(scene: Scene) -> None:
    a_month(scene.small, AUGUST)
    doubled = scene.small.kindergarten(scene.town, "翻倍园")
    scene.small.file(doubled, 24, month=AUGUST, classes=4)
    filing = scene.small.file(doubled, 24, month=SEPTEMBER, classes=8, state="submitted")
    # 96 children became 192, and no check asks about a change over the summer.
    (found,) = read_through([filing])
    assert "新学年，没有可比" in found.reasons
    assert (found.last_children, found.children, found.is_plain) == (96, 192, False)
    job = ask_to_accept(month=SEPTEMBER, seen={filing.pk: 1}, by=acting(scene.officer), now=OVERDUE)
    assert "新学年，没有可比" in outcome(do(job))["翻倍园"]


def test_whoever_submitted_does_not_accept(waiting: Waiting) -> None:
    officer = waiting.scene.officer
    with as_it_could_have_come_in():
        waiting.filings["甲一"].versions.update(submitted_as=officer.memberships.get())
    done = outcome(do(waiting.job("甲一", "甲二")))
    assert "自己提交" in done["甲一"]
    assert done["甲二"] == ""


def test_another_countys_returns_are_not_reached(waiting: Waiting) -> None:
    stranger = waiting.scene.small.officer(waiting.scene.small.other_county)
    client = client_of(stranger)
    ((pk, version),) = waiting.seen("甲一").items()
    answer = client.post(reverse("filings-accept"), {"return": f"{pk}:{version}"})
    assert answer.status_code == 422
    assert not Job.objects.filter(kind=JOB_KIND).exists()


@pytest.mark.parametrize("typed", [[], ["1"], ["x:y"], [":"], ["999999:1"], ["-1:1"]])
def test_nothing_ticked_is_said(waiting: Waiting, typed: list[str]) -> None:
    answer = client_of(waiting.scene.officer).post(reverse("filings-accept"), {"return": typed})
    assert answer.status_code == 422
    assert "还没有勾选月报" in answer.content.decode()


def test_the_result_names_every_return(waiting: Waiting) -> None:
    client = client_of(waiting.scene.officer)
    sent = client.post(
        reverse("filings-accept"),
        {"return": [f"{k}:{v}" for k, v in waiting.seen("甲一", "有备注").items()]},
    )
    assert sent.status_code == 302
    assert "排队中" in client.get(sent.url).content.decode()
    do(Job.objects.get(kind=JOB_KIND))
    text = client.get(sent.url).content.decode()
    assert "已接收1份" in text
    assert "没有接收的1份" in text
    assert "有其他情况。请逐份审核" in text
    # Another office is not told.
    stranger = client_of(waiting.scene.small.officer(waiting.scene.small.other_county))
    assert stranger.get(sent.url).status_code == 404


def test_what_left_the_officers_area_meanwhile_is_named_without_a_way_to_it(
    waiting: Waiting,
) -> None:
    job = waiting.job("甲一", "甲二")
    elsewhere = waiting.scene.small.town("丁镇", county=waiting.scene.small.other_county)
    filing = waiting.filings["甲二"]
    MonthlyFiling.objects.filter(pk=filing.pk).update(town=elsewhere)
    assert outcome(do(job)) == {
        "甲一": "",
        "甲二": "已不在您的范围内。请由现在所在区县的经办人审核",
    }
    page = client_of(waiting.scene.officer).get(reverse("filings-accepted", args=[job.pk]))
    text = page.content.decode()
    assert "没有接收的1份" in text
    assert "已不在您的范围内" in text
    assert reverse("filing-review", args=[waiting.filings["甲一"].pk]) in text
    assert reverse("filing-review", args=[filing.pk]) not in text
    assert waiting.scene.filing("甲二").state == "submitted"


def test_the_queries_do_not_grow_with_the_returns(waiting: Waiting) -> None:
    client, url = client_of(waiting.scene.officer), reverse("filings-accept")
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for number in range(30):
        name = f"又{number}"
        waiting.scene.named[name] = waiting.scene.small.kindergarten(waiting.scene.town, name)
        waiting.submitted(name)
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) == len(few)


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_does_it(worker: subprocess.Popen[bytes]) -> None:
    small = SmallCounty()
    town = small.town("甲镇")
    for month in (MAY, JUNE):
        a_month(small, month)
    seen = {}
    for number in range(4):
        kindergarten = small.kindergarten(town, f"园{number}")
        small.file(kindergarten, 20, month=MAY)
        filing = small.file(kindergarten, 20, month=JUNE, state="submitted")
        seen[filing.pk] = filing.version
    with transaction.atomic():
        job = ask_to_accept(month=JUNE, seen=seen, by=acting(small.officer()), now=NOW)
    wait_for_jobs()
    assert Job.objects.get(pk=job.pk).message == "已接收4份"
    assert set(MonthlyFiling.objects.filter(month=JUNE).values_list("state", flat=True)) == {
        "accepted"
    }
    assert Job.objects.filter(kind="recompute-figures").count() == 1
