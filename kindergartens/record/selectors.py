"""What the record's page and its checks need to know."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from accounts.access.roles import RoleCode
from accounts.models import Membership, Region, User
from kindergartens.models import (
    FormerName,
    Kindergarten,
    KindergartenStatus,
    RecordProposal,
)
from kindergartens.record import rules
from kindergartens.record.catalogue import SITES

CHECKED = "positions and names of the county a record in hand lies in, for the checks alone"
# As many are enough to know where a county lies.
MOST_NEIGHBOURS = 400


def neighbours(kindergarten: Kindergarten, county: Region) -> list[tuple[Decimal, Decimal]]:
    """Positions of the county's other kindergartens."""
    rows = (
        Kindergarten.objects.unscoped(CHECKED)
        .filter(organisation__region__county=county, latitude__isnull=False)
        .exclude(pk=kindergarten.pk or 0)
        .order_by("pk")
        .values_list("latitude", "longitude")[:MOST_NEIGHBOURS]
    )
    return [(lat, lon) for lat, lon in rows if lat is not None and lon is not None]


def public_names(county: Region, day: dt.date, *, without: int | None = None) -> list[str]:
    """Names of the county's public kindergartens on a day."""
    return list(
        KindergartenStatus.objects.unscoped(CHECKED)
        .on(day)
        .filter(town__county=county, ownership=KindergartenStatus.Ownership.PUBLIC)
        .exclude(kindergarten=without or 0)
        .values_list("kindergarten__name", flat=True)
    )


def record_findings(
    kindergarten: Kindergarten,
    *,
    ownership: str,
    day: dt.date,
    name_since: dt.date,
    fields: set[str] | None = None,
) -> list[rules.Finding]:
    """What the rules say about a record as it stands on the object, saved or not.

    `ownership` is that of the day, "" where none is registered. `fields` limits the checks to those about the given fields, so that an edit of the hours need
    not answer for the name.
    """
    region = kindergarten.organisation.region
    county = region.county or region
    found: list[rules.Finding] = []

    def wanted(*names: str) -> bool:
        return fields is None or bool(fields & set(names))

    if wanted("name"):
        private = ownership not in {"", KindergartenStatus.Ownership.PUBLIC}
        public = public_names(county, day, without=kindergarten.pk) if private else []
        found += rules.check_name(
            kindergarten.name, private=private, used_from=name_since, public_schools=public
        )
    if wanted("code"):
        found += rules.check_code(kindergarten.code, province=region.code[:2])
    if wanted("uscc"):
        found += rules.check_uscc(kindergarten.uscc or "")
    if wanted("licence_from", "licence_until"):
        found += rules.check_licence(kindergarten.licence_from, kindergarten.licence_until)
    if wanted("latitude", "longitude"):
        there = neighbours(kindergarten, county) if kindergarten.latitude is not None else []
        found += rules.check_position(
            kindergarten.latitude, kindergarten.longitude, neighbours=there, county=county.name
        )
    if wanted("landline"):
        found += rules.check_landline(kindergarten.landline)
    if wanted("arrival", "leaving_summer", "leaving_winter"):
        found += rules.check_hours(
            kindergarten.arrival,
            kindergarten.leaving_summer,
            kindergarten.leaving_winter,
            county=county.code,
            ownership=ownership,
        )
    return found


def ownership_on(kindergarten: Kindergarten, day: dt.date) -> str:
    """办园性质 on a day; "" where no status is registered."""
    status = kindergarten.statuses.on(day).first()
    return status.ownership if status is not None else ""


def possible_hosts(user: User, kindergarten: Kindergarten | None) -> QuerySet[Kindergarten]:
    """Kindergartens a site may belong to: of the person's area, and no site themselves."""
    hosts = Kindergarten.objects.visible_to(user).exclude(institution_type__in=SITES)
    if kindergarten is not None:
        hosts = hosts.exclude(pk=kindergarten.pk)
    return hosts.order_by("name")


def inspectors(user: User, day: dt.date) -> QuerySet[User]:
    """责任督学 who work for the person's own office today or will."""
    if user.acting is None:
        return User.objects.none()
    posts = Membership.objects.not_over(day).filter(
        organisation=user.acting.organisation_id, role=RoleCode.INSPECTOR
    )
    return (
        User.objects.unscoped("who may be named inspector of a kindergarten in hand")
        .filter(pk__in=posts.values("user"), is_active=True)
        .order_by("full_name")
    )


def name_since(kindergarten: Kindergarten) -> dt.date:
    """Since when the present name has been used: the last change of name, else the opening."""
    last = kindergarten.past_names.order_by("-valid_to").first()
    return last.valid_to if last is not None else kindergarten.opened_on


def former_names(kindergarten: Kindergarten) -> list[FormerName]:
    return list(kindergarten.past_names.order_by("-valid_from"))


def waiting_proposals(user: User) -> QuerySet[RecordProposal]:
    """Proposals of one's area that wait to be looked at, oldest first."""
    return (
        RecordProposal.objects.visible_to(user)
        .waiting()
        .select_related("kindergarten", "proposed_as__user", "proposed_as__organisation")
        .order_by("proposed_at", "pk")
    )


def proposals_of(kindergarten: Kindergarten) -> list[RecordProposal]:
    """A kindergarten's last proposals, newest first."""
    rows = kindergarten.record_proposals.select_related("proposed_as__user", "decided_as__user")
    return list(rows.order_by("-proposed_at", "-pk")[:10])


def pointed_at(wanted: Mapping[str, Any]) -> dict[str, str]:
    """Names for the keys that a proposal's foreign keys hold."""
    keys = [text for pair in (wanted.get("host"),) if pair for text in pair if text]
    rows = Kindergarten._base_manager.filter(pk__in=keys).values_list("pk", "name")
    return {str(pk): name for pk, name in rows}


def duplicates(
    *, county: Region, name: str = "", code: str = "", uscc: str = "", besides: int | None = None
) -> list[tuple[str, Kindergarten]]:
    """Kindergartens that already have the code, the credit code, or in the county the name.

    Returns pairs of the field and the one that is there. Names are compared without blanks and
    brackets, former ones too: a place that was renamed is not to be registered again.
    """
    rows = Kindergarten.objects.unscoped("codes are unique everywhere; what is told is the place")
    rows = rows.select_related("organisation__region__county").exclude(pk=besides or 0)
    found: list[tuple[str, Kindergarten]] = []
    if code:
        found += [("code", row) for row in rows.filter(code=code)]
    if uscc:
        found += [("uscc", row) for row in rows.filter(uscc=uscc)]
    if name:
        plain = rules.plain_name(name)
        same = rows.filter(organisation__region__county=county).filter(
            Q(search_text__icontains=plain[:60]) | Q(name=name)
        )
        found += [
            ("name", row)
            for row in same
            if plain in map(rules.plain_name, [row.name, *row.former_names.split("、")])
        ]
    return found
