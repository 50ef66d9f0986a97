"""Loading what each place's documents demand: files in, dated rows with document and clause out."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts.history.context import because
from accounts.models import Region
from indicators.catalogue import INDICATORS
from indicators.models import Policy, Target
from indicators.targets import rules
from kindergartens.stamps import stamp_of_texts

NATION = "CN"
PERIOD = re.compile(r"(\d{4})(?:-(\d{4}))?")
# What tells one target of a file from another; the days of one indicator follow each other.
KEY = ("indicator", "operator", "levels", "valid_from")
OWN_KEYS = {"title", "document_number", "jurisdiction", "issued", "period", "target"}
GONE_FROM_FILE = "政策文件包里不再有这条目标"
ENDS_IN_FILE = "政策文件包写明到此为止"


class PolicyFileError(ValueError):
    """A file that cannot be loaded; the text names the file, the place and the remedy."""


@dataclass
class LoadReport:
    """How many rows were new, corrected, left alone, or ended because no file names them any more.

    `kept` are rows that people have changed since they were loaded, and that the file says
    otherwise; `unknown` are targets whose indicator nothing computes yet. Both in words.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    policies: int = field(default=0)
    targets: int = field(default=0)
    kept: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def count(self, outcome: str) -> None:
        setattr(self, outcome, getattr(self, outcome) + 1)


def load_policies(*, directory: Path, today: dt.date) -> LoadReport:
    """Bring policies and targets to what the directory's TOML files say, all files or none.

    Repeating it changes nothing. What people have changed since stays as they left it, and the
    report says so. A target that changes from a day on is two in the file, one `until` and one
    `from` that day: past months keep their judgement. Another value in the same target corrects
    what the file said wrongly, for all months. A target that a file no longer names ends today, or
    is withdrawn where it has not begun; policies without a file stay, for people enter their own.
    Raises PolicyFileError.
    """
    files = sorted(directory.glob("*.toml"))
    if not files:
        raise PolicyFileError(f"{directory}里没有政策文件（*.toml）。")
    report = LoadReport()
    with transaction.atomic():
        for path in files:
            _load_file(path, report, today)
    return report


def _load_file(path: Path, report: LoadReport, today: dt.date) -> None:
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
    _check_loaded_once(path, fields)
    policy = _upsert(Policy, {"slug": path.stem}, fields, report, path.name)
    report.policies += 1
    said: list[tuple[str, dict[str, Any], dict[str, Any]]] = []
    for number, entry in enumerate(data.get("target", []), start=1):
        where = f"{path.name}第{number}个目标"
        key, values = _target(where, entry, policy.begins_on)
        if key["indicator"] not in INDICATORS:
            report.unknown.append(f"{where}：{key['indicator']}")
        if any(key == other for _, other, _ in said):
            raise PolicyFileError(
                f"{path.name}有两个目标的指标、比较、级别和起始日期（from）相同，请合并。"
            )
        said.append((where, key, values))
        report.targets += 1
    _end_what_is_gone(policy, [key for _, key, _ in said], report, today)
    # One that ends makes room for the one that follows it.
    for where, key, values in sorted(said, key=lambda one: one[1]["valid_from"] or dt.date.min):
        try:
            _upsert(Target, {"policy": policy, **key}, values, report, where)
        except IntegrityError as error:
            raise PolicyFileError(
                f"{where}和已载入的同一目标日期重叠：前一个要写到哪天为止（until）；"
                "起始日期原来写错的，请先在“政策目标”里撤销那一条再载入。"
            ) from error
    _check_no_contradiction(path, policy)


def _check_loaded_once(path: Path, fields: Mapping[str, Any]) -> None:
    """The same document under another name would judge twice."""
    if not fields["document_number"]:
        return
    same = Policy.objects.filter(
        document_number=fields["document_number"], region=fields["region"], withdrawn_at=None
    ).exclude(slug=path.stem)
    found = same.first()
    if found is not None:
        raise PolicyFileError(
            f"{path.name}的文号{fields['document_number']}已载入或登记过：{found.title}"
            f"（标识{found.slug}）。同一文件请只留一份，或把文件名改成{found.slug}.toml。"
        )


def _check_no_contradiction(path: Path, policy: Policy) -> None:
    seen: dict[str, list[rules.Demand]] = {}
    for target in policy.targets.standing():
        others = seen.setdefault(target.indicator, [])
        problem = rules.contradiction(target.demand, others)
        if problem:
            raise PolicyFileError(f"{path.name}的{target.indicator}：{problem}")
        others.append(target.demand)


def _end_what_is_gone(
    policy: Policy, said: list[dict[str, Any]], report: LoadReport, today: dt.date
) -> None:
    """Only what a file once said: targets that people entered stay, and past months are judged as
    they were.
    """
    for target in policy.targets.standing().filter(ended_on=None).exclude(loaded_stamp=""):
        if {name: getattr(target, name) for name in KEY} in said:
            continue
        if target.begins_on is not None and target.begins_on >= today:
            target.withdrawn_at = timezone.now()
        else:
            target.ended_on = today
        target.ended_reason = GONE_FROM_FILE
        with because(GONE_FROM_FILE):
            target.save(update_fields=["withdrawn_at", "ended_on", "ended_reason"])
        report.count("removed")


def _upsert(
    model: Any, key: dict[str, Any], fields: dict[str, Any], report: LoadReport, where: str
) -> Any:
    """The row as the file says, unless people have changed it since it was last loaded."""
    said = _stamp(fields)
    rows = model.objects.filter(**key).exclude(
        ended_reason=GONE_FROM_FILE, withdrawn_at__isnull=False
    )
    row = rows.order_by(F("withdrawn_at").asc(nulls_first=True)).first()
    if row is None:
        report.count("created")
        return model.objects.create(**key, **fields, loaded_stamp=said)
    comes_back = row.ended_reason == GONE_FROM_FILE
    if comes_back:
        row.ended_on, row.ended_reason = None, ""
    stands = _stamp({name: getattr(row, name) for name in fields})
    if row.withdrawn_at is not None:
        report.count("unchanged")
        report.kept.append(f"{where}：{row}（已撤销）")
        return row
    if stands == said and not comes_back:
        if row.loaded_stamp != said:
            row.loaded_stamp = said
            row.save(update_fields=["loaded_stamp"])
        report.count("unchanged")
        return row
    if stands not in (said, row.loaded_stamp):
        report.count("unchanged")
        report.kept.append(f"{where}：{row}")
        return row
    for name, value in fields.items():
        setattr(row, name, value)
    row.loaded_stamp = said
    with because("按政策文件包更正"):
        row.save(update_fields=[*fields, "loaded_stamp"])
    report.count("updated")
    return row


def _stamp(fields: Mapping[str, Any]) -> str:
    return stamp_of_texts(
        {
            name: str(getattr(value, "pk", value) if value is not None else "")
            for name, value in fields.items()
        }
    )


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


def _target(
    where: str, entry: dict[str, Any], begins: dt.date | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    missing = [name for name in ("indicator", "op", "value", "level") if name not in entry]
    if missing:
        raise PolicyFileError(f"{where}缺少{'、'.join(missing)}。")
    levels = [entry["level"]] if isinstance(entry["level"], str) else list(entry["level"])
    unknown = [level for level in levels if level not in rules.LEVELS]
    if unknown:
        raise PolicyFileError(
            f"{where}的级别{'、'.join(unknown)}不认识，可用{'、'.join(rules.LEVELS)}。"
        )
    if entry["op"] not in Target.Operator.values:
        raise PolicyFileError(f"{where}的比较{entry['op']}不认识，可用>=或<=。")
    try:
        value = Decimal(str(entry["value"])).quantize(Decimal("0.000001"))
    except InvalidOperation:
        raise PolicyFileError(f"{where}的目标值不是数：{entry['value']}") from None
    by_date, own_begins, ends = (_day(where, entry, name) for name in ("by", "from", "until"))
    if own_begins and begins and own_begins < begins:
        raise PolicyFileError(
            f"{where}的起始日期（from）{own_begins}早于文件的起始日期{begins}；同日的不用写。"
        )
    starts = own_begins or begins
    if starts and ends and ends <= starts:
        raise PolicyFileError(f"{where}的until{ends}要晚于起始日期{starts}：它是不再执行的第一天。")
    indicator = INDICATORS.get(entry["indicator"])
    problem = rules.by_date_problem(by_date, starts)
    if indicator is not None:
        problem = (
            rules.direction_problem(indicator, entry["op"])
            or rules.value_problem(indicator, value)
            or problem
        )
    if problem:
        raise PolicyFileError(f"{where}：{problem}")
    key = {
        "indicator": entry["indicator"],
        "operator": entry["op"],
        "levels": rules.in_order(levels),
        "valid_from": own_begins,
    }
    values = {
        "value": value,
        "by_date": by_date,
        "clause": entry.get("clause", ""),
        "note": entry.get("note", ""),
        "ended_on": ends,
        "ended_reason": ENDS_IN_FILE if ends else "",
    }
    return key, values


def _day(where: str, entry: Mapping[str, Any], name: str) -> dt.date | None:
    day = entry.get(name)
    if day is None or type(day) is dt.date:
        return day
    raise PolicyFileError(f"{where}的{name}应写成日期，不加引号，例如2026-01-01：{day}")


def _plain(value: Any) -> Any:
    """As JSON can hold it: dates as text."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, dt.date | dt.time) else value
