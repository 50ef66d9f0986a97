"""What every act about a hazard begins and ends with: the right, the lock, the event."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Max
from django.urls import reverse
from django.utils.text import Truncator

from accounts import serials
from accounts.access.permissions import Permission
from accounts.files import store
from accounts.files.intake import Accepted
from accounts.formatting import zhdate
from accounts.history.recording import Action, record_access
from accounts.models import Membership, Notice, Region, User
from accounts.notices.services import Message, send
from safety.hazards import policies
from safety.hazards.policies import HazardRefused
from safety.models import Hazard, HazardEvent, HazardPhoto

Event = HazardEvent.Action
Shows = HazardPhoto.Shows
LOCK_SPACE = 75_000_000
LONGEST_MESSAGE = 400
SEEN_BEFORE = "您看的时候，别人办过这条隐患，这次没有办。下面是现在的情况，看过再办。"


def post_of(by: User, *permissions: Permission) -> Membership:
    """The post in which a person does this; PermissionDenied where it has none of these rights."""
    if by.acting is None or not any(by.can(one) for one in permissions):
        raise PermissionDenied("您现在的岗位不能办理这项事。")
    return by.acting


def begin(hazard_id: int, act: str, by: User, seen: str) -> Hazard:
    """The hazard nobody else can change until this transaction ends, as its reader was shown it.

    Raises HazardRefused where the act does not fit its state, or somebody acted since (`stamp`).
    """
    hazard = (
        Hazard.objects.visible_to(by)
        .select_for_update(of=("self",), no_key=True)
        .select_related(
            "county", "kindergarten__organisation", "mended_as__deputises_for", "reported_as"
        )
        .filter(pk=hazard_id)
        .first()
    )
    if hazard is None:
        raise HazardRefused("没有这条隐患。请刷新列表。")
    if stamp(hazard) != seen:
        raise HazardRefused(SEEN_BEFORE)
    policies.check_step(hazard, act)
    return hazard


def stamp(hazard: Hazard) -> str:
    """The newest event of a hazard; another one: somebody acted since."""
    return str(hazard.events.aggregate(newest=Max("pk"))["newest"])


def refuse(problem: tuple[str, str] | None) -> None:
    if problem is not None:
        raise HazardRefused(problem[1], problem[0])


def next_number(county: Region, today: dt.date) -> str:
    """YH (隐患), county, year, serial: YH1502032026-0001. One at a time in a county."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_SPACE, county.pk])
    used = Hazard.objects.unscoped("numbers are counted over all of a county")
    return serials.next_number(used, f"YH{county.code[:6]}{today.year}-")


def note(
    hazard: Hazard, action: Event, post: Membership, now: dt.datetime, reason: str = "",
    deadline: dt.date | None = None,
) -> None:  # fmt: skip
    HazardEvent.objects.create(
        hazard=hazard, action=action, at=now, done_as=post, reason=reason.strip()[:300],
        deadline=deadline,
    )  # fmt: skip


def tell(hazard: Hazard, title: str, text: str, post: Membership, now: dt.datetime) -> None:
    """A message to the kindergarten about what another organisation did."""
    told = hazard.kindergarten.organisation
    if told.pk == post.organisation_id:
        return
    until = f"整改期限{zhdate(hazard.deadline)}。" if hazard.is_open and hazard.deadline else ""
    said = Truncator(f"{hazard.number}，{hazard.place}。{until}{text}").chars(LONGEST_MESSAGE)
    link = reverse("hazard", args=[hazard.number])
    send([Message(told, Notice.Kind.SAFETY, title[:80], said, link)], post=post, now=now)


def attach(
    hazard: Hazard, files: Iterable[Accepted], shows: Shows, by: User, post: Membership,
    now: dt.datetime,
) -> None:  # fmt: skip
    for accepted in files:
        stored = store.keep(accepted, post=post, now=now)
        HazardPhoto.objects.create(
            hazard=hazard, shows=shows, file=stored, name=accepted.name, added_as=post,
            added_at=now,
        )  # fmt: skip
        record_access(Action.UPLOAD, by=by, at=now, target=hazard)
