"""A real worker killed while it writes an uploaded table: nothing is written, nothing is stuck."""

from __future__ import annotations

import datetime as dt
import os
import signal
from pathlib import Path

import psycopg2
import pytest
from django.utils import timezone

from accounts.exchange import services
from accounts.models import ImportBatch, Job
from kindergartens.models import Kindergarten
from tests.accounts.exchange.tables import HEADS, excel, kindergarten_row
from tests.acting_role import as_owner
from tests.conftest import acting, test_database_url
from tests.small_county import SmallCounty

from .conftest import Workers

pytestmark = pytest.mark.django_db(transaction=True)


def kill_children(workers: Workers) -> None:
    """kill -9 for the processes that do the jobs; the worker starts others in their place."""
    assert workers.process is not None
    pid = workers.process.pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        os.kill(int(child), signal.SIGKILL)


def test_a_worker_killed_while_it_writes_leaves_a_table_that_can_be_confirmed_again(
    workers: Workers, small: SmallCounty, settings, tmp_path
):
    settings.FILES_ROOT = tmp_path / "files"
    small.town("甲镇")
    officer = acting(small.officer())
    now = timezone.now()
    rows = [kindergarten_row(1), kindergarten_row(2)]
    for row in rows:
        # The worker has no other clock than the wall's.
        row[HEADS.index("状态起始日期")] = dt.date(2026, 12, 1)
    content = excel([HEADS, *rows])
    batch = services.upload(
        code="registry", raw_name="名册.xlsx", content=content, by=officer, now=now
    )
    # Dry run here, so that the worker has nothing to do but to write.
    with as_owner():
        Job.objects.filter(pk=batch.job.pk).delete()
    batch = services.check_batch(batch_id=batch.pk, by=officer, now=now)
    assert batch.state == "ready"
    # Holds the worker up in the middle of writing.
    holding = psycopg2.connect(test_database_url())
    with holding.cursor() as cursor:
        key = services._lock_key(batch, officer)
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [key])
        batch = services.confirm(batch_id=batch.pk, seen=batch.fingerprint, by=officer, now=now)
        jobs = Job.objects.filter(pk=batch.job.pk)
        for delivery in range(1, Job.MAX_DELIVERIES + 1):
            # The first stands in the middle of it; the others wait for the dead one's transaction.
            steps = 3 if delivery == 1 else 0
            running = jobs.filter(state="running", deliveries=delivery, total_steps__gte=steps)
            workers.wait(running.exists)
            kill_children(workers)
            # As if its lease had run out.
            jobs.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    holding.close()
    workers.wait_until_over(batch.job)
    batch = ImportBatch.objects.select_related("job").get(pk=batch.pk)
    assert (batch.job.state, batch.state) == ("dead", "interrupted")
    assert not Kindergarten.objects.exists()

    batch = services.confirm(
        batch_id=batch.pk, seen=batch.fingerprint, by=officer, now=timezone.now()
    )
    workers.wait_until_over(batch.job)
    assert ImportBatch.objects.get(pk=batch.pk).state == "written"
    assert Kindergarten.objects.count() == 2
