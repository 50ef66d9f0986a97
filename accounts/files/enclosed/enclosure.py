"""Starts one program of this folder with little memory, little time and no way out.

Run as ``python -I enclosure.py PROGRAM FOLDER``. The limits are set here, before the first byte of
the file is looked at, and not by the parent between fork and exec, where a threaded server must
not run Python.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import runpy
import signal
import sys
from pathlib import Path

MEGABYTE = 1024 * 1024
MEMORY = 512 * MEGABYTE
SECONDS = 20
LARGEST_FILE = 64 * MEGABYTE
NEW_USER_NAMES, NEW_NETWORK = 0x10000000, 0x40000000
DIE_WITH_PARENT, NO_NEW_RIGHTS = 1, 38


def limit() -> None:
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, LARGEST_FILE),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
        # No further process or thread.
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(kind, (most, most))
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
        libc.prctl(NO_NEW_RIGHTS, 1, 0, 0, 0)
        # A network with nothing on it, where the kernel lets an ordinary user have one.
        libc.unshare(NEW_USER_NAMES | NEW_NETWORK)


def main() -> None:
    program, folder = sys.argv[1], sys.argv[2]
    os.umask(0o077)
    os.chdir(folder)
    limit()
    work = runpy.run_path(str(Path(__file__).resolve().parent / f"{program}.py"))["work"]
    with contextlib.suppress(BrokenPipeError):
        work(Path(folder))


if __name__ == "__main__":
    main()
