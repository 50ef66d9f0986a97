"""The portal as it runs in production, on the database a benchmark has made: web and worker."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

WEB_PROCESSES = 3
JOB_PROCESSES = 2
# One address plays hundreds of people; the limit of an address would send most of them away.
SETTINGS = {"PLAIN_STATIC": "1", "LOG_LEVEL": "CRITICAL", "RATE_LIMITS": "0"}


@contextmanager
def web_server() -> Iterator[tuple[str, int]]:
    """gunicorn with three processes. Yields its address and the number of its first process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *("-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}"),
        *("--workers", str(WEB_PROCESSES), "--timeout", "120", "--log-level", "error"),
        # Whoever comes while all are busy waits; nobody is turned away.
        *("--backlog", "2048", "--no-control-socket"),
    ]
    with _running(command) as server:
        address = f"http://127.0.0.1:{port}"
        for _ in range(600):
            with suppress(OSError), urllib.request.urlopen(f"{address}/healthz"):  # noqa: S310
                break
            time.sleep(0.1)
        yield address, server.pid


@contextmanager
def worker() -> Iterator[None]:
    """A Celery worker with two processes, which does what the pages ask for meanwhile."""
    command = [
        *("-W", "ignore", "-m", "celery", "--quiet", "-A", "config", "worker"),
        *("-c", str(JOB_PROCESSES), "-Q", "default,print", "--loglevel", "CRITICAL"),
        *("--without-gossip", "--without-mingle"),
    ]
    with _running(command):
        yield


@contextmanager
def whole() -> Iterator[str]:
    """Web and worker together. Yields the address."""
    with ExitStack() as stack:
        stack.enter_context(worker())
        yield stack.enter_context(web_server())[0]


@contextmanager
def _running(arguments: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    environ = {**os.environ, **SETTINGS}
    # What people reach runs as the application, never as the owner of the tables.
    environ.pop("OWNER_DATABASE_URL", None)
    process = subprocess.Popen([sys.executable, *arguments], env=environ)  # noqa: S603 - ours
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
