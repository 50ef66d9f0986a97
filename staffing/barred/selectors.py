"""The list of the barred, and where somebody on it still holds a post."""

from __future__ import annotations

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from accounts.access.scope import home_region
from accounts.models import User
from accounts.privacy.cipher import NotDecrypted
from accounts.privacy.fields import BlindIndexField
from accounts.privacy.keys import UnknownKey
from staffing.barred.rules import stops
from staffing.models import Appointment, EmploymentBan, StaffMember

logger = logging.getLogger(__name__)

ANYBODYS = "a ban holds in every county, whichever bureau entered it"
OF_THE_BARRED = "posts of people on the list in hand: they end wherever they are held"


def bans_that_stop(
    number: str, started_on: dt.date, ended_on: dt.date | None
) -> list[EmploymentBan]:
    """Bans of this number, of any county, that a post with these days would fall into."""
    rows = (
        EmploymentBan.objects.unscoped(ANYBODYS)
        .standing()
        .with_number(number)
        .filter(Q(barred_until__isnull=True) | Q(barred_until__gte=started_on))
        .select_related("county")
    )
    if ended_on is not None:
        rows = rows.filter(barred_from__lt=ended_on)
    return list(rows.order_by("pk"))


@dataclass
class Held:
    """Posts of somebody on the list that a ban stops: those in the viewer's county, and besides.

    `since` is the first day of ban and post together: a ban in force of a post that is held has it
    behind it, one that begins later, or of a post that does, has it ahead.
    """

    since: dt.date
    here: list[Appointment] = field(default_factory=list)
    # Names of other counties, each as often as posts are held there.
    elsewhere: list[str] = field(default_factory=list)


def posts_held(bans: Iterable[EmploymentBan], by: User, today: dt.date) -> dict[int, Held]:
    """Posts that are not over and that a ban stops, by the ban's key. One query.

    Of another county only its name is given: its kindergartens are its own bureau's to look at.
    """
    standing = [ban for ban in bans if not ban.is_over(today)]
    of_digest = _digests(standing)
    home = home_region(by)
    rows: Any = Appointment.objects.unscoped(OF_THE_BARRED).not_over(today)
    found: dict[int, Held] = {}
    for post in rows.filter(person__number_index__in=list(of_digest)).select_related(
        "person", "kindergarten__organisation__region__county"
    ):
        county = post.kindergarten.organisation.region.county
        for ban in of_digest[post.person.number_index]:
            if not stops(ban.barred_from, ban.barred_until, post.started_on, post.ended_on):
                continue
            both = max(ban.barred_from, post.started_on)
            held = found.setdefault(ban.pk, Held(both))
            held.since = min(held.since, both)
            if home is not None and county.pk == home.pk:
                held.here.append(post)
            else:
                held.elsewhere.append(county.name)
    return found


def _digests(bans: Sequence[EmploymentBan]) -> dict[str, list[EmploymentBan]]:
    """Bans by what the roster's index has for their numbers; one that does not open is left out."""
    index: Any = StaffMember._meta.get_field("number_index")
    assert isinstance(index, BlindIndexField)  # noqa: S101 - for the type
    found: dict[str, list[EmploymentBan]] = defaultdict(list)
    for ban in bans:
        try:
            digests = index.digests(str(ban.number))
        except (NotDecrypted, UnknownKey) as error:
            # Without the trace: its frames hold the ciphertext.
            logger.error("The number of ban %s cannot be read: %s", ban.pk, type(error).__name__)
            continue
        for digest in digests:
            found[digest].append(ban)
    return found


def in_posts(by: User, today: dt.date) -> list[tuple[EmploymentBan, Held]]:
    """Whoever is on the own county's list and has a post that a ban stops, now or from a day on.

    Each person once, by the ban that asks first. Two queries.
    """
    bans = list(EmploymentBan.objects.visible_to(by).not_over(today).order_by("barred_from", "pk"))
    held = posts_held(bans, by, today)
    of_person: dict[str, tuple[EmploymentBan, Held]] = {}
    for ban in sorted((ban for ban in bans if ban.pk in held), key=lambda ban: held[ban.pk].since):
        of_person.setdefault(str(ban.number), (ban, held[ban.pk]))
    return list(of_person.values())


def still_employed(by: User, today: dt.date) -> list[tuple[EmploymentBan, Held]]:
    """Of these who is barred and in a post today: to be dismissed at once (Art 44)."""
    return [(ban, held) for ban, held in in_posts(by, today) if held.since <= today]
