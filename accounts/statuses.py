"""Word, icon and tone of every verdict and state, in one place for page and print.

Colour never speaks alone: each tone comes with an icon of its own shape and a word.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Status:
    """How one verdict or state is shown. The icon may be drawn filled, to weigh more."""

    word: str
    icon: str
    tone: str
    filled: bool = False


# Passing is quiet (an outline): fifty filled ticks would hide the six that fail.
VERDICTS: dict[str, Status] = {
    "met": Status("达标", "circle-check", "pass"),
    "near": Status("临界", "alert-triangle", "near", filled=True),
    "pending": Status("待报齐", "clock", "wait", filled=True),
    "unmet": Status("未达标", "circle-x", "fail", filled=True),
    "unavailable": Status("无法计算", "circle-minus", "none"),
    "not_judged": Status("不考核", "minus", "none"),
}

STATES: dict[str, Status] = {
    # a monthly return
    "unopened": Status("未打开", "circle-dashed", "grey"),
    "unfiled": Status("未报", "circle-dashed", "grey"),
    "draft": Status("填报中", "pencil", "line"),
    "submitted": Status("待审核", "send", "blue"),
    "pre_review": Status("待乡镇初审", "user-check", "blue"),
    "returned": Status("已退回", "arrow-back-up", "red"),
    "accepted": Status("已接收", "circle-check", "green"),
    "uncounted": Status("待计入", "progress", "blue"),
    "reopened": Status("接收后有更正", "refresh", "amber"),
    "superseded": Status("已被新版替换", "history", "grey"),
    "missing": Status("缺报", "circle-x", "red", filled=True),
    "late": Status("迟报", "clock-exclamation", "amber"),
    "followed": Status("要跟进", "flag", "amber"),
    # a reporting period
    "upcoming": Status("未开始", "circle-dashed", "grey"),
    "open": Status("报送中", "progress", "blue"),
    "overdue": Status("已过截止", "clock-exclamation", "amber"),
    "locked": Status("已锁定", "lock", "grey"),
    # a background job
    "queued": Status("排队中", "clock", "grey"),
    "running": Status("进行中", "loader-2", "blue"),
    "done": Status("已完成", "circle-check", "green"),
    "partial": Status("部分完成", "alert-triangle", "amber"),
    "failed": Status("没有完成", "circle-x", "red", filled=True),
    "dead": Status("已停止重试", "circle-x", "red", filled=True),
    "cancelled": Status("已取消", "circle-minus", "grey"),
    # an uploaded table
    "import_checking": Status("检查中", "loader-2", "blue"),
    "import_refused": Status("没有读取", "circle-x", "red", filled=True),
    "import_faulty": Status("有错误", "circle-x", "red", filled=True),
    "import_ready": Status("待确认", "clock", "amber"),
    "import_unchanged": Status("没有变化", "circle-minus", "grey"),
    "import_writing": Status("写入中", "loader-2", "blue"),
    "import_written": Status("已写入", "circle-check", "green"),
    "import_stale": Status("数据有变，待重新确认", "clock-exclamation", "amber"),
    "import_interrupted": Status("写入中断，待重新确认", "alert-triangle", "amber"),
    # a request somebody else decides on
    "waiting": Status("待批准", "clock", "amber"),
    "approved": Status("已批准", "circle-check", "green"),
    "refused": Status("已拒绝", "circle-x", "red"),
    "withdrawn": Status("已撤回", "arrow-back-up", "grey"),
    "expired": Status("已过期", "clock-exclamation", "grey"),
    "used": Status("已导出", "download", "grey"),
    # what receiving the children of another one makes of a kindergarten
    "over_class_size": Status("超班额", "alert-triangle", "amber", filled=True),
    "over_size": Status("超规模", "alert-triangle", "amber", filled=True),
    # a kindergarten's licence
    "licence_expiring": Status("快到期", "clock-exclamation", "amber"),
    "licence_expired": Status("已过期", "circle-x", "red", filled=True),
    # what a yearly check ended with
    "check_passed": Status("合格", "circle-check", "green"),
    "check_to_mend": Status("基本合格", "alert-triangle", "amber"),
    "check_failed": Status("不合格", "circle-x", "red"),
    # a paper of somebody who works in a kindergarten
    "paper_valid": Status("有效", "circle-check", "line"),
    "paper_due": Status("将到期", "clock-exclamation", "amber"),
    "paper_overdue": Status("已过期", "circle-x", "red", filled=True),
    "paper_missing": Status("缺", "circle-dashed", "red"),
    "paper_unfit": Status("不能在岗", "alert-octagon", "red", filled=True),
    "paper_unfiled": Status("未备案", "circle-dashed", "amber"),
    "paper_found": Status("查到记录，不得任职", "alert-octagon", "red", filled=True),
    # a claim of the free last year of preschool
    "claim_unfiled": Status("未申报", "circle-dashed", "grey"),
    "claim_filed": Status("待核定", "clock", "amber"),
    "claim_returned": Status("已退回", "arrow-back-up", "red"),
    "claim_approved": Status("已核定", "circle-check", "blue"),
    "claim_part_paid": Status("部分拨付", "progress", "blue"),
    "claim_paid": Status("已拨付", "circle-check", "green"),
    # an account
    "in_use": Status("在用", "circle-check", "line"),
    "stale": Status("快到期未用", "clock-exclamation", "amber"),
    "one_time": Status("还没改一次性密码", "key", "amber"),
    "disabled": Status("已停用", "lock", "grey"),
    "sign_in_locked": Status("登录已锁定", "lock-exclamation", "red"),
    # acting on behalf
    "deputising": Status("代办中", "progress", "blue"),
    "ended": Status("已结束", "circle-minus", "grey"),
    # an uploaded file
    "pending": Status("待查毒", "clock", "grey"),
    "infected": Status("含病毒", "bug", "red"),
}


def verdict_status(code: str) -> Status:
    """Look a verdict up by its code or by its Chinese word; KeyError names an unknown one."""
    return _find(VERDICTS, code)


def state_status(code: str) -> Status:
    """Look a state up by its code or by its Chinese word; KeyError names an unknown one."""
    return _find(STATES, code)


def _find(table: dict[str, Status], code: str) -> Status:
    if code in table:
        return table[code]
    for status in table.values():
        if status.word == code:
            return status
    raise KeyError(f"no such verdict or state: {code!r}; known: {', '.join(table)}")
