"""Fee schedules that kindergartens of 武清区 filed, one in each state; written by the pages' services.

All of them begin after the demo's months, so that no charge of a return is held to anything else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from accounts.models import User
from config.demo import wuqing
from config.demo.procedures import DAY, Desk
from config.demo.registry import FEE_CEILINGS
from fees.filing import selectors, services
from fees.filing.rules import Line
from fees.models import FeeCeiling, FeeItem, ScheduledFee, ScheduleFiling
from kindergartens.models import Kindergarten, KindergartenStatus

EVERYBODY = "the demo writes everybody's"
Ownership = KindergartenStatus.Ownership
CONTENT, BASIS = "保育和教育，含活动材料", "示例文件：幼儿园收费标准的批复"
COSTS = {
    "staff": 1_480_000, "activities": 122_000, "office": 96_500, "premises": 260_000,
    "utilities": 88_400, "other": 35_100, "public_input": 150_000, "donations": 0,
}  # fmt: skip
YEARLY_CHILDREN, MONTHS = 168, 10


def write_schedule_filings(*, today: dt.date, now: dt.datetime) -> str:
    desk = Desk(wuqing.CODE, today=today, now=now)
    officer = desk.login("wuqing-officer")
    public = _kindergartens(desk, Ownership.PUBLIC)
    private = _kindergartens(desk, Ownership.NON_INCLUSIVE_PRIVATE)
    own = Kindergarten.objects.get(organisation__memberships__user__username=wuqing.DIRECTOR)
    others = iter([one for one in public if one != own])
    # Over the ceiling of its class: the checks say so, and it cannot be filed so.
    _drafted(desk, own, up=FEE_CEILINGS[FeeCeiling.Scope.PUBLIC])
    _filed(desk, next(others), back=2)
    _filed(desk, private[0], back=4, costs=True)
    returned = _filed(desk, next(others), back=9)
    _do(
        services.send_back, returned, officer, now - 6 * DAY,
        reason="伙食费没有写服务内容；保教费的依据请写文号。",
    )  # fmt: skip
    _reviewed(desk, next(others), officer, "示例备〔2026〕3号", back=6)
    published = _reviewed(
        desk, private[1], officer, "示例备〔2026〕2号", back=30, costs=True, entrants="new"
    )
    _do(
        services.publish, published, desk.director(published.kindergarten), now - 20 * DAY,
        published_on=today - 21 * DAY, published_where="园门口公示栏和招生简章",
    )  # fmt: skip
    taken_back = _filed(desk, next(others), back=14)
    _do(
        services.withdraw, taken_back, desk.director(taken_back.kindergarten), now - 12 * DAY,
        reason="今年不调整了",
    )  # fmt: skip
    return f"{ScheduleFiling.objects.count()}件"


def _kindergartens(desk: Desk, ownership: str) -> list[Kindergarten]:
    """Of the kind, with a schedule in force, by code."""
    lines = ScheduledFee.objects.unscoped(EVERYBODY).on(desk.today)
    statuses = KindergartenStatus.objects.unscoped(EVERYBODY).on(desk.today)
    return list(
        Kindergarten.objects.unscoped(EVERYBODY)
        .filter(
            organisation__region__county__code=desk.county,
            pk__in=lines.values("kindergarten"),
        )
        .filter(pk__in=statuses.filter(ownership=ownership).values("kindergarten"))
        .select_related("organisation__region__county")
        .order_by("code")[:8]
    )


def _drafted(
    desk: Desk, kindergarten: Kindergarten, *, up: Decimal | int = 30, back: int = 0,
    costs: bool = False, entrants: str = "all",
) -> ScheduleFiling:  # fmt: skip
    """保教费 of all goes up by `up` yuan from the month after next."""
    at, by = desk.now - back * DAY, desk.director(kindergarten)
    filing = services.draft(kindergarten=kindergarten, by=by, now=at)
    begins = (desk.next_month + 32 * DAY).replace(day=1)

    def proposed(line: Line) -> Line:
        if (line.item, line.scope) != (FeeItem.CARE_EDUCATION, "all"):
            return line
        return replace(
            line, amount=line.amount + up, valid_from=begins, content=CONTENT, basis=BASIS,
            entrants=entrants,
        )  # fmt: skip

    lines = [proposed(selectors.line_of(row)) for row in filing.lines.all()]
    services.save_lines(
        filing_id=filing.pk, lines=lines, note="示例：人员支出上涨，按规定程序调整。",
        seen=selectors.stamp(filing), by=by,
    )  # fmt: skip
    filing.refresh_from_db()
    if costs:
        values = {name: Decimal(yuan) for name, yuan in COSTS.items()}
        services.save_costs(
            filing_id=filing.pk, seen=selectors.stamp(filing), by=by,
            values=values | {
                "year": desk.today.year - 1, "children": YEARLY_CHILDREN, "months": MONTHS
            },
        )  # fmt: skip
    return filing


def _filed(desk: Desk, kindergarten: Kindergarten, *, back: int, **more: object) -> ScheduleFiling:
    filing = _drafted(desk, kindergarten, back=back, **more)  # type: ignore[arg-type]
    return _do(services.file, filing, desk.director(kindergarten), desk.now - back * DAY)


def _reviewed(
    desk: Desk, kindergarten: Kindergarten, officer: User, number: str, *, back: int,
    **more: object,
) -> ScheduleFiling:  # fmt: skip
    filing = _filed(desk, kindergarten, back=back, **more)
    at = desk.now - (back - 3) * DAY
    return _do(services.review, filing, officer, at, document_number=number)


def _do(
    act: Callable[..., ScheduleFiling], filing: ScheduleFiling, by: User, at: dt.datetime,
    **more: object,
) -> ScheduleFiling:  # fmt: skip
    filing.refresh_from_db()
    seen = selectors.stamp(filing)
    return act(filing_id=filing.pk, seen=seen, by=by, now=at, **more)
