"""An empty, migrated database on the server the environment names, dropped afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import django

ADDRESSES = ("DATABASE_URL", "OWNER_DATABASE_URL")


@contextmanager
def database(name: str) -> Iterator[None]:
    """Set Django up on a database of this name; nobody else's data is read or written."""
    import psycopg2

    from config.local.servers import attach

    with attach(os.environ):
        # As the owner, who makes the database; bulk loading is no part of what is measured.
        named = {key: os.environ[key] for key in ADDRESSES if key in os.environ}
        server = named.get("OWNER_DATABASE_URL") or named["DATABASE_URL"]
        for key, url in named.items():
            os.environ[key] = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
        os.environ["STATEMENT_TIMEOUT_MS"] = "0"
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        admin = psycopg2.connect(server)
        admin.autocommit = True
        try:
            with admin.cursor() as cursor:
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
                cursor.execute(f'CREATE DATABASE "{name}"')
            django.setup()
            from django.core.management import call_command
            from django.db import connection

            call_command("migrate", verbosity=0)
            try:
                yield
            finally:
                connection.close()
        finally:
            with admin.cursor() as cursor:
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            admin.close()
            os.environ.update(named)
