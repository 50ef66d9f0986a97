"""The figures of a region by what its kindergartens are: ownership, sponsor, place, level, group.

Every kindergarten of the month stands in exactly one part, by what was frozen with its return, so
the parts of a cut add up to the region. No document judges a part.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

from accounts.access.scope import REGION_CHECKED
from accounts.models import Region
from indicators.catalogue import INDICATORS, Indicator
from indicators.models import RegionFacts
from indicators.selectors.figures import Figure, build_figure
from indicators.selectors.judging import MonthContext, reference_date
from indicators.sums import SUMS, cast
from kindergartens.models import Group, GroupMember, KindergartenStatus
from kindergartens.rules import last_day

SCOPE_COLUMN = {1: "province_id", 2: "city_id", 3: "county_id", 4: "town_id"}
# In no group of the kind: the last part, so that the parts still add up.
NO_GROUP = ""
STATUS = KindergartenStatus


@dataclass(frozen=True)
class Cut:
    """One way to divide the kindergartens of a region.

    `part` is SQL over a row `s` (a frozen return or a status) and, of groups, its members; `says`
    are the columns that are the same, or nearly, in all of a part. `words` name the parts in their
    order, those of groups are read.
    """

    code: str
    name: str
    part: str
    says: frozenset[str]
    words: Mapping[str, str]
    group_kind: str = ""

    def has(self, part: str) -> bool:
        """Whether a part may be called so; of groups any key, or none for who is in no group."""
        if self.group_kind:
            return part == NO_GROUP or (part.isascii() and part.isdecimal() and len(part) < 18)
        return part in self.words

    def suits(self, indicator: Indicator) -> bool:
        """Whether the indicator says anything of a part.

        Not where it divides by what no return adds to (a population), and not where it is the
        share of what the cut itself tells apart: of public kindergartens all are public.
        """
        if not set(indicator.sums) <= SUMS.keys():
            return False
        above, below = told_apart(indicator.numerator), told_apart(indicator.denominator)
        return not (above ^ below) & self.says


def told_apart(names: Iterable[str]) -> frozenset[str]:
    """The columns by which sums leave kindergartens out."""
    return frozenset(
        column
        for name in names
        for column in re.findall(r"f\.(\w+)", SUMS[name].partition("FILTER")[2])
    )


def _of_group(kind: Group.Kind) -> Cut:
    """A member by itself is in its own group, not in its town's."""
    return Cut(
        kind.value,
        kind.label,
        "coalesce(coalesce(own.group_id, through.group_id)::text, '')",
        frozenset(),
        {},
        group_kind=kind.value,
    )


CUTS: dict[str, Cut] = {
    cut.code: cut
    for cut in (
        Cut(
            "ownership",
            "办园性质",
            "s.ownership",
            frozenset({"ownership", "counts_public", "counts_inclusive"}),
            {
                STATUS.Ownership.PUBLIC: "公办园",
                STATUS.Ownership.INCLUSIVE_PRIVATE: "普惠性民办园",
                STATUS.Ownership.NON_INCLUSIVE_PRIVATE: "其他民办园",
            },
        ),
        Cut(
            "sponsor_type",
            "办别",
            "s.sponsor_type",
            frozenset({"sponsor_type", "counts_public"}),
            dict(STATUS.SponsorType.choices),
        ),
        Cut(
            # 《统计上划分城乡的规定》 (国函〔2008〕60号): 11x 城区, 12x 镇区, 2xx 乡村.
            "urban_rural",
            "城乡",
            "CASE left(s.urban_rural, 2) WHEN '11' THEN 'city' WHEN '12' THEN 'town'"
            " WHEN '' THEN '' ELSE 'rural' END",
            frozenset({"urban_rural"}),
            {"city": "城区", "town": "镇区", "rural": "乡村", "": "没有登记城乡分类"},
        ),
        Cut(
            "level",
            "等级",
            "s.level",
            frozenset({"level"}),
            {code: label for code, label in STATUS.Level.choices if code} | {"": "未评定"},
        ),
        *(_of_group(Group.Kind(kind)) for kind in GroupMember.DIVIDING),
    )
}

# The day that counts: a county without a period owes as of the month's last (services.recompute).
ON_DAY = """
LEFT JOIN kindergartens_reportingperiod p ON p.county_id = {county} AND p.month = %(month)s
CROSS JOIN LATERAL (SELECT coalesce(p.reference_date, %(last_day)s::date) AS on_day) day"""
# Who was in which group of the kind on it: the database lets nobody into two of these at once.
MEMBERS = """
LEFT JOIN kindergartens_groupmember own ON own.kindergarten_id = s.kindergarten_id
    AND own.kind = %(kind)s AND own.valid_from <= day.on_day
    AND (own.valid_to IS NULL OR own.valid_to > day.on_day)
LEFT JOIN kindergartens_groupmember through ON through.town_id = s.town_id
    AND through.kind = %(kind)s AND through.valid_from <= day.on_day
    AND (through.valid_to IS NULL OR through.valid_to > day.on_day)"""


def _counted_sql(cut: Cut, region: Region) -> str:
    """Key and part of every counted return of the region."""
    members = ON_DAY.format(county="s.county_id") + MEMBERS if cut.group_kind else ""
    return f"""
SELECT s.id, {cut.part} AS part FROM indicators_kindergartenfacts s {members}
WHERE s.month = %(month)s AND s.superseded_at IS NULL AND s.counts_enrolment
    AND s.{SCOPE_COLUMN[region.level]} = %(region)s"""  # noqa: S608 - constants only


def _parts_sql(cut: Cut, region: Region) -> str:
    """One row a part: how many owe, how many of these filed, and the very sums of a region's row."""
    sums = ", ".join(f"coalesce({sum_}, 0)::{cast(name)} AS {name}" for name, sum_ in SUMS.items())
    of_town = "id" if region.level == Region.Level.TOWN else SCOPE_COLUMN[region.level]
    return f"""
WITH counted AS ({_counted_sql(cut, region)}), owed AS (
    SELECT {cut.part} AS part, count(*) AS owing,
        count(*) FILTER (WHERE filing.state <> 'draft') AS filed
    FROM accounts_region t {ON_DAY.format(county="t.county_id")}
    JOIN kindergartens_kindergartenstatus s ON s.town_id = t.id
        AND s.operating_state = 'operating' AND s.counts_enrolment
        AND s.valid_from <= day.on_day AND (s.valid_to IS NULL OR s.valid_to > day.on_day)
    LEFT JOIN kindergartens_monthlyfiling filing
        ON filing.kindergarten_id = s.kindergarten_id AND filing.month = %(month)s
    {MEMBERS if cut.group_kind else ""}
    WHERE t.level = 4 AND t.{of_town} = %(region)s AND NOT EXISTS (
        SELECT 1 FROM indicators_kindergartenfacts f
        WHERE f.kindergarten_id = s.kindergarten_id AND f.month = %(month)s
            AND f.superseded_at IS NULL AND f.counts_enrolment)
    GROUP BY 1
), summed AS (
    SELECT c.part AS of_part, max(f.accepted_at) AS computed_at, {sums}
    FROM counted c JOIN indicators_kindergartenfacts f ON f.id = c.id
    GROUP BY 1
)
SELECT coalesce(summed.of_part, owed.part) AS part, coalesce(owed.owing, 0) AS owing,
    coalesce(owed.filed, 0) AS filed_of_them, summed.*
FROM summed FULL JOIN owed ON owed.part = summed.of_part"""  # noqa: S608 - constants only


PENDING_NAMES = [
    field.name for field in RegionFacts._meta.fields if field.name.startswith("pending_")
]
# What a place has of itself, and no return adds to: of a part nobody knows it.
OF_THE_PLACE = [
    field.name
    for field in RegionFacts._meta.fields
    if isinstance(field, models.PositiveIntegerField | models.PositiveBigIntegerField)
    and field.name not in {*SUMS, *PENDING_NAMES, "expected", "filed", "accepted"}
]


@dataclass(frozen=True)
class Part:
    """One part of a region; `facts` are its sums, as an unsaved row. `group` where it is one."""

    code: str
    label: str
    facts: RegionFacts
    figures: list[Figure]
    group: int | None = None


def cut_figures(region: Region, month: dt.date, cut: Cut, indicators: Sequence[str]) -> list[Part]:
    """The parts of a region that have kindergartens, in the order of their words.

    Two queries, or three where the parts are groups. KeyError names an unknown indicator.
    """
    chosen = [INDICATORS[code] for code in indicators]
    context = MonthContext(month, reference_date(region, month), None)
    rows = {row.pop("part"): row for row in _read(_parts_sql(cut, region), cut, region, month)}
    words = _group_names(rows) if cut.group_kind else cut.words
    parts = []
    # A code that has no word would be lost from the sum: it comes last, as it is.
    for code in [*words, *sorted(rows.keys() - words.keys())]:
        if code not in rows:
            continue
        facts = _facts(region, month, rows[code])
        parts.append(
            Part(
                code=code,
                label=str(words.get(code, code)),
                facts=facts,
                figures=[
                    build_figure(i, region, month, facts, None, context, whole=False)
                    for i in chosen
                ],
                group=int(code) if cut.group_kind and code != NO_GROUP else None,
            )
        )
    return parts


def counted_in(region: Region, month: dt.date, cut: Cut, part: str) -> list[int]:
    """Keys of the counted returns of one part."""
    sql = f"SELECT id FROM ({_counted_sql(cut, region)}) counted WHERE part = %(part)s"  # noqa: S608
    return [row["id"] for row in _read(sql, cut, region, month, part=part)]


def _read(sql: str, cut: Cut, region: Region, month: dt.date, **more: str) -> list[dict[str, Any]]:
    asked: dict[str, Any] = {
        "region": region.pk, "month": month, "last_day": last_day(month), "kind": cut.group_kind,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql, asked | more)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _facts(region: Region, month: dt.date, row: dict[str, Any]) -> RegionFacts:
    """The sums as an unsaved row, so that every rule for regions holds for it."""
    counted = row["kindergartens"] or 0
    return RegionFacts(
        region=region,
        month=month,
        computed_at=row["computed_at"],
        expected=counted + row["owing"],
        filed=counted + row["filed_of_them"],
        accepted=counted,
        **{name: row[name] or 0 for name in SUMS},
        # What the missing ones could add matters to a verdict only, and no target judges a part.
        **dict.fromkeys(PENDING_NAMES, 0),
        **dict.fromkeys(OF_THE_PLACE, None),
    )


def _group_names(codes: Iterable[str]) -> dict[str, str]:
    groups = Group.objects.unscoped(REGION_CHECKED).filter(
        pk__in=[int(code) for code in codes if code != NO_GROUP]
    )
    names = {
        str(pk): name
        for pk, name in groups.order_by("county__code", "pk").values_list("pk", "name")
    }
    return names | {NO_GROUP: "不在其中"}
