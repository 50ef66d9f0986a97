"""A run over many months: one unit a month, each committed with its mark, so that it can go on.

Every unit is a job of its own that queues the next one behind whatever else waits: a return that is
accepted meanwhile is summed between two months, and a worker that dies costs one month.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import IntegrityError, transaction

from accounts.jobs.services import enqueue
from accounts.models import Job, Membership, Region
from indicators.models import RecomputeRun, RegionFacts
from indicators.services import registers, rulings
from indicators.services.recompute import recompute
from indicators.services.staffing import judge_again
from indicators.services.verify import verify_month
from kindergartens.models import ReportingPeriod

KIND = "walk-figures"
Purpose = RecomputeRun.Purpose
State = RecomputeRun.State
THE_PORTALS_OWN = "runs are the portal's own work; pages show them by visible_to"
# A run that stopped longer ago is begun anew: what its first months said may have changed.
GOES_ON_WITHIN = dt.timedelta(hours=24)
# What came of single returns is told for a quarter; what somebody asked for or decided, three years.
KEPT = {
    Purpose.EVENT: dt.timedelta(days=92),
    Purpose.NIGHTLY: dt.timedelta(days=92),
    Purpose.BY_HAND: dt.timedelta(days=3 * 365),
    Purpose.VERIFICATION: dt.timedelta(days=3 * 365),
    Purpose.REPAIR: dt.timedelta(days=3 * 365),
}


def months_with_figures(*, now: dt.datetime) -> list[dt.date]:
    """Every month of which rows are stored or should be, the oldest first."""
    stored = RegionFacts.objects.unscoped(THE_PORTALS_OWN).order_by("month").distinct()
    periods = ReportingPeriod.objects.unscoped(THE_PORTALS_OWN).filter(opens_at__lte=now)
    return sorted(
        {*stored.values_list("month", flat=True), *periods.values_list("month", flat=True)}
    )


def begin(
    *,
    purpose: RecomputeRun.Purpose,
    months: Sequence[dt.date],
    now: dt.datetime,
    region: Region | None = None,
    asked_as: Membership | None = None,
) -> RecomputeRun:
    """A run over these months, or the unfinished one over the same, which then goes on.

    One is under way at a time for each purpose and region; an older one over other months ends.
    Of a verification `region` is a province, of a run by hand a county.
    """
    with transaction.atomic():
        same = RecomputeRun.objects.unscoped(THE_PORTALS_OWN).filter(purpose=purpose, region=region)
        last = same.select_for_update().order_by("-began_at").first()
        if last is not None and last.state != State.DONE:
            if last.months == list(months) and now - last.began_at < GOES_ON_WITHIN:
                last.state, last.finished_at, last.error = State.RUNNING, None, ""
                last.save()
                return last
            if last.state == State.RUNNING:
                _end(last, State.FAILED, now, "没有做完，已由新的一次代替。")
        try:
            with transaction.atomic():
                return RecomputeRun.objects.create(
                    purpose=purpose, region=region, months=list(months), began_at=now,
                    asked_as=asked_as,
                )  # fmt: skip
        except IntegrityError:
            # Somebody else began it at the same moment.
            return same.get(state=State.RUNNING)


@transaction.atomic
def take_step(*, run_id: int, now: dt.datetime) -> RecomputeRun:
    """Do the next month of a run and mark it done, both or neither. Harmless when nothing is left."""
    run = RecomputeRun.objects.select_for_update().get(pk=run_id)
    if run.done < len(run.months):
        month = run.months[run.done]
        if run.purpose == Purpose.VERIFICATION:
            outcome = verify_month(run=run, month=month, now=now, province=run.region)
            run.drifted += outcome.found
            run.rows += outcome.written
        else:
            judge_again(month=month, county=run.region)
            registers.look_again(month=month, county=run.region)
            rulings.look_again(month=month, county=run.region)
            run.rows += recompute(month=month, now=now, county=run.region)
        run.done += 1
        run.state, run.finished_at, run.error = State.RUNNING, None, ""
    if run.done == len(run.months):
        _end(run, State.DONE, run.finished_at or now)
    else:
        run.save()
    return run


def _end(run: RecomputeRun, state: RecomputeRun.State, now: dt.datetime, error: str = "") -> None:
    run.state, run.finished_at, run.error = state, now, error
    run.save()


def ask_for_step(run: RecomputeRun, *, now: dt.datetime) -> Job:
    """Queue the next month of a run; belongs in a transaction. One that waits already is returned."""
    return enqueue(
        kind=KIND,
        key=f"{KIND}:{run.pk}",
        title=f"{run.get_purpose_display()}{run.region or '全部地区'}的指标",
        arguments={"run": run.pk},
        requested_as=None,
        county=None,
        now=now,
    )


@transaction.atomic
def start_verification(
    *, now: dt.datetime, province: Region | None = None, asked_as: Membership | None = None
) -> RecomputeRun:
    """Begin to verify every month in the background, or go on where the last one stopped."""
    run = begin(
        purpose=Purpose.VERIFICATION, months=months_with_figures(now=now), now=now,
        region=province, asked_as=asked_as,
    )  # fmt: skip
    ask_for_step(run, now=now)
    return run


def give_up(*, run_id: int, reason: str, now: dt.datetime) -> None:
    """Say that a run stopped and why; begun again on the same day, it goes on from there."""
    run = RecomputeRun.objects.filter(pk=run_id, state=State.RUNNING).first()
    if run is not None:
        _end(run, State.FAILED, now, reason)


def note_event(
    *,
    county: Region,
    months: Sequence[dt.date],
    began_at: dt.datetime,
    now: dt.datetime,
    rows: int = 0,
    nightly: bool = False,
    error: str = "",
) -> None:
    """One row for a recomputation that is over: of a county, however many months and regions."""
    RecomputeRun.objects.create(
        purpose=Purpose.NIGHTLY if nightly else Purpose.EVENT,
        region=county,
        months=list(months),
        done=0 if error else len(months),
        began_at=began_at,
        finished_at=now,
        rows=rows,
        state=State.FAILED if error else State.DONE,
        error=error,
    )


def forget_old(*, now: dt.datetime) -> int:
    """Remove runs whose time is over, but those that a difference was found by. How many."""
    gone = 0
    for purpose, kept in KEPT.items():
        rows = RecomputeRun.objects.filter(
            purpose=purpose, began_at__lt=now - kept, drifts__isnull=True
        )
        gone += rows.delete()[0]
    return gone
