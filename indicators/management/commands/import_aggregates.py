"""Import published yearly figures of regions from an xlsx or csv table; may be repeated."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.exchange.checking import Checked, check_table
from accounts.exchange.declaring import Context
from accounts.exchange.services import MOST_CELLS, MOST_COLUMNS, ROWS_BESIDES
from accounts.files.refusal import FileRefused
from accounts.files.table import check_kind, read_table
from accounts.files.workbook_cells import Bounds
from accounts.history.context import command_history
from accounts.models import Region, User
from indicators.aggregates import services
from indicators.aggregates.importable import AGGREGATES_TABLE, entries, know_regions
from indicators.aggregates.reading import questions


class Command(BaseCommand):
    help = (
        "导入历史数据（年鉴、教育事业统计、公报等的汇总数），xlsx或csv；可重复执行，全部写入或者都不写。"
        "栏目见docs/indicators.md的History before the portal。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="xlsx或csv文件")

    @command_history("import_aggregates")
    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        now = timezone.now()
        # The operator of the server: nobody signed in, and no place is out of reach.
        context = Context(User(), now, timezone.localdate(now))
        know_regions(context, Region.objects.all(), nation=True)
        with transaction.atomic():
            checked = check_table(AGGREGATES_TABLE, self._read(path), context)
            self._say(checked)
            plan = checked.plan
            if plan.new or plan.changed:
                self._write(context, checked, path, now)
        self.stdout.write(
            f"新增{len(plan.new)}条，更新{len(plan.changed)}条，未变{plan.same}条，拒绝0条。"
        )

    def _read(self, path: Path) -> Any:
        bounds = Bounds(
            rows=AGGREGATES_TABLE.most_rows + ROWS_BESIDES,
            columns=MOST_COLUMNS,
            values_matter=False,
            cells=MOST_CELLS,
        )
        try:
            content = path.read_bytes()
            check_kind(path.name, content)
            return read_table(content, bounds)
        except OSError as error:
            raise CommandError(f"文件{path}打不开：{error.strerror}。请核对路径。") from None
        except FileRefused as refusal:
            raise CommandError(str(refusal)) from None

    def _say(self, checked: Checked) -> None:
        """Notices; CommandError with every fault where there is one."""
        for notice in (*checked.notices, *questions(checked.plan.new)):
            self.stderr.write(f"注意：{notice}")
        if not checked.fault_count:
            return
        wrong = {fault.row for fault in checked.faults}
        lines = [
            f"{fault.cell}{f'（{fault.head}）' if fault.head else ''}"
            f"{f'“{fault.typed}”' if fault.typed else ''}：{fault.text}"
            for fault in checked.faults
        ]
        refused = len(wrong) if checked.lines else 0
        summary = (
            f"共{checked.fault_count}处要改，没有写入任何数据："
            f"新增0条，更新0条，未变{checked.plan.same}条，拒绝{refused}条。"
        )
        raise CommandError("\n".join([*lines, summary]))

    def _write(self, context: Context, checked: Checked, path: Path, now: dt.datetime) -> None:
        try:
            services.enter_aggregates(
                entries=entries(context, checked.plan),
                reason=f"命令导入：{path.name}",
                by=None,
                now=now,
            )
        except services.Refused as refusal:
            raise CommandError(str(refusal)) from None
