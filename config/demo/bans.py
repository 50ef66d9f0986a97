"""Three people on Wuqing's list of the barred, all invented: one nowhere employed, one still in a post,
one in a post that has to end before the ban begins.
"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from stdnum.cn import ric

from accounts.access.roles import RoleCode
from accounts.models import Membership
from config.demo import wuqing
from staffing.models import Appointment, EmploymentBan, IdentifierType, Post
from staffing.models.bans import next_ban_key

EVERYBODY = "the demo lists one of everybody"
# A resident of a county that does not exist.
NOBODY = "65990019870228"


def write_bans(anchor: dt.date) -> str:
    officer = (
        Membership.objects.filter(
            organisation__region__code=wuqing.CODE, role=RoleCode.BUREAU_OFFICER
        )
        .select_related("organisation")
        .order_by("pk")
        .first()
    )
    carers = list(
        Appointment.objects.unscoped(EVERYBODY)
        .held_on(anchor)
        .filter(
            post=Post.CHILDCARE_WORKER,
            kindergarten__organisation__region__county__code=wuqing.CODE,
        )
        .select_related("person")
        .order_by("pk")[:2]
    )
    if officer is None or len(carers) < 2:
        return "0人"
    carer, leaving = (one.person for one in carers)
    last_week = anchor - dt.timedelta(days=7)
    body = f"{NOBODY}002"
    listed = [
        (
            "示例人员甲", body + ric.calc_check_digit(body + "0"), "abuse", dt.date(2025, 9, 12),
            dt.date(2025, 9, 12), None,
        ),
        (
            carer.name, str(carer.number), "corporal_punishment", last_week, last_week,
            last_week.replace(day=1) + dt.timedelta(days=3 * 365),
        ),
        (
            leaving.name, str(leaving.number), "humiliation", last_week,
            anchor + dt.timedelta(days=20), anchor + dt.timedelta(days=20 + 365),
        ),
    ]  # fmt: skip
    for at, (name, number, ground, decided, since, until) in enumerate(listed, start=1):
        EmploymentBan(
            pk=next_ban_key(), county=officer.organisation.region, name=name, number=number,
            identifier_type=IdentifierType.RESIDENT_ID, ground=ground,
            document=f"示例教罚〔{decided.year}〕{at}号", document_date=decided, barred_from=since,
            barred_until=until, entered_as=officer,
            entered_at=timezone.make_aware(dt.datetime.combine(decided, dt.time(10))),
        ).save(force_insert=True)  # fmt: skip
    return f"{len(listed)}人"
