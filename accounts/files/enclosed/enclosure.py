"""Starts one program of this folder with little memory, little time and no way out.

Four walls, of which each holds without the others: no capability (root is nobody here), a space of
names of its own, Landlock (no file but the program's own and its folder, no other process, no
network), and parents that let no process of their account look into them (accounts/files/child.py).
Two of them depend on the kernel, so none is taken for granted.

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
import struct
import sys
from pathlib import Path

MEGABYTE = 1024 * 1024
MEMORY = 512 * MEGABYTE
SECONDS = 20
LARGEST_FILE = 64 * MEGABYTE
NEW_USER_NAMES, NEW_NETWORK = 0x10000000, 0x40000000
DIE_WITH_PARENT, NO_NEW_RIGHTS = 1, 38
# capset(2), of all three 64-bit sets
CAPABILITIES_VERSION = 0x20080522
# landlock(7)
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ASK_VERSION, PATH_BENEATH = 1, 1
EXECUTE, READ_FILE, READ_DIR = 1 << 0, 1 << 2, 1 << 3
READ = EXECUTE | READ_FILE | READ_DIR
# What a rule may say about a file that is no folder.
OF_FILES = EXECUTE | READ_FILE | 1 << 1 | 1 << 14
# How many sorts of access each version knows, from the first on.
SORTS = (13, 14, 15, 15, 16)
NET_SINCE, SCOPE_SINCE = 4, 6
READABLE = (
    *("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache"),
    *("/dev/null", "/dev/urandom", "/proc/self", sys.prefix, sys.base_prefix),
    str(Path(__file__).resolve().parent),
)


def limit(folder: Path) -> None:
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
        drop_capabilities(libc)
        lock_the_land(libc, folder)


def drop_capabilities(libc: ctypes.CDLL) -> None:
    """Be an ordinary account, even for root: no look into processes that have more."""
    header = struct.pack("=Ii", CAPABILITIES_VERSION, 0)
    libc.capset(header, bytes(24))


def lock_the_land(libc: ctypes.CDLL, folder: Path) -> None:
    """Leave the program, its libraries and its folder to be seen, where the kernel has Landlock."""
    version = libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(ASK_VERSION))
    if version < 1:
        return
    every = (1 << SORTS[min(version, len(SORTS)) - 1]) - 1
    # No TCP in or out; no signal and no abstract socket to anybody outside.
    told = [every]
    if version >= NET_SINCE:
        told.append(0b11)
    if version >= SCOPE_SINCE:
        told.append(0b11)
    said = struct.pack(f"={len(told)}Q", *told)
    ruleset = libc.syscall(CREATE_RULESET, said, ctypes.c_size_t(len(said)), ctypes.c_uint32(0))
    if ruleset < 0:
        return
    allow(libc, ruleset, str(folder), every & ~EXECUTE)
    for path in READABLE:
        allow(libc, ruleset, path, READ)
    libc.syscall(RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    os.close(ruleset)


def allow(libc: ctypes.CDLL, ruleset: int, path: str, access: int) -> None:
    with contextlib.suppress(OSError):
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        if not Path(path).is_dir():
            access &= OF_FILES
        rule = struct.pack("=Qi", access, place)
        libc.syscall(
            ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(PATH_BENEATH), rule, ctypes.c_uint32(0)
        )
        os.close(place)


def main() -> None:
    program, folder = sys.argv[1], sys.argv[2]
    os.umask(0o077)
    os.chdir(folder)
    limit(Path(folder))
    work = runpy.run_path(str(Path(__file__).resolve().parent / f"{program}.py"))["work"]
    with contextlib.suppress(BrokenPipeError):
        work(Path(folder))


if __name__ == "__main__":
    main()
