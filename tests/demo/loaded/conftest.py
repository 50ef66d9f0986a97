"""One load of the demo for all tests of this folder, rolled back at the end.

Loading takes a minute. It is interrupted on purpose and run again: what is checked is the outcome
of a resumed load. Each test runs in a savepoint of its transaction.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from pytest_django.plugin import DjangoDbBlocker

from config.demo.load import load_demo
from tests.demo.loaded.days import NOW, TODAY


class Interrupted(Exception):
    pass


@pytest.fixture(scope="package", autouse=True)
def demo(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    started = time.monotonic()

    def stop_after_wuqing(line: str) -> None:
        if "武清区十二个月的月报" in line:
            raise Interrupted

    with django_db_blocker.unblock():
        try:
            with transaction.atomic():
                with pytest.raises(Interrupted):
                    load_demo(today=TODAY, now=NOW, say=stop_after_wuqing)
                # A day later it goes on with the first day's months.
                tomorrow = dt.timedelta(days=1)
                assert load_demo(today=TODAY + tomorrow, now=NOW + tomorrow, say=lambda line: None)
                # Once for the whole load; otherwise every test would do it again at its end.
                connection.check_constraints()
                print(f"demo loaded in {time.monotonic() - started:.0f} s")
                yield
                transaction.set_rollback(True)
        finally:
            connection.close()
