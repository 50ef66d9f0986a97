"""Asking for figures from below: the job is the indicators', known here by its kind."""

from __future__ import annotations

import datetime as dt

from accounts.jobs.services import enqueue
from accounts.models import Job, Region

KIND = "recompute-figures"


def ask_for_figures(
    *, county: Region, month: dt.date, now: dt.datetime, nightly: bool = False
) -> Job:
    """Queue the recomputation of a county from a month on; one that waits already is returned.

    Belongs in the transaction of what made it necessary. The job is the portal's own: whoever
    reads the county's figures may see how it goes. `nightly`: nothing happened, it is only due.
    """
    return enqueue(
        kind=KIND,
        key=f"{KIND}:{county.pk}:{month:%Y-%m}",
        title=f"重算{county.name}{month.year}年{month.month}月三率",
        arguments={"county": county.pk, "month": month.isoformat()}
        | ({"nightly": True} if nightly else {}),
        requested_as=None,
        county=county,
        now=now,
    )
