"""What `make run` says when it cannot start: one line, no traceback, exit code 1."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from config.local.run import StartError, check_port, only_copy, port_of
from config.local.servers import ROOT
from config.local.setup import SetupError, check_disk

# In a folder of its own, so that a portal which runs in this one is not in the way.
START = (
    "import sys; from pathlib import Path; from config.local import run; "
    "run.main(Path(sys.argv[1]))"
)


def start(directory: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", START, str(directory)],
        cwd=ROOT,
        env={**kept, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def test_unreachable_database_is_named_without_its_password(tmp_path):
    line = one_line(
        start(tmp_path, DATABASE_URL="postgres://portal:geheim@127.0.0.1:9/portal", PORT="8897")
    )
    assert "No PostgreSQL answers at 127.0.0.1:9, where DATABASE_URL points" in line
    assert "unset it" in line
    assert "geheim" not in line


def test_unreachable_broker_is_named_without_its_password(tmp_path):
    line = one_line(start(tmp_path, REDIS_URL="redis://:geheim@127.0.0.1:9/0", PORT="8897"))
    assert "No Redis or Valkey answers at 127.0.0.1:9, where REDIS_URL points" in line
    assert "geheim" not in line


def test_another_database_engine_is_refused(tmp_path):
    assert "must name a PostgreSQL" in one_line(
        start(tmp_path, DATABASE_URL="sqlite:///x.db", PORT="8897")
    )


def test_taken_port_is_named_with_a_free_one(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        line = one_line(start(tmp_path, PORT=str(port)))
    assert line.startswith(f"Port {port} is taken by another program: PORT=")
    assert line.endswith(" make run")


@pytest.mark.parametrize("text", ["abc", "0", "65536", "-1", "８０００", "80.5"])
def test_port_that_is_no_port_is_refused(text):
    with pytest.raises(StartError, match="number from 1 to 65535"):
        port_of({"PORT": text})


@pytest.mark.parametrize(
    ("environ", "port"), [({}, 8000), ({"PORT": ""}, 8000), ({"PORT": "81"}, 81)]
)
def test_port_comes_from_the_environment(environ, port):
    assert port_of(environ) == port


def test_second_copy_is_refused_and_names_the_first(tmp_path):
    with only_copy(tmp_path / "run.lock", 8123):
        with pytest.raises(StartError) as refused, only_copy(tmp_path / "run.lock", 8124):
            pass
        assert "http://127.0.0.1:8123/" in str(refused.value)
        assert f"kill {os.getpid()}" in str(refused.value)
    with only_copy(tmp_path / "run.lock", 8124):
        check_port_is_written = (tmp_path / "run.lock").read_text()
    assert check_port_is_written == f"{os.getpid()} 8124"


def test_free_port_is_accepted():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    check_port(port)


def test_full_disk_says_how_much_is_needed(tmp_path):
    with pytest.raises(SetupError, match=r"MB left and \d+ MB are needed"):
        check_disk(tmp_path, 10**9)


def test_folder_that_cannot_be_written_is_named():
    with pytest.raises(SetupError, match="/proc/sys cannot be written"):
        check_disk(Path("/proc/sys"), 1)
