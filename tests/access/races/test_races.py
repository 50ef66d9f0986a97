"""Who comes second changes nothing (security JO-01 to JO-03, T26), and each test is known to bite.

Every race is run three times: as built, where exactly one effect is left; and as a negative
control with the lock, and the constraints behind it, switched off, where both effects must show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError
from django.urls import reverse

from accounts.jobs import services as jobs
from accounts.models import Job, User
from kindergartens.models import (
    FilingEvent,
    FilingVersion,
    MonthlyFiling,
    PreReviewRule,
    ReportingPeriod,
)
from reports.filings import services, submitted
from reports.filings.services import NotSubmittable
from tests.access.races.course import Course, without
from tests.conftest import acting
from tests.signing_in import client_of
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty, type_what_begins_empty

pytestmark = pytest.mark.django_db(transaction=True)

# The small county is open on more days than October 2026 has working days.
REASONS = {"days_open_many@": "周末补课"}


class Scene:
    """A kindergarten with a return of September, its director, two officers, and a return."""

    def __init__(self, state: str) -> None:
        small = SmallCounty()
        small.populate(small.county, 300)
        self.kindergarten = small.kindergarten(small.town("甲镇"), "示例一园")
        small.file(self.kindergarten, 24, month=SEPTEMBER)
        self.director: User = acting(
            small.person("园长", self.kindergarten.organisation, "director")
        )
        self.officer, self.colleague = acting(small.officer()), acting(small.officer())
        self.town = self.kindergarten.organisation.region
        self.town_officer = acting(small.officer(self.town, "town_officer"))
        self.town_colleague = acting(small.officer(self.town, "town_officer"))
        if state == "pre_review":
            state = "submitted"
            PreReviewRule.objects.create(
                county=small.county, from_month=OCTOBER, is_on=True, reason="试点",
                set_as=self.officer.memberships.get(), set_at=NOW,
            )  # fmt: skip
        if state == "none":
            self.filing = None
        elif state == "draft":
            self.filing = self.open()
        else:
            self.filing = small.file(self.kindergarten, 24, state=state)
        small.settle(SEPTEMBER, OCTOBER)
        self.county = small.county
        self.told_saved: list[str] = []
        self.answers: list[int] = []
        # Signed in beforehand, so that nobody meets at the sessions.
        self.clients = {
            u.pk: client_of(u, raise_request_exception=False)
            for u in (
                *(self.director, self.officer, self.colleague),
                *(self.town_officer, self.town_colleague),
            )
        }

    def open(self) -> MonthlyFiling:
        period = ReportingPeriod.objects.get(county__name="甲县", month=OCTOBER)
        return type_what_begins_empty(
            services.open_filing(
                kindergarten=self.kindergarten, period=period, by=self.director, now=NOW
            )
        )

    def post(self, by: User, route: str, *args: Any, **data: Any) -> int:
        status = self.clients[by.pk].post(reverse(route, args=args), data).status_code
        self.answers.append(status)
        return status

    # ---- acts -----------------------------------------------------------------------------

    def submit(self) -> object:
        revision = MonthlyFiling.objects.get(pk=self.filing.pk).revision
        return services.submit(
            filing_id=self.filing.pk, revision=revision, by=self.director, now=NOW
        )

    def save(self) -> object:
        return self._save("先存的")

    def save_other(self) -> object:
        return self._save("后存的")

    def _save(self, remarks: str) -> None:
        services.save_draft(
            filing_id=self.filing.pk,
            revision=1,
            by=self.director,
            now=NOW,
            draft={**self.filing.draft, "remarks": remarks},
        )
        self.told_saved.append(remarks)

    def accept(self) -> object:
        return self.post(self.officer, "filing-accept", self.filing.pk, version=1)

    def accept_too(self) -> object:
        return self.post(self.colleague, "filing-accept", self.filing.pk, version=1)

    def accept_early(self) -> object:
        """Without waiting for the town, and with the reason."""
        return self.post(
            self.officer, "filing-accept", self.filing.pk, version=1, not_waiting="镇里没有人"
        )

    def send_back(self) -> object:
        return self.post(
            self.colleague, "filing-return", self.filing.pk, version=1, reason="请核对"
        )

    def pass_on(self) -> object:
        return self._pre_review(self.town_officer, "pass")

    def pass_on_too(self) -> object:
        return self._pre_review(self.town_colleague, "pass")

    def send_back_from_town(self) -> object:
        return self._pre_review(self.town_colleague, "return")

    def _pre_review(self, by: User, decision: str) -> int:
        return self.post(
            by, "filing-pre-review", self.filing.pk, version=1, decision=decision, reason="请核对"
        )

    def withdraw(self) -> object:
        return self.post(self.director, "filing-withdraw", self.filing.pk)

    def correct(self) -> object:
        """Withdraw, change and submit anew: version 2, which no officer has read."""
        self.withdraw()
        self.filing.refresh_from_db()
        self.filing.draft = {
            **submitted.as_draft(submitted.read_version(self.filing.versions.get(version=1))),
            "remarks": "改过的", "explanations": REASONS,
        }  # fmt: skip
        services.save_draft(
            filing_id=self.filing.pk, revision=self.filing.revision, by=self.director, now=NOW,
            draft=type_what_begins_empty(self.filing).draft,
        )  # fmt: skip
        return self.submit()

    def print_report(self) -> object:
        return self.post(
            self.officer, "document-print",
            kind="monthly_rates", region=self.county.code, month="2026-10",
        )  # fmt: skip


def events(scene: Scene) -> int:
    return FilingEvent.objects.count()


def versions(scene: Scene) -> int:
    return FilingVersion.objects.filter(filing=scene.filing).count()


def prints(scene: Scene) -> int:
    return Job.objects.filter(kind="print-document").count()


def told_saved(scene: Scene) -> int:
    """How many windows were told that their text is kept; there is room for one."""
    return len(scene.told_saved)


def accepted_unread(scene: Scene) -> int:
    """1 where the version that counts is the one somebody read, 2 where it is not."""
    filing = MonthlyFiling.objects.get(pk=scene.filing.pk)
    return 2 if filing.state == "accepted" and filing.accepted_version != filing.version else 1


def read_without_lock(filing_id: int) -> MonthlyFiling:
    return MonthlyFiling.objects.unscoped("a race without its lock").get(pk=filing_id)


def wait_without_lock(key: str) -> Job | None:
    waiting = Job.objects.unscoped("a race without its lock")
    return waiting.filter(key=key, state=Job.State.QUEUED).first()


@dataclass(frozen=True)
class Race:
    """Two acts on a return in a state. `effect` counts what is left: 1 as built, 2 without guards."""

    name: str
    state: str
    first: Callable[[Scene], object]
    second: Callable[[Scene], object]
    effect: Callable[[Scene], int]
    reading_point: str = "reports.filings.services.steps.locked"
    unlocked: Callable[..., Any] = read_without_lock
    # Constraints that hold even where the lock is missing.
    constraints: tuple[str, ...] = ()
    until_the_end: bool = False
    # How both effects show, where that is not by their number.
    double: int = field(default=2)


RACES = [
    Race(
        "double submit", "draft", Scene.submit, Scene.submit, versions,
        constraints=("kindergartens.FilingVersion.filing_version_unique",),
    ),
    Race("double accept", "submitted", Scene.accept, Scene.accept_too, events),
    Race("double pre-review", "pre_review", Scene.pass_on, Scene.pass_on_too, events),
    Race("pre-review and withdraw", "pre_review", Scene.withdraw, Scene.pass_on, events),
    Race("two towns' answers", "pre_review", Scene.send_back_from_town, Scene.pass_on, events),
    Race("early accept and return", "pre_review", Scene.accept_early, Scene.send_back_from_town, events),
    Race("return and early accept", "pre_review", Scene.send_back_from_town, Scene.accept_early, events),
    Race("early accept and pre-review", "pre_review", Scene.accept_early, Scene.pass_on, events),
    Race("accept and withdraw", "submitted", Scene.accept, Scene.withdraw, events),
    Race("withdraw and accept", "submitted", Scene.withdraw, Scene.accept, events),
    Race("accept and return", "submitted", Scene.accept, Scene.send_back, events),
    Race("return and accept", "submitted", Scene.send_back, Scene.accept, events),
    Race("return and withdraw", "submitted", Scene.send_back, Scene.withdraw, events),
    Race(
        "accept and correct", "submitted", Scene.accept, Scene.correct, accepted_unread,
        constraints=("kindergartens.MonthlyFiling.accepted_filing_counts_its_version",),
        until_the_end=True,
    ),
    Race(
        "two windows save", "draft", Scene.save, Scene.save_other, told_saved,
        constraints=("kindergartens.ReplacedDraft.one_replaced_draft_a_revision",),
    ),
    Race(
        "double print", "submitted", Scene.print_report, Scene.print_report, prints,
        reading_point="accounts.jobs.services._waiting",
        unlocked=wait_without_lock,
        constraints=("accounts.Job.job_waits_once",),
    ),
]  # fmt: skip


@pytest.fixture(autouse=True)
def no_bell(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("accounts.jobs.bell.ring", lambda *args, **kwargs: 0)
    with time_machine.travel(NOW, tick=True):
        yield


def run(race: Race, monkeypatch: pytest.MonkeyPatch) -> tuple[Scene, Course]:
    scene = Scene(race.state)
    course = Course(monkeypatch, race.reading_point, race.until_the_end)
    course.run(lambda: race.first(scene), lambda: race.second(scene))
    # An act that its own figures keep from taking place is no race.
    assert not of_kind(course, NotSubmittable)
    return scene, course


def of_kind(course: Course, kind: type[BaseException]) -> list[BaseException]:
    return [failure for failure in course.failures if isinstance(failure, kind)]


@pytest.mark.parametrize("race", RACES, ids=lambda race: race.name)
def test_one_effect(race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes second is refused in words; what reaches a constraint is the lock's failure."""
    scene, course = run(race, monkeypatch)
    assert race.effect(scene) == 1, course.failures
    assert not of_kind(course, IntegrityError)
    assert max(scene.answers, default=200) < 500


@pytest.mark.parametrize("race", RACES, ids=lambda race: race.name)
def test_two_effects_without_lock_and_constraints(
    race: Race, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: were this to pass with one effect, the test above would prove nothing."""
    monkeypatch.setattr(race.reading_point, race.unlocked)
    with without(*race.constraints):
        scene, course = run(race, monkeypatch)
        assert race.effect(scene) == race.double, course.failures


@pytest.mark.parametrize("race", [r for r in RACES if r.constraints], ids=lambda race: race.name)
def test_the_database_holds_where_the_lock_is_forgotten(
    race: Race, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(race.reading_point, race.unlocked)
    scene, course = run(race, monkeypatch)
    assert race.effect(scene) == 1, course.failures


def test_the_reading_points_are_where_the_services_read() -> None:
    assert {race.reading_point for race in RACES} == {
        "reports.filings.services.steps.locked",
        "accounts.jobs.services._waiting",
    }
    assert jobs._waiting
    assert services.steps.locked
