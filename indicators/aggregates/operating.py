"""A table taken in by the operator of the server: of any place, the nation among them.

The same columns, checks and messages as on the page; all of it is written, or nothing.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from accounts.exchange.checking import Checked, check_table
from accounts.exchange.declaring import Context, Fault
from accounts.exchange.services import MOST_CELLS, MOST_COLUMNS, ROWS_BESIDES
from accounts.files.table import ReadTable, check_kind, read_table
from accounts.files.workbook_cells import Bounds
from accounts.models import Region, User
from indicators.aggregates import services
from indicators.aggregates.importable import AGGREGATES_TABLE, entries, know_regions


class NotImported(Exception):
    """Nothing was written; `lines` say what is wrong where, and what to do."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        super().__init__("\n".join(lines))


def import_file(path: Path, *, now: dt.datetime) -> Checked:
    """A xlsx or csv file. Raises FileRefused, OSError, NotImported."""
    bounds = Bounds(
        rows=AGGREGATES_TABLE.most_rows + ROWS_BESIDES,
        columns=MOST_COLUMNS,
        values_matter=False,
        cells=MOST_CELLS,
    )
    content = path.read_bytes()
    check_kind(path.name, content)
    return import_table(read_table(content, bounds), name=path.name, now=now)


@transaction.atomic
def import_pack(directory: Path, *, now: dt.datetime) -> list[Checked]:
    """Every series of a directory of TOML files ([[row]], by the English heads). NotImported."""
    found = []
    for path in sorted(directory.glob("*.toml")):
        try:
            rows = tomllib.loads(path.read_text(encoding="utf-8")).get("row", [])
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise NotImported([f"{path.name}不是正确的TOML文件：{error}"]) from error
        if not rows:
            raise NotImported([f"{path.name}里没有数（[[row]]）。"])
        heads = list(dict.fromkeys(head for row in rows for head in row))
        cells = [[row.get(head) for head in heads] for row in rows]
        found.append(import_table(ReadTable([heads, *cells], path.name), name=path.name, now=now))
    return found


@transaction.atomic
def import_table(table: ReadTable, *, name: str, now: dt.datetime) -> Checked:
    """Check a table that was read and write it. Raises NotImported."""
    # The operator of the server: nobody signed in, and no place is out of reach.
    context = Context(User(), now, timezone.localdate(now))
    know_regions(context, Region.objects.all(), nation=True)
    checked = check_table(AGGREGATES_TABLE, table, context)
    if checked.fault_count:
        raise NotImported([*map(in_words, checked.faults), _refused(checked)])
    try:
        services.enter_aggregates(
            entries=entries(context, checked.plan), reason=f"导入{name}", by=None, now=now
        )
    except services.Refused as refusal:
        raise NotImported([str(refusal)]) from None
    return checked


def in_words(fault: Fault) -> str:
    head = f"（{fault.head}）" if fault.head else ""
    typed = f"“{fault.typed}”" if fault.typed else ""
    return f"{fault.cell}{head}{typed}：{fault.text}"


def _refused(checked: Checked) -> str:
    wrong = {fault.row for fault in checked.faults} if checked.lines else set()
    return (
        f"共{checked.fault_count}处要改，没有写入任何数据："
        f"新增0条，更新0条，未变{checked.plan.same}条，拒绝{len(wrong)}条。"
    )


def done(checked: Checked) -> str:
    """How many rows, in a line."""
    plan = checked.plan
    return f"新增{len(plan.new)}条，更新{len(plan.changed)}条，未变{plan.same}条，拒绝0条。"
