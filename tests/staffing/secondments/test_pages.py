"""Sent to another kindergarten: what is refused, who sees it, months on the list, constant queries."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from time_machine import travel

from kindergartens.models import Group
from staffing.models import Secondment
from staffing.roster.services import RosterRefused
from staffing.secondments import services
from staffing.secondments.rules import SentFacts
from staffing.secondments.selectors import by_sender
from tests.conftest import acting
from tests.registers import employed
from tests.small_county import NOW, SINCE, SmallCounty

pytestmark = pytest.mark.django_db
FACTS = SentFacts("pairing", dt.date(2026, 3, 1), None, "示例结对方案")


@pytest.fixture
def scene(small: SmallCounty) -> SmallCounty:
    """A lead kindergarten with two teachers, a village one, and one that nobody is sent to."""
    town = small.town("甲镇")
    small.lead, small.village, small.third = (
        small.kindergarten(town, name) for name in ("中心园", "村园", "第三园")
    )
    small.bureau = acting(small.officer())
    small.posts = employed(small.lead, small.bureau.acting, 2, on=True)
    Group.objects.create(
        county=small.county, kind="pairing", name="示例结对组", lead=small.lead, valid_from=SINCE
    )
    return small


def send(scene: SmallCounty, at: int = 0, **given: Any) -> Secondment:
    told = {
        "appointment": scene.posts[at], "receiver": scene.village, "facts": FACTS,
        "by": scene.bureau, "now": NOW,
    }  # fmt: skip
    return services.send(**told | given)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (SentFacts("pairing", dt.date(2019, 12, 31)), "started_on"),
        (SentFacts("pairing", dt.date(2026, 3, 1), dt.date(2026, 3, 1)), "ended_on"),
        (SentFacts("rotation", dt.date(2026, 8, 31), dt.date(2026, 10, 1)), "started_on"),
    ],
)
def test_days_that_cannot_be_are_refused_at_their_field(scene, facts, field) -> None:
    send(scene, facts=SentFacts("pairing", dt.date(2026, 3, 1), dt.date(2026, 9, 1)))
    with pytest.raises(RosterRefused) as refused:
        send(scene, facts=facts)
    assert refused.value.field == field


def test_nobody_is_sent_to_the_own_kindergarten(scene: SmallCounty) -> None:
    with pytest.raises(RosterRefused, match="就是派出园"):
        send(scene, receiver=scene.lead)
    row = send(scene)
    with pytest.raises(IntegrityError), transaction.atomic():
        Secondment.objects.filter(pk=row.pk).update(receiver=scene.lead)


def test_who_comes_back_may_go_again_and_a_mistake_counts_nowhere(scene: SmallCounty) -> None:
    first = send(scene)
    with pytest.raises(RosterRefused, match="还没有返回"):
        send(scene, facts=SentFacts("rotation", dt.date(2026, 9, 1)))
    with pytest.raises(RosterRefused, match="派出日期以后"):
        services.bring_back(secondment=first, on=FACTS.started_on, seen="", by=scene.bureau)
    services.bring_back(secondment=first, on=dt.date(2026, 9, 1), seen="", by=scene.bureau)
    with pytest.raises(RosterRefused, match="别人改过"):
        services.bring_back(secondment=first, on=dt.date(2026, 8, 1), seen="", by=scene.bureau)
    second = send(scene, facts=SentFacts("rotation", dt.date(2026, 9, 1)))
    mistaken = send(scene, at=1)
    services.withdraw(secondment=mistaken, reason="没有去", by=scene.bureau, now=NOW)
    senders, groups = by_sender(scene.bureau, NOW.date())
    # Six months, then two more; the other never went.
    for [sent], name in ((senders, "中心园"), (groups, "示例结对组")):
        person = {second.person_id}
        assert (sent.name, sent.months, sent.people, sent.away) == (name, 8, person, person)
    director = acting(scene.person("园长", scene.lead.organisation, "director"))
    for refused in (director, acting(scene.officer(scene.city, "city_officer"))):
        with pytest.raises(PermissionDenied):
            services.withdraw(secondment=second, reason="不", by=refused, now=NOW)


def test_both_kindergartens_see_it_and_nobody_else(scene: SmallCounty) -> None:
    send(scene)
    for place, seen in ((scene.lead, 1), (scene.village, 1), (scene.third, 0)):
        director = acting(scene.person("园长", place.organisation, "director"))
        assert Secondment.objects.visible_to(director).count() == seen
    for region, seen in ((scene.county, 1), (scene.city, 1), (scene.other_county, 0)):
        role = "city_officer" if region == scene.city else "bureau_officer"
        officer = acting(scene.officer(region, role))
        assert Secondment.objects.visible_to(officer).count() == seen


def test_the_pages_send_list_and_bring_back(sign_in, scene: SmallCounty) -> None:
    with travel(NOW, tick=False):
        client = sign_in(scene.bureau)
        form = reverse("secondment-new", args=[scene.posts[0].pk])
        typed = {"receiver": "村园", "purpose": "pairing", "started_on": "2026-03-01"}
        wrong = client.post(form, typed | {"receiver": "中心园"})
        assert (wrong.status_code, list(wrong.context["form"].errors)) == (422, ["receiver"])
        assert client.post(form, typed).url == reverse("secondments")
        row = Secondment.objects.get()
        page = client.get(reverse("secondments")).content.decode()
        assert 'data-label="满月（个月）">8<' in page
        back = reverse("secondment-back", args=[row.pk])
        assert client.post(back, {"on": "2026-11-01", "seen": ""}).status_code == 302
        assert "没有这样的派出" in client.get(reverse("secondments")).content.decode()
        over = client.get(reverse("secondments"), {"state": "over"}).content.decode()
        assert "2026年11月1日返回" in over
        # The receiving director reads who comes, and is not led to a page that is not theirs.
        director = sign_in(scene.person("园长", scene.village.organisation, "director"))
        page = director.get(reverse("secondments"), {"state": "all"}).content.decode()
        assert "示例教师" in page
        assert reverse("staff-member", args=[row.person_id]) not in page
        history = sign_in(scene.bureau).get(reverse("staff-history", args=[row.person_id]))
        assert "结对和轮岗" in history.content.decode()


def test_as_many_queries_for_one_as_for_many(sign_in, scene: SmallCounty) -> None:
    client, asked = sign_in(scene.bureau), []
    for number in (1, 5):
        for post in employed(scene.lead, scene.bureau.acting, number, on=True):
            send(scene, appointment=post)
        with travel(NOW, tick=False):
            client.get(reverse("secondments"))
            with CaptureQueriesContext(connection) as queries:
                client.get(reverse("secondments"))
        asked.append(len(queries))
    assert asked[0] == asked[1]
