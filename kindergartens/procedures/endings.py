"""Acts that end a procedure for good: what each will do, said before it is done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from accounts.formatting import zhdate
from kindergartens.models import Procedure
from kindergartens.procedures import annual_checks, filed_directors, rules
from kindergartens.procedures.kinds import Kind
from kindergartens.procedures.selectors import LABELS, to_record

# What is done, in the words of the button.
DONE = {
    "approve": "同意",
    "refuse": "不予同意",
    "withdraw": "撤回",
    "check": "核对通过，办结",
}
NO_STATUS = "办园状态不变，各月的三率都不变。"


@dataclass(frozen=True)
class Ending:
    """What stands on the page that asks once more. `changes` are label, before, after."""

    title: str
    button: str
    changes: list[tuple[str, str, str]]
    figures: str
    told: str
    afterwards: str
    is_refusal: bool = False


def ends(procedure: Procedure, act: str, kind: Kind) -> bool:
    """Whether an act that is possible now cannot be taken back."""
    return rules.next_state(procedure.state, act, decides=kind.decides) in rules.ENDED


def ending(
    procedure: Procedure, act: str, kind: Kind, typed: Mapping[str, object], *, today: dt.date
) -> Ending:
    """What an act that ends a procedure changes, from when, and who is told.

    `procedure` as selectors.detailed reads it; `typed` is what the form holds, already valid.
    """
    button = "记下结论，办结" if act == "check" and kind.conclusions else DONE[act]
    changes = [("事项状态", procedure.get_state_display(), _state_after(act))]
    figures = NO_STATUS
    if act == "check" and kind.conclusions:
        found = kind.conclusion(str(typed.get("conclusion", "")))
        year = procedure.details["year"]
        earlier = annual_checks.of_year(procedure.kindergarten, year)
        before = annual_checks.conclusion_name(earlier.conclusion) if earlier else ""
        changes.append((f"{year}年度年检结论", before, found.name if found else ""))
        if typed.get("to_mend"):
            changes.append(("要整改的内容", "", str(typed["to_mend"])))
        last = annual_checks.last_of(procedure.kindergarten)
        if last is None or last.year <= year:  # the register says the latest year's
            changes.append(("幼儿园名册", "", f"{zhdate(today)}起按这次的结论"))
    elif act == "check" and kind.code == filed_directors.KIND:
        filed = filed_directors.last_of(procedure.kindergarten)
        changes.append(("备案园长", filed.name if filed else "", str(procedure.details["person"])))
    elif act == "approve" and kind.code == "licence_renewal":
        until = dt.date.fromisoformat(str(procedure.details["until"]))
        ends = procedure.kindergarten.licence_until
        changes.append(("许可证有效期止", zhdate(ends) if ends else "", zhdate(until)))
    elif act == "approve" and kind.code in rules.RECORDED:
        # What changes the status too is shown with its effect instead (reports/planning).
        if wanted := to_record(procedure):
            changes.append(("登记资料", "", _still_to_write(procedure, wanted)))
    elif act == "refuse" and kind.has_effect:
        asked = f"原申请{zhdate(procedure.effective_on)}起" if procedure.effective_on else "申请的"
        figures = f"{asked}的变更不发生。{NO_STATUS}"
    if act == "approve" and typed.get("decision_number"):
        changes.append(("决定文号", "", str(typed["decision_number"])))
    return Ending(
        title=f"{button}：{procedure.kindergarten.name}{kind.name}",
        button=button,
        changes=changes,
        figures=figures,
        told=_told(procedure, act),
        afterwards=_afterwards(act),
        is_refusal=act in {"refuse", "withdraw"},
    )


def _still_to_write(procedure: Procedure, wanted: str) -> str:
    """What a decision that changes no status leaves to whoever keeps the record."""
    _, field = rules.RECORDED[procedure.kind]
    since = f"{zhdate(procedure.effective_on)}起" if procedure.effective_on else ""
    return f"{since}{LABELS[field]}改为“{wanted}”，系统不会自动改，从那天起请在登记资料里改"


def _state_after(act: str) -> str:
    state = {"refuse": Procedure.State.REFUSED, "withdraw": Procedure.State.WITHDRAWN}
    return state.get(act, Procedure.State.APPROVED).label


def _told(procedure: Procedure, act: str) -> str:
    who = procedure.asked_as
    asked = f"{who.organisation.name}{who.user.full_name}"
    if act == "withdraw":
        return f"{procedure.county.name}教育局不再办这件事，在“备案审批”里看得到撤回的原因。"
    more = "" if who.organisation_id == procedure.kindergarten.organisation_id else (
        f"，{procedure.kindergarten.name}在自己的页面看得到"
    )  # fmt: skip
    return f"提出的{asked}在“备案审批”里看到结果和您的意见{more}。"


def _afterwards(act: str) -> str:
    if act == "withdraw":
        return "撤回后不能恢复。还要办的，另外提出一件，材料重新交。"
    return "办结后不再打开，编号不再用。还要办或者要更正的，另外提出一件。"
