"""History as sentences: who changed what, from what to what, when, in which post and why."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import OuterRef, Subquery, Value

from accounts.access.scoping import ScopedQuerySet
from accounts.formatting import zhdatetime
from accounts.history.labels import PROGRAM, field_label, names_of, secret_label, value_text
from accounts.history.tracking import TRACKED
from accounts.models import Membership, User

EVENTS_PER_PAGE = 30
COPIES = "whose rows these are copies of, the view that names the subject has decided"
ACTORS = "who changed a row is told to everyone who may read its history"

VERBS = {"insert": "登记了"}
ICONS = {"insert": ("plus", "done"), "delete": ("trash", "back"), "secret": ("lock", "past")}


@dataclass(frozen=True)
class Line:
    """One event as the timeline shows it."""

    at: dt.datetime
    who: str
    text: str
    icon: str
    tone: str

    # The timeline's own name for who did it.
    @property
    def title(self) -> str:
        return self.who

    def __str__(self) -> str:
        return f"{zhdatetime(self.at)} {self.who}{self.text}"


@dataclass(frozen=True)
class Subject:
    """Whose history: rows of one model, and what the sentences call them."""

    model: type[models.Model]
    rows: Any  # a queryset or a list of keys
    noun: str = ""
    # Words for codes that are no choices of the field: {"indicator": {"gross_…": "毛入园率"}}.
    words: Mapping[str, Mapping[str, str]] = dataclasses.field(default_factory=dict)
    # Which fields tell one row from another, where there may be several: ("organisation", "role").
    told_by: Sequence[str] = ()

    def __post_init__(self) -> None:
        if isinstance(self.rows, ScopedQuerySet):
            self.rows.say_whose()

    @property
    def copies(self) -> Any:
        """Copies of every row of the model; `events` are those of the subject."""
        return TRACKED[self.model].copies(COPIES)

    @property
    def events(self) -> Any:
        return self.copies.filter(pgh_obj_id__in=self.rows)


def history_page(subjects: Sequence[Subject], number: str | None) -> Page:
    """A page of sentences, newest first; the same few queries however long the history is."""
    found = [
        subject.events.order_by().values_list(
            "pgh_created_at", Value(place, models.IntegerField()), "pgh_id"
        )
        for place, subject in enumerate(subjects)
    ]
    union = found[0].union(*found[1:], all=True) if len(found) > 1 else found[0]
    page = Paginator(union.order_by("-pgh_created_at", "-pgh_id"), EVENTS_PER_PAGE).get_page(number)
    chosen = list(page.object_list)
    pairs: dict[tuple[int, int], _Pair] = {}
    for place, subject in enumerate(subjects):
        keys = [pk for _, at, pk in chosen if at == place]
        pairs |= {(place, pair.new.pgh_id): pair for pair in _pairs(subject, keys)}
    page.object_list = _lines([pairs[place, pk] for _, place, pk in chosen])
    return page


@dataclass(frozen=True)
class _Pair:
    """An event and the one before it of the same row."""

    subject: Subject
    new: Any
    old: Any

    @property
    def telling(self) -> list[models.Field]:
        """Fields that say which row of several it is, as it stood before the event."""
        return [self.said_before._meta.get_field(name) for name in self.subject.told_by]

    @property
    def said_before(self) -> Any:
        return self.new if self.old is None else self.old

    @property
    def changed(self) -> list[models.Field]:
        """Fields that differ; of a new row, those that say something."""
        event = type(self.new)
        copied = [
            field
            for field in event._meta.concrete_fields
            if not field.name.startswith("pgh_") and field.name != self.subject.model._meta.pk.name
        ]
        if self.new.pgh_label == "insert":
            return [f for f in copied if getattr(self.new, f.attname) not in (None, "", [], {})]
        if self.new.pgh_label != "update":
            return []
        if self.old is None:
            return copied
        return [f for f in copied if getattr(self.new, f.attname) != getattr(self.old, f.attname)]


def _pairs(subject: Subject, keys: list[int]) -> list[_Pair]:
    if not keys:
        return []
    # A change of a secret says what the row says otherwise, and one statement may write both.
    before = subject.copies.filter(
        pgh_obj_id=OuterRef("pgh_obj_id"), pgh_id__lt=OuterRef("pgh_id")
    ).exclude(pgh_label="secret")
    news = list(
        subject.copies.filter(pgh_id__in=keys).annotate(
            before=Subquery(before.order_by("-pgh_id").values("pgh_id")[:1])
        )
    )
    olds = subject.copies.in_bulk([new.before for new in news if new.before])
    return [_Pair(subject, new, olds.get(new.before)) for new in news]


def _lines(pairs: Sequence[_Pair]) -> list[Line]:
    people = Actors([pair.new.pgh_context for pair in pairs])
    asked: dict[type[models.Model], set[Any]] = defaultdict(set)
    for pair in pairs:
        for field in [*pair.changed, *pair.telling]:
            if isinstance(field, models.ForeignKey):
                for row in (pair.new, pair.old):
                    if row is not None:
                        asked[field.related_model].add(getattr(row, field.attname))  # type: ignore[index]
    names = names_of(asked)
    return [_line(pair, people, names) for pair in pairs]


def _line(pair: _Pair, people: Actors, names: dict[tuple[str, Any], str]) -> Line:
    context = pair.new.pgh_context or {}
    icon, tone = ICONS.get(pair.new.pgh_label, ("edit", "past"))
    text = _what(pair, names)
    if context.get("reason"):
        text += f"，理由：{context['reason']}"
    return Line(pair.new.pgh_created_at, people.name(context), f"{text}。", icon, tone)


def _what(pair: _Pair, names: dict[tuple[str, Any], str]) -> str:
    subject = pair.subject
    label = pair.new.pgh_label

    def says(row: Any, changed: models.Field) -> str:
        return value_text(changed, getattr(row, changed.attname), names, subject.words)

    noun = subject.noun or str(subject.model._meta.verbose_name)
    which = "，".join(says(pair.said_before, f) for f in pair.telling)
    one = f"{noun}（{which}）" if which else noun
    if label == "begin":
        return f"升级系统时{one}已经登记，从此开始记录"
    if label == "secret":
        return f"更换了{one}的{secret_label(subject.model, pair.new.pgh_context)}（内容不记录）"
    if label == "delete":
        return f"删除了{one}"
    if label == "update" and pair.old is not None:
        if not pair.changed:
            return f"保存了{one}，内容没有变"
        return f"把{one}的" + "，".join(
            f"“{field_label(f)}”由“{says(pair.old, f)}”改为“{says(pair.new, f)}”"
            for f in pair.changed
        )
    said = "，".join(f"{field_label(f)}“{says(pair.new, f)}”" for f in pair.changed)
    if label == "update":
        # What stood there before has been archived or is older than the history.
        return f"修改了{one}，改后为：{said}"
    # A label nobody writes is still shown: history hides nothing.
    return f"{VERBS.get(label, label)}{noun}" + (f"：{said}" if said else "")


class Actors:
    """Names of the people and posts that contexts mention; two queries for all of them."""

    def __init__(self, contexts: Iterable[dict[str, Any] | None]) -> None:
        known = [context or {} for context in contexts]
        users = {context["user"] for context in known if "user" in context}
        posts = {context["post"] for context in known if "post" in context}
        self._users = dict(
            User.objects.unscoped(ACTORS).filter(pk__in=users).values_list("pk", "full_name")
        )
        self._posts = {
            post.pk: post_text(post)
            for post in Membership.objects.unscoped(ACTORS)
            .filter(pk__in=posts)
            .select_related("organisation")
        }

    def name(self, context: dict[str, Any] | None) -> str:
        context = context or {}
        text = self._person(context)
        program = context.get("program", PROGRAM)
        if program != PROGRAM and not text.startswith("直接"):
            text += f"（经程序{program or '不明'}，不是本系统）"
        return text

    def _person(self, context: dict[str, Any]) -> str:
        if "user" in context:
            name = self._users.get(context["user"], f"编号{context['user']}的人员")
            post = self._posts.get(context.get("post") or 0, "")
            by_job = "，后台任务" if "job" in context else ""
            return f"{name}（{post}{by_job}）" if post or by_job else name
        if context.get("command") == "timetable":
            return "系统（定时任务）"
        if "job" in context:
            return "系统（后台任务）"
        if "command" in context:
            user = context.get("system_user", "")
            return f"运维人员（命令{context['command']}，系统用户{user}）"
        if context.get("request"):
            return "没有登录的人"
        role = context.get("database_role", "不明")
        program = context.get("program") or "不明"
        if program == PROGRAM:
            return f"本系统没有署名的程序（数据库账号{role}）"
        return f"直接改动数据库的人（数据库账号{role}，程序{program}）"


def post_text(post: Membership) -> str:
    """武清区教育局经办人, not 武清区教育局教育局经办人."""
    organisation, role = str(post.organisation), post.get_role_display()
    for kind in ("市教育局", "教育局"):
        if organisation.endswith(kind) and role.startswith(kind):
            role = role.removeprefix(kind)
    return f"{organisation}{role}"
