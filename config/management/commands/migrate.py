"""`migrate`, and after it what the application may do with the tables that are there now."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.commands.migrate import Command as Migrate

from config.database.grants import grant
from config.database.quick_migrations import quick_migrations


class Command(Migrate):
    """Also gives the application's role its privileges, where it is another than the owner."""

    def handle(self, *args: Any, **options: Any) -> None:
        with quick_migrations():
            super().handle(*args, **options)
        if settings.APPLICATION and not options["plan"]:
            grant(settings.APPLICATION)
