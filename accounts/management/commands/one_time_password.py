"""`manage.py one_time_password`: for who lost theirs and has no security administrator to ask."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from accounts.sign_in.initial import issue_one_time_password


class Command(BaseCommand):
    help = "给一个账号发一次性口令，只显示这一次；原口令和各处登录随即作废"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        name = User.normalise_username(options["username"])
        user = User.objects.filter(username=name, is_active=True).first()
        if user is None:
            raise CommandError(f"没有启用的账号{name}。请核对用户名。")
        password = issue_one_time_password(user, timezone.now())
        self.stdout.write(password)
        self.stderr.write(
            f"{user.full_name}用它第一次登录，{settings.ONE_TIME_PASSWORD_HOURS}小时内有效。"
        )
