"""Two people act on one row at once, over two connections, in an order that is the same each time.

The first stops right after it has read the row. The second starts then. The first goes on once the
second has read the row too, has ended, or is seen waiting for a lock: nobody sleeps and hopes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

Act = Callable[[], object]

PATIENCE_SECONDS = 20


@dataclass
class Course:
    """One run. `reading_point` is the function after which the first one stops."""

    monkeypatch: pytest.MonkeyPatch
    reading_point: str
    # The first waits for the second's end, not only for its reading.
    until_the_end: bool = False
    read: dict[str, threading.Event] = field(
        default_factory=lambda: {"first": threading.Event(), "second": threading.Event()}
    )
    ended: threading.Event = field(default_factory=threading.Event)
    pids: dict[str, int] = field(default_factory=dict)
    failures: list[BaseException] = field(default_factory=list)

    def run(self, first: Act, second: Act) -> None:
        module, _, name = self.reading_point.rpartition(".")
        original = _look_up(module, name)

        def read_and_stop(*args: Any, **kwargs: Any) -> Any:
            row = original(*args, **kwargs)
            self._after_reading(threading.current_thread().name)
            return row

        self.monkeypatch.setattr(self.reading_point, read_and_stop)
        threads = [
            threading.Thread(target=self._take_part, name="first", args=(first,)),
            threading.Thread(target=self._take_part, name="second", args=(second,)),
        ]
        threads[0].start()
        assert self.read["first"].wait(PATIENCE_SECONDS), self.failures
        threads[1].start()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive(), f"{thread.name} hangs"
        self.monkeypatch.setattr(self.reading_point, original)

    def _take_part(self, act: Act) -> None:
        name = threading.current_thread().name
        try:
            with connection.cursor() as cursor:
                # On a busy machine the one who waits is not to give up before the other ends.
                cursor.execute("SET lock_timeout = '20s'; SET statement_timeout = '20s'")
                cursor.execute("SELECT pg_backend_pid()")
                self.pids[name] = cursor.fetchone()[0]
            act()
        except BaseException as failure:  # noqa: BLE001 - the one who loses may be refused
            self.failures.append(failure)
        finally:
            connection.close()
            if name == "second":
                self.ended.set()

    def _after_reading(self, name: str) -> None:
        if self.read[name].is_set():
            return  # only the first reading counts
        self.read[name].set()
        if name == "first":
            self._wait_for_the_second()

    def _wait_for_the_second(self) -> None:
        enough = self.ended if self.until_the_end else self.read["second"]
        until = time.monotonic() + PATIENCE_SECONDS
        while not (enough.is_set() or self.ended.is_set() or self._second_is_blocked()):
            if time.monotonic() > until:
                raise AssertionError("the second neither read, ended nor waited")
            enough.wait(0.01)

    def _second_is_blocked(self) -> bool:
        pid = self.pids.get("second")
        if pid is None:
            return False
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_locks WHERE pid = %s AND NOT granted", [pid])
            return cursor.fetchone() is not None


def _look_up(module: str, name: str) -> Any:
    import importlib

    return getattr(importlib.import_module(module), name)


@contextmanager
def without(*constraints: str) -> Iterator[None]:
    """Drop constraints ("app.Model.name") for one test; the rows go before they come back."""
    with ExitStack() as stack:
        for path in constraints:
            label, _, name = path.rpartition(".")
            model = apps.get_model(label)
            [constraint] = [c for c in model._meta.constraints if c.name == name]
            with connection.schema_editor() as editor:
                editor.remove_constraint(model, constraint)
            stack.callback(_put_back, model, constraint)
        yield


def _put_back(model: Any, constraint: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'TRUNCATE "{model._meta.db_table}" CASCADE')
    with connection.schema_editor() as editor:
        editor.add_constraint(model, constraint)
