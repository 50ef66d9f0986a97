"""Which rows of what offices send, wonder about and do together each role sees."""

from __future__ import annotations

import pytest

from accounts.models import Job, Notice, NoticeDelivery, NoticeMailbox, NoticeReading
from reports.filings.board.models import BulkAcceptance, FollowUp
from tests.access.visible_rows.scene import EVERYBODY, FILERS, LOOKERS, Scene, names
from tests.small_county import NOW, OCTOBER


@pytest.mark.parametrize("role", EVERYBODY)
def test_messages_are_the_addressees(scene: Scene, role: str | None) -> None:
    """An office reads what was sent to itself, and nothing of what was sent below it."""
    looker = scene.looker(role)
    seen = {"一"} if role in FILERS else set()
    assert names(Notice, looker, "organisation__name") == seen
    assert names(NoticeReading, looker, "notice__organisation__name") == seen
    assert names(NoticeMailbox, looker, "organisation__name") == seen
    assert names(NoticeDelivery, looker, "notice__organisation__name") == seen


@pytest.mark.parametrize("role", EVERYBODY)
def test_follow_ups_are_the_officers(scene: Scene, role: str | None) -> None:
    """What an officer wonders about is not for the kindergarten to read."""
    seen = set() if role in FILERS else LOOKERS[role][0]
    seen |= {"邻"} if "一" in seen else set()
    assert names(FollowUp, scene.looker(role), "filing__kindergarten__name") == seen


@pytest.mark.parametrize("role", EVERYBODY)
def test_what_was_accepted_together_is_the_offices(scene: Scene, role: str | None) -> None:
    own, other = (scene.small.officer(county) for county in (
        scene.small.county, scene.small.other_county,
    ))  # fmt: skip
    for officer in (own, other):
        post = officer.memberships.get()
        job = Job.objects.create(
            kind="accept-returns", key=str(post.pk), title="接收", requested_as=post,
            queued_at=NOW, state="done", finished_at=NOW,
        )  # fmt: skip
        BulkAcceptance.objects.create(
            job=job, month=OCTOBER, accepted_as=post, accepted_at=NOW, results=[]
        )
    looker = scene.looker(role)
    there = {"bureau_officer", "bureau_leader", "inspector", "department_officer"}
    seen = {"甲县教育局"} if role in there else set()
    assert names(BulkAcceptance, looker, "accepted_as__organisation__name") == seen
