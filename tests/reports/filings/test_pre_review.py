"""Pre-review by the towns: from a month on, by version, and the bureau may go on with a reason."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from time_machine import travel

from accounts.access.acting import choose_membership
from accounts.models import Job, Membership, Region, User
from kindergartens.calendar import selectors as calendar_selectors
from kindergartens.calendar import services as calendar
from kindergartens.calendar.rules import PreReview, pre_reviews_in_force
from kindergartens.calendar.services import PeriodRefused
from kindergartens.changes.returns import follow_town
from kindergartens.changes.services import change_status
from kindergartens.models import FilingEvent, MonthlyFiling, PreReviewRule
from kindergartens.policies import NotAllowedNow
from reports.filings import pre_reviews, services, submitted
from reports.filings.board import accepting
from reports.filings.pre_reviews import pre_reviewed
from tests.conftest import acting
from tests.reports.filings.board.test_accepting import (
    as_it_could_have_come_in,
    open_on_few_days,
)
from tests.signing_in import client_of
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty, type_what_begins_empty

NOVEMBER, DECEMBER = dt.date(2026, 11, 1), dt.date(2026, 12, 1)


def on(month: dt.date) -> PreReview:
    return PreReview(month, True)


def off(month: dt.date) -> PreReview:
    return PreReview(month, False)


@pytest.mark.parametrize(
    ("decided", "holds"),
    [
        ([], []),
        ([off(OCTOBER)], []),
        ([on(OCTOBER), off(DECEMBER)], [on(OCTOBER), off(DECEMBER)]),
        # Taken back before it began; begun earlier; a later decision speaks of all that follows.
        ([on(NOVEMBER), off(NOVEMBER)], []),
        ([on(DECEMBER), on(OCTOBER)], [on(OCTOBER)]),
        ([on(OCTOBER), off(DECEMBER), off(NOVEMBER)], [on(OCTOBER), off(NOVEMBER)]),
    ],
)
def test_the_last_decision_holds_from_its_month_on(
    decided: list[PreReview], holds: list[PreReview]
) -> None:
    assert pre_reviews_in_force(decided) == holds


class Scene:
    """甲镇 has a kindergarten whose October return is submitted, 24 children now and before."""

    def __init__(self) -> None:
        self.small = small = SmallCounty()
        self.town = small.town("甲镇")
        self.kindergarten = small.kindergarten(self.town, "示例一园")
        small.file(self.kindergarten, 24, month=SEPTEMBER)
        self.filing = small.file(self.kindergarten, 24, state="submitted")
        self.officer = acting(small.officer())
        self.town_officer = acting(small.officer(self.town, "town_officer"))
        other = small.town("乙镇")
        self.elsewhere = acting(small.officer(other, "town_officer"))

    def decide(self, wanted: PreReview, by: User | None = None) -> PreReviewRule:
        county = self.small.county
        decided = calendar_selectors.pre_reviews_decided(county)
        return calendar.set_pre_review(
            county=county, wanted=wanted, reason="会议议定", by=by or self.officer, now=NOW,
            seen=calendar.pre_review_stamp(decided),
        )  # fmt: skip

    def pass_on(self, by: User | None = None, note: str = "") -> MonthlyFiling:
        return services.pass_on(
            filing_id=self.filing.pk, version_seen=1, note=note, by=by or self.town_officer, now=NOW
        )

    def accept(self, not_waiting: str = "", by: User | None = None) -> Job:
        return services.accept(
            filing_id=self.filing.pk, version_seen=1, by=by or self.officer, now=NOW,
            not_waiting=not_waiting,
        )  # fmt: skip

    def acceptance(self) -> FilingEvent:
        return self.filing.events.get(action="accepted")


@pytest.fixture
def scene(db: None) -> Scene:
    return Scene()


def test_without_the_setting_nothing_waits_for_a_town(scene: Scene) -> None:
    scene.decide(on(NOVEMBER))
    with pytest.raises(NotAllowedNow, match="没有设乡镇初审"):
        scene.pass_on()
    # A reason that was not needed says nothing about the acceptance.
    scene.accept("镇里没有人")
    assert scene.acceptance().reason == ""


def test_a_version_waits_until_its_town_passed_it_on(scene: Scene) -> None:
    scene.decide(on(OCTOBER))
    with pytest.raises(NotAllowedNow, match="还没有乡镇初审"):
        scene.accept()
    with pytest.raises(PermissionDenied):
        scene.pass_on(by=scene.elsewhere)
    with pytest.raises(PermissionDenied):
        scene.pass_on(by=scene.officer)
    scene.pass_on(note=" 数字已核对 ")
    assert scene.filing.events.get(action="passed_on").reason == "数字已核对"
    with pytest.raises(NotAllowedNow, match="不用再初审"):
        scene.pass_on()
    scene.accept("镇里没有人")
    assert scene.acceptance().reason == ""


def test_the_bureau_may_go_on_with_a_reason(scene: Scene) -> None:
    scene.decide(on(OCTOBER))
    scene.accept("镇里没有人")
    assert scene.acceptance().reason == "镇里没有人"
    client = client_of(scene.officer)
    page = client.get(reverse("filing-review", args=[scene.filing.pk])).content.decode()
    assert "没有等乡镇初审，理由：镇里没有人" in page


def test_who_submitted_does_not_pre_review(scene: Scene) -> None:
    scene.decide(on(OCTOBER))
    author = scene.filing.versions.get().submitted_as.user
    author = with_post_of(author, scene.town_officer)
    with pytest.raises(NotAllowedNow, match="您自己提交的"):
        scene.pass_on(by=author)
    # Also where a service forgets to ask.
    with pytest.raises(IntegrityError), transaction.atomic():
        FilingEvent.objects.create(
            filing=scene.filing, action="passed_on", version=1, at=NOW, done_as=author.acting
        )
    assert not scene.filing.events.filter(action="passed_on").exists()


def with_post_of(person: User, other: User) -> User:
    """`person`, acting in a second post beside the other's."""
    there = other.memberships.get()
    post = Membership.objects.create(
        user=person, organisation=there.organisation, role=there.role, valid_from=there.valid_from
    )
    person = User.objects.get(pk=person.pk)
    choose_membership(person, post.pk, today=NOW.date())
    return person


def test_who_passed_it_on_does_not_accept(scene: Scene) -> None:
    with as_it_could_have_come_in():
        open_on_few_days()
    scene.decide(on(OCTOBER))
    scene.pass_on()
    both = with_post_of(scene.town_officer, scene.officer)
    with pytest.raises(NotAllowedNow, match="您自己初审通过的"):
        scene.accept(by=both)
    # Nor together with others, nor where the county has stopped asking its towns.
    scene.decide(off(OCTOBER))
    job = accepting.ask_to_accept(month=OCTOBER, seen={scene.filing.pk: 1}, by=both, now=NOW)
    done = accepting.accept_each(
        job=job, month=OCTOBER, seen=[(scene.filing.pk, 1)], by=both, now=NOW,
        progress=lambda *told: None,
    )  # fmt: skip
    assert "您自己初审通过的" in done.results[0][3]
    scene.accept()


def test_what_the_town_typed_stays_when_the_bureau_was_quicker(scene: Scene) -> None:
    scene.decide(on(OCTOBER))
    scene.accept("镇里没有人")
    with travel(NOW, tick=False):
        refused = client_of(scene.town_officer).post(
            reverse("filing-pre-review", args=[scene.filing.pk]),
            {"version": 1, "decision": "return", "reason": "请核对大班",
             "reason-class:小一班:boys": "与花名册不符"},
        )  # fmt: skip
    assert refused.status_code == 409
    assert [text for _, text in refused.context["unsent"]] == ["请核对大班", "与花名册不符"]
    assert "请核对大班" in refused.content.decode()


def test_decisions_are_the_bureaus_dated_and_once(scene: Scene) -> None:
    with pytest.raises(PermissionDenied):
        scene.decide(on(OCTOBER), by=scene.town_officer)
    with pytest.raises(PeriodRefused, match="还没有锁定"):
        scene.decide(on(dt.date(2026, 8, 1)))
    with pytest.raises(PeriodRefused, match="已经不用乡镇初审"):
        scene.decide(off(OCTOBER))
    rule = scene.decide(on(OCTOBER))
    with pytest.raises(PeriodRefused, match="已经要乡镇初审"):
        scene.decide(on(NOVEMBER))
    with pytest.raises(PeriodRefused):
        calendar.set_pre_review(
            county=scene.small.county, wanted=off(NOVEMBER), reason="x", seen="",
            by=scene.officer, now=NOW,
        )  # fmt: skip
    assert rule.changes.get().pgh_label == "insert"


def test_together_only_what_was_passed_on_is_accepted(scene: Scene) -> None:
    with as_it_could_have_come_in():
        open_on_few_days()
    scene.decide(on(OCTOBER))
    client = client_of(scene.officer)
    tick = f'value="{scene.filing.pk}:1"'
    assert tick not in client.get(reverse("filings-accept")).content.decode()
    job = accepting.ask_to_accept(
        month=OCTOBER, seen={scene.filing.pk: 1}, by=scene.officer, now=NOW
    )
    done = accepting.accept_each(
        job=job, month=OCTOBER, seen=[(scene.filing.pk, 1)], by=scene.officer, now=NOW,
        progress=lambda *told: None,
    )  # fmt: skip
    assert "还没有乡镇初审" in done.results[0][3]
    scene.pass_on()
    assert tick in client.get(reverse("filings-accept")).content.decode()


def test_both_sides_on_their_pages(scene: Scene) -> None:
    with travel(NOW, tick=False):
        bureau, town = client_of(scene.officer), client_of(scene.town_officer)
        board, queue = reverse("filing-board"), reverse("filing-queue")
        page = reverse("filing-pre-review", args=[scene.filing.pk])
        # Off: no word of it, and the town reads the version as ever.
        for url in (board, queue):
            assert "乡镇初审" not in bureau.get(url).content.decode()
        assert town.get(page).url == reverse("filing-version", args=[scene.filing.pk, 1])

        form = bureau.get(reverse("pre-review-rule"))
        asked = {"is_on": "on", "from_month": "2026-10-01", "reason": "会议议定"}
        asked["seen"] = form.context["form"].initial["seen"]
        said = bureau.post(reverse("pre-review-rule"), asked, follow=True).content.decode()
        assert "2026年10月起，月报先由乡镇街道初审" in said
        assert "乡镇初审设置" in bureau.get(reverse("period-history")).content.decode()

        states = {one.code: one.number for one in bureau.get(board).context["states"]}
        assert (states["pre_review"], states["submitted"], states[""]) == (1, 0, 1)
        assert {c: n for c, _, n in bureau.get(queue).context["states"]} == {
            "pre_review": 1, "submitted": 0, "returned": 0, "accepted": 0, "draft": 0,
        }  # fmt: skip
        # Where a figure is explained, and in its file, it waits for the same office.
        figure = [scene.small.county.code, "public_enrolment_share", OCTOBER]
        assert "待乡镇初审" in bureau.get(reverse("figure-explain", args=figure)).content.decode()
        sent = bureau.get(reverse("figure-export", args=[*figure, "csv"]))
        assert "未计入，待乡镇初审" in b"".join(sent).decode("utf-8-sig")
        assert page in town.get(board).content.decode()
        assert "初审通过" in town.get(page).content.decode()

        refused = town.post(
            page, {"version": 1, "decision": "pass", "reason-class:小一班:boys": "与花名册不符"}
        )
        assert refused.status_code == 409
        assert "与花名册不符" in refused.content.decode()
        url = reverse("filing-return", args=[scene.filing.pk])
        refused = bureau.post(url, {"version": 1, "reason": "改", "not_waiting": "镇里没有人"})
        assert refused.status_code == 409
        assert 'value="镇里没有人"' in refused.content.decode()

        assert (
            town.post(page, {"version": 1, "decision": "pass", "reason": "已核对"}).status_code
            == 302
        )
        review = bureau.get(reverse("filing-review", args=[scene.filing.pk])).content.decode()
        assert "意见：已核对" in review
        assert "初审通过：已核对" in bureau.get(board).content.decode()
        assert "不等乡镇初审的理由" not in review
        export = bureau.get(reverse("filing-board-export", args=["csv"]))
        assert "初审通过：已核对" in b"".join(export).decode("utf-8-sig")


def test_the_town_sends_back_with_reasons_by_field(scene: Scene) -> None:
    scene.decide(on(OCTOBER))
    with travel(NOW, tick=False):
        town = client_of(scene.town_officer)
        page = reverse("filing-pre-review", args=[scene.filing.pk])
        assert town.post(page, {"version": 1, "decision": "return"}).status_code == 409
        sent = {"version": 1, "decision": "return", "reason-class:小一班:boys": "与花名册不符"}
        assert town.post(page, sent).status_code == 302
    scene.filing.refresh_from_db()
    event = scene.filing.events.get(action="returned")
    assert scene.filing.state == "returned"
    assert event.field_reasons == {"class:小一班:boys": "与花名册不符"}
    assert event.done_as == scene.town_officer.memberships.get()


def test_the_board_asks_as_often_for_many(scene: Scene) -> None:
    scene.decide(on(OCTOBER))
    client = client_of(scene.officer)
    client.get(reverse("filing-board"))

    def queries() -> int:
        with (
            travel(NOW, tick=False),
            CaptureQueriesContext(
                connection,
            ) as found,
        ):
            client.get(reverse("filing-board"))
        return len(found)

    scene.pass_on()
    few = queries()
    for number in range(3):
        more = scene.small.kindergarten(Region.objects.get(name="甲镇"), f"园{number}")
        scene.small.file(more, 20, state="submitted")
    assert queries() == few


def test_whose_return_it_is_follows_a_move_before_the_statistical_date(scene: Scene) -> None:
    scene.decide(on(OCTOBER))
    gone, come = scene.town, scene.elsewhere.acting.organisation.region
    change_status(
        kindergarten=scene.kindergarten, valid_from=dt.date(2026, 10, 28), values={"town": come},
        reason="迁址", document=None, document_number="甲教〔2026〕9号", by=scene.officer, now=NOW,
    )  # fmt: skip
    scene.filing.refresh_from_db()
    assert scene.filing.town == come
    # What was counted stays where it was counted.
    assert scene.kindergarten.filings.get(month=SEPTEMBER).town == gone
    page = reverse("filing-pre-review", args=[scene.filing.pk])
    with travel(NOW, tick=False):
        board = reverse("filing-board") + "?month=2026-10"
        assert page not in client_of(scene.town_officer).get(board).content.decode()
        there = client_of(scene.elsewhere)
        assert page in there.get(board).content.decode()
        assert there.get(page).status_code == 200
    with pytest.raises(PermissionDenied):
        scene.pass_on()
    scene.pass_on(by=scene.elsewhere)


def test_a_counted_return_never_moves(scene: Scene) -> None:
    scene.accept()
    scene.kindergarten.statuses.update(town=scene.elsewhere.acting.organisation.region)
    assert follow_town() == 0
    scene.filing.refresh_from_db()
    assert scene.filing.town == scene.town


def test_a_version_submitted_anew_waits_anew(scene: Scene) -> None:
    scene.decide(on(OCTOBER))
    scene.pass_on()
    assert scene.filing.pk in pre_reviewed([scene.filing.pk])
    director = acting(scene.small.person("园长", scene.kindergarten.organisation, "director"))
    filing = services.withdraw(filing_id=scene.filing.pk, by=director, now=NOW)
    assert pre_reviewed([filing.pk]) == {}
    filing.draft = submitted.as_draft(submitted.read_version(filing.versions.get(version=1)))
    draft = type_what_begins_empty(filing).draft
    filing = services.save_draft(
        filing_id=filing.pk, revision=filing.revision, by=director, now=NOW,
        draft={**draft, "explanations": {"days_open_many@": "周末补课"}},
    )  # fmt: skip
    services.submit(filing_id=filing.pk, revision=filing.revision, by=director, now=NOW)
    assert pre_reviewed([filing.pk]) == {}
    with pytest.raises(NotAllowedNow, match="还没有乡镇初审"):
        services.accept(filing_id=filing.pk, version_seen=2, by=scene.officer, now=NOW)
    with travel(NOW, tick=False):
        client = client_of(director)
        version = client.get(reverse("filing-version", args=[filing.pk, 2])).content.decode()
        own = client.get(reverse("my-filings")).content.decode()
    assert "待乡镇初审" in version
    assert "待乡镇初审" in own
    services.pass_on(filing_id=filing.pk, version_seen=2, note="", by=scene.town_officer, now=NOW)
    assert set(pre_reviewed([filing.pk])) == {filing.pk}


def test_switching_off_releases_what_waits(scene: Scene) -> None:
    scene.decide(on(OCTOBER))
    assert pre_reviews.waits(scene.filing)
    scene.decide(off(OCTOBER))
    assert not pre_reviews.waits(scene.filing)
    scene.accept()
    assert scene.acceptance().reason == ""


def test_another_county_is_left_alone(scene: Scene) -> None:
    scene.decide(on(OCTOBER))
    there = scene.small.town("丙镇", county=scene.small.other_county)
    filing = scene.small.file(scene.small.kindergarten(there, "邻县一园"), 24, state="submitted")
    assert pre_reviews.waits(scene.filing)
    assert not pre_reviews.waits(filing)
    officer = acting(scene.small.officer(scene.small.other_county))
    services.accept(filing_id=filing.pk, version_seen=1, by=officer, now=NOW)
