"""Counting buildings and equipment, confirming a count, and setting what they are held to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal

from django.db import IntegrityError, transaction

from accounts.access.permissions import Permission
from accounts.access.posts import acting_with, own_county
from accounts.formatting import zhdate
from accounts.history.context import because
from accounts.models import User
from kindergartens.models import (
    EquipmentCount,
    EquipmentItem,
    FireAcceptance,
    Kindergarten,
    Measure,
    PremisesCount,
    PremisesFigure,
    PremisesStandard,
    Site,
)
from kindergartens.policies import NotAllowedNow
from kindergartens.premises import rules
from kindergartens.premises.policies import check_may_count, check_may_decide, check_may_keep
from kindergartens.stamps import CHANGED_SINCE, stamp_of


@dataclass(frozen=True)
class CountedItem:
    """Of one item: how much there is, and what was found to be needed (None: a rule says it)."""

    item: EquipmentItem
    present: Decimal
    needed: Decimal | None = None


@dataclass(frozen=True)
class Counted:
    """One day's count from one source. What is not named was not counted."""

    counted_on: dt.date
    source: str
    figures: Mapping[str, Decimal]
    equipment: tuple[CountedItem, ...] = ()


@dataclass(frozen=True)
class SiteFacts:
    name: str
    address: str
    is_main: bool
    designed_in: int | None
    valid_from: dt.date
    valid_to: dt.date | None = None


SITE_FACTS = tuple(field.name for field in fields(SiteFacts))


@transaction.atomic
def add_site(*, kindergarten: Kindergarten, facts: SiteFacts, by: User) -> Site:
    """Register a site. Raises NotAllowedNow for a second main site or a name that is taken."""
    acting_with(by, Permission.MANAGE_REGISTRY)
    _check_site(kindergarten, facts, None)
    return Site.objects.create(kindergarten=kindergarten, **vars(facts))


@transaction.atomic
def change_site(*, site: Site, facts: SiteFacts, reason: str, by: User, seen: str) -> Site:
    """Correct or close a site; what it was stays in history with the reason.

    `seen` is the stamp of SITE_FACTS the person started from. Raises NotAllowedNow as add_site
    does, and for a stale stamp.
    """
    site = (
        Site.objects.visible_to(by)
        .select_for_update(of=("self",), no_key=True)
        .select_related("kindergarten")
        .get(pk=site.pk)
    )
    check_may_keep(by, site)
    if seen != stamp_of(site, SITE_FACTS):
        raise NotAllowedNow(CHANGED_SINCE)
    _check_site(site.kindergarten, facts, site)
    for name, value in vars(facts).items():
        setattr(site, name, value)
    with because(reason):
        site.save()
    return site


def _check_site(kindergarten: Kindergarten, facts: SiteFacts, own: Site | None) -> None:
    if facts.valid_to is not None and facts.valid_to <= facts.valid_from:
        raise NotAllowedNow("停用日期要晚于启用日期。")
    others = (
        kindergarten.premises_sites.exclude(pk=own.pk) if own else kindergarten.premises_sites.all()
    )
    if others.filter(name=facts.name).exists():
        raise NotAllowedNow(f"{kindergarten.name}已有名为“{facts.name}”的园址，请换一个名称。")
    if facts.is_main and facts.valid_to is None:
        main = others.filter(is_main=True, valid_to__isnull=True).first()
        if main is not None:
            raise NotAllowedNow(
                f"{kindergarten.name}的本部是“{main.name}”。一所园同时只有一个本部，"
                "请先停用它或改为分址。"
            )


@transaction.atomic
def submit_count(
    *, site: Site, counted: Counted, by: User, now: dt.datetime, today: dt.date
) -> PremisesCount:
    """Hand in a count for another person to confirm. Raises NotAllowedNow with what to mend."""
    post = check_may_count(by, site)
    if not counted.figures and not counted.equipment:
        raise NotAllowedNow("还没有填任何数。没有清点的项目可以留空，至少填一项。")
    if counted.counted_on > today:
        raise NotAllowedNow(f"清点日期{zhdate(counted.counted_on)}还没到，请填今天或以前的日期。")
    if not counted.source.strip():
        raise NotAllowedNow("请写明数据来源，例如“房产证”“实地测量”。")
    unknown = set(counted.figures) - set(Measure.values)
    if unknown:
        raise ValueError(f"no such measures: {', '.join(sorted(unknown))}")
    for _, sentence in rules.contradictions(counted.figures):
        raise NotAllowedNow(sentence)
    for line in counted.equipment:
        _check_line(line)
    try:
        with transaction.atomic():
            count = PremisesCount.objects.create(
                site=site,
                counted_on=counted.counted_on,
                source=counted.source.strip(),
                entered_as=post,
                entered_at=now,
            )
    except IntegrityError:
        raise NotAllowedNow(
            f"{site.name}已有一次清点在等教育局核对。核对或退回以后再填新的。"
        ) from None
    PremisesFigure.objects.bulk_create(
        PremisesFigure(count=count, measure=measure, value=value)
        for measure, value in counted.figures.items()
    )
    EquipmentCount.objects.bulk_create(
        EquipmentCount(count=count, item=line.item, present=line.present, needed=line.needed)
        for line in counted.equipment
    )
    return count


def _check_line(line: CountedItem) -> None:
    item = line.item
    for label, value in (("现有", line.present), ("应有", line.needed)):
        if value is not None and value < 0:
            raise NotAllowedNow(f"{item.name}的{label}不能是负数。")
        if value is not None and item.whole and value != value.to_integral_value():
            raise NotAllowedNow(f"{item.name}按{item.unit}计，{label}要填整数。")
    if line.needed is None and item.need == EquipmentItem.Need.SURVEYED:
        raise NotAllowedNow(f"{item.name}没有统一标准，请同时填应有数。")


@transaction.atomic
def decide_count(
    *, count: PremisesCount, confirm: bool, note: str, by: User, now: dt.datetime
) -> PremisesCount:
    """Confirm a count, or send it back with the reason. Only another person may."""
    count = (
        PremisesCount.objects.visible_to(by)
        .select_for_update(of=("self",))
        .select_related("site", "entered_as")
        .get(pk=count.pk)
    )
    post = check_may_decide(count, by)
    if not confirm and not note.strip():
        raise NotAllowedNow("退回要写明原因，园所才知道怎么改。")
    count.state = PremisesCount.State.CONFIRMED if confirm else PremisesCount.State.RETURNED
    count.decided_as, count.decided_at, count.note = post, now, note.strip()
    with because(note.strip()):
        count.save(update_fields=["state", "decided_as", "decided_at", "note"])
    return count


@transaction.atomic
def register_fire_acceptance(
    *,
    site: Site,
    state: str,
    since: dt.date,
    due_on: dt.date | None,
    document: str,
    by: User,
    now: dt.datetime,
    today: dt.date,
) -> FireAcceptance:
    """Where the fire acceptance stands from a day on. Passing needs its document."""
    post = check_may_keep(by, site)
    if since > today:
        raise NotAllowedNow("起始日期还没到，请填今天或以前的日期。")
    if state == FireAcceptance.State.PASSED and not document.strip():
        raise NotAllowedNow("登记“已通过”要写明凭证，例如验收意见书的文号。")
    if site.fire_acceptances.filter(since=since).exists():
        raise NotAllowedNow(f"{zhdate(since)}已经登记过这处园址的消防验收，请核对日期。")
    return FireAcceptance.objects.create(
        site=site,
        state=state,
        since=since,
        due_on=due_on,
        document=document.strip(),
        entered_as=post,
        entered_at=now,
    )


# ---- what they are held to ----------------------------------------------------------------------


@transaction.atomic
def set_standard(*, standard: PremisesStandard, by: User) -> PremisesStandard:
    """Set the own county's demand of one measure from its first day; the former one ends there."""
    standard.region, standard.source = own_county(by), ""
    former = PremisesStandard.objects.filter(region=standard.region, measure=standard.measure)
    _end_former(former, standard.valid_from, standard.get_measure_display())
    standard.save()
    return standard


@transaction.atomic
def set_item(*, item: EquipmentItem, by: User) -> EquipmentItem:
    """Put an item on the own county's list from a day; a former row of its code ends there."""
    item.region, item.source = own_county(by), ""
    former = EquipmentItem.objects.filter(region=item.region, code=item.code)
    _end_former(former, item.valid_from, item.name)
    item.save()
    return item


def _end_former(rows: object, begins: dt.date | None, name: str) -> None:
    if begins is None:
        raise NotAllowedNow("请填起始日期。")
    for row in rows:  # type: ignore[attr-defined]
        if row.valid_from is not None and row.valid_from >= begins:
            raise NotAllowedNow(
                f"{name}已有从{zhdate(row.valid_from)}起的规定，新的要从更晚的一天起。"
            )
        if row.valid_to is None or row.valid_to > begins:
            row.valid_to = begins
            row.save(update_fields=["valid_to"])


@transaction.atomic
def end_demand(
    *, row: PremisesStandard | EquipmentItem, on: dt.date, reason: str, by: User
) -> None:
    """Let a row of the own county hold no longer from a day on; it stays for older days."""
    county = own_county(by)
    if row.region_id != county.pk:
        raise NotAllowedNow("这条是上级文件的规定，不能在这里截止。可以为本区县另设一条。")
    if row.valid_to is not None and row.valid_to <= on:
        raise NotAllowedNow(f"这条规定已于{zhdate(row.valid_to)}截止。")
    if row.valid_from is not None and on <= row.valid_from:
        raise NotAllowedNow(f"这条规定从{zhdate(row.valid_from)}起，截止日期要更晚。")
    row.valid_to = on
    with because(reason):
        row.save(update_fields=["valid_to"])
