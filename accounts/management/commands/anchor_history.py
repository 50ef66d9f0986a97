"""`manage.py anchor_history`: print where history ends now, signed, to keep outside the database."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.history.anchors import drop_anchor


class Command(BaseCommand):
    help = "记下记录链现在的末端并签名，打印出来存在库外，以后用verify_history --anchor核对"

    def handle(self, *args: Any, **options: Any) -> None:
        anchor = drop_anchor(now=timezone.now())
        if anchor is None:
            raise CommandError("还没有历史记录，没有锚点可记。")
        self.stdout.write(str(anchor))
