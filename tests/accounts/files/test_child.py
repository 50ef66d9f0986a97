"""The process that reads a hostile file may die; the one that asked lives and cleans up."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from accounts.files import FileRefused, child, intake
from accounts.files.workbook import read_rows
from tests.accounts.files import honest, hostile

ROOT = Path(__file__).resolve().parents[3]
PROGRAMS = {
    "abort": "import os\ndef work(folder): os.abort()",
    "segfault": "import ctypes\ndef work(folder): ctypes.string_at(0)",
    "memory": "def work(folder): bytearray(2 << 30)",
    "exit": "import os\ndef work(folder): os._exit(0)",
    "raise": "def work(folder): raise ValueError",
    "large": "def work(folder):\n with (folder / 'result').open('wb') as f:\n"
    "  while True: f.write(bytes(1 << 20))",
    "sleep": "import time\ndef work(folder): time.sleep(600)",
    "kill": "import os, signal\ndef work(folder): os.kill(os.getpid(), signal.SIGKILL)",
}


@pytest.fixture
def programs(settings, tmp_path, monkeypatch):
    """A folder of programs of this test, started by the real enclosure."""
    settings.FILES_ROOT = tmp_path / "files"
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "enclosure.py").write_text((child.PROGRAMS / "enclosure.py").read_text())
    monkeypatch.setattr(child, "PROGRAMS", folder)

    def add(name: str, text: str) -> str:
        (folder / f"{name}.py").write_text(text)
        return name

    return add


LOOK_AROUND = """
import json, os, socket
def work(folder):
    def tried(path):
        try:
            with open(path, "rb") as file:
                return file.read(100_000).decode(errors="replace")
        except OSError as error:
            return type(error).__name__
    parent = os.getppid()
    found = {"environ": tried(f"/proc/{parent}/environ"), "maps": tried(f"/proc/{parent}/maps"),
             "memory": tried(f"/proc/{parent}/mem"), "secret": tried(SECRET),
             "first": tried("/proc/1/environ")}
    try:
        os.kill(parent, 0)
        found["signal"] = "sent"
    except OSError as error:
        found["signal"] = type(error).__name__
    try:
        socket.create_connection(("127.0.0.1", PORT), 1)
        found["network"] = "reached"
    except OSError as error:
        found["network"] = type(error).__name__
    (folder / "result").write_text(json.dumps(found))
"""
NAMES = "        libc.unshare(NEW_USER_NAMES | NEW_NETWORK)\n"
RIGHTS = "        drop_capabilities(libc)\n"
LAND = "        lock_the_land(libc, folder)\n"
CANARY = "canary-of-the-parent"

# The parent stands apart, so that its environment is known and the test's own stays as it is.
PARENT = """
import os, sys
from pathlib import Path
from django.conf import settings
settings.configure(FILES_ROOT=sys.argv[1])
from accounts.files import child
child.PROGRAMS = Path(sys.argv[2])
if sys.argv[3] == "open":
    child.hide_from_the_account = lambda: None
sys.stdout.buffer.write(child.run("look", b"content").result)
"""


def look_from_inside(
    programs, tmp_path, *, without: tuple[str, ...], parent: str = "closed"
) -> dict:
    """What a program sees with some walls taken down."""
    listening = socket.create_server(("127.0.0.1", 0))
    secret = tmp_path / "other-upload"
    secret.write_text("of another kindergarten")
    secret.chmod(0o644)
    programs(
        "look",
        LOOK_AROUND.replace("SECRET", repr(str(secret))).replace(
            "PORT", str(listening.getsockname()[1])
        ),
    )
    enclosure = child.PROGRAMS / "enclosure.py"
    text = enclosure.read_text()
    for wall in without:
        assert wall in text
        text = text.replace(wall, "")
    enclosure.write_text(text)
    files = tmp_path / "looked"
    files.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", PARENT, str(files), str(child.PROGRAMS), parent],
        env={**os.environ, "CANARY": CANARY},
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    listening.close()
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    "without",
    [(), (NAMES,), (LAND,), (NAMES, LAND), (NAMES, RIGHTS), (RIGHTS, LAND)],
    ids=["all walls", "no names", "no landlock", "neither", "landlock alone", "names alone"],
)
def test_it_cannot_look_into_its_parent(programs, tmp_path, without):
    """Also where the kernel refuses `unshare`, or has no Landlock, or both."""
    found = look_from_inside(programs, tmp_path, without=without)
    assert CANARY not in json.dumps(found)
    assert found["environ"] in {"PermissionError", "FileNotFoundError"}
    assert found["memory"] in {"PermissionError", "FileNotFoundError"}


def test_without_any_wall_it_could(programs, tmp_path):
    """The test above has teeth."""
    found = look_from_inside(programs, tmp_path, without=(NAMES, RIGHTS, LAND), parent="open")
    assert CANARY in found["environ"]
    assert found["secret"] == "of another kindergarten"
    assert found["signal"] == "sent"
    assert found["network"] == "reached"


def test_it_sees_no_other_file_no_network_and_nobody(programs, tmp_path):
    """Landlock's part, where the kernel has it (5.13 and later)."""
    found = look_from_inside(programs, tmp_path, without=(NAMES,))
    assert found["secret"] == "PermissionError"
    assert found["first"] == "PermissionError"
    assert found["signal"] == "PermissionError"
    assert found["network"] == "PermissionError"


def nothing_left(settings) -> bool:
    return list(child.reading_root().iterdir()) == []


@pytest.mark.parametrize("name", PROGRAMS)
def test_its_death_is_not_ours(programs, settings, name):
    before = os.getpid()
    with pytest.raises(child.ChildDied):
        child.run(programs(name, PROGRAMS[name]), b"content", seconds=1.5)
    assert os.getpid() == before
    assert nothing_left(settings)


LINKS = {
    "symlink": "os.symlink(OTHER, folder / NAME)",
    "hard link": "os.link(OTHER, folder / NAME)",
    "pipe": "os.mkfifo(folder / NAME)",
    "folder": "os.mkdir(folder / NAME)",
    "socket": "socket.socket(socket.AF_UNIX).bind(str(NAME))",
}


@pytest.mark.parametrize("left", ["result", "made"])
@pytest.mark.parametrize("kind", LINKS)
def test_only_a_plain_file_is_taken_as_what_it_left(programs, settings, tmp_path, kind, left):
    """By a program behind no wall at all: a link would have the parent read for it, a pipe wait."""
    other = tmp_path / "other"
    other.write_text("of another kindergarten")
    enclosure = child.PROGRAMS / "enclosure.py"
    text = enclosure.read_text()
    for wall in (NAMES, RIGHTS, LAND):
        text = text.replace(wall, "")
    enclosure.write_text(text)
    first = "" if left == "result" else "(folder / 'result').write_text('{}'); "
    act = LINKS[kind].replace("OTHER", repr(str(other))).replace("NAME", repr(left))
    program = programs("leave", f"import os, socket\ndef work(folder): {first}{act}")
    with pytest.raises(child.ChildDied, match=f"{left} is no plain file"):
        child.run(program, b"content")
    assert other.read_text() == "of another kindergarten"
    assert nothing_left(settings)


def test_what_it_left_is_read_up_to_a_limit(programs, monkeypatch):
    program = programs("leave", "def work(folder): (folder / 'result').write_bytes(bytes(1001))")
    assert len(child.run(program, b"content").result) == 1001
    monkeypatch.setattr(child, "LARGEST_LEFT", 1000)
    with pytest.raises(child.ChildDied, match="too large"):
        child.run(program, b"content")


def test_a_death_while_reading_is_a_refusal_with_a_reason(programs):
    for name in ("read_workbook", "redraw_image", "inspect_pdf"):
        programs(name, PROGRAMS["abort"])
    with pytest.raises(FileRefused, match="表格读不出来。请"):
        read_rows(honest.written_by_openpyxl())
    for name, content in (("a.png", honest.png()), ("a.pdf", honest.pdf())):
        with pytest.raises(FileRefused, match="请"):
            intake.accept(name, content)


BOMBS = {
    "two cells in opposite corners": (
        "read_workbook",
        lambda: hostile.workbook(
            SHEET=hostile.sheet(
                '<row r="1"><c r="A1"><v>1</v></c></row>'
                '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
            )
        ),
    ),
    "24 million cells": (
        "read_workbook",
        lambda: hostile.workbook(
            SHEET=hostile.sheet("".join(f"<row>{'<c><v>1</v></c>' * 1000}</row>" * 8000))
        ),
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_what_the_scan_keeps_out_would_kill_only_the_reader(settings, tmp_path, name):
    """Behind the scan stands the second wall: without the first, the reader dies and nobody else."""
    settings.FILES_ROOT = tmp_path
    program, make = BOMBS[name]
    with pytest.raises(child.ChildDied):
        child.run(program, make())
    assert nothing_left(settings)


LOOK = """
import json, os, resource, sys
def work(folder):
    found = {"environ": dict(os.environ), "here": sorted(os.listdir(".")), "cwd": os.getcwd(),
             "mode": oct(os.stat(folder).st_mode & 0o777), "uid": os.stat(folder).st_uid,
             "stdin": os.read(0, 10).decode(), "descriptors": sorted(os.listdir("/proc/self/fd")),
             "file": (folder / "file").read_text(),
             "modules": [name for name in sys.modules if name.startswith(("django", "accounts"))]}
    for name in ("AS", "CPU", "FSIZE", "NPROC", "CORE"):
        found[name] = resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))
    (folder / "result").write_text(json.dumps(found))
"""


def test_it_has_little_memory_little_time_and_no_secret(programs, settings, monkeypatch):
    monkeypatch.setenv("CANARY_SECRET", "canary")
    found = json.loads(child.run(programs("look", LOOK), b"content").result)
    megabyte = 1024 * 1024
    assert found["AS"] == [512 * megabyte] * 2
    assert found["CPU"] == [20, 20]
    assert found["FSIZE"] == [64 * megabyte] * 2
    assert found["NPROC"] == found["CORE"] == [0, 0]
    assert found["environ"].keys() <= {"LANG", "LC_CTYPE", "TMPDIR", "MALLOC_ARENA_MAX"}
    assert "canary" not in json.dumps(found)
    assert settings.SECRET_KEY not in json.dumps(found)
    assert found["here"] == ["file"]
    assert found["mode"] == "0o700"
    assert found["stdin"] == ""
    # In, out, errors, and the listing's own.
    assert len(found["descriptors"]) == 4
    assert found["file"] == "content"
    assert found["modules"] == []
    assert nothing_left(settings)


def test_many_at_once_do_not_see_each_other(programs):
    programs(
        "echo",
        "import json\ndef work(folder):\n"
        " (folder / 'result').write_text(json.dumps((folder / 'file').read_text()))",
    )
    answers: dict[int, str] = {}

    def ask(number: int) -> None:
        answers[number] = json.loads(child.run("echo", str(number).encode()).result)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: str(number) for number in range(6)}


def test_what_a_killed_parent_left_is_swept(programs):
    left = child.reading_root() / f"{child.FOLDER_PREFIX}left"
    left.mkdir()
    (left / "file").write_text("content")
    fresh = child.reading_root() / f"{child.FOLDER_PREFIX}fresh"
    fresh.mkdir()
    os.utime(left, (1, 1))
    assert child.sweep_folders() == 1
    assert not left.exists()
    assert fresh.exists()
