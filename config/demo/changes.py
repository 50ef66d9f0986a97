"""Most of Wuqing's changes of directors and teachers are filed in time, some of them confirmed."""

from __future__ import annotations

import datetime as dt

from config.demo import wuqing
from config.demo.procedures import DAY, Desk
from kindergartens.models import Kindergarten
from kindergartens.procedures import services
from staffing.changes.rules import FILED_AS
from staffing.changes.selectors import Unfiled, unfiled
from staffing.models import Appointment, Post

EVERYBODY = "the demo files everybody's"
# Filed so many days after the change, and checked so many days later.
FILED_AFTER, CHECKED_AFTER = 12, 3
# Of four kindergartens one has not filed, one waits to be confirmed.
OF, UNFILED, WAITING = 4, 3, 2


def write_changes(*, today: dt.date, now: dt.datetime) -> str:
    desk = Desk(wuqing.CODE, today=today, now=now)
    officer = desk.login("wuqing-officer")
    posts = Appointment.objects.unscoped(EVERYBODY).filter(
        kindergarten__organisation__region__county__code=wuqing.CODE
    )
    filed = 0
    for post, code in FILED_AS.items():
        found = unfiled(posts, post, today)
        places = (
            Kindergarten.objects.unscoped(EVERYBODY)
            .filter(pk__in=found)
            .exclude(procedures__kind=code)
            .select_related("organisation__region__county")
            .order_by("code")
        )
        for at, kindergarten in enumerate(places):
            one = found[kindergarten.pk]
            back = max(0, (today - one.since).days - FILED_AFTER)
            if at % OF == UNFILED:
                continue
            procedure = desk.ask(
                code, kindergarten, back=back, occurred_on=one.since, details=_details(post, one)
            )
            filed += 1
            if at % OF != WAITING:
                services.check(
                    procedure_id=procedure.pk, reason="材料齐全", by=officer,
                    now=now - max(0, back - CHECKED_AFTER) * DAY,
                )  # fmt: skip
    return f"{filed}件"


def _details(post: str, one: Unfiled) -> dict[str, object]:
    if post == Post.PRINCIPAL:
        return {"former": "示例前任园长", "person": "示例新任园长"}
    return {"joined": one.came, "left": one.went}
