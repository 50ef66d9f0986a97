"""No process that holds the keys lets others of its account look into it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

from tests.conftest import without_owner

# Root with every capability sees everything; what a hostile file has taken over has none. Nobody
# sees who has more: without that the processes would be closed to it anyway when root runs this.
WITHOUT_RIGHTS = """
import ctypes, os, struct, sys
libc = ctypes.CDLL(None)
libc.prctl(28, 1, 0, 0, 0)  # PR_SET_SECUREBITS, SECBIT_NOROOT: root gets none back by exec
libc.capset(struct.pack("=Ii", 0x20080522, 0), bytes(24))
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
LOOK = """
import ctypes, struct, sys
ctypes.CDLL(None).capset(struct.pack("=Ii", 0x20080522, 0), bytes(24))
try:
    print("CANARY" in open(f"/proc/{sys.argv[1]}/environ", errors="replace").read())
except OSError as error:
    print(type(error).__name__)
"""
SUPERVISOR = (
    "import time\nfrom config.local import run\n"
    "class Portal:\n"
    "    def __init__(self, *args): pass\n"
    "    def run(self): time.sleep(60)\n"
    "run.Portal = Portal\nrun.main()"
)
COMMANDS = {
    "worker": ["-m", "celery", "-A", "config", "worker", "-c", "1", "-Q", "nothing"],
    "beat": ["-m", "celery", "-A", "config", "beat", "--pidfile", "", "--schedule", "SCHEDULE"],
    "web": ["-m", "gunicorn", "config.wsgi", "--bind", "127.0.0.1:0", "--no-control-socket"],
    "supervisor": ["-c", SUPERVISOR],
}


def seen(pid: int) -> str:
    done = subprocess.run(
        [sys.executable, "-c", LOOK, str(pid)], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def started(tmp_path: Path, arguments: list[str]) -> subprocess.Popen[bytes]:
    arguments = [word.replace("SCHEDULE", str(tmp_path / "schedule")) for word in arguments]
    return subprocess.Popen(
        [sys.executable, "-c", WITHOUT_RIGHTS, *arguments],
        cwd=settings.BASE_DIR,
        env={**without_owner(os.environ), "CANARY": "of the parent"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="other systems show no environment")
@pytest.mark.parametrize("name", COMMANDS)
def test_its_environment_is_closed(tmp_path: Path, name: str) -> None:
    process = started(tmp_path, COMMANDS[name])
    try:
        found = ""
        for _ in range(240):
            assert process.poll() is None
            found = seen(process.pid)
            if found == "PermissionError":
                break
            time.sleep(0.25)
        assert found == "PermissionError"
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems show no environment")
def test_of_any_other_program_it_is_open(tmp_path: Path) -> None:
    """The test above has teeth."""
    process = started(tmp_path, ["-c", "import time; time.sleep(60)"])
    try:
        time.sleep(1)
        assert seen(process.pid) == "True"
    finally:
        process.kill()
        process.wait()
