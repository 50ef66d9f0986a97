"""A record as its page shows it: lines in words, what is missing, and who fills it in."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.models import User
from kindergartens.models import Kindergarten, RecordProposal
from kindergartens.record import policies, rules
from kindergartens.record.books import REASON_OF
from kindergartens.record.catalogue import (
    BY_KEY,
    FIELDS,
    REASON_LABELS,
    SECTIONS,
    Section,
    asked_fields,
    in_words,
)
from kindergartens.record.values import from_text


@dataclass(frozen=True)
class Line:
    """One field: `value` is "" where nothing is filled in; `notes` are what the rules say."""

    name: str
    label: str
    value: str
    filled_by: str
    notes: Sequence[rules.Finding] = ()
    reason: str = ""
    tag: str = ""
    link: Any = None


@dataclass(frozen=True)
class ShownSection:
    section: Section
    lines: Sequence[Line]
    completeness: rules.Completeness
    may_edit: bool
    may_propose: bool
    waiting: RecordProposal | None = None

    @property
    def missing(self) -> int:
        return self.completeness.asked - self.completeness.filled


@dataclass(frozen=True)
class Missing:
    """How many fields wait for whom: 园长5项."""

    filled_by: str
    labels: list[str] = field(default_factory=list)


def shown_sections(
    kindergarten: Kindergarten,
    *,
    user: User,
    findings: Sequence[rules.Finding],
    waiting: Mapping[str, RecordProposal],
    today: dt.date,
) -> list[ShownSection]:
    by_field: dict[str, list[rules.Finding]] = defaultdict(list)
    for finding in findings:
        by_field[finding.field].append(finding)
    shown = []
    for section in SECTIONS:
        asked = [line for line in section.fields if line.asked(kindergarten)]
        shown.append(
            ShownSection(
                section,
                [_line(line, kindergarten, by_field[line.name], today) for line in asked],
                rules.completeness([line.value(kindergarten) for line in asked]),
                policies.can_edit(user, kindergarten, section),
                policies.can_propose(user, kindergarten, section),
                waiting.get(section.key),
            )
        )
    return shown


def _line(
    listed: Any, kindergarten: Kindergarten, notes: Sequence[rules.Finding], today: dt.date
) -> Line:
    tag = ""
    if listed.name == "licence_until":
        state = rules.licence_state(kindergarten.licence_until, today)
        tag = {"expiring": "licence_expiring", "expired": "licence_expired"}.get(state, "")
    column = REASON_OF.get(listed.name)
    return Line(
        listed.name,
        listed.label,
        listed.shown(kindergarten),
        listed.filled_by,
        notes,
        getattr(kindergarten, column) if column else "",
        tag,
        kindergarten.host if listed.name == "host" else None,
    )


def whole_completeness(kindergarten: Kindergarten) -> rules.Completeness:
    return rules.completeness([line.value(kindergarten) for line in asked_fields(kindergarten)])


def missing_by(kindergarten: Kindergarten) -> list[Missing]:
    """Who still has to fill in what."""
    found: dict[str, list[str]] = defaultdict(list)
    for listed in asked_fields(kindergarten):
        if listed.value(kindergarten) in (None, ""):
            found[listed.filled_by].append(listed.label)
    return [Missing(who, labels) for who, labels in found.items()]


@dataclass(frozen=True)
class Change:
    label: str
    before: str
    after: str


def shown_changes(proposal: RecordProposal, hosts: Mapping[str, str]) -> list[Change]:
    """What a proposal asks for, in words. `hosts` names the kindergartens it points at."""
    return [
        Change(
            FIELDS[name].label if name in FIELDS else REASON_LABELS.get(name, name),
            _words(name, before, hosts),
            _words(name, after, hosts),
        )
        for name, (before, after) in proposal.wanted.items()
    ]


def _words(name: str, text: str, hosts: Mapping[str, str]) -> str:
    if text == "":
        return "空"
    if name == "host":
        return hosts.get(text, "（已不在名册）")
    value = from_text(name, text)
    return in_words(name, value) + (FIELDS[name].unit if name in FIELDS else "")


def section_title(key: str) -> str:
    return BY_KEY[key].title if key in BY_KEY else key


@dataclass(frozen=True)
class Difference:
    """What somebody else put in while the form was open."""

    label: str
    now: str


def differences(
    kindergarten: Kindergarten, section: Section, typed: Mapping[str, Any]
) -> list[Difference]:
    """Fields whose present value is not what was typed."""
    return [
        Difference(listed.label, listed.shown(kindergarten) or "空")
        for listed in section.fields
        if listed.name in typed and listed.value(kindergarten) != typed[listed.name]
    ]
