"""The SQL that sums frozen facts into every region of a month, in one set-based statement.

Towns are summed from kindergartens; counties from towns; cities and provinces from counties.
Nothing is grouped twice. With one county given, its sisters' stored rows are added instead of
being computed again, so the city's and province's rows come out as in a full run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from indicators.sums import OF_PLACES, SUMS, cast

# Of the wider sums no verdict asks: parts that are told beside a figure.
TOLD_BESIDE = {
    "public_kindergartens", "education_kindergartens", "nursery_children", "over_age_children",
    "pay_recorded_kindergartens", "vacant_posts", "unfilled_posts",
    "public_funded_kindergartens", "inclusive_funded_kindergartens",
}  # fmt: skip
# What kindergartens not counted yet added when they last counted.
PENDING = [name for name in SUMS if name not in TOLD_BESIDE]
COVERAGE = ["expected", "filed", "accepted", "on_time"]
PENDING_COLUMNS = [f"pending_{name}" for name in PENDING]
SUMMED = [*COVERAGE, *SUMS, *OF_PLACES]
COUNTS = [*SUMMED, *PENDING_COLUMNS]
POPULATION = ["resident_population_3_5", "registered_population_3_5", "population_date"]
COLUMNS = [*COUNTS, *POPULATION]


def _list(columns: Sequence[str] | Mapping[str, str], form: str, count: str = "count(*)") -> str:
    """Columns as a comma-separated list: {0} is the name, {1} what a mapping says it sums, {2} the
    column's type.
    """
    sums = columns if isinstance(columns, Mapping) else dict.fromkeys(columns, "")
    return ", ".join(
        form.format(name, sum_.replace("count(*)", count), cast(name))
        for name, sum_ in sums.items()
    )


def sums_sql(*, one_county: bool) -> str:
    """The sums of every region as a WITH clause: `fresh` has one row a region."""
    if one_county:
        # Ids as constants, so that the planner knows how few rows these are.
        in_scope = "p.county_id = ANY(%(scope)s)"
        towns_in_scope = "t.county_id = ANY(%(scope)s)"
        facts_in_scope = "f.county_id = ANY(%(scope)s)"
        statuses_in_scope = """s.town_id IN (
            SELECT id FROM accounts_region WHERE county_id = ANY(%(scope)s))"""
        population_in_scope = """q.region_id IN (
            SELECT id FROM accounts_region WHERE county_id = ANY(%(scope)s)
            UNION ALL SELECT unnest(%(scope)s::bigint[]))"""
    else:
        in_scope = towns_in_scope = facts_in_scope = "true"
        statuses_in_scope = population_in_scope = "true"
    # Asked of the table and not of `scope`: a WITH query cannot be read by several processes.
    period_days = f"""SELECT {{}}(p.reference_date) FROM kindergartens_reportingperiod p
            WHERE p.month = %(month)s AND {in_scope}"""  # noqa: S608 - constants only
    earliest = f"least(({period_days.format('min')}), %(silent_day)s::date)"
    latest = f"greatest(({period_days.format('max')}), %(silent_day)s::date)"
    return f"""
WITH scope AS MATERIALIZED (
    SELECT p.id AS period_id, p.county_id, p.reference_date, p.due_at, c.city_id, c.province_id
    FROM kindergartens_reportingperiod p
    JOIN accounts_region c ON c.id = p.county_id
    WHERE p.month = %(month)s AND ({in_scope})
    UNION ALL
    SELECT NULL, c.id, %(silent_day)s::date, NULL, c.city_id, c.province_id
    FROM accounts_region c WHERE c.id = ANY(%(silent)s)
), town AS MATERIALIZED (
    SELECT t.id, t.is_active, s.*
    FROM scope s JOIN accounts_region t ON t.county_id = s.county_id AND t.level = 4
        AND {towns_in_scope}
), counted AS (
    SELECT f.town_id, count(*) FILTER (WHERE f.on_time) AS on_time, {_list(SUMS, "{1} AS {0}")}
    FROM indicators_kindergartenfacts f
    WHERE f.month = %(month)s AND f.superseded_at IS NULL AND f.counts_enrolment
        AND {facts_in_scope}
    GROUP BY f.town_id
), not_counted AS MATERIALIZED (
    SELECT s.kindergarten_id, s.town_id, s.valid_from, s.valid_to
    FROM kindergartens_kindergartenstatus s
    WHERE s.operating_state = 'operating' AND s.counts_enrolment AND {statuses_in_scope}
        AND NOT EXISTS (
            SELECT 1 FROM indicators_kindergartenfacts f
            WHERE f.kindergarten_id = s.kindergarten_id AND f.month = %(month)s
                AND f.superseded_at IS NULL AND f.counts_enrolment)
), pending AS (
    SELECT t.id AS town_id, count(*) AS owed,
        count(*) FILTER (WHERE filing.state <> 'draft') AS filed,
        count(*) FILTER (WHERE filing.state <> 'draft' AND filing.first_submitted_at <= t.due_at)
            AS on_time,
        {_list({name: SUMS[name] for name in PENDING}, "{1} AS pending_{0}", "count(f.id)")}
    FROM not_counted s
    JOIN town t ON t.id = s.town_id AND s.valid_from <= t.reference_date
        AND (s.valid_to IS NULL OR s.valid_to > t.reference_date)
    LEFT JOIN kindergartens_monthlyfiling filing
        ON filing.kindergarten_id = s.kindergarten_id AND filing.month = %(month)s
    LEFT JOIN LATERAL (
        SELECT last.* FROM indicators_kindergartenfacts last
        WHERE last.kindergarten_id = s.kindergarten_id AND last.superseded_at IS NULL
            AND last.month < %(month)s AND last.counts_enrolment
        ORDER BY last.month DESC LIMIT 1
    ) f ON true
    GROUP BY t.id
), plan AS MATERIALIZED (
    -- The five years (2021-2025, 2026-2030) that the statistical date is in, up to that date.
    SELECT s.county_id, s.reference_date,
        make_date((extract(year FROM s.reference_date)::int - 1) / 5 * 5 + 1, 1, 1) AS begun
    FROM scope s
), of_place AS MATERIALIZED (
    SELECT county_id, town_id, {_list(OF_PLACES, "coalesce(sum({0}), 0) AS {0}")}
    FROM (
        SELECT t.county_id, u.town_id, 1 AS unlicensed_kindergartens, 0 AS delivered_projects,
            0 AS delivered_seats, 0 AS invested_fen, 0 AS valid_answers, 0 AS satisfied_answers
        FROM kindergartens_unlicensedkindergarten u JOIN town t ON t.id = u.town_id
            AND u.found_on <= t.reference_date
            AND (u.closed_on IS NULL OR u.closed_on > t.reference_date)
        UNION ALL
        SELECT b.county_id, b.town_id, 0, 1, b.seats_delivered, 0, 0, 0
        FROM kindergartens_constructionproject b JOIN plan ON plan.county_id = b.county_id
            AND b.delivered_on BETWEEN plan.begun AND plan.reference_date
        UNION ALL
        SELECT b.county_id, b.town_id, 0, 0, 0, (y.yuan * 100)::bigint, 0, 0
        FROM kindergartens_projectpayment y
        JOIN kindergartens_constructionproject b ON b.id = y.project_id
        JOIN plan ON plan.county_id = b.county_id
            AND y.paid_on BETWEEN plan.begun AND plan.reference_date
        UNION ALL
        -- The county's newest survey of the year before its statistical date.
        SELECT s.county_id, NULL, 0, 0, 0, 0, v.valid_answers, v.satisfied_answers
        FROM scope s CROSS JOIN LATERAL (
            SELECT survey.valid_answers, survey.satisfied_answers
            FROM indicators_recognitionsurvey survey
            WHERE survey.region_id = s.county_id AND survey.withdrawn_at IS NULL
                AND survey.surveyed_on <= s.reference_date
                AND survey.surveyed_on > s.reference_date - interval '1 year'
            ORDER BY survey.surveyed_on DESC, survey.id DESC LIMIT 1
        ) v
    ) each_row
    GROUP BY county_id, town_id
), town_counts AS MATERIALIZED (
    SELECT t.id AS town_id, t.county_id,
        (coalesce(c.kindergartens, 0) + coalesce(p.owed, 0))::int AS expected,
        (coalesce(c.kindergartens, 0) + coalesce(p.filed, 0))::int AS filed,
        coalesce(c.kindergartens, 0)::int AS accepted,
        (coalesce(c.on_time, 0) + coalesce(p.on_time, 0))::int AS on_time,
        {_list([*SUMS], "coalesce(c.{0}, 0)::{2} AS {0}")},
        {_list(OF_PLACES, "coalesce(r.{0}, 0)::{2} AS {0}")}
    FROM town t
    LEFT JOIN counted c ON c.town_id = t.id
    LEFT JOIN pending p ON p.town_id = t.id
    LEFT JOIN of_place r ON r.town_id = t.id
    WHERE t.is_active OR c.town_id IS NOT NULL OR p.town_id IS NOT NULL OR r.town_id IS NOT NULL
), headcount AS (
    -- Complete years only. Counties nearly always share one statistical date; only a count
    -- taken between the earliest and the latest of them needs a look at the county's own.
    SELECT q.region_id, q.reference_date,
        CASE WHEN count(*) FILTER (WHERE q.base = 'resident') = 3
            THEN sum(q.children) FILTER (WHERE q.base = 'resident') END AS resident,
        CASE WHEN count(*) FILTER (WHERE q.base = 'registered') = 3
            THEN sum(q.children) FILTER (WHERE q.base = 'registered') END AS registered
    FROM kindergartens_population q
    WHERE q.age IN (3, 4, 5) AND {population_in_scope}
        AND q.reference_date <= {latest}
        AND (q.reference_date <= {earliest} OR EXISTS (
            SELECT 1 FROM accounts_region g
            JOIN kindergartens_reportingperiod p
                ON p.county_id = coalesce(g.county_id, g.id) AND p.month = %(month)s
            WHERE g.id = q.region_id AND p.reference_date >= q.reference_date)
        OR (q.reference_date <= %(silent_day)s::date AND EXISTS (
            SELECT 1 FROM accounts_region g
            WHERE g.id = q.region_id AND coalesce(g.county_id, g.id) = ANY(%(silent)s))))
    GROUP BY q.region_id, q.reference_date
), newest AS (
    -- The newest date's count as one number: days since 2000 above 32 bits of children.
    SELECT region_id,
        max(((reference_date - date '2000-01-01')::bigint << 32) + resident) AS resident,
        max(((reference_date - date '2000-01-01')::bigint << 32) + registered) AS registered
    FROM headcount
    GROUP BY region_id
), population AS MATERIALIZED (
    SELECT region_id, (resident & 4294967295)::int AS resident_population_3_5,
        (registered & 4294967295)::int AS registered_population_3_5,
        date '2000-01-01' + (coalesce(resident, registered) >> 32)::int AS population_date
    FROM newest
), county_row AS MATERIALIZED (
    SELECT s.county_id, s.city_id, s.province_id,
        {_list([*COVERAGE, *SUMS], "coalesce(g.{0}, 0)::{2} AS {0}")},
        {_list(OF_PLACES, "(coalesce(g.{0}, 0) + coalesce(r.{0}, 0))::{2} AS {0}")},
        {_list(PENDING_COLUMNS, "coalesce(o.{0}, 0)::{2} AS {0}")}, {_list(POPULATION, "q.{0}")}
    FROM scope s
    LEFT JOIN (
        SELECT county_id, {_list(SUMMED, "sum({0}) AS {0}")} FROM town_counts GROUP BY county_id
    ) g ON g.county_id = s.county_id
    LEFT JOIN (
        -- Few towns have any: kept out of the wide rows above.
        SELECT t.county_id, {_list(PENDING_COLUMNS, "sum(p.{0}) AS {0}")}
        FROM pending p JOIN town t ON t.id = p.town_id GROUP BY t.county_id
    ) o ON o.county_id = s.county_id
    -- What is of the county and of no town of it.
    LEFT JOIN of_place r ON r.county_id = s.county_id AND r.town_id IS NULL
    LEFT JOIN population q ON q.region_id = s.county_id
), sister_row AS (
    SELECT r.region_id, g.city_id, g.province_id, {_list(COLUMNS, "r.{0}")}
    FROM indicators_regionfacts r
    JOIN accounts_region g ON g.id = r.region_id AND g.level = 3
    WHERE r.month = %(month)s AND g.province_id = %(province)s
        AND EXISTS (SELECT 1 FROM kindergartens_reportingperiod p
            WHERE p.county_id = r.region_id AND p.month = %(month)s)
        AND NOT r.region_id = ANY(%(scope)s)
), above AS (
    SELECT coalesce(city_id, province_id) AS region_id, {_list(COUNTS, "sum({0})::{2} AS {0}")},
        {
        _list(
            POPULATION[:2],
            '''CASE
            WHEN bool_and({0} IS NOT NULL) FILTER (WHERE expected > 0)
            THEN sum({0}) FILTER (WHERE expected > 0) END::int AS {0}''',
        )
    },
        min(population_date) FILTER (WHERE expected > 0) AS population_date
    FROM (SELECT * FROM county_row UNION ALL SELECT * FROM sister_row) every_county
    GROUP BY GROUPING SETS ((city_id), (province_id))
    HAVING coalesce(city_id, province_id) IS NOT NULL
), fresh AS (
    SELECT t.town_id AS region_id, {_list(SUMMED, "t.{0}")},
        {_list(PENDING_COLUMNS, "coalesce(p.{0}, 0)::{2} AS {0}")}, {_list(POPULATION, "q.{0}")}
    FROM town_counts t LEFT JOIN population q ON q.region_id = t.town_id
    LEFT JOIN pending p ON p.town_id = t.town_id
    UNION ALL SELECT county_id, {", ".join(COLUMNS)} FROM county_row
    UNION ALL SELECT region_id, {", ".join(COLUMNS)} FROM above
)"""  # noqa: S608 - built from the column names above, never from input


# Rows that changed are written, rows that stand for nothing any more go; the rest stays untouched.
STORE = f"""
gone AS (
    DELETE FROM indicators_regionfacts r
    WHERE r.month = %(month)s
        AND (%(county)s::bigint IS NULL OR r.region_id = ANY(ARRAY(
            SELECT g.id FROM accounts_region g
            WHERE g.id = ANY(%(scope)s) OR g.county_id = ANY(%(scope)s))))
        AND NOT EXISTS (SELECT 1 FROM fresh WHERE fresh.region_id = r.region_id)
    RETURNING 1
), written AS (
    INSERT INTO indicators_regionfacts (region_id, month, computed_at, {", ".join(COLUMNS)})
    SELECT n.region_id, %(month)s, %(now)s, {_list(COLUMNS, "n.{0}")}
    FROM fresh n
    LEFT JOIN indicators_regionfacts old
        ON old.region_id = n.region_id AND old.month = %(month)s
    WHERE old.id IS NULL
        OR ({_list(COLUMNS, "n.{0}")}) IS DISTINCT FROM ({_list(COLUMNS, "old.{0}")})
    ON CONFLICT (region_id, month) DO UPDATE
        -- Later than before even where this run began earlier: readers ask "anything newer?".
        SET computed_at = greatest(excluded.computed_at,
            indicators_regionfacts.computed_at + interval '1 microsecond'), {_list(COLUMNS, "{0} = excluded.{0}")}
    RETURNING 1
)
SELECT (SELECT count(*) FROM written) + (SELECT count(*) FROM gone)
"""  # noqa: S608 - built from the column names above, never from input

RECOMPUTE_COUNTY = f"{sums_sql(one_county=True)}, {STORE}"
# For the nation the sums go through a temporary table: PostgreSQL reads with several processes
# only in a statement that changes no stored one.
SUM_ALL = f"""
CREATE TEMPORARY TABLE fresh ON COMMIT DROP AS {sums_sql(one_county=False)} SELECT * FROM fresh
"""  # noqa: S608 - built from the column names above, never from input
STORE_ALL = f"WITH {STORE}"
FORGET_SUMS = "DROP TABLE fresh"
