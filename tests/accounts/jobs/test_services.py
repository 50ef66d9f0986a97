"""Jobs as rows: asked for, taken, ended. The handlers run in this process; the database is real."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.jobs import bell, services
from accounts.jobs.registry import job_handler
from accounts.jobs.runner import run_job
from accounts.models import Job, Membership
from tests.accounts.jobs.conftest import People, Queue
from tests.conftest import acting
from tests.small_county import SmallCounty

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("no_broker"),
]

LEASE = dt.timedelta(seconds=15)


def in_threads(function: Callable[[], object], count: int) -> list[object]:
    def with_own_connection() -> object:
        try:
            return function()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        futures = [pool.submit(with_own_connection) for _ in range(count)]
        return [future.result() for future in futures]


def do(job: Job) -> Job:
    run_job(job.pk, clock=timezone.now)
    job.refresh_from_db()
    return job


class TestEnqueue:
    def test_needs_the_transaction_that_causes_it(self):
        with pytest.raises(transaction.TransactionManagementError):
            services.enqueue(
                kind="test-quick", key="k", title="示例", arguments={}, requested_as=None,
                now=timezone.now(),
            )  # fmt: skip

    def test_is_rolled_back_with_its_cause(self, queue: Queue):
        def change_and_fail() -> None:
            with transaction.atomic():
                queue()
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            change_and_fail()
        assert not Job.objects.exists()

    def test_refuses_a_kind_nobody_declares(self, queue: Queue):
        with pytest.raises(KeyError, match="no-such-kind"):
            queue("no-such-kind")

    def test_returns_the_job_that_still_waits(self, queue: Queue):
        assert queue(key="same").pk == queue(key="same").pk
        assert Job.objects.count() == 1

    def test_makes_another_when_the_first_already_runs(self, queue: Queue):
        first = queue(key="same")
        services.claim(job_id=first.pk, lease=LEASE, now=timezone.now())
        assert queue(key="same").pk != first.pk

    def test_eight_at_once_make_one_job(self, queue: Queue):
        ids = {job.pk for job in in_threads(lambda: queue(key="same"), 8)}
        assert len(ids) == 1
        assert Job.objects.count() == 1

    def test_a_job_asked_for_again_is_not_taken_before_the_second_asker_commits(self, queue: Queue):
        """Else the worker could compute without what the second asker is just writing."""
        job = queue(key="same")
        with transaction.atomic():
            queue(key="same")
            taken = in_threads(
                lambda: services.claim(job_id=job.pk, lease=LEASE, now=timezone.now()), 1
            )
            assert taken == [None]
        assert services.claim(job_id=job.pk, lease=LEASE, now=timezone.now()) is not None


class TestBell:
    def test_a_missing_broker_is_noticed_once_and_then_left_alone(self, queue: Queue):
        begun = time.monotonic()
        for _ in range(20):
            queue()
        assert time.monotonic() - begun < 2
        assert bell._Breaker.quiet_until > time.monotonic()
        assert Job.objects.filter(state=Job.State.QUEUED).count() == 20


class TestClaim:
    def test_of_eight_workers_one_gets_the_job(self, queue: Queue):
        job = queue()
        taken = in_threads(
            lambda: services.claim(job_id=job.pk, lease=LEASE, now=timezone.now()), 8
        )
        assert len([claimed for claimed in taken if claimed is not None]) == 1
        job.refresh_from_db()
        assert (job.state, job.deliveries) == ("running", 1)

    def test_a_job_whose_lease_runs_is_left_to_its_worker(self, queue: Queue):
        job = queue()
        now = timezone.now()
        services.claim(job_id=job.pk, lease=LEASE, now=now)
        assert services.claim(job_id=job.pk, lease=LEASE, now=now + LEASE) is None
        late = now + LEASE + dt.timedelta(milliseconds=1)
        assert services.claim(job_id=job.pk, lease=LEASE, now=late).deliveries == 2

    def test_a_worker_that_was_overtaken_changes_nothing_any_more(self, queue: Queue):
        job = queue()
        now = timezone.now()
        first = services.claim(job_id=job.pk, lease=LEASE, now=now)
        second = services.claim(job_id=job.pk, lease=LEASE, now=now + 2 * LEASE)
        with pytest.raises(services.LeaseLost):
            services.finish(job=first, message="", now=now)
        services.fail(job=first, reason="不算数", now=now)
        services.release(job=first, now=now)
        job.refresh_from_db()
        assert (job.state, job.error, job.lease_until) == ("running", "", second.lease_until)
        services.finish(job=second, message="", now=now)
        job.refresh_from_db()
        assert job.state == Job.State.DONE


class TestRun:
    def test_effect_and_end_come_together(self, queue: Queue, effects):
        job = do(queue())
        assert (job.state, job.lease_until) == ("done", None)
        assert job.finished_at >= job.started_at
        assert effects() == [job.pk]

    def test_a_refusal_says_why_and_leaves_nothing(self, queue: Queue, effects):
        job = do(queue("test-refusing"))
        assert (job.state, job.error) == ("failed", "缺少11月的户籍人口，请先登记。")
        assert effects() == []

    def test_a_programming_error_ends_the_job_in_plain_words(self, queue: Queue, effects):
        job = do(queue("test-broken"))
        assert job.state == Job.State.FAILED
        assert "程序出错" in job.error
        assert "ZeroDivision" not in job.error
        assert effects() == []

    @pytest.mark.as_owner  # nobody else takes a job or a connection away
    def test_a_lost_database_connection_gives_the_job_back(self, queue: Queue, effects):
        job = do(queue("test-interrupted"))
        assert (job.state, job.deliveries) == ("running", 1)
        assert Job.objects.abandoned(timezone.now()).get() == job
        assert effects() == []

    def test_a_kind_of_another_version_fails_visibly(self, queue: Queue):
        job = queue()
        Job.objects.update(kind="from-the-future")
        job = do(job)
        assert job.state == Job.State.FAILED
        assert "升级" in job.error

    @pytest.mark.as_owner  # nobody else takes a job or a connection away
    def test_a_message_for_a_job_that_is_gone_or_done_does_nothing(self, queue: Queue, effects):
        job = do(queue())
        ended = job.finished_at
        assert do(job).finished_at == ended
        job.delete()
        run_job(job.pk, clock=timezone.now)
        assert len(effects()) == 1

    def test_the_requester_acts_in_the_post_they_asked_in(
        self, queue: Queue, effects, people: People
    ):
        job = do(queue("test-personal", requested_as=people.officer.acting))
        assert (job.state, job.message) == ("done", "示例officer")

    @pytest.mark.parametrize("ended", ["post", "account"])
    def test_whose_post_or_account_ended_gets_nothing(
        self, queue: Queue, effects, people: People, ended: str
    ):
        job = queue("test-personal", requested_as=people.officer.acting)
        if ended == "post":
            yesterday = timezone.localdate() - dt.timedelta(days=1)
            Membership.objects.filter(pk=people.officer.acting.pk).update(valid_to=yesterday)
        else:
            type(people.officer).objects.filter(pk=people.officer.pk).update(is_active=False)
        job = do(job)
        assert job.state == Job.State.FAILED
        assert "岗位已经结束" in job.error
        assert effects() == []

    def test_jobs_with_one_key_run_one_after_the_other(self, queue: Queue, effects):
        running: list[int] = []
        most: list[int] = []

        @job_handler("test-counting", hard_limit_seconds=30)
        def counting(run) -> None:
            running.append(1)
            most.append(len(running))
            time.sleep(0.3)
            running.pop()

        first = queue("test-counting", key="same")
        # As if its worker had fallen silent: the same thing may then be asked for once more.
        Job.objects.update(state=Job.State.RUNNING, lease_until=first.queued_at)
        waiting = [first.pk, queue("test-counting", key="same").pk]
        in_threads(lambda: run_job(waiting.pop(), clock=timezone.now), 2)
        assert most == [1, 1]
        assert set(Job.objects.values_list("state", flat=True)) == {"done"}

    def test_the_lease_is_renewed_while_the_handler_works(self, queue: Queue, effects):
        leases: list[dt.datetime] = []

        @job_handler("test-long", hard_limit_seconds=30, lease_seconds=0.6)
        def long(run) -> None:
            for _ in range(4):
                time.sleep(0.3)
                leases.extend(Job.objects.values_list("lease_until", flat=True))

        job = do(queue("test-long"))
        assert job.state == Job.State.DONE
        assert len(set(leases)) >= 3
        assert not [thread for thread in threading.enumerate() if thread.name == f"job-{job.pk}"]


class TestRetry:
    def test_a_failed_job_waits_again_from_the_start(self, queue: Queue, effects, people: People):
        job = do(queue("test-refusing", requested_as=people.officer.acting))
        again = services.retry(job=job, by=people.officer, now=timezone.now())
        again.refresh_from_db()
        assert (again.pk, again.state, again.deliveries, again.error) == (job.pk, "queued", 0, "")

    def test_what_is_done_or_under_way_is_not_tried_again(
        self, queue: Queue, effects, people: People
    ):
        job = queue(requested_as=people.officer.acting)
        for _ in range(2):
            with pytest.raises(services.NotRetryable):
                services.retry(job=job, by=people.officer, now=timezone.now())
            do(job)

    def test_others_jobs_are_out_of_reach(self, queue: Queue, effects, people: People):
        job = do(queue("test-refusing", requested_as=people.officer.acting))
        with pytest.raises(Job.DoesNotExist):
            services.retry(job=job, by=people.colleague, now=timezone.now())
        assert services.retry(job=job, by=people.system, now=timezone.now()).pk == job.pk

    def test_joins_the_same_job_that_already_waits(self, queue: Queue, effects, people: People):
        failed = do(queue("test-refusing", key="same", requested_as=people.officer.acting))
        waiting = queue("test-refusing", key="same", requested_as=people.officer.acting)
        assert services.retry(job=failed, by=people.officer, now=timezone.now()).pk == waiting.pk


class TestThePortalsOwnJobs:
    """Figures belong to a county: whoever reads them there sees the job that computes them."""

    @pytest.mark.parametrize(
        ("role", "place", "sees"),
        [
            ("bureau_officer", "county", True),
            ("department_officer", "county", True),
            ("town_officer", "town", True),
            ("city_officer", "city", True),
            ("bureau_officer", "other_county", False),
            ("director", "town", False),
            ("system_administrator", "other_county", True),
        ],
    )
    def test_are_seen_by_readers_of_the_county_and_tried_again_by_them(
        self, small: SmallCounty, queue: Queue, effects, role: str, place: str, sees: bool
    ):
        town = small.town("甲镇")
        region = town if place == "town" else getattr(small, place)
        person = acting(small.officer(region, role))
        job = do(queue("test-refusing", county=small.county))
        assert set(Job.objects.visible_to(person)) == ({job} if sees else set())
        if sees:
            assert services.retry(job=job, by=person, now=timezone.now()).pk == job.pk

    def test_without_a_county_are_seen_by_whoever_runs_the_portal(
        self, queue: Queue, people: People
    ):
        job = queue()
        assert not Job.objects.visible_to(people.officer).exists()
        assert set(Job.objects.visible_to(people.system)) == {job}

    def test_what_a_person_asked_for_stays_theirs(self, queue: Queue, people: People):
        county = people.officer.acting.organisation.region
        job = queue(requested_as=people.officer.acting, county=county)
        assert not Job.objects.visible_to(people.colleague).exists()
        assert set(Job.objects.visible_to(people.officer)) == {job}


class TestSweep:
    def test_a_job_interrupted_three_times_is_buried_with_the_reason(self, queue: Queue):
        job = queue()
        now = timezone.now()
        for attempt in range(3):
            later = now + attempt * 2 * LEASE
            assert services.claim(job_id=job.pk, lease=LEASE, now=later) is not None
        much_later = now + 10 * LEASE
        assert services.claim(job_id=job.pk, lease=LEASE, now=much_later) is None
        assert services.sweep(now=much_later).dead == 1
        job.refresh_from_db()
        assert (job.state, job.finished_at) == ("dead", much_later)
        assert "请再试一次" in job.error

    def test_leaves_the_living_alone(self, queue: Queue):
        job = queue()
        services.claim(job_id=job.pk, lease=LEASE, now=timezone.now())
        assert services.sweep(now=timezone.now()) == (0, 0)
        job.refresh_from_db()
        assert job.state == Job.State.RUNNING
