"""Lines of the pages of cameras and patrols."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from accounts.formatting import zhdate
from kindergartens.models import Kindergarten
from safety.models import VideoDevice
from safety.patrols import selectors
from safety.patrols.finding_kinds import SEVERITIES
from safety.patrols.rules import Span


@dataclass(frozen=True)
class CameraLine:
    """One kindergarten of the list: cameras in service, those offline now, when it was last seen."""

    kindergarten: Kindergarten
    devices: int
    offline: int
    longest: int
    last_look: dt.datetime | None


def camera_lines(kindergartens: Sequence[Kindergarten], today: dt.date) -> list[CameraLine]:
    """Queries do not grow with the page."""
    keys = [one.pk for one in kindergartens]
    seen, last = selectors.seen(keys, today), selectors.last_looks(keys)
    lines = []
    for one in kindergartens:
        down = [span.days(today) for _, span in seen.spans_of(one.pk) if span.is_open(today)]
        cameras = [device for device in seen.devices.get(one.pk, []) if device.is_in_service(today)]
        lines.append(
            CameraLine(one, len(cameras), len(down), max(down, default=0), last.get(one.pk))
        )
    return lines


@dataclass(frozen=True)
class DeviceLine:
    """One camera: the span in which it is offline now, and all days of the past year."""

    device: VideoDevice
    now: Span | None
    now_days: int
    spans: list[Span]
    days: int


def device_lines(kindergarten: Kindergarten, since: dt.date, today: dt.date) -> list[DeviceLine]:
    seen = selectors.seen([kindergarten.pk], today)
    lines = []
    for device in sorted(seen.devices.get(kindergarten.pk, []), key=lambda one: one.number):
        spans = seen.spans.get(device.pk, [])
        now = next((span for span in spans if span.is_open(today)), None)
        days = sum(span.days_within(since, today) for span in spans)
        lines.append(DeviceLine(device, now, now.days(today) if now else 0, spans, days))
    return lines


def circular_words(figures: dict[str, Any]) -> dict[str, Any]:
    """A circular's figures as page and paper show them: days read back, sentences made."""
    read = dict(figures)
    for name in ("monday", "sunday"):
        read[name] = dt.date.fromisoformat(figures[name])
    year = read["sunday"].year
    read["offline"] = [_offline_words(row, year) for row in figures["offline"]]
    read["by_kindergarten"] = [
        row | {"rows": [_finding_words(one) for one in row["rows"]]}
        for row in figures["by_kindergarten"]
    ]
    # The gravest first; what was kept comes back in no order.
    severities = figures["severities"]
    read["severities"] = [
        (SEVERITIES[code], severities[code])
        for code in reversed(SEVERITIES)
        if severities.get(code)
    ]
    read["courses"] = [("好转", figures["better"]), ("变差", figures["worse"])]
    read["not_looked_at_number"] = len(figures["not_looked_at"])
    return read


def _offline_words(row: dict[str, Any], year: int) -> dict[str, Any]:
    since, last_seen = (dt.date.fromisoformat(row[name]) for name in ("since", "last_seen"))
    if row["until"]:
        word = "停用" if row.get("ended") else "恢复"
        state = f"{_day(dt.date.fromisoformat(row['until']), year)}{word}"
    elif row["looked_at"]:
        state = "还没有恢复"
    else:
        state = f"本周没有巡查，{_day(last_seen, year)}看到离线"
    return row | {"since": _day(since, year), "state": state}


def _day(day: dt.date, year: int) -> str:
    """With its year only where that is another one."""
    return zhdate(day, short=day.year == year)


def _finding_words(row: dict[str, Any]) -> dict[str, Any]:
    return row | {
        "day": dt.date.fromisoformat(row["day"]),
        "severity_words": SEVERITIES[row["severity"]],
    }
