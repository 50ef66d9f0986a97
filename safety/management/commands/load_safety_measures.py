"""Load what places ask of every kindergarten against harm (安全防范); may be repeated."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from kindergartens.demands.loading import DemandFileError, load_demands
from safety.models import SafetyMeasure

SECTIONS = {"safety_measure": (SafetyMeasure, ("code",))}


class Command(BaseCommand):
    help = "载入各地的安全防范项目（四个100%等，可重复执行）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "directory",
            nargs="?",
            type=Path,
            default=Path(settings.BASE_DIR) / "fixtures" / "safety",
            help="measures-*.toml所在的目录，默认fixtures/safety",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = load_demands(
                directory=options["directory"],
                today=timezone.localdate(),
                sections=SECTIONS,
                files="measures-*.toml",
            )
        except DemandFileError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"文件{report.files}个，安全防范项目{report.rows}条：新增{report.created}，"
            f"更新{report.updated}，未变{report.unchanged}，删除或截止{report.removed}。"
        )
