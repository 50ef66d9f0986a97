"""Running a program on an uploaded file in a process of its own, which may die without harm."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from accounts.hardening.hiding import hide_from_the_account

PROGRAMS = Path(__file__).resolve().parent / "enclosed"
# The processor time is limited inside; this is for a program that waits instead of working.
SECONDS = 25.0
FOLDER_PREFIX = "reading-"


class ChildDied(Exception):
    """The program ended without a result: killed, aborted, out of memory or out of time."""


@dataclass(frozen=True)
class Produced:
    """What the program left: `result` (JSON) and, where it makes one, a new `file`."""

    result: bytes
    file: bytes | None = None


def run(program: str, content: bytes, *, seconds: float = SECONDS) -> Produced:
    """Give the content to a program of accounts/files/enclosed. Raises ChildDied.

    The program gets a folder of its own, an empty environment and no input; the folder is wiped
    whatever happens. Folders left by a parent that was killed are swept nightly.
    """
    hide_from_the_account()
    with _folder() as folder:
        (folder / "file").write_bytes(content)
        code = _run_in(folder, program, seconds)
        result = folder / "result"
        if code != 0 or not result.is_file():
            raise ChildDied(f"{program} ended with {code}")
        made = folder / "made"
        return Produced(result.read_bytes(), made.read_bytes() if made.is_file() else None)


def _run_in(folder: Path, program: str, seconds: float) -> int:
    process = subprocess.Popen(  # noqa: S603 - our own program, no word of it from outside
        [sys.executable, "-I", "-B", str(PROGRAMS / "enclosure.py"), program, str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"LANG": "C.UTF-8", "TMPDIR": str(folder), "MALLOC_ARENA_MAX": "1"},
        cwd=folder,
        close_fds=True,
        start_new_session=True,
    )
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return -signal.SIGKILL
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def reading_root() -> Path:
    """Where the programs' folders lie: private, on the disk that holds the files."""
    root = Path(settings.FILES_ROOT) / "reading"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    return root


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=reading_root()))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep_folders(*, older_than_seconds: float = 3600) -> int:
    """Wipe what a killed parent left behind; return how many folders."""
    swept = 0
    for folder in reading_root().glob(f"{FOLDER_PREFIX}*"):
        if time.time() - folder.stat().st_mtime > older_than_seconds:
            shutil.rmtree(folder, ignore_errors=True)
            swept += 1
    return swept
