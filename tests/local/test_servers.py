"""The embedded servers: start, share, survive kill -9, keep what was written."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest
import redis

from config.local import clean
from config.local.postgres import PROGRAM, Postgres
from config.local.process import free_port, is_running, server_account
from config.local.servers import ROOT, LocalServers, attach, kept_secret

OWNER = """
import time
from pathlib import Path
from config.local.servers import LocalServers
LocalServers(Path({directory!r}), durable=False, valkey=False).start()
print("up", flush=True)
time.sleep(60)
"""


def query(servers: LocalServers, sql: str) -> list[tuple]:
    connection = psycopg2.connect(servers.urls()["OWNER_DATABASE_URL"])
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def postmaster(directory: Path) -> int:
    data = Postgres(directory.resolve(), password="", durable=True).data
    return int((data / "postmaster.pid").read_text().split()[0])


def test_data_are_kept_between_starts_and_extensions_are_there(tmp_path):
    with LocalServers(tmp_path / "local") as servers:
        for extension in ("btree_gist", "pg_trgm", "ltree", "pg_stat_statements"):
            query(servers, f"CREATE EXTENSION {extension}")
        query(servers, "CREATE TABLE note (text text)")
        query(servers, "INSERT INTO note VALUES ('示例')")
        redis.Redis.from_url(servers.redis_url).set("bell", "1")
        pid = postmaster(tmp_path / "local")
        version = query(servers, "SELECT current_setting('server_version_num')::int")
        assert version[0][0] >= 180000
    assert not is_running(pid, PROGRAM)
    try:
        with LocalServers(tmp_path / "local") as servers:
            assert query(servers, "SELECT text FROM note") == [("示例",)]
            assert redis.Redis.from_url(servers.redis_url).get("bell") == b"1"
    finally:
        Postgres(tmp_path / "local", password="", durable=True).remove()


def test_servers_need_their_password(tmp_path):
    with LocalServers(tmp_path, durable=False) as servers:
        url = servers.database_url
        for address, file in ((url, "application_secret"), (servers.owner_url, "secret")):
            secret = kept_secret(tmp_path / file)
            psycopg2.connect(address).close()
            with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
                psycopg2.connect(address.replace(secret, "wrong"))
            assert (tmp_path / file).stat().st_mode & 0o077 == 0
        assert kept_secret(tmp_path / "secret") != kept_secret(tmp_path / "application_secret")
        port = servers.redis_url.rpartition(":")[2].partition("/")[0]
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(port=int(port), retry=None).ping()


def test_killed_servers_come_back_on_the_same_address_with_committed_data(tmp_path):
    directory = tmp_path / "local"
    try:
        with LocalServers(directory) as servers:
            urls = servers.urls()
            query(servers, "CREATE TABLE note (text text)")
            query(servers, "INSERT INTO note VALUES ('kept')")
            queue = redis.Redis.from_url(servers.redis_url)
            queue.rpush("queue", "one")
            assert queue.waitaof(1, 0, 5000)[0] == 1
            os.kill(postmaster(directory), signal.SIGKILL)
            valkey = (directory / "valkey" / "running.json").read_text()
            os.kill(int(valkey.split(":")[1].split(",")[0]), signal.SIGKILL)
            deadline = time.monotonic() + 10
            dead: set[str] = set()
            while len(dead) < 2 and time.monotonic() < deadline:
                dead |= set(servers.revive())
            assert dead == {
                "PostgreSQL had stopped and was started again",
                "Valkey had stopped and was started again",
            }
            assert servers.urls() == urls
            assert query(servers, "SELECT text FROM note") == [("kept",)]
            assert redis.Redis.from_url(servers.redis_url).lrange("queue", 0, -1) == [b"one"]
            assert servers.revive() == []
    finally:
        Postgres(directory, password="", durable=True).remove()


def test_two_users_share_the_servers_and_the_last_one_stops_them(tmp_path):
    first = LocalServers(tmp_path, durable=False).start()
    second = LocalServers(tmp_path, durable=False).start()
    pid = postmaster(tmp_path)
    assert second.urls() == first.urls()
    first.stop()
    assert query(second, "SELECT 1") == [(1,)]
    second.stop()
    assert not is_running(pid, PROGRAM)


def test_pid_file_of_a_stranger_is_not_believed(tmp_path):
    directory = tmp_path / "local"
    try:
        with LocalServers(directory, valkey=False) as servers:
            query(servers, "SELECT 1")
            pid_file = Postgres(directory, password="", durable=True).data / "postmaster.pid"
            text = pid_file.read_text()
        # As after a power cut, when the id has been given to another program since.
        pid_file.write_text(text.replace(text.split()[0], str(os.getpid()), 1))
        if account := server_account():
            os.chown(pid_file, account.uid, account.gid)
        with LocalServers(directory, valkey=False) as servers:
            assert query(servers, "SELECT 1") == [(1,)]
    finally:
        Postgres(directory, password="", durable=True).remove()


def test_throw_away_servers_end_with_a_killed_owner(tmp_path):
    owner = subprocess.Popen(
        [
            sys.executable,
            "-c",
            OWNER.format(directory=str(tmp_path)),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    assert owner.stdout is not None
    assert owner.stdout.readline() == b"up\n"
    pid = postmaster(tmp_path)
    owner.kill()
    owner.communicate()
    deadline = time.monotonic() + 10
    while is_running(pid, PROGRAM) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(pid, PROGRAM)
    Postgres(tmp_path, password="", durable=False).remove()


def test_attach_leaves_named_servers_alone(tmp_path):
    environ = {"DATABASE_URL": "postgres://elsewhere/db", "REDIS_URL": "redis://elsewhere/0"}
    with attach(environ, tmp_path) as servers:
        assert servers.urls() == {}
    assert environ["DATABASE_URL"] == "postgres://elsewhere/db"
    assert len(environ["SECRET_KEY"]) >= 50
    name, _, key = environ["FIELD_KEYS"].partition(":")
    assert (name, len(bytes.fromhex(key))) == ("local", 32)
    # Another start of this machine opens what this one encrypted.
    again = {"DATABASE_URL": "postgres://elsewhere/db", "REDIS_URL": "redis://elsewhere/0"}
    with attach(again, tmp_path):
        assert again["FIELD_KEYS"] == environ["FIELD_KEYS"]
    assert (tmp_path / "field_keys").stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "postgres").exists()


def test_secret_is_made_once_and_survives_an_empty_file(tmp_path):
    path = tmp_path / "secret"
    path.write_text("")  # The disk was full between making and filling it.
    made = kept_secret(path)
    assert len(made) >= 50
    assert kept_secret(path) == made


def test_free_port_keeps_the_preferred_one_while_it_is_free():
    port = free_port()
    assert free_port(port) == port


def test_data_go_where_the_server_account_can_enter(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    elsewhere = clean.elsewhere(closed / "local")
    near = closed / "local" / "postgres"
    with LocalServers(closed / "local", durable=False, valkey=False) as servers:
        assert query(servers, "SELECT 1") == [(1,)]
        # Root's server runs under another account, which a closed folder keeps out.
        assert [elsewhere.exists(), near.exists()] == (
            [True, False] if server_account() else [False, True]
        )
    assert not elsewhere.exists()
