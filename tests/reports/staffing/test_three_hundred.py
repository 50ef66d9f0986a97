"""A county of 300 kindergartens and 9,000 staff: as few queries as a small one, sums that hold."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from time_machine import travel

from accounts.models import Region, User
from indicators.services.freeze import freeze_facts
from kindergartens.models import FilingVersion, Kindergarten, ReportingPeriod
from reports.staffing import selectors
from staffing.standards.rules import Post
from tests.small_county import NOW, OCTOBER, SmallCounty
from tests.staffing_standard import the_nation_asks

pytestmark = pytest.mark.django_db

MANY, FEW, OF_A_TOWN = 300, 12, 15

# Kindergartens, their returns of six or seven classes, and whoever works there: set-based, as the
# rows of one number.
FILL = """
WITH made AS (
    INSERT INTO accounts_organisation (name, kind, region_id)
    SELECT '示例第' || n || '园', 'kindergarten', (%(towns)s::bigint[])[1 + n / %(of_a_town)s]
    FROM generate_series(%(first)s, %(first)s + %(number)s - 1) f, LATERAL (SELECT f - %(first)s) s (n)
    RETURNING id, name, region_id
), numbered AS (
    SELECT id, name, region_id, substring(name from '\\d+')::int AS n FROM made
), there AS (
    INSERT INTO kindergartens_kindergarten
        (organisation_id, name, code, is_example, opened_on, institution_type, host_name,
         sponsor_name, legal_person, licence_number, address, landline, meal_service, inclusion,
         party_body, party_organisation, name_reason, code_reason, uscc_reason, position_reason,
         former_names, search_text)
    SELECT id, name, '1165' || lpad((%(first)s + n)::text, 6, '0'), true, '2020-01-01',
         'independent', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', ''
    FROM numbered RETURNING id, organisation_id
), status AS (
    INSERT INTO kindergartens_kindergartenstatus
        (kindergarten_id, valid_from, town_id, sponsor_type, ownership, for_profit, operating_state,
         half_day, level, urban_rural, recognition_document, counts_enrolment, counts_public,
         counts_inclusive, counts_staff, reason)
    SELECT there.id, '2020-01-01', region_id, 'education', 'public', false, 'operating',
         n %% 10 = 3, '', '', '', true, true, true, n %% 50 <> 7, ''
    FROM there JOIN numbered ON numbered.id = there.organisation_id
), filings AS (
    INSERT INTO kindergartens_monthlyfiling
        (kindergarten_id, period_id, month, town_id, state, draft, revision, version,
         accepted_version, first_submitted_at, updated_at)
    SELECT there.id, %(period)s, %(month)s, region_id, 'accepted', '{}', 1, 1, 1, %(now)s, %(now)s
    FROM there JOIN numbered ON numbered.id = there.organisation_id
    RETURNING id, kindergarten_id
), versions AS (
    INSERT INTO kindergartens_filingversion
        (filing_id, version, remarks, unchanged, submitted_at, submitted_as_id)
    SELECT id, 1, '', '{}', %(now)s, %(post)s FROM filings RETURNING id, filing_id
), known AS (
    SELECT versions.id AS version, filings.kindergarten_id AS kindergarten, numbered.n
    FROM versions JOIN filings ON filings.id = versions.filing_id
    JOIN there ON there.id = filings.kindergarten_id
    JOIN numbered ON numbered.id = there.organisation_id
), rooms AS (
    INSERT INTO kindergartens_classcount
        (filing_version_id, position, name, grade, was, boys, girls, age3, age4, age5, age6, note)
    SELECT version, p, p || '班', CASE p WHEN 7 THEN 'nursery' ELSE 'middle' END, '',
        10, 20 + n * p %% 13, 0, CASE p WHEN 7 THEN 0 ELSE 30 + n * p %% 13 END, 0, 0, ''
    FROM known, generate_series(1, CASE n %% 10 WHEN 0 THEN 7 ELSE 6 END) p
), posts AS (
    SELECT version, kindergarten, n, post, people
    FROM known, LATERAL (VALUES ('principal', 1), ('full_time_teacher', 12 - n %% 3),
        ('childcare_worker', 6 - n %% 2), ('health_staff', CASE n %% 7 WHEN 0 THEN 0 ELSE 1 END),
        ('administrative', 2), ('teaching_assistant', 1),
        ('service_staff', 8 + n %% 3 + n %% 2 - CASE n %% 7 WHEN 0 THEN 0 ELSE 1 END)
    ) asked (post, people)
), counted AS (
    INSERT INTO staffing_staffcount (filing_version_id, post, people, certified)
    SELECT version, post, people,
        CASE WHEN post IN ('principal', 'full_time_teacher') THEN people END
    FROM posts
), persons AS (
    INSERT INTO staffing_staffmember (name, identifier_type, number, number_index, sex, birth_date,
        education, title, specialism)
    SELECT '示例教职工', 'resident_id', '', kindergarten || ' ' || post || ' ' || p, 'female',
        '1990-05-17', '', '', ''
    FROM posts, generate_series(1, people) p RETURNING id, number_index
)
INSERT INTO staffing_appointment (person_id, kindergarten_id, post, duty, full_time, establishment,
    class_led, started_on, end_reason, end_note, exception, withdrawn_reason, entered_as_id,
    entered_at)
SELECT id, split_part(number_index, ' ', 1)::bigint, split_part(number_index, ' ', 2), '', true,
    'established', '', '2020-09-01', '', '', '', '', %(post)s, %(now)s
FROM persons
"""

# Independent of the rules: what is missing in each post, from the returns as they were typed.
MISSING = """
WITH said AS (
    SELECT f.kindergarten_id, s.half_day,
        (SELECT sum(boys + girls) FROM kindergartens_classcount c
            WHERE c.filing_version_id = v.id AND c.grade <> 'nursery') AS children,
        (SELECT count(*) FROM kindergartens_classcount c
            WHERE c.filing_version_id = v.id AND c.grade <> 'nursery') AS classes,
        (SELECT jsonb_object_agg(post, people) FROM staffing_staffcount c
            WHERE c.filing_version_id = v.id) AS posts,
        (SELECT sum(people) FROM staffing_staffcount c WHERE c.filing_version_id = v.id) AS staff
    FROM kindergartens_monthlyfiling f
    JOIN kindergartens_filingversion v ON v.filing_id = f.id
    JOIN kindergartens_kindergartenstatus s ON s.kindergarten_id = f.kindergarten_id
    JOIN accounts_region t ON t.id = f.town_id
    WHERE t.county_id = %s AND s.counts_staff
), people AS (
    SELECT *, (posts ->> 'full_time_teacher')::int AS teachers,
        (posts ->> 'childcare_worker')::int AS carers, (posts ->> 'health_staff')::int AS health
    FROM said
)
SELECT sum(greatest(0, ceil(children / (CASE WHEN half_day THEN 10.0 ELSE 7.0 END)) - staff)),
    sum(greatest(0, ceil(children / (CASE WHEN half_day THEN 13.0 ELSE 9.0 END))
        - teachers - carers)),
    sum(greatest(0, 2 * classes - teachers)),
    -- As in no kindergarten here there is a teacher to spare, none stands in.
    sum(greatest(0, classes - carers)) FILTER (WHERE NOT half_day),
    sum(greatest(0, ceil(children / 150.0) - health)),
    sum(staff)
FROM people
"""


@dataclass
class Scene:
    small: SmallCounty
    officer: User
    officer_of_few: User


def fill(small: SmallCounty, county: Region, first: int, number: int) -> None:
    towns = [
        small.town(f"第{at}镇", county=county, people=None).pk
        for at in range(-(-number // OF_A_TOWN))
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            FILL,
            {
                "towns": towns,
                "of_a_town": OF_A_TOWN,
                "first": first,
                "number": number,
                "period": ReportingPeriod.objects.get(county=county, month=OCTOBER).pk,
                "month": OCTOBER,
                "now": NOW,
                "post": small.officer(county).memberships.get().pk,
            },
        )


@pytest.fixture(scope="module")
def counties(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scene]:
    with django_db_blocker.unblock(), transaction.atomic(), travel(NOW, tick=False):
        small = SmallCounty()
        the_nation_asks()
        with connection.cursor() as cursor:
            # What the rows say is tested elsewhere; here they are only many.
            cursor.execute("SET LOCAL session_replication_role = replica")
            fill(small, small.county, 0, MANY)
            fill(small, small.other_county, 5000, FEW)
            cursor.execute("SET LOCAL session_replication_role = origin")
            cursor.execute("ANALYZE")
        versions = FilingVersion.objects.unscoped("all of the test").values_list("pk", flat=True)
        freeze_facts(version_ids=list(versions), accepted_at=NOW)
        small.settle()
        yield Scene(small, small.officer(), small.officer(small.other_county))
        transaction.set_rollback(True)


def addresses(county: Region) -> list[str]:
    """The gaps of the county, of a town, of a kindergarten; its people; the file."""
    town = Region.objects.filter(parent=county).order_by("code")[0]
    garden = Kindergarten.objects.unscoped("the test's").filter(
        organisation__region=town
    ).order_by("code")[0]  # fmt: skip
    return [
        reverse("staffing-gaps"),
        reverse("staffing-gaps-region", args=[town.code]),
        reverse("kindergarten-staffing-gaps", args=[garden.code]),
        reverse("kindergarten-staff", args=[garden.code]),
        reverse("staffing-gaps-export", args=[county.code, "csv"]),
    ]


def asked(user: User, county: Region) -> tuple[list[int], list[str]]:
    """For each page how many queries it asked, and what it said."""
    client = Client()
    client.force_login(user)
    numbers, pages = [], []
    for address in addresses(county):
        client.get(address)
        began = time.perf_counter()
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address)
        print(f"{address}: {len(queries)} queries, {(time.perf_counter() - began) * 1000:.0f} ms")
        assert answer.status_code == 200
        numbers.append(len(queries))
        pages.append(answer.getvalue().decode())
    return numbers, pages


def test_three_hundred_ask_as_few_queries_as_twelve_and_open_to_people(counties: Scene) -> None:
    many, pages = asked(counties.officer, counties.small.county)
    few, _ = asked(counties.officer_of_few, counties.small.other_county)
    assert many == few
    county, town, garden, people, table = pages
    assert "300行" in county
    assert town.count("/staffing-gaps/") >= OF_A_TOWN
    assert "7班" in garden
    assert "名册" in garden
    assert people.count("示例教职工") >= 30
    assert table.count("示例第") == MANY


def test_its_sums_are_those_of_the_returns(counties: Scene) -> None:
    county = counties.small.county
    sums = {one.post: one for one in selectors.area(county, OCTOBER)[0].sums}
    with connection.cursor() as cursor:
        cursor.execute(MISSING, [county.pk])
        [expected] = cursor.fetchall()
    asked_for = (Post.STAFF, Post.CARE_TEACHING, Post.TEACHER, Post.CARER, Post.HEALTH)
    told = [sums[post].short for post in asked_for]
    assert [*told, sums[Post.STAFF].present] == [int(one) for one in expected]
    assert min(told) > 0
    assert (sums[Post.STAFF].unknown, sums[Post.STAFF].kindergartens) == (6, MANY)
    # With the six whose staff is not counted: 30 a kindergarten.
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM staffing_appointment")
        assert cursor.fetchone() == ((MANY + FEW) * 30,)
