"""The plan of Kundulun to fill its gaps, as its document of December 2023 counts them.

From 三（一）1 and 2: 96 teachers for the 12 kindergartens the district runs itself, 19 care and
teaching staff and 4 health workers for 包钢幼教处, 23 health workers for the district's public
kindergartens. The document names no costs and nobody who came: both are invented, and say so.
"""

from __future__ import annotations

from decimal import Decimal

from accounts.models import Region
from config.demo import kundulun
from staffing.models import RecruitmentLine

YEAR = 2024
DOCUMENT = "昆都仑区关于进一步推进创建全国学前教育普及普惠县（区）工作实施方案"
SOURCE = "示例数据：文件没有写金额"
Post = RecruitmentLine.Post
# scope, post, people, hired (invented), yuan a person and year (invented), way, clause
LINES = [
    ("区属12所教办幼儿园", Post.TEACHER, 96, 60, 88_000, "专项招聘、公开招聘", "三（一）1"),
    ("包钢幼教处", Post.CARE_TEACHING, 19, 12, 62_000, "自主招聘", "三（一）1"),
    ("区属公办幼儿园", Post.HEALTH, 23, 15, 48_000, "政府购买服务或自主购买服务", "三（一）2"),
    ("包钢幼教处", Post.HEALTH, 4, 4, 48_000, "政府购买服务或自主购买服务", "三（一）2"),
]


def write_recruitment() -> str:
    county = Region.objects.of_code(kundulun.CODE)
    made = RecruitmentLine.objects.bulk_create(
        RecruitmentLine(
            county=county,
            year=YEAR,
            scope=scope,
            post=post,
            gap=people,
            planned=people,
            hired=hired,
            yearly_cost_yuan=Decimal(cost),
            cost_source=SOURCE,
            way=f"{way}（到岗人数是示例）",
            document=DOCUMENT,
            clause=clause,
        )
        for scope, post, people, hired, cost, way, clause in LINES
    )
    return f"{len(made)}行"
