"""What is done with a filing: drafted, typed, filed; returned or reviewed; published; withdrawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator

from accounts.access.duties import separate
from accounts.access.permissions import Permission
from accounts.formatting import zhdate
from accounts.history.context import because
from accounts.models import Membership, Notice, User
from accounts.notices.services import Message, send
from fees.filing import selectors
from fees.filing.rules import (
    STEPS,
    TOLD,
    Line,
    no_longer_allowed,
    problems,
    publication_problem,
)
from fees.models import (
    CostSheet,
    Entrants,
    ProposedFee,
    ScheduledFee,
    ScheduleFiling,
    ScheduleFilingEvent,
)
from fees.rules import FeeFacts
from fees.services import FeeRefused, hold_schedule, write_fee
from kindergartens.models import Kindergarten

State = ScheduleFiling.State
Action = ScheduleFilingEvent.Action
INSTEAD = "没有登记公示。请教育局退回，改后重报；不再调整的，由园里撤回。"
# A message tells where to read on; the reason stands whole on the filing.
LONGEST_MESSAGE = 400
SEEN_ANOTHER = "您看的时候，别人改过或办过这件备案，这次没有办。下面是现在的内容，看过再办。"


@transaction.atomic
def draft(*, kindergarten: Kindergarten, by: User, now: dt.datetime) -> ScheduleFiling:
    """A draft that begins as what is in force. Raises FeeRefused while another one is open."""
    post = _drafter(by)
    if not Kindergarten.objects.visible_to(by).filter(pk=kindergarten.pk).exists():
        raise PermissionDenied("这所幼儿园不在您的工作范围内。")
    try:
        with transaction.atomic(), because("起草收费备案"):
            filing = ScheduleFiling.objects.create(
                kindergarten=kindergarten, drafted_as=post, drafted_at=now
            )
    except IntegrityError:
        raise FeeRefused("已有一件收费备案在办。请在那一件上改，或先撤回。") from None
    known = _last_said(kindergarten)
    ProposedFee.objects.bulk_create(
        ProposedFee(
            filing=filing,
            position=position,
            **{name: getattr(fee, name) for name in TOLD},
            content=fee.content,
            basis=known[fee.pk].basis if fee.pk in known else fee.document,
        )
        for position, fee in enumerate(
            selectors.in_force(kindergarten, timezone.localdate(now)), start=1
        )
    )
    _note(filing, Action.DRAFTED, post, now)
    return filing


def _last_said(kindergarten: Kindergarten) -> dict[int, ProposedFee]:
    """What was said of the lines of the schedule when they were filed."""
    rows = ProposedFee.objects.unscoped("of a kindergarten that was found to be theirs").filter(
        filing__kindergarten=kindergarten, recorded__isnull=False
    )
    return {row.recorded_id: row for row in rows}


@transaction.atomic
def save_lines(
    *, filing_id: int, lines: Sequence[Line], note: str, seen: str, by: User
) -> ScheduleFiling:
    """Keep what was typed, whatever is wrong with it: what is, is said beside the lines."""
    filing = _in_hand(filing_id, seen, by)
    there = {row.position: row for row in filing.lines.all()}
    with because("填写拟定的收费"):
        for position, line in enumerate(lines, start=1):
            row = there.pop(position, None) or ProposedFee(filing=filing, position=position)
            for name in selectors.LINE:
                setattr(row, name, getattr(line, name))
            row.save()
        for row in there.values():
            row.delete()
        filing.note = note
        filing.save(update_fields=["note"])
    return filing


@transaction.atomic
def save_costs(*, filing_id: int, values: Mapping[str, Any], seen: str, by: User) -> CostSheet:
    """The cost sheet of a filing that is being drafted; typed again, it is put right."""
    filing = _in_hand(filing_id, seen, by)
    sheet = selectors.cost_sheet_of(filing) or CostSheet(filing=filing)
    for name, value in values.items():
        setattr(sheet, name, value)
    with because("填写成本核算表"):
        sheet.save()
    return sheet


@transaction.atomic
def file(*, filing_id: int, seen: str, by: User, now: dt.datetime) -> ScheduleFiling:
    """To the county. Raises FeeRefused while a check forbids it."""
    post = _drafter(by)
    filing = _locked(filing_id, by)
    following = _step(filing, "file", seen)
    _check(filing, timezone.localdate(now))
    filing.state, filing.filed_as, filing.filed_at = following, post, now
    filing.reviewed_as, filing.document_number = None, ""
    return _moved(filing, "报送收费备案", Action.FILED, post, now)


@transaction.atomic
def send_back(
    *, filing_id: int, reason: str, seen: str, by: User, now: dt.datetime
) -> ScheduleFiling:
    """With everything that is to be mended; also one that was reviewed and cannot be published so."""
    post = _reviewer(by)
    filing = _locked(filing_id, by)
    filing.state = _step(filing, "return", seen)
    if not reason:
        raise FeeRefused("请一次写明要改的全部内容，园里才知道怎么改。", "reason")
    filing.reviewed_as, filing.document_number = None, ""
    moved = _moved(filing, reason, Action.RETURNED, post, now, reason)
    _tell(filing, "收费备案被退回，请改后重报", reason, post, now)
    return moved


def _tell(
    filing: ScheduleFiling, title: str, text: str, post: Membership, now: dt.datetime
) -> None:
    """A message to the kindergarten, which waits for it."""
    message = Message(
        filing.kindergarten.organisation,
        Notice.Kind.FEES,
        title,
        Truncator(text).chars(LONGEST_MESSAGE),
        reverse("fee-filing", args=[filing.pk]),
    )
    send([message], post=post, now=now)


@transaction.atomic
def review(
    *, filing_id: int, document_number: str, seen: str, by: User, now: dt.datetime,
    reason: str = "",
) -> ScheduleFiling:  # fmt: skip
    """By an officer who did not file it. Raises FeeRefused while a check forbids it."""
    post = _reviewer(by)
    filing = _locked(filing_id, by)
    following = _step(filing, "review", seen)
    if not is_other_person(filing, post):
        raise FeeRefused("这件备案是您报送的，要由另一位经办人审核。")
    if not document_number:
        raise FeeRefused("请填备案文号。", "document_number")
    _check(filing, timezone.localdate(now))
    filing.state, filing.reviewed_as = following, post
    filing.document_number = document_number
    _keep_beside(filing)
    said = f"审核通过（{document_number}）"
    moved = _moved(filing, said, Action.REVIEWED, post, now, reason)
    text = f"备案文号{document_number}。公示以后请登记公示日期和地点，登记了才执行新标准。"
    _tell(filing, "收费备案审核通过，请公示", text, post, now)
    return moved


@transaction.atomic
def publish(
    *, filing_id: int, published_on: dt.date | None, published_where: str, seen: str, by: User,
    now: dt.datetime,
) -> ScheduleFiling:  # fmt: skip
    """Say when and where it was published; what it changes becomes the schedule.

    Raises FeeRefused for a day before the review, in the future, or after a line begins; where what
    is in force on the first day of a line is not what it was reviewed against; and where a ceiling or
    list was set meanwhile that it breaks. Then nothing is written.
    """
    post = _publisher(by)
    # The schedule before the filing: whoever changes lines holds them in this order.
    found = _visible(filing_id, by)
    hold_schedule(found.kindergarten, by)
    filing = _locked(filing_id, by)
    following = _step(filing, "publish", seen)
    if published_on is None:
        raise FeeRefused("请填公示日期。", "published_on")
    if not published_where:
        raise FeeRefused("请写在哪里公示，例如园门口公示栏。", "published_where")
    lines = [(row, row.valid_from) for row in filing.lines.all() if row.valid_from is not None]
    reviewed_at = filing.events.filter(action=Action.REVIEWED).latest("pk").at
    problem = publication_problem(
        published_on,
        reviewed_on=timezone.localdate(reviewed_at),
        today=timezone.localdate(now),
        first_day=min((begins for _, begins in lines), default=None),
    )
    if problem is not None:
        raise FeeRefused(problem[1], problem[0])
    _check_still(filing, timezone.localdate(now))
    filing.state, filing.published_on = following, published_on
    filing.published_where = published_where
    # What is of everybody first: it ends what new entrants paid otherwise.
    for row, begins in sorted(lines, key=lambda one: one[0].entrants != Entrants.ALL):
        _bring_into_force(filing, row, begins, post, now)
    return _moved(filing, "公示收费标准", Action.PUBLISHED, post, now, published_where)


def _bring_into_force(
    filing: ScheduleFiling, row: ProposedFee, begins: dt.date, post: Membership, now: dt.datetime
) -> None:
    reason = f"收费备案（{filing.document_number}）"
    if row.stops:
        _end(filing, row, begins, reason)
        return
    facts = FeeFacts(
        **{name: getattr(row, name) for name in TOLD},
        valid_from=begins,
        content=row.content,
        document=filing.document_number,
        published_on=filing.published_on,
    )
    row.recorded = write_fee(
        kindergarten=filing.kindergarten, facts=facts, post=post, now=now, replaces=True,
        reason=reason,
    )  # fmt: skip
    with because(reason):
        row.save(update_fields=["recorded"])


def _end(filing: ScheduleFiling, row: ProposedFee, on: dt.date, reason: str) -> None:
    ending = ScheduledFee.objects.unscoped(selectors.OF_THE_KINDERGARTEN).on(on)
    fee = ending.filter(
        kindergarten=filing.kindergarten, **{name: getattr(row, name) for name in TOLD}
    ).first()  # fmt: skip
    if fee is None or fee.valid_from == on:
        raise FeeRefused(
            f"报送以后，{row.label}的标准另外改过，不能照原来的停。请教育局退回，改后再报。"
        )
    fee.valid_to = on
    with because(reason):
        fee.save(update_fields=["valid_to"])


@transaction.atomic
def withdraw(
    *, filing_id: int, reason: str, seen: str, by: User, now: dt.datetime
) -> ScheduleFiling:
    """The kindergarten takes it back before it is published; what is in force goes on."""
    post = _drafter(by)
    filing = _locked(filing_id, by)
    filing.state = _step(filing, "withdraw", seen)
    if not reason:
        raise FeeRefused("请写明为什么撤回。", "reason")
    return _moved(filing, reason, Action.WITHDRAWN, post, now, reason)


def is_other_person(filing: ScheduleFiling, post: Membership) -> bool:
    return filing.filed_as is None or separate(filing.filed_as.actor, post.actor)


def _drafter(by: User) -> Membership:
    if (
        by.acting is None
        or not by.acting.is_of_kindergarten
        or not by.can(Permission.ASK_PROCEDURES)
    ):
        raise PermissionDenied("收费备案由园长起草和报送。")
    return by.acting


def _reviewer(by: User) -> Membership:
    if by.acting is None or not by.can(Permission.REVIEW_PROCEDURES):
        raise PermissionDenied("收费备案由区县教育局经办人审核。")
    return by.acting


def _publisher(by: User) -> Membership:
    if by.acting is None or not (
        by.can(Permission.ASK_PROCEDURES) or by.can(Permission.REVIEW_PROCEDURES)
    ):
        raise PermissionDenied("公示由园长或区县教育局经办人登记。")
    return by.acting


def _visible(filing_id: int, by: User) -> ScheduleFiling:
    return ScheduleFiling.objects.visible_to(by).select_related("kindergarten").get(pk=filing_id)


def _locked(filing_id: int, by: User) -> ScheduleFiling:
    return (
        ScheduleFiling.objects.visible_to(by)
        .select_for_update(of=("self",), no_key=True)
        .select_related("kindergarten__organisation__region", "filed_as__deputises_for")
        .get(pk=filing_id)
    )


def _in_hand(filing_id: int, seen: str, by: User) -> ScheduleFiling:
    """A filing that may be typed into: of the own kindergarten, drafted or returned, as it was read."""
    _drafter(by)
    filing = _locked(filing_id, by)
    _step(filing, "file", seen)
    return filing


def _step(filing: ScheduleFiling, act: str, seen: str) -> str:
    """The state an act leads to. Raises FeeRefused where it does not fit, or is not what was read."""
    following = STEPS[filing.state].get(act)
    if following is None:
        raise FeeRefused(
            f"这件备案现在是“{filing.get_state_display()}”，不能这样办。请看下面最新的内容。"
        )
    if seen != selectors.stamp(filing):
        raise FeeRefused(SEEN_ANOTHER)
    return following


def _check(filing: ScheduleFiling, today: dt.date) -> None:
    lines = [selectors.line_of(row) for row in filing.lines.all()]
    found = problems(lines, selectors.beside(filing, today=today), today=today)
    forbidding = [one for one in found if one.forbids]
    if forbidding:
        first = forbidding[0]
        where = f"第{first.position}行：" if first.position else ""
        more = f"还有{len(forbidding) - 1}处，见下面。" if len(forbidding) > 1 else ""
        raise FeeRefused(f"{where}{first.text}{more}")


def _keep_beside(filing: ScheduleFiling) -> None:
    """What each line was reviewed against, for the day on which it is published."""
    beside = selectors.beside_it(filing)
    with because("审核时的标准"):
        for row in filing.lines.all():
            if row.position in beside:
                row.reviewed_beside = beside[row.position]
                row.save(update_fields=["reviewed_beside"])


def _check_still(filing: ScheduleFiling, today: dt.date) -> None:
    """What was reviewed is what would be published: against the same lines, within the same limits."""
    beside, rows = selectors.beside_it(filing), filing.lines.all()
    for row in rows:
        if row.position in beside and row.reviewed_beside != beside[row.position]:
            raise FeeRefused(
                f"审核以后{row.label}（{row.get_scope_display()}）的标准另外改过："
                f"{zhdate(row.valid_from)}执行的，审核时是{row.reviewed_beside or '没有标准'}，"
                f"现在是{beside[row.position] or '没有标准'}。{INSTEAD}"
            )
    lines = [selectors.line_of(row) for row in rows]
    for one in no_longer_allowed(lines, selectors.beside(filing, today=today)):
        raise FeeRefused(f"审核以后最高限价或目录清单改过。第{one.position}行：{one.text}{INSTEAD}")


def _moved(
    filing: ScheduleFiling, why: str, action: Action, post: Membership, now: dt.datetime,
    reason: str = "",
) -> ScheduleFiling:  # fmt: skip
    with because(why):
        filing.save(
            update_fields=[
                "state", "filed_as", "filed_at", "reviewed_as", "document_number",
                "published_on", "published_where",
            ]
        )  # fmt: skip
    _note(filing, action, post, now, reason)
    return filing


def _note(
    filing: ScheduleFiling, action: Action, post: Membership, now: dt.datetime, reason: str = ""
) -> None:
    ScheduleFilingEvent.objects.create(
        filing=filing, action=action, at=now, done_as=post, reason=reason
    )
