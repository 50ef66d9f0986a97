"""What was done to a return and why it came back, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from accounts.formatting import zhdatetime
from accounts.models import Membership
from kindergartens.models import FilingEvent, FilingExtension, MonthlyFiling
from reports.filings.checks import SECTIONS, class_label, label_of
from reports.filings.storing import ROWS, read_parts

TONES = {
    FilingEvent.Action.SUBMITTED: ("past", "send"),
    FilingEvent.Action.RETURNED: ("back", "arrow-back-up"),
    FilingEvent.Action.REOPENED: ("back", "arrow-back-up"),
    FilingEvent.Action.WITHDRAWN: ("past", "arrow-back"),
    FilingEvent.Action.PASSED_ON: ("past", "user-check"),
    FilingEvent.Action.ACCEPTED: ("done", "circle-check"),
}

# A version came back to its kindergarten, before or after it was accepted.
SENT_BACK = (FilingEvent.Action.RETURNED, FilingEvent.Action.REOPENED)


def timeline(filing: MonthlyFiling) -> list[dict[str, Any]]:
    """What was done to a return, oldest first; who urged it, too."""
    events = list(filing.events.select_related("done_as__organisation", "done_as__user"))
    said = _said_at(filing, events)
    done = [
        {
            "title": f"{event.get_action_display()}第{event.version}版",
            "who": f"{event.done_as.organisation.name} {event.done_as.user.full_name}",
            "at": event.at,
            "text": _event_text(event, said.get(event.version)),
            "tone": TONES[FilingEvent.Action(event.action)][0],
            "icon": TONES[FilingEvent.Action(event.action)][1],
        }
        for event in events
    ]
    return _with_urges(done, _urges(filing))


def _with_urges(done: list[dict[str, Any]], urges: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each urge before the first later step. The steps keep the order they were written in."""
    lines, waiting = [], list(urges)
    for step in done:
        while waiting and waiting[0]["at"] <= step["at"]:
            lines.append(waiting.pop(0))
        lines.append(step)
    return [*lines, *waiting]


def _urges(filing: MonthlyFiling) -> list[dict[str, Any]]:
    """Who urged the kindergarten for this month's return, before it was begun or since."""
    urges = filing.kindergarten.urges.filter(period=filing.period_id)
    return [
        {
            "title": "催报",
            "who": f"{urge.urged_as.organisation.name} {urge.urged_as.user.full_name}",
            "at": urge.urged_at,
            "text": urge.notice.text,
            "tone": "past",
            "icon": "bell-ringing",
        }
        for urge in urges.select_related("urged_as__organisation", "urged_as__user", "notice")
    ]


def _said_at(filing: MonthlyFiling, events: Iterable[FilingEvent]) -> dict[int, Mapping[str, Any]]:
    """What the versions say that were sent back for a row that the kindergarten names itself."""
    versions = {
        event.version
        for event in events
        for key in event.field_reasons
        if (section := SECTIONS.get(key.partition(":")[0])) and section.title
    }
    if not versions:
        return {}
    rows = filing.versions.filter(version__in=versions).prefetch_related(*ROWS)
    return {row.version: read_parts(row) for row in rows}


def _event_text(event: FilingEvent, said: Mapping[str, Any] | None) -> str:
    parts = [event.reason] if event.reason else []
    if event.reason and event.action == FilingEvent.Action.ACCEPTED:
        parts = [f"没有等乡镇初审，理由：{event.reason}"]
    parts += [f"{field_label(key, said)}：{text}" for key, text in event.field_reasons.items()]
    return "；".join(parts)


def extension_lines(
    extensions: Iterable[FilingExtension], now: dt.datetime
) -> list[dict[str, Any]]:
    """Until when a month was kept open for its kindergarten, by whom and why; ended ones too."""
    lines = []
    for extension in extensions:
        in_force = extension.is_in_force(now)
        text = (
            f"由{_who(extension.granted_as)}于{zhdatetime(extension.granted_at)}批准，"
            f"理由：{extension.reason}。延期内报送的仍记为迟报。"
        )
        title = f"已延期到{zhdatetime(extension.until)}"
        if extension.revoked_as is not None:
            title += "，已撤销"
            text += (
                f"{zhdatetime(extension.revoked_at)}由{_who(extension.revoked_as)}撤销，"
                f"原因：{extension.revoked_reason}。"
            )
        elif not in_force:
            title += "，已到期"
        lines.append({"title": title, "text": text, "in_force": in_force})
    return lines


def _who(post: Membership) -> str:
    return f"{post.organisation.name}{post.user.full_name}"


def field_label(key: str, said: Mapping[str, Any] | None = None) -> str:
    """The words for a field key: ``class:小一班:boys`` → 小一班 男; `said`: see label_of."""
    name, _, column = key.partition(":")[2].rpartition(":")
    return label_of(key, said) or class_label(name, column)


def standing_return(filing: MonthlyFiling) -> FilingEvent | None:
    """The latest time the return came back, unless a version was accepted since.

    It stands until then: whoever takes a resubmission back to mend it still has to see it.
    """
    event = (
        filing.events.filter(action__in=[*SENT_BACK, FilingEvent.Action.ACCEPTED])
        .order_by("-pk")
        .first()
    )
    return event if event is not None and event.action in SENT_BACK else None


def latest_reasons(filing: MonthlyFiling) -> tuple[str, dict[str, str]]:
    """Why the return came back, to whoever mends it: in general, and per field."""
    if filing.state not in {MonthlyFiling.State.RETURNED, MonthlyFiling.State.DRAFT}:
        return "", {}
    event = standing_return(filing)
    return ("", {}) if event is None else (event.reason, event.field_reasons)
