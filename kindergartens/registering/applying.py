"""Writing the registry's table through the services of each part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.exchange.declaring import Change, Context, Line, Plan, Values
from accounts.exchange.services import Refused
from accounts.models import ImportBatch
from kindergartens.changes.policies import ChangeRefused
from kindergartens.changes.services import change_status, plan_change
from kindergartens.models import Kindergarten
from kindergartens.record.policies import Refused as RecordRefused
from kindergartens.record.selectors import are_texts
from kindergartens.record.services.correcting import correct_records
from kindergartens.record.services.registering import Registration, register_kindergartens
from kindergartens.registering.checks import record_of, status_of
from kindergartens.registering.columns import OPEN_STATUS, REASONS, RECORD

NOTHING_WRITTEN = "整份都没有写入，请重新上传，看新的检查结果。"


def rehearse(context: Context, changes: Sequence[Change]) -> Iterable[tuple[Line, str, str]]:
    """Every check of a change of status: counted months, later rows, terms, estates."""
    dated = [(change, status) for change in changes if (status := _status(change))]
    kindergartens = _in_hand(context, [change for change, _ in dated])
    for change, status in dated:
        kindergarten = kindergartens[change.line.values["code"]]
        try:
            # Undone at once, so that nobody waits for the dry run of a large table.
            with transaction.atomic():
                plan_change(
                    kindergarten=kindergarten,
                    valid_from=change.line.values["valid_from"],
                    values=status,
                    by=context.by,
                    now=context.now,
                )
                transaction.set_rollback(True)
        except (ChangeRefused, PermissionDenied) as refusal:
            yield change.line, "valid_from", str(refusal)


def write(context: Context, plan: Plan, batch: ImportBatch) -> None:
    """New ones in one go, plain fields of the others too, changes of status one by one."""
    _register(context, plan.new, batch)
    _correct(context, plan.changed)
    dated = [(change, status) for change in plan.changed if (status := _status(change))]
    kindergartens = _in_hand(context, [change for change, _ in dated])
    for change, status in dated:
        values = change.line.values
        kindergarten = kindergartens[values["code"]]
        try:
            change_status(
                kindergarten=kindergarten,
                valid_from=values["valid_from"],
                values=status,
                reason=values["reason"],
                # Never the table: its rows are of the whole county, and what is kept with a
                # change is shown to the kindergarten.
                document=None,
                document_number=values["document_number"],
                by=context.by,
                now=context.now,
            )
        except (ChangeRefused, PermissionDenied) as refusal:
            raise Refused(
                f"{kindergarten.name}：{refusal}整份都没有写入。", row=change.line.row
            ) from None


def _register(context: Context, lines: Sequence[Line], batch: ImportBatch) -> None:
    towns = context.known["towns"]
    try:
        register_kindergartens(
            [
                Registration(
                    town=towns[values["town"]],
                    valid_from=values["valid_from"],
                    record=record_of(values),
                    status=status_of(values),
                    document_number=_paper(values, batch),
                    reason=values.get("reason", ""),
                    host_code=values.get("host", ""),
                )
                for values in (line.values for line in lines)
            ],
            reason=f"表格登记：{batch.name}",
            by=context.by,
            now=context.now,
        )
    except (RecordRefused, ChangeRefused) as refusal:
        raise Refused(f"{refusal}{NOTHING_WRITTEN}", row=lines[refusal.number].row) from None


def _paper(values: Values, batch: ImportBatch) -> str:
    """What a kindergarten is registered on: its approval, its licence, else the table itself."""
    named = values.get("document_number") or values.get("licence_number")
    return named or f"名册表格“{batch.name}”"[:100]


def _correct(context: Context, changes: Sequence[Change]) -> None:
    ids = context.known["ids"]
    corrections, lines = {}, []
    keys = _keys_of_hosts(context, changes)
    for change in changes:
        record = {name: new for name, (_, new) in change.changes.items() if name in RECORD}
        if "host" in change.changes:
            record["host_id"] = keys[change.changes["host"][1]]
        if not record:
            continue
        record |= {name: new for name, (_, new) in change.changes.items() if name in REASONS}
        corrections[ids[change.line.values["code"]]] = record
        lines.append(change.line)
    try:
        correct_records(corrections, by=context.by, now=context.now)
    except RecordRefused as refusal:
        raise Refused(f"{refusal}{NOTHING_WRITTEN}", row=lines[refusal.number].row) from None


def _keys_of_hosts(context: Context, changes: Sequence[Change]) -> dict[str, int]:
    """Keys by code, of those registered by the same table just now too."""
    codes = {change.changes["host"][1] for change in changes if "host" in change.changes}
    if not codes:
        return {}
    found = Kindergarten.objects.visible_to(context.by).filter(are_texts("code", codes))
    return dict(found.values_list("code", "pk"))


def _in_hand(context: Context, changes: Sequence[Change]) -> dict[str, Kindergarten]:
    if not changes:
        return {}
    codes = [change.line.values["code"] for change in changes]
    found = Kindergarten.objects.visible_to(context.by).filter(are_texts("code", codes))
    return {one.code: one for one in found}


def _status(change: Change) -> dict[str, Any]:
    """What of a changed row is dated status, as change_status takes it; empty for none.

    Nothing the rates count by is among it: the checks refuse that, and run again before writing.
    """
    return {name: new for name, (_, new) in change.changes.items() if name in OPEN_STATUS}
