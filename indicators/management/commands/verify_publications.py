"""Recompute the digest of everything that was published."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from indicators.models import Publication
from indicators.publications.selectors import broken_publications


class Command(BaseCommand):
    help = "核对已公布的数据：逐号重算校验值，并与编号、月份、更正关系对照"

    def handle(self, *args: Any, **options: Any) -> None:
        total = Publication.objects.unscoped("a command checks every one").count()
        wrong = list(broken_publications())
        for publication, says in wrong:
            self.stderr.write(f"{publication.number}：{says}")
        if wrong:
            raise CommandError(f"{total}号里有{len(wrong)}号不符。")
        self.stdout.write(f"{total}号，全部一致。")
