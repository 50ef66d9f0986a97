"""What aggregates answer for an indicator: the counts, the published value, and whether they agree.

A figure comes from one source at one date. Counts of two sources are never put together, and none
is put together with what the portal counted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db.models import Q

from indicators.aggregates.columns import BY_NAME, POSTS, PRIVATE_SPONSORS
from indicators.aggregates.rules import (
    Agreement,
    Amount,
    Bounds,
    agreement,
    bounds_of,
    bounds_of_printed,
    broken_sponsors,
    broken_sums,
    completed,
    total,
)
from indicators.catalogue import Indicator, Kind
from indicators.models import AggregateReturn
from indicators.rules import Counts, value_of

# Of several sources of one date: statistics are counted, a yearbook prints them, others quote.
TRUSTED = ("statistics", "yearbook", "bulletin", "document")
# A sum of the portal that a published table gives under another name, or together. Areas and books are
# divided by all children: a table says nothing of who measured.
AREAS = ("outdoor_area", "activity_room_area", "floor_area")
SAME_AS = dict.fromkeys(
    ("staffed_children", "books_children", *(f"{area}_children" for area in AREAS)),
    "enrolled_children",
)
# As the portal sums them: square decimetres.
OF_A_SQUARE_METRE = 100
TOGETHER = {frozenset((*POSTS, "other_staff")): "staff"}


@dataclass(frozen=True)
class Answer:
    """One indicator from one source at one date.

    `value` is unrounded, from the counts where the source gives them, else the published one
    (`is_published_only`). `bounds` say between what it lies, the counts' rounding considered.
    `breaks` are part sums of the source that do not add up; whoever entered them said why.
    """

    row: AggregateReturn
    numerator: Amount | None
    denominator: Amount | None
    value: Decimal | None
    bounds: Bounds | None
    published: str
    agreement: Agreement | None
    reason: str
    notes: tuple[str, ...]
    breaks: tuple[str, ...]
    percent: bool = True

    @property
    def is_published_only(self) -> bool:
        return self.value is not None and self.numerator is None

    @property
    def tolerance(self) -> Decimal | None:
        """How far the value may lie from what it would be without rounding; 0 for whole counts."""
        if self.bounds is None or self.value is None:
            return None
        apart = max(
            abs(Decimal(end.numerator) / Decimal(end.denominator) - self.value)
            for end in (self.bounds.least, self.bounds.most)
        )
        # Exact bounds of whole counts differ from the quotient by its 28 digits only.
        return Decimal(0) if self.bounds.least == self.bounds.most else apart


@dataclass(frozen=True)
class Table:
    """What one source says of one place at one date: the total, and its rows by sponsor."""

    row: AggregateReturn
    by_sponsor: tuple[AggregateReturn, ...] = ()

    def counts(self) -> tuple[dict[str, Amount], dict[str, str]]:
        """Every count it gives or that follows, and how those of public kindergartens followed."""
        given = self.row.counts()
        notes = {}
        parts = {row.sponsor: row.counts() for row in self.by_sponsor}
        if parts and not broken_sponsors(given, list(parts.values())):
            for whole, public in (
                ("enrolled_children", "public_children"),
                ("kindergartens", "public_kindergartens"),
            ):
                private = public.replace("public", "private")
                if public in given or private in given or whole not in given:
                    continue
                if any(whole not in counts for counts in parts.values()):
                    continue
                of_private = total(
                    counts[whole] for one, counts in parts.items() if one in PRIVATE_SPONSORS
                )
                given[private] = of_private or Amount(0)
                notes[public] = f"{BY_NAME[public].head}是合计减去民办和中外合作办的数。"
        full = completed(given)
        full |= {
            f"{area}_dm2": full[f"{area}_m2"].times(OF_A_SQUARE_METRE)
            for area in AREAS
            if f"{area}_m2" in full
        }
        for name in ("public_children", "public_kindergartens"):
            if name in full and name not in given:
                notes.setdefault(name, f"{BY_NAME[name].head}由来源的其他数相加减得出。")
        return full, notes

    def breaks(self) -> tuple[str, ...]:
        counts = self.row.counts()
        faults = broken_sums(counts) + (
            broken_sponsors(counts, [row.counts() for row in self.by_sponsor])
            if self.by_sponsor
            else []
        )
        return tuple(fault.text.partition("。")[0] + "。" for fault in faults)


def tables(rows: Iterable[AggregateReturn]) -> list[Table]:
    """Rows of one place as tables: a row by sponsor goes with the total of its date and source."""
    kept = list(rows)
    return [
        Table(
            row,
            tuple(
                other
                for other in kept
                if other.sponsor
                and (other.reference_date, other.source) == (row.reference_date, row.source)
            ),
        )
        for row in kept
        if not row.sponsor
    ]


def answer(indicator: Indicator, table: Table) -> Answer:
    """The indicator from one table, worked out of its counts where it gives them."""
    counts, notes = table.counts()
    numerator = _sum(indicator.numerator, counts)
    denominator = _sum(indicator.denominator, counts) if indicator.denominator else None
    published = str(table.row.published.get(indicator.code, ""))
    percent = indicator.kind is Kind.SHARE
    printed = bounds_of_printed(published, percent=percent) if published else None
    value = None if indicator.of_averages else _value(indicator, numerator, denominator)
    bounds = None
    if numerator and denominator and value is not None:
        bounds = bounds_of(numerator, denominator.times(indicator.parts))
    agrees = agreement(bounds, printed) if bounds and printed else None
    if value is None and published:
        value, bounds = Decimal(published) / (100 if percent else 1), printed
        numerator = denominator = None
    used = {SAME_AS.get(name, name) for name in (*indicator.numerator, *indicator.denominator)}
    is_computed = value is not None and numerator is not None
    return Answer(
        row=table.row,
        numerator=numerator,
        denominator=denominator,
        value=value,
        bounds=bounds,
        published=published,
        agreement=agrees,
        reason="" if value is not None else _why_not(indicator, numerator, denominator),
        notes=(
            *(_said_of_scope(table.row, used) if is_computed else ()),
            *(_said_of_followed(table.row, used, notes) if is_computed else ()),
        ),
        breaks=table.breaks(),
        percent=percent,
    )


def _value(
    indicator: Indicator, numerator: Amount | None, denominator: Amount | None
) -> Decimal | None:
    above = numerator.number if numerator else None
    below = denominator.number if denominator else None
    if indicator.kind is Kind.COUNT:
        below = 1
    return value_of(indicator, Counts(above, below, indicator.parts))


def _why_not(indicator: Indicator, numerator: Amount | None, denominator: Amount | None) -> str:
    if numerator is None:
        return f"来源没有载明{indicator.numerator_text}。"
    if denominator is None:
        return f"来源没有载明{indicator.denominator_text}。"
    return (
        f"{indicator.denominator_text if not denominator.number else indicator.numerator_text}为0。"
    )


# What a source often leaves out: the count of public kindergartens that it then hangs on.
HANGS_ON = {
    "public_children": "public_children",
    "inclusive_children": "public_children",
    "public_kindergartens": "public_kindergartens",
    "inclusive_kindergartens": "public_kindergartens",
}


def _said_of_followed(row: AggregateReturn, used: set[str], notes: dict[str, str]) -> list[str]:
    given = row.counts()
    hung_on = {HANGS_ON[name] for name in used if name in HANGS_ON and name not in given}
    return [note for name, note in notes.items() if name in hung_on]


def _said_of_scope(row: AggregateReturn, used: set[str]) -> list[str]:
    """R9: teachers "in 学前教育" include attached classes, those "in kindergartens" do not."""
    if not used & {"full_time_teachers", "principals", "childcare_workers", "health_staff"}:
        return []
    if not row.scope:
        return ["来源没有写明专任教师等含不含附设幼儿班。"]
    return [f"统计口径：{row.get_scope_display()}。"]


def _sum(names: tuple[str, ...], counts: dict[str, Amount]) -> Amount | None:
    together = counts.get(TOGETHER.get(frozenset(names), ""))
    return together or total(counts.get(SAME_AS.get(name, name)) for name in names)


def best(indicator: Indicator, found: Sequence[Table]) -> list[Answer]:
    """Answers of several tables, the one that leads first: computable before published only, the
    newest date, then statistics before yearbook, bulletin and document. Where none can be computed
    the first says which other has what it lacks.
    """
    ordered = sorted(
        (answer(indicator, table) for table in found),
        key=lambda one: (
            one.value is None,
            one.is_published_only,
            one.numerator is None and one.denominator is None,
            -one.row.reference_date.toordinal(),
            TRUSTED.index(one.row.kind),
            -one.row.pk,
        ),
    )
    if ordered and ordered[0].value is None:
        ordered[0] = replace(
            ordered[0], reason=ordered[0].reason + _said_elsewhere(indicator, ordered)
        )
    return ordered


def _said_elsewhere(indicator: Indicator, ordered: Sequence[Answer]) -> str:
    first, *others = ordered
    lacks = "numerator" if first.numerator is None else "denominator"
    other = next((one for one in others if getattr(one, lacks) is not None), None)
    if other is None or getattr(first, lacks) is not None:
        return ""
    words = indicator.numerator_text if lacks == "numerator" else indicator.denominator_text
    return f"{other.row.source}载明了{words}；不同来源的数不放在一起算。"


def rows_between(
    regions: Iterable[int | None], first: dt.date, last: dt.date
) -> list[AggregateReturn]:
    """Standing rows of some places (None: the nation) from one day to another. One query."""
    wanted = list(regions)
    places = Q(region__in=[pk for pk in wanted if pk is not None])
    if None in wanted:
        places |= Q(region=None)
    return list(
        AggregateReturn.objects.standing()
        .filter(places, reference_date__gte=first, reference_date__lte=last)
        .select_related("region")
        .order_by("reference_date", "source", "sponsor")
    )
