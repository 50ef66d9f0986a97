"""What becomes of a paper: a contract is filed, an insurance ends, one by mistake is withdrawn."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.formatting import zhdate
from accounts.history.context import because
from accounts.models import User
from staffing.models import Contract, Insurance
from staffing.papers.kinds import KINDS
from staffing.papers.rules import EARLIEST
from staffing.roster.services.asking import RosterRefused, keeper_of, kept_member

WITHDRAWN = "这一条已经撤销，不用再办。"


def _locked(kind: str, paper_id: int, by: User, today: dt.date) -> Any:
    paper = KINDS[kind]
    keeper_of(by)
    if not paper.may_record(by):
        raise PermissionDenied("师德记录由园长和区县教育局登记。")
    row = (
        paper.model.objects.visible_to(by)
        .select_for_update(of=("self",), no_key=True)
        .select_related(paper.path)
        .get(pk=paper_id)
    )
    kept_member(row.person_id if paper.of_person else row.appointment.person_id, by, today)
    if row.withdrawn_at is not None:
        raise RosterRefused(WITHDRAWN)
    return row


@transaction.atomic
def withdraw_paper(
    *, kind: str, paper_id: int, reason: str, by: User, now: dt.datetime, today: dt.date
) -> Any:
    """A paper that was recorded by mistake counts nowhere from now on; the row stays."""
    row = _locked(kind, paper_id, by, today)
    row.withdrawn_at, row.withdrawn_reason = now, reason
    with because(reason):
        row.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    return row


@transaction.atomic
def file_contract(*, contract_id: int, filed_on: dt.date, by: User, today: dt.date) -> Contract:
    """The contract was filed with the county's bureau (学前教育法 Art 43). Raises RosterRefused."""
    contract: Contract = _locked("contract", contract_id, by, today)
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
def end_insurance(
    *, person_id: int, kindergarten_id: int, last_day: dt.date, by: User, today: dt.date
) -> int:
    """What a kindergarten still pays of a person ends with a day (停保); how many kinds it was.

    Raises RosterRefused where nothing is paid, or a kind began after the day.
    """
    keeper_of(by)
    kept_member(person_id, by, today)
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
    if last_day > today + dt.timedelta(days=366):
        raise RosterRefused("参保至在一年以后，请核对年份。", "last_day")
    with because("停保"):
        for row in rows:
            row.valid_until = last_day
            row.save(update_fields=["valid_until"])
    return len(rows)
