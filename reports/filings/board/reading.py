"""What an officer has to read in a submitted return before accepting it.

A return in which there is nothing to read, and that does not wait for its town, may be accepted
together with others: no 经验校验 finding or explanation, no 否 in the self-check, no incident, no
remark, no attachment, and a return of the month before, in the same school year, that it was
checked against.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Count, F, Q

from accounts.models import User
from kindergartens.models import FilingAttachment, FilingVersion, MonthlyFiling
from reports.filings import pre_reviews, submitted
from reports.filings.checks import missed_since
from reports.filings.reviewing import review_beside
from reports.filings.storing import ROWS
from safety.rules import NO

OF_RETURNS_FOUND = "of returns that were found for the person"


@dataclass(frozen=True)
class Reading:
    """One submitted return: its children now and last month, and what there is to read in it."""

    filing: MonthlyFiling
    children: int
    last_children: int | None
    reasons: tuple[str, ...]
    waits_for_town: bool

    @property
    def change(self) -> int | None:
        return None if self.last_children is None else self.children - self.last_children

    @property
    def is_plain(self) -> bool:
        return not self.reasons and not self.waits_for_town

    @property
    def key(self) -> str:
        """The return and the version that is shown: 12:3."""
        return f"{self.filing.pk}:{self.filing.version}"


def waiting_returns(user: User, month: dt.date, where: Q) -> Sequence[MonthlyFiling]:
    """Those of a month that wait for review, the first submitted first."""
    return list(
        MonthlyFiling.objects.visible_to(user)
        .filter(where, month=month, state=MonthlyFiling.State.SUBMITTED)
        .select_related("kindergarten", "town", "period")
        .order_by("first_submitted_at", "pk")
    )


def to_read_in(user: User, filing_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """What there is to read in those of the returns that wait for review, by key.

    The returns are of one month. A constant number of queries.
    """
    waiting = MonthlyFiling.objects.visible_to(user).filter(
        pk__in=filing_ids, state=MonthlyFiling.State.SUBMITTED
    )
    return {one.filing.pk: one.reasons for one in read_through(list(waiting))}


def read_through(filings: Sequence[MonthlyFiling]) -> list[Reading]:
    """The latest version of each, read as the review page reads it. A constant number of queries.

    All returns are of one month.
    """
    if not filings:
        return []
    months = {filing.month for filing in filings}
    if len(months) != 1:
        raise ValueError("returns of several months at once")
    (month,) = months
    versions = {
        version.filing_id: version
        for version in FilingVersion.objects.unscoped(OF_RETURNS_FOUND)
        .filter(filing__in=[filing.pk for filing in filings], version=F("filing__version"))
        .prefetch_related(*ROWS, "explanations")
    }
    attachments = dict(
        FilingAttachment.objects.unscoped(OF_RETURNS_FOUND)
        .filter(filing__in=[filing.pk for filing in filings])
        .filter(from_version__lte=F("filing__version"))
        .filter(Q(until_version__isnull=True) | Q(until_version__gt=F("filing__version")))
        .order_by()
        .values_list("filing")
        .annotate(number=Count("pk"))
    )
    for_town = set(
        pre_reviews.with_waiting(
            MonthlyFiling.objects.unscoped(OF_RETURNS_FOUND).filter(
                pk__in=[filing.pk for filing in filings]
            )
        )
        .filter(waits_for_town=True)
        .values_list("pk", flat=True)
    )
    before = submitted.last_submitted_of([filing.kindergarten_id for filing in filings], month)
    return [
        _reading(
            filing,
            versions[filing.pk],
            before.get(filing.kindergarten_id),
            attachments.get(filing.pk, 0),
            filing.pk in for_town,
        )
        for filing in filings
    ]


def _reading(
    filing: MonthlyFiling,
    version: FilingVersion,
    last: submitted.Submitted | None,
    attachments: int,
    waits_for_town: bool,
) -> Reading:
    content = submitted.read_version(version)
    # What other kindergartens and the annual statistics tell was found and explained when it was
    # submitted: those are rows.
    review = review_beside(last, filing.month, submitted.to_check(content), peers={})
    findings = [*review.warnings, *(text for row in review.classes for text in row.warnings)]
    explained = len(version.explanations.all())
    reasons = []
    if findings:
        reasons.append(f"经验校验{len(findings)}处")
    if explained:
        reasons.append(f"园所说明{explained}处")
    if no := sum(one["answer"] == NO for one in content.part("safety").values()):
        reasons.append(f"安全自查答否{no}项")
    if version.incidents:
        reasons.append(f"事故与突发事件{version.incidents}起")
    if version.remarks:
        reasons.append("有其他情况")
    if attachments:
        reasons.append(f"附件{attachments}个")
    before = last if last is not None and missed_since(filing.month, last.month) is None else None
    if before is None:
        reasons.append("没有上月可比")
    elif not before.is_followed_by(filing.month):
        # The checks of a change over a month rest when a school year begins: a person looks.
        reasons.append("新学年，没有可比")
    return Reading(
        filing=filing,
        children=content.enrolled_children,
        last_children=None if before is None else before.enrolled_children,
        reasons=tuple(reasons),
        waits_for_town=waits_for_town,
    )
