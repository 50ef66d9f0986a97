"""The accounts that demo data makes. Shown only where DEMO is on."""

from __future__ import annotations

from dataclasses import dataclass

DEMO_PASSWORD = "shili-yanshi-2026"  # noqa: S105 - public by design; load_demo refuses without DEMO


@dataclass(frozen=True)
class DemoLogin:
    username: str
    role: str
    place: str
    password: str = DEMO_PASSWORD


DEMO_LOGINS: list[DemoLogin] = [
    DemoLogin("wuqing-officer", "教育局经办人", "武清区"),
    DemoLogin("wuqing-leader", "教育局领导", "武清区"),
    DemoLogin("wuqing-director", "园长", "武清区王庆坨镇"),
    DemoLogin("wuqing-clerk", "园所资料员", "武清区王庆坨镇"),
    DemoLogin("wuqing-inspector", "责任督学", "武清区"),
    DemoLogin("wuqing-town", "乡镇街道经办人", "武清区王庆坨镇"),
    DemoLogin("wuqing-fire", "配合单位经办人", "武清区消防救援支队"),
    DemoLogin("altay-officer", "教育局经办人", "阿勒泰市"),
    DemoLogin("altay-city", "市教育局经办人", "阿勒泰地区"),
    DemoLogin("kundulun-officer", "教育局经办人", "昆都仑区"),
    DemoLogin("kundulun-director", "园长", "昆都仑区"),
    DemoLogin("shijingshan-officer", "教育局经办人", "石景山区"),
    DemoLogin("system", "系统管理员", "本系统"),
    DemoLogin("wuqing-security", "安全管理员", "武清区"),
    DemoLogin("wuqing-audit", "审计管理员", "武清区"),
]


def demo_logins() -> list[DemoLogin]:
    return DEMO_LOGINS
