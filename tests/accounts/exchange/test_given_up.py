"""A table never waits for ever: a job that is given up sets it back, and says why and what to do."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from accounts.access.permissions import Permission
from accounts.exchange import services
from accounts.jobs import services as jobs
from accounts.jobs.runner import run_job
from accounts.models import ImportBatch, Job, User
from kindergartens.models import Kindergarten
from kindergartens.registering.importable import RegistryTable
from tests.accounts.exchange.conftest import checked
from tests.accounts.exchange.tables import HEADS, excel, kindergarten_row
from tests.signing_in import client_of
from tests.small_county import NOW

pytestmark = pytest.mark.django_db(transaction=True)

CONTENT = excel([HEADS, kindergarten_row(1), kindergarten_row(2)])


def confirmed(officer: User) -> ImportBatch:
    batch = checked(officer, CONTENT)
    return confirm(officer, batch)


def confirm(officer: User, batch: ImportBatch) -> ImportBatch:
    return services.confirm(batch_id=batch.pk, seen=batch.fingerprint, by=officer, now=NOW)


def run(batch: ImportBatch) -> ImportBatch:
    assert batch.job is not None
    run_job(batch.job.pk, clock=lambda: NOW)
    return ImportBatch.objects.select_related("job").get(pk=batch.pk)


def page(officer: User, batch: ImportBatch) -> str:
    return client_of(officer).get(reverse("import-batch", args=[batch.pk])).content.decode()


def test_a_crash_while_writing_gives_the_table_back_to_be_confirmed(
    officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crashing(*_: Any) -> None:
        raise ZeroDivisionError

    write = RegistryTable.write
    monkeypatch.setattr(RegistryTable, "write", crashing)
    batch = run(confirmed(officer))
    assert (batch.state, batch.job.state) == ("interrupted", "failed")
    shown = page(officer, batch)
    assert "没有写入任何数据" in shown
    assert "程序出错，已停止。原有数据没有改动。" in shown
    assert "可以再点一次“确认写入”" in shown
    assert f'action="{reverse("import-confirm", args=[batch.pk])}"' in shown
    assert not Kindergarten.objects.exists()

    monkeypatch.setattr(RegistryTable, "write", write)
    batch = run(confirm(officer, batch))
    assert batch.state == "written"
    assert Kindergarten.objects.count() == 2


def test_a_right_lost_between_confirming_and_writing(
    officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = confirmed(officer)
    with monkeypatch.context() as patch:
        # As if the role had it no longer: a post itself never changes.
        patch.setattr(RegistryTable, "permission", Permission.MANAGE_JOBS)
        batch = run(batch)
    assert (batch.state, batch.job.state) == ("interrupted", "failed")
    assert "岗位没有这种表格的权限" in batch.job.error
    assert "请由现在负责的人重新上传" in page(officer, batch)
    # Trying the same job again is as good as confirming again.
    jobs.retry(job=batch.job, by=officer, now=NOW)
    assert run(batch).state == "written"


def test_a_post_that_ended_meanwhile(officer: User) -> None:
    batch = confirmed(officer)
    officer.memberships.update(valid_to=NOW.date() - dt.timedelta(days=1))
    batch = run(batch)
    assert batch.state == "interrupted"
    assert "岗位已经结束" in batch.job.error


def test_a_worker_that_dies_three_times_is_swept_up_with_its_table(officer: User) -> None:
    batch = confirmed(officer)
    at = NOW
    for _ in range(Job.MAX_DELIVERIES):
        job = jobs.claim(job_id=batch.job.pk, lease=dt.timedelta(seconds=15), now=at)
        assert job is not None
        at += dt.timedelta(minutes=1)
    assert jobs.sweep(now=at).dead == 1
    batch = ImportBatch.objects.select_related("job").get(pk=batch.pk)
    assert (batch.state, batch.job.state) == ("interrupted", "dead")
    assert "连续中断3次" in page(officer, batch)
    assert run(confirm(officer, batch)).state == "written"
    # The buried job, tried again, finds it written and says so.
    jobs.retry(job=Job.objects.get(pk=batch.job.pk), by=officer, now=at)
    run_job(batch.job.pk, clock=lambda: at)
    assert "这次没有写入" in Job.objects.get(pk=batch.job.pk).message
    assert Kindergarten.objects.count() == 2


def test_what_cannot_be_set_back_now_is_set_back_at_the_next_sweep(
    officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = confirmed(officer)
    at = NOW
    for _ in range(Job.MAX_DELIVERIES):
        jobs.claim(job_id=batch.job.pk, lease=dt.timedelta(seconds=15), now=at)
        at += dt.timedelta(minutes=1)

    def failing(*_: Any) -> None:
        raise RuntimeError("示例")

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "_set_back", failing)
        assert jobs.sweep(now=at).dead == 0
    assert Job.objects.get(pk=batch.job.pk).state == "running"
    assert jobs.sweep(now=at).dead == 1
    assert ImportBatch.objects.get(pk=batch.pk).state == "interrupted"


def test_an_older_job_does_not_set_back_what_a_newer_one_writes(officer: User) -> None:
    batch = confirmed(officer)
    older = batch.job
    jobs.claim(job_id=older.pk, lease=dt.timedelta(seconds=15), now=NOW)
    services.not_written(batch_id=batch.pk, job_id=older.pk)
    batch.refresh_from_db()
    newer = confirm(officer, batch)
    assert newer.job.pk != older.pk
    services.not_written(batch_id=batch.pk, job_id=older.pk)
    batch.refresh_from_db()
    assert batch.state == "writing"


def test_a_dry_run_that_is_given_up_says_so(officer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def crashing(*_: Any) -> None:
        raise ZeroDivisionError

    batch = services.upload(
        code="registry", raw_name="名册.xlsx", content=CONTENT, by=officer, now=NOW
    )
    with monkeypatch.context() as patch:
        patch.setattr(services, "check_table", crashing)
        batch = run(batch)
    assert batch.state == "refused"
    assert batch.refusal.startswith("检查没有做完：程序出错")
    assert "请重新上传" in page(officer, batch)
    jobs.retry(job=batch.job, by=officer, now=NOW)
    batch = run(batch)
    assert (batch.state, batch.refusal) == ("ready", "")
