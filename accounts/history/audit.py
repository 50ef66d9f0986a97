"""What the audit administrator reads: who did what when, never what a row says.

Acts come from AccessRecord. Changes come from all event tables at once, by kind, id, names of
fields and who; values stay where those who work with them read them.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.models import Q

from accounts.access.permissions import Permission
from accounts.exports import CHUNK
from accounts.files.refusal_words import words_of
from accounts.history.audit_filter import WAYS, AuditFilter
from accounts.history.labels import field_label, page_name, secret_label, short_number
from accounts.history.recording import PAGE
from accounts.history.sentences import Actors
from accounts.history.tracking import TRACKED
from accounts.models import AccessRecord, Membership, Organisation, Region, User
from accounts.models.access_record import posts_in_region

Outcome = AccessRecord.Outcome
FILE_ACTS = (AccessRecord.Action.UPLOAD, AccessRecord.Action.DOWNLOAD)
# A number of one of these is a person, as good as the name.
OF_PERSONS = ("accounts.user", "accounts.membership")

LOOKED_FOR = "narrows acts and changes that are the own county's already"
NAMED = "who an act was about is told to whoever may read the act"


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
    if not record.object_kind:
        return ""
    number = f"，{short_number(record.object_id)}" if record.object_id else ""
    return f"{kind_name(record.object_kind)}{number}"


def act_reason(record: AccessRecord) -> str:
    """Why, in words: of a file that was turned away the record keeps the rule's code."""
    if record.action == AccessRecord.Action.DENIED and record.reason.startswith(PAGE):
        return page_name(record.reason.removeprefix(PAGE))
    is_code = record.outcome != Outcome.DONE and record.action in FILE_ACTS
    return words_of(record.reason) if is_code else record.reason


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
    return [(a.value, a.label) for a in AccessRecord.Action]


def kind_name(label: str) -> str:
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except (LookupError, ValueError):
        return label


def findings_in_words(found: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """What does not verify: kind and number of the rows in words, and what is wrong with them."""
    kinds = {model._meta.db_table: str(model._meta.verbose_name) for model in apps.get_models()}
    return [
        {
            "kind": kinds.get(finding["table"], finding["table"]),
            "number": short_number(finding["id"]) if finding["id"] else "",
            "says": finding["says"],
        }
        for finding in found
    ]


def persons_in_acts(records: models.QuerySet[AccessRecord]) -> int:
    """How many people a list of acts is about: who acted, and whose account or post it was."""
    plain = records.select_related(None).order_by()
    found = set(plain.exclude(user=None).values_list("user", flat=True).distinct())
    about = plain.filter(object_kind__in=OF_PERSONS).values_list("object_kind", "object_id")
    return len(found | _people_behind(about.distinct()))


def _people_behind(objects: Iterable[tuple[str, str]]) -> set[int]:
    """The people of accounts and posts, named by kind and number."""
    numbers: dict[str, set[int]] = defaultdict(set)
    for kind, number in objects:
        if number and number.isdecimal():
            numbers[kind].add(int(number))
    held = Membership.objects.unscoped(NAMED).filter(pk__in=numbers["accounts.membership"])
    return numbers["accounts.user"] | set(held.values_list("user", flat=True))


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

    def persons(self) -> int:
        """How many people the list is about: who changed something, and whose account or post."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT DISTINCT context::jsonb->>'user', label,"  # noqa: S608
                " CASE WHEN label = ANY(%s) THEN object_id END"
                f" FROM ({self._sql}) found",
                [list(OF_PERSONS), *self._parameters],
            )
            rows = cursor.fetchall()
        found = {int(user) for user, _, _ in rows if user}
        return len(found | _people_behind((label, number or "") for _, label, number in rows))

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, part: slice) -> list[ChangedRow]:
        start = part.start or 0
        with connection.cursor() as cursor:
            cursor.execute(
                f"{self._ordered} LIMIT %s OFFSET %s",
                [*self._parameters, part.stop - start, start],
            )
            return _named(cursor.fetchall())

    def one_by_one(self) -> Iterator[ChangedRow]:
        """All of them, for a file: a chunk is read and given its names at a time."""
        with connection.chunked_cursor() as cursor:
            cursor.execute(self._ordered, self._parameters)
            while chunk := cursor.fetchmany(CHUNK):
                yield from _named(chunk)

    @property
    def _ordered(self) -> str:
        return f"SELECT * FROM ({self._sql}) found ORDER BY at DESC, label, key DESC"  # noqa: S608


def _changed_row(row: tuple[Any, ...]) -> ChangedRow:
    at, label, key, object_id, way, context = row
    read = json.loads(context) if isinstance(context, str) else context
    return ChangedRow(at, label, key, object_id or "", way, read or {})


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


def _named(read: Iterable[tuple[Any, ...]]) -> list[ChangedRow]:
    """With names of people and of changed fields: two queries, and one for each kind."""
    rows = [_changed_row(row) for row in read]
    people = Actors([row.context for row in rows])
    keys: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        if row.way == "update":
            keys[row.label].append(row.key)
    fields = {label: _changed_fields(label, found) for label, found in keys.items()}
    return [
        replace(
            row,
            who=people.name(row.context),
            fields=fields.get(row.label, {}).get(row.key) or _no_field(row),
        )
        for row in rows
    ]


def _no_field(row: ChangedRow) -> str:
    if row.way == "secret":
        return f"{secret_label(apps.get_model(row.label), row.context)}（内容不记录）"
    return NO_FIELD.get(row.way, "")


# What stands where no single field can be named.
ARCHIVED = "前一次的记录已归档，看不出改了哪项"
NO_FIELD = {
    "insert": "整条登记",
    "update": "只改了不记内容的字段",
    "delete": "整条删除",
    "begin": "升级时已有，从此开始记录",
}


def _changed_fields(label: str, keys: list[int]) -> dict[int, str]:
    """Names of the fields that differ from the event before.

    Events of secrets do not count as such: one statement may write both, with the same values.
    """
    model = apps.get_model(label)
    event = TRACKED[model].event
    names = {f.column: field_label(f) for f in event._meta.concrete_fields}
    table = connection.ops.quote_name(event._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT now.pgh_id, before.pgh_id IS NULL, array_agg(said.key ORDER BY said.key)
                FILTER (WHERE said.key IS NOT NULL)
            FROM {table} now
            LEFT JOIN LATERAL (
                SELECT * FROM {table} earlier
                WHERE earlier.pgh_obj_id = now.pgh_obj_id AND earlier.pgh_id < now.pgh_id
                    AND earlier.pgh_label <> 'secret'
                ORDER BY earlier.pgh_id DESC LIMIT 1
            ) before ON true
            LEFT JOIN LATERAL jsonb_each(to_jsonb(now)) said ON said.key NOT LIKE 'pgh\\_%%'
                AND said.value IS DISTINCT FROM to_jsonb(before) -> said.key
            WHERE now.pgh_id = ANY(%s) GROUP BY now.pgh_id, before.pgh_id
            """,  # noqa: S608 - names of our own tables
            [keys],
        )
        return {
            key: ARCHIVED if is_first else "、".join(names[c] for c in columns or ())
            for key, is_first, columns in cursor.fetchall()
        }
