"""`manage.py write_data_register`: docs/data-register.md from accounts/privacy/register.toml."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from accounts.privacy import register


class Command(BaseCommand):
    help = "按accounts/privacy/register.toml重写docs/data-register.md"

    def handle(self, *args: Any, **options: Any) -> None:
        page = settings.BASE_DIR / "docs" / "data-register.md"
        page.write_text(register.as_page(), encoding="utf-8")
        self.stdout.write(f"已写好{page.name}，共{len(list(register.entries()))}个字段。")
