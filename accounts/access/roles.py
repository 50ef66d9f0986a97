"""Every role, with one sentence a director understands and what it grants."""

from dataclasses import dataclass

from django.db import models

from accounts.access.permissions import Permission as P


class RoleCode(models.TextChoices):
    SYSTEM_ADMINISTRATOR = "system_administrator", "系统管理员"
    BUREAU_OFFICER = "bureau_officer", "教育局经办人"
    BUREAU_LEADER = "bureau_leader", "教育局领导"
    INSPECTOR = "inspector", "责任督学"
    TOWN_OFFICER = "town_officer", "乡镇街道经办人"
    CITY_OFFICER = "city_officer", "市教育局经办人"
    DEPARTMENT_OFFICER = "department_officer", "配合单位经办人"
    DIRECTOR = "director", "园长"
    KINDERGARTEN_CLERK = "kindergarten_clerk", "园所资料员"


@dataclass(frozen=True)
class Role:
    description: str
    permissions: frozenset[P]


READS = {P.READ_FIGURES, P.READ_RETURNS, P.READ_REGISTRY, P.READ_JOBS}
EXPORTS = {P.EXPORT_FIGURES, P.EXPORT_REGISTRY}

ROLES: dict[RoleCode, Role] = {
    RoleCode.SYSTEM_ADMINISTRATOR: Role(
        "管后台任务和系统运行，看不到业务数据。",
        frozenset({P.READ_JOBS, P.MANAGE_JOBS, P.READ_GALLERY}),
    ),
    RoleCode.BUREAU_OFFICER: Role(
        "审核本区县的月报，查看和导出三率，打印报表。",
        frozenset(READS | {P.REVIEW_RETURNS, P.PRINT_REPORTS} | EXPORTS),
    ),
    RoleCode.BUREAU_LEADER: Role(
        "查看本区县的三率和月报，打印报表供签发，不改数据。",
        frozenset(READS | {P.PRINT_REPORTS} | EXPORTS),
    ),
    RoleCode.INSPECTOR: Role(
        "查看本区县的幼儿园、月报和三率，入园督导时打印。",
        frozenset(READS | {P.PRINT_REPORTS}),
    ),
    RoleCode.TOWN_OFFICER: Role("查看本乡镇街道的幼儿园、月报和三率。", frozenset(READS | EXPORTS)),
    RoleCode.CITY_OFFICER: Role(
        "查看全市各区县的三率和月报，打印报表。",
        frozenset(READS | {P.PRINT_REPORTS} | EXPORTS),
    ),
    RoleCode.DEPARTMENT_OFFICER: Role(
        "查看本区县的三率，配合整改。", frozenset({P.READ_FIGURES, P.READ_JOBS})
    ),
    RoleCode.DIRECTOR: Role(
        "填报并提交本园月报。", frozenset({P.FILE_RETURN, P.READ_RETURNS, P.READ_REGISTRY})
    ),
    RoleCode.KINDERGARTEN_CLERK: Role(
        "填写本园月报，由园长或本人提交。",
        frozenset({P.FILE_RETURN, P.READ_RETURNS, P.READ_REGISTRY}),
    ),
}
