"""`manage.py check_passwords`: no active account has a password that everybody knows."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.sign_in.known_passwords import scan


class Command(BaseCommand):
    help = "核对启用的账号：没有默认密码、演示密码和空密码；有就逐个列出，返回码为1"

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(scan())
        for finding in found:
            self.stdout.write(f"{finding.username}：{finding.what}")
        if found:
            raise CommandError(
                f"{len(found)}个账号要处理：用one_time_password发一次性密码，或停用账号。"
            )
        self.stdout.write("没有发现默认密码、演示密码和空密码。")
