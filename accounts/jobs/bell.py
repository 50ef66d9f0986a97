"""Tells the workers through the broker that a job waits. Only a doorbell: the row is the truth.

A bell that cannot be rung is no error. The page that caused the job is answered all the same,
and the sweeper rings again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable

from celery import current_app
from django.conf import settings
from kombu import Connection
from kombu.exceptions import OperationalError

from accounts.jobs.registry import find_kind
from accounts.models import Job

logger = logging.getLogger(__name__)

RUN_TASK = "accounts.jobs.run"

# A broker that answers at all answers within milliseconds; a hanging one must not hold up a page.
TIMEOUT_SECONDS = 0.3
# After a failure this process lets the broker rest, so that not every page waits for it.
QUIET_SECONDS = 5.0


class _Breaker:
    quiet_until = 0.0


def ring(jobs: Iterable[Job]) -> int:
    """Send one message per job and return how many the broker took; never raises.

    Each call opens its own short connection: a pooled one could have been broken by an outage,
    or shared by a fork, since it was last used.
    """
    waiting = list(jobs)
    if not waiting or time.monotonic() < _Breaker.quiet_until:
        return 0
    rung = 0
    try:
        with _connection() as connection:
            for job in waiting:
                _send(job, connection)
                rung += 1
    except (OperationalError, OSError) as error:
        _Breaker.quiet_until = time.monotonic() + QUIET_SECONDS
        logger.warning("The broker did not take a bell: %s", error)
    except Exception:
        # The cause of the job is committed already, and the sweeper mends whatever went wrong.
        _Breaker.quiet_until = time.monotonic() + QUIET_SECONDS
        logger.exception("A bell could not be rung")
    return rung


def _connection() -> Connection:
    return Connection(
        settings.CELERY_BROKER_URL,
        connect_timeout=TIMEOUT_SECONDS,
        transport_options={
            **settings.CELERY_BROKER_TRANSPORT_OPTIONS,
            "socket_timeout": TIMEOUT_SECONDS,
            "socket_connect_timeout": TIMEOUT_SECONDS,
            # Without these two Kombu would try to connect again and again.
            "max_retries": 0,
            "connect_retries_timeout": TIMEOUT_SECONDS,
        },
    )


def _send(job: Job, connection: Connection) -> None:
    kind = find_kind(job.kind)
    current_app.send_task(
        RUN_TASK,
        args=[str(job.pk)],
        connection=connection,
        retry=False,
        queue=kind.queue if kind else None,
        time_limit=kind.hard_limit_seconds if kind else None,
        soft_time_limit=kind.soft_limit_seconds if kind else None,
    )
