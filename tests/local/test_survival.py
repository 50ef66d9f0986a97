"""The run outlives its servers: whatever dies again and again, the website stays."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
import redis

from config.local import postgres, revival, valkey
from config.local.postgres import Postgres
from config.local.process import free_port, is_free, is_running
from config.local.run import Portal, static_fingerprint
from config.local.servers import ROOT, LocalServers
from tests.local.test_run import START


def wait_for(condition: Callable[[], object], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain: {what}"
        time.sleep(0.02)


def valkey_process(directory: Path) -> int | None:
    """The running Valkey of this folder."""
    try:
        pid = int(json.loads((directory / "valkey" / "running.json").read_text())["pid"])
    except (OSError, ValueError):
        return None
    return pid if is_running(pid, valkey.PROGRAM) else None


def postgres_process(directory: Path) -> int | None:
    """The running PostgreSQL of this folder."""
    data = Postgres(directory.resolve(), password="", durable=True).data
    try:
        pid = int((data / "postmaster.pid").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return pid if is_running(pid, postgres.PROGRAM) else None


class Run:
    """`make run` in a folder of its own, without the demonstration."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port = free_port()
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.lines: list[str] = []
        # No page is looked at here: the static files count as collected.
        static = directory / "static"
        static.mkdir(parents=True)
        (static / ".collected").write_text(static_fingerprint(ROOT / "static"))
        self.process = subprocess.Popen(
            [sys.executable, "-c", START, str(directory)],
            cwd=ROOT,
            env={**kept, "PORT": str(self.port), "DEMO": "0",
                 "STATIC_ROOT": str(static)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.lines.append(line.rstrip("\n"))

    def said(self, text: str) -> bool:
        return any(text in line for line in self.lines)

    def wait_until_it_says(self, text: str, seconds: float) -> None:
        wait_for(lambda: self.said(text) or self.process.poll() is not None, seconds, text)
        assert self.said(text), "\n".join(self.lines)

    def answer(self) -> int:
        """Status of a page that needs the database."""
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}/healthz", timeout=10
            ) as page:
                return page.status
        except urllib.error.HTTPError as error:
            return error.code

    def query(self, sql: str, *values: object) -> list[tuple]:
        ports = json.loads((self.directory / "ports.json").read_text())
        password = (self.directory / "secret").read_text()
        connection = psycopg2.connect(
            f"postgres://portal:{password}@127.0.0.1:{ports['postgres']}/portal"
        )
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, values)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def kill_again_and_again(self, find: Callable[[Path], int | None], times: int) -> list[int]:
        """Kill a server as soon as it is there, so often; return what the website answered."""
        answers = []
        for _ in range(times):
            found: list[int] = []
            wait_for(lambda found=found: found.append(find(self.directory) or 0) or found[-1],
                     20, "the server comes back")  # fmt: skip
            with contextlib.suppress(ProcessLookupError):
                os.kill(found[-1], signal.SIGKILL)
            wait_for(lambda: find(self.directory) is None, 20, "the server is gone")
            answers.append(self.answer())
        return answers


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    directory = tmp_path / "local"
    started = Run(directory)
    try:
        started.wait_until_it_says("ready  |", 90)
        yield started
    finally:
        started.process.send_signal(signal.SIGTERM)
        try:
            started.process.wait(20)
        finally:
            started.process.kill()
            Postgres(directory, password="", durable=True).remove()


def test_servers_killed_again_and_again_do_not_end_the_run(run: Run) -> None:
    ports = json.loads((run.directory / "ports.json").read_text())

    assert run.kill_again_and_again(valkey_process, times=5) == [200] * 5
    # Nobody can do this job: it ends as failed, once beat has rung and the worker has heard.
    job = str(uuid.uuid4())
    run.query(
        "INSERT INTO accounts_job (id, kind, key, title, arguments, state, deliveries, done_steps,"
        " total_steps, message, error, queued_at) VALUES (%s, 'unknown', 'k', '示例', '{}',"
        " 'queued', 0, 0, 0, '', '', now() - interval '1 hour')",
        job,
    )
    state = "SELECT state FROM accounts_job WHERE id = %s"
    wait_for(lambda: run.query(state, job) == [("failed",)], 60, "the worker does the job")

    busy = run.kill_again_and_again(postgres_process, times=3)
    assert set(busy) == {503}
    wait_for(lambda: run.answer() == 200, 30, "pages are back")
    assert run.query(state, job) == [("failed",)]

    assert run.process.poll() is None
    assert json.loads((run.directory / "ports.json").read_text()) == ports
    run.wait_until_it_says("start  | Valkey had stopped and was started again", 10)
    run.wait_until_it_says("start  | PostgreSQL had stopped and was started again", 10)
    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(20) == 0
    run._reader.join(5)
    assert run.lines[-1] == "stop   | stopped 已停止"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revival, "SHORTEST_PAUSE", 0.1)
    monkeypatch.setattr(valkey, "PATIENCE", 0.3)


def kill_valkey(directory: Path) -> None:
    pid = valkey_process(directory)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: valkey_process(directory) is None, 5, "Valkey is gone")


@contextlib.contextmanager
def stranger_on(port: int) -> Iterator[None]:
    """Another program takes the port as soon as the kernel has cleared it away."""
    wait_for(lambda: is_free(port), 5, "the port is free")
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", port))
        stranger.listen()
        yield


def revive(servers: LocalServers, until: Callable[[], bool], seconds: float = 15) -> list[str]:
    said: list[str] = []
    wait_for(lambda: said.extend(servers.revive()) or until(), seconds, "revived")
    return said


def test_valkey_that_cannot_start_is_a_line_and_tried_again(tmp_path: Path, impatient) -> None:
    with LocalServers(tmp_path, postgres=False) as servers:
        url = servers.redis_url
        kept = (tmp_path / "valkey" / "appendonlydir").rename(tmp_path / "kept")
        (tmp_path / "valkey" / "appendonlydir").write_text("no folder")
        kill_valkey(tmp_path)
        said: list[str] = []
        wait_for(lambda: said.extend(servers.revive()) or len(said) == 3, 15, "three attempts")
        assert all(line.startswith("Valkey did not start; its log") for line in said)
        pauses = [line.rpartition("Trying again in ")[2] for line in said]
        assert pauses == ["0.1 s.", "0.2 s.", "0.4 s."]
        (tmp_path / "valkey" / "appendonlydir").unlink()
        kept.rename(tmp_path / "valkey" / "appendonlydir")
        said = revive(servers, lambda: valkey_process(tmp_path) is not None)
        assert said[-1] == "Valkey had stopped and was started again"
        assert servers.redis_url == url
        assert redis.Redis.from_url(url).ping()


def test_port_is_left_only_when_another_program_keeps_it(tmp_path: Path, impatient) -> None:
    with LocalServers(tmp_path, durable=False, postgres=False) as servers:
        environ = dict(servers.urls())
        portal = Portal(environ, tmp_path)
        assert portal._follow(servers) == ""
        port = json.loads((tmp_path / "ports.json").read_text())["valkey"]
        kill_valkey(tmp_path)
        with stranger_on(port):
            said = revive(servers, lambda: valkey_process(tmp_path) is not None)
        taken = f"Valkey does not start: another program has taken its port {port}."
        assert [taken in line for line in said] == [True] * revival.ATTEMPTS_ON_A_TAKEN_PORT + [
            False
        ]
        new_port = json.loads((tmp_path / "ports.json").read_text())["valkey"]
        assert new_port != port
        assert portal._follow(servers) == "REDIS_URL"
        assert f":{new_port}/" in environ["REDIS_URL"]
        assert redis.Redis.from_url(environ["REDIS_URL"]).ping()
        assert portal._follow(servers) == ""


def test_port_chosen_in_a_second_terminal_is_learnt(tmp_path: Path) -> None:
    with LocalServers(tmp_path, durable=False, postgres=False) as servers:
        old = servers.redis_url
        kill_valkey(tmp_path)
        with (
            stranger_on(urlsplit(old).port or 0),
            LocalServers(tmp_path, durable=False, postgres=False) as second,
        ):
            assert second.redis_url != old
            assert servers.revive() == []
            assert servers.redis_url == second.redis_url
