"""Where uploaded bytes lie: once each, under random names, readable by the portal's account only."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.files import clamd
from accounts.files.intake import Accepted, infected
from accounts.models import Membership, StoredFile

State = StoredFile.State


class FileDamaged(Exception):
    """The bytes on the disk are gone or are not those that were uploaded."""


def objects_root() -> Path:
    return Path(settings.FILES_ROOT) / "objects"


def path_of(storage_name: str) -> Path:
    return objects_root() / storage_name[:2] / storage_name


@transaction.atomic
def keep(accepted: Accepted, *, post: Membership, now: dt.datetime) -> StoredFile:
    """Keep the bytes, or find that they are kept. Raises FileRefused for one known as infected.

    The row is locked until the caller's transaction ends, so that the sweep of files without an
    object cannot take it away before it is attached.
    """
    sha256 = hashlib.sha256(accepted.content).hexdigest()
    kept = _kept(sha256)
    if kept is None:
        waits = settings.CLAMD_ADDRESS and not accepted.is_scanned
        storage_name = secrets.token_hex(32)
        _write(path_of(storage_name), accepted.content)
        try:
            with transaction.atomic():
                return StoredFile.objects.create(
                    sha256=sha256,
                    size=len(accepted.content),
                    content_type=accepted.content_type,
                    storage_name=storage_name,
                    state=State.PENDING if waits else State.READY,
                    uploaded_as=post,
                    uploaded_at=now,
                    scanned_at=now if accepted.is_scanned else None,
                )
        except IntegrityError:
            # Sent twice at once; the other one is kept.
            path_of(storage_name).unlink()
            kept = _kept(sha256)
            if kept is None:
                raise
    if kept.state == State.INFECTED:
        raise infected()
    if accepted.is_scanned and kept.scanned_at is None:
        # The very same bytes, kept while there was no scanner.
        kept.state, kept.scanned_at = State.READY, now
        kept.save(update_fields=["state", "scanned_at"])
    if not is_whole(kept):
        # Uploaded again, the very same bytes: what was lost is mended.
        _write(path_of(kept.storage_name), accepted.content)
    return kept


def _kept(sha256: str) -> StoredFile | None:
    return StoredFile.objects.select_for_update().filter(sha256=sha256).first()


STATE_OF = {
    clamd.Verdict.CLEAN: State.READY,
    clamd.Verdict.INFECTED: State.INFECTED,
    clamd.Verdict.UNKNOWN: State.PENDING,
}


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and on the disk before the row says so."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    objects_root().chmod(0o700)
    half = path.with_suffix(".half")
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)


def read(stored: StoredFile) -> bytes:
    """The bytes as they were uploaded. Raises FileDamaged when they are not."""
    try:
        content = path_of(stored.storage_name).read_bytes()
    except OSError:
        raise FileDamaged("missing") from None
    if len(content) != stored.size:
        raise FileDamaged("another size")
    if hashlib.sha256(content).hexdigest() != stored.sha256:
        raise FileDamaged("another content")
    return content


def is_whole(stored: StoredFile) -> bool:
    try:
        read(stored)
    except FileDamaged:
        return False
    return True


def verify() -> Iterator[tuple[StoredFile, str]]:
    """Every file whose bytes are not as uploaded, with what is wrong."""
    for stored in StoredFile.objects.order_by("pk").iterator(chunk_size=500):
        try:
            read(stored)
        except FileDamaged as damage:
            yield stored, str(damage)


# Of one run of the timetable, which comes every minute; a backlog takes several.
SCANNED_AT_ONCE = 500
SECONDS_OF_SCANNING = 50.0


def scan_pending(*, now: dt.datetime) -> dict[str, int]:
    """Ask the virus scanner about files it has not passed; return how many came to which state.

    Also about those that were let in while there was none. In no order, so that one it never
    answers for does not keep the others waiting.
    """
    counts = {state.value: 0 for state in State}
    until = time.monotonic() + SECONDS_OF_SCANNING
    unscanned = StoredFile.objects.filter(scanned_at__isnull=True).exclude(state=State.INFECTED)
    for number in unscanned.order_by("?").values_list("pk", flat=True)[:SCANNED_AT_ONCE]:
        if time.monotonic() > until:
            break
        stored = StoredFile.objects.get(pk=number)
        try:
            state = STATE_OF[clamd.ask(read(stored), settings.CLAMD_ADDRESS)]
        except FileDamaged:
            continue
        counts[state.value] += 1
        if state != State.PENDING:
            StoredFile.objects.filter(pk=number, scanned_at__isnull=True).update(
                state=state, scanned_at=now
            )
    return counts


# Longer than anybody fills in a form, and than any transaction lives.
KEPT_UNUSED = dt.timedelta(hours=24)


def sweep(*, now: dt.datetime) -> tuple[int, int]:
    """Delete files that belong to nothing; return how many rows and how many stray bytes went."""
    rows = sum(_sweep_row(number, now) for number in _unused(now))
    return rows, _sweep_strays(now)


def _relations() -> list[Any]:
    """How objects point to a file. History remembers files too, but uses none."""
    return [
        relation
        for relation in StoredFile._meta.related_objects
        if not relation.hidden and not hasattr(relation.related_model, "pgh_tracked_model")
    ]


def _uses() -> list[str]:
    """Names under which objects point to a file."""
    return [relation.get_accessor_name() or "" for relation in _relations()]


def _unused(now: dt.datetime) -> list[int]:
    unused = StoredFile.objects.filter(uploaded_at__lt=now - KEPT_UNUSED)
    for relation in _relations():
        unused = unused.filter(**{f"{relation.name}__isnull": True})
    return list(unused.values_list("pk", flat=True))


@transaction.atomic
def _sweep_row(number: int, now: dt.datetime) -> int:
    """One file, if nobody attached it since. The bytes go after the row is gone for good."""
    stored = StoredFile.objects.select_for_update(skip_locked=True).filter(pk=number).first()
    if stored is None or any(getattr(stored, use).exists() for use in _uses()):
        return 0
    path = path_of(stored.storage_name)
    stored.delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True))
    return 1


def _sweep_strays(now: dt.datetime) -> int:
    """Bytes whose row was never committed."""
    swept = 0
    before = (now - KEPT_UNUSED).timestamp()
    for folder in sorted(objects_root().glob("??")):
        old = [path for path in folder.iterdir() if path.stat().st_mtime < before]
        known = set(
            StoredFile.objects.filter(storage_name__in=[path.name for path in old]).values_list(
                "storage_name", flat=True
            )
        )
        for path in old:
            if path.name not in known:
                path.unlink(missing_ok=True)
                swept += 1
    return swept
