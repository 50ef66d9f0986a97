"""`manage.py create_account`: the first accounts of a deployment. Asks for the password."""

import getpass
import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError
from django.utils import timezone

from accounts.access.roles import RoleCode
from accounts.models import Region
from accounts.services import PostRefused, TwoPeopleNeeded, create_account


class Command(BaseCommand):
    help = (
        "部署时建立一个账号和它的岗位，要两个人在场；一次性密码从ACCOUNT_PASSWORD读取，没有就询问。"
        "本区域有了系统管理员和安全管理员之后，账号在网页上申请和批准"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("full_name")
        parser.add_argument("role", choices=[*RoleCode.values])
        parser.add_argument("organisation", help="机构名称，例如武清区教育局")
        parser.add_argument("region", help="机构所在区划代码，例如120114")
        parser.add_argument("--operator", required=True, help="操作人姓名")
        parser.add_argument("--witness", required=True, help="在场见证人姓名，和操作人不是一个人")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            region = Region.objects.of_code(options["region"])
            post = create_account(
                username=options["username"],
                full_name=options["full_name"],
                role=RoleCode(options["role"]),
                organisation_name=options["organisation"],
                region=region,
                password=os.environ.get("ACCOUNT_PASSWORD") or getpass.getpass("密码："),
                operator=options["operator"],
                witness=options["witness"],
                now=timezone.now(),
            )
        except (Region.DoesNotExist, PostRefused, TwoPeopleNeeded) as refusal:
            raise CommandError(str(refusal)) from None
        except ValidationError as weak:
            raise CommandError("密码不合要求：" + "".join(weak.messages)) from None
        except IntegrityError:
            raise CommandError(f"用户名{options['username']}已经有人用了。") from None
        self.stdout.write(
            f"已建立{post.user.username}：{post}。密码只能用来第一次登录，"
            f"{settings.ONE_TIME_PASSWORD_HOURS}小时内有效，登录后要改成自己的。"
        )
