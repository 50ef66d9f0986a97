"""Filings and applications in every state, in 武清区 and 昆都仑区; written by the pages' services."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.db.models import Exists, OuterRef

from accounts.access.acting import choose_membership
from accounts.access.roles import RoleCode
from accounts.files.intake import Accepted
from accounts.models import Membership, User
from config.demo import kundulun, wuqing
from kindergartens.models import Kindergarten, KindergartenStatus, MonthlyFiling, Procedure
from kindergartens.procedures import selectors, services
from kindergartens.procedures.kinds import kind_in
from kindergartens.procedures.services import Asked

DAY = dt.timedelta(days=1)
Ownership = KindergartenStatus.Ownership


def _paper() -> bytes:
    """One page that says what it is."""
    text = b"BT /F1 18 Tf 72 760 Td (SHILI - example document) Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Font << /F1 5 0 R >> >>",
    ]
    content, offsets = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        offsets.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return (
        content
        + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
        + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(content))
    )


class Desk:
    """People of one county who ask, check and decide, some days back."""

    def __init__(self, county: str, *, today: dt.date, now: dt.datetime) -> None:
        self.county, self.today, self.now = county, today, now
        self.next_month = (today.replace(day=1) + 32 * DAY).replace(day=1)
        self.paper = _paper()

    def acting(self, user: User, back: int = 0) -> User:
        choose_membership(user, None, today=self.today - back * DAY)
        return user

    def login(self, username: str) -> User:
        return self.acting(User.objects.get(username=username))

    def director(self, kindergarten: Kindergarten) -> User:
        post = (
            Membership.objects.own()
            .in_force(self.today)
            .filter(organisation=kindergarten.organisation, role=RoleCode.DIRECTOR)
            .select_related("user")
            .first()
        )
        if post is None:
            raise ValueError(f"{kindergarten} has no director")
        return self.acting(post.user)

    def ask(
        self, code: str, kindergarten: Kindergarten, *, back: int = 0, **content: object
    ) -> Procedure:
        kind = kind_in(code, self.county)
        files = {
            title: Accepted(f"示例{title}.pdf", self.paper, "application/pdf")
            for title in kind.documents
        }
        if kind.has_effect:
            content.setdefault("effective_on", self.next_month)
        asked = Asked(**({"reason": f"示例：{kind.name}", "files": files} | content))  # type: ignore[arg-type]
        return services.ask(
            kind_code=code,
            kindergarten=kindergarten,
            asked=asked,
            by=self.director(kindergarten),
            now=self.now - back * DAY,
        )


def add_procedures(*, today: dt.date, now: dt.datetime) -> str:
    """Written after the figures: what begins next month moves none of them."""
    _wuqing(Desk(wuqing.CODE, today=today, now=now))
    _kundulun(Desk(kundulun.CODE, today=today, now=now))
    return f"{Procedure.objects.count()}件"


def private_ones(county: str, today: dt.date) -> Iterator[Kindergarten]:
    """Non-inclusive private kindergartens with an accepted return, by code."""
    accepted = MonthlyFiling.objects.filter(
        kindergarten=OuterRef("pk"), accepted_version__isnull=False
    )
    now_private = KindergartenStatus.objects.on(today).filter(
        kindergarten=OuterRef("pk"),
        ownership=Ownership.NON_INCLUSIVE_PRIVATE,
        operating_state=KindergartenStatus.OperatingState.OPERATING,
    )
    rows = (
        Kindergarten.objects.filter(Exists(accepted), Exists(now_private))
        .filter(organisation__region__county__code=county)
        .select_related("organisation__region__county")
        .order_by("code")
    )
    return iter(rows)


def _wuqing(desk: Desk) -> None:
    officer, leader = desk.login("wuqing-officer"), desk.login("wuqing-leader")
    private = private_ones(desk.county, desk.today)
    until = (desk.next_month + 3 * 365 * DAY).isoformat()

    def non_profit() -> Kindergarten:
        # Only such ones may be recognised; the demo's others are run for profit.
        kindergarten = next(private)
        kindergarten.statuses.update(for_profit=False)
        return kindergarten

    def checked(procedure: Procedure, back: int) -> Procedure:
        return services.check(
            procedure_id=procedure.pk, reason="材料齐全", by=officer, now=desk.now - back * DAY
        )

    recognition = {"details": {"until": until}}
    # From next month on: the whole way, decided.
    done = checked(desk.ask("recognition", non_profit(), back=20, **recognition), 12)
    services.approve(
        procedure_id=done.pk, reason="同意认定", decision_number="示例教普〔2026〕1号",
        by=leader, now=desk.now - 2 * DAY,
    )  # fmt: skip
    desk.ask("recognition", non_profit(), back=3, **recognition)
    desk.ask("recognition", non_profit(), back=26, **recognition)  # nobody has looked: overdue
    checked(desk.ask("recognition", non_profit(), back=15, **recognition), 6)
    back_again = desk.ask("recognition", non_profit(), back=9, **recognition)
    services.send_back(
        procedure_id=back_again.pk, reason="收费标准承诺没有盖章，请补盖后再报。",
        by=officer, now=desk.now - 5 * DAY,
    )  # fmt: skip
    refused = checked(desk.ask("recognition", non_profit(), back=40, **recognition), 33)
    services.refuse(
        procedure_id=refused.pk, reason="上年度年检为基本合格，整改完成后再申请。",
        by=leader, now=desk.now - 20 * DAY,
    )  # fmt: skip
    _closures(desk, officer, leader, private)
    _filings(desk, officer, private)


def _closures(desk: Desk, officer: User, leader: User, private: Iterator[Kindergarten]) -> None:
    """One decided, with a place for every child, from next month on; one that waits."""
    for decided in (True, False):
        kindergarten = next(private)
        children = selectors.children_last_counted(kindergarten) or 0
        receiver = (
            Kindergarten.objects.filter(
                organisation__region=kindergarten.organisation.region,
                statuses__in=KindergartenStatus.objects.on(desk.today).filter(
                    ownership=Ownership.PUBLIC, operating_state="operating"
                ),
            )
            .order_by("code")
            .first()
        )
        to_school = children // 3
        rows: list[tuple[str, int | None, int]] = []
        if to_school:
            rows.append(("school", None, to_school))
        if receiver is not None:
            rows.append(("kindergarten", receiver.pk, children - to_school))
        else:
            rows.append(("home", None, children - to_school))
        closing = desk.ask(
            "closure", kindergarten, back=18, placements=rows, reason="示例：生源减少，终止办学"
        )
        if decided:
            services.check(
                procedure_id=closing.pk, reason="安置方案已核对", by=officer,
                now=desk.now - 14 * DAY,
            )  # fmt: skip
            services.approve(
                procedure_id=closing.pk, reason="同意终止，按方案安置在园幼儿",
                decision_number="示例教审〔2026〕8号", by=leader, now=desk.now - 3 * DAY,
            )  # fmt: skip


def _filings(desk: Desk, officer: User, private: Iterator[Kindergarten]) -> None:
    """Changes of directors and teachers, audits, a licence."""
    last_year = desk.today.year - 1
    names = {"former": "示例园长甲", "person": "示例园长乙"}
    late = desk.today - 45 * DAY
    desk.ask("director_change", next(private), back=2, occurred_on=late, details=names)
    in_time = desk.ask(
        "director_change", next(private), back=10, occurred_on=desk.today - 25 * DAY, details=names
    )
    services.check(procedure_id=in_time.pk, reason="", by=officer, now=desk.now - 6 * DAY)
    for number in range(3):
        audit = desk.ask(
            "annual_audit", next(private), back=200 - 60 * number,
            details={
                "year": last_year, "auditor": "示例会计师事务所",
                "audited_on": f"{last_year + 1}-03-{20 + number}",
                "opinion": ("unqualified", "qualified", "unqualified")[number],
                "related": ("0", "48000", "0")[number],
                "distributed": ("0", "0", "30000")[number],
            },
        )  # fmt: skip
        if number < 2:
            services.check(
                procedure_id=audit.pk,
                reason="",
                by=officer,
                now=desk.now - (190 - 60 * number) * DAY,
            )
    _yearly_checks(desk, officer, private)
    renewing = next(private)
    expires = renewing.licence_until or desk.today + 70 * DAY
    licence = desk.ask(
        "licence_renewal", renewing, back=8,
        details={
            "expires": expires.isoformat(), "until": (expires + 3 * 365 * DAY).isoformat(),
        },
    )  # fmt: skip
    services.check(procedure_id=licence.pk, reason="齐全", by=officer, now=desk.now - 4 * DAY)
    taken_back = desk.ask(
        "teacher_change", next(private), back=5, occurred_on=desk.today - 12 * DAY,
        details={"joined": 2, "left": 1},
    )  # fmt: skip
    services.withdraw(
        procedure_id=taken_back.pk, reason="人数填错，另报", by=desk.director(taken_back.kindergarten),
        now=desk.now - 4 * DAY,
    )  # fmt: skip


def _yearly_checks(desk: Desk, officer: User, private: Iterator[Kindergarten]) -> None:
    """One of each conclusion, and one that waits for it."""
    concluded = (
        ("passed", ""),
        ("basic", "1. 厨房排烟管道一个月内清洗并留记录。\n2. 两个大班超班额，秋季开学前分班。"),
        (
            "failed",
            "消防设施检测报告已过期；专任教师有两人没有教师资格。三个月内整改，整改后复检。",
        ),
        None,
    )
    for number, conclusion in enumerate(concluded):
        asked = desk.ask(
            "annual_check", next(private), back=120 - 20 * number,
            details={"year": desk.today.year - 1},
        )  # fmt: skip
        if conclusion is not None:
            services.check(
                procedure_id=asked.pk, reason="已实地核查", by=officer,
                now=desk.now - (90 - 20 * number) * DAY,
                conclusion=conclusion[0], to_mend=conclusion[1],
            )  # fmt: skip


def _kundulun(desk: Desk) -> None:
    kindergarten = Kindergarten.objects.select_related("organisation__region__county").get(
        organisation__memberships__user__username="kundulun-director"
    )
    desk.ask(
        "teacher_change", kindergarten, back=3, occurred_on=desk.today - 20 * DAY,
        details={"joined": 3, "left": 2},
    )  # fmt: skip
