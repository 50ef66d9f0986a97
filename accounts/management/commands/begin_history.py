"""`manage.py begin_history`: once after an upgrade, enter the rows that were there before."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.history.beginning import BegunBefore, begin_history
from accounts.history.ownership import NotTheOwner, check_owner


class Command(BaseCommand):
    help = "升级后运行一次：把原有数据记入历史记录，之后才能核对"

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            check_owner()
            rows = begin_history(now=timezone.now())
        except BegunBefore:
            raise CommandError(
                "以前已经运行过，没有改动。没有记录的数据请用verify_history查明来历。"
            ) from None
        except NotTheOwner as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"已把原有的{rows}行记入历史记录。")
