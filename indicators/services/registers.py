"""What the registers knew of a kindergarten on a statistical date, for its frozen row.

Set-based, for freezing and for doing it again: posts approved and held (有编不补), pay by kind of
contract, who is insured in all six (五险一金), whose training was enough in the last full year, what
public money was paid by the child in it, how large its sites are and how many books they have. What
nobody recorded is null and never 0.
"""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction

from accounts.history.context import because
from accounts.models import Region
from indicators.sums import AREAS
from staffing.establishment.selectors import YEARS_BACK
from staffing.models import Insurance
from staffing.papers.rules import YEARLY_TRAINING_HOURS

KINDS = len(Insurance.Kind)
# A post that is held on a day, as AppointmentQuerySet.held_on: {0} the table, {1} the day.
HELD = "{0}.withdrawn_at IS NULL AND {0}.started_on <= {1} AND ({0}.ended_on IS NULL OR {0}.ended_on > {1})"
# Columns of KindergartenFacts that come from here, and the expression for each of `chosen c`.
COLUMNS = {
    "established_heads": "pay.established_heads",
    "established_pay_yuan": "pay.established_yuan",
    "non_established_heads": "pay.other_heads",
    "non_established_pay_yuan": "pay.other_yuan",
    "vacant_posts": "posts.vacant",
    # staffing.establishment.rules.Posts says the same of one; a test holds both to one table.
    "unfilled_posts": "least(posts.vacant, posts.substitutes)",
    "insurable_people": "insurance.people",
    "insured_people": "insurance.insured",
    "trainable_people": "training.people",
    "trained_people": "training.trained",
    "funded_children": "funding.children",
    "funded_yuan": "funding.yuan",
    **{f"{area}_dm2": f"premises.{area}_dm2" for area in AREAS},
    "books": "premises.books",
    **{f"{area}_met": f"premises.{area}_met" for area in AREAS},
    "new_design": "premises.new_design",
    "on_time": "c.on_time",
}
# What the measures of buildings are registered as.
MEASURED = {area: f"{area}_m2" for area in AREAS} | {"books": "books"}


def _whole(measure: str) -> str:
    """A measure of all sites together; nothing as soon as one of them lacks it."""
    return (
        f"CASE WHEN count(*) FILTER (WHERE m.measure = '{measure}') = s.sites"
        f" THEN sum(m.value) FILTER (WHERE m.measure = '{measure}') END"
    )


# As kindergartens.premises: confirmed counts of the day or before, the nearest place's standard.
PREMISES = f"""
site AS MATERIALIZED (
    SELECT c.key, c.reference_date, s.id, s.is_main, s.designed_in
    FROM chosen c
    JOIN kindergartens_site s ON s.kindergarten_id = c.kindergarten_id
        AND s.valid_from <= c.reference_date
        AND (s.valid_to IS NULL OR s.valid_to > c.reference_date)
), measured AS (
    SELECT DISTINCT ON (s.key, s.id, g.measure) s.key, s.id, g.measure, g.value
    FROM site s
    JOIN kindergartens_premisescount n ON n.site_id = s.id AND n.state = 'confirmed'
        AND n.counted_on <= s.reference_date
    JOIN kindergartens_premisesfigure g ON g.count_id = n.id
        AND g.measure IN ({", ".join(f"'{measure}'" for measure in MEASURED.values())})
    ORDER BY s.key, s.id, g.measure, n.counted_on DESC, n.id DESC
), built AS (
    SELECT s.key, s.designed_in, {
    ", ".join(f"{_whole(m)} AS {name}" for name, m in MEASURED.items())
}
    FROM (
        SELECT key, count(*) AS sites, max(designed_in) FILTER (WHERE is_main) AS designed_in
        FROM site GROUP BY key
    ) s LEFT JOIN measured m ON m.key = s.key
    GROUP BY s.key, s.sites, s.designed_in
), premises AS (
    SELECT b.key, floor(b.books)::bigint AS books,
        {", ".join(f"round(b.{area} * 100)::bigint AS {area}_dm2" for area in AREAS)},
        {
    ", ".join(f"b.{area} >= d.{area} * nullif(h.children, 0) AS {area}_met" for area in AREAS)
},
        b.designed_in >= d.designed_since AS new_design
    FROM built b
    JOIN chosen c ON c.key = b.key
    JOIN heads h ON h.key = b.key
    JOIN kindergartens_kindergartenstatus s ON s.kindergarten_id = c.kindergarten_id
        AND s.valid_from <= c.reference_date
        AND (s.valid_to IS NULL OR s.valid_to > c.reference_date)
    JOIN accounts_region t ON t.id = s.town_id
    CROSS JOIN LATERAL (
        SELECT max(designed_since) AS designed_since, {
    ", ".join(
        f"max(at_least) FILTER (WHERE measure = '{MEASURED[area]}') AS {area}" for area in AREAS
    )
}
        FROM (
            SELECT DISTINCT ON (measure) measure, at_least, designed_since
            FROM kindergartens_premisesstandard
            WHERE (region_id IS NULL OR region_id IN (t.county_id, t.city_id, t.province_id))
                AND (valid_from IS NULL OR valid_from <= c.reference_date)
                AND (valid_to IS NULL OR valid_to > c.reference_date)
                AND measure IN ({", ".join(f"'{MEASURED[area]}'" for area in AREAS)})
            ORDER BY measure,
                CASE WHEN region_id IS NULL THEN 4
                    ELSE array_position(ARRAY[t.county_id, t.city_id, t.province_id], region_id) END,
                valid_from DESC NULLS LAST
        ) nearest
    ) d
)"""  # noqa: S608 - constants, never input
# After `chosen`, which has key, kindergarten_id, reference_date and on_time of each row to be
# filled, and `heads`, the children of each.
KNOWN = f"""{PREMISES}, pay AS (
    SELECT DISTINCT ON (c.key) c.key, p.*
    FROM chosen c JOIN (
        SELECT kindergarten_id, year,
            sum(heads) FILTER (WHERE kind = 'established') AS established_heads,
            sum(yuan) FILTER (WHERE kind = 'established') AS established_yuan,
            sum(heads) FILTER (WHERE kind = 'non_established') AS other_heads,
            sum(yuan) FILTER (WHERE kind = 'non_established') AS other_yuan
        FROM staffing_payrecord
        WHERE kindergarten_id IN (SELECT kindergarten_id FROM chosen)
        GROUP BY kindergarten_id, year
    ) p ON p.kindergarten_id = c.kindergarten_id
        AND p.year < extract(year FROM c.reference_date)
        AND p.year >= extract(year FROM c.reference_date) - {YEARS_BACK}
    ORDER BY c.key, p.year DESC
), posts AS (
    SELECT c.key, greatest(0, min(q.posts) - count(DISTINCT a.person_id)
            FILTER (WHERE a.establishment = 'established')) AS vacant,
        count(DISTINCT a.person_id) FILTER (WHERE a.post = 'full_time_teacher'
            AND a.establishment <> 'established') AS substitutes
    FROM chosen c
    JOIN staffing_postquota q ON q.kindergarten_id = c.kindergarten_id AND q.withdrawn_at IS NULL
        AND q.valid_from <= c.reference_date
        AND (q.valid_to IS NULL OR q.valid_to > c.reference_date)
    JOIN staffing_appointment a ON a.kindergarten_id = c.kindergarten_id
        AND {HELD.format("a", "c.reference_date")}
    GROUP BY c.key
), employed AS (
    SELECT c.key, c.reference_date, a.person_id,
        -- Services that are bought are insured by whoever sells them.
        bool_or(a.establishment <> 'purchased') AS own,
        bool_or(a.post IN ('principal', 'full_time_teacher')) AS teaches
    FROM chosen c
    JOIN staffing_appointment a ON a.kindergarten_id = c.kindergarten_id
        AND {HELD.format("a", "c.reference_date")}
    GROUP BY c.key, c.reference_date, a.person_id
), covered AS (
    -- As InsuranceQuerySet.people_fully_insured: one kindergarten may pay some, another the rest.
    SELECT e.key, e.person_id, count(DISTINCT i.kind) AS kinds
    FROM employed e
    JOIN staffing_appointment paid ON paid.person_id = e.person_id
    JOIN staffing_insurance i ON i.appointment_id = paid.id AND i.withdrawn_at IS NULL
        AND i.valid_from <= e.reference_date
        AND (i.valid_until IS NULL OR i.valid_until >= e.reference_date)
    WHERE e.own AND EXISTS (
        SELECT 1 FROM staffing_appointment there
        WHERE there.person_id = e.person_id AND there.kindergarten_id = paid.kindergarten_id
            AND {HELD.format("there", "e.reference_date")})
    GROUP BY e.key, e.person_id
), insurance AS (
    SELECT e.key, count(*) AS people, count(*) FILTER (WHERE v.kinds = {KINDS}) AS insured
    FROM employed e LEFT JOIN covered v ON v.key = e.key AND v.person_id = e.person_id
    WHERE e.own
    GROUP BY e.key
    -- Where nobody at all is covered, nobody has recorded it.
    HAVING count(v.person_id) > 0
), hours AS (
    SELECT e.key, e.person_id, sum(t.hours) AS hours
    FROM employed e
    JOIN staffing_training t ON t.person_id = e.person_id AND t.withdrawn_at IS NULL
        AND extract(year FROM t.ended_on) = extract(year FROM e.reference_date) - 1
    WHERE e.teaches
    GROUP BY e.key, e.person_id
), training AS (
    SELECT e.key, count(*) AS people,
        count(*) FILTER (WHERE h.hours >= {YEARLY_TRAINING_HOURS}) AS trained
    FROM employed e LEFT JOIN hours h ON h.key = e.key AND h.person_id = e.person_id
    -- Whoever began in that year, or after it, did not have the whole of it.
    WHERE e.teaches AND EXISTS (
        SELECT 1 FROM staffing_appointment before
        WHERE before.person_id = e.person_id AND before.withdrawn_at IS NULL
            AND before.started_on < make_date(extract(year FROM e.reference_date)::int - 1, 1, 2))
    GROUP BY e.key
    HAVING count(h.person_id) > 0
), granted AS (
    SELECT c.key, c.kindergarten_id, c.reference_date,
        extract(year FROM c.reference_date)::int - 1 AS year, sum(g.yuan) AS yuan
    FROM chosen c
    JOIN fees_fundingpayment g ON g.kindergarten_id = c.kindergarten_id
        AND g.withdrawn_at IS NULL AND g.kind = 'per_child'
        AND g.year = extract(year FROM c.reference_date) - 1
    GROUP BY c.key, c.kindergarten_id, c.reference_date
), funding AS (
    -- The month as fees.funding.rules.holding chooses the standard; cents are left out.
    SELECT g.key, floor(g.yuan)::bigint AS yuan, sum(k.boys + k.girls) AS children
    FROM granted g
    JOIN kindergartens_kindergartenstatus s ON s.kindergarten_id = g.kindergarten_id
        AND s.valid_from <= g.reference_date
        AND (s.valid_to IS NULL OR s.valid_to > g.reference_date)
    JOIN accounts_region t ON t.id = s.town_id
    CROSS JOIN LATERAL (
        SELECT make_date(g.year - counted_year_before::int, counted_month, 1) AS month
        FROM fees_fundingstandard
        WHERE region_id IN (t.county_id, t.city_id, t.province_id)
            AND scope = CASE WHEN s.counts_public THEN 'public' ELSE 'inclusive' END
            AND s.counts_inclusive
            AND valid_from <= make_date(g.year, 1, 1)
            AND (valid_to IS NULL OR valid_to > make_date(g.year, 1, 1))
        ORDER BY yuan_per_year DESC,
            array_position(ARRAY[t.county_id, t.city_id, t.province_id], region_id)
        LIMIT 1
    ) standard
    JOIN kindergartens_monthlyfiling filed ON filed.kindergarten_id = g.kindergarten_id
        AND filed.month = standard.month
    JOIN kindergartens_filingversion accepted ON accepted.filing_id = filed.id
        AND accepted.version = filed.accepted_version
    JOIN kindergartens_classcount k ON k.filing_version_id = accepted.id
        AND k.grade <> 'nursery'
    GROUP BY g.key, g.yuan
)"""  # noqa: S608 - constants, never input
JOINED = " ".join(
    f"LEFT JOIN {name} ON {name}.key = c.key"
    for name in ("pay", "posts", "insurance", "training", "funding", "premises")
)

AGAIN = f"""
WITH chosen AS MATERIALIZED (
    SELECT f.id AS key, f.kindergarten_id, p.reference_date, f.enrolled_children,
        filing.first_submitted_at <= p.due_at AS on_time
    FROM indicators_kindergartenfacts f
    JOIN kindergartens_filingversion v ON v.id = f.filing_version_id
    JOIN kindergartens_monthlyfiling filing ON filing.id = v.filing_id
    JOIN kindergartens_reportingperiod p ON p.id = filing.period_id
    WHERE f.month = %(month)s AND f.superseded_at IS NULL
        AND (%(county)s::bigint IS NULL OR f.county_id = %(county)s)
), heads AS (SELECT key, enrolled_children AS children FROM chosen), {KNOWN}
UPDATE indicators_kindergartenfacts f
SET {", ".join(f"{name} = {known}" for name, known in COLUMNS.items())}
FROM chosen c {JOINED}
WHERE f.id = c.key AND ({", ".join(f"f.{name}" for name in COLUMNS)})
    IS DISTINCT FROM ({", ".join(COLUMNS.values())})
"""  # noqa: S608 - built from the names above, never from input


def look_again(*, month: dt.date, county: Region | None = None) -> int:
    """Bring a month's frozen rows to what the registers say of its statistical date now.

    For what was entered or put right after the return was accepted. Returns how many kindergartens
    changed; figures are to be recomputed afterwards.
    """
    with (
        transaction.atomic(),
        because("按登记的编制、工资、参保、培训、拨款和园舍重新计入"),
        connection.cursor() as cursor,
    ):
        cursor.execute(AGAIN, {"month": month, "county": county.pk if county else None})
        return int(cursor.rowcount)
