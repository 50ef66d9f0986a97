"""Approved posts and pay: who may, what is refused, what stays, as few queries however many."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from time_machine import travel

from kindergartens.policies import NotAllowedNow
from kindergartens.stamps import CHANGED_SINCE
from staffing.establishment import services
from staffing.establishment.rules import Paid
from staffing.establishment.selectors import years_of
from staffing.establishment.services import QuotaFacts, stamp_of_year
from staffing.models import PayRecord, PostQuota
from tests.conftest import acting
from tests.registers import approved, employed, paid
from tests.small_county import NOW, SmallCounty

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(small: SmallCounty) -> SmallCounty:
    """A public kindergarten of ten approved posts: eight are held, three teachers are not on it."""
    town = small.town("甲镇")
    small.garden, small.private = small.kindergarten(town, "示例一园"), small.kindergarten(
        town, "示例民办园", ownership="inclusive_private"
    )  # fmt: skip
    small.bureau = acting(small.officer())
    small.director = acting(small.person("园长", small.garden.organisation, "director"))
    post = small.bureau.acting
    approved(small.garden, post, 10)
    employed(small.garden, post, 8, on=True)
    employed(small.garden, post, 3, on=False)
    employed(small.garden, post, 2, on=False, post="service_staff")
    return small


def lines(**changed: Paid) -> dict[tuple[str, str], Paid]:
    every = {
        (kind, title): Paid(0, 0)
        for kind in PayRecord.Kind.values
        for title in PayRecord.Title.values
    }
    every["established", "first"] = Paid(8, 800_000)
    every["non_established", "none"] = changed.get("other", Paid(5, 350_000))
    return every


def record(scene: SmallCounty, by: Any, **given: Any) -> int:
    told = {
        "kindergarten": scene.garden, "year": 2025, "lines": lines(), "seen": stamp_of_year({}),
        "reason": "", "by": by, "now": NOW,
    }  # fmt: skip
    return services.record_pay(**told | given)


def test_a_year_is_recorded_whole_and_corrected_with_a_reason(scene: SmallCounty) -> None:
    assert record(scene, scene.director) == 10
    [year] = years_of(scene.director, scene.garden)
    assert (year.established, year.other) == (Paid(8, 800_000), Paid(5, 350_000))
    seen, changed = stamp_of_year(year.rows), lines(other=Paid(5, 400_000))
    with pytest.raises(NotAllowedNow, match="为什么更正"):
        record(scene, scene.director, lines=changed, seen=seen)
    with pytest.raises(NotAllowedNow, match=CHANGED_SINCE[:6]):
        record(scene, scene.director, lines=changed, reason="漏了奖金")
    assert record(scene, scene.director, lines=changed, seen=seen, reason="漏了奖金") == 1
    assert years_of(scene.director, scene.garden)[0].other == Paid(5, 400_000)
    for refused in (
        {"year": 2026}, {"year": 2014}, {"lines": dict(list(lines().items())[1:])},
        {"lines": lines(other=Paid(5, 350))},
    ):  # fmt: skip
        with pytest.raises(NotAllowedNow):
            record(scene, scene.director, **{"year": 2024} | refused)


def test_who_may_not(scene: SmallCounty) -> None:
    other = acting(scene.person("园长", scene.private.organisation, "director"))
    with pytest.raises(PermissionDenied):
        record(scene, other)
    facts = QuotaFacts(12, dt.date(2026, 1, 1), "批复")
    for person in (scene.director, acting(scene.officer(scene.other_county))):
        with pytest.raises(PermissionDenied):
            services.set_quota(kindergarten=scene.garden, facts=facts, by=person, now=NOW)
    with pytest.raises(NotAllowedNow, match="不是公办园"):
        services.set_quota(kindergarten=scene.private, facts=facts, by=scene.bureau, now=NOW)


def test_a_new_number_ends_the_former_and_a_mistake_is_withdrawn(scene: SmallCounty) -> None:
    def known() -> list[tuple[int, dt.date | None]]:
        rows = PostQuota.objects.visible_to(scene.bureau).standing().order_by("valid_from")
        return list(rows.values_list("posts", "valid_to"))

    facts = QuotaFacts(12, dt.date(2026, 1, 1), "批复")
    quota = services.set_quota(kindergarten=scene.garden, facts=facts, by=scene.bureau, now=NOW)
    assert known() == [(10, dt.date(2026, 1, 1)), (12, None)]
    with pytest.raises(NotAllowedNow, match="更晚的一天"):
        services.set_quota(kindergarten=scene.garden, facts=facts, by=scene.bureau, now=NOW)
    services.withdraw_quota(quota=quota, reason="登记错了", by=scene.bureau, now=NOW)
    assert known() == [(10, None)]
    with pytest.raises(NotAllowedNow, match="已经撤销"):
        services.withdraw_quota(quota=quota, reason="再撤", by=scene.bureau, now=NOW)


def test_the_pages_say_who_is_missing_and_what_was_paid(sign_in, scene: SmallCounty) -> None:
    with travel(NOW, tick=False):
        client = sign_in(scene.director)
        address = reverse("kindergarten-posts-and-pay", args=[scene.garden.code])
        assert client.get(reverse("posts-and-pay")).url == address
        page = client.get(address).content.decode()
        assert "2名有编不补" in page
        assert "登记2025年工资" in page
        form = reverse("kindergarten-pay", args=[scene.garden.code, 2025])
        typed = {
            f"{kind}-{title}-{what}": value
            for kind, title in lines()
            for what, value in (("heads", "0"), ("yuan", ""))
        } | {"seen": stamp_of_year({})}
        typed |= {"established-first-heads": "８", "established-first-yuan": "800,000"}
        wrong = typed | {"non_established-none-heads": "5", "non_established-none-yuan": ""}
        refused = client.post(form, wrong)
        assert (refused.status_code, list(refused.context["form"].errors)) == (
            422, ["non_established-none-yuan"],
        )  # fmt: skip
        right = typed | {"non_established-none-heads": "2", "non_established-none-yuan": "120000"}
        assert client.post(form, right).url == address
        assert "60.00%" in client.get(address).content.decode()
        # Two people's average tells nearly what one is paid: not for an inspector's eyes.
        inspector = sign_in(scene.officer(role="inspector"))
        page = inspector.get(address).content.decode()
        assert "120,000" not in page
        assert "60,000" not in page
        assert "60.00%" not in page
        assert "不到3人" in page
        assert inspector.get(form).status_code == 403


def test_as_many_queries_for_two_public_kindergartens_as_for_eight(sign_in, scene) -> None:
    client, asked = sign_in(scene.bureau), []
    town = scene.garden.organisation.region
    for number in (1, 6):
        for at in range(number):
            garden = scene.kindergarten(town, f"示例{number}之{at}园")
            approved(garden, scene.bureau.acting, 3)
            paid(garden, scene.bureau.acting, 2025, established=(3, 300_000), other=(1, 60_000))
        with travel(NOW, tick=False):
            client.get(reverse("posts-and-pay"))
            with CaptureQueriesContext(connection) as queries:
                page = client.get(reverse("posts-and-pay"))
        assert len(page.context["rows"]) == number + (1 if number == 1 else 2)
        asked.append(len(queries))
    assert asked[0] == asked[1]
