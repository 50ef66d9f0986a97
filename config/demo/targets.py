"""Documents that the officers of 武清区 and 昆都仑区 entered themselves: titles and values invented.

Each begins with the demo's first month and has half a year to go, so that the way to its by-date
shows. One value was typed wrongly and set right.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from accounts.access.acting import choose_membership
from accounts.models import User
from config.demo import kundulun, wuqing
from indicators.targets.services import (
    TARGET_FIELDS,
    correct_target,
    enter_policy,
    enter_target,
)
from kindergartens.stamps import stamp_of

HALF_A_YEAR = dt.timedelta(days=183)
# login, title, indicator, levels, value as first typed, value as it should have been
OWN = {
    wuqing.CODE: (
        "wuqing-officer",
        "武清区学前教育补短板年度工作安排（示例）",
        [
            # Not the three rates, which the plan of 2023 goes on judging.
            ("compliant_class_share", ["county", "town"], "0.98", "0.95"),
            ("children_per_full_time_teacher", ["county"], "12", ""),
            ("trained_teacher_share", ["county"], "0.9", ""),
            ("children_per_staff", ["kindergarten"], "7", ""),
        ],
    ),
    kundulun.CODE: (
        "kundulun-officer",
        "昆都仑区教职工配备年度工作安排（示例）",
        [
            ("children_per_care_teaching_staff", ["county"], "8.5", "9"),
            ("children_per_staff", ["county", "town"], "7", ""),
            ("fully_staffed_kindergarten_share", ["county"], "0.8", ""),
        ],
    ),
}


def write_targets(*, since: dt.date, today: dt.date) -> str:
    return "、".join(_write(code, since, today) for code in OWN)


def _write(code: str, since: dt.date, today: dt.date) -> str:
    login, title, targets = OWN[code]
    officer = User.objects.get(username=login)
    choose_membership(officer, None, today=today)
    by_date = today + HALF_A_YEAR
    policy = enter_policy(
        values={
            "title": title, "document_number": "", "issued_on": since, "valid_from": since,
            "valid_to": by_date,
        },
        by=officer,
    )  # fmt: skip
    for number, (indicator, levels, typed, right) in enumerate(targets, 1):
        values = {
            "indicator": indicator, "levels": levels, "value": Decimal(typed), "valid_from": None,
            "by_date": by_date, "clause": f"第{number}项", "note": "",
        }  # fmt: skip
        target = enter_target(policy_id=policy.pk, values=values, by=officer, today=today)
        if right:
            # As a page would have read it, with the database's decimal places.
            target.refresh_from_db()
            correct_target(
                pk=target.pk,
                values={name: values[name] for name in TARGET_FIELDS} | {"value": Decimal(right)},
                reason="录入时看错一行，按原文更正", seen=stamp_of(target, TARGET_FIELDS),
                by=officer, today=today,
            )  # fmt: skip
    return f"{policy.region}{len(targets)}条"
