"""The way around, by what the person's post permits. Only finished pages are listed."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts.access.permissions import Permission as P
from accounts.history.labels import name_page


@dataclass(frozen=True)
class Entry:
    label: str
    route: str
    icon: str
    permission: P


@dataclass
class Item:
    route: str
    label: str
    url: str
    icon: str
    active: bool


@dataclass
class Section:
    title: str
    items: list[Item] = field(default_factory=list)


WAYS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "工作",
        (
            Entry("三率", "dashboard", "chart-bar", P.READ_FIGURES),
            Entry("政策目标", "policies", "target-arrow", P.READ_FIGURES),
            Entry("达标差距", "shortfalls", "stairs-up", P.READ_FIGURES),
            Entry("报送进度", "filing-board", "list-check", P.READ_PROGRESS),
            Entry("月报审核", "filing-queue", "file-check", P.REVIEW_RETURNS),
            Entry("报送期", "periods", "calendar-time", P.MANAGE_PERIODS),
            Entry("本园月报", "my-filings", "clipboard-text", P.FILE_RETURN),
            Entry("本园对照", "mirror", "chart-dots", P.FILE_RETURN),
            Entry("备案审批", "procedures", "gavel", P.READ_PROCEDURES),
            # Of a whole area, so for those who supervise one.
            Entry("该报未报", "procedures-owed", "alarm", P.READ_PROGRESS),
        ),
    ),
    (
        "幼儿园",
        (
            Entry("幼儿园", "kindergarten-list", "building-community", P.READ_REGISTRY),
            Entry("学前人口", "population", "users-group", P.READ_FIGURES),
            Entry("历史数据", "aggregates", "archive", P.READ_FIGURES),
            Entry("社会认可度", "recognition", "mood-smile", P.READ_FIGURES),
            Entry("资料核对", "record-proposals", "checklist", P.MANAGE_REGISTRY),
            Entry("集团组团", "group-list", "sitemap", P.READ_REGISTRY),
            Entry("园舍和设备", "premises", "ruler-2", P.READ_REGISTRY),
            Entry("建设项目", "projects", "crane", P.READ_PROJECTS),
            Entry("小区配套园", "estates", "building-estate", P.READ_PROJECTS),
            Entry("无证园", "unlicensed-list", "building-off", P.READ_UNLICENSED),
        ),
    ),
    (
        "教职工",
        (
            Entry("教职工", "staff", "id-badge-2", P.READ_STAFF),
            # A director meets it among the things to do, and on the own roster.
            Entry("到期提醒", "staff-due", "calendar-due", P.READ_PROGRESS),
            Entry("从业禁止", "employment-bans", "user-off", P.KEEP_BANS),
            Entry("人员缺口", "staffing-gaps", "user-search", P.READ_FIGURES),
            Entry("补充计划", "recruitment", "users-plus", P.READ_RECRUITMENT),
            Entry("编制和工资", "posts-and-pay", "coins", P.READ_STAFF),
            Entry("结对和轮岗", "secondments", "arrows-exchange", P.READ_STAFF),
        ),
    ),
    (
        "安全",
        (
            Entry("安全防范", "safety-measures", "shield-check", P.READ_SAFETY),
            # Of a whole area: a director finds the own sites among the buildings.
            Entry("消防验收", "fire-backlog", "fire-extinguisher", P.READ_PROGRESS),
            Entry("校车", "school-buses", "bus", P.READ_SAFETY),
            Entry("安全自查", "self-checks", "clipboard-check", P.READ_SAFETY),
            Entry("安全隐患", "hazards", "alert-triangle", P.READ_SAFETY),
            Entry("整改台账", "ledger", "list-details", P.READ_SAFETY),
            Entry("事故报告", "incidents", "alert-octagon", P.READ_SAFETY),
            Entry("演练和保险", "upkeep", "umbrella", P.READ_SAFETY),
            Entry("视频巡查", "video-patrols", "video", P.READ_SAFETY),
            Entry("集中整治", "campaigns", "shield-search", P.READ_CAMPAIGNS),
            # Of a whole area, so for those who supervise one.
            Entry("安全风险", "safety-risk", "flame", P.READ_PROGRESS),
        ),
    ),
    (
        "收费和经费",
        (
            Entry("收费备案", "fee-filings", "file-invoice", P.READ_PROCEDURES),
            Entry("收费情况", "fee-figures", "receipt", P.READ_PROGRESS),
            Entry("超标收费", "overcharging", "moneybag", P.READ_PROGRESS),
            Entry("超标收费", "own-overcharged", "moneybag", P.FILE_RETURN),
            Entry("经费和补助", "funding", "cash", P.READ_PROGRESS),
            Entry("伙食费收支", "meals", "soup", P.READ_RETURNS),
            Entry("免保教费", "free-year", "gift", P.READ_PROGRESS),
            Entry("免保教费", "own-free-year", "gift", P.FILE_RETURN),
            Entry("退费", "refund-rules", "calculator", P.READ_RETURNS),
        ),
    ),
    ("导入", (Entry("表格导入", "imports", "table-import", P.IMPORT_TABLES),)),
    (
        "输出",
        (
            Entry("数据公布", "publications", "speakerphone", P.READ_FIGURES),
            Entry("报表打印", "documents", "printer", P.PRINT_REPORTS),
            # Of a whole area: a director finds the own kindergarten's on the mirror.
            Entry("一表多用", "reuse", "table", P.READ_PROGRESS),
        ),
    ),
    (
        "审计",
        (
            Entry("操作记录", "audit", "list-search", P.READ_AUDIT),
            Entry("数据改动", "audit-changes", "history", P.READ_AUDIT),
        ),
    ),
    (
        "人员",
        (
            Entry("人员账号", "people", "users", P.MANAGE_ACCOUNTS),
            Entry("账号审批", "office-accounts", "user-check", P.APPROVE_OFFICE_ACCOUNTS),
            Entry(
                "账号审批",
                "kindergarten-accounts",
                "user-check",
                P.APPROVE_KINDERGARTEN_ACCOUNTS,
            ),
            Entry("账号申请", "account-requests", "user-plus", P.REQUEST_ACCOUNTS),
            Entry("导出审批", "export-approvals", "file-export", P.APPROVE_EXPORTS),
            Entry("导出申请", "my-exports", "file-export", P.EXPORT_PERSONS),
            Entry("接口令牌", "api-tokens", "key", P.MANAGE_API_TOKENS),
            Entry("委托代办", "deputies", "calendar-user", P.NAME_DEPUTY),
        ),
    ),
    (
        "系统",
        (
            Entry("数据核验", "figure-checks", "checks", P.VERIFY_FIGURES),
            Entry("后台任务", "jobs", "loader", P.READ_JOBS),
            Entry("组件", "gallery", "components", P.READ_GALLERY),
        ),
    ),
)

for _, _entries in WAYS:
    for _entry in _entries:
        name_page(_entry.route, _entry.label)

# For those who build the portal: an administrator at work has no use for it.
ONLY_WHERE_BUILT = {"gallery"}

# A director meets them on the own roster; the bar across the top has no room for what is done
# once a year.
NOT_OF_KINDERGARTENS = {"imports", "my-exports"}

# The first that a post permits is the person's first page.
HOME_ROUTES = (
    (P.FILE_RETURN, "my-filings"),
    (P.READ_FIGURES, "dashboard"),
    (P.MANAGE_ACCOUNTS, "people"),
    (P.READ_JOBS, "jobs"),
    (P.READ_AUDIT, "audit"),
)


# What a kindergarten's people open most stands in their bar; all else lies under 更多.
IN_BAR = frozenset({"my-filings", "mirror", "kindergarten-list", "staff", "self-checks", "hazards"})


@dataclass
class Bar:
    """The top bar of a kindergarten's people: what stands in it, and what lies under 更多."""

    first: list[Item]
    more: list[Item]

    @property
    def more_is_active(self) -> bool:
        return any(item.active for item in self.more)


def bar_of(sections: list[Section]) -> Bar:
    items = [item for section in sections for item in section.items]
    return Bar(
        first=[item for item in items if item.route in IN_BAR],
        more=[item for item in items if item.route not in IN_BAR],
    )


def navigation_for(request: HttpRequest) -> list[Section]:
    sections = []
    acting = request.user.acting  # type: ignore[union-attr]
    of_kindergarten = acting is not None and acting.is_of_kindergarten
    here: Item | None = None
    for title, entries in WAYS:
        section = Section(title)
        for entry in entries:
            if not request.user.can(entry.permission):  # type: ignore[union-attr]
                continue
            if entry.route in ONLY_WHERE_BUILT and not (settings.DEBUG or settings.DEMO):
                continue
            if of_kindergarten and entry.route in NOT_OF_KINDERGARTENS:
                continue
            url = reverse(entry.route)
            item = Item(entry.route, entry.label, url, entry.icon, active=False)
            section.items.append(item)
            within = request.path == url or (url != "/" and request.path.startswith(url))
            # The page lies under the entry that says most of its address.
            if within and (here is None or len(url) > len(here.url)):
                here = item
        if section.items:
            sections.append(section)
    if here is not None:
        here.active = True
    return sections
