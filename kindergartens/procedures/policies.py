"""May this be asked, checked or decided now? Each says why not and what to do instead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied

from accounts.access.duties import separate
from accounts.access.permissions import Permission
from accounts.access.roles import RoleCode
from accounts.formatting import zhdate
from accounts.models import Membership, User
from kindergartens.changes.rules import PRIVATE_SPONSORS
from kindergartens.models import Kindergarten, KindergartenStatus, Procedure
from kindergartens.procedures import annual_checks, rules, selectors
from kindergartens.procedures.kinds import Kind
from kindergartens.procedures.rules import Placed

ASKERS = (Permission.ASK_PROCEDURES, Permission.REVIEW_PROCEDURES)


class ProcedureRefused(Exception):
    """The state, the law or a missing thing forbids it. The text says what to do.

    `field` names what was typed and is wrong, where it is one thing.
    """

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field


def may_act(by: User, kindergarten: Kindergarten, *permissions: Permission) -> bool:
    return (
        by.acting is not None
        and any(by.can(permission) for permission in permissions)
        and Kindergarten.objects.visible_to(by).filter(pk=kindergarten.pk).exists()
    )


def actor(by: User, kindergarten: Kindergarten, *permissions: Permission) -> Membership:
    """The post in which a person does this; PermissionDenied without the right."""
    if by.acting is None or not may_act(by, kindergarten, *permissions):
        raise PermissionDenied("您现在的岗位不能办理这所园的这项事。")
    return by.acting


def check_may_ask(
    kind: Kind,
    kindergarten: Kindergarten,
    status: KindergartenStatus | None,
    *,
    today: dt.date,
) -> None:
    """Whether this kind is for a kindergarten as it is today."""
    if status is None:
        raise ProcedureRefused("本园现在没有登记办园状态，请先请教育局登记。")
    if status.operating_state == KindergartenStatus.OperatingState.CLOSED:
        raise ProcedureRefused("本园已撤销，不能再提出事项。")
    if kind.only_private and status.sponsor_type not in PRIVATE_SPONSORS:
        raise ProcedureRefused(f"{kind.name}只用于民办幼儿园，本园是公办。")
    suspended = status.operating_state == KindergartenStatus.OperatingState.SUSPENDED
    if kind.code == "resumption" and not suspended:
        raise ProcedureRefused("本园没有停办，不用恢复办学。")
    ownership = KindergartenStatus.Ownership
    if kind.code == "recognition" and status.ownership == ownership.INCLUSIVE_PRIVATE:
        until = status.recognised_until
        if until is None:
            raise ProcedureRefused("本园已经是普惠性民办幼儿园，没有登记认定到期日，不用续认。")
        if until > today + selectors.RECOGNITION_ENDS_WITHIN:
            raise ProcedureRefused(
                f"本园已经是普惠性民办幼儿园，认定到{zhdate(until)}为止，"
                f"到期前{selectors.RECOGNITION_ENDS_WITHIN.days}天起可以申请续认。"
            )
    if kind.code == "recognition" and status.for_profit:
        raise ProcedureRefused(
            "本园登记为营利性。只有非营利性民办幼儿园可以申请认定（学前教育法第二十四条），"
            "请先办理分类登记变更。"
        )
    if kind.code == "recognition_end" and status.ownership != ownership.INCLUSIVE_PRIVATE:
        raise ProcedureRefused("本园现在不是普惠性民办幼儿园，不用退出。")


def check_step(procedure: Procedure, act: str, kind: Kind) -> str:
    """The state an act leads to; ProcedureRefused where it does not fit the state."""
    following = rules.next_state(procedure.state, act, decides=kind.decides)
    if following is None:
        raise ProcedureRefused(
            f"{procedure.number}现在是“{procedure.get_state_display()}”，不能这样办。"
            "请刷新页面看最新状态；办结的事项不再打开，需要时另外提出。"
        )
    return following


def is_other_person(procedure: Procedure, post: Membership, *, also_checked: bool) -> bool:
    """Who asked does not check or decide; where somebody decides, who checked does not."""
    before = [procedure.asked_as]
    if also_checked and procedure.checked_as is not None:
        before.append(procedure.checked_as)
    return all(separate(one.actor, post.actor) for one in before)


def check_other_person(procedure: Procedure, post: Membership, *, also_checked: bool) -> None:
    if not is_other_person(procedure, post, also_checked=also_checked):
        raise ProcedureRefused("提出或核对这件事的是您自己，要由另一个人办。")


@dataclass(frozen=True)
class Choices:
    """What a person may do with a procedure now; whose turn it is says turns.turn_of."""

    check: bool = False
    decide: bool = False
    send_back: bool = False
    refuse: bool = False
    complete: bool = False
    withdraw: bool = False

    @property
    def any(self) -> bool:
        return self.check or self.decide or self.send_back or self.refuse or self.withdraw


def choices(procedure: Procedure, kind: Kind, by: User) -> Choices:
    """The same conditions as the acts themselves ask (services), for the page to offer no other."""
    post = by.acting
    if post is None:
        return Choices()
    state = Procedure.State
    if not may_act(by, procedure.kindergarten, *ASKERS, Permission.DECIDE_PROCEDURES):
        return Choices()
    asks = any(by.can(permission) for permission in ASKERS)
    reviews = by.can(Permission.REVIEW_PROCEDURES)
    decides = by.can(Permission.DECIDE_PROCEDURES)
    asked, checked = procedure.state == state.ASKED, procedure.state == state.CHECKED
    other = is_other_person(procedure, post, also_checked=checked)
    not_asked = is_other_person(procedure, post, also_checked=False)
    leads = kind.decides != "leader" or post.role == RoleCode.BUREAU_LEADER
    decides_now = checked and decides and leads and other
    return Choices(
        check=asked and reviews and other,
        decide=decides_now,
        send_back=not_asked and ((asked and reviews) or (checked and decides)),
        refuse=decides_now,
        complete=asks and procedure.state == state.RETURNED,
        withdraw=(
            asks
            and procedure.state in (state.ASKED, state.RETURNED)
            and post.organisation_id == procedure.asked_as.organisation_id
        ),
    )


def office_of(procedure: Procedure) -> str:
    """The bureau whose people check and decide."""
    return f"{procedure.county.name}教育局"


def check_decider(kind: Kind, post: Membership) -> None:
    if kind.decides == "leader" and post.role != RoleCode.BUREAU_LEADER:
        raise ProcedureRefused(f"{kind.name}由教育局领导决定，请报领导。")


def check_documents(kind: Kind, handed_in: Sequence[str]) -> None:
    missing = [title for title in kind.documents if title not in handed_in]
    if missing:
        raise ProcedureRefused(f"还缺材料：{'、'.join(missing)}。")


def check_placement(
    procedure_of: Kindergarten, kind: Kind, placed: Sequence[Placed], *, day: dt.date | None
) -> None:
    """Every child of the last accepted return, and every one promised a place here since, goes
    somewhere that runs and is not closing.
    """
    if not kind.places_children:
        return
    problem = rules.placement_problem(
        selectors.children_last_counted(procedure_of),
        placed,
        own=procedure_of.pk,
        coming=selectors.children_coming(procedure_of),
    )
    if problem:
        raise ProcedureRefused(problem)
    keys = [one.receiver for one in placed if one.receiver is not None]
    stopped = selectors.not_receiving(keys, day=day)
    if stopped:
        raise ProcedureRefused(
            f"{'、'.join(stopped)}在生效日期或以后不在办，或正在办理停办、终止或合并，"
            "不能接收。请改选别的园。"
        )


def check_no_cycle(kind: Kind, kindergarten: Kindergarten, details: Mapping[str, object]) -> None:
    if kind.code != "merger":
        return
    target = details.get("receiver")
    if not isinstance(target, int):
        raise ProcedureRefused("请选并入哪一所园。")
    if target == kindergarten.pk or rules.merges_in_a_cycle(
        selectors.mergers_under_way(), kindergarten.pk, target
    ):
        raise ProcedureRefused(
            "这几所园的合并首尾相连，最后一所也不剩。请核对并入的园，或先撤回那一件合并。"
        )
    if selectors.not_receiving([target], day=None):
        raise ProcedureRefused("并入的幼儿园不在办，或正在办理停办、终止。请改选别的园。")


def check_renewal(kind: Kind, kindergarten: Kindergarten, details: Mapping[str, object]) -> None:
    """A licence is renewed to a day after the one it ends on."""
    if kind.code != "licence_renewal":
        return
    expires, until = (dt.date.fromisoformat(str(details[name])) for name in ("expires", "until"))
    problem = rules.expiry_problem(expires, kindergarten.licence_until) or rules.renewal_problem(
        expires, until, licence_from=kindergarten.licence_from
    )
    if problem:
        raise ProcedureRefused(problem)


def check_term(kind: Kind, details: Mapping[str, object], *, day: dt.date | None) -> None:
    """A recognition ends after the day it begins on."""
    if kind.code != "recognition" or day is None:
        return
    problem = rules.term_problem(day, dt.date.fromisoformat(str(details["until"])))
    if problem:
        raise ProcedureRefused(problem, "d_until")


def check_conclusion(kind: Kind, conclusion: str, to_mend: str) -> None:
    """A kind with conclusions ends with one of them; no other kind has any."""
    if not kind.conclusions:
        if conclusion or to_mend:
            raise ProcedureRefused(f"{kind.name}没有年检结论。请刷新页面。")
        return
    wants = {one.code: one.mend for one in kind.conclusions}
    problem = rules.conclusion_problem(wants, conclusion, to_mend)
    if problem is not None:
        raise ProcedureRefused(problem[1], problem[0])


def check_year(kind: Kind, kindergarten: Kindergarten, details: Mapping[str, object]) -> None:
    """A year is checked once, and again only when its conclusion left something to mend."""
    if not kind.conclusions:
        return
    last = annual_checks.of_year(kindergarten, details.get("year"))
    found = kind.conclusion(last.conclusion) if last is not None else None
    if last is not None and found is not None and not found.mend:
        raise ProcedureRefused(
            f"{details['year']}年度的{kind.name}已经办结（{last.number}，{found.name}），不用再报。"
        )


def check_effective(kind: Kind, day: dt.date | None, *, today: dt.date) -> None:
    if not kind.has_effect:
        return
    if day is None:
        raise ProcedureRefused("请填从哪一天起生效。")
    if day <= today:
        raise ProcedureRefused(
            f"生效日期要在今天（{zhdate(today)}）之后：变更、终止要提前报告（学前教育法第三十一条）。"
            "请改生效日期；这一页不能改的，退回补正，由提出的人改。"
        )
