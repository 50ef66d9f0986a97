"""Keeping a checked workbook, and turning it into requests once."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction

from accounts.access.permissions import Permission
from accounts.access.roles import RoleCode
from accounts.history.context import because
from accounts.history.recording import Action, record_access
from accounts.models import AccountBatch, Organisation, User
from accounts.people.batches import Checked, digest_of
from accounts.people.policies import AccountRefused, acting_post
from accounts.people.services.requests import Wish, ask_for_account
from accounts.privacy.rules import NO_NUMBERS, holds_identifier

UPLOADED = "批量申请"
# Names that nobody confirmed within so long are not needed.
UNCONFIRMED_FOR = dt.timedelta(days=30)


@transaction.atomic
def keep_batch(*, checked: Checked, by: User, now: dt.datetime) -> AccountBatch:
    """Keep rows that were found right, to be confirmed; the same rows again are the same batch."""
    post = acting_post(by, Permission.REQUEST_ACCOUNTS)
    if checked.problems or not checked.rows:
        raise AccountRefused("表里还有要改的地方，没有可以申请的账号。请改好后再上传。")
    with because(UPLOADED):
        batch, _ = AccountBatch.objects.visible_to(by).get_or_create(
            uploaded_as=post,
            digest=checked.digest,
            defaults={"rows": checked.rows, "uploaded_at": now},
        )
    record_access(Action.IMPORT, by=by, at=now, target=batch, rows=len(checked.rows))
    return batch


@transaction.atomic
def confirm_batch(
    *, batch_id: uuid.UUID, reason: str, by: User, now: dt.datetime, today: dt.date
) -> int:
    """Ask for every account of the workbook, all or none; again, it asks for none.

    `reason` is given once for all of them; whoever decides reads it beside each.

    Returns how many were asked for. Raises AccountRefused with the row that has become wrong meanwhile.
    """
    post = acting_post(by, Permission.REQUEST_ACCOUNTS)
    batch = (
        AccountBatch.objects.visible_to(by)
        .select_for_update()
        .filter(pk=batch_id, uploaded_as=post)
        .first()
    )
    if batch is None:
        raise AccountRefused("没有这份表格。请重新上传。")
    if batch.confirmed_at is not None:
        return 0
    reason = reason.strip()
    if not reason:
        raise AccountRefused("请写明申请理由，批准的人要看。")
    if holds_identifier(reason):
        raise AccountRefused(NO_NUMBERS)
    if digest_of(batch.rows) != batch.digest:
        raise AccountRefused("表格内容和检查时不一样，没有提交。请重新上传，并告诉安全管理员。")
    places = Organisation.objects.select_related("region").in_bulk(
        [row["organisation"] for row in batch.rows]
    )
    for row in batch.rows:
        wish = Wish(
            full_name=row["full_name"],
            username=row["username"],
            organisation=places[row["organisation"]],
            role=RoleCode(row["role"]),
            # A workbook confirmed on a later day: the post begins then.
            valid_from=max(dt.date.fromisoformat(row["valid_from"]), today),
            reason=reason,
        )
        try:
            ask_for_account(wish=wish, by=by, now=now, today=today, batch=batch)
        except AccountRefused as refusal:
            raise AccountRefused(
                f"第{row['row']}行{row['full_name']}：{refusal}整份都没有提交。"
            ) from None
    batch.confirmed_at = now
    with because(reason):
        batch.save(update_fields=["confirmed_at"])
    return len(batch.rows)


@transaction.atomic
def forget_unconfirmed(*, now: dt.datetime) -> int:
    """Remove workbooks nobody confirmed; that they were uploaded stays in the history."""
    old = AccountBatch.objects.filter(
        confirmed_at__isnull=True, uploaded_at__lte=now - UNCONFIRMED_FOR
    )
    with because(f"{UNCONFIRMED_FOR.days}天没有确认"):
        forgotten, _ = old.delete()
    return forgotten
