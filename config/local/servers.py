"""The servers of this machine: started by whoever comes first, stopped by whoever leaves last.

``make run``, a ``manage.py`` command in a second terminal and the tests may use one folder at the
same time. Each holds a shared file lock while it does, which the kernel lets go of even after
kill -9; who can turn it into an exclusive one is alone and stops the servers.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from config.local.postgres import Postgres
from config.local.process import LocalServerError
from config.local.revival import Revival
from config.local.valkey import Valkey

ROOT = Path(__file__).resolve().parents[2]
DIRECTORY = ROOT / ".local"

__all__ = ["DIRECTORY", "LocalServerError", "LocalServers", "attach", "secret_key"]


class LocalServers:
    """PostgreSQL and Valkey under one folder; a context manager.

    ``durable=False`` trades the safety of the data for speed and ties the servers to the life of
    this process: for tests.
    """

    def __init__(
        self,
        directory: Path = DIRECTORY,
        *,
        durable: bool = True,
        postgres: bool = True,
        valkey: bool = True,
    ) -> None:
        self.directory = directory.resolve()
        self.durable = durable
        self._wanted = {"postgres": postgres, "valkey": valkey}
        self._users: int | None = None
        self._postgres: Postgres | None = None
        self._valkey: Valkey | None = None
        self._revivals: list[Revival] = []

    @property
    def database_url(self) -> str:
        """DATABASE_URL of the running PostgreSQL."""
        if self._postgres is None:
            raise LocalServerError("PostgreSQL is not running.")
        return self._postgres.url

    @property
    def owner_url(self) -> str:
        """OWNER_DATABASE_URL of the running PostgreSQL."""
        if self._postgres is None:
            raise LocalServerError("PostgreSQL is not running.")
        return self._postgres.owner_url

    @property
    def redis_url(self) -> str:
        """REDIS_URL of the running Valkey."""
        if self._valkey is None:
            raise LocalServerError("Valkey is not running.")
        return self._valkey.url

    def urls(self) -> dict[str, str]:
        """Return the settings that lead to the servers started here."""
        urls = {}
        if self._postgres is not None:
            urls["DATABASE_URL"] = self._postgres.url
            urls["OWNER_DATABASE_URL"] = self._postgres.owner_url
        if self._valkey is not None:
            urls["REDIS_URL"] = self._valkey.url
        return urls

    def start(self) -> Self:
        """Start what does not run yet. Raises LocalServerError, or OSError for the disk's sake."""
        if not any(self._wanted.values()):
            return self
        self.directory.mkdir(parents=True, exist_ok=True)
        with self._alone():
            if self._users is None:
                self._users = os.open(self.directory / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
                fcntl.flock(self._users, fcntl.LOCK_SH)
            try:
                self._start()
            except BaseException:
                self._leave()
                raise
        return self

    def revive(self) -> list[str]:
        """Start again what was killed, on the same port; return what there is to say about it.

        Called every moment: who dies again and again is left alone for longer and longer, and a
        server that cannot start raises nothing. Afterwards `urls` may differ when a port was taken.
        """
        with self._alone():
            before = self.urls()
            said = [line for revival in self._revivals if (line := revival.attend())]
            if self.urls() != before:
                self._write_ports()
        return said

    def stop(self) -> None:
        """Leave; the last one out stops the servers."""
        if self._users is not None:
            with self._alone():
                self._leave()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _start(self) -> None:
        ports = self._read_ports()
        password = self._password()
        self._revivals = []
        if self._wanted["postgres"]:
            postgres = Postgres(
                self.directory,
                password=password,
                application_password=kept_secret(self.directory / "application_secret"),
                durable=self.durable,
            )
            postgres.start(ports.get("postgres"))
            self._postgres = postgres
            self._revivals.append(Revival("PostgreSQL", postgres))
        if self._wanted["valkey"]:
            valkey = Valkey(self.directory, password=password, durable=self.durable)
            valkey.start(ports.get("valkey"))
            self._valkey = valkey
            self._revivals.append(Revival("Valkey", valkey))
        self._write_ports()

    def _leave(self) -> None:
        if self._users is None:
            return
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass  # Somebody else still uses the servers.
        else:
            # Whoever came first may have started a server that we did not ask for.
            password = self._password()
            Valkey(self.directory, password=password, durable=self.durable).stop()
            Postgres(self.directory, password=password, durable=self.durable).stop()
        os.close(self._users)
        self._users = self._postgres = self._valkey = None
        self._revivals = []

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one process at a time start or stop servers here."""
        descriptor = os.open(self.directory / "start.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _password(self) -> str:
        return kept_secret(self.directory / "secret")

    def _write_ports(self) -> None:
        ports: dict[str, int | None] = {**self._read_ports()}
        for name, server in (("postgres", self._postgres), ("valkey", self._valkey)):
            if server is not None:
                ports[name] = server.port
        (self.directory / "ports.json").write_text(json.dumps(ports))

    def _read_ports(self) -> dict[str, int]:
        try:
            ports = json.loads((self.directory / "ports.json").read_text())
            return {name: int(ports[name]) for name in ("postgres", "valkey") if name in ports}
        except (OSError, ValueError, TypeError):
            return {}


def _any_secret() -> str:
    return secrets.token_urlsafe(48)


def kept_secret(path: Path, make: Callable[[], str] = _any_secret) -> str:
    """Return the secret in this file, made at the first call and readable by its owner only."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if text := path.read_text().strip():
            return text
        # The disk was full, or the power went, between making the file and filling it.
        path.unlink()
        return kept_secret(path, make)
    with os.fdopen(descriptor, "w") as file:
        file.write(make())
    return path.read_text().strip()


def secret_key(environ: MutableMapping[str, str], directory: Path = DIRECTORY) -> None:
    """Fill in SECRET_KEY and FIELD_KEYS where missing; what is made stays this machine's."""
    directory.mkdir(parents=True, exist_ok=True)
    if "SECRET_KEY" not in environ:
        environ["SECRET_KEY"] = kept_secret(directory / "secret_key")
    if "FIELD_KEYS" not in environ:
        environ["FIELD_KEYS"] = kept_secret(
            directory / "field_keys", make=lambda: f"local:{secrets.token_hex(32)}"
        )


@contextmanager
def attach(
    environ: MutableMapping[str, str], directory: Path = DIRECTORY
) -> Iterator[LocalServers]:
    """Fill in the addresses of database and broker and the keys where missing, while in use.

    What is set already stays, and no server is started for it. OWNER_DATABASE_URL comes with a
    DATABASE_URL that is filled in, and only with it.
    """
    secret_key(environ, directory)
    servers = LocalServers(
        directory,
        postgres="DATABASE_URL" not in environ,
        valkey="REDIS_URL" not in environ,
    )
    with servers:
        for name, url in servers.urls().items():
            environ[name] = url
        yield servers
