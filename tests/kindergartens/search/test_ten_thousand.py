"""A list of 10,000 kindergartens: the same few queries, whatever is asked and whoever asks."""

from __future__ import annotations

import csv
import io
import time
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from time_machine import travel

from accounts.exports import CHUNK
from accounts.models import AccessRecord, Region, User
from kindergartens.models import Kindergarten, ReportingPeriod
from kindergartens.models.search_text import search_text
from kindergartens.search.columns import COLUMNS, MOST
from kindergartens.search.filters import FILTERS, SORTS
from tests.small_county import NOW, OCTOBER, SmallCounty

NUMBER = 10_000
# Places, names, codes, positions and licences out of one number, set-based.
FILL = """
WITH made AS (
    INSERT INTO accounts_organisation (name, kind, region_id)
    SELECT '示例第' || n || '幼儿园', 'kindergarten', (%(towns)s::bigint[])[1 + n %% 40]
    FROM generate_series(1, %(number)s) n RETURNING id, name, region_id
), numbered AS (
    SELECT id, name, region_id, substring(name from '\\d+')::int AS n FROM made
), there AS (
    INSERT INTO kindergartens_kindergarten
        (organisation_id, name, code, is_example, opened_on, institution_type, host_name,
         sponsor_name, legal_person, licence_number, licence_until, address, latitude, longitude,
         landline, meal_service, inclusion, party_body, party_organisation, school_buses, name_reason,
         code_reason, uscc_reason, position_reason, former_names, search_text)
    SELECT id, name, '1165' || lpad(n::text, 6, '0'), true, '2020-01-01', 'independent', '',
         '', '', 'L' || n, date '2026-06-01' + n %% 900, '', 47 + (n %% 97) * 0.01,
         86 + (n %% 89) * 0.01, '', '', '', '', '', n %% 3, '', '', '', '', '',
         replace(replace(%(text)s, '99999', n::text), '88888', lpad(n::text, 6, '0'))
    FROM numbered RETURNING id, organisation_id
)
INSERT INTO kindergartens_kindergartenstatus
    (kindergarten_id, valid_from, town_id, sponsor_type, ownership, for_profit, operating_state,
     half_day, level, urban_rural, recognition_document, counts_enrolment, counts_public,
     counts_inclusive, counts_staff, reason)
SELECT there.id, '2020-01-01', region_id, CASE WHEN n %% 2 = 0 THEN 'education' ELSE 'private' END,
     CASE WHEN n %% 2 = 0 THEN 'public' ELSE 'non_inclusive_private' END, false, 'operating',
     false, '', '', '', true, n %% 2 = 0, n %% 2 = 0, true, ''
FROM there JOIN numbered ON numbered.id = there.organisation_id
"""
# An accepted return of each, of two classes, a director of most, an inspector, and a host for
# every ninth.
FILL_RETURNS = """
WITH filings AS (
    INSERT INTO kindergartens_monthlyfiling
        (kindergarten_id, period_id, month, town_id, state, draft, revision, version,
         accepted_version, first_submitted_at, updated_at)
    SELECT k.id, %(period)s, %(month)s, o.region_id,
         CASE WHEN k.id %% 5 = 0 THEN 'returned' ELSE 'accepted' END, '{}', 1, 1, 1, %(now)s, %(now)s
    FROM kindergartens_kindergarten k JOIN accounts_organisation o ON o.id = k.organisation_id
    RETURNING id
), versions AS (
    INSERT INTO kindergartens_filingversion
        (filing_id, version, remarks, unchanged, submitted_at, submitted_as_id)
    SELECT id, 1, '', '{}', %(now)s, %(post)s FROM filings RETURNING id
)
INSERT INTO kindergartens_classcount
    (filing_version_id, position, name, grade, was, boys, girls, age3, age4, age5, age6, note)
SELECT id, n, n || '班', 'small', '', 10 + id %% 9, 11, 21 + id %% 9, 0, 0, 0, ''
FROM versions, generate_series(1, 2) n;
WITH people AS (
    INSERT INTO accounts_user
        (username, full_name, password, is_active, created_at, phone, phone_index)
    SELECT 'd' || id, '园长' || id, '!', true, %(now)s, '', '' FROM kindergartens_kindergarten
    RETURNING id, substring(username from 2)::bigint AS kindergarten
)
INSERT INTO accounts_membership (user_id, organisation_id, role, valid_from, reason)
SELECT p.id, k.organisation_id, 'director', '2020-01-01', ''
FROM people p JOIN kindergartens_kindergarten k ON k.id = p.kindergarten
-- Some have none: of those the list shows who was filed.
WHERE k.id %% 7 > 0;
UPDATE kindergartens_kindergarten SET inspector_id = %(inspector)s, host_id = CASE
    WHEN id %% 9 = 0 THEN (SELECT min(id) FROM kindergartens_kindergarten) END,
    institution_type = CASE WHEN id %% 9 = 0 THEN 'branch' ELSE 'independent' END
WHERE id > (SELECT min(id) FROM kindergartens_kindergarten);
ANALYZE kindergartens_monthlyfiling, kindergartens_filingversion, kindergartens_classcount;
ANALYZE accounts_user, accounts_membership, accounts_organisation, kindergartens_kindergarten;
"""

# A filed director of each and a yearly check with its conclusion.
FILL_PROCEDURES = """
INSERT INTO kindergartens_procedure
    (number, county_id, kindergarten_id, kind, state, details, reason, occurred_on, asked_as_id,
     asked_at, decided_as_id, ended_at, decision_number, conclusion, to_mend)
SELECT left(kind, 1) || k.id, %(county)s, k.id, kind, 'approved',
     CASE kind WHEN 'annual_check' THEN jsonb_build_object('year', 2025)
          ELSE jsonb_build_object('former', '', 'person', '备案园长' || k.id) END,
     '', date '2026-01-01' + (k.id %% 200)::int, %(asker)s, %(now)s, %(decider)s, %(now)s, '',
     CASE kind WHEN 'annual_check'
          THEN (ARRAY['passed', 'basic', 'failed'])[1 + k.id %% 3] ELSE '' END, ''
FROM kindergartens_kindergarten k, (VALUES ('director_change'), ('annual_check')) kinds (kind)
"""


@pytest.fixture(scope="module")
def crowd(django_db_setup: None, django_db_blocker: Any) -> Iterator[SmallCounty]:
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic(), travel(NOW, tick=False):
        small = SmallCounty()
        towns = [small.town(f"第{number}镇", people=None).pk for number in range(40)]
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute("SHOW statement_timeout")
            [[usual]] = cursor.fetchall()
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute(
                FILL,
                {
                    "towns": towns,
                    "number": NUMBER,
                    "text": search_text(["示例第99999幼儿园"], ["116588888"]),
                },
            )
            inspector = small.officer(small.city, "city_officer")
            cursor.execute(
                FILL_RETURNS,
                {
                    "period": ReportingPeriod.objects.get(county=small.county, month=OCTOBER).pk,
                    "month": OCTOBER,
                    "now": NOW,
                    "post": inspector.memberships.get().pk,
                    "inspector": inspector.pk,
                },
            )
            leader = small.officer(role="bureau_leader")
            cursor.execute(
                FILL_PROCEDURES,
                {
                    "county": small.county.pk,
                    "asker": inspector.memberships.get().pk,
                    "decider": leader.memberships.get().pk,
                    "now": NOW,
                },
            )
            cursor.execute("SET LOCAL session_replication_role = origin")
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [usual])
            cursor.execute("ANALYZE")
        yield small
        transaction.set_rollback(True)


pytestmark = pytest.mark.django_db

PAGES = {
    "all": "",
    "last page": "page=200",
    "pinyin": "q=slid77y",
    "full pinyin": "q=shilidi",
    "name": "q=第77幼儿园",
    "town": "q=第7镇",
    "code": "q=1165000123",
    "filters": "ownership=public&licence=expiring&bus=yes&position=yes",
    "sorted by town, backwards": "sort=-town",
    "sorted by licence": "sort=licence",
    "sorted by children": "sort=-children",
    "sorted by return": "sort=filing",
    "many columns": "columns=town,director,inspector,address,landline,licence_until,completeness",
    "nothing": "q=没有这所园",
}


def asked(user: User, path: str) -> tuple[int, str, float]:
    client = Client()
    client.force_login(user)
    client.get("/kindergartens/?q=warm")
    with CaptureQueriesContext(connection) as queries:
        began = time.perf_counter()
        answer = client.get(path)
        seconds = time.perf_counter() - began
    assert answer.status_code == 200, path
    return len(queries), answer.content.decode(), seconds


def test_as_many_queries_whatever_is_asked_and_whoever_asks(crowd: SmallCounty) -> None:
    assert Kindergarten.objects.count() == NUMBER
    people = {"officer": crowd.officer(), "city": crowd.officer(crowd.city, "city_officer")}
    counted: dict[str, dict[str, int]] = {}
    for name, query in PAGES.items():
        for who, user in people.items():
            number, page, seconds = asked(user, f"/kindergartens/?{query}")
            counted.setdefault(name, {})[who] = number
            print(f"{name}, {who}: {number} queries, {seconds * 1000:.0f} ms")
            if name == "all":
                assert "共10,000所" in page
    numbers = {number for found in counted.values() for number in found.values()}
    # An empty page asks two less, columns in the address one; nothing asks more.
    assert max(numbers) - min(numbers) <= 2, counted
    assert max(numbers) <= 22, counted


def test_ten_are_as_many_queries_as_ten_thousand(crowd: SmallCounty) -> None:
    officer = crowd.officer()
    town = Region.objects.get(name="第7镇")
    few, page, _ = asked(officer, f"/kindergartens/?region={town.code}&q=第77")
    assert "所" in page
    many, _, _ = asked(officer, "/kindergartens/")
    assert few == many


def every_question() -> Iterator[str]:
    """Each order both ways, each value of each filter, each column, and what people type."""
    for key in SORTS:
        yield f"sort={key}"
        yield f"sort=-{key}&page=101"
    for listed in FILTERS:
        for value, _ in listed.choices:
            yield f"{listed.name}={value}"
    keys = [column.key for column in COLUMNS]
    for first in range(0, len(keys), MOST):
        yield f"columns={','.join(keys[first : first + MOST])}"
    for text in ("园长77", "示例", "第7镇 园", "xx", "1165", "诶"):
        yield f"q={text}"


def test_every_question_takes_the_same_few_queries_and_scans_nothing_for_each_row(
    crowd: SmallCounty,
) -> None:
    client = Client()
    client.force_login(crowd.officer())
    client.get("/kindergartens/?q=warm")
    taken: list[tuple[float, str, str]] = []
    numbers: dict[str, int] = {}
    for question in every_question():
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(f"/kindergartens/?{question}")
        assert answer.status_code == 200, question
        numbers[question] = len(queries)
        taken += [(float(query["time"]), question, query["sql"]) for query in queries]
    assert max(numbers.values()) - min(numbers.values()) <= 2, numbers
    assert max(numbers.values()) <= 22, numbers
    slowest = sorted(taken, reverse=True)[:12]
    for seconds, question, sql in slowest:
        print(f"{seconds * 1000:.0f} ms {question}: {sql[:60]}")
        if sql.startswith("SELECT"):
            assert scanned_again(sql) == [], (question, sql)


def scanned_again(sql: str) -> list[str]:
    """Tables the plan reads from end to end for one row after another."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
        [[[plan]]] = cursor.fetchall()
    found, waiting = [], [plan["Plan"]]
    while waiting:
        node = waiting.pop()
        waiting += node.get("Plans", [])
        rows = node.get("Actual Rows", 0) + node.get("Rows Removed by Filter", 0)
        loops = node.get("Actual Loops", 0)
        # The towns of a small test fit on a page: reading them all is cheaper than their index.
        if (
            node["Node Type"] == "Seq Scan"
            and rows > 100
            and loops > 10
            and rows * loops > 20 * NUMBER
        ):
            found.append(f"{node['Relation Name']}: {rows:.0f} rows {loops} times")
    print(f"    {plan['Execution Time']:.0f} ms, {plan['Planning Time']:.0f} ms to plan")
    return found


def test_the_map_of_ten_thousand(crowd: SmallCounty) -> None:
    number, page, seconds = asked(crowd.officer(), "/kindergartens/map/")
    print(f"map: {number} queries, {seconds * 1000:.0f} ms, {len(page) // 1000} kB")
    assert "共10,000所，其中10,000所登记了位置" in page
    assert number <= 20
    # Bins keep the page small.
    assert len(page) < 400_000


@pytest.fixture
def most(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many kindergartens read were in memory at once; its last number is the most."""
    alive: weakref.WeakSet[Kindergarten] = weakref.WeakSet()
    found = [0]
    read = Kindergarten.from_db

    def from_db(*row: Any) -> Kindergarten:
        kindergarten = read(*row)
        alive.add(kindergarten)
        found.append(max(found[-1], len(alive)))
        return kindergarten

    monkeypatch.setattr(Kindergarten, "from_db", from_db)
    return found


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("path", ["/kindergartens/export", "/premises/areas/export"])
def test_ten_thousand_leave_in_chunks(
    crowd: SmallCounty, most: list[int], path: str, ending: str
) -> None:
    client = Client()
    client.force_login(crowd.officer())
    with CaptureQueriesContext(connection) as queries:
        began = time.perf_counter()
        answer = client.get(f"{path}.{ending}")
        seconds = time.perf_counter() - began
    assert answer.status_code == 200
    content = answer.getvalue()
    if ending == "csv":
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))[1:]
        assert len(rows) == len({row[0] + row[2] for row in rows}) == NUMBER
    assert AccessRecord.objects.filter(action="export").latest("pk").rows == NUMBER
    print(f"{path}.{ending}: {len(queries)} queries, {most[-1]} at once, {seconds:.1f} s")
    assert most[-1] <= 3 * CHUNK
    # The file keeps no more open than its cursor and what a chunk of rows needs besides.
    assert len(queries) <= 40 + 10 * (NUMBER // CHUNK)
