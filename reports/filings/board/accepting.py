"""Accepting several returns in one go: asked for on a page, done by a job, one by one."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.access.permissions import Permission
from accounts.formatting import zhmonth
from accounts.jobs.services import enqueue
from accounts.models import Job, Region, User
from kindergartens.models import MonthlyFiling
from kindergartens.policies import NotAllowedNow
from kindergartens.recompute import ask_for_figures
from reports.filings.board.models import BulkAcceptance
from reports.filings.board.reading import read_through
from reports.filings.services import accept_without_figures

JOB_KIND = "accept-returns"
MOST_AT_ONCE = 500
Progress = Callable[[int, int, str], None]
ALREADY_DONE = "what an earlier delivery of this very job did"
ONCE_SEEN = "names of kindergartens whose returns the person saw when asking"
GONE = "已不在您的范围内。请由现在所在区县的经办人审核"


class NothingToAccept(Exception):
    """No return was named; the text says so."""


@transaction.atomic
def ask_to_accept(*, month: dt.date, seen: Mapping[int, int], by: User, now: dt.datetime) -> Job:
    """Queue the acceptance of returns in the versions that were seen.

    The same list that still waits for the same person is not queued twice. Raises PermissionDenied
    and NothingToAccept; what else is against a return is found by the job, and named there.
    """
    post = by.acting
    if post is None or not by.can(Permission.REVIEW_RETURNS):
        raise PermissionDenied("只有所在区县教育局的经办人可以接收月报。")
    visible = set(
        MonthlyFiling.objects.visible_to(by)
        .filter(pk__in=seen, month=month)
        .values_list("pk", flat=True)
    )
    returns = [[pk, version] for pk, version in sorted(seen.items()) if pk in visible]
    if not returns:
        raise NothingToAccept("还没有勾选月报，没有接收。")
    digest = hashlib.sha256(repr(returns).encode()).hexdigest()[:16]
    return enqueue(
        kind=JOB_KIND,
        key=f"{JOB_KIND}:{post.pk}:{month:%Y-%m}:{digest}",
        title=f"接收{zhmonth(month)}月报{len(returns)}份",
        arguments={"month": month.isoformat(), "returns": returns},
        requested_as=post,
        now=now,
    )


@transaction.atomic
def accept_each(
    *,
    job: Job,
    month: dt.date,
    seen: Sequence[tuple[int, int]],
    by: User,
    now: dt.datetime,
    progress: Progress,
) -> BulkAcceptance:
    """Accept each return that is still as it was seen; the others are named with their reason.

    Every one is named, those too that the person may not see any more. Once: a second delivery of
    the job finds what the first one did. Figures are asked for once for each county.
    """
    made = BulkAcceptance.objects.unscoped(ALREADY_DONE).filter(job=job).first()
    if made is not None:
        return made
    assert by.acting is not None  # noqa: S101 - a job's requester acts in a post
    found = {
        filing.pk: filing
        for filing in MonthlyFiling.objects.visible_to(by)
        .filter(pk__in=[pk for pk, _ in seen])
        .select_related("kindergarten", "period__county")
    }
    lost = [pk for pk, _ in seen if pk not in found]
    gone = dict(
        MonthlyFiling.objects.unscoped(ONCE_SEEN)
        .filter(pk__in=lost)
        .values_list("pk", "kindergarten__name")
    )
    waiting = [one for one in found.values() if one.state == MonthlyFiling.State.SUBMITTED]
    to_read = {one.filing.pk: one.reasons for one in read_through(waiting)}
    results: list[list[int | str]] = []
    counties: dict[int, Region] = {}
    for number, (pk, version) in enumerate(seen, start=1):
        filing = found.get(pk)
        if filing is None:
            results.append([pk, version, gone[pk], GONE])
            continue
        progress(number - 1, len(seen), filing.kindergarten.name)
        reason = _accept_one(filing, version, to_read.get(pk, ()), by, now)
        results.append([pk, version, filing.kindergarten.name, reason])
        if not reason:
            counties[filing.period.county_id] = filing.period.county
    for county in counties.values():
        ask_for_figures(county=county, month=month, now=now)
    accepted = sum(not one[3] for one in results)
    left_out = len(results) - accepted
    progress(
        len(seen), len(seen), f"已接收{accepted}份" + (f"，{left_out}份没有接收" * bool(left_out))
    )
    return BulkAcceptance.objects.create(
        job=job, month=month, accepted_as=by.acting, accepted_at=now, results=results
    )


def _accept_one(
    filing: MonthlyFiling, version: int, to_read: tuple[str, ...], by: User, now: dt.datetime
) -> str:
    """Why it was not accepted; empty when it was."""
    # What last month's return says may have changed since the page was read.
    if to_read and filing.version == version:
        return f"要看过再接收：{'、'.join(to_read)}。请逐份审核。"
    try:
        accept_without_figures(filing_id=filing.pk, version_seen=version, by=by, now=now)
    except NotAllowedNow as refusal:
        return str(refusal)
    return ""
