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
    kind: str, number: str, started_on: dt.date, ended_on: dt.date | None
) -> list[EmploymentBan]:
    """Bans of this number, of any county, that a post with these days would fall into."""
    rows = (
        EmploymentBan.objects.unscoped(ANYBODYS)
        .standing()
        .with_number(kind, number)
        .filter(Q(barred_until__isnull=True) | Q(barred_until__gte=started_on))
        .select_related("county")
    )
    if ended_on is not None:
        rows = rows.filter(barred_from__lt=ended_on)
    return list(rows.order_by("pk"))


@dataclass
class Held:
    """Posts that somebody on the list holds: those in the viewer's county, and how many besides."""

    here: list[Appointment] = field(default_factory=list)
    # Names of other counties, each as often as posts are held there.
    elsewhere: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.here or self.elsewhere)


def posts_held(bans: Iterable[EmploymentBan], by: User, today: dt.date) -> dict[int, Held]:
    """Posts that are not over and that a ban stops, by the ban's key. One query.

    Of another county only its name is given: its kindergartens are its own bureau's to look at.
    """
    standing = [ban for ban in bans if not ban.is_over(today)]
    of_digest = _digests(standing)
    home = home_region(by)
    rows: Any = Appointment.objects.unscoped(OF_THE_BARRED).not_over(today)
    found: dict[int, Held] = defaultdict(Held)
    for post in rows.filter(person__number_index__in=list(of_digest)).select_related(
        "person", "kindergarten__organisation__region__county"
    ):
        county = post.kindergarten.organisation.region.county
        for ban in of_digest[post.person.number_index]:
            if ban.identifier_type != post.person.identifier_type or not stops(
                ban.barred_from, ban.barred_until, post.started_on, post.ended_on
            ):
                continue
            if home is not None and county.pk == home.pk:
                found[ban.pk].here.append(post)
            else:
                found[ban.pk].elsewhere.append(county.name)
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


def still_employed(by: User, today: dt.date) -> list[tuple[EmploymentBan, Held]]:
    """Whoever is on the own county's list and in a post: to be dismissed at once (Art 44). Two queries."""
    bans = list(EmploymentBan.objects.visible_to(by).not_over(today).order_by("barred_from", "pk"))
    held = posts_held(bans, by, today)
    return [(ban, held[ban.pk]) for ban in bans if ban.pk in held]
