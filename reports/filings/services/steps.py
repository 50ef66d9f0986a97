"""What every step of a return begins and ends with: the locked row, the post, the record, the figures."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied

from accounts.access.duties import separate
from accounts.access.permissions import Permission
from accounts.models import Job, Membership, User
from kindergartens import policies
from kindergartens.models import FilingEvent, Kindergarten, MonthlyFiling
from kindergartens.policies import NotAllowedNow
from kindergartens.recompute import ask_for_figures as ask_for_figures_of
from reports.filings import selectors

MOST_IN_A_REASON = 300


class StaleRevision(Exception):
    """Someone saved this return since the page was opened."""

    def __init__(self, filing: MonthlyFiling) -> None:
        self.filing = filing
        super().__init__("这份月报在别处改过了")


def locked(filing_id: int) -> MonthlyFiling:
    return (
        MonthlyFiling.objects.unscoped("rights are checked on the row once it is locked")
        .select_for_update(of=("self",))
        .select_related("period__county", "kindergarten__organisation")
        .get(pk=filing_id)
    )


def filer(by: User, kindergarten: Kindergarten) -> Membership:
    """The post in which a person may file this kindergarten's returns."""
    post = by.acting
    if (
        post is None
        or not by.can(Permission.FILE_RETURN)
        or post.organisation_id != kindergarten.organisation_id
    ):
        raise PermissionDenied("只有本园的园长和资料员可以填报本园月报。")
    return post


def reviewer(by: User, filing: MonthlyFiling) -> Membership:
    """The post in which a person may review this return."""
    post = by.acting
    if (
        post is None
        or not by.can(Permission.REVIEW_RETURNS)
        or not MonthlyFiling.objects.visible_to(by).filter(pk=filing.pk).exists()
    ):
        raise PermissionDenied("只有所在区县教育局的经办人可以审核这份月报。")
    return post


def pre_reviewer(by: User, filing: MonthlyFiling) -> Membership:
    """The post in which a person looks at this return for its town."""
    post = by.acting
    if (
        post is None
        or not by.can(Permission.PRE_REVIEW_RETURNS)
        or post.organisation.region_id != filing.town_id
    ):
        raise PermissionDenied("只有所在乡镇街道的经办人可以初审这份月报。")
    return post


def check_other_person(filing: MonthlyFiling, version: int, post: Membership, who: str) -> None:
    """Raise NotAllowedNow for whoever submitted the version, or acted for who did."""
    submitted = filing.versions.select_related("submitted_as__deputises_for").get(version=version)
    if not separate(submitted.submitted_as.actor, post.actor):
        raise NotAllowedNow(f"这份月报是您自己提交的，或是您代办的人提交的，要由{who}。")


def check_not_pre_reviewer(filing: MonthlyFiling, version: int, post: Membership) -> None:
    """Raise NotAllowedNow for whoever passed the version on for its town, or acted for who did.

    Two posts of one person, in the town and in the bureau, are one pair of eyes.
    """
    passed = filing.events.filter(action=FilingEvent.Action.PASSED_ON, version=version)
    for event in passed.select_related("done_as__deputises_for"):
        if not separate(event.done_as.actor, post.actor):
            raise NotAllowedNow(
                "这份月报是您自己初审通过的，或是您代办的人初审通过的，要由另一位经办人审核。"
            )


def check_owes(filing: MonthlyFiling) -> None:
    """Raise NotAllowedNow when the kindergarten does not owe this return (any more)."""
    day = filing.period.reference_date
    policies.check_owes_return(selectors.status_on(filing.kindergarten, day), filing.period)


def record(
    filing: MonthlyFiling,
    action: FilingEvent.Action,
    post: Membership,
    now: dt.datetime,
    reason: str = "",
) -> None:
    FilingEvent.objects.create(
        filing=filing, action=action, version=filing.version, at=now, done_as=post, reason=reason
    )


def checked_length(text: str) -> str:
    """A reason without the blanks around it. Raises NotAllowedNow when it is too long."""
    text = text.strip()
    if len(text) > MOST_IN_A_REASON:
        raise NotAllowedNow(
            f"“{text[:10]}…”写了{len(text)}字，每条最多{MOST_IN_A_REASON}字。请删减。"
        )
    return text


def ask_for_figures(filing: MonthlyFiling, now: dt.datetime) -> Job:
    """Coverage moves at every step and figures at acceptance, so each step asks anew."""
    return ask_for_figures_of(county=filing.period.county, month=filing.month, now=now)
