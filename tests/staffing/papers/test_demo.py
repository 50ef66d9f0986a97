"""The demo's papers hold the database's promises, and show something of each state."""

from __future__ import annotations

import random

from config.demo.roster import write_roster
from config.demo.staff_papers import write_staff_papers
from kindergartens.models import Kindergarten
from staffing.models import Contract, EthicsRecord, Insurance, StaffMember, Training
from staffing.papers.rules import Span
from staffing.papers.selectors import due_counts, posts_today
from tests.access.routes import World
from tests.conftest import acting
from tests.small_county import NOW


def test_every_kind_of_paper_is_written_and_some_are_missing(world: World) -> None:
    Kindergarten.objects.filter(pk=world.kindergarten.pk).update(is_example=True)
    county = world.small.county.code
    posts = posts_today(acting(world.people["bureau_officer"]), NOW.date())
    posts = posts.exclude(pk=world.staff_post.pk)
    for number in range(3):
        write_roster(random.Random(f"示例{number}"), county, number)
    missing = due_counts(posts, NOW.date())
    people = StaffMember.objects.count() - 1
    assert missing["health"][Span.MISSING] == people > 20
    world.staff_post.contracts.update(withdrawn_at=NOW, withdrawn_reason="登记错了")
    world.staff_post.insurances.update(withdrawn_at=NOW, withdrawn_reason="登记错了")
    write_staff_papers(random.Random("示例"), county, whole=True, today=NOW.date(), now=NOW)
    left = due_counts(posts, NOW.date())
    assert left["health"][Span.MISSING] < people / 4
    for model in (Contract, Insurance, Training, EthicsRecord):
        assert model.objects.count() > people / 4, model
