"""What happens to an unlicensed place: found, checked, decided on, its children placed, closed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.history.context import because
from accounts.models import Membership, Organisation, Region, StoredFile, User
from kindergartens.models import (
    Kindergarten,
    UnlicensedCheck,
    UnlicensedDocument,
    UnlicensedKindergarten,
    UnlicensedPlacement,
    UnlicensedPlan,
)
from kindergartens.policies import NotAllowedNow
from kindergartens.unlicensed import rules, selectors

MAY_LEAD = (Organisation.Kind.BUREAU, Organisation.Kind.DEPARTMENT)
CLOSED = "已经办结，不能再改。又在办的，请登记一次复查，会成为新的一条。"


class UnlicensedRefused(NotAllowedNow):
    """It cannot be done; `field` is where, the text says why and what to do."""


@dataclass(frozen=True)
class Description:
    """What is written about a place. Of the head the name alone, empty where it has no use."""

    name: str
    address: str
    town: Region
    head_name: str
    premises: str


@dataclass(frozen=True)
class Found:
    """What a check found. None where nobody counted."""

    day: dt.date
    running: bool
    children: int | None
    staff: int | None
    note: str


def _post(by: User) -> Membership:
    if by.acting is None:
        raise PermissionDenied
    return by.acting


def _locked(place_id: int, by: User) -> UnlicensedKindergarten:
    return (
        UnlicensedKindergarten.objects.visible_to(by)
        .select_for_update(of=("self",))
        .select_related("town__county")
        .get(pk=place_id)
    )


def _open(place_id: int, by: User) -> UnlicensedKindergarten:
    place = _locked(place_id, by)
    if place.closed_on is not None:
        raise UnlicensedRefused(CLOSED)
    return place


def _check_town(town: Region, by: User) -> None:
    if not selectors.towns_of(by).filter(pk=town.pk).exists():
        raise UnlicensedRefused("这个乡镇街道不在您的范围内，请重新选择。", "town")


def _check_name(description: Description, but: int = 0) -> None:
    same = UnlicensedKindergarten.objects.unscoped("a name is taken in a town whoever asks").filter(
        town=description.town, name=description.name, closed_on__isnull=True
    )
    if same.exclude(pk=but).exists():
        raise UnlicensedRefused(
            f"{description.town.name}已登记过“{description.name}”，还没有办结。请到那里登记查看。",
            "name",
        )


def _refuse(problem: str, field: str = "") -> None:
    if problem:
        raise UnlicensedRefused(problem, field)


@transaction.atomic
def report(
    *,
    description: Description,
    found: Found,
    by: User,
    now: dt.datetime,
    today: dt.date,
    is_example: bool = False,
) -> UnlicensedKindergarten:
    """A new find, with what was found on that day.

    Raises UnlicensedRefused for a town out of scope, an open entry of that name, a day to come.
    """
    _check_town(description.town, by)
    _check_name(description)
    return _entered(description, found, None, by, now, today, is_example)


def _entered(
    description: Description,
    found: Found,
    earlier: UnlicensedKindergarten | None,
    by: User,
    now: dt.datetime,
    today: dt.date,
    is_example: bool,
) -> UnlicensedKindergarten:
    _refuse(
        rules.check_problem(
            day=found.day, today=today, found_on=found.day, closed_on=None, running=True,
            children=found.children, staff=found.staff,
        ),
        "day",
    )  # fmt: skip
    try:
        with transaction.atomic(), because("又在办" if earlier else "发现"):
            place = UnlicensedKindergarten.objects.create(
                name=description.name,
                address=description.address,
                town=description.town,
                head_name=description.head_name,
                premises=description.premises,
                found_on=found.day,
                found_as=_post(by),
                earlier=earlier,
                is_example=is_example,
            )
    except IntegrityError:
        # Somebody entered it a moment ago.
        raise UnlicensedRefused(
            f"“{description.name}”刚刚被登记过。请回到花名册查看。", "name"
        ) from None
    _add_check(place, found, by, now)
    return place


def _add_check(place: UnlicensedKindergarten, found: Found, by: User, now: dt.datetime) -> None:
    UnlicensedCheck.objects.create(
        place=place,
        day=found.day,
        running=found.running,
        children=found.children,
        staff=found.staff,
        note=found.note,
        made_as=_post(by),
        made_at=now,
    )


@transaction.atomic
def correct(*, place_id: int, description: Description, reason: str, by: User) -> None:
    """Correct what is written about an open place."""
    place = _open(place_id, by)
    _check_town(description.town, by)
    if description.town.county_id != place.town.county_id:
        raise UnlicensedRefused("不能改到别的区县，请由那里登记。", "town")
    _check_name(description, but=place.pk)
    place.name = description.name
    place.address = description.address
    place.town = description.town
    place.head_name = description.head_name
    place.premises = description.premises
    with because(reason):
        place.save(update_fields=["name", "address", "town", "head_name", "premises"])


@transaction.atomic
def check(
    *, place_id: int, found: Found, by: User, now: dt.datetime, today: dt.date
) -> UnlicensedKindergarten:
    """Record a check; returns the place it is of.

    A closed place that runs again stays closed: a new entry that points to it is returned.
    """
    place = _locked(place_id, by)
    _refuse(
        rules.check_problem(
            day=found.day, today=today, found_on=place.found_on, closed_on=place.closed_on,
            running=found.running, children=found.children, staff=found.staff,
        ),
        "day",
    )  # fmt: skip
    if place.closed_on is None or not found.running:
        _add_check(place, found, by, now)
        return place
    if place.outcome == UnlicensedKindergarten.Outcome.LICENSED:
        raise UnlicensedRefused("已取得办园许可，是在册的幼儿园，不再登记为无证园。", "running")
    again = selectors.later_of(place)
    if again is not None:
        raise UnlicensedRefused(
            f"{again.found_on:%Y-%m-%d}已登记为又在办，请在新的一条里登记查看。", "running"
        )
    description = Description(
        place.name, place.address, place.town, place.head_name, place.premises
    )
    _check_name(description)
    return _entered(description, found, place, by, now, today, place.is_example)


@transaction.atomic
def decide_route(
    *,
    place_id: int,
    route: str,
    lead: Organisation,
    deadline: dt.date,
    decided_on: dt.date,
    reason: str,
    by: User,
    now: dt.datetime,
    today: dt.date,
) -> UnlicensedPlan:
    """Decide on a route, or on another one; the earlier decisions stay to be read."""
    place = _open(place_id, by)
    if lead.kind not in MAY_LEAD or not selectors.leads_for(place).filter(pk=lead.pk).exists():
        raise UnlicensedRefused("牵头单位要是本区县的教育局或配合单位，请重新选择。", "lead")
    last = place.unlicensedplans.first()
    _refuse(
        rules.plan_problem(
            decided_on=decided_on, deadline=deadline, today=today, found_on=place.found_on,
            last_decided=last.decided_on if last else None,
        ),
        "deadline" if deadline < decided_on else "decided_on",
    )  # fmt: skip
    return UnlicensedPlan.objects.create(
        place=place,
        route=route,
        lead=lead,
        deadline=deadline,
        decided_on=decided_on,
        reason=reason,
        made_as=_post(by),
        made_at=now,
    )


@transaction.atomic
def place_children(
    *,
    place_id: int,
    day: dt.date,
    destination: str,
    kindergarten: Kindergarten | None,
    children: int,
    note: str,
    by: User,
    now: dt.datetime,
    today: dt.date,
) -> UnlicensedPlacement:
    """So many children went somewhere on a day; nobody is named. Never more than the roster has."""
    place = _open(place_id, by)
    if not place.found_on <= day <= today:
        raise UnlicensedRefused(f"安置日期在发现日期{place.found_on:%Y-%m-%d}和今天之间。", "day")
    to_kindergarten = destination == UnlicensedPlacement.Destination.KINDERGARTEN
    if to_kindergarten != (kindergarten is not None):
        raise UnlicensedRefused(
            "请选择接收的幼儿园。" if to_kindergarten else "这个去向不用选幼儿园。", "kindergarten"
        )
    if not to_kindergarten and not note:
        raise UnlicensedRefused("请说明去向，不要写幼儿姓名。", "note")
    if children < 1:
        raise UnlicensedRefused("至少1名幼儿。", "children")
    missing = selectors.roster(place).missing
    if missing is None:
        raise UnlicensedRefused("还没有查明幼儿人数。请先登记一次查看，写明幼儿人数。", "children")
    if children > missing:
        raise UnlicensedRefused(
            f"花名册上只有{missing}名幼儿还没有安置。人数有变的，请先登记一次查看。", "children"
        )
    with because("登记去向"):
        return UnlicensedPlacement.objects.create(
            place=place,
            day=day,
            destination=destination,
            kindergarten=kindergarten,
            children=children,
            note=note,
            made_as=_post(by),
            made_at=now,
        )


@transaction.atomic
def withdraw(
    *, row: UnlicensedCheck | UnlicensedPlacement, reason: str, by: User
) -> UnlicensedKindergarten:
    """A check or placement entered by mistake no longer counts; it stays to be read."""
    place = _open(row.place_id, by)
    row.refresh_from_db()
    if row.withdrawn_reason:
        raise UnlicensedRefused("已经撤销过，不用再办。")
    row.withdrawn_reason = reason
    with because(reason):
        row.save(update_fields=["withdrawn_reason"])
    return place


@transaction.atomic
def close(
    *,
    place_id: int,
    outcome: str,
    closed_on: dt.date,
    licensed_as: Kindergarten | None,
    barred_years: int | None,
    bar_reason: str,
    document: StoredFile,
    document_name: str,
    by: User,
    now: dt.datetime,
    today: dt.date,
) -> UnlicensedKindergarten:
    """The end of an entry, on paper. Refused while a child of the roster has no place."""
    place = _open(place_id, by)
    plan = place.unlicensedplans.first()
    route = plan.route if plan else None
    roster = selectors.roster(place)
    _refuse(
        rules.closing_problem(
            outcome=outcome, route=route, closed_on=closed_on, today=today,
            last_day=selectors.last_day(place), roster=roster.children, placed=roster.placed,
        )
    )  # fmt: skip
    _refuse(
        rules.bar_problem(
            outcome=outcome, route=route or "", years=barred_years, reason=bar_reason
        ),
        "bar_reason" if barred_years in rules.BAR_YEARS and not bar_reason else "barred_years",
    )
    licensed = outcome == UnlicensedKindergarten.Outcome.LICENSED
    if licensed != (licensed_as is not None):
        raise UnlicensedRefused(
            "请选择登记成的幼儿园。还没有的，请先登记幼儿园。"
            if licensed
            else "只有取得办园许可的才选幼儿园。",
            "licensed_as",
        )
    place.outcome = outcome
    place.closed_on = closed_on
    place.licensed_as = licensed_as
    place.barred_years = barred_years
    place.bar_reason = bar_reason if barred_years is not None else ""
    with because("办结"):
        place.save(
            update_fields=["outcome", "closed_on", "licensed_as", "barred_years", "bar_reason"]
        )
        UnlicensedDocument.objects.create(
            place=place, file=document, name=document_name, added_as=_post(by), added_at=now
        )
    return place
