"""Whatever director, clerk and officers do to a return, in any order: what must hold holds.

Hypothesis plays the parts on a real database. A small model of its own says what each step should
come to; after every step the database is read back and compared with all that happened so far.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.access.acting import choose_membership
from accounts.models import Membership, User
from indicators.models import KindergartenFacts
from kindergartens.calendar import services as calendar
from kindergartens.calendar.rules import PreReview
from kindergartens.calendar.selectors import pre_reviews_decided
from kindergartens.calendar.services import PeriodRefused
from kindergartens.models import FilingEvent, FilingExtension, FilingVersion, MonthlyFiling
from kindergartens.policies import NotAllowedNow
from reports.filings import services, unchanged
from reports.filings.services import NotSubmittable, StaleRevision
from tests.conftest import acting
from tests.reports.filings.test_services import Scene
from tests.small_county import NOW, OCTOBER, SmallCounty, type_what_begins_empty

AFTER = {
    "submitted": "submitted",
    "returned": "returned",
    "reopened": "returned",
    "withdrawn": "draft",
    "accepted": "accepted",
}
TOWNS = st.sampled_from(["town", "both"])
FILERS = st.sampled_from(["director", "clerk", "both"])
REVIEWERS = st.sampled_from(["officer", "colleague", "both"])


class Cast:
    """The people of one county; made once, before the first example."""

    def __init__(self) -> None:
        scene = Scene(SmallCounty())
        self.period, self.kindergarten = scene.period, scene.kindergarten
        self.director, self.officer = scene.director, scene.officer
        home = self.kindergarten.organisation
        self.clerk = acting(scene.small.person("资料员", home, "kindergarten_clerk"))
        self.colleague = acting(scene.small.officer())
        self.town = acting(scene.small.officer(scene.town, "town_officer"))
        # One person with a post on every side.
        person = scene.small.person("园长兼经办人", home, "director")
        bureau = self.officer.memberships.get()
        Membership.objects.create(
            user=person, organisation=bureau.organisation, role=bureau.role,
            valid_from=bureau.valid_from,
        )  # fmt: skip
        Membership.objects.create(
            user=person, organisation=self.town.memberships.get().organisation,
            role="town_officer", valid_from=bureau.valid_from,
        )  # fmt: skip
        self.both_in_town = self._in_post(person, "town_officer")
        self.both_filing = self._in_post(person, "director")
        self.both_reviewing = self._in_post(person, "bureau_officer")

    def _in_post(self, person: User, role: str) -> User:
        user = User.objects.get(pk=person.pk)
        choose_membership(user, user.memberships.get(role=role).pk, today=NOW.date())
        return user

    def filer(self, name: str) -> User:
        return self.both_filing if name == "both" else getattr(self, name)

    def pre_reviewer(self, name: str) -> User:
        return self.both_in_town if name == "both" else self.town

    def reviewer(self, name: str) -> User:
        return self.both_reviewing if name == "both" else getattr(self, name)


class Conversation(RuleBasedStateMachine):
    """One kindergarten's October. Steps that the model refuses must be refused, and the reverse."""

    def __init__(self, cast: Cast) -> None:
        super().__init__()
        self.cast = cast
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.now = NOW
        self.filing: MonthlyFiling | None = None
        self.boys = 12
        # What was submitted, by version; what was accepted, in order; who did what.
        self.submitted: list[int] = []
        self.submitters: list[int] = []
        self.accepted: list[int] = []
        self.log: list[tuple[str, int]] = []
        # Whether towns look first, as the bureau decided last; versions that the town passed on.
        self.pre_reviews = False
        self.passed: set[int] = set()
        self.open_until: list[tuple[dt.datetime, dt.datetime, dt.datetime | None, int]] = []

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    # ---- the model ----

    @property
    def state(self) -> str:
        steps = [step for step, _ in self.log if step != "passed_on"]
        return AFTER[steps[-1]] if steps else "draft"

    @property
    def waits_for_town(self) -> bool:
        waiting = self.state == "submitted" and self.pre_reviews
        return waiting and len(self.submitted) not in self.passed

    @property
    def is_locked(self) -> bool:
        return self.now >= self.cast.period.locks_at

    @property
    def is_open(self) -> bool:
        return not self.is_locked or any(
            until > self.now and revoked is None for _, until, revoked, _ in self.open_until
        )

    def fresh(self) -> MonthlyFiling:
        assert self.filing is not None
        return MonthlyFiling.objects.get(pk=self.filing.pk)

    def did(self, action: str) -> None:
        self.log.append((action, len(self.submitted)))

    def expect(self, may: bool, refusal: type[Exception] | tuple[type[Exception], ...]) -> Any:
        """The step is done, or refused with nothing changed at all, as the model says."""
        return _Done() if may else _Refused(refusal)

    # ---- steps ----

    @rule(hours=st.sampled_from([1, 20, 24 * 4, 24 * 16]), slips=st.integers(0, 3))
    def time_passes(self, hours: int, slips: int) -> None:
        # The next request may be answered by a machine whose clock is some seconds behind.
        self.now += dt.timedelta(hours=hours) if hours > 1 else dt.timedelta(seconds=-slips)

    @rule(who=FILERS)
    def open(self, who: str) -> None:
        with self.expect(self.is_open or self.filing is not None, NotAllowedNow):
            self.filing = type_what_begins_empty(
                services.open_filing(
                    kindergarten=self.cast.kindergarten,
                    period=self.cast.period,
                    by=self.cast.filer(who),
                    now=self.now,
                )
            )

    @precondition(lambda self: self.filing)
    @rule(who=FILERS, boys=st.integers(0, 24), right=st.booleans(), behind=st.integers(0, 1))
    def save(self, who: str, boys: int, right: bool, behind: int) -> None:
        filing = self.fresh()
        draft = filing.draft
        draft["classes"][0] |= {
            "boys": str(boys),
            # There were 12 last month; nearly everybody came on 17 of October's 18 days.
            "entered": str(max(0, boys - 12)),
            "departed": str(max(0, 12 - boys)),
            "attended": str((boys + 12) * 17),
            "age3": str(boys + 12 if right else boys + 13),
            "explanations": {"class_change": "转园", "class_size": "转园"},
        }
        draft[unchanged.KEY] = dict.fromkeys(unchanged.SECTIONS, "1")
        may = self.state in {"draft", "returned"}
        stale = behind and draft != self.fresh().draft
        with self.expect(may and not stale, (NotAllowedNow, StaleRevision)):
            services.save_draft(
                filing_id=filing.pk,
                draft=draft,
                revision=filing.revision - behind,
                by=self.cast.filer(who),
                now=self.now,
            )
            self.boys = boys if right else -1

    @precondition(lambda self: self.filing)
    @rule(who=FILERS, behind=st.sampled_from([0, 0, 0, 1]))
    def submit(self, who: str, behind: int) -> None:
        filing = self.fresh()
        by = self.cast.filer(who)
        may = self.state in {"draft", "returned"} and self.is_open and not behind
        with self.expect(may and self.boys >= 0, (NotAllowedNow, StaleRevision, NotSubmittable)):
            services.submit(
                filing_id=filing.pk, revision=filing.revision - behind, by=by, now=self.now
            )
            self.submitted.append(self.boys)
            self.submitters.append(by.pk)
            self.did("submitted")

    @precondition(lambda self: self.filing)
    @rule(who=FILERS)
    def withdraw(self, who: str) -> None:
        with self.expect(self.state == "submitted" and self.is_open, NotAllowedNow):
            services.withdraw(filing_id=self.fresh().pk, by=self.cast.filer(who), now=self.now)
            self.did("withdrawn")

    @precondition(lambda self: self.filing)
    @rule(
        who=REVIEWERS,
        behind=st.sampled_from([0, 0, 0, 1]),
        not_waiting=st.sampled_from(["", "", "镇里没有人"]),
    )
    def accept(self, who: str, behind: int, not_waiting: str) -> None:
        filing, by = self.fresh(), self.cast.reviewer(who)
        others = bool(self.submitters) and self.submitters[-1] != by.pk
        may = self.state == "submitted" and not behind and others
        early = self.waits_for_town
        with self.expect(may and (not early or bool(not_waiting)), NotAllowedNow):
            services.accept(
                filing_id=filing.pk,
                version_seen=len(self.submitted) - behind,
                by=by,
                now=self.now,
                not_waiting=not_waiting,
            )
            self.accepted.append(len(self.submitted))
            self.did("accepted")
            said = filing.events.filter(action="accepted").last()
            assert said is not None
            assert said.reason == (not_waiting if early else "")

    @precondition(lambda self: not self.is_locked)
    @rule(is_on=st.booleans())
    def decide_about_towns(self, is_on: bool) -> None:
        county = self.cast.period.county
        with self.expect(is_on != self.pre_reviews, PeriodRefused):
            calendar.set_pre_review(
                county=county,
                wanted=PreReview(OCTOBER, is_on),
                reason="会议议定",
                seen=calendar.pre_review_stamp(pre_reviews_decided(county)),
                by=self.cast.officer,
                now=self.now,
            )
            self.pre_reviews = is_on

    @precondition(lambda self: self.filing)
    @rule(who=TOWNS, behind=st.sampled_from([0, 0, 0, 1]))
    def pass_on(self, who: str, behind: int) -> None:
        by = self.cast.pre_reviewer(who)
        others = bool(self.submitters) and self.submitters[-1] != by.pk
        with self.expect(self.waits_for_town and not behind and others, NotAllowedNow):
            services.pass_on(
                filing_id=self.fresh().pk,
                version_seen=len(self.submitted) - behind,
                note="",
                by=by,
                now=self.now,
            )
            self.did("passed_on")
            self.passed.add(len(self.submitted))

    @precondition(lambda self: self.filing)
    @rule(who=TOWNS, behind=st.sampled_from([0, 0, 0, 1]), reason=st.sampled_from(["", "请核对"]))
    def send_back_from_town(self, who: str, behind: int, reason: str) -> None:
        by = self.cast.pre_reviewer(who)
        others = bool(self.submitters) and self.submitters[-1] != by.pk
        may = self.waits_for_town and not behind and others and self.is_open and bool(reason)
        with self.expect(may, NotAllowedNow):
            services.send_back_from_town(
                filing_id=self.fresh().pk,
                version_seen=len(self.submitted) - behind,
                field_reasons={},
                reason=reason,
                by=by,
                now=self.now,
            )
            self.did("returned")

    @precondition(lambda self: self.filing)
    @rule(
        who=REVIEWERS,
        behind=st.sampled_from([0, 0, 0, 1]),
        fields=st.sampled_from([{}, {"class:小一班:boys": "与花名册不符"}]),
        reason=st.sampled_from(["", "请核对"]),
        reopen=st.sampled_from([True, True, False]),
    )
    def send_back(
        self, who: str, behind: int, fields: dict[str, str], reason: str, reopen: bool
    ) -> None:
        was = self.state
        allowed = {"submitted", "accepted"} if reopen else {"submitted"}
        may = was in allowed and not behind and self.is_open and bool(fields or reason)
        with self.expect(may, NotAllowedNow):
            services.send_back(
                filing_id=self.fresh().pk,
                version_seen=len(self.submitted) - behind,
                field_reasons=fields,
                reason=reason,
                by=self.cast.reviewer(who),
                now=self.now,
                reopen=reopen,
            )
            self.did("reopened" if was == "accepted" else "returned")

    @precondition(lambda self: self.is_locked)
    @rule(who=REVIEWERS, days=st.sampled_from([1, 9]))
    def extend(self, who: str, days: int) -> None:
        until = self.now + dt.timedelta(days=days)
        running = [row[1] for row in self.open_until if row[1] > self.now and row[2] is None]
        with self.expect(until > max(running, default=self.now), PeriodRefused):
            extension = calendar.grant_extension(
                period_id=self.cast.period.pk,
                kindergarten=self.cast.kindergarten,
                until=until,
                reason="园长住院",
                by=self.cast.reviewer(who),
                now=self.now,
            )
            self.open_until.append((self.now, until, None, extension.pk))

    @precondition(lambda self: self.open_until)
    @rule(who=REVIEWERS)
    def revoke(self, who: str) -> None:
        granted, until, revoked, key = self.open_until[-1]
        with self.expect(revoked is None and until > self.now, PeriodRefused):
            calendar.revoke_extension(
                extension_id=key, reason="不用了", by=self.cast.reviewer(who), now=self.now
            )
            self.open_until[-1] = (granted, until, self.now, key)

    @precondition(lambda self: self.filing)
    @rule()
    def the_other_side(self) -> None:
        """Neither side does what is the other's."""
        filing = self.fresh()
        seen = {"filing_id": filing.pk, "version_seen": filing.version, "now": self.now}
        with _Refused(PermissionDenied):
            services.accept(**seen, by=self.cast.director)
        with _Refused(PermissionDenied):
            services.send_back(**seen, field_reasons={}, reason="改", by=self.cast.clerk)
        with _Refused(PermissionDenied):
            services.accept(**seen, by=self.cast.town)
        with _Refused(PermissionDenied):
            services.send_back(**seen, field_reasons={}, reason="改", by=self.cast.town)
        with _Refused(PermissionDenied):
            services.pass_on(**seen, note="", by=self.cast.officer)
        with _Refused(PermissionDenied):
            services.submit(
                filing_id=filing.pk, revision=filing.revision, by=self.cast.officer, now=self.now
            )

    # ---- what must hold ----

    @invariant()
    def versions_are_numbered_and_as_submitted(self) -> None:
        rows = FilingVersion.objects.filter(filing__kindergarten=self.cast.kindergarten)
        found = rows.filter(filing__month=OCTOBER).order_by("version")
        assert [row.version for row in found] == list(range(1, len(self.submitted) + 1))
        counted = found.values_list("classes__boys", "classes__girls", "classes__age3")
        assert list(counted) == [(boys, 12, boys + 12) for boys in self.submitted]
        assert [row.submitted_as.user_id for row in found] == self.submitters

    @invariant()
    def events_tell_the_whole_story(self) -> None:
        if self.filing is None:
            return
        events = list(self.filing.events.values_list("action", "version"))
        assert events == self.log
        filing = self.fresh()
        assert (filing.state, filing.version) == (self.state, len(self.submitted))
        for event in FilingEvent.objects.filter(filing=filing).select_related("filing__period"):
            if event.action in {"accepted", "passed_on"} or event.at < event.filing.period.locks_at:
                continue
            extensions = FilingExtension.objects.filter(
                kindergarten=filing.kindergarten_id, period=filing.period_id
            )
            assert any(
                one.until > event.at and (one.revoked_at is None or one.revoked_at >= event.at)
                for one in extensions
            ), f"{event.action} after the lock, without an extension"

    @invariant()
    def facts_are_the_accepted_version_and_nothing_else(self) -> None:
        facts = KindergartenFacts.objects.filter(
            kindergarten=self.cast.kindergarten, month=OCTOBER
        ).select_related("filing_version")
        current = [row for row in facts if row.superseded_at is None]
        assert sorted(row.filing_version.version for row in facts) == sorted(self.accepted)
        if not self.accepted:
            assert not current
            return
        [now] = current
        filing = self.fresh()
        assert now.filing_version.version == filing.accepted_version == self.accepted[-1]
        for row in facts:
            assert row.enrolled_children == self.submitted[row.filing_version.version - 1] + 12

    @invariant()
    def nobody_accepts_or_passes_on_what_they_submitted(self) -> None:
        if self.filing is None:
            return
        accepted = self.filing.events.filter(action__in=["accepted", "passed_on"])
        for version, user in accepted.values_list("version", "done_as__user"):
            assert user != self.submitters[version - 1]


class _Done:
    def __enter__(self) -> None: ...

    def __exit__(self, *raised: object) -> None: ...


class _Refused:
    """The step raises this, and takes back whatever it had begun."""

    def __init__(self, refusal: type[Exception] | tuple[type[Exception], ...]) -> None:
        self.refusal = refusal

    def __enter__(self) -> None:
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()

    def __exit__(self, kind: Any, raised: Any, trace: Any) -> bool:
        if kind is None:
            self.savepoint.__exit__(None, None, None)
            pytest.fail("the step was not refused")
        self.savepoint.__exit__(kind, raised, trace)
        return issubclass(kind, self.refusal)


@pytest.fixture
def cast(db: None) -> Cast:
    return Cast()


def test_any_sequence_of_steps_keeps_what_must_hold(cast: Cast) -> None:
    run_state_machine_as_test(
        lambda: Conversation(cast),
        settings=settings(
            max_examples=20,
            stateful_step_count=25,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
