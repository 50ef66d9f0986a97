"""Freezing what accepted returns say, so that later changes of status never move a past rate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from indicators.models import KindergartenFacts
from indicators.services import registers
from indicators.services.rulings import RULED, TYPES, judge_hosts_again, rulings
from indicators.services.safety import Secured
from indicators.services.staffing import Staffed, judge_staffing
from kindergartens.models import FilingVersion, MonthlyFiling
from kindergartens.policies import NotAllowedNow
from kindergartens.rules import CLASS_SIZE_LIMITS

VERSIONS_SUMMED = """
WITH chosen AS (
    SELECT v.id AS key, v.id AS version_id, f.kindergarten_id, p.month, p.reference_date,
        f.first_submitted_at <= p.due_at AS on_time
    FROM kindergartens_filingversion v
    JOIN kindergartens_monthlyfiling f ON f.id = v.filing_id
    JOIN kindergartens_reportingperiod p ON p.id = f.period_id
    WHERE v.id = ANY(%(versions)s)
), class_size (grade, most) AS (
    SELECT * FROM unnest(%(grades)s::text[], %(limits)s::int[])
), class_sums AS (
    SELECT c.filing_version_id AS version_id,
        coalesce(sum(c.boys + c.girls) FILTER (WHERE c.grade <> 'nursery'), 0) AS enrolled,
        coalesce(sum(c.boys + c.girls) FILTER (WHERE c.grade = 'nursery'), 0) AS nursery,
        sum(c.age6) AS over_age,
        count(*) FILTER (WHERE c.grade <> 'nursery') AS classes,
        count(*) FILTER (WHERE c.boys + c.girls <= s.most) AS compliant
    FROM kindergartens_classcount c
    LEFT JOIN class_size s ON s.grade = c.grade
    WHERE c.filing_version_id = ANY(%(versions)s)
    GROUP BY c.filing_version_id
), staff_sums AS (
    SELECT filing_version_id AS version_id,
        coalesce(sum(people) FILTER (WHERE post = 'principal'), 0) AS principals,
        coalesce(sum(people) FILTER (WHERE post = 'full_time_teacher'), 0) AS teachers,
        coalesce(sum(people) FILTER (WHERE post = 'childcare_worker'), 0) AS carers,
        coalesce(sum(people) FILTER (WHERE post = 'health_staff'), 0) AS health,
        coalesce(sum(people) FILTER (WHERE post NOT IN (
            'principal', 'full_time_teacher', 'childcare_worker', 'health_staff')), 0) AS others,
        coalesce(sum(certified)
            FILTER (WHERE post IN ('principal', 'full_time_teacher')), 0) AS certified
    FROM staffing_staffcount
    WHERE filing_version_id = ANY(%(versions)s)
    GROUP BY filing_version_id
)"""

# Of those running and counted on the statistical date, with the status of that day.
OF_THAT_DAY = """
FROM chosen c
JOIN kindergartens_kindergartenstatus s ON s.kindergarten_id = c.kindergarten_id
    AND s.valid_from <= c.reference_date
    AND (s.valid_to IS NULL OR s.valid_to > c.reference_date)
    AND s.operating_state = 'operating' AND s.counts_enrolment
JOIN accounts_region t ON t.id = s.town_id
LEFT JOIN class_sums k ON k.version_id = c.version_id
LEFT JOIN staff_sums p ON p.version_id = c.version_id"""

# What decides about guards and whether a kindergarten is fully staffed, in the order of `Secured`
# and `Staffed`.
STAFFED = f"""{VERSIONS_SUMMED}
SELECT c.kindergarten_id, coalesce(k.nursery, 0), place.boarding,
    place.institution_type = 'attached' AND place.host_id IS NOT NULL, c.version_id, t.id, t.county_id, t.city_id, t.province_id, c.reference_date, s.half_day,
    s.counts_staff, coalesce(k.enrolled, 0), coalesce(k.classes, 0), coalesce(p.principals, 0),
    coalesce(p.teachers, 0), coalesce(p.carers, 0), coalesce(p.health, 0), coalesce(p.others, 0)
{OF_THAT_DAY}
JOIN kindergartens_kindergarten place ON place.id = c.kindergarten_id
"""

FREEZE = f"""{VERSIONS_SUMMED}, heads AS (
    SELECT c.key, coalesce(k.enrolled, 0) AS children
    FROM chosen c LEFT JOIN class_sums k ON k.version_id = c.version_id
), {registers.KNOWN}
INSERT INTO indicators_kindergartenfacts (
    kindergarten_id, month, filing_version_id, accepted_at,
    town_id, county_id, city_id, province_id, ownership, sponsor_type,
    counts_enrolment, counts_public, counts_inclusive, counts_staff, half_day, level, urban_rural,
    enrolled_children, nursery_children, over_age_children, classes, compliant_classes,
    principals, full_time_teachers, childcare_workers, health_staff, other_staff,
    certified_principals_and_teachers, fully_staffed, {", ".join(registers.COLUMNS)}, {", ".join(TYPES)}
)
SELECT c.kindergarten_id, c.month, c.version_id, %(accepted_at)s,
    t.id, t.county_id, t.city_id, t.province_id, s.ownership, s.sponsor_type,
    s.counts_enrolment, s.counts_public, s.counts_inclusive, s.counts_staff, s.half_day, s.level,
    s.urban_rural, coalesce(k.enrolled, 0), coalesce(k.nursery, 0), coalesce(k.over_age, 0),
    coalesce(k.classes, 0), coalesce(k.compliant, 0),
    coalesce(p.principals, 0), coalesce(p.teachers, 0), coalesce(p.carers, 0),
    coalesce(p.health, 0), coalesce(p.others, 0), coalesce(p.certified, 0), j.fully_staffed,
    {", ".join(registers.COLUMNS.values())}, {", ".join(f"ruled.{name}" for name in TYPES)}
{OF_THAT_DAY}
{registers.JOINED}
JOIN {RULED} ON ruled.key = c.version_id
LEFT JOIN unnest(%(versions)s::bigint[], %(fully_staffed)s::boolean[])
    AS j (version_id, fully_staffed) ON j.version_id = c.version_id
"""  # noqa: S608 - constants, never input

SUPERSEDE = """
UPDATE indicators_kindergartenfacts old SET superseded_at = %(accepted_at)s
FROM kindergartens_filingversion v
JOIN kindergartens_monthlyfiling f ON f.id = v.filing_id
JOIN kindergartens_reportingperiod p ON p.id = f.period_id
WHERE v.id = ANY(%(versions)s) AND old.superseded_at IS NULL
    AND old.kindergarten_id = f.kindergarten_id AND old.month = p.month
"""


def freeze_facts(*, version_ids: Sequence[int], accepted_at: dt.datetime) -> int:
    """Write one facts row per accepted version, with the status on its statistical date.

    An earlier accepted version of the same kindergarten and month stays, marked superseded. A
    version frozen before is left as it is, so a repeated call writes nothing. Of an 附设幼儿班 its
    host is judged again, which guards both. Returns the number of rows written. Writes nothing and raises NotAllowedNow when a kindergarten was not running
    and counted on the statistical date; ValueError when two versions are of one return, when a
    newer version is already frozen, or when a version does not exist.
    """
    with transaction.atomic():
        # One acceptance of a return at a time: whoever comes second sees the first's rows.
        filings = list(
            MonthlyFiling.objects.unscoped("frozen by whoever was allowed to accept")
            .select_for_update(of=("self",), no_key=True)
            .filter(pk__in=FilingVersion.objects.filter(pk__in=version_ids).values("filing"))
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        if len(filings) != len(set(version_ids)):
            raise ValueError("版本不存在，或同一份月报给了两个版本。")
        frozen = set(
            KindergartenFacts.objects.unscoped("of the versions that are being frozen")
            .filter(filing_version__in=version_ids)
            .values_list("filing_version", flat=True)
        )
        versions = sorted(set(version_ids) - frozen)
        if not versions:
            return 0
        _refuse_older_versions(versions)
        parameters: dict[str, Any] = {
            "versions": versions,
            "accepted_at": accepted_at,
            "grades": [str(grade) for grade in CLASS_SIZE_LIMITS],
            "limits": list(CLASS_SIZE_LIMITS.values()),
        }
        with connection.cursor() as cursor:
            cursor.execute(SUPERSEDE, parameters)
            cursor.execute(STAFFED, parameters)
            counted = [
                Secured(place, nursery, boarding, with_host, Staffed(*staffed))
                for place, nursery, boarding, with_host, *staffed in cursor.fetchall()
            ]
            judged = judge_staffing(one.staffed for one in counted)
            parameters["fully_staffed"] = [judged.get(version) for version in versions]
            parameters |= rulings([(one, one.staffed.key) for one in counted])
            cursor.execute(FREEZE, parameters)
            written = int(cursor.rowcount)
        if written != len(versions):
            missing = len(versions) - written
            raise NotAllowedNow(
                f"有{missing}所幼儿园在统计时点没有登记、不在办或不计入，月报不能计入。"
                "请先更正办园状态。"
            )
        judge_hosts_again(versions)
        return written


def _refuse_older_versions(versions: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FROM kindergartens_filingversion v
            JOIN kindergartens_filingversion newer
                ON newer.filing_id = v.filing_id AND newer.version > v.version
            JOIN indicators_kindergartenfacts f ON f.filing_version_id = newer.id
            WHERE v.id = ANY(%s)
            """,
            [versions],
        )
        (older,) = cursor.fetchone()
    if older:
        raise ValueError(f"有{older}份月报已计入更新的版本，不能再计入旧版。")
