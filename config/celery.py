"""The Celery app and its timetable."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["accounts.jobs", "indicators", "reports.documents"])

app.conf.beat_schedule = {
    # Rings again for every job whose bell was lost, and takes over from dead workers.
    "sweep-jobs": {
        "task": "accounts.jobs.sweep",
        "schedule": 10.0,
        # A sweep that waited longer than the next one is of no use.
        "options": {"expires": 10},
    },
}
