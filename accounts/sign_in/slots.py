"""At most so many passwords are verified at the same time on one machine.

Each verification takes 19 MiB and a core for some 11 ms on purpose. Two hundred people who press
“登录” in the same second must wait for each other, not fill the memory. Gunicorn's processes share
nothing but the machine, so a slot is a locked file: the kernel frees it when its holder dies, which
a counter in shared memory would not survive.
"""

from __future__ import annotations

import fcntl
import os
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

PATIENCE_SECONDS = 20.0
PAUSE_SECONDS = 0.005


class TooManyAtOnce(Exception):
    """No slot came free in time; “try again” is the answer."""


@contextmanager
def slot(patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Hold one of the slots. Raises TooManyAtOnce when none comes free."""
    descriptor = _take(time.monotonic() + patience)
    try:
        yield
    finally:
        os.close(descriptor)


def _take(until: float) -> int:
    directory = _directory()
    names = [str(number) for number in range(max(1, settings.PASSWORD_SLOTS))]
    while True:
        random.shuffle(names)
        for name in names:
            descriptor = os.open(directory / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
            else:
                return descriptor
        if time.monotonic() >= until:
            raise TooManyAtOnce
        time.sleep(PAUSE_SECONDS)


def _directory() -> Path:
    """A folder that only this account may enter: others could hold the slots for ever."""
    directory = Path(tempfile.gettempdir()) / f"portal-password-slots-{os.geteuid()}"
    directory.mkdir(mode=0o700, exist_ok=True)
    facts = directory.lstat()
    if facts.st_uid != os.geteuid() or facts.st_mode & 0o077 or directory.is_symlink():
        raise ImproperlyConfigured(f"{directory} belongs to somebody else or is open to others")
    return directory
