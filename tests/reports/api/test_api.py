"""Another system reads figures of its key's place: exact, paged, judged, and nothing beyond."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, get_args

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.hardening import limits
from accounts.models import AccessRecord, ApiToken, ApiTokenUse, Organisation, Region
from accounts.tokens.services import issue, revoke
from indicators.catalogue import INDICATORS
from indicators.models import Policy, RegionFacts, Target
from indicators.publications import services as publishing
from indicators.rules import Verdict
from reports.api import schemas
from tests.conftest import acting
from tests.reports.api.contract import check
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty
from tests.standing import standing

LAST_DAY = dt.date(2027, 6, 30)


@dataclass
class Scene:
    """Two towns of 甲县 and one of 乙县, September and October; a key of 甲县 and one of the city."""

    small: SmallCounty = field(default_factory=SmallCounty)

    def __post_init__(self) -> None:
        small = self.small
        self.towns = [small.town(name) for name in ("甲镇", "丙镇")]
        self.other_town = small.town("乙镇", county=small.other_county)
        for town, children in zip([*self.towns, self.other_town], (24, 25, 20), strict=True):
            kindergarten = small.kindergarten(town, f"{town.name}示例园")
            for month in (SEPTEMBER, OCTOBER):
                small.file(kindergarten, children, month=month, state="accepted")
        # It owes October's return.
        small.kindergarten(self.towns[0], "示例迟报园", ownership="inclusive_private")
        small.populate(small.county, 60)
        small.settle(SEPTEMBER, OCTOBER)
        policy = Policy.objects.create(
            slug="national", title="示例评估办法", document_number="示〔2020〕1号"
        )
        Target.objects.create(
            policy=policy, indicator="gross_enrolment_rate", operator=">=", value="0.85",
            levels=["county"], clause="第八条",
        )  # fmt: skip
        self.giver = acting(small.officer(role="security_administrator"))
        self.city_giver = acting(small.officer(small.city, "security_administrator"))
        self.token, self.key = self.issue(small.county)
        self.city_token, self.city_key = self.issue(small.city)

    def issue(self, region: Region) -> tuple[ApiToken, str]:
        office = Organisation.objects.filter(region=region).exclude(kind="kindergarten").first()
        by = self.giver if region == self.small.county else self.city_giver
        return issue(
            organisation=office, region=region, name="数据平台", last_day=LAST_DAY, by=by, now=NOW
        )


@pytest.fixture(scope="module")
def built(request: Any, django_db_setup: None, django_db_blocker: Any) -> Iterator[Scene]:
    with standing(request, django_db_blocker, Scene) as scene:
        yield scene


@pytest.fixture
def scene(built: Scene, db: None, settings: Any) -> Iterator[Scene]:
    settings.RATE_LIMITS = True
    limits.forget_process_buckets()
    with time_machine.travel(NOW, tick=False):
        yield built


def get(path: str, key: str = "", **more: Any) -> Any:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    response = Client().get(f"/api/v1/{path}", headers={**headers, **more.pop("headers", {})})
    check(path, response)
    return response


def test_a_figure_is_exact_judged_and_says_what_is_missing(scene: Scene) -> None:
    answer = get("figures?month=2026-10&indicator=gross_enrolment_rate", scene.key).json()
    assert (answer["total"], answer["pages"]) == (1, 1)
    (row,) = answer["items"]
    assert row["coverage"] == {"expected": 3, "filed": 2, "accepted": 2}
    (figure,) = row["figures"]
    assert (figure["numerator"], figure["denominator"], figure["provisional"]) == (49, 60, True)
    assert Decimal(figure["value"]) == Decimal(49) / 60
    assert figure["displayed"] == "81.67%"
    (verdict,) = figure["verdicts"]
    assert (verdict["document"], verdict["clause"], verdict["target"]) == (
        "示例评估办法", "第八条", "0.85",
    )  # fmt: skip
    assert figure["verdict"] == verdict["verdict"] != "met"


def test_what_is_short_is_told_in_the_unit_of_the_figure(scene: Scene) -> None:
    code = "outdoor_area_per_child_m2"
    Target.objects.create(
        policy=Policy.objects.get(), indicator=code, operator=">=", value="4", levels=["county"]
    )
    RegionFacts.objects.filter(region=scene.small.county, month=OCTOBER).update(
        outdoor_area_dm2=18_550, outdoor_area_children=49
    )
    answer = get(f"figures?month=2026-10&indicator={code}", scene.key).json()
    (figure,) = answer["items"][0]["figures"]
    assert (figure["verdicts"][0]["gap"], figure["gap_unit"]) == ("10.5", "平方米")


def test_a_place_without_figures_has_an_empty_page(scene: Scene) -> None:
    town = scene.small.town("空镇")
    answer = get(f"figures?region={town.code}", scene.key).json()
    assert (answer["total"], answer["items"]) == (0, [])


def test_pages_add_up_to_the_exact_total_in_one_order(scene: Scene) -> None:
    asked = "figures?from=2026-09&to=2026-10&level=town"
    whole = get(asked, scene.city_key).json()
    assert whole["total"] == 6
    pages = [get(f"{asked}&per_page=4&page={n}", scene.city_key).json() for n in (1, 2)]
    assert [page["total"] for page in pages] == [6, 6]
    rows = [row for page in pages for row in page["items"]]
    assert rows == whole["items"]
    places = [(row["month"], row["region"]["code"]) for row in rows]
    assert places == sorted(places)
    assert get(f"{asked}&page=2", scene.city_key).status_code == 404


def test_nothing_beyond_the_place_of_the_key(scene: Scene) -> None:
    small = scene.small
    names = [row["name"] for row in get("regions", scene.key).json()["items"]]
    assert names == ["甲县", "甲镇", "丙镇"]
    for code in (small.other_county.code, small.city.code, "650000", scene.other_town.code):
        for path in (f"figures?region={code}", f"regions?region={code}",
                     f"parts?region={code}&month=2026-10&indicator=public_enrolment_share"):  # fmt: skip
            assert get(path, scene.key).json()["type"].endswith(":no-region"), path
    rows = get("figures?level=county&month=2026-10", scene.city_key).json()["items"]
    assert [row["region"]["name"] for row in rows] == ["甲县", "乙县"]
    text = get("figures?level=town&from=2026-09&to=2026-10", scene.city_key).content.decode()
    assert "示例园" not in text
    assert "示例迟报园" not in text


def test_parts_add_up(scene: Scene) -> None:
    answer = get("parts?month=2026-10&indicator=public_enrolment_share", scene.key).json()
    assert [part["numerator"] for part in answer["parts"]] == [24, 25]
    assert (answer["numerator"], answer["numerator_adds_up"]) == (49, True)
    assert answer["denominator_adds_up"]
    RegionFacts.objects.filter(region=scene.towns[0], month=OCTOBER).update(public_children=7)
    answer = get("parts?month=2026-10&indicator=public_enrolment_share", scene.key).json()
    assert not answer["numerator_adds_up"]


def test_what_was_published_is_read_frozen_and_without_kindergartens(scene: Scene) -> None:
    small = scene.small
    officer, leader = (
        acting(small.officer(role=f"bureau_{role}")) for role in ("officer", "leader")
    )
    draft = publishing.prepare(
        region=small.county, kind="monthly", month=OCTOBER, agreed=True, incomplete_reason="",
        reason="", by=officer, now=NOW,
    )  # fmt: skip
    made = publishing.publish(draft_id=draft.pk, digest=draft.digest, by=leader, now=NOW)
    assert "示例迟报园" in bytes(made.content).decode()
    (listed,) = get("publications?month=2026-10", scene.city_key).json()["items"]
    assert (listed["number"], listed["digest"]) == (made.number, made.digest)
    answer = get(f"publications/{made.number}", scene.key)
    assert answer.json()["content"]["coverage"] == {"expected": 3, "filed": 2, "accepted": 2}
    assert "园" not in str(answer.json()["content"]["regions"][0]["name"])
    assert "示例迟报园" not in answer.content.decode()
    other = scene.issue(small.county)[1]
    RegionFacts.objects.filter(region=small.county, month=OCTOBER).update(nursery_children=9)
    assert get(f"publications/{made.number}", other).content == answer.content
    assert get("publications/YDTB-0", scene.key).json()["type"].endswith(":no-publication")
    assert get("publications?kind=weekly", scene.key).status_code == 400


def test_the_catalogue_is_whole(scene: Scene) -> None:
    items = get("indicators?per_page=200", scene.key).json()["items"]
    assert [one["code"] for one in items] == list(INDICATORS)
    assert all(one["formula"] and one["sources"] for one in items)


def test_what_has_not_changed_is_304_and_what_has_is_not(scene: Scene) -> None:
    asked = "figures?month=2026-10&indicator=gross_enrolment_rate"
    first = get(asked, scene.key)
    assert first["Last-Modified"] == "Thu, 05 Nov 2026 08:40:00 GMT"
    again = get(asked, scene.key, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    # A verdict follows a target, though no figure was computed again.
    Target.objects.update(value="0.5")
    assert get(asked, scene.key, headers={"If-None-Match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("figures?month=2026-13", 400, "bad-parameter"),
        ("figures?mont=2026-10", 400, "bad-parameter"),
        ("figures?per_page=500", 400, "bad-parameter"),
        ("figures?level=village", 400, "bad-parameter"),
        ("figures?indicator=happiness", 400, "no-indicator"),
        ("figures?from=2026-10&to=2026-09", 400, "months-reversed"),
        ("figures?from=2020-01&to=2026-09", 400, "too-many-months"),
        ("figures?from=2026-01", 400, "half-a-range"),
        ("figures?month=2026-10&from=2026-01", 400, "two-times"),
        ("parts?month=2020-01&indicator=public_enrolment_share", 404, "no-figures"),
        ("nothing", 404, "not-found"),
    ],
)
def test_every_error_says_what_to_do_next(scene: Scene, path: str, status: int, code: str) -> None:
    response = get(path, scene.key)
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["type"].endswith(f":{code}")
    assert problem["next_step"]
    assert problem["status"] == status


def test_a_wrong_parameter_says_in_chinese_how_it_is_written(scene: Scene) -> None:
    def said(path: str) -> str:
        answer = get(path, scene.key)
        assert "\\u" not in answer.content.decode()
        return str(answer.json()["errors"][0]["detail"])

    assert said("figures?month=2026.10").endswith("写成2026-10")
    assert said("figures?region=12").endswith("如150203")
    assert said("figures?level=village").endswith("province、city、county、town")
    empty = get("figures?month=2001-01", scene.key)
    assert empty.json()["items"] == []
    assert "最近有数的月份是2026-10" in empty.content.decode()


def test_a_session_opens_nothing_and_a_post_is_refused_in_json(scene: Scene) -> None:
    client = Client()
    client.force_login(scene.small.officer())
    response = client.get("/api/v1/figures")
    assert (response.status_code, response.json()["type"][-8:]) == (401, "no-token")
    assert "令牌" in response.json()["title"]
    assert response["WWW-Authenticate"].startswith("Bearer")
    posted = client.post("/api/v1/figures", headers={"Authorization": f"Bearer {scene.key}"})
    assert (posted.status_code, posted["Content-Type"]) == (405, "application/problem+json")


def test_a_key_that_ended_opens_nothing_and_each_refusal_is_kept(scene: Scene) -> None:
    assert get("indicators", scene.key).status_code == 200
    assert get("indicators", f"{scene.key}x").json()["type"].endswith(":unknown-token")
    revoke(token_id=scene.token.pk, reason="系统停用", by=scene.giver, now=NOW)
    assert get("indicators", scene.key).json()["type"].endswith(":revoked-token")
    with time_machine.travel(dt.datetime(2027, 7, 1, 0, 0, 1, tzinfo=NOW.tzinfo)):
        assert get("indicators", scene.city_key).json()["type"].endswith(":expired-token")
    used = ApiTokenUse.objects.filter(token=scene.token).values_list("answered", "refused")
    assert used.get() == (1, 1)
    kept = AccessRecord.objects.filter(action="api", outcome="refused")
    assert sorted(kept.values_list("object_id", flat=True)) == sorted(
        ["", str(scene.token.pk), str(scene.city_token.pk)]
    )
    auditor, other = (
        acting(scene.small.officer(county, "audit_administrator"))
        for county in (scene.small.county, scene.small.other_county)
    )
    assert AccessRecord.objects.visible_to(auditor).filter(action="api").count() == 2
    assert AccessRecord.objects.visible_to(other).filter(action="api").count() == 1


def test_too_many_requests_wait_and_others_do_not(scene: Scene, monkeypatch: Any) -> None:
    slow = limits.Limit("api-test", "读取数据", per_person=limits.Rate(burst=2, every=60))
    monkeypatch.setattr(limits, "API", slow)
    assert [get("indicators", scene.key).status_code for _ in range(3)] == [200, 200, 429]
    refused = get("indicators", scene.key)
    assert refused["Retry-After"] == "60"
    assert refused.json()["next_step"]
    assert get("indicators", scene.city_key).status_code == 200
    # By the address, before any key is looked at.
    few = limits.Limit(
        "api-test-2", "读取数据", per_address=limits.Rate(1, 60), kept_in_database=False
    )
    monkeypatch.setattr(limits, "API_ADDRESS", few)
    assert [get("indicators").status_code for _ in range(2)] == [401, 429]


def test_as_many_queries_for_one_row_as_for_many(scene: Scene) -> None:
    def queries(asked: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert get(asked, scene.city_key).status_code == 200
        return len(captured)

    get("indicators", scene.city_key)
    one = queries("figures?level=town&month=2026-10&per_page=1")
    many = queries("figures?level=town&from=2026-09&to=2026-10&indicator=gross_enrolment_rate")
    assert one == many
    assert one <= 16


def test_the_document_is_openapi_3_1_with_words_and_examples(scene: Scene) -> None:
    document = get("openapi.json").json()
    assert document["openapi"].startswith("3.1")
    names = ("indicators", "regions", "figures", "parts", "publications", "publications/{number}")
    assert {*document["paths"]} == {f"/api/v1/{name}" for name in names}
    for path in document["paths"].values():
        for parameter in path["get"].get("parameters", []):
            assert parameter["schema"].get("description") or parameter.get("description"), parameter
        assert {"200", "304", "401", "429"} <= {*path["get"]["responses"]}
    for name, schema in document["components"]["schemas"].items():
        for key, said in schema.get("properties", {}).items():
            assert said.get("description") or "$ref" in str(said), (name, key)
    assert document["components"]["securitySchemes"]
    assert {*get_args(schemas.VerdictCode)} == {*Verdict}
