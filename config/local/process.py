"""Starting, watching and stopping the server processes of this machine."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1

# Where our own servers listen: below the ports of outgoing connections (32768 and up).
SERVER_PORTS = range(20_000, 32_000)


class LocalServerError(Exception):
    """A server of this machine cannot be used; the message is one line that says how to mend it."""


class PortTaken(LocalServerError):
    """Another program listens where a server of ours did."""


@dataclass(frozen=True)
class Account:
    """The system account a server runs as."""

    uid: int
    gid: int


def server_account() -> Account | None:
    """Return the account PostgreSQL must switch to, or None when our own will do.

    PostgreSQL refuses to run as root. ``nobody`` exists on every Debian and Ubuntu, so nothing has
    to be added to the machine's list of users.
    """
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_uid, entry.pw_gid)


def can_reach(account: Account, path: Path) -> bool:
    """Say whether the account may enter (a folder) or execute (a file) at this path.

    Asked by trying as that account, because modes alone do not tell about mounts and parents.
    Raises LocalServerError where this process may not change its user at all.
    """
    try:
        trial = subprocess.run(
            ["/usr/bin/test", "-x", str(path)],
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            cwd="/",
            check=False,
        )
    except (PermissionError, subprocess.SubprocessError) as error:
        raise LocalServerError(
            "PostgreSQL does not run as root and this machine does not let root change user: "
            "start as an ordinary user, or set DATABASE_URL."
        ) from error
    return trial.returncode == 0


def end_with_parent(signum: int) -> Callable[[], None]:
    """Return a hook for a child process: the kernel sends it this signal when its parent dies."""
    libc = ctypes.CDLL(None, use_errno=True)

    def set_parent_death_signal() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signum, 0, 0, 0)

    return set_parent_death_signal


def spawn(
    command: Sequence[str | Path],
    *,
    account: Account | None,
    cwd: Path,
    log: IO[bytes] | int,
    stdin: IO[bytes] | int = subprocess.DEVNULL,
    parent_death_signal: int | None = None,
    environ: Mapping[str, str] | None = None,
    umask: int = -1,
) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own, so that Ctrl-C in a terminal does not reach it."""
    hook = end_with_parent(parent_death_signal) if parent_death_signal else None
    return subprocess.Popen(
        [str(part) for part in command],
        stdin=stdin,
        stdout=log,
        stderr=subprocess.STDOUT,
        cwd=cwd,
        env=dict(environ or {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}),
        start_new_session=True,
        preexec_fn=hook,
        umask=umask,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def is_running(pid: int, program: str) -> bool:
    """Say whether this process id belongs to a live process of this program.

    The name is compared because ids are given out again, after a restart of the machine above all.
    A zombie counts as dead.
    """
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    name, _, rest = status.partition("(")[2].rpartition(")")
    return name == program[:15] and rest.split()[0] != "Z"


def wait_until_gone(pid: int, program: str, *, seconds: float) -> bool:
    """Wait for a process to end, reaping it where it is our child; False when it is still there."""
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        if not is_running(pid, program):
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)


def stop(pid: int, program: str, *signals: tuple[int, float]) -> None:
    """Send each signal in turn and wait the given seconds for it to work, SIGKILL last of all."""
    for signum, seconds in (*signals, (signal.SIGKILL, 5.0)):
        if not is_running(pid, program):
            return
        try:
            os.kill(pid, signum)
        except ProcessLookupError:
            return
        if wait_until_gone(pid, program, seconds=seconds):
            return


def is_free(port: int) -> bool:
    """Say whether a loopback port can be bound now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(preferred: int | None = None, patience: float = 0.0) -> int:
    """Return the preferred loopback port when it is free, else any free one.

    `patience` is how many seconds to wait for the preferred one: a killed server's port is held
    until the kernel has cleared it away. Others come from below the range that systems hand out
    to outgoing connections, or a server that is down for a moment could find its port taken.
    """
    deadline = time.monotonic() + patience
    while preferred:
        if is_free(preferred):
            return preferred
        if time.monotonic() >= deadline:
            break
        time.sleep(0.05)
    for port in random.sample(SERVER_PORTS, 200):
        if is_free(port):
            return port
    raise LocalServerError("No free port was found on this machine; close some programs.")


def keep_port(name: str, port: int | None, patience: float) -> int:
    """Return the port a dead server had, once it is free again. Raises PortTaken if it is not."""
    if port is None:
        raise LocalServerError(f"{name} was never started.")
    if free_port(port, patience) != port:
        raise PortTaken(f"{name} does not start: another program has taken its port {port}.")
    return port


def last_lines(log: Path, count: int = 3) -> str:
    """Return the end of a log as one line, for an error message."""
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    return " / ".join(line.strip() for line in lines[-count:] if line.strip())
