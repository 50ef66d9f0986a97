"""Write the demo: four places, twelve months of returns, accounts to look at them with."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.demo.load import LoadingElsewhereError, load_demo


class Command(BaseCommand):
    help = "载入演示数据（只在DEMO=1时可用），可重复运行。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--today",
            type=dt.date.fromisoformat,
            help="当作今天的日期（YYYY-MM-DD），默认为当天",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("没有载入：演示数据只能装进演示系统，请先设置环境变量DEMO=1。")
        started = time.monotonic()
        today: dt.date = options["today"] or timezone.localdate()
        try:
            written = load_demo(today=today, now=timezone.now(), say=self._say)
        except LoadingElsewhereError:
            raise CommandError("另一个载入正在进行，请等它结束。") from None
        if written:
            self._say(f"演示数据已载入，用时{time.monotonic() - started:.0f}秒。")
        else:
            self._say("演示数据早已载入，没有改动。")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
