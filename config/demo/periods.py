"""One month of one kindergarten in 武清区 that may be filed after the lock."""

from __future__ import annotations

import datetime as dt

from accounts.access.acting import choose_membership
from accounts.models import User
from config.demo import wuqing
from kindergartens.calendar import rules, selectors, services
from kindergartens.calendar.published import working_calendar
from kindergartens.models import ReportingPeriod

DAYS = 3


def add_extension(*, today: dt.date, now: dt.datetime) -> str:
    """Let the first kindergarten that is missing in the newest such locked month file now."""
    officer = User.objects.get(username="wuqing-officer")
    choose_membership(officer, None, today=today)
    until = services.at(rules.add_working_days(today, DAYS, working_calendar()), services.EVENING)
    for period in ReportingPeriod.objects.filter(county__code=wuqing.CODE, locks_at__lt=now):
        missing = selectors.owed_returns(officer, period, now=now).filter(is_filed=False).first()
        if missing is not None:
            services.grant_extension(
                period_id=period.pk,
                kindergarten=missing.kindergarten,
                until=until,
                reason="园长住院，资料员刚到岗，当时没有报出",
                by=officer,
                now=now,
            )
            return f"{missing.kindergarten.name}{period.month:%Y年%-m月}"
    return "没有缺报的月份"
