"""Nightly: what was decided for today takes effect."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from accounts.history.context import command_history
from kindergartens.changes import services
from kindergartens.changes.returns import follow_town

logger = logging.getLogger(__name__)


@shared_task(name="kindergartens.changes.take_effect", acks_late=False)
@command_history("timetable")
def take_effect() -> None:
    """Kindergartens that move town today come to that town's officers."""
    moved = services.take_effect(today=timezone.localdate())
    logger.info("%s kindergartens moved to another town", moved)
    # One opened while its kindergarten's move was being written still has the town from before.
    logger.info("%s returns follow their kindergarten", follow_town())
