"""What becomes of a paper: a contract is filed or ends, an insurance ends, one by mistake is withdrawn.

Papers of a post are closed by the kindergarten of that post, after the person has left too; those
that go with the person by whoever keeps the person's data. The person is locked before the row,
as where a paper is recorded.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.formatting import zhdate
from accounts.history.context import because
from accounts.models import User
from staffing.models import Contract, Insurance
from staffing.papers.kinds import KINDS, PaperKind
from staffing.papers.rules import EARLIEST, a_year_from
from staffing.papers.selectors import THE_HEADS, left_to_county
from staffing.roster.services.asking import RosterRefused, keeper_of, kept_member, locked_member

WITHDRAWN = "这一条已经撤销，不用再办。"


def _locked(paper: PaperKind, paper_id: int, by: User, today: dt.date) -> Any:
    rows = paper.model.objects.visible_to(by)
    person_id = rows.values_list(paper.path, flat=True).get(pk=paper_id)
    if paper.of_person:
        kept_member(person_id, by, today)
    else:
        locked_member(person_id, by)
    row = (
        rows.select_for_update(of=("self",), no_key=True)
        .select_related(paper.path)
        .get(pk=paper_id)
    )
    if row.withdrawn_at is not None:
        raise RosterRefused(WITHDRAWN)
    return row


def _not_far_ahead(last_day: dt.date, today: dt.date, what: str) -> None:
    if last_day > a_year_from(today):
        raise RosterRefused(f"{what}在一年以后，请核对年份。", "last_day")


@transaction.atomic
def withdraw_paper(
    *, kind: str, paper_id: int, reason: str, by: User, now: dt.datetime, today: dt.date
) -> Any:
    """A paper that was recorded by mistake counts nowhere from now on; the row stays."""
    paper = KINDS[kind]
    keeper_of(by)
    if not paper.may_withdraw(by):
        raise PermissionDenied(f"{paper.label}由园长和区县教育局撤销。")
    row = _locked(paper, paper_id, by, today)
    if not paper.of_person and row.appointment.person_id in left_to_county(paper, by, today):
        raise RosterRefused(THE_HEADS)
    row.withdrawn_at, row.withdrawn_reason = now, reason
    with because(reason):
        row.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    return row


@transaction.atomic
def file_contract(*, contract_id: int, filed_on: dt.date, by: User, today: dt.date) -> Contract:
    """The contract was filed with the county's bureau (学前教育法 Art 43). Raises RosterRefused."""
    keeper_of(by)
    contract: Contract = _locked(KINDS["contract"], contract_id, by, today)
    if contract.filed_on is not None:
        raise RosterRefused(f"已于{zhdate(contract.filed_on)}备案。日期错了的，撤销后重新登记。")
    if not contract.signed_on <= filed_on <= today:
        raise RosterRefused(
            f"备案日期要在签订日期{zhdate(contract.signed_on)}和今天之间。", "filed_on"
        )
    contract.filed_on = filed_on
    with because("合同备案"):
        contract.save(update_fields=["filed_on"])
    return contract


@transaction.atomic
def end_contract(*, contract_id: int, last_day: dt.date, by: User, today: dt.date) -> Contract:
    """A contract ends earlier than it says (解除或终止). Raises RosterRefused."""
    keeper_of(by)
    contract: Contract = _locked(KINDS["contract"], contract_id, by, today)
    if last_day < contract.valid_from:
        raise RosterRefused(
            f"合同期自{zhdate(contract.valid_from)}起，不能在这以前终止。没有履行的合同，请用“撤销”。",
            "last_day",
        )
    if contract.valid_until is not None and last_day >= contract.valid_until:
        raise RosterRefused(
            f"合同本来就到{zhdate(contract.valid_until)}为止，不用再办。", "last_day"
        )
    _not_far_ahead(last_day, today, "合同期至")
    contract.valid_until = last_day
    with because("合同解除或终止"):
        contract.save(update_fields=["valid_until"])
    return contract


@transaction.atomic
def end_insurance(
    *, person_id: int, kindergarten_id: int, last_day: dt.date, by: User, today: dt.date
) -> int:
    """What a kindergarten still pays of a person ends with a day (停保); how many kinds it was.

    Raises RosterRefused where nothing is paid, or a kind began after the day.
    """
    keeper_of(by)
    locked_member(person_id, by)
    rows = list(
        Insurance.objects.visible_to(by)
        .standing()
        .select_for_update(of=("self",), no_key=True)
        .filter(
            appointment__person=person_id,
            appointment__kindergarten=kindergarten_id,
            valid_until__isnull=True,
        )
    )
    if not rows:
        raise RosterRefused("没有还在缴的险种。")
    first = max(row.valid_from for row in rows)
    if last_day < first or last_day < EARLIEST:
        raise RosterRefused(f"参保至要在参保自{zhdate(first)}以后。", "last_day")
    _not_far_ahead(last_day, today, "参保至")
    with because("停保"):
        for row in rows:
            row.valid_until = last_day
            row.save(update_fields=["valid_until"])
    return len(rows)
