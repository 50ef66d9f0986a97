"""What the record's page and its checks need to know."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BigIntegerField,
    BooleanField,
    CharField,
    F,
    Field,
    Func,
    Q,
    QuerySet,
    Value,
)

from accounts.access.roles import RoleCode
from accounts.models import Membership, Region, User
from kindergartens.models import (
    FormerName,
    Kindergarten,
    KindergartenStatus,
    RecordProposal,
)
from kindergartens.record import books, naming, rules
from kindergartens.record.books import Books, Holder, Surroundings
from kindergartens.record.catalogue import SITES

CHECKED = "positions and names of the county a record in hand lies in, for the checks alone"
# As many are enough to know where a county lies.
MOST_NEIGHBOURS = 400


def neighbours(county: Region, *, without: int | None = None) -> list[tuple[Decimal, Decimal]]:
    """Positions of the county's other kindergartens."""
    rows = (
        Kindergarten.objects.unscoped(CHECKED)
        .filter(organisation__region__county=county, latitude__isnull=False)
        .exclude(pk=without or 0)
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

    `ownership` is that of the day, "" where none is registered. `fields` limits the checks to
    those about the given fields, so that an edit of the hours need not answer for the name.
    """
    region = kindergarten.organisation.region
    asked = set(books.CHECKED if fields is None else fields)
    private = ownership not in {"", KindergartenStatus.Ownership.PUBLIC}
    around = surroundings(
        region.county or region,
        day,
        with_schools=private and "name" in asked,
        with_area=kindergarten.latitude is not None and bool(asked & {"latitude", "longitude"}),
        without=kindergarten.pk,
    )
    record = {name: getattr(kindergarten, name) for name in books.READ}
    return books.findings(record, around, ownership=ownership, name_since=name_since, fields=asked)


def surroundings(
    county: Region,
    day: dt.date,
    *,
    with_schools: bool = True,
    with_area: bool = True,
    without: int | None = None,
    public: Iterable[str] = (),
) -> Surroundings:
    """What records of a county are checked against, at most two queries."""
    schools = [*public_names(county, day, without=without), *public] if with_schools else []
    there = neighbours(county, without=without) if with_area else []
    return Surroundings(
        province=county.code[:2],
        county_code=county.code,
        county_name=county.name,
        public_schools=naming.school_names(schools),
        area=rules.area_of(there),
    )


def is_one_of(column: str, kind: Field[Any, Any], values: Iterable[Any]) -> Func:
    """`column = ANY (array)`: ten thousand parameters take longer than their query."""
    return Func(
        F(column),
        Value(list(values), ArrayField(kind)),
        arg_joiner=" = ANY (",
        template="%(expressions)s)",
        output_field=BooleanField(),
    )


def are_keys(column: str, keys: Iterable[int]) -> Func:
    return is_one_of(column, BigIntegerField(), keys)


def are_texts(column: str, texts: Iterable[str]) -> Func:
    return is_one_of(column, CharField(), texts)


HOLDS = ("code", "name", "organisation__region__name", "organisation__region__county__name")


def books_of(
    county: Region,
    day: dt.date,
    *,
    codes: Collection[str] = (),
    credit_codes: Collection[str] = (),
    with_names: bool = True,
    with_schools: bool = True,
    with_area: bool = True,
    public: Iterable[str] = (),
) -> Books:
    """What new records of a county, with these codes, can collide with: at most five queries.

    `public` are names of public kindergartens that come with them.
    """
    rows = Kindergarten.objects.unscoped("codes are unique everywhere; what is told is the place")
    around = surroundings(
        county, day, with_schools=with_schools, with_area=with_area, public=public
    )
    found = Books(around)
    if codes:
        for row in rows.filter(are_texts("code", codes)).values_list(*HOLDS):
            found.codes[row[0]] = _holder(row)
    if credit_codes:
        for uscc, *row in rows.filter(are_texts("uscc", credit_codes)).values_list("uscc", *HOLDS):
            if uscc is not None:
                found.credit_codes[uscc] = _holder(row)
    if with_names:
        named = rows.filter(organisation__region__county=county).order_by("pk")
        for former, *row in named.values_list("former_names", *HOLDS):
            holder = _holder(row)
            for name in (holder.name, *former.split("、")):
                if name:
                    found.names.setdefault(naming.plain_name(name), holder)
    return found


def _holder(row: Iterable[Any]) -> Holder:
    code, name, town, county = row
    return Holder(code, name, f"{county or ''}{town}")


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
        plain = naming.plain_name(name)
        same = rows.filter(organisation__region__county=county).filter(
            Q(search_text__icontains=plain[:60]) | Q(name=name)
        )
        found += [
            ("name", row)
            for row in same
            if plain in map(naming.plain_name, [row.name, *row.former_names.split("、")])
        ]
    return found
