"""The kinds of kinds.toml, with the local settings that hold in a county."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("kinds.toml")


@dataclass(frozen=True)
class Period:
    """How long a step may take; `source` is empty for a local setting.

    `days` and `months` are of the calendar; `working_days` leave out what is no working day.
    """

    days: int = 0
    months: int = 0
    working_days: int = 0
    source: str = ""

    @property
    def lengths(self) -> dict[str, int]:
        """As rules.by and rules.before take it."""
        return {"days": self.days, "months": self.months, "working_days": self.working_days}


@dataclass(frozen=True)
class Field:
    name: str
    label: str
    type: str


@dataclass(frozen=True)
class Conclusion:
    """What a yearly check ends with. `mend`: what is to be mended has to be said."""

    code: str
    name: str
    mend: bool = False


@dataclass(frozen=True)
class Kind:
    """One kind of procedure. `decides` is "" (checking ends it), "second" officer or "leader"."""

    code: str
    name: str
    clause: str
    group: str
    decides: str
    documents: tuple[str, ...]
    fields: tuple[Field, ...]
    check: Period
    decide: Period | None = None
    report: Period | None = None  # after `occurs`, what happened is to be reported
    occurs: str = ""
    before: Period | None = None  # so long before the date in `before_field` it is to be asked for
    before_field: str = ""
    yearly: str = ""  # month-day of the following year
    places_children: bool = False
    only_private: bool = False
    conclusions: tuple[Conclusion, ...] = ()

    def conclusion(self, code: str) -> Conclusion | None:
        return next((one for one in self.conclusions if one.code == code), None)

    @property
    def has_effect(self) -> bool:
        """Whether deciding it changes the dated status."""
        return self.code in EFFECTS


# What an auditor says of the accounts, the best first (中国注册会计师审计准则 1501, 1502).
OPINIONS = {
    "unqualified": "无保留意见",
    "qualified": "保留意见",
    "adverse": "否定意见",
    "disclaimer": "无法表示意见",
}

# What a decision makes of the status, where it makes anything of it: rules.effect_values.
EFFECTS = frozenset(
    {"sponsor_change", "relocation", "merger", "suspension", "closure", "recognition",
     "recognition_end", "resumption"}
)  # fmt: skip


def _period(row: dict[str, Any] | None) -> Period | None:
    if row is None:
        return None
    return Period(**{f.name: row[f.name] for f in fields(Period) if f.name in row})


@cache
def _read() -> tuple[dict[str, Kind], list[dict[str, Any]]]:
    table = tomllib.loads(FILE.read_text(encoding="utf-8"))
    settings = table.pop("setting", [])
    kinds = {}
    for code, row in table.items():
        before = row.get("before")
        kinds[code] = Kind(
            code=code,
            name=row["name"],
            clause=row["clause"],
            group=row["group"],
            decides=row["decides"],
            documents=tuple(row["documents"]),
            fields=tuple(Field(**one) for one in row["fields"]),
            check=_period(row["check"]) or Period(),
            decide=_period(row.get("decide")),
            report=_period(row.get("report")),
            occurs=row.get("occurs", ""),
            before=_period(before),
            before_field=before["field"] if before else "",
            yearly=row.get("yearly", ""),
            places_children=row.get("places_children", False),
            only_private=row.get("only_private", False),
            conclusions=tuple(Conclusion(**one) for one in row.get("conclusions", [])),
        )
    return kinds, settings


def all_kinds() -> dict[str, Kind]:
    return _read()[0]


def kind_in(code: str, region_code: str) -> Kind:
    """A kind with the settings of the nearest region. KeyError for an unknown code."""
    kinds, settings = _read()
    return with_settings(kinds[code], region_code, settings)


def with_settings(kind: Kind, region_code: str, settings: list[dict[str, Any]]) -> Kind:
    fitting = [
        s for s in settings if s["kind"] == kind.code and region_code.startswith(s["region"])
    ]
    for setting in sorted(fitting, key=lambda one: len(one["region"])):
        if "check" in setting:
            kind = replace(kind, check=_period(setting["check"]) or kind.check)
        if "decide" in setting and kind.decide is not None:
            kind = replace(kind, decide=_period(setting["decide"]))
        if "yearly" in setting:
            kind = replace(kind, yearly=setting["yearly"])
    return kind
