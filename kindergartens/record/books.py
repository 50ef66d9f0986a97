"""What may go on the books: one set of rules, whether it comes by the page or by a table of thousands.

Plain Python. A record is a mapping of field names to values. Whoever asks has looked up once what
the rules compare with (`Books`), so that asking costs no query.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from kindergartens.record import naming, rules
from kindergartens.record.naming import SchoolNames
from kindergartens.record.rules import Finding, Severity

Record = Mapping[str, Any]

# What a finding of the rules asks a reason for, and where that is kept.
REASON_OF = {
    "name": "name_reason",
    "code": "code_reason",
    "uscc": "uscc_reason",
    "latitude": "position_reason",
}
# Everything the rules judge, and what they read to do so.
CHECKED = (
    "name", "code", "uscc", "licence_from", "licence_until", "latitude", "longitude", "landline",
    "arrival", "leaving_summer", "leaving_winter",
)  # fmt: skip
READ = (*CHECKED, "institution_type")
PUBLIC = "public"
ATTACHED = "attached"
NEEDS_HOST = "分园、教学点要写明所属园，是哪一所幼儿园的。"


@dataclass(frozen=True)
class Surroundings:
    """Where a record lies, and what lies there. `province` is the first two digits of its code."""

    province: str
    county_code: str
    county_name: str
    public_schools: SchoolNames = naming.NO_SCHOOLS
    area: rules.Area | None = None


def findings(
    record: Record,
    around: Surroundings,
    *,
    ownership: str,
    name_since: dt.date | None,
    fields: Collection[str] | None = None,
) -> list[Finding]:
    """What the rules say about a record.

    `ownership` is that of the day, "" where none is registered. `fields` limits the checks to
    those about the given fields, so that an edit of the hours need not answer for the name.
    """
    found: list[Finding] = []
    asked = set(CHECKED if fields is None else fields)
    value = record.get
    if "name" in asked and name_since is not None:
        found += naming.check_name(
            record["name"],
            private=ownership not in {"", PUBLIC},
            used_from=name_since,
            public_schools=around.public_schools,
        )
    if "code" in asked:
        found += rules.check_code(
            record["code"],
            province=around.province,
            attached=value("institution_type") == ATTACHED,
        )
    if "uscc" in asked:
        found += rules.check_uscc(value("uscc") or "")
    if not asked.isdisjoint(("licence_from", "licence_until")):
        found += rules.check_licence(value("licence_from"), value("licence_until"))
    if not asked.isdisjoint(("latitude", "longitude")):
        found += rules.check_position(
            value("latitude"), value("longitude"), area=around.area, county=around.county_name
        )
    if "landline" in asked:
        found += rules.check_landline(value("landline") or "")
    if not asked.isdisjoint(("arrival", "leaving_summer", "leaving_winter")):
        found += rules.check_hours(
            value("arrival"),
            value("leaving_summer"),
            value("leaving_winter"),
            county=around.county_code,
            ownership=ownership,
        )
    return found


def unanswered(found: Collection[Finding], record: Record) -> list[Finding]:
    """Findings that cannot be kept, and those that want a reason the record does not give."""
    return [
        finding
        for finding in found
        if finding.severity == Severity.STOP
        or (
            finding.severity == Severity.REASON
            and not (record.get(REASON_OF.get(finding.field, "")) or "").strip()
        )
    ]


def asked_again(changed: Collection[str]) -> set[str]:
    """Fields that stay as they are and are judged anew: their reason or what they hang on changed."""
    again = {name for name, column in REASON_OF.items() if column in changed}
    if "institution_type" in changed:
        # The code of a school is right for its classes (附设幼儿班) and for nothing else.
        again.add("code")
    return again


def idle_reasons(found: Collection[Finding], changed: Collection[str], record: Record) -> list[str]:
    """Columns of reasons that explain nothing any more: what they spoke of is right by now."""
    asked = {finding.field for finding in found if finding.severity == Severity.REASON}
    return [
        column
        for name, column in REASON_OF.items()
        if (name in changed or (name == "latitude" and "longitude" in changed))
        and name not in asked
        and record.get(column)
    ]


@dataclass(frozen=True)
class Judged:
    """What stands against a change of a record, and the columns of reasons it makes idle."""

    refusals: list[Finding]
    idle: list[str]


def refused_changes(
    record: Record,
    changed: Collection[str],
    there: Books,
    *,
    ownership: str,
    is_site: bool,
    host: str | None,
    host_is_site: bool,
    host_is_itself: bool = False,
    has_sites: bool = False,
) -> Judged:
    """Judge plain fields that change; `record` is as it would be then. Its name is not judged."""
    asked = (set(changed) | asked_again(changed)) - {"name"}
    found = findings(record, there.around, ownership=ownership, name_since=None, fields=asked)
    refusals = unanswered(found, record)
    if "uscc" in asked:
        refusals += there.credit_code_taken(record)
    if not asked.isdisjoint(("institution_type", "host_id")):
        refusals += check_host(
            is_site=is_site,
            host=host,
            host_is_site=host_is_site,
            is_itself=host_is_itself,
            has_sites=has_sites,
        )
    return Judged(refusals, idle_reasons(found, changed, record))


def check_host(
    *,
    is_site: bool,
    host: str | None,
    host_is_site: bool,
    is_itself: bool = False,
    has_sites: bool = False,
) -> list[Finding]:
    """A site has a host, which is another kindergarten; neither is a site of a site.

    `host` is its name, None for none.
    """
    if host is None:
        if not is_site:
            return []
        text = NEEDS_HOST
    elif not is_site:
        text = "独立的幼儿园没有所属园。请清空，或把办学类型改为分园、教学点。"
    elif is_itself:
        text = "不能属于自己。请选择所属的幼儿园。"
    elif host_is_site:
        text = f"{host}自己是分园或教学点。请选择它所属的幼儿园。"
    elif has_sites:
        text = "本园名下有分园或教学点，不能再属于别的园。请先把它们改到别的园名下。"
    else:
        return []
    return [Finding("host", Severity.STOP, text)]


# ---- what is there already -----------------------------------------------------------------------

WHAT = {"code": "学校标识码", "uscc": "统一社会信用代码", "name": "园名"}


@dataclass(frozen=True)
class Holder:
    """Who has a code or a name: on the books, or (`row`) further up in the same table."""

    code: str
    name: str
    place: str = ""
    row: int = 0


def taken(what: str, holder: Holder) -> Finding:
    """Who has it already, with the way there (`source` is the holder's code)."""
    if holder.row:
        same = "同名" if what == "name" else f"的{WHAT[what]}相同"
        text = f"和第{holder.row}行{same}。请核对。"
    else:
        text = (
            f"这个{WHAT[what]}已经登记给{holder.place}的{holder.name}（{holder.code}）。"
            "请核对，不要重复登记。"
        )
    return Finding(what, Severity.STOP, text, source=holder.code)


@dataclass
class Books:
    """What is registered already, as far as something new can collide with it.

    Codes are unique in the nation, names in a county; former ones count too, since a place that
    was renamed is not to be registered again. Names are held as naming.plain_name spells them.
    """

    around: Surroundings
    codes: dict[str, Holder] = field(default_factory=dict)
    credit_codes: dict[str, Holder] = field(default_factory=dict)
    names: dict[str, Holder] = field(default_factory=dict)

    def refusals(self, record: Record, *, ownership: str) -> list[Finding]:
        """Why a record cannot be registered as it is; empty if it can.

        Only what the record says is looked at: a table may lack a column, or a cell be unreadable.
        """
        found = [
            *self._taken("code", self.codes, record.get("code"), record),
            *self.credit_code_taken(record),
        ]
        if record.get("name"):
            plain = naming.plain_name(record["name"])
            found += self._taken("name", self.names, plain, record, its_own=False)
        about = findings(
            record,
            self.around,
            ownership=ownership,
            name_since=record.get("opened_on"),
            fields=record.keys(),
        )
        return found + unanswered(about, record)

    def credit_code_taken(self, record: Record) -> list[Finding]:
        return self._taken("uscc", self.credit_codes, record.get("uscc"), record)

    def _taken(
        self,
        what: str,
        held: Mapping[str, Holder],
        value: str | None,
        record: Record,
        *,
        its_own: bool = True,
    ) -> list[Finding]:
        holder = held.get(value) if value else None
        if holder is None or (its_own and what != "code" and holder.code == record.get("code")):
            return []
        return [taken(what, holder)]

    def enter(self, record: Record, *, row: int = 0, place: str = "") -> None:
        """From here on the record is on the books for those that follow it."""
        holder = Holder(record.get("code", ""), record.get("name", ""), place, row)
        for value, held in (
            (record.get("code"), self.codes),
            (record.get("uscc"), self.credit_codes),
            (naming.plain_name(record["name"]) if record.get("name") else "", self.names),
        ):
            if value:
                held.setdefault(value, holder)
