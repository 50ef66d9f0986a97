"""What every step of a return begins and ends with: the locked row, the post, the record, the figures."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied

from accounts.access.permissions import Permission
from accounts.models import Job, Membership, User
from kindergartens import policies
from kindergartens.models import FilingEvent, Kindergarten, MonthlyFiling
from kindergartens.recompute import ask_for_figures as ask_for_figures_of
from reports.filings import selectors


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


def check_owes(filing: MonthlyFiling) -> None:
    """Raise NotAllowedNow when the kindergarten does not owe this return (any more)."""
    day = filing.period.reference_date
    policies.check_owes_return(selectors.status_on(filing.kindergarten, day), filing.period)


def record(
    filing: MonthlyFiling, action: FilingEvent.Action, post: Membership, now: dt.datetime
) -> None:
    FilingEvent.objects.create(
        filing=filing, action=action, version=filing.version, at=now, done_as=post
    )


def ask_for_figures(filing: MonthlyFiling, now: dt.datetime) -> Job:
    """Coverage moves at every step and figures at acceptance, so each step asks anew."""
    return ask_for_figures_of(county=filing.period.county, month=filing.month, now=now)
