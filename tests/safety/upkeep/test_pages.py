"""Recording what is kept up, and the list of who lacks what."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kindergartens.models import Kindergarten
from safety.models import Drill, LiabilityPolicy
from safety.upkeep import selectors
from safety.upkeep.rules import Lack
from tests.registers import kept_up
from tests.safety.desk import Desk, built_desk, desk
from tests.small_county import NOW

__all__ = ["built_desk", "desk"]

TODAY = NOW.date()


def places(desk: Desk) -> list[selectors.Place]:
    return selectors.places(desk.people["bureau_officer"], desk.small.county, TODAY)


def kept(desk: Desk) -> None:
    kept_up(desk.kindergarten, desk.people["director"].memberships.get())


def test_what_is_recorded_is_no_longer_lacking(desk: Desk) -> None:
    desk.acting("bureau_officer")
    [place] = places(desk)
    assert place.lacks == [
        Lack.UNINSURED, Lack.UNLICENSED_KITCHEN, Lack.DRILL_TO_COME, Lack.UNTRAINED,
    ]  # fmt: skip
    kept(desk)
    desk.small.file(desk.kindergarten, 24)
    [place] = places(desk)
    assert (place.lacks, place.children, place.covered) == ([], 24, 100)
    Kindergarten.objects.filter(pk=desk.kindergarten.pk).update(meal_service="none")
    LiabilityPolicy.objects.update(children=23)
    [place] = places(desk)
    assert place.lacks == [Lack.INSURED_TOO_FEW]
    assert not place.has_kitchen


def test_the_list_costs_the_same_whoever_is_in_it(desk: Desk) -> None:
    desk.acting("bureau_officer")
    kept(desk)
    with CaptureQueriesContext(connection) as few:
        places(desk)
    for number in range(3):
        desk.small.kindergarten(desk.town, f"示例又{number}园")
    with CaptureQueriesContext(connection) as many:
        found = places(desk)
    assert found[-1].kindergarten == desk.kindergarten
    assert len(many) == len(few) == 7


def test_bad_input_is_said_at_its_field(desk: Desk) -> None:
    client, code = desk.open("director"), desk.kindergarten.code

    def post(what: str, **typed: Any) -> Any:
        return client.post(reverse("upkeep-new", args=[code, what]), typed)

    drill = {"kind": "fire", "held_on": "2026-11-04", "people": "120", "minutes": "6"}
    assert "还没有到" in str(
        post("drill", **drill | {"held_on": "2026-11-06"}).context["form"].errors
    )
    assert post("drill", **drill | {"people": "0"}).status_code == 422
    assert post("drill", **drill).status_code == 302
    again = post("drill", **drill)
    assert "已经登记过" in again.context["form"].errors["held_on"][0]
    policy = {
        "insurer": "示例保险公司", "number": "1", "valid_from": "2026-09-01",
        "valid_until": "2026-08-31", "children": "120", "sum_yuan": "5000000",
    }  # fmt: skip
    wrong = post("policy", **policy)
    assert "到期日要晚于生效日" in wrong.context["form"].errors["valid_until"][0]
    assert 'value="示例保险公司"' in wrong.text
    row = Drill.objects.get()
    client.post(reverse("upkeep-withdraw", args=["drill", row.pk]), {"reason": "登错了"})
    assert post("drill", **drill).status_code == 302
    page = client.get(reverse("kindergarten-upkeep", args=[code])).text
    assert "已撤销：登错了" in page
    assert "没有在保的校方责任险" in page


def test_who_lacks_what(desk: Desk) -> None:
    officer = desk.open("bureau_officer")
    page = officer.get(reverse("upkeep"), {"show": "uninsured"})
    assert desk.kindergarten.name in page.text
    kept(desk)
    assert desk.kindergarten.name not in officer.get(reverse("upkeep"), {"show": "failing"}).text
    book = officer.get(reverse("upkeep-export", args=["csv"]))
    assert desk.kindergarten.name in b"".join(book.streaming_content).decode()
    assert officer.get(reverse("upkeep"), {"show": "x"}).status_code == 404
