"""Report a hazard. Sent twice under one mark it is one hazard: a phone may not hear the first answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.access.permissions import Permission
from accounts.files.intake import Accepted
from accounts.history.context import because
from accounts.models import Membership, User
from kindergartens.models import Kindergarten
from safety.hazards import rules
from safety.hazards.criteria import Criterion, criteria_in
from safety.hazards.policies import HazardRefused
from safety.hazards.services.steps import (
    Event,
    Shows,
    attach,
    next_number,
    note,
    post_of,
    tell,
)
from safety.models import Hazard

KEY_IS_TAKEN = "whether a key was used, whoever used it; a stranger's row is never handed out"


@dataclass(frozen=True)
class Found:
    """What is said of a hazard. `criterion` is a code of criteria.py, "" where none is met.

    Either it was `fixed_on_spot`, or it has a `deadline`. `stop_use` may be set by anybody; a
    criterion sets it whatever is said here.
    """

    place: str
    field: str
    description: str
    source: str
    found_on: dt.date
    item: str = ""
    grade: str = rules.GENERAL
    criterion: str = ""
    fixed_on_spot: bool = False
    deadline: dt.date | None = None
    requirement: str = ""
    responsible: str = ""
    stop_use: bool = False


@transaction.atomic
def report_hazard(
    *,
    client_id: UUID,
    kindergarten: Kindergarten,
    found: Found,
    by: User,
    now: dt.datetime,
    photos: Sequence[Accepted] = (),
    mended_photos: Sequence[Accepted] = (),
    earlier: Hazard | None = None,
) -> Hazard:
    """Enter a hazard with its photos, or find the one that this key entered before.

    `earlier` is the closed one it is a relapse of. A criterion that is met makes it major. Raises
    HazardRefused with the field that is wrong, PermissionDenied, FileRefused for a virus.
    """
    post = post_of(by, Permission.KEEP_SAFETY)
    if not Kindergarten.objects.visible_to(by).filter(pk=kindergarten.pk).exists():
        raise HazardRefused("这所园不在您的范围内，请重新选择。", "kindergarten")
    today = timezone.localdate(now)
    region = kindergarten.organisation.region
    county = region.county or region
    met = _criterion(found, county.code)
    grade = rules.MAJOR if met is not None else found.grade
    decides = by.can(Permission.DECIDE_SAFETY)
    problem = rules.report_problem(
        place=found.place, description=found.description, found_on=found.found_on,
        deadline=found.deadline, fixed_on_spot=found.fixed_on_spot, grade=grade,
        photos=len(photos), mended_photos=len(mended_photos), today=today, of_bureau=decides,
    )  # fmt: skip
    if problem is not None:
        raise HazardRefused(problem[1], problem[0])
    _check_earlier(earlier, kindergarten, by)
    # Locks the county: of two that bring the same key, the second finds the first.
    number = next_number(county, today)
    known = _known(client_id, kindergarten, post)
    if known is not None:
        return known
    waits = rules.waits_for_grading(
        grade=grade, of_kindergarten=post.is_of_kindergarten, of_bureau=decides,
        found_on=found.found_on, deadline=found.deadline,
    )  # fmt: skip
    state = rules.REPORTED if waits else rules.MENDING
    try:
        with transaction.atomic(), because("登记隐患"):
            hazard = Hazard.objects.create(
                number=number,
                client_id=client_id,
                county=county,
                kindergarten=kindergarten,
                place=found.place.strip(),
                field=found.field,
                item=found.item.strip(),
                description=found.description.strip(),
                grade=grade,
                criterion=met.code if met is not None else "",
                source=found.source,
                found_on=found.found_on,
                fixed_on_spot=found.fixed_on_spot,
                deadline=found.deadline,
                requirement=found.requirement.strip(),
                responsible=found.responsible.strip(),
                stop_use=found.stop_use or (met is not None and met.stop_use),
                state=rules.MENDED if found.fixed_on_spot else state,
                earlier=earlier,
                reported_as=post,
                reported_at=now,
                mended_as=post if found.fixed_on_spot else None,
                mended_at=now if found.fixed_on_spot else None,
            )
    except IntegrityError:
        # The key is another county's: taken at the same moment, under another lock.
        raise HazardRefused("这条登记没有存上，请刷新页面再登记一次。") from None
    note(hazard, Event.REPORTED, post, now, deadline=found.deadline)
    attach(hazard, photos, Shows.FOUND, by, post, now)
    if found.fixed_on_spot:
        note(hazard, Event.MENDED, post, now, "当场整改")
        attach(hazard, mended_photos, Shows.MENDED, by, post, now)
    title = f"{post.organisation.name}登记了你园的一条{'重大' if hazard.is_major else ''}隐患"
    tell(hazard, title, hazard.description, post, now)
    return hazard


def _criterion(found: Found, county_code: str) -> Criterion | None:
    """The direct criterion that is said to be met. Raises HazardRefused for one of elsewhere."""
    if not found.criterion:
        return None
    for one in criteria_in(county_code, found.found_on):
        if one.code == found.criterion and one.field == found.field:
            return one
    raise HazardRefused("这条判定标准不在所选的领域里，请重新选择。", "criterion")


def _check_earlier(earlier: Hazard | None, kindergarten: Kindergarten, by: User) -> None:
    if earlier is None:
        return
    seen = Hazard.objects.visible_to(by).filter(pk=earlier.pk, kindergarten=kindergarten)
    if not seen.filter(state=rules.CLOSED).exists():
        raise HazardRefused("以前的那条隐患还没有销号，请在那一条里办理，不用另外登记。")


def _known(client_id: UUID, kindergarten: Kindergarten, post: Membership) -> Hazard | None:
    known = Hazard.objects.unscoped(KEY_IS_TAKEN).filter(client_id=client_id).first()
    if known is None:
        return None
    same_place = known.kindergarten_id == kindergarten.pk
    if not same_place or known.reported_as.user_id != post.user_id:
        raise HazardRefused("这条登记的标识已经用过。请刷新页面再登记一次。")
    return known
