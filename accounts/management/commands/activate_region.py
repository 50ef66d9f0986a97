"""`manage.py activate_region 120114`: let this deployment work with a county, city or province."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Region
from accounts.services import activate_region


class Command(BaseCommand):
    help = "启用一个行政区划（连同下级），可以重复运行"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", help="行政区划代码，例如120114")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            region = Region.objects.of_code(options["code"])
        except Region.DoesNotExist as unknown:
            raise CommandError(f"{unknown}先运行load_regions，再核对代码。") from None
        switched = activate_region(region=region)
        self.stdout.write(f"{region.name}已启用，新启用{switched}个区划。")
