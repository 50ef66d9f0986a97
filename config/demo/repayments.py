"""What kindergartens of 昆都仑区 gave back of what was too much: one all of it, one a part."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from accounts.models import Region
from config.demo import kundulun
from config.demo.procedures import DAY, Desk
from fees.models import Charge
from fees.overcharging.selectors import overcharges
from fees.overcharging.services import RepaymentFacts, record_repayment, repaid_stamp

PARTS = 3


def write_repayments(*, today: dt.date, now: dt.datetime) -> str:
    desk = Desk(kundulun.CODE, today=today, now=now)
    officer = desk.login("kundulun-officer")
    newest = Charge.objects.visible_to(officer).latest("filing_version__filing__month")
    month = newest.filing_version.filing.month
    county = Region.objects.of_code(kundulun.CODE)
    owed = [one for one in overcharges(officer, county, month) if one.left]
    whole, part = (
        owed[0],
        next(one for one in owed if one.kindergarten_id != owed[0].kindergarten_id),
    )
    director = desk.director(whole.charge.filing_version.filing.kindergarten)
    record_repayment(
        charge_id=whole.charge.pk, by=director, now=now - 2 * DAY, seen=repaid_stamp(whole),
        facts=RepaymentFacts(
            today - 3 * DAY, whole.charge.payers, whole.left or Decimal(0),
            "退费凭证2026-011至2026-013", "逐户转账退还",
        ),
    )  # fmt: skip
    first = part.charge.payers // PARTS
    record_repayment(
        charge_id=part.charge.pk, by=officer, now=now - DAY, seen=repaid_stamp(part),
        facts=RepaymentFacts(
            today - 4 * DAY, first, first * part.excess.per_child, "退费签收表第1页",
            "纸质签收表送教育局，其余家长下周来领",
        ),
    )  # fmt: skip
    return "2笔"
