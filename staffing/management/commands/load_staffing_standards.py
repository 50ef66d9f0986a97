"""Load how many people documents ask for; may be repeated."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from kindergartens.demands.loading import DemandFileError, load_demands
from staffing.models import StaffingStandard

SECTIONS = {"staffing_standard": (StaffingStandard, ("demand", "day"))}


class Command(BaseCommand):
    help = "载入教职工配备标准（可重复执行）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "directory",
            nargs="?",
            type=Path,
            default=Path(settings.BASE_DIR) / "fixtures" / "staffing",
            help="TOML文件所在的目录，默认fixtures/staffing",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = load_demands(
                directory=options["directory"], today=timezone.localdate(), sections=SECTIONS
            )
        except DemandFileError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"文件{report.files}个，标准{report.rows}条：新增{report.created}，"
            f"更新{report.updated}，未变{report.unchanged}，删除或截止{report.removed}。"
        )
        self.stdout.write("已接收的月份要运行 recompute 才按新标准判定。")
