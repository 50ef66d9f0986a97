"""`manage.py export_history FILE`: copy history of some days into a file, row by row."""

import datetime as dt
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.history.archives import ArchiveRefused, export
from accounts.history.recording import Action, record_access


class Command(BaseCommand):
    help = "把某段时间的历史记录抄到文件里（每行一条JSON），不删除任何记录"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--since", type=dt.date.fromisoformat, required=True, help="起始日期")
        parser.add_argument(
            "--until", type=dt.date.fromisoformat, help="截止日期（含），默认到现在"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        until = now if options["until"] is None else _begins(options["until"] + dt.timedelta(1))
        try:
            rows, digest = export(
                since=_begins(options["since"]), until=until, path=options["file"]
            )
        except ArchiveRefused as refusal:
            raise CommandError(str(refusal)) from None
        except OSError as error:
            raise CommandError(f"写不了{options['file']}：{error}。") from None
        record_access(Action.EXPORT, by=None, at=now, rows=rows)
        if not rows:
            self.stdout.write("这段时间没有历史记录，没有写文件。")
            return
        self.stdout.write(f"已抄出{rows}行到{options['file']}（SHA-256 {digest}）。")


def _begins(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))
