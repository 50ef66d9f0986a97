"""A filing beside what is in force, the ceilings and what others of its kind charge."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from functools import partial
from statistics import median

from django.db.models import Count, Max, QuerySet

from accounts.formatting import zhdate
from accounts.models import User
from fees.catalogue.rules import kind_of
from fees.filing.rules import PEERS_AT_LEAST, TOLD, Beside, Line
from fees.local_list.selectors import listed_on
from fees.models import CostSheet, LocalFeeItem, ProposedFee, ScheduledFee, ScheduleFiling
from fees.overcharging.selectors import all_ceilings, ceilings_on
from fees.rules import SAME_CHARGE
from fees.selectors import in_order
from kindergartens.models import Kindergarten, KindergartenStatus
from kindergartens.stamps import stamp_of_texts

OF_THE_KINDERGARTEN = "of the kindergarten of a filing in hand"
OF_THE_KIND = (
    "the middle of what a kind of kindergarten charges; whose amounts they are is not told"
)
# What a line is, as it is typed and kept.
LINE = (*TOLD, "valid_from", "content", "basis", "stops")


def detailed(filings: QuerySet[ScheduleFiling]) -> QuerySet[ScheduleFiling]:
    return filings.select_related(
        "kindergarten__organisation__region__county", "filed_as__user", "filed_as__deputises_for",
        "reviewed_as__user",
    )  # fmt: skip


def by_state(user: User) -> dict[str, int]:
    """How many filings in one's area stand how; one query."""
    rows = ScheduleFiling.objects.visible_to(user).order_by().values_list("state")
    return dict(rows.annotate(number=Count("pk")))


def in_force(kindergarten: Kindergarten, day: dt.date) -> list[ScheduledFee]:
    rows = ScheduledFee.objects.unscoped(OF_THE_KINDERGARTEN).filter(kindergarten=kindergarten)
    return sorted(rows.on(day), key=in_order)


def coming(kindergarten: Kindergarten, day: dt.date) -> list[ScheduledFee]:
    """What is recorded and begins after the day."""
    rows = ScheduledFee.objects.unscoped(OF_THE_KINDERGARTEN).filter(kindergarten=kindergarten)
    return list(rows.after(day).order_by("valid_from", "pk"))


def as_lines(fees: Iterable[ScheduledFee]) -> list[Line]:
    return [
        Line(0, **{name: getattr(fee, name) for name in TOLD}, valid_from=fee.valid_from)
        for fee in fees
    ]


def line_of(proposed: ProposedFee) -> Line:
    return Line(proposed.position, **{name: getattr(proposed, name) for name in LINE})


def beside_it(filing: ScheduleFiling) -> dict[int, str]:
    """By position, what of the same charge is in force in words on the day on which a line begins;
    empty where nothing is. One query.
    """
    rows = ScheduledFee.objects.unscoped(OF_THE_KINDERGARTEN).standing()
    fees = sorted(rows.filter(kindergarten=filing.kindergarten), key=in_order)
    return {
        line.position: "，".join(
            f"{fee.get_entrants_display()}{fee.price}（{zhdate(fee.valid_from)}起）"
            for fee in fees
            if all(getattr(fee, name) == getattr(line, name) for name in SAME_CHARGE)
            and fee.valid_from <= begins
            and (fee.valid_to is None or fee.valid_to > begins)
        )
        for line in filing.lines.all()
        if (begins := line.valid_from) is not None
    }


def status_of(kindergarten: Kindergarten, day: dt.date) -> KindergartenStatus | None:
    return kindergarten.statuses.on(day).select_related("town").first()


def cost_sheet_of(filing: ScheduleFiling) -> CostSheet | None:
    return CostSheet.objects.unscoped("of a filing in hand").filter(filing=filing).first()


def before_it(lines: Iterable[Line], today: dt.date) -> dt.date:
    """The day before anything of a filing began; today where nothing did."""
    begins = min((line.valid_from for line in lines if line.valid_from is not None), default=None)
    return today if begins is None else min(today, begins - dt.timedelta(days=1))


def beside(filing: ScheduleFiling, *, today: dt.date) -> Beside:
    """A constant number of queries, however many lines."""
    kindergarten = filing.kindergarten
    status = status_of(kindergarten, today)
    ceilings = all_ceilings()
    town = status.town if status else kindergarten.organisation.region
    ownership = status.ownership if status else ""
    kind = kind_of(ownership=status.ownership, for_profit=status.for_profit) if status else None
    return Beside(
        standing=as_lines(in_force(kindergarten, today)),
        ceilings_on=partial(ceilings_on, town=town, kind=kind, among=ceilings),
        ceilings_begin=sorted({one.valid_from for rows in ceilings.values() for one in rows}),
        usual=_usual(kindergarten, status, today),
        listed_on=partial(listed_on, rows=_local_list(kindergarten)),
        private=ownership not in ("", KindergartenStatus.Ownership.PUBLIC),
        has_cost_sheet=cost_sheet_of(filing) is not None,
    )


def _local_list(kindergarten: Kindergarten) -> list[LocalFeeItem]:
    return list(LocalFeeItem.objects.of_county(kindergarten.organisation.region))


def _usual(
    kindergarten: Kindergarten, status: KindergartenStatus | None, day: dt.date
) -> dict[tuple[str, str, str], Decimal]:
    """The middle amount of the county's others of the same ownership, by item, name and unit."""
    if status is None:
        return {}
    kind = KindergartenStatus.objects.unscoped(OF_THE_KIND).on(day).filter(
        town__county=status.town.county_id, ownership=status.ownership
    )  # fmt: skip
    rows = (
        ScheduledFee.objects.unscoped(OF_THE_KIND)
        .on(day)
        .filter(kindergarten__in=kind.values("kindergarten"), amount__gt=0)
        .exclude(kindergarten=kindergarten)
        .values_list("item", "name", "unit", "amount")
    )
    found: dict[tuple[str, str, str], list[Decimal]] = defaultdict(list)
    for item, name, unit, amount in rows:
        found[item, name, unit].append(amount)
    return {key: median(all_) for key, all_ in found.items() if len(all_) >= PEERS_AT_LEAST}


def stamp(filing: ScheduleFiling) -> str:
    """Another one: somebody did something with the filing, or typed into it, since it was read."""
    newest = filing.events.aggregate(newest=Max("pk"))["newest"]
    texts = {"event": str(newest), "note": filing.note, "state": filing.state}
    for line in filing.lines.all():
        texts[f"line {line.position}"] = repr([str(getattr(line, name)) for name in LINE])
    sheet = cost_sheet_of(filing)
    if sheet is not None:
        texts["costs"] = repr([str(getattr(sheet, f.attname)) for f in sheet._meta.concrete_fields])
    return stamp_of_texts(texts)
