"""Who, as what, in which request, and why: for pages, jobs, commands, bulk writes and bare SQL."""

from __future__ import annotations

import uuid
from contextlib import suppress

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from accounts.history.context import because, command_history, job_history, request_history
from accounts.jobs.registry import job_handler
from accounts.jobs.runner import run_job
from accounts.models import Job, Membership, Organisation, User
from kindergartens.models import Kindergarten, KindergartenStatus, MonthlyFiling, ReportingPeriod
from tests.accounts.history.conftest import sql
from tests.acting_role import as_owner
from tests.conftest import acting
from tests.small_county import NOW, OCTOBER, SmallCounty


def changes(model, pk=None) -> list:
    events = model._meta.get_field("changes").related_model.objects.order_by("pgh_id")
    return list(events.filter(pgh_obj=pk) if pk else events)


def last(model) -> object:
    return changes(model)[-1]


def test_old_and_new_values_are_kept_for_insert_update_and_delete(small: SmallCounty) -> None:
    organisation = Organisation.objects.create(name="甲办", kind="department", region=small.county)
    pk = organisation.pk
    organisation.name = "乙办"
    organisation.save()
    organisation.save()  # nothing changed: no event
    with as_owner():  # the portal itself never deletes one
        organisation.delete()
    kept = [(e.pgh_label, e.name) for e in changes(Organisation, pk)]
    assert kept == [("insert", "甲办"), ("update", "乙办"), ("delete", "乙办")]


def test_bulk_writes_are_kept_row_by_row(small: SmallCounty) -> None:
    made = Organisation.objects.bulk_create(
        Organisation(name=f"办{n}", kind="department", region=small.county) for n in range(5)
    )
    Organisation.objects.filter(pk__in=[o.pk for o in made]).update(kind="bureau")
    for organisation in made:
        assert [e.kind for e in changes(Organisation, organisation.pk)] == ["department", "bureau"]


def test_bare_sql_is_kept_with_the_database_role_and_the_program(small: SmallCounty) -> None:
    sql("SET application_name = 'psql'")
    sql("UPDATE accounts_organisation SET name = '直接改' WHERE true")
    sql(
        "INSERT INTO accounts_organisation (name, kind, region_id) VALUES ('新', 'bureau', %s)",
        small.county.pk,
    )
    event = last(Organisation)
    ((role,),) = sql("SELECT session_user")
    assert event.name == "新"
    assert event.pgh_context == {"database_role": role, "program": "psql"}


def test_a_request_leaves_person_post_role_route_and_number(small: SmallCounty, sign_in) -> None:
    kindergarten = small.kindergarten(small.town("甲镇"), "示例一园")
    director = small.person("园长", kindergarten.organisation, "director")
    period = ReportingPeriod.objects.get(county=small.county, month=OCTOBER)
    client: Client = sign_in(director)
    with time_machine.travel(NOW, tick=False):
        response = client.post("/returns/open/", {"period": period.pk})
    assert response.status_code == 302
    context = last(MonthlyFiling).pgh_context
    post = director.memberships.get()
    assert context["user"] == director.pk
    assert context["post"] == post.pk
    assert context["role"] == "director"
    assert context["request"] == response["X-Request-ID"]
    assert context["route"]


@pytest.mark.django_db(transaction=True)
def test_one_request_leaves_nothing_to_the_next() -> None:
    small = SmallCounty()
    officer = acting(small.officer())
    with request_history(officer, "some-route"):
        Organisation.objects.create(name="甲", kind="bureau", region=small.county)
    assert last(Organisation).pgh_context["user"] == officer.pk
    Organisation.objects.create(name="乙", kind="bureau", region=small.county)
    assert "user" not in last(Organisation).pgh_context


def test_the_reason_holds_for_its_own_changes_only(small: SmallCounty) -> None:
    with request_history(acting(small.officer()), "r"):
        with because("区里认定"):
            Organisation.objects.create(name="甲", kind="bureau", region=small.county)
        Organisation.objects.create(name="乙", kind="bureau", region=small.county)
    first, second = changes(Organisation)[-2:]
    assert first.pgh_context["reason"] == "区里认定"
    assert "reason" not in second.pgh_context


@job_handler("test-history-rename", hard_limit_seconds=10)
def rename(run) -> None:
    Organisation.objects.filter(pk=run.arguments["pk"]).update(name="任务改的")


@pytest.mark.django_db(transaction=True)
def test_a_job_acts_in_the_name_of_who_asked() -> None:
    small = SmallCounty()
    officer = acting(small.officer())
    job = Job.objects.create(
        kind="test-history-rename",
        key=str(uuid.uuid4()),
        title="改名",
        arguments={"pk": officer.acting.organisation_id},
        requested_as=officer.acting,
        queued_at=NOW,
    )
    run_job(job.pk, clock=lambda: NOW)
    assert Job.objects.get(pk=job.pk).state == "done"
    context = last(Organisation).pgh_context
    assert context["user"] == officer.pk
    assert context["post"] == officer.acting.pk
    assert context["job"] == str(job.pk)


def test_the_portals_own_job_names_no_person(small: SmallCounty) -> None:
    with job_history(Job(kind="k", title="t", queued_at=NOW)):
        Organisation.objects.create(name="甲", kind="bureau", region=small.county)
    context = last(Organisation).pgh_context
    assert context["kind"] == "k"
    assert "user" not in context


def test_a_command_leaves_its_name_and_the_system_user(small: SmallCounty) -> None:
    with command_history("activate_region"):
        call_command("activate_region", small.county.code, verbosity=0)
        Organisation.objects.create(name="甲", kind="bureau", region=small.county)
    context = last(Organisation).pgh_context
    assert context["command"] == "activate_region"
    assert context["system_user"]


def test_a_new_password_is_an_event_without_its_value(small: SmallCounty) -> None:
    user: User = small.officer()
    user.set_password("一个很长的密码-2026")
    user.save()
    event = last(User)
    assert event.pgh_label == "secret"
    assert not hasattr(event, "password")
    dumped = sql("SELECT string_agg(c::text, ' ') FROM accounts_userchange c")[0][0]
    assert user.password not in dumped
    assert "argon2" not in dumped
    user.last_login = NOW
    user.save()
    assert last(User).pk == event.pk


def test_events_refuse_to_be_changed_or_removed(small: SmallCounty) -> None:
    from django.db import IntegrityError, ProgrammingError, transaction

    event = changes(Membership) or changes(Organisation) or [small.officer() and last(Membership)]
    for attempt in (
        lambda: type(event[0]).objects.filter(pk=event[0].pk).update(pgh_label="x"),
        lambda: type(event[0]).objects.filter(pk=event[0].pk).delete(),
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            attempt()
        # Not even the owner can, but for switching the triggers off.
        with (
            as_owner(),
            pytest.raises(IntegrityError, match="never changed"),
            transaction.atomic(),
        ):
            attempt()


def test_a_rolled_back_change_leaves_no_history(small: SmallCounty) -> None:
    from django.db import transaction

    before = len(changes(Organisation))
    with suppress(ZeroDivisionError), transaction.atomic():
        Organisation.objects.create(name="甲", kind="bureau", region=small.county)
        raise ZeroDivisionError
    assert len(changes(Organisation)) == before


def test_kindergarten_and_status_changes_are_kept(small: SmallCounty) -> None:
    kindergarten = small.kindergarten(small.town("甲镇"), "示例一园")
    Kindergarten.objects.update(name="示例新园")
    KindergartenStatus.objects.update(ownership="inclusive_private", reason="改")
    assert [e.name for e in changes(Kindergarten, kindergarten.pk)] == ["示例一园", "示例新园"]
    assert last(KindergartenStatus).ownership == "inclusive_private"


def test_statements_keep_their_percent_signs_and_batches(small: SmallCounty) -> None:
    """Whatever SQL is run within a context runs as it would without."""
    from django.db import connection

    with request_history(acting(small.officer()), "100%"), connection.cursor() as cursor:
        cursor.execute("WITH made AS (SELECT 7 % 4 AS rest) SELECT rest FROM made")
        assert cursor.fetchone() == (3,)
        cursor.execute("UPDATE accounts_organisation SET name = name || '%'")
        cursor.executemany(
            "INSERT INTO accounts_organisation (name, kind, region_id) VALUES (%s, 'bureau', %s)",
            [("批一%", small.county.pk), ("批二", small.county.pk)],
        )
        cursor.execute("UPDATE accounts_organisation SET kind = %(k)s", {"k": "department"})
    found = [e for e in changes(Organisation) if e.name.startswith("批")]
    assert {e.pgh_context["route"] for e in found} == {"100%"}
    assert len(found) == 4
    assert last(Organisation).kind == "department"


def test_no_setting_of_a_session_switches_the_triggers_off(small: SmallCounty) -> None:
    """The library offers one (pgtrigger.ignore); here it is no way out."""
    import pgtrigger
    from django.db import IntegrityError, transaction

    event = changes(Organisation) or [small.officer() and last(Organisation)]
    with pgtrigger.ignore():
        Organisation.objects.update(name="悄悄改")
        assert last(Organisation).name == "悄悄改"
        with as_owner(), pytest.raises(IntegrityError), transaction.atomic():
            type(event[0]).objects.all().delete()
