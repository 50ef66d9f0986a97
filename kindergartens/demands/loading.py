"""Loading what documents demand (of buildings, estates, staff, safety): TOML in, dated rows out.

A file says once which document it is, of which place, and from when; below stand its rows, each
with its clause. Loading twice changes nothing. What a file does not name (a unit price, an end) is
left as people set it.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import ProtectedError

from accounts.models import Region
from kindergartens.models import ConstructionPlan, EquipmentItem, EstateRule, PremisesStandard
from kindergartens.models.demand import Demand

NATION = "CN"
# Section of a file → the model of its rows and the fields that tell them apart.
Sections = Mapping[str, tuple[type[Demand], tuple[str, ...]]]
SECTIONS: Sections = {
    "premises_standard": (PremisesStandard, ("measure",)),
    "equipment_item": (EquipmentItem, ("code",)),
    "construction_plan": (ConstructionPlan, ("code",)),
    "estate_rule": (EstateRule, ("code",)),
}
OWN_KEYS = {"title", "document_number", "jurisdiction", "from", "to"}


class DemandFileError(ValueError):
    """A file that cannot be loaded; the text names the file, the place and the remedy."""


@dataclass
class LoadReport:
    files: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0

    @property
    def rows(self) -> int:
        return self.created + self.updated + self.unchanged


def load_demands(
    *, directory: Path, today: dt.date, sections: Sections = SECTIONS, files: str = "*.toml"
) -> LoadReport:
    """Bring the rows to what the directory's files say, all files or none.

    `files` is their pattern, where the directory holds others, too.

    A row that its file no longer names is removed, or, where something counts by it, ends `today`.
    Raises DemandFileError.
    """
    found = sorted(directory.glob(files))
    if not found:
        raise DemandFileError(f"{directory}里没有标准文件（{files}）。")
    report = LoadReport()
    with transaction.atomic():
        for path in found:
            _load_file(path, report, today, sections)
    return report


def _load_file(path: Path, report: LoadReport, today: dt.date, sections: Sections) -> None:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DemandFileError(f"{path.name}不是正确的TOML文件：{error}") from error
    unknown = data.keys() - OWN_KEYS - sections.keys()
    if unknown:
        raise DemandFileError(f"{path.name}有不认识的内容：{'、'.join(sorted(unknown))}")
    if not data.get("title"):
        raise DemandFileError(f"{path.name}缺少文件名称（title）。")
    shared = {
        "region": _region(path, data.get("jurisdiction")),
        "document": data["title"],
        "document_number": data.get("document_number", ""),
        "valid_from": data.get("from"),
    } | ({"valid_to": data["to"]} if "to" in data else {})
    for section, (model, keys) in sections.items():
        kept = [
            _upsert(f"{path.name}的{section}第{number}条", model, keys, path.stem, shared, entry)
            for number, entry in enumerate(data.get(section, []), start=1)
        ]
        for outcome, _ in kept:
            setattr(report, outcome, getattr(report, outcome) + 1)
        report.removed += _remove(model, path.stem, [key for _, key in kept], today)
    report.files += 1


def _upsert(
    where: str,
    model: type[Demand],
    keys: tuple[str, ...],
    source: str,
    shared: dict[str, Any],
    entry: dict[str, Any],
) -> tuple[str, int]:
    missing = [key for key in keys if key not in entry]
    if missing:
        raise DemandFileError(f"{where}缺少{'、'.join(missing)}。")
    values = dict(shared)
    for name, value in entry.items():
        values[name] = _typed(where, model, name, value)
    identity = {"source": source} | {key: values.pop(key) for key in keys}
    manager: models.Manager[Any] = model.objects  # type: ignore[attr-defined]
    row = manager.filter(**identity).first()
    created = row is None
    row = row or model(**identity)
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    if created or changed:
        try:
            row.full_clean()
        except ValidationError as error:
            raise DemandFileError(f"{where}：{'；'.join(error.messages)}") from error
        row.save()
    return "created" if created else "updated" if changed else "unchanged", row.pk


def _typed(where: str, model: type[Demand], name: str, value: Any) -> Any:
    fields = {field.name: field for field in model._meta.concrete_fields}
    field = fields.get(name)
    if field is None or name in {"id", "source", "region"}:
        raise DemandFileError(f"{where}有不认识的项目：{name}")
    if isinstance(field, models.DecimalField):
        try:
            return Decimal(str(value)).quantize(Decimal(1).scaleb(-(field.decimal_places or 0)))
        except InvalidOperation:
            raise DemandFileError(f"{where}的{name}不是数：{value}") from None
    return value


def _remove(model: type[Demand], source: str, kept: list[int], today: dt.date) -> int:
    manager: models.Manager[Any] = model.objects  # type: ignore[attr-defined]
    rows = manager.filter(source=source).exclude(pk__in=kept)
    removed = 0
    for row in rows.filter(valid_to__isnull=True):
        try:
            with transaction.atomic():
                row.delete()
        except ProtectedError:
            row.valid_to = today
            row.save(update_fields=["valid_to"])
        removed += 1
    return removed


def _region(path: Path, code: str | None) -> Region | None:
    if code == NATION:
        return None
    if not code:
        raise DemandFileError(
            f"{path.name}缺少适用地区（jurisdiction）：行政区划代码，或{NATION}。"
        )
    try:
        return Region.objects.of_code(code)
    except Region.DoesNotExist:
        raise DemandFileError(
            f"{path.name}的适用地区{code}不在行政区划表里。请先载入行政区划。"
        ) from None
