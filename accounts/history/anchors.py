"""Anchors: where the chain ended at a moment, signed with a key that the database does not hold.

Whoever owns the database can rewrite the whole chain so that it fits again, or restore an older
backup. An anchor that was printed, or sits in the log of another machine, then no longer matches.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import logging
import re
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from accounts.models import HistoryAnchor, HistoryBlock

logger = logging.getLogger("accounts.history.anchor")

_LINE = re.compile(r"HISTORY (\S+) (\d+) ([0-9a-f]{64}) ([0-9a-f]{8}) ([0-9a-f]{64})")


class NotAnAnchor(ValueError):
    """A line that is no anchor; the text says which."""


@dataclass(frozen=True)
class Anchor:
    at: str  # in UTC, to the second
    position: int
    digest: str
    key_id: str
    signature: str

    def __str__(self) -> str:
        """The line to print, to log and to check again years later."""
        return f"HISTORY {self.at} {self.position} {self.digest} {self.key_id} {self.signature}"


def drop_anchor(*, now: dt.datetime) -> Anchor | None:
    """Sign where the chain ends now, keep it in the table and write it to the log.

    None while there is no history.
    """
    last = HistoryBlock.objects.order_by("-position").first()
    if last is None:
        return None
    moment = now.astimezone(dt.UTC).replace(microsecond=0)
    anchor = _signed(_spelt(moment), last.position, bytes(last.digest).hex(), _keys()[0])
    HistoryAnchor.objects.create(
        at=moment,
        position=anchor.position,
        digest=anchor.digest,
        key_id=anchor.key_id,
        signature=anchor.signature,
    )
    logger.info("%s", anchor)
    return anchor


def stored() -> list[tuple[str, Anchor]]:
    """All anchors in the table, by id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, at, position, digest, key_id, signature"
            " FROM accounts_historyanchor ORDER BY id"
        )
        return [
            (str(pk), Anchor(_spelt(at), position, digest, key_id, signature))
            for pk, at, position, digest, key_id, signature in cursor.fetchall()
        ]


def parse(text: str) -> list[Anchor]:
    """Anchors as printed or logged, one a line; what a log puts before them does not matter."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        match = _LINE.search(line)
        if match is None:
            raise NotAnAnchor(f"第{number}行不是锚点。锚点以HISTORY开头，请原样粘贴整行。")
        at, position, digest, key_id, signature = match.groups()
        found.append(Anchor(at, int(position), digest, key_id, signature))
    return found


def is_genuine(anchor: Anchor) -> bool:
    """Whether the portal signed it, with the present key or an earlier one."""
    return any(
        hmac.compare_digest(
            _signed(anchor.at, anchor.position, anchor.digest, key).signature, anchor.signature
        )
        for key in _keys()
    )


def sign(message: str) -> str:
    """The portal's signature, for what else must not be made up in the database."""
    return _hmac(_keys()[0], message)


def is_signed(message: str, signature: str) -> bool:
    return any(hmac.compare_digest(_hmac(key, message), signature) for key in _keys())


def _hmac(key: bytes, message: str) -> str:
    return hmac.new(key, message.encode(), hashlib.sha256).hexdigest()


def _spelt(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _signed(at: str, position: int, digest: str, key: bytes) -> Anchor:
    signature = _hmac(key, f"{at}|{position}|{digest}")
    return Anchor(at, position, digest, hashlib.sha256(b"id" + key).hexdigest()[:8], signature)


def _keys() -> list[bytes]:
    """The signing key, then earlier ones. Made from the secret key where none is set."""
    own = [key.encode() for key in settings.HISTORY_KEYS]
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return own + [hashlib.sha256(b"history-anchor" + key.encode()).digest() for key in secrets]
