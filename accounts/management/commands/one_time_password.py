"""`manage.py one_time_password`: for who lost theirs and has no security administrator to ask."""

import unicodedata
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.models import AccountEvent, User
from accounts.sign_in.initial import issue_one_time_password


class Command(BaseCommand):
    help = (
        "给一个账号发一次性密码，要两个人在场，只显示这一次；原密码和各处登录随即作废，"
        "操作人、见证人和原因写进账号的办理记录"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--operator", required=True, help="操作人姓名")
        parser.add_argument("--witness", required=True, help="在场见证人姓名，和操作人不是一个人")
        parser.add_argument("--reason", required=True, help="为什么发，例如安全管理员本人忘了密码")

    def handle(self, *args: Any, **options: Any) -> None:
        name = User.normalise_username(options["username"])
        operator, witness, reason = (
            options[key].strip() for key in ("operator", "witness", "reason")
        )
        now = timezone.now()
        with transaction.atomic():
            user = User.objects.select_for_update().filter(username=name, is_active=True).first()
            if user is None:
                raise CommandError(f"没有启用的账号{name}。请核对用户名。")
            if not (operator and witness and reason):
                raise CommandError("要写明操作人、见证人的姓名和原因。")
            if len({_plain(person) for person in (user.full_name, operator, witness)}) < 3:
                raise CommandError("操作人、见证人和账号的本人要是三个不同的人。请另请一个人。")
            written = f"在服务器上发放：操作人{operator}，见证人{witness}。{reason}"
            if len(written) > 300:
                raise CommandError("姓名和原因合起来太长，请把原因写短一些。")
            password = issue_one_time_password(user, now)
            AccountEvent.objects.create(
                account=user,
                action=AccountEvent.Action.ONE_TIME_PASSWORD,
                at=now,
                reason=written,
            )
        self.stdout.write(password)
        self.stderr.write(
            f"{user.full_name}用它第一次登录，{settings.ONE_TIME_PASSWORD_HOURS}小时内有效。"
        )


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()
