"""What rules of other books decide of a return when it is frozen: the four hundreds, and whether its
charges kept to what may be charged. Looked at again, as the registers are.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from accounts.history.context import because
from accounts.models import Region
from fees.overcharging.selectors import kept_limits
from indicators.models import KindergartenFacts
from indicators.models.facts import KindergartenFactsQuerySet
from indicators.services.safety import COLUMN_OF, Secured, standings
from indicators.services.staffing import STAFFED_FIELDS, Staffed
from kindergartens.models.record import InstitutionType

CHUNK = 1000
# Columns of KindergartenFacts that come from here, with their types.
TYPES = {
    **dict.fromkeys(COLUMN_OF.values(), "text"),
    "charges_within_limits": "boolean",
    "overcharged_yuan": "bigint",
    "overcharge_uncounted": "boolean",
}
# A row of `ruled` for each of the keys given; to be joined by its key.
RULED = (
    f"unnest(%(ruled)s::bigint[], {', '.join(f'%({name})s::{type_}[]' for name, type_ in TYPES.items())})"
    f" AS ruled (key, {', '.join(TYPES)})"
)


def rulings(counted: Sequence[tuple[Secured, int]]) -> dict[str, list[Any]]:
    """Parameters of RULED, of counts each with the version of the return they are from."""
    stands = standings([secured for secured, _ in counted])
    kept = kept_limits([version for _, version in counted])
    found: dict[str, list[Any]] = {"ruled": [one.staffed.key for one, _ in counted]}
    for column in COLUMN_OF.values():
        found[column] = [stands.get(key, {}).get(column, "") for key in found["ruled"]]
    charges = [kept.get(version) for _, version in counted]
    found["charges_within_limits"] = [one and one.within for one in charges]
    # Begun yuan count whole: what is too much is never nothing.
    found["overcharged_yuan"] = [one and math.ceil(one.yuan) for one in charges]
    found["overcharge_uncounted"] = [one and one.uncounted for one in charges]
    return found


AGAIN = f"""
UPDATE indicators_kindergartenfacts f
SET {", ".join(f"{name} = ruled.{name}" for name in TYPES)}
FROM {RULED}
WHERE f.id = ruled.key AND ({", ".join(f"f.{name}" for name in TYPES)})
    IS DISTINCT FROM ({", ".join(f"ruled.{name}" for name in TYPES)})
"""  # noqa: S608 - built from the names above, never from input


def look_again(*, month: dt.date, county: Region | None = None) -> int:
    """Bring a month's frozen rows to what is known now of measures, guards, lists and ceilings then.

    Returns how many kindergartens changed; figures are to be recomputed afterwards.
    """
    rows = (
        KindergartenFacts.objects.unscoped("the portal itself judges all of them")
        .current()
        .filter(month=month)
        .order_by("pk")
    )
    if county is not None:
        rows = rows.filter(county=county)
    return _judge_again(rows, "按登记的安全防范、名册和收费标准重新判定")


def judge_hosts_again(versions: Sequence[int]) -> int:
    """Those whose 附设幼儿班 these versions are of: their guards are counted by the children of both,
    whichever return was accepted first. Returns how many changed.
    """
    every = KindergartenFacts.objects.unscoped("the portal itself judges all of them")
    hosts = every.filter(
        filing_version__in=versions,
        kindergarten__institution_type=InstitutionType.ATTACHED,
        kindergarten__host__isnull=False,
    ).values_list("month", "kindergarten__host")
    wanted = Q()
    for month, host in hosts:
        wanted |= Q(month__gte=month, kindergarten=host)
    if not wanted:
        return 0
    return _judge_again(
        every.current().filter(wanted).order_by("pk"),
        "附设幼儿班的月报已接收，按两处的人数重新判定",
    )


def _judge_again(rows: KindergartenFactsQuerySet, reason: str) -> int:
    read = rows.values_list(
        "filing_version", "kindergarten", "nursery_children", "kindergarten__boarding",
        "kindergarten__institution_type", "kindergarten__host", *STAFFED_FIELDS,
    )  # fmt: skip
    changed = 0
    with (
        transaction.atomic(),
        because(reason),
        connection.cursor() as cursor,
    ):
        every = read.iterator(CHUNK)
        while chunk := list(islice(every, CHUNK)):
            counted = [
                (
                    Secured(
                        place, nursery, boarding,
                        kind == InstitutionType.ATTACHED and host is not None, Staffed(*staffed),
                    ),
                    version,
                )
                for version, place, nursery, boarding, kind, host, *staffed in chunk
            ]  # fmt: skip
            cursor.execute(AGAIN, rulings(counted))
            changed += cursor.rowcount
    return changed
