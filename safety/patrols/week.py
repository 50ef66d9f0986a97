"""What a county's circular of a week says, as plain values that are kept with it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.models import User
from kindergartens.models import Kindergarten
from safety.models import PatrolFinding, VideoDevice
from safety.patrols import selectors
from safety.patrols.finding_kinds import SEVERITIES
from safety.patrols.rules import Course, Span, WeekOfOne, course

WEEK = dt.timedelta(days=6)


def week_figures(user: User, monday: dt.date) -> dict[str, Any]:
    """周通报 of the county whose officer asks, by patrols until the week's Sunday.

    `kindergartens` are those that run on Sunday; a camera offline on any day of the week is listed,
    also where nobody looked that week. Two weeks are compared of kindergartens looked at in both.
    Queries do not grow with the county.
    """
    sunday, before = monday + WEEK, monday - dt.timedelta(days=7)
    places = list(selectors.watched(user, sunday))
    keys = [one.pk for one in places]
    seen = selectors.seen(keys, sunday)
    looks = selectors.looks_within(keys, monday, sunday)
    findings = selectors.findings_within(keys, monday, sunday)
    last_looks = selectors.looks_within(keys, before, monday - dt.timedelta(days=1))
    last_findings = selectors.findings_within(keys, before, monday - dt.timedelta(days=1))
    by_key = {one.pk: one for one in places}
    offline: list[dict[str, Any]] = []
    courses: dict[Course, list[dict[str, Any]]] = {one: [] for one in Course}
    for place in places:
        down = [
            (device, span)
            for device, span in seen.spans_of(place.pk)
            if span.days_within(monday, sunday)
        ]
        offline += [
            _offline(place, device, span, monday, place.pk in looks) for device, span in down
        ]
        now = WeekOfOne(
            looks.get(place.pk, 0), len(findings.get(place.pk, [])), len({d.pk for d, _ in down})
        )
        last = WeekOfOne(
            last_looks.get(place.pk, 0),
            len(last_findings.get(place.pk, [])),
            len(
                {
                    device.pk
                    for device, span in seen.spans_of(place.pk)
                    if span.days_within(before, monday - dt.timedelta(days=1))
                }
            ),
        )
        courses[course(last, now)].append(
            _place(place) | {"before": _week(last), "now": _week(now)}
        )
    cameras = selectors.devices_in_service(keys, sunday)
    return {
        "monday": monday.isoformat(),
        "sunday": sunday.isoformat(),
        "patrols": selectors.patrols_seeing(keys, monday, sunday),
        "kindergartens": len(places),
        "looked_at": len(looks),
        "not_looked_at": [_place(one) for one in places if one.pk not in looks],
        "devices": sum(len(rows) for rows in cameras.values()),
        "without_devices": sum(not cameras.get(key) for key in keys),
        "offline": offline,
        "offline_devices": len({row["device"] for row in offline}),
        "offline_days": sum(row["days_in_week"] for row in offline),
        "still_offline": sum(row["until"] is None for row in offline),
        "abnormal": [
            _place(by_key[device.kindergarten_id]) | _camera(device) | {"times": times}
            for device, times in selectors.abnormal_within(keys, monday, sunday)
        ],
        "findings": sum(len(rows) for rows in findings.values()),
        "severities": {
            code: sum(row.severity == code for rows in findings.values() for row in rows)
            for code in SEVERITIES
        },
        "by_kindergarten": [
            _place(one) | {"rows": [_finding(row) for row in findings[one.pk]]}
            for one in places
            if findings.get(one.pk)
        ],
        "better": courses[Course.BETTER],
        "worse": courses[Course.WORSE],
        "same": len(courses[Course.SAME]),
        "unknown": len(courses[Course.UNKNOWN]),
    }


def _place(kindergarten: Kindergarten) -> dict[str, Any]:
    return {
        "code": kindergarten.code,
        "name": kindergarten.name,
        "is_example": kindergarten.is_example,
        "town": kindergarten.organisation.region.name,
    }


def _camera(device: VideoDevice) -> dict[str, Any]:
    return {
        "device": device.pk,
        "number": device.number,
        "at": device.place,
        "spot": device.get_spot_display(),
    }


def _offline(
    kindergarten: Kindergarten, device: VideoDevice, span: Span, monday: dt.date, looked: bool
) -> dict[str, Any]:
    sunday = monday + WEEK
    until = span.until if span.until is not None and span.until <= sunday else None
    return (
        _place(kindergarten)
        | _camera(device)
        | {
            "since": span.since.isoformat(),
            "until": until.isoformat() if until else None,
            "last_seen": span.last_seen.isoformat(),
            "days_in_week": span.days_within(monday, sunday),
            "days": span.days(sunday),
            "looked_at": looked,
        }
        # Not back, but taken out of service.
        | ({"ended": True} if until is not None and until == device.ended_on else {})
    )


def _finding(row: PatrolFinding) -> dict[str, Any]:
    return {
        "day": selectors.local_day(row.look.patrol.patrolled_at).isoformat(),
        "label": row.get_kind_display(),
        "severity": row.severity,
        "note": row.note,
        "patrol": row.look.patrol_id,
    }


def _week(week: WeekOfOne) -> dict[str, int]:
    return {"findings": week.findings, "offline": week.offline}
