"""Running a program on an uploaded file in a process of its own, which may die without harm."""

from __future__ import annotations

import os
import shutil
import signal
import stat
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
# As the program itself may write no more (enclosed/enclosure.py).
LARGEST_LEFT = 64 * 1024 * 1024


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
        result = _left(folder / "result") if code == 0 else None
        if result is None:
            raise ChildDied(f"{program} ended with {code}")
        return Produced(result, _left(folder / "made"))


def _left(path: Path) -> bytes | None:
    """What the program wrote there, if it wrote anything.

    A program that a hostile file has taken over may leave a link to a file that only the parent may
    read, or a pipe that nobody fills: nothing but a plain file with no other name is opened.
    Raises ChildDied.
    """
    try:
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ChildDied(f"{path.name} is no plain file") from error
    try:
        found = os.fstat(opened)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
            raise ChildDied(f"{path.name} is no plain file of its own")
        with open(opened, "rb", closefd=False) as file:
            content = file.read(LARGEST_LEFT + 1)
    finally:
        os.close(opened)
    if len(content) > LARGEST_LEFT:
        raise ChildDied(f"{path.name} is too large")
    return content


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
