"""The papers of one person as one user may see them: on the person's page and in its history."""

from __future__ import annotations

import datetime as dt

from accounts.access.permissions import Permission
from accounts.history.sentences import Subject
from accounts.models import User
from staffing.models import BackgroundQuery, StaffMember
from staffing.papers.kinds import KINDS
from staffing.papers.presenters import Section, section
from staffing.papers.selectors import spans_of

# Of whoever has left, a kindergarten keeps what was its own; health is the next one's business.
ONLY_WHILE_HERE = frozenset({"health"})
FOUND = "背景查询有记录"


def papers_of(
    person: StaffMember, by: User, today: dt.date, *, may_keep: bool, here: bool
) -> list[Section]:
    """A section a kind; `here`: a post is held, or yet to begin, where the user looks. Ten queries."""
    may_read = by.can(Permission.READ_CONDUCT)
    spans = spans_of(by, today, person)
    sections = []
    for kind in KINDS.values():
        if kind.permission is Permission.READ_CONDUCT and not may_read:
            continue
        if kind.code in ONLY_WHILE_HERE and not here:
            continue
        papers = kind.model.objects.visible_to(by).filter(**{kind.path: person})
        joined = ["entered_as__user", *([] if kind.of_person else ["appointment"])]
        sections.append(
            section(
                kind.code, papers.select_related(*joined), spans.get(kind.code),
                may_read=may_read, may_record=may_keep and kind.may_record(by),
            )
        )  # fmt: skip
    return sections


def found_in(sections: list[Section], by: User) -> bool:
    """Whether the page tells that a background query found something."""
    return by.can(Permission.READ_CONDUCT) and any(
        isinstance(line.paper, BackgroundQuery)
        and line.paper.withdrawn_at is None
        and line.paper.result == BackgroundQuery.Result.FOUND
        for part in sections
        for line in part.lines
    )


def subjects_of(person: StaffMember, by: User) -> list[Subject]:
    """Papers whose history may be read; a query's tells its result, so not by everybody."""
    may_read = by.can(Permission.READ_CONDUCT)
    return [
        Subject(
            kind.model,
            kind.model.objects.visible_to(by).filter(**{kind.path: person}).order_by().values("pk"),
            kind.label,
            told_by=kind.told_by,
        )
        for kind in KINDS.values()
        if may_read
        or (kind.model is not BackgroundQuery and kind.permission is Permission.KEEP_STAFF)
    ]
