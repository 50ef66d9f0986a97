"""Published tables as pages list them: which there are, and what one of them answers."""

from __future__ import annotations

from accounts.models import User
from indicators.aggregates.answers import Answer, Table, answer
from indicators.catalogue import INDICATORS
from indicators.models import AggregateReturn
from indicators.models.aggregate import NATION, NATION_NAME, AggregateQuerySet


def listed(
    user: User, *, region: str = "", year: int | None = None, withdrawn: bool = False
) -> AggregateQuerySet:
    """Rows a person may read: of a place by its code, of a year; in use, or withdrawn."""
    rows = AggregateReturn.objects.visible_to(user)
    rows = rows.exclude(withdrawn_at=None) if withdrawn else rows.standing()
    if region == NATION:
        rows = rows.filter(region=None)
    elif region:
        rows = rows.filter(region__code=region)
    if year is not None:
        rows = rows.filter(reference_date__year=year)
    return rows.select_related("region").order_by(
        "-reference_date", "region__level", "region__code", "source", "sponsor", "pk"
    )


def places(user: User) -> list[tuple[str, str]]:
    """Code and name of the places of which there is a row to read, the widest first."""
    rows = AggregateReturn.objects.visible_to(user).values_list(
        "region__code", "region__name", "region__level"
    )
    found = {(level or 0, code or NATION, name or NATION_NAME) for code, name, level in rows}
    return [(code, name) for _, code, name in sorted(found)]


def years(user: User) -> list[int]:
    """Years of which there is a row to read, the newest first."""
    days = AggregateReturn.objects.visible_to(user).dates("reference_date", "year", order="DESC")
    return [day.year for day in days]


def table_of(row: AggregateReturn) -> Table:
    """A row with the rows by sponsor of its place, date and source; of those alone its own."""
    if row.sponsor:
        return Table(row)
    parts = AggregateReturn.objects.standing().of_table(row).exclude(sponsor="")
    return Table(row, tuple(parts.order_by("sponsor")))


def answers_of(table: Table) -> list[tuple[str, Answer]]:
    """Every figure the table gives or published: its code and what is answered."""
    found = ((code, answer(indicator, table)) for code, indicator in INDICATORS.items())
    return [(code, one) for code, one in found if one.value is not None]
