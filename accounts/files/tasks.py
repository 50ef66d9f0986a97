"""Work on uploaded files."""

from __future__ import annotations

import logging

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from accounts.files import child, store
from accounts.history.context import command_history

logger = logging.getLogger(__name__)


@shared_task(name="accounts.files.sweep", acks_late=False)
@command_history("timetable")
def sweep() -> None:
    """Nightly: delete what belongs to nothing, and folders left by readers that were killed."""
    rows, strays = store.sweep(now=timezone.now())
    folders = child.sweep_folders()
    logger.info("swept %s files, %s strays, %s folders", rows, strays, folders)


@shared_task(name="accounts.files.scan_pending", acks_late=False)
@command_history("timetable")
def scan_pending() -> None:
    """Where a virus scanner is set up: ask again about files it has said nothing about."""
    if settings.CLAMD_ADDRESS:
        store.scan_pending(now=timezone.now())
