"""Load the packaged series of the nation, provinces and cities; may be repeated."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.history.context import command_history
from indicators.aggregates.operating import NotImported, import_pack


class Command(BaseCommand):
    help = "载入全国和省市公布的历年数（可重复执行）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "directory",
            nargs="?",
            type=Path,
            default=Path(settings.BASE_DIR) / "fixtures" / "series",
            help="TOML文件所在的目录，默认fixtures/series",
        )

    @command_history("load_series")
    def handle(self, *args: Any, **options: Any) -> None:
        try:
            packs = import_pack(options["directory"], now=timezone.now())
        except NotImported as refusal:
            raise CommandError(str(refusal)) from None
        if not packs:
            raise CommandError(f"{options['directory']}里没有历年数（*.toml）。")
        plans = [pack.plan for pack in packs]
        self.stdout.write(
            f"历年数{len(packs)}份：新增{sum(len(plan.new) for plan in plans)}条，"
            f"更新{sum(len(plan.changed) for plan in plans)}条，"
            f"未变{sum(plan.same for plan in plans)}条。"
        )
