"""Compute region figures again, now and in this process; goes on where it was stopped."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Region
from indicators.management.commands.explain import parse_month
from indicators.models import RecomputeRun
from indicators.services import runs
from kindergartens.models import ReportingPeriod


class Command(BaseCommand):
    help = "重算三率，例如更正办园状态、人口、教职工配备标准，或补登编制和工资以后：recompute --county 150203 --month 2020-12"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--county", help="区县的行政区划代码，例如150203；不写为全部区县")
        parser.add_argument("--month", help="年月，例如2020-12；不写为所有有报送期的月份")

    def handle(self, *args: Any, **options: Any) -> None:
        periods = ReportingPeriod.objects.all()
        county = None
        if options["county"]:
            try:
                county = Region.objects.of_code(options["county"])
            except Region.DoesNotExist as error:
                raise CommandError(str(error)) from error
            if county.level != Region.Level.COUNTY:
                raise CommandError(f"{county.name}不是区县。请写区县的6位代码。")
            periods = periods.filter(county=county)
        if options["month"]:
            periods = periods.filter(month=parse_month(options["month"]))
        else:
            # Months are set ahead; before they open nobody could have filed.
            periods = periods.filter(opens_at__lte=timezone.now())
        months = list(periods.order_by("month").values_list("month", flat=True).distinct())
        if not months:
            raise CommandError("没有这样的报送期，没有可重算的月份。")
        run = runs.begin(
            purpose=RecomputeRun.Purpose.BY_HAND, months=months, region=county, now=timezone.now()
        )
        if run.done:
            self.stdout.write(f"接着上次没做完的，从{run.months[run.done]:%Y-%m}开始。")
        while run.state == RecomputeRun.State.RUNNING:
            before, month = run.rows, run.months[run.done]
            run = runs.take_step(run_id=run.pk, now=timezone.now())
            self.stdout.write(f"{month:%Y-%m}：{run.rows - before}个地区有变化。")
