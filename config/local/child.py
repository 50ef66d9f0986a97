"""A program the portal consists of: its output with a prefix, started again when it dies."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence

from config.local import process
from config.local.servers import ROOT

# Seconds a child has to end by itself after SIGTERM; with the databases after it, a stop stays
# within ten seconds. A job cut short is taken up again at the next start.
PATIENCE = 4.0
LONGEST_PAUSE = 30.0
# Who lived that long, in seconds, is healthy: the next death starts at the shortest pause again.
HEALTHY_AFTER = 60.0


def say(name: str, text: str) -> None:
    """Write one prefixed line; a closed terminal is no reason to stop."""
    try:
        sys.stdout.write(f"{name:<7}| {text}\n")
        sys.stdout.flush()
    except (BrokenPipeError, ValueError):
        pass


class Child:
    """A child process with a process group of its own, so that its own children end with it."""

    prefixed = True

    def __init__(self, name: str, command: Sequence[str], environ: Mapping[str, str]) -> None:
        self.name = name
        self.command = list(command)
        self.environ = environ
        self.last_line = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._pause = 1.0
        self._start_again_at: float | None = None
        self._asked_at: float | None = None
        self._reader: threading.Thread | None = None

    @property
    def code(self) -> int | None:
        """Exit code, None while it runs."""
        return self._process.poll() if self._process else None

    def is_running(self) -> bool:
        """Say whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the process. The kernel stops it when this one is killed."""
        self._process = process.spawn(
            self.command,
            account=None,
            cwd=ROOT,
            log=subprocess.PIPE,
            parent_death_signal=signal.SIGTERM,
            environ=self.environ,
        )
        self._asked_at = self._start_again_at = None
        self._started_at = time.monotonic()
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()

    def revive(self) -> None:
        """Start a dead process again, after a pause that doubles with every early death."""
        if self.is_running():
            return
        now = time.monotonic()
        if self._start_again_at is None:
            if now - self._started_at > HEALTHY_AFTER:
                self._pause = 1.0
            # What it left behind would hold its port or its tasks.
            self._signal_group(signal.SIGKILL)
            say(
                "start", f"{self.name} ended ({self._how()}); starting again in {self._pause:.0f} s"
            )
            self._start_again_at = now + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
        elif now >= self._start_again_at:
            self.start()

    def ask_to_stop(self) -> None:
        """Ask the process to end, without waiting."""
        self._asked_at = time.monotonic()
        if self.is_running() and self._process is not None:
            self._process.terminate()

    def stop(self) -> None:
        """End the process and everything it started, by force after a while."""
        if self._process is None:
            return
        if self._asked_at is None:
            self.ask_to_stop()
        patience = (self._asked_at or 0.0) + PATIENCE - time.monotonic()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=max(patience, 0.1))
        self._signal_group(signal.SIGKILL)
        self._process.wait()
        if self._reader is not None:
            self._reader.join(timeout=1)

    def _how(self) -> str:
        code = self.code
        if code is not None and code < 0:
            return signal.Signals(-code).name
        return f"code {code}; {self.last_line}" if self.last_line else f"code {code}"

    def _signal_group(self, signum: int) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signum)

    def _read(self, running: subprocess.Popen[bytes]) -> None:
        for raw in running.stdout or ():
            line = raw.decode(errors="replace").rstrip()
            if line:
                self.last_line = line
                if self.prefixed:
                    say(self.name, line)
                else:
                    sys.stdout.write(line + "\n")
