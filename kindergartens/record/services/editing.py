"""Changing a section of a record, and a kindergarten's name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.formatting import zhdate
from accounts.history.context import because
from accounts.models import Region, User
from kindergartens.models import FormerName, Kindergarten
from kindergartens.record import books, policies, selectors
from kindergartens.record.books import Holder, taken
from kindergartens.record.catalogue import SITES, Section
from kindergartens.record.policies import ChangedMeanwhile, NeedsMending, Refused
from kindergartens.record.rules import Finding
from kindergartens.record.values import set_values, stamp

# What is right or wrong by what other kindergartens of the county are.
AMONG_OTHERS = frozenset({"name", "institution_type", "host"})
LOOKED_AFTER = "locked for the person who was found to look after it"


@transaction.atomic
def edit_section(
    *,
    kindergarten_id: int,
    section: Section,
    values: Mapping[str, Any],
    seen: str,
    by: User,
    now: dt.datetime,
    reason: str = "",
) -> list[str]:
    """Write values of one section, also its reasons (`uscc_reason`); returns the fields changed.

    `seen` is the stamp of the section the person started from (values.stamp). Raises
    ChangedMeanwhile when the section is another by now, NeedsMending for values the rules refuse or
    want a reason for, PermissionDenied for whoever does not look after it.
    """
    kindergarten = locked(kindergarten_id, by, fields=values)
    policies.check_may_edit(by, kindergarten, section)
    officer = policies.manages(by, kindergarten)
    allowed = {*section.field_names(officer=officer), *section.reasons}
    unknown = sorted(values.keys() - allowed)
    if unknown:
        raise ValueError(f"no fields of {section.key}: {', '.join(unknown)}")
    if seen != stamp(kindergarten, section):
        raise ChangedMeanwhile
    with because(reason) if reason else nullcontext():
        return write_values(kindergarten, values, today=timezone.localdate(now))


def locked(kindergarten_id: int, by: User, *, fields: Iterable[str]) -> Kindergarten:
    """A kindergarten of the person's own area that nobody else changes until the transaction ends.

    `fields` are what may be written; for a name, a type or a host the county's registry is held
    too. Raises Kindergarten.DoesNotExist for one that is not there or not theirs.
    """
    visible = Kindergarten.objects.visible_to(by).filter(pk=kindergarten_id)
    if not AMONG_OTHERS.isdisjoint(fields):
        hold_registries_of(visible)
    return (
        Kindergarten.objects.unscoped(LOOKED_AFTER)
        .select_for_update(of=("self",), no_key=True)
        .select_related("organisation__region__county")
        .get(pk__in=visible.values("pk"))
    )


def write_values(
    kindergarten: Kindergarten, values: Mapping[str, Any], *, today: dt.date
) -> list[str]:
    """Check and save values on a locked kindergarten; returns the fields that changed."""
    changed = set_values(kindergarten, values)
    if not changed:
        return []
    if not {"institution_type", "host"}.isdisjoint(changed):
        check_host(kindergarten)
    _check_taken(kindergarten, changed)
    findings = selectors.record_findings(
        kindergarten,
        ownership=selectors.ownership_on(kindergarten, today),
        day=today,
        name_since=selectors.name_since(kindergarten),
        fields=set(changed) | books.asked_again(changed),
    )
    reasons = _reasons(kindergarten)
    policies.check_findings(findings, reasons)
    for column in books.idle_reasons(findings, changed, reasons):
        # A reason for what is right by now explains nothing, so it goes.
        setattr(kindergarten, column, "")
        changed.append(column)
    kindergarten.save(update_fields=[*changed, "search_text"])
    return changed


def _reasons(kindergarten: Kindergarten) -> dict[str, str]:
    return {column: getattr(kindergarten, column) for column in books.REASON_OF.values()}


def check_host(kindergarten: Kindergarten) -> None:
    """Raises NeedsMending: a site has a host, another kindergarten, and neither is a site of a site."""
    # Read anew: whoever chose it may have read it before its type changed.
    rows = Kindergarten.objects.unscoped("named as the host by whoever was found to keep the site")
    host: tuple[str, str] | None = None
    if kindergarten.host_id is not None:
        host = rows.values_list("name", "institution_type").get(pk=kindergarten.host_id)
    found = books.check_host(
        is_site=kindergarten.institution_type in SITES,
        host=host[0] if host else None,
        host_is_site=host is not None and host[1] in SITES,
        is_itself=host is not None and kindergarten.host_id == kindergarten.pk,
        has_sites=bool(kindergarten.pk and kindergarten.sites.exists()),
    )
    if found:
        raise NeedsMending(found)


def _check_taken(kindergarten: Kindergarten, changed: list[str]) -> None:
    """Codes are unique; whoever has this one already is named."""
    region = kindergarten.organisation.region
    found = selectors.duplicates(
        county=region.county or region,
        code=kindergarten.code if "code" in changed else "",
        uscc=(kindergarten.uscc or "") if "uscc" in changed else "",
        besides=kindergarten.pk,
    )
    if found:
        raise NeedsMending([_taken(field, other) for field, other in found])


def _taken(field: str, other: Kindergarten) -> Finding:
    region = other.organisation.region
    place = f"{region.county.name if region.county else ''}{region.name}"
    return taken(field, Holder(other.code, other.name, place))


@transaction.atomic
def rename(
    *,
    kindergarten_id: int,
    name: str,
    valid_from: dt.date,
    reason: str,
    name_reason: str = "",
    seen: str,
    by: User,
    now: dt.datetime,
) -> Kindergarten:
    """Give a kindergarten another name from a day on; the old one is kept with its days.

    The organisation people act for takes the name too. `seen` is the name the form was made from.
    Raises ChangedMeanwhile, Refused and NeedsMending (naming rules of 2022, a name taken in the
    county), PermissionDenied.
    """
    kindergarten = locked(kindergarten_id, by, fields=["name"])
    policies.check_manages(by, kindergarten)
    today = timezone.localdate(now)
    if seen != kindergarten.name:
        raise ChangedMeanwhile
    name = name.strip()
    if not reason.strip():
        raise Refused("请写明更名原因和批准文号。")
    if name == kindergarten.name:
        raise Refused("新名称和现在的一样，不用更名。")
    since = selectors.name_since(kindergarten)
    if valid_from > today:
        raise Refused("启用日期还没有到。请在启用当天或以后登记。")
    if valid_from <= since:
        raise Refused(
            f"现在的名称从{zhdate(since)}起使用，新名称的启用日期要在那以后。请核对日期。"
        )
    old = kindergarten.name
    kindergarten.name, kindergarten.name_reason = name, name_reason.strip()
    ownership = selectors.ownership_on(kindergarten, today)
    check_name(kindergarten, ownership=ownership, used_from=valid_from, today=today)
    with because(reason):
        FormerName.objects.create(
            kindergarten=kindergarten,
            name=old,
            valid_from=since,
            valid_to=valid_from,
            reason=reason.strip()[:200],
        )
        names = [old, *filter(None, kindergarten.former_names.split("、"))]
        kindergarten.former_names = "、".join(dict.fromkeys(names))[:600]
        kindergarten.save(update_fields=["name", "name_reason", "former_names", "search_text"])
        organisation = kindergarten.organisation
        organisation.name = name
        organisation.save(update_fields=["name"])
    return kindergarten


def hold_registries_of(kindergartens: QuerySet[Kindergarten]) -> None:
    """Hold the registries of the counties that these lie in."""
    counties = kindergartens.order_by().values_list(
        Coalesce("organisation__region__county", "organisation__region"), flat=True
    )
    hold_registries(set(counties))


def hold_registries(counties: Iterable[int]) -> None:
    """Names, types and hosts of these counties are written one after the other.

    So no two get the same name at once, and no host becomes a site while it gets one. Held before
    any kindergarten is locked, for two who wait for each other would both be turned away.
    """
    held = Region.objects.select_for_update(no_key=True).filter(pk__in=counties)
    list(held.order_by("pk").values_list("pk"))


def check_name(
    kindergarten: Kindergarten, *, ownership: str, used_from: dt.date, today: dt.date
) -> None:
    """Raises NeedsMending for a name the rules refuse, or that somebody in the county has."""
    region = kindergarten.organisation.region
    found = selectors.duplicates(
        county=region.county or region, name=kindergarten.name, besides=kindergarten.pk
    )
    if found:
        raise NeedsMending([_taken(field, other) for field, other in found])
    findings = selectors.record_findings(
        kindergarten,
        ownership=ownership,
        day=today,
        name_since=used_from,
        fields={"name"},
    )
    policies.check_findings(findings, _reasons(kindergarten))
    if not findings and kindergarten.name_reason:
        kindergarten.name_reason = ""
