"""Putting many records right at once: by the rules of one (editing.write_values), in one statement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.access.permissions import Permission
from accounts.exchange.bulk import update_many
from accounts.models import Region, User
from kindergartens.models import Kindergarten, KindergartenStatus
from kindergartens.models.search_text import search_text
from kindergartens.record import books, selectors
from kindergartens.record.books import Books
from kindergartens.record.catalogue import SITES
from kindergartens.record.policies import NeedsMending, Refused
from kindergartens.record.services.editing import LOOKED_AFTER, hold_registries_of

# What the rules look at besides what changes.
BESIDES = (
    "name", "code", "former_names", "opened_on", *books.READ, *books.REASON_OF.values(),
)  # fmt: skip
# What type of place one is, and whose site.
_PLACES = frozenset({"host_id", "institution_type"})


@transaction.atomic
def correct_records(
    corrections: Mapping[int, Mapping[str, Any]], *, by: User, now: dt.datetime
) -> int:
    """Write fields of records, of foreign keys `host_id` alone and no names; returns how many changed.

    `corrections` maps the key of a kindergarten to what its fields become. Raises NeedsMending and
    Refused, with the number of the one it is about, and PermissionDenied for whoever does not
    keep the registry where one of them lies; then none is written.
    """
    if not corrections:
        return 0
    post = by.acting
    if post is None or not by.can(Permission.MANAGE_REGISTRY):
        raise PermissionDenied("您现在的岗位不能改这些园的资料。")
    home = post.organisation.region
    county, day = home.county or home, timezone.localdate(now)
    columns = sorted({name for values in corrections.values() for name in values})
    if not _PLACES.isdisjoint(columns):
        own = Kindergarten.objects.visible_to(by)
        hold_registries_of(own.filter(selectors.are_keys("id", corrections)))
    before = _locked(corrections, columns, by)
    there = _books(corrections, county, day)
    ownership = _ownership(corrections, day)
    places = _Places(corrections, before, by)
    changed: dict[int, dict[str, Any]] = {}
    for number, (key, values) in enumerate(corrections.items()):
        record = before[key]
        differing = [name for name, value in values.items() if record[name] != value]
        if not differing:
            continue
        after = {**record, **{name: values[name] for name in differing}}
        for column in _checked(after, differing, there, places, ownership.get(key, ""), number):
            after[column] = ""
        places.enter(after)
        changed[key] = after
    _write(changed, before)
    return len(changed)


def _locked(
    corrections: Mapping[int, object], columns: list[str], by: User
) -> dict[int, dict[str, Any]]:
    """The records as they are, which nobody else changes until the transaction ends."""
    visible = Kindergarten.objects.visible_to(by).filter(selectors.are_keys("id", corrections))
    rows = (
        Kindergarten.objects.unscoped(LOOKED_AFTER)
        .select_for_update(of=("self",), no_key=True)
        .filter(pk__in=visible.values("pk"))
        .order_by("pk")
        .values("pk", "host_id", *dict.fromkeys((*BESIDES, *columns)))
    )
    found = {row["pk"]: row for row in rows}
    if len(found) != len(corrections):
        raise PermissionDenied("您现在的岗位不能改这些园的资料。")
    return found


def _books(corrections: Mapping[int, Mapping[str, Any]], county: Region, day: dt.date) -> Books:
    return selectors.books_of(
        county,
        day,
        credit_codes=[values["uscc"] for values in corrections.values() if values.get("uscc")],
        with_names=False,
        with_schools=False,
        with_area=any(
            "latitude" in values or "longitude" in values for values in corrections.values()
        ),
    )


def _ownership(corrections: Mapping[int, object], day: dt.date) -> dict[int, str]:
    rows = KindergartenStatus.objects.unscoped("of kindergartens the person was found to keep")
    on_the_day = rows.on(day).filter(selectors.are_keys("kindergarten_id", corrections))
    return dict(on_the_day.values_list("kindergarten", "ownership"))


class _Places:
    """Names and types of hosts, and who has sites: as they will be once those before are written."""

    def __init__(
        self,
        corrections: Mapping[int, Mapping[str, Any]],
        before: Mapping[int, Mapping[str, Any]],
        by: User,
    ) -> None:
        """Raises PermissionDenied for a host that is none of the person's own."""
        self.there: dict[int, tuple[str, str]] = {}
        self.with_sites: set[int] = set()
        if not any(_PLACES & values.keys() for values in corrections.values()):
            return
        new = {values["host_id"] for values in corrections.values() if values.get("host_id")}
        own = Kindergarten.objects.visible_to(by).filter(selectors.are_keys("id", new))
        if own.count() != len(new):
            raise PermissionDenied("所属园不在您的范围内。")
        hosts = new | {row["host_id"] for row in before.values() if row["host_id"]}
        rows = Kindergarten.objects.unscoped(LOOKED_AFTER)
        self.there = {
            key: (name, kind)
            for key, name, kind in rows.filter(selectors.are_keys("id", hosts)).values_list(
                "pk", "name", "institution_type"
            )
        }
        self.with_sites = set(
            rows.filter(selectors.are_keys("host_id", corrections)).values_list(
                "host_id", flat=True
            )
        )

    def enter(self, record: Mapping[str, Any]) -> None:
        self.there[record["pk"]] = (record["name"], record["institution_type"])
        if record["host_id"] is not None:
            self.with_sites.add(record["host_id"])


def _checked(
    record: dict[str, Any],
    changed: list[str],
    there: Books,
    places: _Places,
    ownership: str,
    number: int,
) -> list[str]:
    """Reasons that explain nothing any more. Raises NeedsMending for what cannot be kept so."""
    host = record["host_id"]
    name, kind = places.there.get(host, ("", "")) if host is not None else (None, "")
    wrong = books.refused_changes(
        record, changed, there, ownership=ownership, is_site=record["institution_type"] in SITES,
        host=name, host_is_site=kind in SITES, host_is_itself=host == record["pk"],
        has_sites=record["pk"] in places.with_sites,
    )  # fmt: skip
    if wrong.refusals:
        refusal = NeedsMending(wrong.refusals)
        refusal.number = number
        raise refusal
    there.enter(record)
    return wrong.idle


def _write(changed: Mapping[int, dict[str, Any]], before: Mapping[int, dict[str, Any]]) -> None:
    columns = sorted(
        {
            name
            for key, after in changed.items()
            for name, value in after.items()
            if before[key][name] != value
        }
    )
    if not columns:
        return
    found_by = ["search_text"] if "uscc" in columns else []
    try:
        with transaction.atomic():
            update_many(
                Kindergarten,
                [*columns, *found_by],
                (
                    (
                        key,
                        *(after[name] for name in columns),
                        *([_found_by(after)] if found_by else []),
                    )
                    for key, after in changed.items()
                ),
            )
    except IntegrityError:
        raise Refused(
            "刚有人登记了相同的统一社会信用代码，这次没有改。请在名册里查一下再办。"
        ) from None


def _found_by(record: Mapping[str, Any]) -> str:
    return search_text(
        [record["name"], *record["former_names"].split("、")],
        [record["code"], record["uscc"] or ""],
    )
