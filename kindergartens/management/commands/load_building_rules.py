"""Load what documents demand of buildings, projects and estates; may be repeated."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from kindergartens.demands.loading import DemandFileError, load_demands


class Command(BaseCommand):
    help = "载入园舍标准、设备目录、建设计划和小区配套园规定（可重复执行）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "directory",
            nargs="?",
            type=Path,
            default=Path(settings.BASE_DIR) / "fixtures" / "buildings",
            help="TOML文件所在的目录，默认fixtures/buildings",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = load_demands(directory=options["directory"], today=timezone.localdate())
        except DemandFileError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"文件{report.files}个，规定{report.rows}条：新增{report.created}，"
            f"更新{report.updated}，未变{report.unchanged}，删除或截止{report.removed}。"
        )
