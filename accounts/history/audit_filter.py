"""What the audit administrator's lists are narrowed by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils import timezone

from accounts.history.tracking import TRACKED
from accounts.models import AccessRecord
from accounts.releases.registry import AS_OF
from accounts.typed_text import clean

DAYS_SHOWN = 30
OUTCOMES = AccessRecord.Outcome.choices
WAYS = {
    "insert": "新增",
    "update": "修改",
    "delete": "删除",
    "secret": "更换密码、密钥或号码",
    "begin": "开始记录",
}


@dataclass(frozen=True)
class AuditFilter:
    """What the lists are narrowed by; anything unreadable in the address counts as not given."""

    who: str = ""
    action: str = ""
    outcome: str = ""
    kind: str = ""
    request_id: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    # Only what was written before this moment: an approved export holds what was asked for.
    as_of: dt.datetime | None = None

    @classmethod
    def from_query(cls, query: Mapping[str, str], today: dt.date) -> AuditFilter:
        since, until = _day(query.get("since")), _day(query.get("until"))
        return cls(
            who=clean(query.get("who"))[:40],
            action=_one_of(query.get("action"), [*AccessRecord.Action.values, *WAYS]),
            outcome=_one_of(query.get("outcome"), AccessRecord.Outcome.values),
            kind=_one_of(query.get("kind"), [model._meta.label_lower for model in TRACKED]),
            request_id=clean(query.get("request"))[:16],
            since=since or (until or today) - dt.timedelta(days=DAYS_SHOWN),
            until=until or today,
            as_of=_moment(query.get(AS_OF)),
        )

    def as_dict(self) -> dict[str, str]:
        """As they stand in an address, and in an export request."""
        return {
            "who": self.who,
            "action": self.action,
            "outcome": self.outcome,
            "kind": self.kind,
            "request": self.request_id,
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
        }

    def narrows(self) -> bool:
        return bool(self.who or self.action or self.outcome or self.kind or self.request_id)

    @property
    def problem(self) -> str:
        """Why there can be no such list, for the field of the first day; "" where there can."""
        if self.since and self.until and self.since > self.until:
            return "开始日期晚于结束日期，请改正。"
        return ""

    @property
    def begins(self) -> dt.datetime:
        return _midnight(self.since or dt.date(2000, 1, 1))

    @property
    def ends(self) -> dt.datetime:
        """The first moment after the last day, or after what was there when it was asked for."""
        end = _midnight((self.until or dt.date(2999, 1, 1)) + dt.timedelta(days=1))
        return min(end, self.as_of) if self.as_of else end


def _day(text: str | None) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2999 else None


def _moment(text: str | None) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if timezone.is_aware(moment) else None


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


def _one_of(text: str | None, known: Iterable[str]) -> str:
    return text if text and text in set(known) else ""
