"""Procedures in words: what was filled in, who did what, how long is left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.access.permissions import Permission
from accounts.formatting import quantity, zhdate
from accounts.models import Region, User
from kindergartens.calendar.published import working_calendar
from kindergartens.calendar.rules import unpublished_years
from kindergartens.models import (
    Kindergarten,
    KindergartenStatus,
    Procedure,
    ProcedureDocument,
    ProcedureEvent,
)
from kindergartens.procedures.capacity import Room, rooms
from kindergartens.procedures.kinds import OPINIONS, Kind, Period, all_kinds, kind_in
from kindergartens.procedures.selectors import detailed
from kindergartens.rules import CLASS_SIZE_LIMITS, MOST_CHILDREN

TONES = {
    "asked": ("past", "send"),
    "asked_again": ("past", "send"),
    "returned": ("back", "arrow-back-up"),
    "checked": ("past", "file-check"),
    "approved": ("done", "circle-check"),
    "refused": ("back", "circle-x"),
    "withdrawn": ("past", "arrow-back"),
}
TAGS = {
    "asked": "submitted",
    "checked": "submitted",
    "returned": "returned",
    "approved": "accepted",
    "refused": "missing",
    "withdrawn": "draft",
}
NAMED = "names of kindergartens a procedure in hand speaks of"


def kind_name(code: str) -> str:
    kind = all_kinds().get(code)
    return kind.name if kind else code


def filled_in(procedure: Procedure, kind: Kind) -> list[tuple[str, str]]:
    """The fields of the kind with their values as people read them."""
    rows = []
    for field in kind.fields:
        value = procedure.details.get(field.name)
        rows.append((field.label, _words(field.type, value)))
    return rows


def conclusion_tag(procedure: Procedure, kind: Kind) -> dict[str, str] | None:
    """The conclusion of a yearly check as a tag; None without one."""
    found = kind.conclusion(procedure.conclusion)
    if found is None:
        return None
    worst = kind.conclusions[-1]
    failed = found.mend and found == worst
    tone = "check_failed" if failed else "check_to_mend" if found.mend else "check_passed"
    return {"tag": tone, "name": found.name}


def _words(type_: str, value: Any) -> str:
    if value in (None, ""):
        return "—"
    if type_ == "date":
        return zhdate(dt.date.fromisoformat(value))
    if type_ == "town":
        town = Region.objects.filter(pk=value).first()
        return town.name if town else "—"
    if type_ == "receiver":
        found = Kindergarten.objects.unscoped(NAMED).filter(pk=value).first()
        return found.name if found else "—"
    if type_ == "sponsor":
        return str(dict(KindergartenStatus.SponsorType.choices).get(value, value))
    if type_ == "opinion":
        return OPINIONS.get(value, value)
    if type_ == "money":
        return f"{quantity(Decimal(value))}元"
    return f"{value}年" if type_ == "year" else str(value)


def timeline(procedure: Procedure) -> list[dict[str, Any]]:
    events = procedure.events.select_related("done_as__organisation", "done_as__user")
    return [_event(event) for event in events]


def _event(event: ProcedureEvent) -> dict[str, Any]:
    tone, icon = TONES[event.action]
    return {
        "title": event.get_action_display(),
        "who": f"{event.done_as.organisation.name} {event.done_as.user.full_name}",
        "at": event.at,
        "text": event.reason,
        "tone": tone,
        "icon": icon,
    }


def documents(procedure: Procedure, kind: Kind) -> list[dict[str, Any]]:
    """Each title with its files, the newest first; a title nothing came under has none."""
    by_title: dict[str, list[ProcedureDocument]] = {}
    for document in procedure.documents.select_related("file").order_by("-added_at", "-pk"):
        by_title.setdefault(document.title, []).append(document)
    titles = [*kind.documents, *(title for title in by_title if title not in kind.documents)]
    return [
        {
            "title": title,
            "files": [
                {"name": one.name, "url": reverse("procedure-document", args=[one.pk])}
                for one in by_title.get(title, [])
            ],
        }
        for title in titles
    ]


def placements(procedure: Procedure) -> list[dict[str, Any]]:
    """Where the children go, with what receiving them makes of each kindergarten.

    That is said while it is to be decided. Later returns hold the children themselves, and whoever
    else came or went.
    """
    found = []
    there = rooms(procedure) if procedure.is_open else {}
    for row in procedure.placements.select_related("receiver"):
        room = there.get(row.pk)
        tags = []
        if room is not None and room.too_many_a_class:
            tags.append("over_class_size")
        if room is not None and room.too_many_in_all:
            tags.append("over_size")
        found.append({"row": row, "note": room_words(room) if room else "", "tags": tags})
    return found


def room_words(room: Room) -> str:
    if room.children is None or room.after is None:
        return "这所园还没有已接收的月报，请核实能否容纳"
    also = f"，已批准转入{room.coming}名" if room.coming else ""
    note = f"现有{room.children}名、{room.classes}个班{also}，接收后{room.after}名"
    if room.classes:
        note += f"，平均每班{room.after / room.classes:.1f}名"
    if room.too_many_a_class:
        note += f"，超过每班最多{max(CLASS_SIZE_LIMITS.values())}名"
    if room.too_many_in_all:
        note += f"，超过全园一般最多{MOST_CHILDREN}名"
    return note


def deadline(procedure: Procedure, today: dt.date) -> dict[str, Any]:
    """How long is left for the present step, and `years` whose holidays it was computed without."""
    due = procedure.due_on
    if due is None:
        return {"text": "", "late": False, "years": []}
    left, years = (due - today).days, _years_unknown(procedure, due)
    when = f"{zhdate(due)}{'（暂定）' if years else ''}到期"
    if left < 0:
        return {"text": f"{when}，已逾期{-left}天", "late": True, "years": years}
    rest = f"还有{left}天" if left else "就是今天"
    return {"text": f"{when}，{rest}", "late": False, "years": years}


def _years_unknown(procedure: Procedure, due: dt.date) -> list[int]:
    """`procedure` as selectors.detailed reads it."""
    kind = kind_in(procedure.kind, procedure.county.code)
    period = kind.decide if procedure.state == Procedure.State.CHECKED else kind.check
    began: dt.datetime | None = getattr(procedure, "step_began_at", None)
    if period is None or not period.working_days or began is None:
        return []
    day = timezone.localdate(began)
    return unpublished_years(day, due, working_calendar(), on=day)


def report_by_years(procedure: Procedure, kind: Kind) -> list[int]:
    """Years whose holidays were unknown when the day it should have come by was computed."""
    due, period = procedure.report_by, kind.report or kind.before
    if due is None or period is None or not period.working_days:
        return []
    handed_in = [ProcedureEvent.Action.ASKED, ProcedureEvent.Action.ASKED_AGAIN]
    asked = procedure.events.filter(action__in=handed_in).order_by("pk").last()
    first, last = procedure.occurred_on or due, due
    if not kind.report:
        last = dt.date.fromisoformat(procedure.details[kind.before_field])
    day = timezone.localdate(asked.at if asked else procedure.asked_at)
    return unpublished_years(first, last, working_calendar(), on=day)


def length_words(period: Period) -> str:
    if period.working_days:
        return f"{period.working_days}个工作日"
    return f"{period.months}个月" if period.months else f"{period.days}天"


def period_words(period: Period | None) -> str:
    if period is None:
        return ""
    return f"{length_words(period)}（{period.source or '本地设定'}）"


DECIDES = {"": "经办人核对后办结", "second": "另一位经办人决定", "leader": "教育局领导决定"}


def kinds_by_group(region_code: str) -> dict[str, list[dict[str, Any]]]:
    """Every kind with what holds in a region: its periods, who decides, what comes of it."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for code, everywhere in all_kinds().items():
        kind = kind_in(code, region_code)
        groups.setdefault(kind.group, []).append(
            {
                "kind": kind,
                "decides": DECIDES[kind.decides],
                "periods": _periods(kind, everywhere),
                "conclusions": "、".join(one.name for one in kind.conclusions),
            }
        )
    return groups


def _periods(kind: Kind, everywhere: Kind) -> list[dict[str, str]]:
    """The step, how long, by what; `instead_of` what holds elsewhere where a region set its own."""
    steps = (
        (f"{kind.occurs}起报备", kind.report, everywhere.report),
        ("到期以前申请", kind.before, everywhere.before),
        ("核对，一次告知补正", kind.check, everywhere.check),
        ("核对后决定", kind.decide, everywhere.decide),
    )
    found = [
        {
            "step": step,
            "length": length_words(own),
            "source": own.source,
            "instead_of": length_words(usual) if usual and usual != own else "",
        }
        for step, own, usual in steps
        if own is not None
    ]
    if kind.yearly:
        found.insert(
            0,
            {
                "step": "每年报送",
                "length": f"次年{_month_day(kind.yearly)}前",
                "source": "",
                "instead_of": (
                    f"次年{_month_day(everywhere.yearly)}前"
                    if everywhere.yearly != kind.yearly
                    else ""
                ),
            },
        )
    return found


def _month_day(written: str) -> str:
    month, day = (int(part) for part in written.split("-"))
    return f"{month}月{day}日"


def list_rows(rows: Iterable[Procedure], today: dt.date) -> list[dict[str, Any]]:
    return [
        {
            "procedure": row,
            "kind": kind_name(row.kind),
            "tag": TAGS[row.state],
            "deadline": deadline(row, today),
            "asker": _asker(row),
            "conclusion": _conclusion_of(row),
        }
        for row in rows
    ]


def _asker(row: Procedure) -> str:
    """Who asked; the kindergarten, which stands in the row already, is not named again."""
    asker = row.asked_as.organisation
    return "本园" if asker.pk == row.kindergarten.organisation_id else asker.name


def _conclusion_of(row: Procedure) -> dict[str, str] | None:
    kind = all_kinds().get(row.kind)
    return conclusion_tag(row, kind) if kind else None


SHOWN_OF_ONE = 20


def procedures_of(
    user: User, kindergarten: Kindergarten, *, day: dt.date
) -> list[dict[str, Any]] | None:
    """The newest procedures of one kindergarten; None for whoever may not read them."""
    if not user.can(Permission.READ_PROCEDURES):
        return None
    rows = detailed(Procedure.objects.visible_to(user).filter(kindergarten=kindergarten))
    return list_rows(rows[:SHOWN_OF_ONE], day)
