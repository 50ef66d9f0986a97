"""What fields are called and how values read, in the words of the pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db import models

from accounts.formatting import zhdate, zhdatetime, zhmonth
from accounts.history.tracking import TRACKED

# Where a field has no name of its own for people.
_NAMES = {
    "accepted_as": "接收人岗位",
    "added_as": "上传人岗位",
    "asked_as": "申请人岗位",
    "batch": "所属批次",
    "checked_as": "核对人岗位",
    "city": "市",
    "count": "一次清点",
    "counts_enrolment": "计入在园幼儿",
    "counts_inclusive": "计入普惠",
    "counts_public": "计入公办",
    "counts_staff": "计入教职工",
    "county": "区县",
    "decided_as": "办理人岗位",
    "decided_by": "办理人",
    "deputises_for": "代办的岗位",
    "digest": "内容摘要",
    "entered_as": "填写人岗位",
    "estate": "小区",
    "file": "文件",
    "filing": "月报",
    "filing_version": "月报版本",
    "group": "组团",
    "id": "编号",
    "item": "器材",
    "job": "后台任务",
    "kindergarten": "幼儿园",
    "notice": "消息",
    "organisation": "机构",
    "parent": "上级",
    "period": "报送期",
    "policy": "政策文件",
    "procedure": "事项",
    "project": "建设项目",
    "province": "省",
    "read_as": "阅读人岗位",
    "region": "区划",
    "replaces": "接替的岗位",
    "requested_as": "申请人岗位",
    "requested_by": "申请人",
    "sent_as": "发件人岗位",
    "set_as": "填写人岗位",
    "settled_as": "处理人岗位",
    "revoked_as": "撤销人岗位",
    "issued_as": "发放人岗位",
    "run": "重算",
    "site": "园址",
    "state": "状态",
    "subject": "给谁的账号",
    "superseded_at": "被更正时间",
    "town": "乡镇街道",
    "uploaded_as": "上传人岗位",
    "uploaded_by": "上传人",
    "urged_as": "催报人岗位",
    "user": "人员",
}

# What the pages of routes are called; whoever draws the way around says so (name_page).
_PAGES: dict[str, str] = {}


def name_page(route: str, name: str) -> None:
    _PAGES[route] = name


def page_name(route: str) -> str:
    """The page's name in the menu; of a page without an entry, the route's own."""
    return f"“{_PAGES[route]}”页" if route in _PAGES else f"页面{route}"


def short_number(key: str) -> str:
    """A row's number as people read it out: of a long random one the first eight letters."""
    plain = key.replace("-", "")
    is_random = len(plain) == 32 and len(key) == 36
    return f"编号{plain[:8].upper() if is_random else key}"


EMPTY = "空"
# What the portal's own connections call themselves.
PROGRAM = "portal"


def field_label(field: models.Field) -> str:
    """The field's name for people; a test fails for a tracked field without one."""
    name = str(field.verbose_name)
    return _NAMES.get(field.name, name) if name.isascii() else name


def secret_label(model: type[models.Model], context: Mapping[str, Any] | None) -> str:
    """手机号, where the portal said what it changed; else every secret that it may have been.

    What a database client did past the portal is not known, whatever it claims.
    """
    context = context or {}
    secrets = {
        field.name: str(field.verbose_name).removesuffix("散列")
        for field in model._meta.concrete_fields
        if field.column in TRACKED[model].secrets
    }
    said = secrets.get(context.get("secret", ""))
    if said and context.get("program") == PROGRAM:
        return said
    return "或".join(secrets.values())


def names_of(asked: Mapping[type[models.Model], Iterable[Any]]) -> dict[tuple[str, Any], str]:
    """What rows are called, by table and key: one query a table.

    These rows are pointed at by rows in hand, so they are read as Django reads a foreign key:
    through the base manager. Whose rows are in hand, the page's own view has decided.
    """
    return {
        (model._meta.label, row.pk): str(row)
        for model, keys in asked.items()
        for row in model._base_manager.filter(pk__in=set(keys)).select_related()
    }


def value_text(
    field: models.Field,
    value: Any,
    names: Mapping[tuple[str, Any], str],
    words: Mapping[str, Mapping[str, str]],
) -> str:
    """One value as a sentence shows it. `words` names the codes of single fields."""
    if value is None or value in ("", [], {}):
        return EMPTY
    known = words.get(field.name, {})
    if isinstance(value, str) and value in known:
        return known[value]
    if isinstance(field, models.ForeignKey):
        label = field.related_model._meta.label  # type: ignore[union-attr]
        return names.get((label, value), f"编号{value}")
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dt.datetime):
        return zhdatetime(value)
    if isinstance(value, dt.date):
        return zhmonth(value) if field.name == "month" else zhdate(value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, list) and all(isinstance(part, str | int) for part in value):
        return "、".join(known.get(str(part), str(part)) for part in value)
    return "另存的内容" if isinstance(value, list | dict) else str(value)
