"""Is every stored figure what its facts say? Prints what differs and exits with 1 if anything does."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.history.context import command_history
from accounts.models import Region
from indicators.management.commands.explain import parse_month
from indicators.models import FigureDrift, RecomputeRun
from indicators.services import runs
from indicators.services.verify import compare
from indicators.verification.presenters import drift_line, told


class Command(BaseCommand):
    help = "核验三率：由已接收的月报重新计算，和存着的数逐行比对：verify_figures --month 2026-10 --province 150000"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--month", help="年月，例如2020-12；不写为所有有数的月份")
        parser.add_argument("--province", help="省级行政区划代码，例如150000；不写为全部")
        parser.add_argument(
            "--only-look", action="store_true", help="只比对，不登记，也不重算没有锁定的月份"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        province = None
        if options["province"]:
            province = Region.objects.filter(
                code=options["province"], level=Region.Level.PROVINCE
            ).first()
            if province is None:
                raise CommandError(f"没有代码为{options['province']}的省级区划。请写6位代码。")
        months = runs.months_with_figures(now=timezone.now())
        if options["month"]:
            month = parse_month(options["month"])
            if month not in months:
                raise CommandError(f"{month:%Y-%m}没有数，没有可核验的。")
            months = [month]
        if not months:
            raise CommandError("还没有任何月份的数，没有可核验的。")
        if options["only_look"]:
            found = self._look(months, province)
        else:
            found = self._verify(months, province)
        if found:
            self.stdout.write(f"共{found}行有差异。")
            sys.exit(1)
        self.stdout.write(f"{len(months)}个月全部一致。")

    def _look(self, months: list[Any], province: Region | None) -> int:
        total = 0
        for month in months:
            with transaction.atomic():
                found = compare(month=month, province=province)
            names = Region.objects.in_bulk([one.region for one in found])
            for one in found:
                self.stdout.write(
                    f"{names[one.region].code} {names[one.region]} {month:%Y-%m} "
                    f"{FigureDrift.Kind(one.kind).label}：{told(one.values)}"
                )
            total += len(found)
        return total

    def _verify(self, months: list[Any], province: Region | None) -> int:
        with command_history("verify_figures"):
            now = timezone.now()
            run = runs.begin(
                purpose=RecomputeRun.Purpose.VERIFICATION, months=months, region=province, now=now
            )
            if run.done:
                self.stdout.write(f"接着上次没做完的，从{run.months[run.done]:%Y-%m}开始。")
            while run.state == RecomputeRun.State.RUNNING:
                run = runs.take_step(run_id=run.pk, now=timezone.now())
        for drift in run.drifts.select_related("region", "kindergarten"):
            self.stdout.write(drift_line(drift))
        return run.drifted
