"""The audit administrator's lists as files: they name people, so they leave as such lists do."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from accounts.access.permissions import Permission
from accounts.exports import CHUNK, Table
from accounts.formatting import zhdate, zhdatetime
from accounts.history import audit
from accounts.history.audit_filter import OUTCOMES, WAYS, AuditFilter
from accounts.history.sentences import post_text
from accounts.models import User
from accounts.releases.registry import ExportKind, Filters, register


def _asked(filters: Filters, now: dt.datetime) -> AuditFilter:
    return AuditFilter.from_query(filters, timezone.localdate(now))


def _read(query: Filters, now: dt.datetime) -> Filters:
    return _asked(query, now).as_dict()


def _title(what: str, by: User, filters: Filters) -> str:
    # Days stand in filters that `_read` made.
    asked = AuditFilter.from_query(filters, dt.date.max)
    narrowed = [
        asked.who and f"含“{asked.who}”",
        dict([*audit.actions_offered(), *WAYS.items()]).get(asked.action, ""),
        dict(OUTCOMES).get(asked.outcome, ""),
        asked.kind and audit.kind_name(asked.kind),
        asked.request_id and f"请求编号{asked.request_id}",
    ]
    place = by.acting.organisation.region.name if by.acting else ""
    days = f"{zhdate(asked.since)}到{zhdate(asked.until)}"
    return "，".join([f"{place}{what}", days, *(part for part in narrowed if part)])


def _acts_title(by: User, filters: Filters) -> str:
    return _title("操作记录", by, filters)


def _acts_count(by: User, filters: Filters, now: dt.datetime) -> int:
    return audit.persons_in_acts(audit.acts(by, _asked(filters, now)))


def _acts_table(by: User, filters: Filters, now: dt.datetime) -> Table:
    asked = _asked(filters, now)
    region = by.acting.organisation.region  # type: ignore[union-attr]
    return Table(
        name=f"操作记录_{asked.since}_{asked.until}",
        heads=("时间", "人员", "用户名", "身份", "行为", "结果", "对象", "行数", "涉及人数",
               "理由", "地址", "请求编号"),
        rows=(
            (
                zhdatetime(r.at),
                r.user.full_name if r.user else "",
                r.user.username if r.user else "",
                post_text(r.acting) if r.acting else "",
                r.get_action_display(),
                r.get_outcome_display(),
                audit.act_object(r),
                r.rows,
                r.persons,
                audit.act_reason(r),
                r.shown_address(region),
                r.request_id,
            )
            for r in audit.acts(by, asked).iterator(CHUNK)
        ),
    )  # fmt: skip


def _changes_title(by: User, filters: Filters) -> str:
    return _title("数据改动", by, filters)


def _changes_count(by: User, filters: Filters, now: dt.datetime) -> int:
    return audit.Changes(by, _asked(filters, now)).persons()


def _changes_table(by: User, filters: Filters, now: dt.datetime) -> Table:
    asked = _asked(filters, now)
    return Table(
        name=f"数据改动_{asked.since}_{asked.until}",
        heads=("时间", "由谁", "方式", "对象", "编号", "改动的字段", "请求编号"),
        rows=(
            (zhdatetime(r.at), r.who, r.way_name, r.kind, r.object_id, r.fields, r.number)
            for r in audit.Changes(by, asked).one_by_one()
        ),
    )


ACTS = ExportKind(
    code="audit",
    label="操作记录",
    permission=Permission.READ_AUDIT,
    list_route="audit",
    read=_read,
    title=_acts_title,
    count=_acts_count,
    table=_acts_table,
    grows=True,
)
CHANGES = ExportKind(
    code="changes",
    label="数据改动",
    permission=Permission.READ_AUDIT,
    list_route="audit-changes",
    read=_read,
    title=_changes_title,
    count=_changes_count,
    table=_changes_table,
    grows=True,
)
register(ACTS)
register(CHANGES)
