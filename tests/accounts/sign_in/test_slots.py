"""Only so many passwords are verified at once, however many processes and threads ask."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.sign_in import slots
from accounts.sign_in.slots import TooManyAtOnce, slot
from tests.accounts.sign_in.conftest import Clock, sign_in


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(slots.tempfile, "gettempdir", lambda: str(tmp_path))
    return tmp_path


def test_threads_share_the_slots(settings) -> None:
    settings.PASSWORD_SLOTS = 2
    lock, inside, most = threading.Lock(), 0, 0

    def enter(_: int) -> None:
        nonlocal inside, most
        with slot():
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.002)
            with lock:
                inside -= 1

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(enter, range(60)))
    assert most == 2


HOLD = """
import os, sys, time
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import tempfile; tempfile.tempdir = sys.argv[1]
from django.conf import settings
settings.PASSWORD_SLOTS = 1
from accounts.sign_in.slots import slot
with slot():
    print("held", flush=True)
    time.sleep(60)
"""


def test_processes_share_them_and_a_killed_one_gives_its_back(settings, own_folder: Path) -> None:
    settings.PASSWORD_SLOTS = 1
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(own_folder)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(TooManyAtOnce), slot(patience=0.05):
            pass
        os.kill(other.pid, signal.SIGKILL)
        other.wait()
        with slot(patience=5):
            pass
    finally:
        other.kill()
        other.wait()


def test_a_folder_that_others_may_enter_is_refused(own_folder: Path) -> None:
    with slot():
        pass
    [folder] = own_folder.iterdir()
    folder.chmod(0o777)
    with pytest.raises(ImproperlyConfigured), slot():
        pass


def test_a_sign_in_without_a_slot_is_told_to_try_again(
    clock: Clock, officer: User, settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PASSWORD_SLOTS = 1
    monkeypatch.setattr("accounts.sign_in.slots.PATIENCE_SECONDS", 0)
    monkeypatch.setattr(slots.slot.__wrapped__, "__defaults__", (0.0,))
    with slot():
        response = sign_in(Client(), officer)
    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert Client().get(reverse("login")).status_code == 200
