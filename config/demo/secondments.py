"""The demo's teachers who work for a year or two in another kindergarten of their county."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict

from django.utils import timezone

from accounts.access.roles import RoleCode
from accounts.models import Membership
from config.demo.roster import EVERYBODY
from kindergartens.models import Kindergarten
from staffing.models import Appointment, Secondment

# Every so many invented public kindergartens of the register one sends teachers.
SENDS = 6
MOST_SENDERS = 8
DOCUMENT = "示例：教育局关于幼儿园结对帮扶和教师轮岗的通知"


def write_secondments(rng: random.Random, county: str, day: dt.date) -> str:
    """Since September of the last two school years; of some the year is over."""
    officer = (
        Membership.objects.filter(organisation__region__code=county, role=RoleCode.BUREAU_OFFICER)
        .order_by("pk")
        .first()
    )
    teachers: dict[int, list[Appointment]] = defaultdict(list)
    autumn = dt.date(day.year if day.month >= 9 else day.year - 1, 9, 1)
    held = Appointment.objects.unscoped(EVERYBODY).filter(
        kindergarten__organisation__region__county__code=county,
        kindergarten__is_example=True,
        post="full_time_teacher",
        establishment="established",
        started_on__lt=autumn.replace(year=autumn.year - 1),
        ended_on__isnull=True,
    )
    for post in held.order_by("kindergarten__code", "pk"):
        teachers[post.kindergarten_id].append(post)
    receivers = list(
        Kindergarten.objects.unscoped(EVERYBODY)
        .filter(organisation__region__county__code=county, is_example=True)
        .order_by("code")
    )
    if officer is None or len(receivers) < 2:
        return "0人"
    rows = []
    for kindergarten in list(teachers)[::SENDS][:MOST_SENDERS]:
        others = [one for one in receivers if one.pk != kindergarten]
        for at, post in enumerate(teachers[kindergarten][: rng.randint(1, 3)]):
            began = autumn.replace(year=autumn.year - at % 2)
            rows.append(
                Secondment(
                    person_id=post.person_id,
                    sender_id=kindergarten,
                    receiver=rng.choice(others),
                    purpose=Secondment.Purpose.ROTATION if at % 2 else Secondment.Purpose.PAIRING,
                    started_on=began,
                    ended_on=dt.date(autumn.year, 7, 1) if at % 2 else None,
                    document=DOCUMENT,
                    entered_as=officer,
                    entered_at=timezone.make_aware(dt.datetime.combine(began, dt.time(10))),
                )
            )
    Secondment.objects.bulk_create(rows)
    return f"{len(rows)}人次"
