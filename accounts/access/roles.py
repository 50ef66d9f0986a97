"""Every role, with one sentence a director understands and what it grants."""

from dataclasses import dataclass

from django.db import models

from accounts.access.permissions import Permission as P


class RoleCode(models.TextChoices):
    SYSTEM_ADMINISTRATOR = "system_administrator", "系统管理员"
    SECURITY_ADMINISTRATOR = "security_administrator", "安全管理员"
    AUDIT_ADMINISTRATOR = "audit_administrator", "审计管理员"
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


# Three people run the portal, none of them alone, and none of them reads business data.
ADMINISTRATORS = frozenset(
    {
        RoleCode.SYSTEM_ADMINISTRATOR,
        RoleCode.SECURITY_ADMINISTRATOR,
        RoleCode.AUDIT_ADMINISTRATOR,
    }
)

READS = {
    *(P.READ_FIGURES, P.READ_RETURNS, P.READ_PROGRESS, P.READ_REGISTRY, P.READ_PROCEDURES),
    P.READ_NOTICES,
    *(P.READ_PROJECTS, P.READ_JOBS, P.READ_HISTORY, P.READ_UNLICENSED, P.READ_STAFF),
    *(P.READ_RECRUITMENT, P.READ_SAFETY, P.READ_CAMPAIGNS),
}
EXPORTS = {P.EXPORT_FIGURES, P.EXPORT_REGISTRY}

ROLES: dict[RoleCode, Role] = {
    RoleCode.SYSTEM_ADMINISTRATOR: Role(
        "管后台任务和系统运行，看三率核验是否一致，为机关单位和还没有园长的幼儿园申请账号；不能批准账号，看不到业务数据。",
        frozenset(
            {P.READ_JOBS, P.MANAGE_JOBS, P.READ_GALLERY, P.REQUEST_ACCOUNTS}
            # Whether they differ and where computing stopped; the figures themselves stay hidden.
            | {P.VERIFY_FIGURES}
        ),
    ),
    RoleCode.SECURITY_ADMINISTRATOR: Role(
        "批准机关单位的账号，解锁、停用账号，办理岗位交接，发放和撤销接口令牌；不能给自己授权，看不到业务数据。",
        frozenset(
            {P.APPROVE_OFFICE_ACCOUNTS, P.MANAGE_ACCOUNTS, P.HAND_OVER_POSTS, P.EXPORT_PERSONS}
            | {P.MANAGE_API_TOKENS}
        ),
    ),
    RoleCode.AUDIT_ADMINISTRATOR: Role(
        "查看谁在什么时候登录、打印、导出、改动了什么，核对记录是否完整；不能改动任何数据。",
        frozenset({P.READ_AUDIT, P.EXPORT_PERSONS}),
    ),
    RoleCode.BUREAU_OFFICER: Role(
        "登记和变更本区县的幼儿园和教职工，登记从业禁止名单，登记安全防范佐证、安全隐患和事故，核对别人登记的佐证，定级挂牌，复查销号，事故结案，组织集中整治，设置报送期和本级目标，催报和审核月报，批准幼儿园的账号，查看、核验和导出三率，导出教职工名册，打印报表，拟稿数据通报。",
        frozenset(
            READS
            # Whoever takes the returns up opens the months and answers for a day more: a leader
            # would be asked on the very evening of the lock. Each carries name and reason.
            | {P.MANAGE_PERIODS, P.KEEP_TARGETS}
            | {P.MANAGE_REGISTRY, P.IMPORT_TABLES, P.REVIEW_PROCEDURES, P.DECIDE_PROCEDURES}
            | {P.REPORT_UNLICENSED, P.KEEP_STAFF, P.KEEP_BANS, P.READ_CONDUCT}
            | {P.URGE_RETURNS, P.REVIEW_RETURNS, P.PRINT_REPORTS, P.APPROVE_KINDERGARTEN_ACCOUNTS}
            | {P.PREPARE_PUBLICATIONS}
            | {P.REVEAL_PERSONAL_DATA, P.EXPORT_PERSONS, P.NAME_DEPUTY}
            | {P.KEEP_SAFETY, P.DECIDE_SAFETY, P.READ_INCIDENTS, P.CHECK_CAMPAIGNS}
            | {P.VERIFY_FIGURES}
            | EXPORTS
        ),
    ),
    RoleCode.BUREAU_LEADER: Role(
        "查看本区县的三率和月报，核验三率，决定普惠认定、合并和停办，查阅和解除从业禁止，核对安全防范佐证，给重大隐患挂牌，复查销号，事故结案，打印报表供签发，公布经办人拟稿的数据，批准涉及多人信息的导出。",
        frozenset(
            READS
            | {
                P.DECIDE_PROCEDURES,
                P.DECIDE_ESTATES,
                P.PRINT_REPORTS,
                P.VERIFY_FIGURES,
                P.PUBLISH_FIGURES,
                P.APPROVE_EXPORTS,
                # Who entered a ban does not lift it: the second person of a small bureau.
                P.KEEP_BANS,
                P.NAME_DEPUTY,
                P.READ_CONDUCT,
                P.DECIDE_SAFETY,
                P.READ_INCIDENTS,
            }
            | EXPORTS
        ),
    ),
    RoleCode.INSPECTOR: Role(
        "查看本区县的幼儿园、月报和三率，登记发现的无证园、安全隐患和安全防范佐证，入园督导时打印。",
        frozenset(
            READS
            | {P.PRINT_REPORTS, P.REPORT_UNLICENSED, P.KEEP_SAFETY, P.NAME_DEPUTY}
            | {P.CHECK_CAMPAIGNS}
        ),
    ),
    RoleCode.TOWN_OFFICER: Role(
        "查看本乡镇街道的幼儿园、月报和三率，催报，区县设有乡镇初审的初审月报，登记发现的无证园、安全隐患和安全防范佐证。",
        frozenset(
            READS
            | {P.URGE_RETURNS, P.PRE_REVIEW_RETURNS, P.REPORT_UNLICENSED, P.NAME_DEPUTY}
            | {P.KEEP_SAFETY}
            | EXPORTS
        ),
    ),
    RoleCode.CITY_OFFICER: Role(
        "查看全市各区县的三率和月报，核验三率，登记市级目标，打印报表。",
        frozenset(
            READS | {P.PRINT_REPORTS, P.NAME_DEPUTY, P.VERIFY_FIGURES, P.KEEP_TARGETS} | EXPORTS
        ),
    ),
    RoleCode.DEPARTMENT_OFFICER: Role(
        "查看本区县的三率和无证园，登记本单位参加的集中整治，配合整改。",
        frozenset(
            {P.READ_FIGURES, P.READ_UNLICENSED, P.READ_JOBS, P.READ_NOTICES, P.NAME_DEPUTY}
            | {P.READ_CAMPAIGNS, P.CHECK_CAMPAIGNS}
        ),
    ),
    RoleCode.DIRECTOR: Role(
        "填报并提交本园月报，填报本园资料，登记、导入和导出本园教职工，登记安全防范佐证、安全自查、隐患和事故，为本园资料员和接任的园长申请账号，外出时请人代办。",
        frozenset(
            {P.FILE_RETURN, P.READ_RETURNS, P.READ_REGISTRY, P.READ_HISTORY, P.READ_NOTICES}
            | {P.EDIT_OWN_RECORD, P.READ_PROCEDURES, P.ASK_PROCEDURES}
            | {P.REQUEST_ACCOUNTS, P.NAME_DEPUTY, P.READ_STAFF, P.KEEP_STAFF, P.READ_CONDUCT}
            | {P.READ_SAFETY, P.KEEP_SAFETY, P.READ_INCIDENTS, P.READ_CAMPAIGNS}
            # The own roster in and out; many persons at once go by the bureau's leader.
            | {P.IMPORT_TABLES, P.EXPORT_PERSONS}
        ),
    ),
    RoleCode.KINDERGARTEN_CLERK: Role(
        "填写本园月报，由园长或本人提交；登记本园教职工、安全自查、隐患和安全防范佐证。",
        frozenset(
            {P.FILE_RETURN, P.READ_RETURNS, P.READ_REGISTRY, P.READ_HISTORY, P.READ_NOTICES}
            | {P.READ_STAFF, P.KEEP_STAFF, P.READ_SAFETY, P.KEEP_SAFETY}
            | {P.READ_CAMPAIGNS}
        ),
    ),
}
