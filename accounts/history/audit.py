"""What the audit administrator reads: who did what when, never what a row says.

Acts come from AccessRecord. Changes come from all event tables at once, by kind, id, names of
fields and who; values stay where those who work with them read them.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.models import Q
from django.utils import timezone

from accounts.access.permissions import Permission
from accounts.exports import Table
from accounts.formatting import zhdatetime
from accounts.history.labels import field_label
from accounts.history.sentences import Actors, post_text
from accounts.history.tracking import TRACKED
from accounts.models import AccessRecord, Membership, Organisation, Region, User
from accounts.models.access_record import posts_in_region
from accounts.typed_text import clean

DAYS_SHOWN = 30
WAYS = {
    "insert": "新增",
    "update": "修改",
    "delete": "删除",
    "secret": "更换密码或密钥",
    "begin": "开始记录",
}

LOOKED_FOR = "narrows acts and changes that are the own county's already"
NAMED = "who an act was about is told to whoever may read the act"


@dataclass(frozen=True)
class AuditFilter:
    """What the lists are narrowed by; anything unreadable in the address counts as not given."""

    who: str = ""
    action: str = ""
    outcome: str = ""
    kind: str = ""
    request_id: str = ""
    since: dt.date | None = None
    until: dt.date | None = None

    @classmethod
    def from_query(cls, query: Mapping[str, str], today: dt.date) -> AuditFilter:
        since, until = _day(query.get("since")), _day(query.get("until"))
        return cls(
            who=clean(query.get("who"))[:40],
            action=_one_of(query.get("action"), [*AccessRecord.Action.values, *WAYS]),
            outcome=_one_of(query.get("outcome"), AccessRecord.Outcome.values),
            kind=_one_of(query.get("kind"), [model._meta.label_lower for model in TRACKED]),
            request_id=clean(query.get("request"))[:16],
            since=since or (until or today) - dt.timedelta(days=DAYS_SHOWN),
            until=until or today,
        )

    def narrows(self) -> bool:
        return bool(self.who or self.action or self.outcome or self.kind or self.request_id)

    @property
    def begins(self) -> dt.datetime:
        return _midnight(self.since or dt.date(2000, 1, 1))

    @property
    def ends(self) -> dt.datetime:
        """The first moment after the last day."""
        return _midnight((self.until or dt.date(2999, 1, 1)) + dt.timedelta(days=1))


def _day(text: str | None) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2999 else None


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


def _one_of(text: str | None, known: Iterable[str]) -> str:
    return text if text and text in set(known) else ""


# ---- acts ---------------------------------------------------------------------------------------


def acts(by: User, asked: AuditFilter) -> models.QuerySet[AccessRecord]:
    rows = AccessRecord.objects.visible_to(by).filter(at__gte=asked.begins, at__lt=asked.ends)
    if asked.who:
        people = _called(asked.who)
        found = list(people.values_list("pk", flat=True))
        posts = Membership.objects.unscoped(LOOKED_FOR).filter(user__in=found)
        held = posts.values_list("pk", flat=True)
        # What they did, and what was done to them.
        rows = rows.filter(
            Q(user__in=found)
            | Q(object_kind="accounts.user", object_id__in=map(str, found))
            | Q(object_kind="accounts.membership", object_id__in=map(str, held))
        )
    for name in ("action", "outcome", "request_id"):
        if getattr(asked, name):
            rows = rows.filter(**{name: getattr(asked, name)})
    return rows.select_related("user", "acting__organisation").order_by("-at", "-pk")


def _called(name: str) -> models.QuerySet[User]:
    return User.objects.unscoped(LOOKED_FOR).filter(
        Q(full_name__icontains=name) | Q(username__icontains=name)
    )


def act_object(record: AccessRecord) -> str:
    """What an act was about: its kind and number, no more."""
    return f"{kind_name(record.object_kind)} {record.object_id}" if record.object_kind else ""


def persons_of(records: Sequence[AccessRecord]) -> dict[tuple[str, str], str]:
    """Who is behind the accounts and posts that acts were about, by kind and number."""
    keys: dict[str, set[str]] = defaultdict(set)
    for record in records:
        if record.object_id.isdecimal():
            keys[record.object_kind].add(record.object_id)
    people = User.objects.unscoped(NAMED).filter(pk__in=keys["accounts.user"])
    users = people.values_list("pk", "full_name")
    posts = Membership.objects.unscoped(NAMED).filter(pk__in=keys["accounts.membership"])
    named = posts.values_list("pk", "user__full_name")
    return {("accounts.user", str(pk)): name for pk, name in users} | {
        ("accounts.membership", str(pk)): name for pk, name in named
    }


def actions_offered() -> list[tuple[str, str]]:
    """Only what some part of the portal writes: an empty choice would look like nobody did it."""
    unwritten = {AccessRecord.Action.READ_LIST}
    return [(a.value, a.label) for a in AccessRecord.Action if a not in unwritten]


def kind_name(label: str) -> str:
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except (LookupError, ValueError):
        return label


def acts_table(by: User, records: Iterable[AccessRecord], asked: AuditFilter) -> Table:
    region = by.acting.organisation.region  # type: ignore[union-attr]
    return Table(
        name=f"操作记录_{asked.since}_{asked.until}",
        heads=("时间", "人员", "用户名", "身份", "行为", "结果", "对象", "行数", "涉及人数",
               "理由", "地址", "请求编号"),
        rows=[
            (
                zhdatetime(r.at),
                r.user.full_name if r.user else "",
                r.user.username if r.user else "",
                post_text(r.acting) if r.acting else "",
                r.get_action_display(),
                r.get_outcome_display(),
                act_object(r),
                r.rows,
                r.persons,
                r.reason,
                r.shown_address(region),
                r.request_id,
            )
            for r in records
        ],
    )  # fmt: skip


# ---- changes ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ChangedRow:
    """One event: which row, which fields, by whom. `key` is the event's own number."""

    at: dt.datetime
    label: str
    key: int
    object_id: str
    way: str
    context: dict[str, Any]
    fields: str = ""
    who: str = ""

    @property
    def kind(self) -> str:
        return kind_name(self.label)

    @property
    def way_name(self) -> str:
        return WAYS.get(self.way, self.way)

    @property
    def number(self) -> str:
        """The request's, or the job's short one."""
        job = str(self.context.get("job", ""))
        return self.context.get("request") or job.replace("-", "")[:8].upper()


class Changes:
    """All events the administrator may see, newest first; sliced and counted by a Paginator."""

    def __init__(self, by: User, asked: AuditFilter) -> None:
        self._sql, self._parameters = _union(by, asked)

    def count(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM ({self._sql}) found", self._parameters)  # noqa: S608
            return cursor.fetchone()[0]

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, part: slice) -> list[ChangedRow]:
        return self.rows(limit=part.stop - (part.start or 0), offset=part.start or 0)

    def rows(self, *, limit: int | None = None, offset: int = 0) -> list[ChangedRow]:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT * FROM ({self._sql}) found ORDER BY at DESC, label, key DESC"  # noqa: S608
                " LIMIT %s OFFSET %s",
                [*self._parameters, limit, offset],
            )
            found = [
                ChangedRow(at, label, key, object_id or "", way, context or {})
                for at, label, key, object_id, way, context in _with_json(cursor.fetchall())
            ]
        return _named(found)


def _with_json(rows: Iterable[tuple[Any, ...]]) -> Iterable[tuple[Any, ...]]:
    import json

    for *front, context in rows:
        yield (*front, json.loads(context) if isinstance(context, str) else context)


def _union(by: User, asked: AuditFilter) -> tuple[str, list[Any]]:
    """One SELECT over every event table. `by` must be acting with READ_AUDIT."""
    parts, parameters = [], []
    where, own = _conditions(by, asked)
    for model, tracked in TRACKED.items():
        label = model._meta.label_lower
        if asked.kind and asked.kind != label:
            continue
        table = connection.ops.quote_name(tracked.event._meta.db_table)
        number, places = _number(model, by)
        parts.append(
            f"SELECT pgh_created_at AS at, '{label}' AS label, pgh_id AS key,"  # noqa: S608
            f" {number} AS object_id, pgh_label AS way, pgh_context::text AS context"
            f" FROM {table} WHERE {where}"
        )
        parameters += [*places, *own]
    return " UNION ALL ".join(parts), parameters


def _number(model: type[models.Model], by: User) -> tuple[str, list[Any]]:
    """SQL for the number of the row: of nobody's change, only where its place is one's own.

    A row that names no place is numbered from the city up.
    """
    if by.acting is None:
        return "''", []
    region = by.acting.organisation.region
    if region.level in (region.Level.PROVINCE, region.Level.CITY):
        return "pgh_obj_id::text", []
    within = Region.objects.within(region).values("pk")
    offices = Organisation.objects.filter(region__in=within).values("pk")
    own: list[tuple[str, models.QuerySet[Any, Any]]] = []
    if model is User:
        own.append(("pgh_obj_id", posts_in_region(region).values("user_id")))
    for field in model._meta.concrete_fields:
        target = field.related_model
        if target is Region or (model is Region and field.primary_key):
            own.append((field.column, within))
        elif target is Organisation or (model is Organisation and field.primary_key):
            own.append((field.column, offices))
        elif field.name == "kindergarten" and isinstance(target, type):
            places = target._base_manager.filter(organisation__in=offices)
            own.append((field.column, places.values("pk")))
    found = [(column, *rows.query.sql_with_params()) for column, rows in own]
    is_own = " OR ".join(f'"{column}" IN ({sql})' for column, sql, _ in found) or "false"
    parameters = [parameter for _, _, given in found for parameter in given]
    return f"CASE WHEN pgh_context ? 'user' OR {is_own} THEN pgh_obj_id::text END", parameters


def _conditions(by: User, asked: AuditFilter) -> tuple[str, list[Any]]:
    if by.acting is None or not by.can(Permission.READ_AUDIT):
        return "false", []
    posts = list(posts_in_region(by.acting.organisation.region).values_list("pk", flat=True))
    where = [
        "pgh_created_at >= %s",
        "pgh_created_at < %s",
        # Changes of nobody's: by commands, by the portal itself, or past it. All see that there
        # were some; which row it was is said where the row belongs (_number).
        "(NOT pgh_context ? 'user' OR (pgh_context->>'post')::bigint = ANY(%s))",
    ]
    parameters: list[Any] = [asked.begins, asked.ends, posts]
    if asked.who:
        people = _called(asked.who)
        where.append("(pgh_context->>'user')::bigint = ANY(%s)")
        parameters.append(list(people.values_list("pk", flat=True)))
    if asked.action:
        where.append("pgh_label = %s")
        parameters.append(asked.action)
    if asked.request_id:
        where.append(
            "(pgh_context->>'request' = %s OR replace(pgh_context->>'job', '-', '') LIKE %s)"
        )
        parameters += [asked.request_id, f"{_plain(asked.request_id).lower()}%"]
    return " AND ".join(where), parameters


def _plain(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum()) or "-"


def _named(rows: Sequence[ChangedRow]) -> list[ChangedRow]:
    """With names of people and of changed fields: two queries, and one for each kind."""
    people = Actors([row.context for row in rows])
    keys: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        if row.way == "update":
            keys[row.label].append(row.key)
    fields = {label: _changed_fields(label, found) for label, found in keys.items()}
    return [
        replace(
            row, who=people.name(row.context), fields=fields.get(row.label, {}).get(row.key, "")
        )
        for row in rows
    ]


def _changed_fields(label: str, keys: list[int]) -> dict[int, str]:
    """Names of the fields that differ from the event before."""
    model = apps.get_model(label)
    event = TRACKED[model].event
    names = {f.column: field_label(f) for f in event._meta.concrete_fields}
    table = connection.ops.quote_name(event._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT now.pgh_id, array_agg(said.key ORDER BY said.key)
            FROM {table} now
            JOIN LATERAL (
                SELECT * FROM {table} earlier
                WHERE earlier.pgh_obj_id = now.pgh_obj_id AND earlier.pgh_id < now.pgh_id
                ORDER BY earlier.pgh_id DESC LIMIT 1
            ) before ON true
            JOIN LATERAL jsonb_each(to_jsonb(now)) said ON said.key NOT LIKE 'pgh\\_%%'
                AND said.value IS DISTINCT FROM to_jsonb(before) -> said.key
            WHERE now.pgh_id = ANY(%s) GROUP BY now.pgh_id
            """,  # noqa: S608 - names of our own tables
            [keys],
        )
        return {key: "、".join(names[c] for c in columns) for key, columns in cursor.fetchall()}


def changes_table(rows: Iterable[ChangedRow], asked: AuditFilter) -> Table:
    return Table(
        name=f"数据改动_{asked.since}_{asked.until}",
        heads=("时间", "由谁", "方式", "对象", "编号", "改动的字段", "请求编号"),
        rows=[
            (zhdatetime(r.at), r.who, r.way_name, r.kind, r.object_id, r.fields, r.number)
            for r in rows
        ],
    )
