"""Does the state allow it? Whether a return may be filled in now, and if not, why and who helps."""

from __future__ import annotations

import datetime as dt

from accounts.formatting import zhdate, zhdatetime
from kindergartens.calendar.selectors import extension_in_force
from kindergartens.models import KindergartenStatus, MonthlyFiling, ReportingPeriod


class NotAllowedNow(Exception):
    """The state, or what was given, forbids it. The text says why and what to do, in the user's
    words; `field` names the form's field it is about, "" for the whole.
    """

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field


def who_lifts(period: ReportingPeriod) -> str:
    """The office that can let a kindergarten file after the lock, and how it is reached."""
    return f"{period.county}教育局月报经办人"


def check_period_open(
    period: ReportingPeriod, now: dt.datetime, *, kindergarten_id: int | None = None
) -> None:
    """Raise NotAllowedNow before a period opens, and after it locks but for an extension.

    The text says why it is shut, since when, and who can open it. `kindergarten_id`: whose own
    extension lifts the lock.
    """
    month = f"{period.month.year}年{period.month.month}月"
    if now < period.opens_at:
        raise NotAllowedNow(
            f"{month}月报还没有开放，{zhdatetime(period.opens_at, short=True)}起可以填报。"
        )
    if now < period.locks_at:
        return
    if kindergarten_id is None or extension_in_force(kindergarten_id, period.pk, now) is None:
        raise NotAllowedNow(
            f"{month}月报已于{zhdatetime(period.locks_at, short=True)}锁定，不能再交。"
            f"已保存的内容还在；没有计入的，三率里列为未计入。"
            f"要补报或更正，请在“本园月报”里申请延期，急的请联系{who_lifts(period)}办理延期，"
            "延期后在这里接着填。"
        )


def check_owes_return(status: KindergartenStatus | None, period: ReportingPeriod) -> None:
    """Raise NotAllowedNow unless the kindergarten owed this county a return on the date.

    It does when it was registered there, running, and counted (KindergartenStatus.owes_return).
    """
    date = zhdate(period.reference_date)
    if status is None:
        raise NotAllowedNow(f"{date}本园没有在册登记，不用报这个月的月报。如有误，请联系教育局。")
    if status.town.county_id != period.county_id:
        raise NotAllowedNow(
            f"{date}本园在{status.town.county or status.town}，这个月的月报报给那里，"
            f"不报给{period.county}。"
        )
    if status.operating_state != KindergartenStatus.OperatingState.OPERATING:
        raise NotAllowedNow(
            f"{date}本园为“{status.get_operating_state_display()}”，不用报这个月的月报。"
            "如有误，请联系教育局更正办园状态。"
        )
    if not status.owes_return:
        raise NotAllowedNow(
            f"{date}本园登记为不计入在园幼儿，不用报这个月的月报。如有误，请联系教育局。"
        )


def check_may_edit(filing: MonthlyFiling, now: dt.datetime) -> None:
    """A draft or a returned return may be changed and submitted while it is open for it."""
    check_being_filled_in(filing)
    check_period_open(filing.period, now, kindergarten_id=filing.kindergarten_id)


def check_being_filled_in(filing: MonthlyFiling) -> None:
    """Raise NotAllowedNow for a return that waits for review or was accepted.

    What is typed into any other is kept, also after the lock: it counts for nothing until it is
    submitted.
    """
    if filing.state == MonthlyFiling.State.SUBMITTED:
        raise NotAllowedNow("这份月报已提交，正在等审核。要修改，请先撤回。")
    if filing.state == MonthlyFiling.State.ACCEPTED:
        raise NotAllowedNow("这份月报已被接收。发现填错了，请联系教育局退回更正。")


def check_may_withdraw(filing: MonthlyFiling, now: dt.datetime) -> None:
    if filing.state != MonthlyFiling.State.SUBMITTED:
        raise NotAllowedNow("这份月报现在不在审核中，不能撤回。请刷新页面看最新状态。")
    check_period_open(filing.period, now, kindergarten_id=filing.kindergarten_id)


def check_may_review(filing: MonthlyFiling, version_seen: int) -> None:
    """Only a submitted return may be accepted or sent back, and only the version that was read."""
    if filing.state != MonthlyFiling.State.SUBMITTED:
        raise NotAllowedNow(
            f"这份月报现在是“{filing.get_state_display()}”，没有需要审核的内容。请回到队列看最新状态。"
        )
    if filing.version != version_seen:
        raise NotAllowedNow(
            f"您看的是第{version_seen}版，园所已提交第{filing.version}版。请看过新版再审核。"
        )


def check_may_send_back(filing: MonthlyFiling, version_seen: int, now: dt.datetime) -> None:
    """A return goes back only while the kindergarten can still correct it."""
    if filing.state != MonthlyFiling.State.ACCEPTED:
        check_may_review(filing, version_seen)
    elif filing.version != version_seen:
        raise NotAllowedNow("这份月报已有新版。请看过新版再退回。")
    period = filing.period
    if now < period.locks_at or extension_in_force(filing.kindergarten_id, period.pk, now):
        return
    raise NotAllowedNow(
        f"报送期已于{zhdatetime(period.locks_at, short=True)}锁定，退回后园所也改不了。"
        f"要更正，请先由{who_lifts(period)}在“报送期”里给这所园延期，再退回。"
    )
