"""How many persons' data may leave without a second person, and for how long approvals hold."""

from __future__ import annotations

import datetime as dt

# A file about more persons than this needs another person's approval (个人信息批量导出).
PERSONS_WITHOUT_APPROVAL = 50
# So many persons a day and user in small files and single looks together; after that each further
# file needs approval, and a look waits for the next day.
PERSONS_A_DAY = 100

WAITS_FOR = dt.timedelta(days=7)
APPROVAL_HOLDS = dt.timedelta(hours=24)


def needs_approval(persons: int, already_today: int) -> bool:
    """Whether a file about so many persons needs a second person's approval."""
    too_many_today = persons > 0 and already_today + persons > PERSONS_A_DAY
    return persons > PERSONS_WITHOUT_APPROVAL or too_many_today


def why_approval(persons: int, already_today: int) -> str:
    if persons > PERSONS_WITHOUT_APPROVAL:
        return (
            f"这份文件涉及{persons}人，超过{PERSONS_WITHOUT_APPROVAL}人，"
            "要写明理由，由另一个人批准后才能导出。"
        )
    return (
        f"今天已导出、查看{already_today}人次，再导出{persons}人就超过每天{PERSONS_A_DAY}人次，"
        "要写明理由，由另一个人批准后才能导出。"
    )


def why_no_more_looks(already_today: int) -> str:
    return (
        f"今天已导出、查看{already_today}人次，到了每天{PERSONS_A_DAY}人次的上限。"
        "请明天再看；急用的，请有这项权限的同事查看。"
    )
