"""Issuing the circular of a week, and putting an issued one right by a new one."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.access.permissions import Permission
from accounts.access.posts import acting_with
from accounts.access.scope import home_region
from accounts.formatting import zhdate
from accounts.history.context import because
from accounts.models import Region, User
from safety.models import PatrolCircular
from safety.patrols.services.refusal import PatrolRefused
from safety.patrols.week import WEEK, week_figures


@transaction.atomic
def issue_circular(
    *, monday: dt.date, by: User, now: dt.datetime, reason: str = ""
) -> PatrolCircular:
    """周通报 of the own county's week, with its figures as of now and the next number of the year.

    Where the week has one already, the new one corrects it and needs a `reason`. Raises
    PatrolRefused while the week is not over, for a week without a patrol, without a reason for a
    correction, and where nothing would be corrected; PermissionDenied elsewhere than in a county.
    """
    post = acting_with(by, Permission.DECIDE_SAFETY)
    county = home_region(by)
    if county is None or county.level != Region.Level.COUNTY:
        raise PermissionDenied("周通报由区县教育局签发。")
    today = timezone.localdate(now)
    if today <= monday + WEEK:
        raise PatrolRefused(f"这一周到{zhdate(monday + WEEK)}才结束，结束后再签发。")
    # Two who issue at once come one after the other, and each gets a number of its own.
    Region.objects.select_for_update(no_key=True).get(pk=county.pk)
    figures = week_figures(by, monday)
    if not figures["patrols"]:
        raise PatrolRefused("这一周没有巡查记录，没有可以通报的。请先登记巡查。")
    issued = PatrolCircular.objects.visible_to(by).filter(county=county)
    corrects = issued.filter(monday=monday, corrected_by__isnull=True).first()
    if corrects is not None:
        if not reason:
            raise PatrolRefused(f"这一周已签发{corrects}。要更正的，请写明更正原因。", "reason")
        if corrects.figures == figures:
            raise PatrolRefused(f"现在的数和{corrects}一样，没有要更正的。")
    number = issued.filter(year=today.year).aggregate(last=Max("number"))["last"] or 0
    with because(reason or "签发周通报"):
        return PatrolCircular.objects.create(
            county=county,
            monday=monday,
            year=today.year,
            number=number + 1,
            issued_as=post,
            issued_at=now,
            corrects=corrects,
            reason=reason if corrects is not None else "",
            figures=figures,
        )
