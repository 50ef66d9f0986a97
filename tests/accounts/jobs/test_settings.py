"""Settings that jobs and pages lean on; each was measured to lose or hang something without it."""

from importlib import import_module

import pytest
from celery import current_app
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from kombu.transport.redis import QoS

from accounts.jobs.registry import job_handler


def test_celery_settings():
    conf = current_app.conf
    assert conf.task_acks_late is True
    assert conf.task_reject_on_worker_lost is True
    assert conf.worker_prefetch_multiplier == 1
    assert (conf.task_time_limit, conf.task_soft_time_limit) == (300, 240)
    assert (conf.task_serializer, conf.accept_content) == ("json", ["json"])
    assert conf.task_ignore_result is True
    assert conf.worker_max_tasks_per_child
    options = conf.broker_transport_options
    assert options["visibility_timeout"] == 900 > 2 * conf.task_time_limit
    assert options["unacked_restore_interval"] == 5
    assert options["unacked_restore_throttle"] == 1
    assert options["socket_timeout"] == 5


def test_the_jobs_own_tasks_are_heard_early_and_hand_nothing_back():
    current_app.loader.import_default_modules()
    for name in ("accounts.jobs.run", "accounts.jobs.sweep"):
        assert current_app.tasks[name].acks_late is False
    assert QoS.restore_at_shutdown is False


def test_the_sweeper_comes_every_ten_seconds_and_never_queues_up():
    sweep = current_app.conf.beat_schedule["sweep-jobs"]
    assert sweep["task"] == "accounts.jobs.sweep"
    assert sweep["schedule"] == 10.0
    assert sweep["options"]["expires"] <= 10


def test_no_job_may_outlast_the_general_limit():
    with pytest.raises(ImproperlyConfigured, match="301"):
        job_handler("test-too-long", hard_limit_seconds=301)


def test_django_settings(db):
    # PostgreSQL keeps the sessions: with the broker gone people stay signed in.
    assert issubclass(import_module(settings.SESSION_ENGINE).SessionStore, DatabaseSessions)
    assert settings.DATABASES["default"]["CONN_HEALTH_CHECKS"] is True
    assert "redis" not in str(settings.CACHES).lower()
    with connection.cursor() as cursor:
        for name, value in (
            ("statement_timeout", "5s"),
            ("lock_timeout", "2s"),
            ("idle_in_transaction_session_timeout", "10s"),
        ):
            cursor.execute("SELECT current_setting(%s)", [name])
            assert cursor.fetchone() == (value,)
