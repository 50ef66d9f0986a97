"""Load policies and their targets; may be repeated."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from indicators.services.policies import PolicyFileError, load_policies


class Command(BaseCommand):
    help = "载入政策文件和目标（可重复执行）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "directory",
            nargs="?",
            type=Path,
            default=Path(settings.BASE_DIR) / "fixtures" / "policies",
            help="TOML文件所在的目录，默认fixtures/policies",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = load_policies(directory=options["directory"], today=timezone.localdate())
        except PolicyFileError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"政策文件{report.policies}个，目标{report.targets}条：新增{report.created}，"
            f"更正{report.updated}，未变{report.unchanged}，不再执行{report.removed}。"
        )
        for row in report.kept:
            self.stdout.write(
                f"本地改过，没有按文件覆盖：{row}。要按文件的，请在“政策目标”里更正。"
            )
        if report.unknown:
            self.stdout.write(
                f"系统还没有计算的指标{len(report.unknown)}条，保留着，等系统能算：{'；'.join(report.unknown)}。"
            )
