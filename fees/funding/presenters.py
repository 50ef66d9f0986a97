"""Public money in words: why nothing is due, how it stands, what an audit says."""

from __future__ import annotations

from accounts.formatting import quantity, zhdate, zhmonth
from fees.funding.audits import Audit, AuditState
from fees.funding.rules import Due, Money, State, Why, for_disabled, holding
from fees.funding.selectors import Entry
from kindergartens.procedures.kinds import OPINIONS

STATES = {
    State.PAID: "已拨足",
    State.SHORT: "拨付不足",
    State.UNTOLD: "没有登记拨付",
    State.UNKNOWN: "应拨无法计算",
    State.NOT_MEANT: "不在拨付范围",
    State.OUTSIDE: "付给不在范围的",
}
AUDITS = {
    AuditState.RECEIVED: "已接收",
    AuditState.WAITING: "已交，待核对",
    AuditState.RETURNED: "已退回，待补正",
    AuditState.OVERDUE: "逾期没交",
    AuditState.NOT_YET: "还没交，没到期",
}
# Of the list's filter: those that want something done.
AUDIT_FILTERS = (AuditState.OVERDUE, AuditState.RETURNED, AuditState.WAITING, AuditState.RECEIVED)


def why_not_due(entry: Entry) -> str:
    """Why nothing due can be said, with what to do; "" where it can."""
    why = entry.money.due.why
    if why is None:
        return ""
    month = zhmonth(entry.counted_in) if entry.counted_in else "标准指定的月份"
    return {
        Why.NOT_MEANT: "标准指定的月份不是公办园或普惠性民办园，这一年不拨"
        + ("；以后的性质从下一年算" if entry.changed else ""),
        Why.DID_NOT_RUN: "这一年没有在办，不拨",
        Why.CHANGED: "换过类别，两类标准指定的月份都不是那一类，请教育局按拨款文件核定",
        Why.NO_STANDARD: "1月1日没有这一类有效的生均标准，教育局登记后再算",
        Why.NO_RETURN: f"{month}没有已接收的月报，报送并接收后再算",
        Why.NO_DISABLED: f"{month}的月报没有残疾儿童数，园所更正月报补填后再算",
    }[why] + ("。已付的请核对" if entry.money.state == State.OUTSIDE else "")


def state_words(money: Money) -> str:
    """How a kindergarten's year stands, in one phrase."""
    over = money.over
    if over is None or not over:
        return STATES[money.state]
    return f"{'多拨' if over > 0 else '拨付不足'}{quantity(abs(over))}元"


def standard_words(entry: Entry) -> list[str]:
    """Each place's standard, and which holds and why where there are several."""
    said = [
        f"{one.place}：{quantity(one.yuan)}元"
        + (f"，残疾儿童{quantity(one.disabled_yuan)}元" if one.disabled_yuan is not None else "")
        + f"（{one.document}）"
        for one in entry.standards
    ]
    held = holding(entry.standards)
    if held is not None and len(said) > 1:
        said.append(f"按最高的{quantity(held.yuan)}元算：下级可以定得更高，不能比上级低")
    return said


def due_words(entry: Entry) -> str:
    """How what is due was computed; "" where it was not."""
    due, held = entry.money.due, holding(entry.standards)
    if due.yuan is None or held is None:
        return ""
    higher = for_disabled(entry.standards)
    said = f"{quantity(held.yuan)}元×{due.children}名"
    return f"{said}，其中残疾儿童按{quantity(higher)}元" if higher is not None else said


def audit_words(audit: Audit) -> str:
    if audit.state == AuditState.OVERDUE:
        return f"逾期{audit.days_over}天没交"
    if audit.state == AuditState.RETURNED and audit.days_over:
        return f"已退回，逾期{audit.days_over}天"
    if audit.state == AuditState.NOT_YET:
        return f"应于{zhdate(audit.due_on)}（含）前交"
    return AUDITS[audit.state]


def opinion_words(audit: Audit) -> str:
    return OPINIONS.get(audit.opinion, "没有填")


def flags(audit: Audit) -> list[str]:
    """What of an audit somebody should look at, in words."""
    said = []
    if audit.opinion not in ("", "unqualified"):
        said.append(opinion_words(audit))
    if audit.related:
        said.append(f"关联交易{quantity(audit.related)}元")
    if audit.distributed:
        said.append(
            f"举办者取得收益{quantity(audit.distributed)}元"
            + ("，非营利性民办园不得（民办教育促进法第十九条）" if audit.breach else "")
        )
    return said


def children_words(due: Due) -> str:
    return "—" if due.children is None else f"{due.children}名"
