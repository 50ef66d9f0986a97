"""Kept files: once each, private, checked when read, swept when nothing needs them."""

from __future__ import annotations

import datetime as dt
import os
import socket
import stat
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from accounts.files import FileRefused, clamd, intake, serving, store, tasks
from accounts.files.intake import Accepted
from accounts.models import Membership, StoredFile
from tests.small_county import NOW, SmallCounty

LATER = NOW + dt.timedelta(days=2)


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path) -> Path:
    settings.FILES_ROOT = tmp_path / "files"
    return settings.FILES_ROOT


@pytest.fixture
def post(small: SmallCounty) -> Membership:
    return small.officer().memberships.get()


def keep(post: Membership, content: bytes = b"%PDF-1.7 a", name: str = "a.pdf") -> StoredFile:
    accepted = intake.scanned(Accepted(name, content, "application/pdf"))
    return store.keep(accepted, post=post, now=NOW)


def test_bytes_lie_private_under_a_random_name(post: Membership, files_root: Path) -> None:
    stored = keep(post)
    path = store.path_of(stored.storage_name)
    assert path.read_bytes() == b"%PDF-1.7 a"
    assert path.is_relative_to(files_root)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(store.objects_root().stat().st_mode) == 0o700
    assert "a.pdf" not in str(path)
    assert stored.sha256 not in str(path)


def test_identical_files_are_kept_once(post: Membership, files_root: Path) -> None:
    first, second, other = keep(post), keep(post, name="b.pdf"), keep(post, b"%PDF-1.7 b")
    assert first == second != other
    assert len([path for path in files_root.rglob("*") if path.is_file()]) == 2


@pytest.mark.parametrize("damage", ["gone", "longer", "changed"])
def test_damage_is_noticed_when_read_and_by_the_command(
    post: Membership, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(post, b"%PDF-1.7 whole")
    stored = keep(post)
    call_command("verify_files")
    assert "核对了2个文件，都和上传时一样" in capsys.readouterr().out
    path = store.path_of(stored.storage_name)
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(b"%PDF-1.7 ax" if damage == "longer" else b"%PDF-1.7 b")
    with pytest.raises(store.FileDamaged):
        store.read(stored)
    with pytest.raises(CommandError, match="有1个文件"):
        call_command("verify_files")
    assert stored.storage_name in capsys.readouterr().err
    # Uploaded again, it is whole again.
    assert keep(post) == stored
    assert store.read(stored) == b"%PDF-1.7 a"


@pytest.mark.django_db(transaction=True)
def test_what_belongs_to_nothing_is_swept_a_day_later(small: SmallCounty) -> None:
    post = small.officer().memberships.get()
    kindergarten = small.kindergarten(small.town("甲镇"), "示例一园")
    used = small.attach(small.file(kindergarten, 24)).file
    unused = keep(post)
    StoredFile.objects.update(uploaded_at=NOW)
    stray = store.objects_root() / "ff" / ("f" * 64)
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"never committed")

    os.utime(stray, (NOW.timestamp(), NOW.timestamp()))
    assert store.sweep(now=NOW + dt.timedelta(hours=23)) == (0, 0)
    assert store.sweep(now=LATER) == (1, 1)
    assert not store.path_of(unused.storage_name).exists()
    assert not stray.exists()
    assert list(StoredFile.objects.all()) == [used]
    assert store.is_whole(used)


@pytest.mark.django_db(transaction=True)
def test_a_file_about_to_be_attached_is_not_swept(small: SmallCounty) -> None:
    post = small.officer().memberships.get()
    stored = keep(post)
    swept: list[tuple[int, int]] = []

    def sweep() -> None:
        try:
            swept.append(store.sweep(now=LATER))
        finally:
            connection.close()

    with transaction.atomic():
        assert keep(post) == stored
        thread = threading.Thread(target=sweep)
        thread.start()
        thread.join(20)
    assert swept == [(0, 0)]
    assert store.is_whole(stored)


@pytest.mark.django_db(transaction=True)
def test_sent_twice_at_once_it_is_kept_once(small: SmallCounty, files_root: Path) -> None:
    post = small.officer().memberships.get()
    begin = threading.Barrier(4)
    kept: list[int] = []

    def send() -> None:
        try:
            begin.wait(20)
            kept.append(keep(post).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(kept) == 4
    assert len(set(kept)) == StoredFile.objects.count() == 1
    assert len([path for path in files_root.rglob("*") if path.is_file()]) == 1


def test_the_database_holds_the_names_to_their_form(post: Membership) -> None:
    stored = keep(post)
    for change in ({"storage_name": "../../etc/passwd"}, {"sha256": "x"}, {"size": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            StoredFile.objects.filter(pk=stored.pk).update(**change)


# ---- the virus scanner -----------------------------------------------------------------------

EICAR = b"X5O!P%@AP" + b"[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"


class Daemon:
    """A clamd that knows one virus; `answer` overrides what it says."""

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.answer: bytes | None = None
        self.seen: list[bytes] = []
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server.getsockname()[1]}"

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            with client, client.makefile("rb") as stream:
                assert stream.read(10) == b"zINSTREAM\0"
                content = b""
                while length := struct.unpack("!L", stream.read(4))[0]:
                    content += stream.read(length)
                self.seen.append(content)
                found = b"stream: Eicar-Test-Signature FOUND\0"
                said = found if EICAR in content else b"stream: OK\0"
                client.sendall(said if self.answer is None else self.answer)


@pytest.fixture
def daemon(settings) -> Iterator[Daemon]:
    daemon = Daemon()
    settings.CLAMD_ADDRESS = daemon.address
    yield daemon
    daemon.server.close()


def test_a_clean_file_is_ready(daemon: Daemon, post: Membership) -> None:
    content = b"%PDF-1.7 " + bytes(200_000)
    stored = keep(post, content)
    assert (stored.state, stored.scanned_at) == ("ready", NOW)
    assert daemon.seen == [content]


def test_a_virus_is_refused_and_not_kept(
    daemon: Daemon, post: Membership, files_root: Path
) -> None:
    with pytest.raises(FileRefused, match="查出病毒") as refused:
        keep(post, b"%PDF-1.7 " + EICAR)
    assert refused.value.code == "infected"
    assert StoredFile.objects.count() == 0
    assert [path for path in files_root.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "answer", [b"stream: OK FOUND? \0", b"INSTREAM size limit exceeded. ERROR\0", b"", b"OK\0"]
)
def test_anything_else_it_says_means_wait(daemon: Daemon, post: Membership, answer: bytes) -> None:
    daemon.answer = answer
    stored = keep(post)
    assert (stored.state, stored.scanned_at) == ("pending", None)


def test_without_the_scanner_files_wait_until_it_is_back(
    daemon: Daemon, post: Membership, settings
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        closed = unused.getsockname()[1]
    settings.CLAMD_ADDRESS = f"127.0.0.1:{closed}"
    clean, bad = keep(post), keep(post, b"%PDF-1.7 " + EICAR)
    assert {clean.state, bad.state} == {"pending"}
    tasks.scan_pending()
    clean.refresh_from_db()
    assert clean.state == "pending"
    settings.CLAMD_ADDRESS = daemon.address
    tasks.scan_pending()
    clean.refresh_from_db()
    bad.refresh_from_db()
    assert (clean.state, bad.state) == ("ready", "infected")
    assert clean.scanned_at is not None
    with pytest.raises(FileRefused, match="查出病毒"):
        keep(post, b"%PDF-1.7 " + EICAR)


def test_files_of_before_the_scanner_are_scanned_by_the_timetable(
    post: Membership, settings, daemon: Daemon
) -> None:
    settings.CLAMD_ADDRESS = ""
    clean, bad = keep(post), keep(post, b"%PDF-1.7 " + EICAR)
    assert {clean.state, bad.state} == {"ready"}
    tasks.scan_pending()  # without a scanner it asks nobody
    settings.CLAMD_ADDRESS = daemon.address
    assert {serving.state_of(clean), serving.state_of(bad)} == {"pending"}
    daemon.answer = b"INSTREAM size limit exceeded. ERROR\0"
    assert store.scan_pending(now=NOW) == {"ready": 0, "pending": 2, "infected": 0}
    daemon.answer = None
    assert store.scan_pending(now=NOW) == {"ready": 1, "pending": 0, "infected": 1}
    clean.refresh_from_db()
    bad.refresh_from_db()
    assert (serving.state_of(clean), serving.state_of(bad)) == ("ready", "infected")
    seen = len(daemon.seen)
    assert store.scan_pending(now=NOW) == {"ready": 0, "pending": 0, "infected": 0}
    assert len(daemon.seen) == seen
    settings.CLAMD_ADDRESS = ""
    assert serving.state_of(bad) == "infected"


def test_sending_a_file_of_before_the_scanner_again_scans_it(
    post: Membership, settings, daemon: Daemon
) -> None:
    settings.CLAMD_ADDRESS = ""
    assert keep(post).scanned_at is None
    settings.CLAMD_ADDRESS = daemon.address
    stored = keep(post)
    assert (stored.state, stored.scanned_at) == ("ready", NOW)


def test_an_address_that_is_none_means_wait() -> None:
    for address in ("nowhere", "unix:/no/such/socket", "127.0.0.1:notaport"):
        assert clamd.ask(b"a", address) == clamd.Verdict.UNKNOWN
