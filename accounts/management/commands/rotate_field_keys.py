"""`manage.py rotate_field_keys`: encrypt every personal identifier with the first of FIELD_KEYS."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from accounts.privacy.cipher import NotDecrypted
from accounts.privacy.keys import UnknownKey
from accounts.privacy.rotation import rotate


class Command(BaseCommand):
    help = "用FIELD_KEYS里的第一个密钥重新加密全部个人信息，不用停机，可以重复运行"

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--batch", type=int, default=500, help="每批多少行")

    def handle(self, *args: Any, **options: Any) -> None:
        left = 0
        try:
            for result in rotate(batch=options["batch"]):
                left += result.left
                self.stdout.write(f"{result.column}：重新加密{result.changed}行，剩{result.left}行")
        except (NotDecrypted, UnknownKey, ImproperlyConfigured) as problem:
            raise CommandError(
                f"没有做完：{problem}。已完成的部分有效，补上密钥后再运行。"
            ) from None
        if left:
            raise CommandError(f"还有{left}行用旧密钥，请再运行一次。旧密钥先不要删。")
        self.stdout.write(
            "全部完成，新写入的都用新密钥。旧密钥要和旧备份、变更记录一起保管，那里面的密文仍要用它打开。"
        )
