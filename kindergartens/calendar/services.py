"""What a bureau does with its months: open them, move their dates, let one kindergarten file later."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import asdict

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.access.permissions import Permission
from accounts.formatting import zhdatetime, zhmonth
from accounts.history.context import because, giving_reason
from accounts.models import Membership, Region, User
from kindergartens.calendar import rules, selectors
from kindergartens.calendar.published import working_calendar
from kindergartens.calendar.rules import PeriodDates, PeriodDays, PeriodTimes, PreReview
from kindergartens.models import (
    ExtensionRequest,
    FilingExtension,
    Kindergarten,
    PeriodRule,
    PreReviewRule,
    ReportingPeriod,
)
from kindergartens.policies import NotAllowedNow, check_owes_return
from kindergartens.recompute import ask_for_figures
from kindergartens.stamps import CHANGED_SINCE, stamp_of

DATES = ("reference_date", "opens_at", "due_at", "locks_at")
RULE = ("reference_day", "opens_day", "due_after", "locks_after")
MORNING, EVENING = dt.time(8, 0), dt.time(18, 0)


class PeriodRefused(NotAllowedNow):
    """It cannot be done; `field` is where, the text says why and what to do."""


def _manager(by: User, county_id: int) -> Membership:
    """The post in which a person sets the periods of a county."""
    post = by.acting
    if (
        post is None
        or not by.can(Permission.MANAGE_PERIODS)
        or post.organisation.region_id != county_id
    ):
        raise PermissionDenied("只有所在区县教育局的经办人可以设置报送期和延期。")
    return post


def at(day: dt.date, time: dt.time) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, time))


# ---- the county's rule --------------------------------------------------------------------------


def rule_stamp(times: PeriodTimes) -> str:
    """Another stamp: somebody changed the rule since the form was opened."""
    return hashlib.sha256(repr(asdict(times)).encode()).hexdigest()[:20]


@transaction.atomic
@giving_reason
def set_rule(*, county: Region, times: PeriodTimes, reason: str, seen: str, by: User) -> PeriodRule:
    """Set how the county's months are computed from now on; months that are there stay.

    `seen` is the stamp of the rule the person started from. Raises PeriodRefused.
    """
    _manager(by, county.pk)
    Region.objects.select_for_update(of=("self",)).get(pk=county.pk)
    if seen != rule_stamp(selectors.times_of(county)):
        raise PeriodRefused(CHANGED_SINCE)
    problem = rules.times_problem(times)
    if problem:
        raise PeriodRefused(problem, "opens_day")
    own = PeriodRule.objects.unscoped(selectors.OF_THE_OWN_COUNTY)
    rule, _ = own.update_or_create(county=county, defaults=asdict(times))
    return rule


# ---- pre-review by the towns --------------------------------------------------------------------


def pre_review_stamp(decided: Sequence[PreReview]) -> str:
    """Another stamp: somebody decided since the form was opened."""
    return hashlib.sha256(repr([asdict(one) for one in decided]).encode()).hexdigest()[:20]


@transaction.atomic
@giving_reason
def set_pre_review(
    *, county: Region, wanted: PreReview, reason: str, seen: str, by: User, now: dt.datetime
) -> PreReviewRule:
    """Decide whether the towns look at returns first, from a month on that is not locked.

    Returns that wait for the bureau wait for their town from then on, and the reverse. `seen` is
    the stamp of what was decided before. Raises PeriodRefused.
    """
    post = _manager(by, county.pk)
    Region.objects.select_for_update(of=("self",)).get(pk=county.pk)
    decided = selectors.pre_reviews_decided(county)
    if seen != pre_review_stamp(decided):
        raise PeriodRefused(CHANGED_SINCE)
    months = rules.pre_review_months(selectors.first_unlocked(county, now), timezone.localdate(now))
    if wanted.from_month not in months:
        raise PeriodRefused("请选择还没有锁定的月份。", "from_month")
    holding = rules.pre_reviews_in_force(decided)
    if rules.pre_reviews_in_force([*decided, wanted]) == holding:
        raise PeriodRefused(
            f"{zhmonth(wanted.from_month)}起已经{'要' if wanted.is_on else '不用'}乡镇初审，不用再设。",
            "is_on",
        )
    return PreReviewRule.objects.create(
        county=county, from_month=wanted.from_month, is_on=wanted.is_on, reason=reason,
        set_as=post, set_at=now,
    )  # fmt: skip


# ---- opening months -----------------------------------------------------------------------------


def proposed(county: Region, today: dt.date) -> list[PeriodDays]:
    """The months that may be opened next, by the county's rule, oldest first."""
    times = selectors.times_of(county)
    months = rules.months_to_open(selectors.newest_period(county), today)
    return [rules.period_days(month, times, working_calendar(), today) for month in months]


def days_stamp(days: Sequence[PeriodDays]) -> str:
    """Another stamp: what would be opened is no longer what the person saw."""
    return hashlib.sha256(repr([asdict(one) for one in days]).encode()).hexdigest()[:20]


@transaction.atomic
def open_periods(
    *, county: Region, until: dt.date, seen: str, by: User, now: dt.datetime
) -> list[ReportingPeriod]:
    """Open the proposed months up to `until`, which is one of them, as they were seen.

    `seen` is the stamp of all that was proposed. Raises PeriodRefused when the proposal has
    changed since (a colleague opened them, the rule or the day is another).
    """
    _manager(by, county.pk)
    # One at a time: two colleagues do not open the same months.
    Region.objects.select_for_update(of=("self",)).get(pk=county.pk)
    today = timezone.localdate(now)
    days = proposed(county, today)
    if seen != days_stamp(days):
        raise PeriodRefused(
            "您打开以后，报送期或规则有了变化，这次没有开设。请看过下面现在的日期再确认。"
        )
    chosen = [one for one in days if one.month <= until]
    if not chosen or chosen[-1].month != until:
        raise PeriodRefused("请选择开设到哪个月。", "until")
    with because("按规则开设"):
        made = [
            ReportingPeriod.objects.create(
                county=county,
                month=one.month,
                reference_date=one.reference_date,
                opens_at=now if one.opens_on <= today else at(one.opens_on, MORNING),
                due_at=at(one.due_on, EVENING),
                locks_at=at(one.locks_on, EVENING),
            )
            for one in chosen
        ]
    for period in made:
        if period.opens_at <= now:
            ask_for_figures(county=county, month=period.month, now=now)
    return made


def _locked(period_id: int, by: User) -> ReportingPeriod:
    return (
        ReportingPeriod.objects.visible_to(by)
        .select_for_update(of=("self",))
        .select_related("county")
        .get(pk=period_id)
    )


def dates_of(period: ReportingPeriod) -> PeriodDates:
    return PeriodDates(*(getattr(period, name) for name in DATES))


@transaction.atomic
@giving_reason
def change_period(
    *, period_id: int, wanted: PeriodDates, reason: str, seen: str, by: User, now: dt.datetime
) -> ReportingPeriod:
    """Move the dates of a period: all of them before it opens, due and lock while it runs.

    `seen` is the stamp of DATES the person started from. Raises PeriodRefused.
    """
    period = _locked(period_id, by)
    _manager(by, period.county_id)
    if seen != stamp_of(period, DATES):
        raise PeriodRefused(CHANGED_SINCE)
    field, problem = rules.change_problem(dates_of(period), wanted, now)
    if not problem:
        field, problem = rules.dates_problem(period.month, wanted)
    if problem:
        raise PeriodRefused(problem, field)
    for name in DATES:
        setattr(period, name, getattr(wanted, name))
    period.save(update_fields=DATES)
    return period


# ---- one kindergarten's month -------------------------------------------------------------------


@transaction.atomic
@giving_reason
def grant_extension(
    *,
    period_id: int,
    kindergarten: Kindergarten,
    until: dt.datetime,
    reason: str,
    by: User,
    now: dt.datetime,
) -> FilingExtension:
    """Let one kindergarten file one month after its lock, until its own end.

    Raises PeriodRefused when the kindergarten owes no such return, or the time makes no sense.
    """
    period = _locked(period_id, by)
    post = _manager(by, period.county_id)
    status = selectors.status_owed_by(kindergarten, period)
    try:
        check_owes_return(status, period)
    except NotAllowedNow as refusal:
        raise PeriodRefused(f"不能延期：{refusal}") from None
    assert status is not None  # noqa: S101 - checked just above
    if now < period.opens_at:
        raise PeriodRefused(
            f"{zhmonth(period.month)}月报{zhdatetime(period.opens_at)}才开放。要改时间，请改报送期。"
        )
    latest = selectors.extension_in_force(kindergarten.pk, period.pk, now)
    problem = rules.extension_problem(
        until=until,
        locks_at=period.locks_at,
        latest=latest.until if latest else None,
        now=now,
    )
    if problem:
        raise PeriodRefused(problem, "until")
    extension = FilingExtension.objects.create(
        kindergarten=kindergarten,
        period=period,
        town=status.town,
        until=until,
        reason=reason,
        granted_as=post,
        granted_at=now,
    )
    # Whether it was granted from the question or beside it: the question has its answer.
    kindergarten.extension_requests.waiting().filter(period=period).update(
        answered_as=post, answered_at=now, extension=extension
    )
    return extension


@transaction.atomic
@giving_reason
def ask_for_extension(
    *, period_id: int, kindergarten: Kindergarten, reason: str, by: User, now: dt.datetime
) -> ExtensionRequest:
    """A director or clerk asks that the own kindergarten may file a locked month after all.

    Raises PeriodRefused when it can file without, owes no such return, or has asked already.
    """
    post = by.acting
    if (
        post is None
        or not by.can(Permission.FILE_RETURN)
        or post.organisation_id != kindergarten.organisation_id
    ):
        raise PermissionDenied("只有本园的园长和资料员可以为本园申请延期。")
    # One at a time: two presses are one question.
    period = (
        ReportingPeriod.objects.unscoped("of a county in which the own kindergarten was")
        .select_for_update(of=("self",), no_key=True)
        .select_related("county")
        .get(pk=period_id)
    )
    status = selectors.status_owed_by(kindergarten, period)
    try:
        check_owes_return(status, period)
    except NotAllowedNow as refusal:
        raise PeriodRefused(str(refusal)) from None
    assert status is not None  # noqa: S101 - checked just above
    month = zhmonth(period.month)
    if now < period.locks_at:
        raise PeriodRefused(f"{month}月报{zhdatetime(period.locks_at)}才锁定，现在可以直接填报。")
    extension = selectors.extension_in_force(kindergarten.pk, period.pk, now)
    if extension is not None:
        raise PeriodRefused(f"{month}月报已延期到{zhdatetime(extension.until)}，可以直接填报。")
    waiting = kindergarten.extension_requests.waiting().filter(period=period).first()
    if waiting is not None:
        raise PeriodRefused(f"{zhdatetime(waiting.asked_at)}已经申请过，正在等教育局答复。")
    return ExtensionRequest.objects.create(
        kindergarten=kindergarten,
        period=period,
        town=status.town,
        reason=reason,
        asked_as=post,
        asked_at=now,
    )


@transaction.atomic
@giving_reason
def refuse_extension(
    *, request_id: int, reason: str, by: User, now: dt.datetime
) -> ExtensionRequest:
    """Say no to a question, with the reason that the kindergarten reads. Raises PeriodRefused."""
    request = (
        ExtensionRequest.objects.visible_to(by)
        .select_for_update(of=("self",))
        .select_related("period", "kindergarten", "answered_as__user")
        .get(pk=request_id)
    )
    post = _manager(by, request.period.county_id)
    if request.answered_at is not None and request.answered_as is not None:
        raise PeriodRefused(
            f"{request.answered_as.user.full_name}已于{zhdatetime(request.answered_at)}"
            f"{'批准' if request.extension_id else '答复不同意'}，不用再办。"
        )
    request.answered_as, request.answered_at, request.answer = post, now, reason
    request.save(update_fields=["answered_as", "answered_at", "answer"])
    return request


@transaction.atomic
@giving_reason
def revoke_extension(
    *, extension_id: int, reason: str, by: User, now: dt.datetime
) -> FilingExtension:
    """End an extension before its time. What was filed in it stays. Raises PeriodRefused."""
    extension = (
        FilingExtension.objects.visible_to(by)
        .select_for_update(of=("self",))
        .select_related("period", "kindergarten")
        .get(pk=extension_id)
    )
    post = _manager(by, extension.period.county_id)
    if extension.revoked_at is not None:
        raise PeriodRefused(f"这次延期已于{zhdatetime(extension.revoked_at)}撤销。")
    if extension.until <= now:
        raise PeriodRefused(f"这次延期已于{zhdatetime(extension.until)}到期，不用撤销。")
    extension.revoked_as, extension.revoked_at, extension.revoked_reason = post, now, reason
    extension.save(update_fields=["revoked_as", "revoked_at", "revoked_reason"])
    return extension
