"""Import published yearly figures of regions from an xlsx or csv table; may be repeated."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.files.refusal import FileRefused
from accounts.history.context import command_history
from indicators.aggregates.operating import NotImported, done, import_file
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
        try:
            checked = import_file(path, now=timezone.now())
        except OSError as error:
            raise CommandError(f"文件{path}打不开：{error.strerror}。请核对路径。") from None
        except (FileRefused, NotImported) as refusal:
            raise CommandError(str(refusal)) from None
        for notice in (*checked.notices, *questions(checked.plan.new)):
            self.stderr.write(f"注意：{notice}")
        self.stdout.write(done(checked))
