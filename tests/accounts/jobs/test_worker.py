"""Real worker processes, a real broker and a real database; then things are killed."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from celery import current_app
from django.utils import timezone
from kombu import Connection

from accounts.jobs import bell, services
from accounts.models import Job

from .conftest import Broker, Queue, Workers

pytestmark = pytest.mark.django_db(transaction=True)


def lines(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


def deliver(workers: Workers, job: Job) -> None:
    with Connection(workers.broker.url) as link:
        current_app.send_task(bell.RUN_TASK, args=[str(job.pk)], connection=link, retry=False)


def test_a_rung_job_is_done_and_shows_its_progress_meanwhile(
    workers: Workers, queue: Queue, effects, tmp_path
):
    job = queue("test-steps", go=str(tmp_path / "go"))
    workers.wait(lambda: Job.objects.filter(pk=job.pk, done_steps=2).exists())
    job.refresh_from_db()
    assert (job.state, job.total_steps, job.message) == ("running", 3, "第二步")
    assert effects() == []  # not before the end

    (tmp_path / "go").touch()
    workers.wait_until_over(job)
    job.refresh_from_db()
    assert (job.state, job.message, job.deliveries) == ("done", "第三步", 1)
    assert effects() == [job.pk]


def test_a_lost_bell_is_rung_again_by_the_sweeper(
    workers: Workers, queue: Queue, effects, monkeypatch
):
    monkeypatch.setattr(bell._Breaker, "quiet_until", float("inf"))
    job = queue()
    assert job.state == Job.State.QUEUED
    workers.wait_until_over(job)
    assert effects() == [job.pk]


def test_a_child_killed_midway_is_replaced_and_the_effect_happens_once(
    workers: Workers, queue: Queue, effects, tmp_path
):
    log = tmp_path / "log"
    job = queue("test-steps", log=str(log), go=str(tmp_path / "go"))
    workers.wait(lambda: lines(log))
    os.kill(int(lines(log)[0]), signal.SIGKILL)
    workers.wait(lambda: len(lines(log)) == 2)
    (tmp_path / "go").touch()
    workers.wait_until_over(job)
    job.refresh_from_db()
    assert (job.state, job.deliveries) == ("done", 2)
    assert effects() == [job.pk]


def test_the_whole_worker_killed_with_twenty_jobs_queued_loses_and_doubles_nothing(
    workers: Workers, queue: Queue, effects, tmp_path
):
    log = tmp_path / "log"
    jobs = [queue(log=str(log), seconds=0.1) for _ in range(20)]
    workers.wait(lambda: len(lines(log)) >= 3)
    workers.kill()
    workers.start()
    workers.wait_until_over(*jobs)
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}
    assert effects() == sorted(job.pk for job in jobs)


def test_a_broker_killed_and_wiped_loses_nothing_and_pages_do_not_wait_for_it(
    workers: Workers, broker: Broker, queue: Queue, effects, tmp_path
):
    log = tmp_path / "log"
    before = [queue(log=str(log), seconds=0.2) for _ in range(20)]
    workers.wait(lambda: lines(log))
    broker.signal(signal.SIGKILL)
    begun = time.monotonic()
    during = [queue() for _ in range(20)]
    assert time.monotonic() - begun < 3  # one refused connection, then silence; never a queue
    time.sleep(2)
    broker.come_back()
    workers.wait_until_over(*before, *during, seconds=60)
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}
    assert effects() == sorted(job.pk for job in [*before, *during])


def test_a_job_runs_on_while_the_broker_is_away(
    workers: Workers, broker: Broker, queue: Queue, effects, tmp_path
):
    job = queue("test-steps", log=str(tmp_path / "log"), go=str(tmp_path / "go"))
    workers.wait(lambda: lines(tmp_path / "log"))
    broker.signal(signal.SIGKILL)
    (tmp_path / "go").touch()
    workers.wait_until_over(job)
    broker.come_back()
    job.refresh_from_db()
    assert (job.state, job.deliveries) == ("done", 1)
    assert effects() == [job.pk]
    # The worker itself lives on and hears the next bell.
    following = queue()
    workers.wait_until_over(following)
    assert workers.process is not None
    assert workers.process.poll() is None


def test_a_hanging_broker_delays_a_page_by_a_moment_and_no_job_for_good(
    workers: Workers, broker: Broker, queue: Queue, effects
):
    broker.signal(signal.SIGSTOP)
    try:
        begun = time.monotonic()
        jobs = [queue() for _ in range(10)]
        waited = time.monotonic() - begun
        time.sleep(6)  # longer than the worker's own patience with the broker
    finally:
        broker.signal(signal.SIGCONT)
    assert waited < 3 * bell.TIMEOUT_SECONDS + 1
    workers.wait_until_over(*jobs)
    assert effects() == sorted(job.pk for job in jobs)
    assert workers.process is not None
    assert workers.process.poll() is None


def test_a_poison_job_dies_visibly_after_three_deliveries_and_can_be_tried_again(
    workers: Workers, queue: Queue, effects, people, tmp_path
):
    log, cure = tmp_path / "log", tmp_path / "cure"
    job = queue("test-poison", log=str(log), cure=str(cure))
    workers.wait_until_over(job)
    job.refresh_from_db()
    assert (job.state, job.error) == ("dead", services.DEAD_REASON)
    assert len(lines(log)) == 3
    assert effects() == []

    cure.touch()
    services.retry(job=job, by=people.system, now=timezone.now())
    workers.wait_until_over(job)
    job.refresh_from_db()
    assert (job.state, job.deliveries, job.error) == ("done", 1, "")
    assert effects() == [job.pk]


def test_one_job_delivered_ten_times_in_parallel_has_one_effect(
    workers: Workers, queue: Queue, effects, tmp_path
):
    job = queue(log=str(tmp_path / "log"), seconds=0.5)
    for _ in range(10):
        deliver(workers, job)
    last = queue()
    workers.wait_until_over(job, last)
    assert len(lines(tmp_path / "log")) == 1
    assert effects() == sorted([job.pk, last.pk])


def test_a_job_that_outlives_its_limit_ends_with_the_reason(
    workers: Workers, queue: Queue, effects
):
    job = queue("test-endless")
    workers.wait_until_over(job)
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "用时超过2秒" in job.error
    assert effects() == []


def test_a_frozen_worker_is_overtaken_and_can_no_longer_finish(
    workers: Workers, queue: Queue, effects, tmp_path
):
    log, go = tmp_path / "log", tmp_path / "go"
    job = queue("test-steps", log=str(log), go=str(go))
    workers.wait(lambda: lines(log))
    frozen = int(lines(log)[0])
    os.kill(frozen, signal.SIGSTOP)
    try:
        workers.wait(lambda: Job.objects.filter(pk=job.pk, deliveries=2).exists())
        go.touch()
    finally:
        os.kill(frozen, signal.SIGCONT)
    workers.wait_until_over(job)
    assert effects() == [job.pk]
    job.refresh_from_db()
    assert (job.state, job.deliveries) == ("done", 2)
