"""What is due of whom: every span of every kind, what takes another's place, what is asked of nobody."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from accounts.models import User
from staffing.models import Appointment, HealthCheck
from staffing.papers.rules import Span
from staffing.papers.selectors import DueFilter, due, due_counts, met, posts_asked, spans_of
from tests.access.routes import World
from tests.conftest import acting
from tests.small_county import NOW
from tests.staffing.papers.test_rules import SPANS
from tests.staffing.roster.making import in_post

TODAY = NOW.date()
DAY = dt.timedelta(days=1)


@pytest.fixture
def officer(world: World) -> User:
    return acting(world.people["bureau_officer"])


@pytest.fixture
def post(world: World) -> Appointment:
    world.staff_post.contracts.update(filed_on=TODAY)
    return world.staff_post


def rows(user: User, **asked: Any) -> list[tuple[str, str, Span]]:
    found = met(user, list(due(user, DueFilter(**asked), TODAY)), TODAY)
    return [(one.kind, one.detail, one.span) for one in found]


def set_last_day(post: Appointment, kind: str, until: dt.date) -> None:
    year_before = until.replace(year=until.year - 1)
    if kind == "health":
        post.person.health_checks.update(checked_on=year_before)
    elif kind == "background":
        post.background_queries.update(queried_on=year_before)
    elif kind == "contract":
        post.contracts.update(valid_until=until)
    else:
        post.person.certificates.update(valid_until=until)


@pytest.mark.parametrize("kind", ["health", "background", "contract", "certificate"])
def test_a_paper_lies_in_the_span_of_its_last_day(
    post: Appointment, officer: User, kind: str
) -> None:
    assert rows(officer) == []
    detail = "teaching kindergarten" if kind == "certificate" else ""
    for left, span in SPANS:
        set_last_day(post, kind, TODAY + left * DAY)
        listed = [] if span is Span.VALID else [(kind, detail, span)]
        assert rows(officer) == listed, left
        if listed:
            assert rows(officer, kind=kind, span=span.value) == listed
        counts = due_counts(officer, posts_asked(officer, TODAY), TODAY)
        assert {(k, s): n for k, of in counts.items() for s, n in of.items() if n} == (
            {(kind, span): 1} if listed else {}
        )


def test_whoever_holds_a_post_without_papers_misses_three(
    world: World, post: Appointment, officer: User
) -> None:
    post.person.health_checks.update(withdrawn_at=NOW, withdrawn_reason="登记错了")
    post.background_queries.update(withdrawn_at=NOW, withdrawn_reason="登记错了")
    post.contracts.update(withdrawn_at=NOW, withdrawn_reason="登记错了")
    missing = [(kind, "", Span.MISSING) for kind in ("background", "contract", "health")]
    assert rows(officer) == missing == rows(officer, span="missing")
    assert spans_of(officer, TODAY, post.person) == {kind: span for kind, _, span in missing}
    # Whom a company sends has the contract with the company.
    Appointment.objects.filter(pk=post.pk).update(establishment="purchased")
    assert [kind for kind, *_ in rows(officer)] == ["background", "health"]
    # The other county sees nothing of it; a post that is over asks for nothing.
    assert rows(acting(world.strangers["bureau_officer"])) == []
    Appointment.objects.filter(pk=post.pk).update(ended_on=TODAY, end_reason="resigned")
    assert rows(officer) == []


def test_the_newest_health_check_speaks(post: Appointment, officer: User) -> None:
    entered: dict[str, Any] = {"entered_as": post.entered_as, "entered_at": NOW}
    HealthCheck.objects.create(
        person=post.person, checked_on=TODAY, result="unfit", hospital="示例医院", **entered
    )
    assert rows(officer) == [("health", "unfit", Span.UNFIT)] == rows(officer, span="unfit")
    assert rows(officer, span="overdue") == []
    assert spans_of(officer, TODAY, post.person)["health"] is Span.UNFIT


def test_a_contract_is_listed_until_it_is_filed(post: Appointment, officer: User) -> None:
    post.contracts.update(filed_on=None)
    unfiled = [("contract", str(post.contracts.get().pk), Span.UNFILED)]
    assert rows(officer) == unfiled == rows(officer, span="unfiled")
    assert rows(officer, span="missing") == []
    counts = due_counts(officer, posts_asked(officer, TODAY), TODAY)
    assert {span: n for span, n in counts["contract"].items() if n} == {Span.UNFILED: 1}
    # Beside the day on which it ends; not once it is over, nor of a kind that is not filed.
    set_last_day(post, "contract", TODAY)
    assert rows(officer) == [("contract", "", Span.WITHIN_7), *unfiled]
    set_last_day(post, "contract", TODAY - DAY)
    assert rows(officer) == [("contract", "", Span.OVERDUE)]
    post.contracts.update(kind="service", valid_until=None)
    assert rows(officer) == []


def test_whoever_is_not_certified_misses_a_certificate(post: Appointment, officer: User) -> None:
    missing = [("certificate", "", Span.MISSING)]
    post.person.certificates.update(stage="primary", valid_until=None)
    assert rows(officer) == missing == rows(officer, kind="certificate", span="missing")
    post.person.certificates.update(withdrawn_at=NOW, withdrawn_reason="登记错了")
    assert rows(officer) == missing
    counts = due_counts(officer, posts_asked(officer, TODAY), TODAY)
    assert counts["certificate"][Span.MISSING] == 1
    # A post that asks for none.
    Appointment.objects.filter(pk=post.pk).update(post="administrative")
    assert rows(officer) == []


def test_a_renewed_paper_takes_the_place_of_the_one_that_ends(
    post: Appointment, officer: User
) -> None:
    for kind in ("contract", "certificate"):
        set_last_day(post, kind, TODAY)
    assert len(rows(officer)) == 2
    paper = post.person.certificates.get()
    paper.pk, paper.number, paper.valid_until = None, "示例换发", None
    paper.save()
    contract = post.contracts.get()
    contract.pk, contract.valid_from, contract.valid_until = None, TODAY + DAY, None
    contract.save()
    assert rows(officer) == []


def test_a_certificate_counts_by_its_stage_and_where_it_matters(
    post: Appointment, officer: User
) -> None:
    set_last_day(post, "certificate", TODAY)
    paper = post.person.certificates.get()
    for kind, stage, until in (("teaching", "primary", None), ("nurse", "", TODAY)):
        paper.pk, paper.kind, paper.stage, paper.valid_until = None, kind, stage, until
        paper.number = f"示例{kind}{stage}"
        paper.save()
    assert rows(officer) == [("certificate", "teaching kindergarten", Span.WITHIN_7)]


def test_papers_are_asked_of_posts_that_are_agreed_ahead(post: Appointment, officer: User) -> None:
    post.person.health_checks.update(withdrawn_at=NOW, withdrawn_reason="登记错了")
    Appointment.objects.filter(pk=post.pk).update(started_on=TODAY + 20 * DAY)
    assert rows(officer) == [("health", "", Span.MISSING)]


def test_whoever_comes_back_is_asked_anew_and_whoever_changes_posts_is_not(
    post: Appointment, officer: User
) -> None:
    september = dt.date(2026, 9, 1)
    Appointment.objects.filter(pk=post.pk).update(ended_on=september, end_reason="other_post")
    post.background_queries.update(queried_on=dt.date(2026, 8, 20))
    again = Appointment.objects.create(
        person=post.person, kindergarten=post.kindergarten, post="administrative", full_time=True,
        establishment="established", started_on=september, entered_as=post.entered_as,
        entered_at=NOW,
    )  # fmt: skip
    assert rows(officer) == []
    Appointment.objects.filter(pk=again.pk).update(started_on=september + 9 * DAY)
    missing = [("background", "", Span.MISSING), ("contract", "", Span.MISSING)]
    assert rows(officer) == missing
    # Asked before the first day, and signed for it: by whichever post of theirs it was recorded.
    post.background_queries.update(queried_on=september + 5 * DAY)
    post.contracts.update(signed_on=september + 5 * DAY)
    assert rows(officer) == []


def test_whoever_may_not_know_a_result_sees_every_check_alike(
    world: World, post: Appointment, officer: User
) -> None:
    post.person.health_checks.update(result="to_repeat")
    assert rows(officer) == [("health", "to_repeat", Span.UNFIT)]
    town = acting(world.people["town_officer"])
    assert rows(town) == []
    counts = due_counts(town, posts_asked(town, TODAY), TODAY)
    assert not any(counts["health"].values())


def test_two_posts_in_one_kindergarten_ask_once_and_in_two_kindergartens_twice(
    world: World, post: Appointment, officer: User
) -> None:
    set_last_day(post, "contract", TODAY)
    second = {
        "person": post.person, "full_time": False, "establishment": "non_established",
        "started_on": TODAY, "entered_as": post.entered_as, "entered_at": NOW,
    }  # fmt: skip
    Appointment.objects.create(kindergarten=world.kindergarten, post="administrative", **second)
    assert rows(officer) == [("contract", "", Span.WITHIN_7)]
    Appointment.objects.create(
        kindergarten=world.second_kindergarten, post="full_time_teacher", **second
    )
    assert rows(officer)[1:] == [("background", "", Span.MISSING), ("contract", "", Span.MISSING)]
    in_post(world.second_kindergarten, post.entered_as, 93)
    # The newcomer's contract is not filed.
    assert len(rows(officer, kindergarten="调入")) == 3
    assert rows(officer, region=world.town.code) == rows(officer)
