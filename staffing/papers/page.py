"""The papers of one person as one user may see them: on the person's page and in its history."""

from __future__ import annotations

import datetime as dt

from accounts.access.permissions import Permission
from accounts.history.sentences import Subject
from accounts.models import User
from staffing.models import BackgroundQuery, StaffMember
from staffing.papers.kinds import KINDS
from staffing.papers.presenters import Section, section
from staffing.papers.selectors import left_to_county, spans_of

# Of whoever has left, a kindergarten keeps what was its own; health is the next one's business.
ONLY_WHILE_HERE = frozenset({"health"})
FOUND = "背景查询有记录"


def papers_of(
    person: StaffMember, by: User, today: dt.date, *, may_keep: bool, here: bool
) -> list[Section]:
    """A section a kind; `here`: a post is held, or yet to begin, where the user looks. 12 queries."""
    spans = spans_of(by, today, person)
    sections = []
    for kind in KINDS.values():
        if kind.permission is Permission.READ_CONDUCT and not kind.may_read_result(by):
            continue
        if kind.code in ONLY_WHILE_HERE and not here:
            continue
        papers = kind.model.objects.visible_to(by).filter(**{kind.path: person})
        joined = ["entered_as__user", *([] if kind.of_person else ["appointment"])]
        theirs = person.pk not in left_to_county(kind, by, today)
        # What stands between a person and a kindergarten is closed by it after the person left too.
        may_close = theirs and (may_keep or not kind.of_person)
        sections.append(
            section(
                kind.code, papers.select_related(*joined), spans.get(kind.code), today,
                may_read=kind.may_read_result(by),
                may_record=may_keep and theirs and kind.may_record(by),
                may_close=may_close and kind.may_record(by),
                may_withdraw=may_close and kind.may_withdraw(by),
                by_county=may_keep and not theirs,
            )
        )  # fmt: skip
    return sections


def found_in(sections: list[Section], by: User, *, standing: bool) -> bool:
    """Whether the page tells that a background query found something.

    `standing`: one that counts; else any, as the table shows what was withdrawn, too.
    """
    return KINDS["background"].may_read_result(by) and any(
        isinstance(line.paper, BackgroundQuery)
        and line.paper.result == BackgroundQuery.Result.FOUND
        and not (standing and line.paper.withdrawn_at)
        for part in sections
        for line in part.lines
    )


def subjects_of(person: StaffMember, by: User, *, here: bool) -> list[Subject]:
    """Papers whose history may be read: it tells results, so not by everybody."""
    return [
        Subject(
            kind.model,
            kind.model.objects.visible_to(by).filter(**{kind.path: person}).order_by().values("pk"),
            kind.label,
            told_by=kind.told_by,
        )
        for kind in KINDS.values()
        if kind.may_read_result(by) and (here or kind.code not in ONLY_WHILE_HERE)
    ]


def found_in_history(subjects: list[Subject]) -> bool:
    """Whether the history tells that a background query found something."""
    return any(
        subject.model is BackgroundQuery
        and subject.events.filter(result=BackgroundQuery.Result.FOUND).exists()
        for subject in subjects
    )
