"""The register of every field: what it is, why it is kept, how long, how it is shown, to whom."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models

FILE = Path(__file__).with_name("register.toml")
ABOUT_A_MODEL = ("purpose", "basis", "retention", "class", "grade", "seen_by")
LISTS = {"technical", "fields"}


@dataclass(frozen=True)
class Entry:
    """One field of one model."""

    model: str
    field: str
    purpose: str
    basis: str
    retention: str
    kind: str
    grade: str
    mask: str
    seen_by: str


@cache
def _written() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def classes() -> dict[str, str]:
    return dict(_written()["classes"])


def grades() -> dict[str, str]:
    return dict(_written()["grades"])


def written_models() -> dict[str, dict[str, Any]]:
    """What the file says, model by model."""
    return {name: table for name, table in _written().items() if "." in name}


def entries() -> Iterator[Entry]:
    """Every field the file names. KeyError where a model's table lacks something."""
    for model, table in written_models().items():
        common = {key: table[key] for key in ABOUT_A_MODEL} | {"mask": table.get("mask", "")}
        for field in table["technical"]:
            yield _entry(model, field, common | {"class": "technical", "grade": "1"})
        for field in table["fields"]:
            yield _entry(model, field, common)
        for field, own in table.items():
            if isinstance(own, dict):
                yield _entry(model, field, common | own)


def _entry(model: str, field: str, said: dict[str, str]) -> Entry:
    return Entry(
        model=model,
        field=field,
        purpose=said["purpose"],
        basis=said["basis"],
        retention=said["retention"],
        kind=said["class"],
        grade=said["grade"],
        mask=said["mask"],
        seen_by=said["seen_by"],
    )


def our_models() -> list[type[models.Model]]:
    """Models of the portal's own apps, without the history tables that follow another table."""
    own = {name for name in settings.INSTALLED_APPS if (settings.BASE_DIR / name).is_dir()}
    return [
        model
        for model in apps.get_models()
        if model._meta.app_config.name in own and not hasattr(model, "pgh_tracked_model")
    ]


def our_fields() -> dict[tuple[str, str], models.Field[Any, Any]]:
    """Every column of every model of ours."""
    return {
        (model._meta.label_lower, field.name): field
        for model in our_models()
        for field in model._meta.local_fields
    }


def as_page() -> str:
    """docs/data-register.md."""
    lines = [
        "# 数据登记表",
        "",
        "Generated from `accounts/privacy/register.toml` by `manage.py write_data_register`; a test fails",
        "when a field of a model is missing from it or when this page differs from it.",
        "",
        "幼儿只计人数，不记姓名：没有一个字段存放幼儿或家长的姓名、证件号和电话。",
        "",
        "## 类别和级别",
        "",
        *(f"- `{name}` {text}" for name, text in classes().items()),
        "",
        *(f"- {text}" for text in grades().values()),
    ]
    known = our_fields()
    names = {model._meta.label_lower: str(model._meta.verbose_name) for model in our_models()}
    by_model: dict[str, list[Entry]] = {}
    for entry in entries():
        by_model.setdefault(entry.model, []).append(entry)
    for model, rows in by_model.items():
        first = written_models()[model]
        lines += [
            "",
            f"## {names.get(model, '')} `{model}`",
            "",
            f"目的：{first['purpose']}。依据：{first['basis']}。保存：{first['retention']}。",
            "",
            "| 字段 | 名称 | 类别 | 级别 | 遮挡 | 谁能看 | 另有说明 |",
            "|---|---|---|---|---|---|---|",
        ]
        for entry in rows:
            field = known.get((model, entry.field))
            label = "" if field is None else str(field.verbose_name)
            differs = [
                text
                for text, usual in (
                    (entry.purpose, first["purpose"]),
                    (entry.retention, first["retention"]),
                )
                if text != usual
            ]
            lines.append(
                f"| `{entry.field}` | {label} | {entry.kind} | {entry.grade} | {entry.mask} | "
                f"{entry.seen_by} | {'；'.join(differs)} |"
            )
    return "\n".join(lines) + "\n"
