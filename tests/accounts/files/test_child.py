"""The process that reads a hostile file may die; the one that asked lives and cleans up."""

from __future__ import annotations

import json
import os
import threading

import pytest

from accounts.files import FileRefused, child, intake
from accounts.files.workbook import read_rows
from tests.accounts.files import honest, hostile

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


def nothing_left(settings) -> bool:
    return list(child.reading_root().iterdir()) == []


@pytest.mark.parametrize("name", PROGRAMS)
def test_its_death_is_not_ours(programs, settings, name):
    before = os.getpid()
    with pytest.raises(child.ChildDied):
        child.run(programs(name, PROGRAMS[name]), b"content", seconds=1.5)
    assert os.getpid() == before
    assert nothing_left(settings)


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
