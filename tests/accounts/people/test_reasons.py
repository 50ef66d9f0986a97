"""Every change of accounts, batches and exports carries into history why it was made."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import models

from accounts.history.tracking import TRACKED
from accounts.models import AccountBatch, AccountRequest, ExportRequest, Membership, User
from accounts.people.batches import HEADS, check
from accounts.people.forms import ReasonForm
from accounts.people.policies import AccountRefused
from accounts.people.resources import PEOPLE
from accounts.people.services import batches, deputies, requests, standing
from accounts.releases import services as releases
from tests.accounts.people.conftest import DAY, TODAY, Bureau
from tests.small_county import NOW


def reasons(model: type[models.Model], row: Any = None) -> list[str | None]:
    """What the events of one row, or of all, say, oldest first."""
    events = TRACKED[model].event._default_manager.order_by("pgh_id")
    if row is not None:
        events = events.filter(pgh_obj_id=row)
    return [
        (context or {}).get("reason") for context in events.values_list("pgh_context", flat=True)
    ]


def test_a_request_and_its_approval(bureau: Bureau) -> None:
    asked = bureau.ask(reason="新来的资料员")
    bureau.approve(asked)
    asked.refresh_from_db()
    assert reasons(AccountRequest, asked.pk) == ["新来的资料员", "新来的资料员"]
    assert set(reasons(User, asked.subject_id)) == {"新来的资料员"}
    assert set(reasons(Membership, asked.subject.memberships.get().pk)) == {"新来的资料员"}  # type: ignore[union-attr]


def test_a_successor_and_the_post_that_ends(bureau: Bureau) -> None:
    post = bureau.director.memberships.get()
    asked = bureau.ask(role="director", reason="李园长退休")
    bureau.approve(asked)
    assert reasons(Membership, post.pk)[-1] == "李园长退休"


def test_a_refusal_and_a_withdrawal(bureau: Bureau) -> None:
    refused = bureau.ask()
    requests.refuse(request_id=refused.pk, reason="姓名不对", by=bureau.officer, now=NOW)
    assert reasons(AccountRequest, refused.pk)[-1] == "姓名不对"
    taken_back = bureau.ask()
    requests.withdraw(request_id=taken_back.pk, by=bureau.director, now=NOW)
    assert reasons(AccountRequest, taken_back.pk)[-1] == "申请人撤回"


def test_a_batch(bureau: Bureau) -> None:
    row = ["示例甲", "jia.bureau", "甲县教育局（甲县）", "教育局经办人", None]
    checked = check([list(HEADS), row], by=bureau.system, today=TODAY)
    batch = batches.keep_batch(checked=checked, by=bureau.system, now=NOW)
    batches.confirm_batch(
        batch_id=batch.pk, reason="秋季新任", by=bureau.system, now=NOW, today=TODAY
    )
    assert reasons(AccountBatch, batch.pk) == ["批量申请", "秋季新任"]
    assert reasons(AccountRequest) == ["秋季新任"]


def test_an_unconfirmed_batch_that_is_forgotten(bureau: Bureau) -> None:
    row = ["示例甲", "jia.bureau", "甲县教育局（甲县）", "教育局经办人", None]
    checked = check([list(HEADS), row], by=bureau.system, today=TODAY)
    batch = batches.keep_batch(checked=checked, by=bureau.system, now=NOW)
    batches.forget_unconfirmed(now=NOW + 31 * DAY)
    assert reasons(AccountBatch, batch.pk)[-1] == "30天没有确认"


def test_a_deputy_taken_back(bureau: Bureau) -> None:
    deputy = deputies.name_deputy(
        colleague_id=bureau.clerk.pk, first=TODAY, last=TODAY + DAY, reason="外出",
        by=bureau.director, now=NOW, today=TODAY,
    )  # fmt: skip
    deputies.end_deputy(deputy_id=deputy.pk, by=bureau.director, now=NOW)
    assert reasons(Membership, deputy.pk) == ["外出", "委托人提前收回"]


def test_what_ends_with_an_account(bureau: Bureau) -> None:
    asked = bureau.ask()
    standing.disable(user_id=bureau.director.pk, reason="停职", by=bureau.security, now=NOW)
    assert reasons(User, bureau.director.pk)[-1] == "停职"
    assert reasons(AccountRequest, asked.pk)[-1] == "申请人的账号已停用"


def ask_to_export(bureau: Bureau) -> ExportRequest:
    return releases.ask_to_export(
        kind=PEOPLE, filters={}, ending="xlsx", reason="核对名册", by=bureau.security, now=NOW
    )


@pytest.mark.parametrize(("said", "kept"), [("", "核对名册"), ("同意，用后销毁", "同意，用后销毁")])
def test_an_export_asked_for_let_go_and_fetched(bureau: Bureau, said: str, kept: str) -> None:
    asked = ask_to_export(bureau)
    releases.decide(request_id=asked.pk, approve=True, reason=said, by=bureau.leader, now=NOW)
    releases.use_approval(request_id=asked.pk, kind=PEOPLE, by=bureau.security, now=NOW)
    assert reasons(ExportRequest, asked.pk) == ["核对名册", kept, "核对名册"]


def test_an_export_refused_or_overdue(bureau: Bureau) -> None:
    asked = ask_to_export(bureau)
    releases.decide(
        request_id=asked.pk, approve=False, reason="只导出园长", by=bureau.leader, now=NOW
    )
    assert reasons(ExportRequest, asked.pk)[-1] == "只导出园长"
    late = ask_to_export(bureau)
    releases.close_overdue(now=NOW + 8 * DAY)
    assert reasons(ExportRequest, late.pk)[-1] == "到期没有办"


@pytest.mark.parametrize(
    "reason",
    ["打13912345678核实", "身份证110101199003071234", "１３９１２３４５６７８", "139 1234 5678"],
)
def test_nobodys_number_gets_into_a_reason(bureau: Bureau, reason: str) -> None:
    form = ReasonForm({"reason": reason})
    assert not form.is_valid()
    assert "不要写手机号和证件号" in str(form.errors["reason"])
    asked = bureau.ask()
    with pytest.raises(AccountRefused, match="不要写手机号和证件号"):
        requests.refuse(request_id=asked.pk, reason=reason, by=bureau.officer, now=NOW)
    export = ask_to_export(bureau)
    for approve in (True, False):
        with pytest.raises(releases.ExportRefused, match="不要写手机号和证件号"):
            releases.decide(
                request_id=export.pk, approve=approve, reason=reason, by=bureau.leader, now=NOW
            )
    assert ReasonForm({"reason": "按津教〔2026〕12号文，2026年9月1日起"}).is_valid()
