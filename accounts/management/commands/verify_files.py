"""`manage.py verify_files`: are the uploaded files on the disk those that were uploaded?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.files import store
from accounts.models import StoredFile

WORDS = {"missing": "文件不在", "another size": "大小不对", "another content": "内容被改过"}


class Command(BaseCommand):
    help = "核对全部上传的文件：在不在、大小和内容有没有变"

    def handle(self, *args: Any, **options: Any) -> None:
        damaged = 0
        for stored, damage in store.verify():
            damaged += 1
            self.stderr.write(f"{stored.storage_name}：{WORDS[damage]}（{stored.content_type}）")
        if damaged:
            raise CommandError(
                f"有{damaged}个文件和上传时不一样。请从备份恢复这些文件，再核对一次。"
            )
        self.stdout.write(f"核对了{StoredFile.objects.count()}个文件，都和上传时一样。")
