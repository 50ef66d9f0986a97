"""Child processes: watched, started again, and gone with everything they started."""

import os
import sys
import time
from pathlib import Path

from config.local import child as child_module
from config.local.child import Child
from config.local.process import is_running
from config.local.run import restart


def wait_for(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def python(name: str, code: str) -> Child:
    return Child(name, [sys.executable, "-u", "-c", code], os.environ)


def test_output_has_the_name_of_the_child_before_it(capsys):
    child = python("web", "print('ready')")
    child.start()
    wait_for(lambda: not child.is_running())
    child.stop()
    assert "web    | ready\n" in capsys.readouterr().out
    assert child.code == 0


def test_dead_child_is_started_again_with_growing_pauses(capsys):
    child = python("worker", "import sys; print('no broker'); sys.exit(3)")
    child.start()
    try:
        for pause in (1, 2):
            wait_for(lambda: not child.is_running())
            child.revive()
            assert f"starting again in {pause} s" in capsys.readouterr().out
            child._start_again_at = time.monotonic()
            child.revive()
            assert child._start_again_at is None
    finally:
        child.stop()


def test_stop_ends_grandchildren_and_who_ignores_the_request(monkeypatch):
    monkeypatch.setattr(child_module, "PATIENCE", 0.5)
    child = python(
        "web",
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "own = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(own.pid)\n"
        "time.sleep(60)\n",
    )
    child.start()
    wait_for(lambda: child.last_line.isdigit())
    grandchild = int(child.last_line)
    program = Path(f"/proc/{grandchild}/comm").read_text().strip()
    assert is_running(grandchild, program)
    started = time.monotonic()
    child.stop()
    assert 0.5 <= time.monotonic() - started < 4
    assert not child.is_running()
    wait_for(lambda: not is_running(grandchild, program))


def test_restarted_children_have_the_new_address():
    environ = {**os.environ, "REDIS_URL": "redis://old"}
    code = "import os, time; print(os.environ['REDIS_URL']); time.sleep(60)"
    child = Child("worker", [sys.executable, "-u", "-c", code], environ)
    child.start()
    try:
        wait_for(lambda: child.last_line == "redis://old")
        environ["REDIS_URL"] = "redis://new"
        restart([child])
        wait_for(lambda: child.last_line == "redis://new")
    finally:
        child.stop()
