"""What the registry holds of the kindergartens in a table, as the columns have it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from accounts.access.scope import home_region
from accounts.exchange.declaring import Context, Key, Line, Values
from accounts.exchange.kinds import as_text
from accounts.models import Region
from kindergartens.changes import rules
from kindergartens.models import Kindergarten, KindergartenStatus
from kindergartens.record import rules as record_rules
from kindergartens.record import selectors as record_selectors
from kindergartens.record.books import Books, Surroundings
from kindergartens.record.selectors import are_keys, are_texts
from kindergartens.registering import selectors
from kindergartens.registering.columns import REASONS, RECORD, STATUS, TEXTS
from kindergartens.registering.hosts import Hosts

NOT_STATUS = ("code", "name", *RECORD, *REASONS)


def prepare(context: Context) -> None:
    """The person's towns, and from which day on something may be registered: for any page."""
    home = home_region(context.by)
    is_in_county = home is not None and home.level >= Region.Level.COUNTY
    towns = Region.objects.none()
    if home is not None and is_in_county:
        towns = Region.objects.within(home).filter(level=Region.Level.TOWN)
    # Those given up by name too: kindergartens lie in them until they are moved.
    found = list(towns.order_by("is_active", "code"))
    context.names["town"] = {town.name: town.pk for town in found}
    context.known["towns"] = {town.pk: town for town in found}
    context.known["county"] = (home.county or home) if home is not None and is_in_county else None
    context.known["earliest"] = selectors.earliest_day(home, today=context.today, now=context.now)


def existing(context: Context, lines: Mapping[Key, Line]) -> dict[Key, Values]:
    """The rows that are there, and in `context.known` what the checks compare with.

    At most nine queries, whatever the number of lines.
    """
    rows = list(
        Kindergarten.objects.unscoped(
            "codes are unique in the nation; a row of elsewhere is refused by cell"
        )
        .filter(are_texts("code", [code for (code,) in lines]))
        .values("pk", "host__code", "organisation__region", *NOT_STATUS)
    )
    towns = context.known["towns"]
    own = [row for row in rows if row["organisation__region"] in towns]
    own_codes = {row["code"] for row in own}
    context.known["elsewhere"] = {row["code"] for row in rows} - own_codes
    context.known["ids"] = {row["code"]: row["pk"] for row in own}
    context.known["hosts"] = _hosts(context, own, lines)
    _look_up(context, [line.values for (code,), line in lines.items() if code not in own_codes],
             [line.values for line in lines.values()])  # fmt: skip
    timelines = _timelines([row["pk"] for row in own])
    found: dict[Key, Values] = {}
    for row in own:
        day = lines[row["code"],].values.get("valid_from") or context.today
        found[row["code"],] = _values(row, timelines[row["pk"]], day)
    return found


def _hosts(context: Context, own: Sequence[Mapping[str, Any]], lines: Mapping[Key, Line]) -> Hosts:
    """Those of the county that rows name as hosts or have as one, and who has sites."""
    every = [line.values for line in lines.values()]
    found = Hosts({row["code"]: (row["name"], row["institution_type"]) for row in own})
    if not any({"host", "institution_type"} & values.keys() for values in every):
        return found
    found.of_new = frozenset(
        line.values["host"]
        for (code,), line in lines.items()
        if code not in found.there and "host" in line.values
    )
    county = context.known["county"]
    wanted = {values["host"] for values in every if "host" in values}
    wanted |= {row["host__code"] for row in own if row["host__code"]}
    rows = Kindergarten.objects.unscoped("hosts of sites, and sites, of the person's own county")
    if county is not None and wanted - found.there.keys():
        found.there |= {
            code: (name, kind)
            for code, name, kind in rows.filter(
                are_texts("code", wanted), organisation__region__county=county
            ).values_list("code", "name", "institution_type")
        }
    found.with_sites = set(
        rows.filter(are_keys("host_id", [row["pk"] for row in own]))
        .values_list("host__code", flat=True)
        .distinct()
    )
    return found


def _look_up(context: Context, new: Sequence[Values], every: Sequence[Values]) -> None:
    county = context.known["county"]
    if county is None:
        context.known["books"] = Books(Surroundings("", "", ""))
        return
    public = [
        values["name"]
        for values in new
        if values.get("ownership") == rules.PUBLIC and "name" in values
    ]
    context.known["books"] = record_selectors.books_of(
        county,
        context.today,
        credit_codes=[values["uscc"] for values in every if "uscc" in values],
        with_names=bool(new),
        with_schools=len(public) < len(new),
        with_area=any("latitude" in values for values in every),
        public=public,
    )


def rows(context: Context) -> Iterable[Values]:
    """Every kindergarten of the person's area with its status of today."""
    shown = Kindergarten.objects.visible_to(context.by).order_by("code")
    every = list(shown.values("pk", "host__code", *NOT_STATUS))
    timelines = _timelines([row["pk"] for row in every])
    for row in every:
        yield _values(row, timelines[row["pk"]], context.today)


Timeline = list[tuple[dt.date, dt.date | None, Sequence[Any]]]


def _timelines(keys: list[int]) -> dict[int, Timeline]:
    statuses = KindergartenStatus.objects.unscoped("of kindergartens in the person's own towns")
    found: dict[int, Timeline] = defaultdict(list)
    for key, since, until, *values in (
        statuses.filter(are_keys("kindergarten", keys))
        .order_by("kindergarten", "valid_from")
        .values_list("kindergarten", "valid_from", "valid_to", *STATUS)
    ):
        found[key].append((since, until, values))
    return found


def _values(row: Mapping[str, Any], timeline: Timeline, day: dt.date) -> Values:
    values = {name: row[name] for name in NOT_STATUS}
    values["host"] = row["host__code"]
    for name in TEXTS:
        # As it is read back from the table: what nobody sees is no change.
        values[name] = as_text(values[name])
    values["landline"] = record_rules.normal_landline(values["landline"])
    status = _on(timeline, day)
    if status is not None:
        values["valid_from"] = status[0]
        values |= dict(zip(STATUS, status[2], strict=True))
    return values


def _on(timeline: Timeline, day: dt.date) -> tuple[dt.date, dt.date | None, Sequence[Any]] | None:
    """The status in force on a day, else the first one."""
    for row in timeline:
        if row[0] <= day and (row[1] is None or row[1] > day):
            return row
    return timeline[0] if timeline else None
