"""What is wrong in a row of the registry's table: (column, what to do). Asks no database.

Whatever stands in the record is judged by record.books, as on the page; here it is only said at
which cell, and what the table itself asks for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from accounts.exchange.declaring import Context, Line, Values
from accounts.models import Region
from kindergartens.changes import rules
from kindergartens.changes.beginning import first_values
from kindergartens.changes.policies import MOST_AHEAD
from kindergartens.models import InstitutionType
from kindergartens.record.books import REASON_OF, Books, refused_changes
from kindergartens.record.catalogue import REASON_LABELS, SITES
from kindergartens.record.rules import Finding, Severity
from kindergartens.registering.columns import HEADS, OPEN_STATUS, REASONS, RECORD, STATUS
from kindergartens.registering.hosts import Hosts

Faults = Iterable[tuple[str, str]]
AS_IT_WAS = "这一格照原来的填，或者空着。"
BY_PROCEDURE = f"请在“备案审批”里办理，由领导决定；{AS_IT_WAS}"
BY_PAGE = f"请到幼儿园的页面点“变更状态”，看过对三率的影响再改；{AS_IT_WAS}"
BOTH_BY_PAGE = "学校标识码和办学类型要一起改，请到幼儿园的页面改。"


def check(context: Context, line: Line, before: Values | None) -> Faults:
    code = line.values["code"]
    if code in context.known["elsewhere"]:
        yield "code", "这个标识码登记在别的区县，不归您管。请核对标识码；迁来的请先联系原区县。"
    elif before is None:
        yield from _new(context, line)
    else:
        yield from _changed(context, line, before)


# ---- a kindergarten that is new ------------------------------------------------------------------


def record_of(values: Values) -> Values:
    return {name: values[name] for name in ("code", "name", *RECORD, *REASONS) if name in values}


def _new(context: Context, line: Line) -> Faults:
    values = line.values
    books: Books = context.known["books"]
    record = record_of(values)
    for finding in books.refusals(record, ownership=values.get("ownership", "")):
        yield _at_its_cell(finding)
    books.enter(record, row=line.row)
    kind = values.get("institution_type", InstitutionType.INDEPENDENT)
    yield from _host(context, values, kind, is_new=True)
    yield from _town(context, values)
    if all(name in values for name in (*rules.NEEDED_AT_FIRST, "valid_from")):
        yield from rules.law_problems(None, first_status(context, values))
        yield from _not_locked(context, values["valid_from"])
    opened, since = values.get("opened_on"), values.get("valid_from")
    yield from rules.first_day_faults(opened, since, today=context.today)
    if opened and since and since < opened:
        yield "valid_from", f"早于建园日期{opened.isoformat()}。请核对这两个日期。"
    until = values.get("recognised_until")
    if until and since and until <= since:
        yield "recognised_until", f"不在状态起始日期{since.isoformat()}之后。请核对这两个日期。"


def status_of(values: Values) -> Values:
    """What is said of the dated status, but for the town."""
    return {name: values[name] for name in STATUS if name != "town" and name in values}


def first_status(context: Context, values: Values) -> Values:
    """Every field of the first row a new kindergarten gets; `values` has what a first row needs."""
    return first_values(
        context.known["towns"][values["town"]],
        status_of(values),
        institution_type=values.get("institution_type", InstitutionType.INDEPENDENT),
        valid_from=values["valid_from"],
    )


def _at_its_cell(finding: Finding) -> tuple[str, str]:
    reason = REASON_OF.get(finding.field)
    if finding.severity == Severity.REASON and reason is not None:
        return finding.field, f"{finding.text}（理由写在“{REASON_LABELS[reason]}”一栏。）"
    return finding.field, finding.text


def _host(context: Context, values: Values, kind: str, *, is_new: bool) -> Faults:
    hosts: Hosts = context.known["hosts"]
    host = values.get("host", "")
    yield from hosts.problems(values["code"], kind, host, is_new=is_new)
    hosts.enter(values, kind, host, is_new=is_new)


def _town(context: Context, values: Values) -> Faults:
    town: Region | None = context.known["towns"].get(values.get("town"))
    if town is not None and not town.is_active:
        yield "town", f"{town.name}不是在用的乡镇街道，请另选。"


# ---- one that is there ---------------------------------------------------------------------------


def _changed(context: Context, line: Line, before: Values) -> Faults:
    values = line.values
    if "name" in values and values["name"] != before["name"]:
        yield (
            "name",
            f"这个标识码登记的是“{before['name']}”。标识码填错了请改正；更名请到幼儿园的页面办理。",
        )
    yield from _record_changes(context, line, before)
    yield from _decided_elsewhere(values, before)
    if any(name in values and values[name] != before.get(name) for name in OPEN_STATUS):
        yield from _change_needs(context, values, before)


def _record_changes(context: Context, line: Line, before: Values) -> Faults:
    values = line.values
    changed = [name for name in RECORD if name in values and values[name] != before[name]]
    yield from _host_changes(context, values, before)
    if not changed:
        return
    # A reason that is written anew goes with what it explains.
    changed += [name for name in REASONS if name in values and values[name] != before[name]]
    record = {**before, **{name: values[name] for name in changed}}
    books: Books = context.known["books"]
    judged = refused_changes(
        record,
        changed,
        books,
        ownership=before.get("ownership", ""),
        is_site=False,
        host=None,
        host_is_site=False,
    )
    for finding in judged.refusals:
        if finding.field == "code" and "institution_type" in changed:
            # The code says which one it is: here it is the type that does not go with it.
            yield "institution_type", f"{finding.text}{BOTH_BY_PAGE}"
        else:
            yield _at_its_cell(finding)
    books.enter({"code": before["code"], "uscc": values.get("uscc")}, row=line.row)


def _host_changes(context: Context, values: Values, before: Values) -> Faults:
    """Type of place and host are judged together, where either of them changes."""
    after = {**before, **values}
    kind, host = after["institution_type"], after["host"]
    if (kind, host) == (before["institution_type"], before["host"]):
        return
    row = {"code": before["code"], "name": before["name"], "host": host or ""}
    for field, text in _host(context, row, kind, is_new=False):
        if host and kind not in SITES and "host" not in values:
            # An empty cell leaves the host as it is; it is taken away on the page alone.
            yield "institution_type", f"{text}所属园在幼儿园的页面改。"
        else:
            yield field, text


def _decided_elsewhere(values: Values, before: Values) -> Faults:
    """What the rates count by: not by table, where nobody would see what it does to them."""
    for name in rules.COUNTED_BY:
        if name in values and values[name] != before.get(name):
            yield name, f"已登记的园不能用表格改{HEADS[name]}。{_where(name, values, before)}"


def _where(name: str, values: Values, before: Values) -> str:
    """Where a change the rates count by is made: with its preview, or by a leader."""
    becomes_public = values.get("ownership") == rules.PUBLIC != before.get("ownership")
    if name == "ownership" and before.get("ownership") == rules.PUBLIC:
        return f"{rules.STAYS_PUBLIC}{AS_IT_WAS}"
    decided = {"operating_state", "ownership", *rules.RECOGNITION, "counts_public",
               "counts_inclusive"}  # fmt: skip
    if becomes_public or name in decided:
        return BY_PROCEDURE
    return BY_PAGE


def _change_needs(context: Context, values: Values, before: Values) -> Faults:
    """What has to stand beside a status that changes."""
    since = before.get("valid_from")
    if "valid_from" not in values:
        yield "valid_from", "办园状态有变化，请写从哪天起变。"
    elif since is not None and values["valid_from"] <= since:
        yield (
            "valid_from",
            f"现在的状态从{since.isoformat()}起，变更要在那以后。请写变更生效的日期。",
        )
    else:
        yield from _when(context, values["valid_from"])
    if "reason" not in values:
        yield "reason", "办园状态有变化，请写变更原因。"
    if "document_number" not in values:
        yield "document_number", "办园状态有变化，请写依据文号。"


def _when(context: Context, day: dt.date) -> Faults:
    """Not in a month that is locked, and not in a year that was mistyped."""
    if day > context.today + MOST_AHEAD:
        yield "valid_from", "在两年以后，请核对年份。"
    yield from _not_locked(context, day)


def _not_locked(context: Context, day: dt.date) -> Faults:
    earliest = context.known["earliest"]
    if earliest is not None and day < earliest:
        yield (
            "valid_from",
            f"更早的三率已经锁定，不能再动。最早填{earliest.isoformat()}；建园日期照实填。",
        )
