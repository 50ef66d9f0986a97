"""School buses of 昆都仑区: invented ones of the kindergartens whose returns answer about a bus."""

from __future__ import annotations

import datetime as dt
from zlib import crc32

from accounts.access.roles import RoleCode
from accounts.models import Membership
from config.demo import kundulun
from config.demo.safety import BUS
from kindergartens.models import Kindergarten
from safety.models import SchoolBus

EVERYBODY = "the demo writes everybody's"
DAY = dt.timedelta(days=1)


def write_buses(*, today: dt.date, now: dt.datetime) -> str:
    posts = {
        post.organisation_id: post
        for post in Membership.objects.filter(
            organisation__region__county__code=kundulun.CODE, role=RoleCode.DIRECTOR
        ).order_by("-pk")
    }
    places = Kindergarten.objects.unscoped(EVERYBODY).filter(
        organisation__region__county__code=kundulun.CODE, is_example=True
    )
    with_bus = [
        place
        for place in places.order_by("code")
        if crc32(place.code.encode()) % BUS == 0 and place.organisation_id in posts
    ]
    rows = [
        _bus(place, posts[place.organisation_id], number, today, now)
        for number, place in enumerate(with_bus, 1)
    ]
    SchoolBus.objects.bulk_create(rows)
    return f"{len(rows)}辆"


def _bus(
    place: Kindergarten, post: Membership, number: int, today: dt.date, now: dt.datetime
) -> SchoolBus:
    """Every few one whose permit is over or ends soon, or that nobody checks for the last child."""
    seed = crc32(f"bus:{place.code}".encode())
    left = {2: -20, 4: 25}.get(number % 6, 210 + seed % 150)
    return SchoolBus(
        kindergarten=place,
        # Letters that this city's plates do not begin with.
        plate=f"蒙Z{number:04d}学",
        seats=19 + seed % 3 * 9,
        permit=f"示例许可{number:04d}",
        permit_until=today + left * DAY,
        driver_until=today + (90 + seed % 500) * DAY,
        last_check=("device", "record", "record", "none")[number // 2 % 4],
        checked_on=today - (120 + seed % 40) * DAY,
        rechecked_on=today - (60 + seed % 40) * DAY,
        entered_as=post,
        entered_at=now - 30 * DAY,
    )
