"""Loading what each place's documents demand: files in, dated rows with document and clause out."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import tomllib
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.db import transaction

from accounts.models import Region
from indicators.catalogue import INDICATORS
from indicators.models import Policy, Target

NATION = "CN"
LEVELS = {"kindergarten", "town", "county", "city"}
PERIOD = re.compile(r"(\d{4})(?:-(\d{4}))?")
OWN_KEYS = {"title", "document_number", "jurisdiction", "issued", "period", "target"}


class PolicyFileError(ValueError):
    """A file that cannot be loaded; the text names the file, the place and the remedy."""


@dataclass
class LoadReport:
    """How many rows were new, changed, left alone or removed."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    policies: int = field(default=0)
    targets: int = field(default=0)

    def count(self, outcome: str) -> None:
        setattr(self, outcome, getattr(self, outcome) + 1)


def load_policies(*, directory: Path) -> LoadReport:
    """Bring policies and targets to what the directory's TOML files say, all files or none.

    Repeating it changes nothing. Targets that a file no longer names are removed; policies
    without a file stay, for people enter their own. Raises PolicyFileError.
    """
    files = sorted(directory.glob("*.toml"))
    if not files:
        raise PolicyFileError(f"{directory}里没有政策文件（*.toml）。")
    report = LoadReport()
    with transaction.atomic():
        for path in files:
            _load_file(path, report)
    return report


def _load_file(path: Path, report: LoadReport) -> None:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyFileError(f"{path.name}不是正确的TOML文件：{error}") from error
    if not data.get("title"):
        raise PolicyFileError(f"{path.name}缺少文件名称（title）。")
    valid_from, valid_to = _period(path, data.get("period"))
    fields = {
        "title": data["title"],
        "document_number": data.get("document_number", ""),
        "region": _region(path, data.get("jurisdiction")),
        "issued_on": data.get("issued"),
        "valid_from": valid_from,
        "valid_to": valid_to,
        "facts": {
            key: _plain(value) for key, value in data.items() if key not in OWN_KEYS - {"period"}
        },
    }
    policy = _upsert(Policy, {"slug": path.stem}, fields, report)
    report.policies += 1
    kept = []
    for number, entry in enumerate(data.get("target", []), start=1):
        key, values = _target(f"{path.name}第{number}个目标", entry)
        target = _upsert(Target, {"policy": policy, **key}, values, report)
        kept.append(target.pk)
        report.targets += 1
    if len(set(kept)) != len(kept):
        raise PolicyFileError(f"{path.name}有两个目标的指标、比较和级别相同，请合并。")
    report.removed += policy.targets.exclude(pk__in=kept).delete()[0]


def _upsert(model: Any, key: dict[str, Any], fields: dict[str, Any], report: LoadReport) -> Any:
    row = model.objects.filter(**key).first()
    if row is None:
        report.count("created")
        return model.objects.create(**key, **fields)
    changed = [name for name, value in fields.items() if getattr(row, name) != value]
    if not changed:
        report.count("unchanged")
        return row
    for name in changed:
        setattr(row, name, fields[name])
    row.save(update_fields=changed)
    report.count("updated")
    return row


def _region(path: Path, code: str | None) -> Region | None:
    if code == NATION:
        return None
    if not code:
        raise PolicyFileError(
            f"{path.name}缺少适用地区（jurisdiction）：行政区划代码，或{NATION}。"
        )
    try:
        return Region.objects.of_code(code)
    except Region.DoesNotExist:
        raise PolicyFileError(
            f"{path.name}的适用地区{code}不在行政区划表里。请先载入行政区划。"
        ) from None


def _period(path: Path, text: str | None) -> tuple[dt.date | None, dt.date | None]:
    """ "2021-2025" or "2024": in force from the first day to the last of those years."""
    if text is None:
        return None, None
    match = PERIOD.fullmatch(text)
    if match is None:
        raise PolicyFileError(f"{path.name}的period应写成2024或2021-2025：{text}")
    first, last = int(match[1]), int(match[2] or match[1])
    return dt.date(first, 1, 1), dt.date(last, 12, calendar.monthrange(last, 12)[1])


def _target(where: str, entry: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    missing = [name for name in ("indicator", "op", "value", "level") if name not in entry]
    if missing:
        raise PolicyFileError(f"{where}缺少{'、'.join(missing)}。")
    levels = [entry["level"]] if isinstance(entry["level"], str) else list(entry["level"])
    unknown = [level for level in levels if level not in LEVELS]
    if unknown:
        raise PolicyFileError(
            f"{where}的级别{'、'.join(unknown)}不认识，可用{'、'.join(sorted(LEVELS))}。"
        )
    if entry["op"] not in Target.Operator.values:
        raise PolicyFileError(f"{where}的比较{entry['op']}不认识，可用>=或<=。")
    indicator = INDICATORS.get(entry["indicator"])
    if indicator is not None and entry["op"] != indicator.operator:
        raise PolicyFileError(f"{where}：{indicator.name}只能用{indicator.operator}。")
    try:
        value = Decimal(str(entry["value"])).quantize(Decimal("0.000001"))
    except InvalidOperation:
        raise PolicyFileError(f"{where}的目标值不是数：{entry['value']}") from None
    key = {"indicator": entry["indicator"], "operator": entry["op"], "levels": levels}
    values = {
        "value": value,
        "by_date": entry.get("by"),
        "clause": entry.get("clause", ""),
        "note": entry.get("note", ""),
    }
    return key, values


def _plain(value: Any) -> Any:
    """As JSON can hold it: dates as text."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, dt.date | dt.time) else value
