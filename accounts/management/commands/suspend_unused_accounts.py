"""`manage.py suspend_unused_accounts`: for a daily timetable."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.sign_in.unused import suspend_unused, unused_accounts


class Command(BaseCommand):
    help = "停用90天没有登录过的账号；加--list只列出，不停用"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--list", action="store_true", dest="only_list")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if settings.DEMO and not options["only_list"]:
            raise CommandError("演示数据的账号不停用。")
        users = unused_accounts(now) if options["only_list"] else suspend_unused(now)
        for user in users:
            self.stdout.write(user.username)
        self.stdout.write(f"{'共' if options['only_list'] else '已停用'}{len(users)}个账号。")
