"""Print the accounts of the demo."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.demo_logins import DEMO_PASSWORD, demo_logins


class Command(BaseCommand):
    help = "列出演示账号（只在DEMO=1时可用）。"

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("这里不是演示系统，没有演示账号。")
        rows = [("用户名", "角色", "所在"), *((x.username, x.role, x.place) for x in demo_logins())]
        widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = [
                cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
            ]
            self.stdout.write("  ".join(cells).rstrip())
        self.stdout.write(f"密码都是 {DEMO_PASSWORD}")


def _width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
