"""Keeps a running job's lease and shows its progress, beside the handler's transaction.

The handler's own transaction cannot show progress before it ends. A thread with a connection of
its own writes both instead; when the process is killed, it falls silent and the lease runs out.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from django.db import Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from accounts.jobs.registry import LeaseLost
from accounts.models import Job

logger = logging.getLogger(__name__)

# People do not see faster changes than this, and the row need not be written more often.
SHOWN_EVERY_SECONDS = 0.2

_BEAT = """
    UPDATE accounts_job
       SET lease_until = %(lease_until)s, done_steps = %(done)s, total_steps = %(total)s,
           message = %(message)s
     WHERE id = %(id)s AND state = 'running'
       AND deliveries = %(deliveries)s AND started_at = %(started_at)s
"""


class Heartbeat:
    """Context manager around one run of one job."""

    def __init__(self, job: Job, *, lease: dt.timedelta, clock: Callable[[], dt.datetime]) -> None:
        self.job = job
        self.lease = lease
        self.clock = clock
        self.progress: tuple[int, int, str] = (0, 0, "")
        self.lost = False
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"job-{job.pk}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def report(self, done: int, total: int, message: str) -> None:
        if self.lost:
            raise LeaseLost(str(self.job.pk))
        self.progress = (done, total, message[: Job._meta.get_field("message").max_length])
        self._wake.set()

    def stop(self) -> None:
        self._stopped.set()
        self._wake.set()
        self._thread.join()

    def _beat(self) -> None:
        connection = connections.create_connection("default")
        try:
            while not self._stopped.is_set() and not self.lost:
                self._wake.wait(self.lease.total_seconds() / 3)
                self._wake.clear()
                if not self._stopped.is_set():
                    self._write(connection)
                    self._stopped.wait(SHOWN_EVERY_SECONDS)
        finally:
            connection.close()

    def _write(self, connection: BaseDatabaseWrapper) -> None:
        done, total, message = self.progress
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    _BEAT,
                    {
                        "id": self.job.pk,
                        "deliveries": self.job.deliveries,
                        "started_at": self.job.started_at,
                        "lease_until": self.clock() + self.lease,
                        "done": done,
                        "total": total,
                        "message": message,
                    },
                )
                self.lost = cursor.rowcount == 0
        except Error:
            # The database may be restarting; the next beat opens a new connection.
            logger.warning("The lease of job %s could not be renewed", self.job.pk, exc_info=True)
            connection.close()
