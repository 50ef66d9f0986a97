"""Every permission of the portal, in one list."""

from enum import StrEnum


class Permission(StrEnum):
    # Monthly returns
    FILE_RETURN = "file_return"  # fill in and submit one's own kindergarten's return
    READ_RETURNS = "read_returns"  # read submitted returns in one's area
    READ_PROGRESS = "read_progress"  # who filed and who is missing in one's area
    URGE_RETURNS = "urge_returns"  # remind kindergartens of a return that is missing
    REVIEW_RETURNS = "review_returns"  # accept or send back
    PRE_REVIEW_RETURNS = "pre_review_returns"  # a town's: pass on to the bureau, or send back
    MANAGE_PERIODS = "manage_periods"  # open months, move dates, let one kindergarten file later
    # Figures
    READ_FIGURES = "read_figures"  # rates, ratios, their explanation
    EXPORT_FIGURES = "export_figures"
    PRINT_REPORTS = "print_reports"
    VERIFY_FIGURES = "verify_figures"  # are stored figures right, and what is to be set right
    KEEP_TARGETS = "keep_targets"  # the documents and targets of one's own county or city
    PREPARE_PUBLICATIONS = "prepare_publications"  # freeze figures for publishing
    PUBLISH_FIGURES = "publish_figures"  # publish what another person prepared
    # Registers
    READ_REGISTRY = "read_registry"
    EXPORT_REGISTRY = "export_registry"
    READ_PROJECTS = "read_projects"  # construction projects and estate kindergartens
    DECIDE_ESTATES = "decide_estates"  # as what an estate kindergarten is run
    MANAGE_REGISTRY = "manage_registry"  # register kindergartens, edit and change their records
    EDIT_OWN_RECORD = "edit_own_record"  # propose changes to the own kindergarten's record
    READ_UNLICENSED = "read_unlicensed"  # places without a licence in one's area
    REPORT_UNLICENSED = "report_unlicensed"  # report one that was found, and what a check finds
    READ_STAFF = "read_staff"  # the roster of staff in one's area, numbers masked
    READ_RECRUITMENT = "read_recruitment"  # whom the county plans to hire, and at what cost
    KEEP_BANS = "keep_bans"  # who is barred from work in kindergartens: read, enter, lift
    KEEP_STAFF = "keep_staff"  # hire, end posts, correct, record certificates
    READ_CONDUCT = "read_conduct"  # what background queries found, ethics records
    # Safety
    READ_SAFETY = "read_safety"  # self-checks, hazards and drills in one's area
    KEEP_SAFETY = "keep_safety"  # record self-checks, hazards and drills
    READ_INCIDENTS = "read_incidents"  # accounts of incidents, not only their counts
    READ_CAMPAIGNS = "read_campaigns"  # joint campaigns; a department its own part of them
    CHECK_CAMPAIGNS = "check_campaigns"  # record what was found; a department its own
    DECIDE_SAFETY = "decide_safety"  # grade, put under 挂牌督办, re-check what others mended
    # Filings under law (变更备案、停办、年检、普惠认定)
    READ_PROCEDURES = "read_procedures"  # what was asked for in one's area, and how it stands
    ASK_PROCEDURES = "ask_procedures"  # ask, and hand in documents, for the own kindergarten
    REVIEW_PROCEDURES = "review_procedures"  # check documents, return, pass on for decision
    DECIDE_PROCEDURES = "decide_procedures"  # decide on what another person checked
    # Messages
    READ_NOTICES = "read_notices"  # messages to one's own organisation
    # Tables
    IMPORT_TABLES = "import_tables"  # upload tables; what may be imported is a permission each
    # Accounts and posts
    REQUEST_ACCOUNTS = "request_accounts"  # ask for an account in one's own place
    APPROVE_KINDERGARTEN_ACCOUNTS = "approve_kindergarten_accounts"  # of the own county
    APPROVE_OFFICE_ACCOUNTS = "approve_office_accounts"  # of bureaus, town offices, departments
    MANAGE_ACCOUNTS = "manage_accounts"  # unlock, disable, end sessions, reset the second factor
    MANAGE_API_TOKENS = "manage_api_tokens"  # keys by which other systems read figures
    NAME_DEPUTY = "name_deputy"  # let a colleague act in one's post for some days
    HAND_OVER_POSTS = "hand_over_posts"  # end one person's post and begin the next one's
    # Personal data
    REVEAL_PERSONAL_DATA = "reveal_personal_data"  # see an identifier whole, with a reason
    EXPORT_PERSONS = "export_persons"  # take out lists of persons; long ones after approval
    APPROVE_EXPORTS = "approve_exports"  # let another person's export of many persons go
    # History
    READ_HISTORY = "read_history"  # who changed what on the objects one may see
    READ_AUDIT = "read_audit"  # sign-ins, prints, exports and changes, without business pages
    # Running the portal
    READ_JOBS = "read_jobs"  # background jobs of one's own
    MANAGE_JOBS = "manage_jobs"  # everyone's background jobs, retry the dead
    READ_GALLERY = "read_gallery"  # the component gallery, for those who maintain the portal


# Each in words, for the page that says who may do what.
PERMISSION_LABELS: dict[Permission, str] = {
    Permission.FILE_RETURN: "填写、提交、撤回本园月报",
    Permission.READ_RETURNS: "查看范围内已提交的月报",
    Permission.READ_PROGRESS: "查看范围内的报送进度",
    Permission.URGE_RETURNS: "催报",
    Permission.REVIEW_RETURNS: "接收或退回月报（不能是自己提交的）",
    Permission.PRE_REVIEW_RETURNS: "区县设有乡镇初审的，初审本乡镇街道的月报（不能是自己提交的）",
    Permission.MANAGE_PERIODS: "设置报送期，给单个幼儿园延期",
    Permission.READ_FIGURES: "查看三率、比例和算法",
    Permission.EXPORT_FIGURES: "导出三率",
    Permission.PRINT_REPORTS: "打印报表",
    Permission.VERIFY_FIGURES: "核验三率，查看重算记录，重算有差异的月份",
    Permission.KEEP_TARGETS: "登记、更正、废止本级的政策文件和目标",
    Permission.PREPARE_PUBLICATIONS: "拟稿数据通报、公报和自评，更正已公布的数据",
    Permission.PUBLISH_FIGURES: "公布数据（不能是自己拟稿的）",
    Permission.READ_REGISTRY: "查看幼儿园名册",
    Permission.EXPORT_REGISTRY: "导出幼儿园名册",
    Permission.READ_PROJECTS: "查看建设项目和小区配套园",
    Permission.DECIDE_ESTATES: "批准小区配套园的办园性质（不能是自己提出的）",
    Permission.MANAGE_REGISTRY: "登记和变更幼儿园资料",
    Permission.EDIT_OWN_RECORD: "填报本园资料，报教育局核对",
    Permission.READ_UNLICENSED: "查看范围内的无证园花名册",
    Permission.REPORT_UNLICENSED: "登记发现的无证园和查看、复查情况",
    Permission.READ_STAFF: "查看范围内的教职工名册",
    Permission.READ_RECRUITMENT: "查看范围内的教师补充计划",
    Permission.KEEP_STAFF: "登记教职工的任职、离任和证件材料，更正资料",
    Permission.READ_CONDUCT: "查看背景查询结果和师德记录，登记师德记录，撤销背景查询",
    Permission.KEEP_BANS: "查阅、登记、解除从业禁止名单（每次查阅都有记录；解除不能是自己登记的）",
    Permission.READ_SAFETY: "查看范围内的安全登记",
    Permission.KEEP_SAFETY: "登记安全防范佐证、安全自查、隐患、演练",
    Permission.READ_INCIDENTS: "查看事故经过（每次打开都有记录）",
    Permission.READ_CAMPAIGNS: "查看集中整治（配合单位只看本单位参加的）",
    Permission.CHECK_CAMPAIGNS: "登记集中整治的检查结果（配合单位只登记本单位的）",
    Permission.DECIDE_SAFETY: "组织集中整治，核对安全防范佐证，给隐患定级挂牌，复查销号（不能是自己登记的、自己申请复查的）",
    Permission.READ_PROCEDURES: "查看范围内的备案和审批事项",
    Permission.ASK_PROCEDURES: "为本园提出备案和申请，交材料",
    Permission.REVIEW_PROCEDURES: "受理、核对、退回备案和申请",
    Permission.DECIDE_PROCEDURES: "决定备案和申请（不能是自己提出或核对的）",
    Permission.READ_NOTICES: "查看发给本单位的消息",
    Permission.IMPORT_TABLES: "用表格导入数据（各类数据另需相应权限）",
    Permission.REQUEST_ACCOUNTS: "为本单位或本区域申请账号",
    Permission.APPROVE_KINDERGARTEN_ACCOUNTS: "批准本区域幼儿园的账号（不能是自己申请的）",
    Permission.APPROVE_OFFICE_ACCOUNTS: "批准本区域机关单位的账号（不能是自己申请的）",
    Permission.MANAGE_ACCOUNTS: "停用、恢复账号，发一次性密码，解锁（不能是自己的）",
    Permission.MANAGE_API_TOKENS: "发放、撤销别的系统读指标数据的接口令牌",
    Permission.NAME_DEPUTY: "不在岗时请本单位同事代办",
    Permission.HAND_OVER_POSTS: "办理岗位交接（不能是自己的岗位）",
    Permission.REVEAL_PERSONAL_DATA: "写明理由后查看完整的个人信息",
    Permission.EXPORT_PERSONS: "导出人员名单和审计记录，人数多的要另一个人批准",
    Permission.APPROVE_EXPORTS: "批准别人导出多人信息",
    Permission.READ_HISTORY: "查看范围内的改动记录",
    Permission.READ_AUDIT: "查看登录、打印、导出和改动的审计记录",
    Permission.READ_JOBS: "查看自己的后台任务",
    Permission.MANAGE_JOBS: "查看和重试全部后台任务",
    Permission.READ_GALLERY: "查看界面组件",
}
