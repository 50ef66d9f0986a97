"""How often one person, one address and one network may ask for what is dear.

Each limit is a leaky bucket (GCRA): `burst` at once, then one every `every` seconds. A bucket is a
single time, the moment at which it will have run empty, so a refusal can say how long to wait.

Buckets of dear acts are rows in PostgreSQL and hold for all processes together; those of cheap
public pages live in the process, so that a flood of them writes nothing. Neither asks the broker.
A store that fails lets everybody through: a limit protects the portal, it must not close it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import logging
import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction

from accounts.hardening.address import network_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rate:
    """So many at once, and one more each `every` seconds."""

    burst: int
    every: float

    @property
    def step(self) -> dt.timedelta:
        return dt.timedelta(seconds=self.every)

    @property
    def depth(self) -> dt.timedelta:
        return self.step * self.burst


@dataclass(frozen=True)
class Limit:
    """One kind of request and who may make how many of them.

    A person is counted by account, so that a bureau behind one address is never locked out by one
    of its people; the address and its network are counted too, far more generously.
    """

    name: str
    words: str
    per_person: Rate | None = None
    per_address: Rate | None = None
    per_network: Rate | None = None
    kept_in_database: bool = True


SIGN_IN = Limit(
    "sign-in",
    "登录",
    # A bureau of 300 behind one address comes in at eight; guessing is for the lock-outs to stop.
    per_address=Rate(burst=300, every=0.6),
    per_network=Rate(burst=600, every=0.25),
)
EXPORT = Limit(
    "export",
    "导出",
    per_person=Rate(burst=10, every=6),
    per_address=Rate(burst=120, every=0.5),
)
# Sums of areas, nobody's data: chart and table of each of seven pages are taken one after another.
FIGURES = Limit(
    "figures",
    "导出",
    per_person=Rate(burst=40, every=3),
    per_address=Rate(burst=400, every=0.25),
)
# Papers are looked at one after another; whoever takes them all is slowed down.
DOWNLOAD = Limit(
    "download",
    "下载",
    per_person=Rate(burst=60, every=3),
    per_address=Rate(burst=600, every=0.25),
)
PRINT = Limit(
    "print",
    "打印",
    per_person=Rate(burst=20, every=15),
    per_address=Rate(burst=200, every=1),
)
VERIFY = Limit("verify", "核对", per_person=Rate(burst=3, every=300))
# A return takes ten files; a workbook of accounts is one.
UPLOAD = Limit(
    "upload",
    "上传",
    per_person=Rate(burst=40, every=6),
    per_address=Rate(burst=400, every=0.5),
)
REVEAL = Limit("reveal", "查看号码", per_person=Rate(burst=20, every=180))
CSP_REPORT = Limit(
    "csp-report",
    "上报",
    per_address=Rate(burst=20, every=3),
    per_network=Rate(burst=100, every=1),
    kept_in_database=False,
)
# Another system reads a county's months in one go, then what is new. By its key, whatever the
# address; and by the address, before any key is looked at.
API = Limit("api", "读取数据", per_person=Rate(burst=120, every=0.5))
API_ADDRESS = Limit(
    "api-address",
    "读取数据",
    per_address=Rate(burst=600, every=0.1),
    per_network=Rate(burst=2400, every=0.025),
    kept_in_database=False,
)
# Keys that nobody was given: a few by mistake, none by trial.
API_STRANGER = Limit("api-stranger", "读取数据", per_address=Rate(burst=20, every=30))
PUBLIC_PAGE = Limit(
    "public-page",
    "打开",
    per_address=Rate(burst=300, every=0.2),
    per_network=Rate(burst=1200, every=0.05),
    kept_in_database=False,
)


class Refusal(NamedTuple):
    """After how many seconds to come again, and whose bucket is full: person, address, network."""

    seconds: int
    whose: str


def count_request(
    limit: Limit, *, person: int | None, address: str | None, now: dt.datetime
) -> Refusal | None:
    """Count one request; None when it may go on.

    The person's bucket is asked first: what a person is refused does not fill the address's.
    """
    take = _take_from_database if limit.kept_in_database else _process.take
    for whose, who, rate in _buckets(limit, person, address):
        wait = take(_key(limit.name, whose, who), rate, now)
        if wait is not None:
            return Refusal(wait, whose)
    return None


def give_back(limit: Limit, *, person: int | None, address: str | None, now: dt.datetime) -> None:
    """Count one request less: what was asked for is not there, so nothing was taken.

    Of limits kept in the database; a bucket that has run empty since stays so.
    """
    buckets: list[dict[str, Any]] = [
        {"key": _key(limit.name, whose, who), "step": rate.step, "now": now}
        for whose, who, rate in _buckets(limit, person, address)
    ]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for bucket in buckets:
                cursor.execute(_GIVE_BACK, bucket)
    except (DatabaseError, InterfaceError):
        logger.warning("A request could not be given back", exc_info=True)


def _buckets(
    limit: Limit, person: int | None, address: str | None
) -> Iterator[tuple[str, str, Rate]]:
    """Whose buckets a request fills, and at what rate each runs empty."""
    for whose, who, rate in (
        ("person", str(person) if person is not None else None, limit.per_person),
        ("address", address, limit.per_address),
        ("network", str(network_of(address)) if address else None, limit.per_network),
    ):
        if who is not None and rate is not None:
            yield whose, who, rate


def next_empty(empty_at: dt.datetime | None, rate: Rate, now: dt.datetime) -> dt.datetime | None:
    """When the bucket runs empty after one more; None when one more would spill over."""
    later = max(empty_at or now, now) + rate.step
    return later if later - now <= rate.depth else None


def wait_for(empty_at: dt.datetime, rate: Rate, now: dt.datetime) -> int:
    """Whole seconds until one more fits in."""
    return max(1, math.ceil((empty_at + rate.step - now - rate.depth).total_seconds()))


def _key(limit: str, whose: str, who: str) -> str:
    """Neither address nor account can be read from what is stored."""
    text = f"{limit}:{whose}:{who}"
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]


@dataclass
class ProcessBuckets:
    """Buckets of this process, the least recently used forgotten first."""

    most: int = 50_000
    _buckets: OrderedDict[str, dt.datetime] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, key: str, rate: Rate, now: dt.datetime) -> int | None:
        with self._lock:
            before = self._buckets.get(key)
            after = next_empty(before, rate, now)
            if after is None:
                return wait_for(before or now, rate, now)
            self._buckets[key] = after
            self._buckets.move_to_end(key)
            while len(self._buckets) > self.most:
                self._buckets.popitem(last=False)
            return None

    def forget(self) -> None:
        with self._lock:
            self._buckets.clear()

    def __len__(self) -> int:
        return len(self._buckets)


_process = ProcessBuckets()
forget_process_buckets: Callable[[], None] = _process.forget

# One statement decides and counts, so two processes cannot both take the last place.
_TAKE = """
    INSERT INTO accounts_requestbucket AS bucket (key, empty_at)
    VALUES (%(key)s, %(now)s + %(step)s)
    ON CONFLICT (key) DO UPDATE
       SET empty_at = greatest(bucket.empty_at, %(now)s) + %(step)s
     WHERE greatest(bucket.empty_at, %(now)s) + %(step)s - %(now)s <= %(depth)s
    RETURNING xmax = 0
"""
_GIVE_BACK = """
    UPDATE accounts_requestbucket SET empty_at = empty_at - %(step)s
     WHERE key = %(key)s AND empty_at > %(now)s
"""
# Empty buckets mean nothing. Whoever makes a new one clears some away, so no timetable is needed.
_CLEAR = """
    DELETE FROM accounts_requestbucket WHERE key IN (
        SELECT key FROM accounts_requestbucket WHERE empty_at < %s LIMIT 20 FOR UPDATE SKIP LOCKED)
"""


def _take_from_database(key: str, rate: Rate, now: dt.datetime) -> int | None:
    arguments: dict[str, Any] = {"key": key, "now": now, "step": rate.step, "depth": rate.depth}
    try:
        # A savepoint where somebody already opened a transaction, and one round trip elsewhere.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_TAKE, arguments)
            taken = cursor.fetchone()
            if taken is not None:
                if taken[0]:
                    cursor.execute(_CLEAR, [now - dt.timedelta(hours=1)])
                return None
            cursor.execute("SELECT empty_at FROM accounts_requestbucket WHERE key = %s", [key])
            found = cursor.fetchone()
    except (DatabaseError, InterfaceError):
        logger.warning("The limit could not be counted; let through", exc_info=True)
        return None
    return wait_for(found[0], rate, now) if found else None
