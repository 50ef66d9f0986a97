"""Figures that a decision about an estate kindergarten is weighed against."""

from __future__ import annotations

import datetime as dt

from accounts.formatting import zhmonth
from accounts.models import Region
from indicators.selectors import figures, months_available
from kindergartens.projects.rules import TownShare

# How far back a month with all returns accepted is looked for.
MONTHS_LOOKED_AT = 6
SHARE = "public_enrolment_share"


def town_public_share(town: Region, today: dt.date) -> TownShare:
    """The town's share of children in public kindergartens, of the newest month whose returns are
    all accepted: a provisional share decides nothing. Without one, why there is none.
    """
    months = [month for month in months_available(town) if month <= today]
    newest = sorted(months, reverse=True)[:MONTHS_LOOKED_AT]
    reason = "还没有月报数据"
    for month in newest:
        [figure] = figures(town, month, [SHARE])
        if figure.value is not None and not figure.provisional:
            return TownShare(figure.value, figure.numerator, figure.denominator, month)
        if month == newest[0]:
            reason = (
                f"{zhmonth(month)}{figure.expected}所只接收了{figure.accepted}所"
                if figure.provisional
                else figure.reason or "没有在园幼儿"
            )
    return TownShare(None, reason=reason)
