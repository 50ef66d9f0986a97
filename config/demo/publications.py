"""Two bulletins of the demo, each published before a return was corrected, and their corrections.

Which return was corrected is the demo's story already (stories.Course.CORRECTED); here the figures
are published as they were an hour before that, and again as they are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models import F

from accounts.access.roles import RoleCode
from accounts.history.context import because
from accounts.models import Region, User
from config.demo import kundulun, wuqing
from config.demo.people import add_silent_posts, bureau_of
from config.demo.procedures import DAY, Desk
from config.demo.roster import EVERYBODY
from indicators.models import KindergartenFacts
from indicators.publications.services import prepare, publish
from indicators.services.recompute import recompute

HOUR = dt.timedelta(hours=1)
REASON = "示例：公布以后有幼儿园更正月报，又有幼儿园的月报计入，按现在计入的月报重新公布"
KUNDULUN_LEADER = "kundulun-leader"


def write_publications(*, today: dt.date, now: dt.datetime) -> str:
    county = Region.objects.of_code(kundulun.CODE)
    add_silent_posts([bureau_of(county)], [KUNDULUN_LEADER], RoleCode.BUREAU_LEADER, "昆都仑领导")
    made = sum(
        _bulletin(Desk(code, today=today, now=now), officer, leader)
        for code, officer, leader in (
            (wuqing.CODE, "wuqing-officer", "wuqing-leader"),
            (kundulun.CODE, "kundulun-officer", KUNDULUN_LEADER),
        )
    )
    return f"{made}号"


def _bulletin(desk: Desk, officer: str, leader: str) -> int:
    """How many were published: a bulletin and its correction; none where nothing was corrected."""
    county = Region.objects.of_code(desk.county)
    corrected = _newest_correction(county, desk.now)
    if corrected is None:
        return 0
    month, before = corrected.month, corrected.accepted_at - HOUR
    people = desk.login(officer), desk.login(leader)
    with _as_of(county, month, before, desk.now):
        _published(county, month, people, at=before, reason="")
    _published(county, month, people, at=desk.now - DAY, reason=REASON)
    return 2


def _newest_correction(county: Region, now: dt.datetime) -> KindergartenFacts | None:
    """The later version of the newest return whose children were corrected after it counted."""
    rows = KindergartenFacts.objects.unscoped(EVERYBODY).filter(county=county).current()
    later = rows.filter(
        filing_version__version__gt=1,
        accepted_at__lt=now - 2 * DAY,
        kindergarten__facts__month=F("month"),
        kindergarten__facts__superseded_at__isnull=False,
    ).exclude(kindergarten__facts__enrolled_children=F("enrolled_children"))
    found = later.order_by("-month", "-accepted_at").first()
    return found or rows.filter(
        kindergarten__facts__month=F("month"), kindergarten__facts__superseded_at__isnull=False
    ).order_by("-month", "-accepted_at").first()  # fmt: skip


@contextmanager
def _as_of(
    county: Region, month: dt.date, moment: dt.datetime, now: dt.datetime
) -> Iterator[None]:  # fmt: skip
    """Count the month's returns as they counted at a moment, for as long as this lasts."""
    rows = KindergartenFacts.objects.unscoped(EVERYBODY).filter(county=county, month=month)
    later = list(rows.filter(accepted_at__gt=moment))
    replaced = list(rows.filter(accepted_at__lte=moment, superseded_at__gt=moment))
    with because("演示数据：按公布时计入的月报重算"):
        _end(later, moment)
        _end(replaced, None)
        recompute(month=month, now=moment, county=county)
        yield
        for row in (*replaced, *later):
            _end([row], row.superseded_at)
        recompute(month=month, now=now, county=county)


def _end(rows: list[KindergartenFacts], superseded_at: dt.datetime | None) -> None:
    keys = [row.pk for row in rows]
    KindergartenFacts.objects.unscoped(EVERYBODY).filter(pk__in=keys).update(
        superseded_at=superseded_at
    )


def _published(
    county: Region, month: dt.date, people: tuple[User, User], *, at: dt.datetime, reason: str
) -> None:
    officer, leader = people
    draft = prepare(
        region=county, kind="monthly", month=month, agreed=True, incomplete_reason="",
        reason=reason, by=officer, now=at,
    )  # fmt: skip
    publish(draft_id=draft.pk, digest=draft.digest, by=leader, now=at + HOUR / 2)
