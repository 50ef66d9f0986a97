"""Entering a self-check once, and taking back one that was entered by mistake."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID, uuid5

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.access.permissions import Permission
from accounts.files import store
from accounts.files.carried import Carried
from accounts.files.intake import Accepted
from accounts.formatting import zhdatetime
from accounts.history.context import because
from accounts.models import Membership, StoredFile, User
from kindergartens.models import Kindergarten
from kindergartens.policies import NotAllowedNow
from safety.hazards.rules import WITHDRAWN
from safety.hazards.services import Found, HazardRefused, report_hazard, stamp, withdraw_hazard
from safety.models import Hazard, SelfCheck, SelfCheckPhoto, SelfCheckProblem
from safety.selfchecks import rules, selectors
from safety.selfchecks.rules import DAILY, LATE, NORMAL, NOT_APPLICABLE, Answered, Kind, Line

# As the register of hazards holds it.
MOST_IN_AN_ITEM = 100
GONE = "有照片存得太久，已经清理。请重新拍。"


class SelfCheckRefused(NotAllowedNow):
    """Not done, with the reason; `field` is the form's field it is about, "" of the whole."""


def _post(by: User, kindergarten_id: int) -> Membership:
    """Who checks is of the kindergarten itself; the bureau's own finds are hazards."""
    acting = by.acting
    if acting is None or not by.can(Permission.KEEP_SAFETY) or not acting.is_of_kindergarten:
        raise PermissionDenied("自查由幼儿园自己做。")
    seen = Kindergarten.objects.visible_to(by).select_for_update(of=("self",), no_key=True)
    if not seen.filter(pk=kindergarten_id).exists():
        raise PermissionDenied("这所幼儿园不在您的工作范围内。")
    return acting


@transaction.atomic
def record_check(
    *,
    kindergarten: Kindergarten,
    kind: Kind,
    day: dt.date,
    answers: Mapping[str, Answered],
    photos: Mapping[str, Sequence[Carried]],
    submission: UUID,
    by: User,
    now: dt.datetime,
) -> SelfCheck:
    """A self-check of a field for the period of a day, every line of it answered.

    The same `submission` twice is one self-check. Raises SelfCheckRefused for a day on which it is
    not asked, one made already for that period, and lines that do not say enough.
    """
    post = _post(by, kindergarten.pk)
    mine = SelfCheck.objects.visible_to(by).filter(kindergarten=kindergarten)
    sent_before = mine.filter(submission=submission).first()
    if sent_before is not None:
        return sent_before
    today = timezone.localdate(now)
    told = selectors.own(kindergarten, today)
    if problem := told.day_problem(kind, day, today):
        raise SelfCheckRefused(problem, "day")
    field, frequency = kind
    begins = rules.period_of(frequency, day)[0]
    there = mine.standing().filter(field=field, frequency=frequency, begins=begins)
    for made in there.select_related("entered_as__user"):
        raise SelfCheckRefused(
            f"{zhdatetime(made.entered_at)}{made.entered_as.user.full_name}已经做过这一次。"
            "要改的，先打开那一次撤销，再重新做。",
            "day",
        )
    lines = told.lines_of(kind, day)
    for code, name, text in rules.check_problems(lines, answers, day):
        raise SelfCheckRefused(text, f"{code}-{name}")
    of = {line: answers[line.code] for line in lines}
    with because("登记自查"):
        check = SelfCheck.objects.create(
            kindergarten=kindergarten, field=field, frequency=frequency, day=day, begins=begins,
            normal=[one.code for one, said in of.items() if said.answer == NORMAL],
            not_applicable=[one.code for one, said in of.items() if said.answer == NOT_APPLICABLE],
            flag=rules.flag_of(kind, day, today), submission=submission,
            entered_as=post, entered_at=now,
        )  # fmt: skip
        for line, said in of.items():
            if said.is_problem:
                _add_problem(check, line, said, photos.get(line.code, ()), by, now)
        if frequency == DAILY and check.flag == LATE:
            _mark_those_at_once(by, check, now)
    return check


def _add_problem(
    check: SelfCheck,
    line: Line,
    said: Answered,
    photos: Sequence[Carried],
    by: User,
    now: dt.datetime,
) -> None:
    # Locked, so that the sweep of files without an object does not take one away just now.
    files = StoredFile.objects.select_for_update().in_bulk({photo.file_id for photo in photos})
    if any(photo.file_id not in files for photo in photos):
        raise SelfCheckRefused(GONE)
    hazard = None
    if not said.fixed:
        hazard = _report(
            check, line, said, [(files[one.file_id], one.name) for one in photos], by, now
        )
    problem = SelfCheckProblem.objects.create(
        self_check=check, line=line.code, account=said.account, place=said.place,
        fixed_on_spot=bool(said.fixed), hazard=hazard,
    )  # fmt: skip
    SelfCheckPhoto.objects.bulk_create(
        SelfCheckPhoto(
            problem=problem, file_id=photo.file_id, name=photo.name,
            added_as=check.entered_as, added_at=now,
        )
        for photo in photos
    )  # fmt: skip


def _report(
    check: SelfCheck,
    line: Line,
    said: Answered,
    photos: Sequence[tuple[StoredFile, str]],
    by: User,
    now: dt.datetime,
) -> Hazard:
    """What was not put right on the spot is a hazard: with the same words, place and photographs."""
    found = Found(
        place=said.place, field=line.hazard, description=said.account, source="self_check",
        found_on=check.day, item=line.says[:MOST_IN_AN_ITEM], deadline=said.repair_by,
    )  # fmt: skip
    try:
        return report_hazard(
            client_id=uuid5(check.submission, line.code), kindergarten=check.kindergarten,
            found=found, by=by, now=now,
            photos=[
                Accepted(name, store.read(file), file.content_type, file.scanned_at is not None)
                for file, name in photos
            ],
        )  # fmt: skip
    except HazardRefused as refusal:
        raise SelfCheckRefused(f"“{line.says}”没有登记成隐患：{refusal}") from None


def _mark_those_at_once(by: User, check: SelfCheck, now: dt.datetime) -> None:
    """With this one several days' may have come late at once: all of them are marked 集中补录."""
    daily = (
        SelfCheck.objects.visible_to(by)
        .standing()
        .filter(kindergarten=check.kindergarten_id, frequency=DAILY, flag=LATE)
    )
    lately = daily.filter(entered_at__gte=now - rules.SHORT_TIME)
    keys = rules.entered_at_once(lately.values_list("pk", "day", "entered_at"), now)
    daily.filter(pk__in=keys, at_once=False).update(at_once=True)
    check.at_once = check.pk in keys


@transaction.atomic
def withdraw_check(*, check: SelfCheck, reason: str, by: User, now: dt.datetime) -> SelfCheck:
    """One entered by mistake counts no longer, its problems and their hazards neither; all stay to be
    read.

    Raises SelfCheckRefused when it is withdrawn already, and where somebody acted on a hazard of it.
    """
    _post(by, check.kindergarten_id)
    row = SelfCheck.objects.visible_to(by).select_for_update(of=("self",)).get(pk=check.pk)
    if row.withdrawn_at is not None:
        raise SelfCheckRefused("这次自查已经撤销，不用再办。")
    hazards = Hazard.objects.visible_to(by).filter(self_check_problem__self_check=row)
    for hazard in hazards.exclude(state=WITHDRAWN).order_by("pk"):
        _withdraw(hazard, reason, by, now)
    row.withdrawn_at, row.withdrawn_reason = now, reason
    with because(reason):
        row.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    return row


def _withdraw(hazard: Hazard, reason: str, by: User, now: dt.datetime) -> None:
    """Done again, the self-check would report it a second time."""
    try:
        withdraw_hazard(hazard_id=hazard.pk, reason=reason, seen=stamp(hazard), by=by, now=now)
    except HazardRefused as refusal:
        raise SelfCheckRefused(
            f"由这次自查登记的隐患{hazard.number}撤不了，自查也不能撤销。{refusal}"
        ) from None
