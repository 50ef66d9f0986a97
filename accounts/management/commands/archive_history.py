"""`manage.py archive_history FILE`: move history older than three years into a file."""

import datetime as dt
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.history.archives import ArchiveRefused, archive
from accounts.history.ownership import NotTheOwner, check_owner
from accounts.history.triggers import KEPT_DAYS

THREE_YEARS = 3 * 365


class Command(BaseCommand):
    help = "把早于若干天的历史记录移到文件里（默认三年前的），记录链仍可核对"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="新文件，每行一条JSON")
        parser.add_argument(
            "--days",
            type=int,
            default=THREE_YEARS,
            help=f"留在系统里的天数，默认{THREE_YEARS}，不能少于{KEPT_DAYS}",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        try:
            check_owner()
            kept = archive(
                older_than=now - dt.timedelta(days=options["days"]), path=options["file"], now=now
            )
        except (ArchiveRefused, NotTheOwner) as refusal:
            raise CommandError(str(refusal)) from None
        except OSError as error:
            raise CommandError(f"写不了{options['file']}：{error}。没有移走任何记录。") from None
        if kept is None:
            self.stdout.write(f"没有早于{options['days']}天的记录，没有改动。")
            return
        self.stdout.write(
            f"已把{kept.rows}行记录移到{options['file']}（SHA-256 {kept.file_digest}）。"
            "请把文件和这个摘要分开保存。"
        )
