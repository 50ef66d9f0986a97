"""A load is done once: again it changes nothing, and two at once are refused."""

from __future__ import annotations

import datetime as dt
import io
from collections import Counter

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings

from accounts.demo_logins import DEMO_LOGINS, DEMO_PASSWORD
from config.demo.calendar import at_time
from config.demo.load import LOCK, load_demo
from config.models import DemoPart
from kindergartens.models import ReportingPeriod
from tests.demo.loaded.days import OCTOBER, TODAY

pytestmark = pytest.mark.django_db


def content() -> dict[str, tuple[int, str]]:
    """Rows and a hash of every table that the demo writes."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            name = connection.ops.quote_name(table)
            rows = "SELECT count(*), md5(string_agg(md5(t::text), '' ORDER BY t::text)) FROM "
            cursor.execute(f"{rows} {name} t")
            found[table] = cursor.fetchone()
    return found


def test_a_second_load_changes_nothing() -> None:
    before = content()
    assert before["kindergartens_monthlyfiling"][0] > 6000
    assert not load_demo(
        today=dt.date(2027, 3, 1), now=at_time(dt.date(2027, 3, 1), dt.time(8, 0)), say=print
    )
    assert content() == before


def test_a_resumed_load_keeps_the_first_day() -> None:
    assert set(DemoPart.objects.values_list("anchor", flat=True)) == {TODAY}
    latest = ReportingPeriod.objects.exclude(county__city__code="654300").values_list(
        "county__code", "month"
    )
    assert Counter(code for code, _ in latest) == {"120114": 12, "150203": 12, "110107": 12}
    assert max(month for _, month in latest) == OCTOBER


@override_settings(DEMO=False)
@pytest.mark.parametrize("command", ["load_demo", "demo_logins"])
def test_only_a_demo_may_have_demo_data(command: str) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command(command)
    assert "\n" not in str(refusal.value)
    assert "演示" in str(refusal.value)


@override_settings(DEMO=True)
def test_two_loads_at_once_are_refused() -> None:
    other = psycopg2.connect(**connection.get_connection_params())
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        with pytest.raises(CommandError, match="另一个载入正在进行"):
            call_command("load_demo")
    finally:
        other.close()


@override_settings(DEMO=True)
def test_the_command_says_that_nothing_was_left_to_do() -> None:
    out = io.StringIO()
    call_command("load_demo", stdout=out)
    assert out.getvalue().strip() == "演示数据早已载入，没有改动。"


@override_settings(DEMO=True)
def test_the_logins_are_printed_as_a_table() -> None:
    out = io.StringIO()
    call_command("demo_logins", stdout=out)
    lines = out.getvalue().splitlines()
    assert len(lines) == len(DEMO_LOGINS) + 2
    assert lines[0].split() == ["用户名", "角色", "所在"]
    assert lines[1].split() == ["wuqing-officer", "教育局经办人", "武清区"]
    assert DEMO_PASSWORD in lines[-1]
