"""Papers in one county: recorded, of many at once, ended, withdrawn; who is insured and trained."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.history.tracking import TRACKED
from accounts.models import User
from staffing.models import (
    Appointment,
    BackgroundQuery,
    Contract,
    EthicsRecord,
    HealthCheck,
    Insurance,
    Training,
)
from staffing.models.recorded import one_year_after
from staffing.papers import services
from staffing.papers.kinds import KINDS
from staffing.papers.rules import (
    ContractFacts,
    EthicsFacts,
    HealthFacts,
    InsuranceFacts,
    QueryFacts,
    TrainingFacts,
    a_year_from,
)
from staffing.roster.services import (
    RosterRefused,
    end_appointment,
    hire,
    withdraw_appointment,
    withdraw_certificate,
)
from tests.access.routes import World
from tests.conftest import acting
from tests.small_county import NOW, SINCE
from tests.staffing.roster.making import in_post, person_facts, post_facts

TODAY = NOW.date()
WHEN: dict[str, Any] = {"now": NOW, "today": TODAY}
ALL_SIX = tuple(Insurance.Kind.values)
D = dt.date


@pytest.fixture
def director(world: World) -> User:
    return acting(world.people["director"])


@pytest.fixture
def post(world: World) -> Appointment:
    """Of the world's kindergarten, with a paper of each kind (making.in_post)."""
    return world.staff_post


def record(kind: str, post: Appointment, facts: Any, by: User) -> None:
    services.record_paper(
        kind=kind, person_id=post.person_id, appointment_id=post.pk, facts=facts, by=by, **WHEN
    )


def refused(*args: Any) -> str:
    with pytest.raises(RosterRefused) as refusal, transaction.atomic():
        record(*args)
    return refusal.value.field


def withdraw(kind: str, row: Any, by: User) -> None:
    services.withdraw_paper(kind=kind, paper_id=row.pk, reason="登记错了", by=by, **WHEN)


def batch(kind: str, world: World, people: list[int], facts: Any, by: User) -> services.Batch:
    return services.record_papers(
        kind=kind, kindergarten=world.kindergarten, people=people, facts=facts, by=by, **WHEN
    )


def query(result: str = "clear", day: dt.date = TODAY) -> QueryFacts:
    return QueryFacts(day, "示例公安分局", "示例园长", result)


def test_each_kind_is_recorded_once_and_kept_in_history(post: Appointment, director: User) -> None:
    post.contracts.update(valid_until=D(2026, 10, 31))
    new: dict[str, tuple[Any, Any, str]] = {
        "health": (HealthCheck, HealthFacts(TODAY, "fit", "示例医院"), "checked_on"),
        "background": (BackgroundQuery, query(), "queried_on"),
        "contract": (
            Contract, ContractFacts("labour", D(2026, 10, 30), D(2026, 11, 1)), "valid_from"
        ),
        "insurance": (Insurance, InsuranceFacts(("medical", "injury"), SINCE), "valid_from"),
        "training": (
            Training, TrainingFacts("national", "示例", Decimal("7.5"), TODAY, TODAY), "subject"
        ),
        "ethics": (EthicsRecord, EthicsFacts("yearly", TODAY, 2025, "excellent"), "year"),
    }  # fmt: skip
    for kind, (model, facts, field) in new.items():
        before = model.objects.count()
        record(kind, post, facts, director)
        assert model.objects.count() - before == (2 if kind == "insurance" else 1), kind
        assert refused(kind, post, facts, director) == field, kind
        written = TRACKED[model].event.objects.latest("pgh_id")
        assert written.pgh_context["reason"].startswith("登记"), kind
        for row in model.objects.order_by("-pk")[: model.objects.count() - before]:
            services.withdraw_paper(
                kind=kind, paper_id=row.pk, reason="登记错了", by=director, **WHEN
            )
        record(kind, post, facts, director)


def test_the_database_keeps_periods_apart_by_itself(post: Appointment) -> None:
    entered: dict[str, Any] = {"entered_as": post.entered_as, "entered_at": NOW}
    with pytest.raises(IntegrityError, match="one_contract_of_a_post"), transaction.atomic():
        Contract.objects.create(
            appointment=post, kind="labour", signed_on=TODAY, valid_from=TODAY, **entered
        )
    with pytest.raises(IntegrityError, match="one_insurance_of_a_kind"), transaction.atomic():
        Insurance.objects.create(appointment=post, kind="pension", valid_from=TODAY, **entered)
    with pytest.raises(IntegrityError, match="says_what_its_kind_wants"), transaction.atomic():
        EthicsRecord.objects.create(appointment=post, kind="breach", decided_on=TODAY, **entered)
    with pytest.raises(IntegrityError, match="withdrawn_with_reason"), transaction.atomic():
        HealthCheck.objects.update(withdrawn_at=NOW)


def test_the_database_ends_a_year_where_the_rule_does(post: Appointment) -> None:
    days = [D(2024, 2, 29), D(2023, 2, 28), D(2025, 12, 31)]
    for day in days:
        HealthCheck.objects.create(
            person=post.person, checked_on=day, result="fit", hospital="示例医院",
            entered_as=post.entered_as, entered_at=NOW,
        )  # fmt: skip
    rows = HealthCheck.objects.filter(checked_on__in=days)
    for day, last in rows.values_list("checked_on", one_year_after("checked_on")):
        assert last == a_year_from(day)


def test_a_batch_reaches_whoever_holds_a_post_and_has_not_got_it(
    world: World, post: Appointment, director: User
) -> None:
    colleague = in_post(world.kindergarten, post.entered_as, 91)
    stranger = in_post(world.second_kindergarten, post.entered_as, 92)
    facts = HealthFacts(TODAY, "fit", "示例医院")
    record("health", post, facts, director)

    done = batch("health", world, [post.person_id, colleague.person_id], facts, director)
    assert done.written == [colleague.person]
    assert done.had_it == [post.person]
    with pytest.raises(RosterRefused, match="不在本园"), transaction.atomic():
        batch("health", world, [stranger.person_id], facts, director)
    with pytest.raises(RosterRefused, match="勾选"), transaction.atomic():
        batch("health", world, [], facts, director)


def test_a_batch_of_insurance_fills_in_what_is_not_paid_yet(
    world: World, post: Appointment, director: User
) -> None:
    batch("insurance", world, [post.person_id], InsuranceFacts(ALL_SIX, D(2026, 9, 1)), director)
    since = dict(post.insurances.values_list("kind", "valid_from"))
    assert since == dict.fromkeys(ALL_SIX, D(2026, 9, 1)) | {"pension": SINCE}


def test_a_clerk_records_no_conduct(world: World, post: Appointment) -> None:
    clerk = acting(world.people["kindergarten_clerk"])
    record("background", post, query(day=D(2026, 11, 1)), clerk)
    assert refused("background", post, query("found"), clerk) == "result"
    with pytest.raises(PermissionDenied), transaction.atomic():
        record("ethics", post, EthicsFacts("yearly", TODAY, 2025, "passed"), clerk)
    with pytest.raises(PermissionDenied), transaction.atomic():
        record(
            "health", post, HealthFacts(TODAY, "fit", "示例医院"), acting(world.people["inspector"])
        )
    # Nor takes any away: what was found could be recorded anew as nothing.
    with pytest.raises(PermissionDenied), transaction.atomic():
        withdraw("background", post.background_queries.latest("pk"), clerk)


def test_what_is_known_of_a_head_is_the_countys_to_record(
    world: World, post: Appointment, director: User
) -> None:
    Appointment.objects.filter(pk=post.pk).update(post="principal")
    there = post.background_queries.get()
    assert refused("background", post, query(), director) == ""
    assert refused("ethics", post, EthicsFacts("yearly", TODAY, 2025, "excellent"), director) == ""
    with pytest.raises(RosterRefused, match="由区县教育局"), transaction.atomic():
        withdraw("background", there, director)
    with pytest.raises(RosterRefused, match="由区县教育局"), transaction.atomic():
        batch("background", world, [post.person_id], query(), director)
    officer = acting(world.people["bureau_officer"])
    withdraw("background", there, officer)
    record("background", post, query(), officer)
    # The health check of the head is anybody's to record who keeps the roster.
    record("health", post, HealthFacts(TODAY, "fit", "示例医院"), director)


@pytest.mark.parametrize(
    ("kind", "facts", "field"),
    [
        ("health", HealthFacts(TODAY, "unfit", "示例医院"), "result"),
        ("health", HealthFacts(TODAY, "to_repeat", "示例医院"), "result"),
        ("background", query("found"), "result"),
        ("ethics", EthicsFacts("breach", TODAY, note="示例"), "kind"),
        ("ethics", EthicsFacts("yearly", TODAY, 2025, "failed"), "conclusion"),
    ],
)
def test_what_speaks_against_somebody_is_recorded_of_one_only(
    world: World, post: Appointment, director: User, kind: str, facts: Any, field: str
) -> None:
    with pytest.raises(RosterRefused, match="单独登记") as refusal:
        batch(kind, world, [post.person_id], facts, director)
    assert refusal.value.field == field


def test_the_kindergarten_closes_its_papers_after_the_person_left(
    world: World, post: Appointment, director: User
) -> None:
    end_appointment(
        appointment_id=post.pk, on=D(2026, 11, 1), end_reason="resigned", note="", by=director,
        today=TODAY,
    )  # fmt: skip
    (contract,) = post.contracts.all()
    ask: dict[str, Any] = {"by": director, "today": TODAY}
    services.file_contract(contract_id=contract.pk, filed_on=TODAY, **ask)
    for wrong in (SINCE - dt.timedelta(days=1), D(2028, 1, 1)):
        with pytest.raises(RosterRefused) as refusal, transaction.atomic():
            services.end_contract(contract_id=contract.pk, last_day=wrong, **ask)
        assert refusal.value.field == "last_day"
    services.end_contract(contract_id=contract.pk, last_day=D(2026, 10, 31), **ask)
    with pytest.raises(RosterRefused, match="本来就到"), transaction.atomic():
        services.end_contract(contract_id=contract.pk, last_day=D(2026, 10, 31), **ask)
    assert services.end_insurance(
        person_id=post.person_id, kindergarten_id=post.kindergarten_id, last_day=D(2026, 10, 31),
        **ask,
    ) == 1  # fmt: skip
    withdraw("background", post.background_queries.get(), director)
    # What goes with the person is the next one's to keep.
    with pytest.raises(PermissionDenied, match="已经离开"), transaction.atomic():
        withdraw("health", post.person.health_checks.get(), director)
    # Hired again, with a new contract beside the one that ended.
    again = hire(
        kindergarten=world.kindergarten, by=director, **WHEN,
        person=person_facts(number=str(post.person.number), name=post.person.name),
        post=post_facts(started_on=TODAY),
    )  # fmt: skip
    record("contract", again, ContractFacts("labour", TODAY, TODAY), director)


def test_the_person_is_locked_before_the_paper_everywhere(
    post: Appointment, director: User
) -> None:
    certificate = post.person.certificates.get()

    def first_lock(act: Callable[[], Any]) -> str:
        with CaptureQueriesContext(connection) as asked:
            act()
        (first, *_) = [one["sql"] for one in asked if "FOR NO KEY UPDATE" in one["sql"]]
        return str(first).split('"')[1]

    insurance = {
        "person_id": post.person_id, "kindergarten_id": post.kindergarten_id, "last_day": TODAY,
    }  # fmt: skip
    acts: list[Callable[[], Any]] = [
        lambda: services.end_insurance(**insurance, by=director, today=TODAY),
        lambda: withdraw("insurance", post.insurances.get(), director),
        lambda: withdraw_certificate(
            certificate_id=certificate.pk, reason="登记错了", by=director, **WHEN
        ),
    ]
    assert {first_lock(act) for act in acts} == {"staffing_staffmember"}


def test_a_contract_is_filed_once_between_signing_and_today(
    post: Appointment, director: User
) -> None:
    (contract,) = post.contracts.all()

    def file(day: dt.date) -> None:
        with transaction.atomic():
            services.file_contract(contract_id=contract.pk, filed_on=day, by=director, today=TODAY)

    for wrong in (SINCE - dt.timedelta(days=1), TODAY + dt.timedelta(days=1)):
        with pytest.raises(RosterRefused, match="之间"):
            file(wrong)
    file(TODAY)
    with pytest.raises(RosterRefused, match="撤销后重新登记"):
        file(TODAY)


def test_six_kinds_are_insured_while_a_post_is_held(post: Appointment, director: User) -> None:
    insured = Insurance.objects.unscoped("of the test").people_fully_insured
    record("insurance", post, InsuranceFacts(ALL_SIX[1:5], SINCE), director)
    assert not insured(TODAY).exists()
    record("insurance", post, InsuranceFacts(ALL_SIX[5:], D(2026, 11, 1)), director)
    assert [row["appointment__person"] for row in insured(TODAY)] == [post.person_id]
    assert not insured(D(2026, 10, 31)).exists()
    services.end_insurance(
        person_id=post.person_id, kindergarten_id=post.kindergarten_id,
        last_day=D(2026, 12, 31), by=director, today=TODAY,
    )  # fmt: skip
    assert insured(D(2026, 12, 31)).exists()
    assert not insured(D(2027, 1, 1)).exists()
    # Nobody has to remember to end it: a post that is over counts no insurance.
    end_appointment(
        appointment_id=post.pk, on=D(2026, 12, 1), end_reason="resigned", note="", by=director,
        today=TODAY,
    )  # fmt: skip
    assert insured(D(2026, 11, 30)).exists()
    assert not insured(D(2026, 12, 1)).exists()


def test_hours_are_those_of_trainings_that_ended_in_the_year(
    post: Appointment, director: User
) -> None:
    over_new_year = TrainingFacts("city", "跨年", Decimal("8.5"), D(2025, 12, 30), D(2026, 1, 2))
    record("training", post, over_new_year, director)
    wrong = TrainingFacts("city", "登记错的", Decimal(9), D(2026, 1, 2), D(2026, 1, 2))
    record("training", post, wrong, director)
    services.withdraw_paper(
        kind="training", paper_id=Training.objects.get(subject="登记错的").pk, reason="登记错了",
        by=director, **WHEN,
    )  # fmt: skip
    trainings = Training.objects.unscoped("of the test")
    assert trainings.finished_in(2026).hours_by_person() == {post.person_id: Decimal("32.5")}
    assert trainings.finished_in(2025).hours_by_person() == {}


def standing(post: Appointment) -> dict[str, int]:
    return {
        kind.code: kind.model.objects.standing().filter(**{kind.path: post.person}).count()
        for kind in KINDS.values()
    }


def hired_again(world: World, post: Appointment, director: User, name: str) -> Appointment:
    withdraw_appointment(appointment_id=post.pk, reason="登记错了", by=director, now=NOW)
    facts = person_facts(number=str(post.person.number), name=name)
    return hire(
        kindergarten=world.kindergarten, person=facts, post=post_facts(), by=director, **WHEN
    )


def test_papers_of_a_number_typed_by_mistake_are_not_the_next_persons(
    world: World, post: Appointment, director: User
) -> None:
    hired_again(world, post, director, "示例本人")
    assert not any(standing(post).values())


def test_whoever_is_recorded_again_by_name_and_number_keeps_every_paper(
    world: World, post: Appointment, director: User
) -> None:
    assert hired_again(world, post, director, post.person.name).person == post.person
    assert standing(post) == dict.fromkeys(KINDS, 1)
    assert post.person.certificates.filter(withdrawn_at=None).exists()


def test_another_spelling_of_the_name_washes_out_nothing_that_speaks_against_somebody(
    world: World, post: Appointment, director: User
) -> None:
    post.background_queries.update(result="found")
    post.ethics_records.update(kind="breach")
    hired_again(world, post, director, "示例再册")
    assert {kind for kind, many in standing(post).items() if many} == {"background", "ethics"}
