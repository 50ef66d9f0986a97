"""One month of the whole nation as made-up rows: as many regions and kindergartens as China has.

Rows are written by the database itself (generate_series): the registry in the order of its codes,
returns and facts in no order at all, as returns are accepted in none.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import connection

if TYPE_CHECKING:
    from accounts.models import Membership
    from kindergartens.models import MonthlyFiling

MONTH = dt.date(2026, 10, 1)
REFERENCE_DATE = dt.date(2026, 10, 31)
MONTH_BEFORE = dt.date(2026, 9, 1)
PROVINCES, CITIES, COUNTIES, TOWNS = 31, 342, 2_978, 41_352
REGIONS = PROVINCES + CITIES + COUNTIES + TOWNS
KINDERGARTENS = 253_300
# Of every hundred kindergartens, this many are not counted yet: sent, being filled, not begun.
NOT_COUNTED = 2

REGISTRY_AND_RETURNS = [
    f"""
    INSERT INTO accounts_region (id, code, name, level, is_active)
    SELECT i, to_char(i, 'FM00') || '0000', '省' || i, 1, true
    FROM generate_series(1, {PROVINCES}) i
    """,
    f"""
    INSERT INTO accounts_region (id, code, name, level, is_active, parent_id, province_id)
    SELECT {PROVINCES} + i, 'C' || to_char(i, 'FM00000'), '市' || i, 2, true, p, p
    FROM generate_series(1, {CITIES}) i, LATERAL (SELECT 1 + i % {PROVINCES} AS p) up
    """,
    f"""
    INSERT INTO accounts_region
        (id, code, name, level, is_active, parent_id, city_id, province_id)
    SELECT {PROVINCES + CITIES} + i, 'D' || to_char(i, 'FM00000'), '县' || i, 3, true,
        c.id, c.id, c.province_id
    FROM generate_series(1, {COUNTIES}) i
    JOIN accounts_region c ON c.id = {PROVINCES} + 1 + i % {CITIES}
    """,
    f"""
    INSERT INTO accounts_region
        (id, code, name, level, is_active, parent_id, county_id, city_id, province_id)
    SELECT {PROVINCES + CITIES + COUNTIES} + i, to_char(i, 'FM000000') || '100000', '镇' || i, 4,
        true, d.id, d.id, d.city_id, d.province_id
    FROM generate_series(1, {TOWNS}) i
    JOIN accounts_region d ON d.id = {PROVINCES + CITIES} + 1 + i % {COUNTIES}
    """,
    f"""
    INSERT INTO accounts_organisation (id, name, kind, region_id)
    SELECT i, '示例幼儿园' || i, 'kindergarten', {PROVINCES + CITIES + COUNTIES} + 1 + i % {TOWNS}
    FROM generate_series(1, {KINDERGARTENS}) i
    """,
    """
    INSERT INTO kindergartens_kindergarten
        (id, organisation_id, name, code, is_example, opened_on)
    SELECT id, id, name, '11' || to_char(id, 'FM00000000'), true, '2010-09-01'
    FROM accounts_organisation ORDER BY id
    """,
    """
    INSERT INTO kindergartens_kindergartenstatus (kindergarten_id, valid_from, town_id,
        sponsor_type, ownership, for_profit, operating_state, half_day, counts_enrolment,
        counts_public, counts_inclusive, counts_staff, reason)
    SELECT k.id, '2010-09-01', o.region_id,
        CASE WHEN k.id % 2 = 0 THEN 'education' ELSE 'private' END,
        CASE WHEN k.id % 2 = 0 THEN 'public'
            WHEN k.id % 10 = 1 THEN 'non_inclusive_private' ELSE 'inclusive_private' END,
        false, 'operating', false, true, k.id % 2 = 0, k.id % 10 <> 1, true, ''
    FROM kindergartens_kindergarten k JOIN accounts_organisation o ON o.id = k.organisation_id
    ORDER BY k.id
    """,
    f"""
    INSERT INTO kindergartens_reportingperiod
        (county_id, month, reference_date, opens_at, due_at, locks_at)
    SELECT id, '{MONTH}', '{REFERENCE_DATE}', '2026-10-25', '2026-11-06', '2026-11-15'
    FROM accounts_region WHERE level = 3
    """,
    f"""
    INSERT INTO kindergartens_reportingperiod
        (county_id, month, reference_date, opens_at, due_at, locks_at)
    SELECT id, '{MONTH_BEFORE}', '2026-09-30', '2026-09-25', '2026-10-09', '2026-10-18'
    FROM accounts_region WHERE level = 3
    """,
    f"""
    INSERT INTO kindergartens_monthlyfiling (kindergarten_id, period_id, month, town_id, state,
        draft, revision, version, accepted_version, first_submitted_at, updated_at)
    SELECT s.kindergarten_id, p.id, p.month, s.town_id,
        CASE WHEN s.kindergarten_id % 100 >= {NOT_COUNTED} THEN 'accepted'
            WHEN s.kindergarten_id % 200 = 0 THEN 'submitted' ELSE 'draft' END,
        '{{}}', 1, 1, CASE WHEN s.kindergarten_id % 100 >= {NOT_COUNTED} THEN 1 END,
        '2026-11-01', '2026-11-01'
    FROM kindergartens_kindergartenstatus s
    JOIN accounts_region t ON t.id = s.town_id
    JOIN kindergartens_reportingperiod p ON p.county_id = t.county_id AND p.month = '{MONTH}'
    WHERE s.kindergarten_id % 300 <> 1
    ORDER BY hashint8(s.kindergarten_id + 11)
    """,
    # Who is not counted yet was counted the month before.
    f"""
    INSERT INTO kindergartens_monthlyfiling (kindergarten_id, period_id, month, town_id, state,
        draft, revision, version, accepted_version, first_submitted_at, updated_at)
    SELECT s.kindergarten_id, p.id, p.month, s.town_id, 'accepted', '{{}}', 1, 1, 1,
        '2026-10-01', '2026-10-01'
    FROM kindergartens_kindergartenstatus s
    JOIN accounts_region t ON t.id = s.town_id
    JOIN kindergartens_reportingperiod p
        ON p.county_id = t.county_id AND p.month = '{MONTH_BEFORE}'
    WHERE s.kindergarten_id % 100 < {NOT_COUNTED}
    """,
]

VERSIONS = """
    INSERT INTO kindergartens_filingversion
        (filing_id, version, remarks, unchanged, submitted_at, submitted_as_id)
    SELECT id, 1, '', '{}', first_submitted_at, %s FROM kindergartens_monthlyfiling
    WHERE state = 'accepted'
"""

FACTS_AND_POPULATION = [
    """
    INSERT INTO indicators_kindergartenfacts (kindergarten_id, month, filing_version_id,
        accepted_at, town_id, county_id, city_id, province_id, ownership, sponsor_type,
        counts_enrolment, counts_public, counts_inclusive, counts_staff, enrolled_children,
        nursery_children, over_age_children, classes, compliant_classes, principals,
        full_time_teachers, childcare_workers, health_staff, other_staff,
        certified_principals_and_teachers, fully_staffed, established_heads,
        established_pay_yuan, non_established_heads, non_established_pay_yuan, vacant_posts,
        unfilled_posts, insurable_people, insured_people, trainable_people, trained_people,
        funded_children, funded_yuan, outdoor_area_dm2, activity_room_area_dm2, floor_area_dm2,
        books, outdoor_area_met, activity_room_area_met, floor_area_met, new_design, guards,
        alarm, video, closed_site, charges_within_limits, overcharged_yuan, on_time, level)
    SELECT s.kindergarten_id, filing.month, v.id, '2026-11-02', t.id, t.county_id, t.city_id,
        t.province_id, s.ownership, s.sponsor_type,
        true, s.counts_public, s.counts_inclusive, true, 30 + n % 300, n % 9, n % 3,
        1 + n % 12, n % 2, 1, 1 + n % 20, n % 12, n % 3, n % 9, 1 + n % 20,
        n % 4 <> 0, n % 9, 90000 * (n % 9), n % 7, 60000 * (n % 7), n % 3, 0, n % 30, (n % 30) / 2,
        n % 22, (n % 22) / 2, 30 + n % 300, 500 * (30 + n % 300), 400 * (30 + n % 300), 81700 + n,
        104400 + n, 5 * n, n % 3 = 0, n % 4 = 0, n % 5 = 0, n % 2 = 0,
        (array['met', 'unmet', 'no_record'])[1 + n % 3], (array['met', 'no_record'])[1 + n % 2],
        'met', (array['', 'met'])[1 + n % 2], n % 50 <> 0, CASE WHEN n % 50 = 0 THEN n ELSE 0 END,
        n % 9 <> 0, (array['', 'city_model', 'county_model'])[1 + n % 3]
    FROM kindergartens_filingversion v
    JOIN kindergartens_monthlyfiling filing ON filing.id = v.filing_id
    JOIN kindergartens_kindergartenstatus s ON s.kindergarten_id = filing.kindergarten_id
    JOIN accounts_region t ON t.id = s.town_id
    CROSS JOIN LATERAL (SELECT s.kindergarten_id * 7919 % 10007 AS n) made
    ORDER BY hashint8(s.kindergarten_id + 13)
    """,
    """
    INSERT INTO kindergartens_population (region_id, reference_date, base, age, children, source)
    SELECT r.id, '2026-09-01', base, age, 200 + r.id % 400, '示例'
    FROM accounts_region r, unnest(array['resident', 'registered']) base,
        generate_series(3, 5) age
    WHERE r.level >= 3
    """,
    "ANALYZE",
]


def build() -> None:
    """Fill an empty, migrated database."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0; SET lock_timeout = 0")
        # Two million rows that no one entered need no history; what is measured later has it.
        cursor.execute("SET session_replication_role = replica")
        _leave_words_out(cursor)
        for step in REGISTRY_AND_RETURNS:
            cursor.execute(step)
        cursor.execute(VERSIONS, [_clerk("clerk", KINDERGARTENS).pk])
        for step in FACTS_AND_POPULATION:
            cursor.execute(step)
        cursor.execute("SET session_replication_role = DEFAULT")
        # Hint bits and the visibility map are set once, as they would be in a running system.
        cursor.execute("VACUUM ANALYZE")


EARLIER = [
    """
    INSERT INTO kindergartens_reportingperiod
        (county_id, month, reference_date, opens_at, due_at, locks_at)
    SELECT county_id, %(month)s, %(month)s::date + 29, %(month)s::date + 24, %(month)s::date + 36,
        %(month)s::date + 46
    FROM kindergartens_reportingperiod WHERE month = %(last)s
    ON CONFLICT DO NOTHING
    """,
    # Returns behind them are left out: of who is counted no recompute reads any.
    """
    INSERT INTO indicators_kindergartenfacts ({columns}, month, filing_version_id)
    SELECT {columns}, %(month)s, -filing_version_id - %(number)s * 1000000
    FROM indicators_kindergartenfacts f WHERE f.month = %(last)s AND NOT EXISTS (
        SELECT 1 FROM indicators_kindergartenfacts g
        WHERE g.kindergarten_id = f.kindergarten_id AND g.month = %(month)s)
    """,
]


def add_earlier_months(number: int) -> list[dt.date]:
    """As many months before MONTH with as many facts, which differ by nothing but their month."""
    from indicators.models import KindergartenFacts

    columns = ", ".join(
        field.column
        for field in KindergartenFacts._meta.concrete_fields
        if field.column not in {"id", "month", "filing_version_id"}
    )
    months = []
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for back in range(1, number + 1):
            year, zero_based = divmod(MONTH.year * 12 + MONTH.month - 1 - back, 12)
            months.append(dt.date(year, zero_based + 1, 1))
            for step in EARLIER:
                cursor.execute(
                    step.format(columns=columns),
                    {"month": months[-1], "last": MONTH, "number": back},
                )
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE indicators_kindergartenfacts")
    return months


def _leave_words_out(cursor: Any) -> None:
    """In this scratch database what a row says in words is empty where no step above names it."""
    cursor.execute("""
        SELECT format('ALTER TABLE %I ALTER COLUMN %I SET DEFAULT %L', table_name, column_name,
            CASE data_type WHEN 'boolean' THEN 'false' ELSE '' END)
        FROM information_schema.columns
        WHERE table_schema = 'public' AND is_nullable = 'NO' AND column_default IS NULL
            AND data_type IN ('character varying', 'text', 'boolean')
    """)
    for (change,) in cursor.fetchall():
        cursor.execute(change)


def _clerk(username: str, organisation: int) -> Membership:
    """The post in which returns are submitted."""
    from accounts.models import Membership, User

    return Membership.objects.create(
        user=User.objects.create(username=username, full_name="示例资料员"),
        organisation_id=organisation,
        role="kindergarten_clerk",
        valid_from=dt.date(2020, 1, 1),
    )


def version_of(filing: MonthlyFiling) -> int:
    """A submitted version of a return: eight classes of 26 children, 24 people. Its id."""
    from kindergartens.models import ClassCount, FilingVersion
    from staffing.models import StaffCount

    clerk = _clerk(f"clerk{filing.pk}", filing.kindergarten.organisation_id)
    version = FilingVersion.objects.create(
        filing=filing, version=1, submitted_at=filing.updated_at, submitted_as=clerk
    )
    ClassCount.objects.bulk_create(
        ClassCount(
            filing_version=version,
            position=n,
            name=f"中{n}班",
            grade="middle",
            boys=13,
            girls=13,
            age4=26,
        )
        for n in range(1, 9)
    )
    StaffCount.objects.bulk_create(
        StaffCount(filing_version=version, post=post, people=8)
        for post in ("full_time_teacher", "childcare_worker", "service_staff")
    )
    return version.pk
