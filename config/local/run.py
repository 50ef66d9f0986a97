"""`make run`: the whole portal on this machine, until Ctrl-C.

Servers, schema, demo, static files, then web, worker and beat as child processes that are watched.
Every failure a user can mend is one line and exit code 1.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from accounts.hardening.hiding import hide_from_the_account
from config.local import process, setup
from config.local.child import Child, say
from config.local.process import LocalServerError
from config.local.reach import check_urls
from config.local.servers import DIRECTORY, ROOT, LocalServers, attach

DEFAULT_PORT = 8000
WEB_WORKERS = 3
JOB_WORKERS = 2


class StartError(Exception):
    """The portal cannot start; the message is one line that says how to mend it."""


class Portal:
    """The portal of this folder: one at a time."""

    def __init__(self, environ: MutableMapping[str, str], directory: Path = DIRECTORY) -> None:
        self.environ = environ
        self.directory = directory
        self.port = port_of(environ)
        self.asked_to_stop = threading.Event()

    def run(self) -> None:
        """Start everything, watch it, and stop everything when asked to."""
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, self._on_signal)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup is to be obeyed.
            signal.signal(signal.SIGHUP, self._on_signal)
        setup.check_disk(ROOT, setup.ROOM_TO_START)
        self.directory.mkdir(exist_ok=True)
        with only_copy(self.directory / "run.lock", self.port):
            check_port(self.port)
            own_database = "DATABASE_URL" not in self.environ
            check_urls(self.environ)
            say("start", "PostgreSQL and Valkey 数据库与消息服务 …")
            with attach(self.environ, self.directory) as servers:
                # A database somebody else set up gets demonstration data only when told so.
                self.environ.setdefault("DEMO", "1" if own_database else "0")
                self._prepare()
                # From here on as the application: what runs now cannot touch schema or history.
                self.environ.pop("OWNER_DATABASE_URL", None)
                self._serve(servers)

    def _on_signal(self, signum: int, frame: FrameType | None) -> None:
        self.asked_to_stop.set()

    # Before

    def _prepare(self) -> None:
        say("start", "schema and demonstration data 建表与演示数据 …")
        self._run("prepare", "-m", "config.local.prepare")
        # Compressing and renaming static files takes half a minute and gains nothing on one machine.
        self.environ.setdefault("PLAIN_STATIC", "1")
        self.environ.setdefault("LOG_FORMAT", "line")
        wanted = static_fingerprint(ROOT / "static")
        stamp = Path(self.environ.get("STATIC_ROOT") or ROOT / "staticfiles") / ".collected"
        if not stamp.exists() or stamp.read_text() != wanted:
            say("start", "static files 静态文件 …")
            # Icons are drawn into the page by the server, nobody fetches them one by one.
            collect = ["collectstatic", "--no-input", "--clear", "-v0", "-i", "vendor/icons/*"]
            self._run("static", "manage.py", *collect)
            stamp.write_text(wanted)

    def _run(self, name: str, *arguments: str) -> None:
        step = Child(name, [sys.executable, *arguments], self.environ)
        step.start()
        self._finish(step)

    def _finish(self, step: Child) -> None:
        try:
            while step.is_running():
                if self.asked_to_stop.wait(0.05):
                    raise StoppedEarly
        finally:
            step.stop()
        if step.code:
            raise StartError(f"The step “{step.name}” failed: {step.last_line or step.code}")

    # While it runs

    def _serve(self, servers: LocalServers) -> None:
        # On one's own machine root is often all there is; the image runs as somebody else.
        no_lecture = "ignore:You're running the worker with superuser privileges"
        celery = [sys.executable, "-W", no_lecture, "-m", "celery", "--quiet", "-A", "config"]
        children = [
            Child(
                "web",
                [
                    *(sys.executable, "-m", "gunicorn", "config.wsgi"),
                    *("--bind", f"127.0.0.1:{self.port}", "--workers", str(WEB_WORKERS)),
                    *("--timeout", "60", "--graceful-timeout", "4", "--log-level", "warning"),
                    *("--max-requests", "5000", "--max-requests-jitter", "500"),
                    "--no-control-socket",
                ],
                self.environ,
            ),
            Child(
                "worker",
                [
                    *(*celery, "worker", "-c", str(JOB_WORKERS), "-Q", "default,print"),
                    *("--loglevel", "WARNING", "--without-gossip", "--without-mingle"),
                ],
                self.environ,
            ),
            Child(
                "beat",
                [
                    *(*celery, "beat", "--loglevel", "WARNING", "--pidfile", ""),
                    *("--schedule", str(self.directory / "beat-schedule")),
                ],
                self.environ,
            ),
        ]
        web, *others = children
        try:
            for child in children:
                child.start()
            self._greet()
            while not self.asked_to_stop.wait(0.5):
                for line in servers.revive():
                    say("start", line)
                if moved := self._follow(servers):
                    say("start", f"{moved} has a new port; worker, beat and web start again")
                    restart(others)
                    restart([web])
                for child in children:
                    child.revive()
        finally:
            say("stop", "stopping, nothing is lost 正在停止，数据都在 …")
            for child in children:
                child.ask_to_stop()
            for child in children:
                child.stop()

    def _follow(self, servers: LocalServers) -> str:
        """Take over the addresses of servers that moved; return their settings' names."""
        urls = {name: url for name, url in servers.urls().items() if name in self.environ}
        moved = [name for name, url in urls.items() if self.environ[name] != url]
        self.environ.update(urls)
        return " and ".join(moved)

    def _wait_until_ready(self) -> bool:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not self.asked_to_stop.wait(0.1):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5):
                    return True
            except urllib.error.HTTPError:
                return True  # It answers; what it says is for the pages to show.
            except OSError:
                continue
        return False

    def _greet(self) -> None:
        """Show the demo logins and the address, once the portal answers."""
        logins = Child("logins", [sys.executable, "manage.py", "demo_logins"], self.environ)
        logins.prefixed = False
        if self.environ.get("DEMO") == "1":
            logins.start()  # While the web server starts as well.
        if self._wait_until_ready():
            try:
                if logins.is_running():
                    self._finish(logins)
            except StartError as error:
                say("start", str(error))  # The portal is up all the same.
            say("ready", f"http://127.0.0.1:{self.port}/   (Ctrl-C stops it 按 Ctrl-C 停止)")
        logins.stop()


def restart(children: Sequence[Child]) -> None:
    """End these together, what they are doing done, and start them with the present settings."""
    for child in children:
        child.ask_to_stop()
    for child in children:
        child.stop()
        child.start()


class StoppedEarly(Exception):
    """The user stopped the portal before it was up."""


@contextmanager
def only_copy(path: Path, port: int) -> Iterator[None]:
    """Hold the lock of this folder; raise StartError when another copy has it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid, _, its_port = path.read_text().partition(" ")
            raise StartError(
                f"The portal already runs here: http://127.0.0.1:{its_port}/ (process {pid}). "
                f"Stop it there with Ctrl-C, or: kill {pid}"
            ) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()} {port}".encode())
        yield
    finally:
        os.close(descriptor)


def port_of(environ: MutableMapping[str, str]) -> int:
    """Return the web port asked for. Raises StartError when PORT is no port number."""
    text = environ.get("PORT") or str(DEFAULT_PORT)
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise StartError(
            f"PORT is “{text}”; it must be a number from 1 to 65535: PORT=8001 make run"
        )
    return int(text)


def check_port(port: int) -> None:
    """Raise StartError when the web port cannot be had."""
    if port < 1024 and os.geteuid() != 0:
        raise StartError(f"Port {port} needs root; choose one above 1023: PORT=8001 make run")
    if not process.is_free(port):
        other = process.free_port(port + 1 if port < 65535 else None)
        raise StartError(f"Port {port} is taken by another program: PORT={other} make run")


def static_fingerprint(folder: Path) -> str:
    """Return what changes when a static file does: names, sizes and times of all of them."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "icons" not in path.parts:
            facts = path.stat()
            digest.update(f"{path} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    digest.update((ROOT / "requirements.lock").read_bytes())
    return digest.hexdigest()


def main(directory: Path = DIRECTORY) -> None:
    """Run the portal; end with one line and exit code 1 when it cannot."""
    # Child processes write UTF-8 whatever the terminal's locale says.
    os.environ["PYTHONUNBUFFERED"] = "1"
    hide_from_the_account()
    try:
        Portal(os.environ, directory).run()
    except StoppedEarly:
        pass
    except (StartError, LocalServerError, setup.SetupError) as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"{error.strerror or error}: {error.filename or directory}")
    say("stop", "stopped 已停止")


if __name__ == "__main__":
    main()
