"""The Celery app and its timetable."""

import os

from celery import Celery
from celery.schedules import crontab
from celery.signals import beat_init, celeryd_init
from django.conf import settings
from kombu.transport.redis import QoS

from accounts.hardening.hiding import hide_from_the_account

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(lambda: settings.JOB_PACKAGES)

# A worker that loses the broker must not try to hand its messages back: that attempt ends the whole
# worker (Kombu 5.7), and the sweeper rings again for every job anyway.
QoS.restore_at_shutdown = False


@celeryd_init.connect
@beat_init.connect
def hide(**_: object) -> None:
    """Worker and beat hold the keys; the processes of the worker's pool inherit it."""
    hide_from_the_account()


app.conf.beat_schedule = {
    # Rings again for every job whose bell was lost, and takes over from dead workers.
    "sweep-jobs": {
        "task": "accounts.jobs.sweep",
        "schedule": 10.0,
        # A sweep that waited longer than the next one is of no use.
        "options": {"expires": 10},
    },
    # Uploads that never became part of anything, and what killed readers left behind.
    "sweep-files": {
        "task": "accounts.files.sweep",
        "schedule": crontab(hour=3, minute=40),
        "options": {"expires": 6 * 60 * 60},
    },
    # Only with a virus scanner: files it has not answered for are not handed out.
    "scan-pending-files": {
        "task": "accounts.files.scan_pending",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    # Where history ends, signed; the log line leaves this machine with the log.
    "anchor-history": {
        "task": "accounts.history.anchor",
        "schedule": crontab(minute=7),
        "options": {"expires": 30 * 60},
    },
    "verify-history": {
        "task": "accounts.history.verify",
        "schedule": crontab(hour=3, minute=10),
        "options": {"expires": 60 * 60},
    },
    # Kindergartens whose move to another town begins today.
    "take-effect": {
        "task": "kindergartens.changes.take_effect",
        "schedule": crontab(hour=0, minute=5),
        "options": {"expires": 6 * 60 * 60},
    },
    # Corrected statuses, new populations and new periods reach the figures by the morning.
    "recompute-open-months": {
        "task": "indicators.recompute_open_months",
        "schedule": crontab(hour=2, minute=30),
        # Waiting beyond the working day's start is of no use; the next night comes.
        "options": {"expires": 6 * 60 * 60},
    },
    # After the open months: every stored figure of every month against its facts.
    "verify-figures": {
        "task": "indicators.verify_figures",
        "schedule": crontab(hour=3, minute=25),
        "options": {"expires": 3 * 60 * 60},
    },
    # Expired sessions, and failed sign-ins older than a month.
    "sweep-sign-ins": {
        "task": "accounts.sign_in.sweep",
        "schedule": crontab(hour=4, minute=10),
        "options": {"expires": 6 * 60 * 60},
    },
    # Suspends accounts nobody has used for 90 days; ends requests of people who left.
    "nightly-people": {
        "task": "accounts.people.nightly",
        "schedule": crontab(hour=1, minute=20),
        "options": {"expires": 6 * 60 * 60},
    },
}
