"""The preview against what a real change and a real recompute then make of it."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.models import Region, User
from indicators.catalogue import THREE_RATES
from indicators.models import KindergartenFacts, Policy, RegionFacts, Target
from indicators.selectors.figures import figures
from indicators.services.recompute import recompute
from indicators.services.what_if import effect_of, wider_than_below
from kindergartens.changes.policies import ChangeRefused
from kindergartens.changes.services import change_status
from kindergartens.changes.snapshots import dated
from kindergartens.models import Kindergarten, KindergartenStatus, ReportingPeriod, StatusChange
from reports.planning import services
from reports.planning.services import Proposal, Stale
from tests.acting_role import as_owner
from tests.conftest import acting
from tests.signing_in import client_of, shown_who_they_are
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty, moment

NOVEMBER = dt.date(2026, 11, 1)
LATER = moment(2026, 12, 3)
TO_INCLUSIVE: dict[str, object] = {"ownership": "inclusive_private", "for_profit": False}


class Scene:
    """Two towns with three kindergartens, two months counted; a county beside with its own."""

    def __init__(self, small: SmallCounty) -> None:
        self.small = small
        self.town, self.second = small.town("甲镇"), small.town("二镇")
        small.populate(small.county, 600)
        small.populate(small.other_county, 300)
        self.kindergarten = small.kindergarten(
            self.town, "民办一园", ownership="non_inclusive_private"
        )
        self.heads = {
            self.kindergarten: 37,
            small.kindergarten(self.town, "公办园"): 61,
            small.kindergarten(self.second, "民办二园", ownership="inclusive_private"): 53,
        }
        other = small.town("乙镇", county=small.other_county)
        self.heads[small.kindergarten(other, "乙园", ownership="non_inclusive_private")] = 44
        for month in (SEPTEMBER, OCTOBER):
            self.file(month)
        small.settle(SEPTEMBER, OCTOBER)
        self.officer = acting(small.officer())
        policy = Policy.objects.create(slug="示例", title="示例文件")
        Target.objects.create(
            policy=policy, indicator="inclusive_enrolment_share", operator=">=",
            value=Decimal("0.85"), levels=["town", "county", "city", "province"],
        )  # fmt: skip
        self.regions = [self.town, small.county, small.city, small.city.province]

    def file(self, month: dt.date, *but: Kindergarten) -> None:
        for kindergarten, children in self.heads.items():
            if kindergarten not in but:
                self.small.file(kindergarten, children, month=month)

    def open_november(self) -> None:
        for county in (self.small.county, self.small.other_county):
            ReportingPeriod.objects.create(
                county=county, month=NOVEMBER, reference_date=dt.date(2026, 11, 30),
                opens_at=moment(2026, 11, 25), due_at=moment(2026, 12, 9),
                locks_at=moment(2026, 12, 20),
            )  # fmt: skip

    def proposal(self, **changes: Any) -> Proposal:
        asked: dict[str, Any] = {
            "kindergarten": self.kindergarten.pk,
            "valid_from": NOVEMBER,
            "values": TO_INCLUSIVE,
            "reason": "认定为普惠性民办幼儿园",
            "document_number": "甲教发〔2026〕1号",
        }
        return Proposal(**(asked | changes))


@pytest.fixture
def scene(small: SmallCounty) -> Scene:
    return Scene(small)


def everything_of(*months: dt.date) -> list[dict[str, Any]]:
    rows = RegionFacts.objects.filter(month__in=months).order_by("month", "region").values()
    facts = KindergartenFacts.objects.filter(month__in=months).order_by("pk").values()
    return [*rows, *facts]


def rates(
    scene: Scene, month: dt.date, regions: list[Region] | None = None
) -> list[tuple[Any, ...]]:
    return [
        (r.code, f.indicator.code, f.numerator, f.denominator, f.value, f.verdict)
        for r in regions or scene.regions
        for f in figures(r, month, THREE_RATES)
    ]


def test_from_next_month_every_earlier_rate_stays_and_the_next_moves_as_shown(
    scene: Scene,
) -> None:
    """Done when: inclusive from next month leaves every earlier rate the same to the last digit."""
    earlier = everything_of(SEPTEMBER, OCTOBER)
    printed = [*rates(scene, SEPTEMBER), *rates(scene, OCTOBER)]
    assert len(earlier) == 2 * (3 + 2 + 2) + 2 * 4
    shown = services.preview(proposal=scene.proposal(), by=scene.officer, now=NOW)
    assert everything_of(SEPTEMBER, OCTOBER) == earlier, "looking changes nothing"
    assert not StatusChange.objects.exists()
    services.confirm(token=shown.token, by=scene.officer, now=NOW)

    scene.open_november()
    scene.file(NOVEMBER)
    for month in (SEPTEMBER, OCTOBER, NOVEMBER):
        recompute(month=month, now=LATER)
        recompute(month=month, now=LATER, county=scene.small.county)
    assert everything_of(SEPTEMBER, OCTOBER) == earlier
    assert [*rates(scene, SEPTEMBER), *rates(scene, OCTOBER)] == printed

    # The same heads a month later: exactly what the preview said, verdicts included.
    assert shown.effect is not None
    said = [
        (one.region.code, f.indicator.code, f.numerator, f.denominator, f.value, f.verdict)
        for one in shown.effect.regions
        for f in one.after
    ]
    own = scene.regions[:2]
    assert said == rates(scene, NOVEMBER, own)
    was = [
        (one.region.code, f.indicator.code, f.numerator, f.denominator, f.value, f.verdict)
        for one in shown.effect.regions
        for f in one.before
    ]
    assert was == rates(scene, OCTOBER, own)
    moved = {row[0] for row, before in zip(said, was, strict=True) if row[2:5] != before[2:5]}
    assert moved == {region.code for region in own}
    county = shown.effect.regions[1]
    assert county.before[1].value == Decimal(114) / Decimal(151)
    assert county.after[1].value == Decimal(1)
    assert (county.before[1].verdict, county.after[1].verdict) == ("unmet", "met")


@pytest.mark.parametrize(
    "changes",
    [
        {"operating_state": "closed"},
        {"ownership": "public", "sponsor_type": "education", "for_profit": False,
         "counts_public": True, "counts_inclusive": True},
        {"counts_enrolment": False, "counts_staff": False},
        {"town": "second"},
        TO_INCLUSIVE | {"counts_inclusive": True},
    ],
)  # fmt: skip
def test_every_kind_of_effect_is_what_recompute_makes_of_it(
    scene: Scene, changes: dict[str, object]
) -> None:
    """No second formula: rows by hand into the same month, recomputed, give what was shown."""
    if changes.get("town") == "second":
        changes = {"town": scene.second.pk}
    status = scene.kindergarten.statuses.get()
    before = dated(status).values
    effect = effect_of(
        kindergarten=scene.kindergarten, before=before, after={**before, **changes}, now=NOW
    )
    assert effect is not None
    columns = {("town_id" if k == "town" else k): v for k, v in changes.items()}
    KindergartenStatus.objects.filter(pk=status.pk).update(**columns)
    facts = KindergartenFacts.objects.filter(kindergarten=scene.kindergarten, month=OCTOBER)
    known = {k: v for k, v in columns.items() if k not in {"for_profit", "operating_state"}}
    if changes.get("operating_state") == "closed" or changes.get("counts_enrolment") is False:
        with as_owner():  # the portal never deletes one
            facts.delete()
    elif known:
        facts.update(**known)
    recompute(month=OCTOBER, now=LATER)
    for one in effect.regions:
        real = figures(one.region, OCTOBER, THREE_RATES)
        assert [
            (f.numerator, f.denominator, f.value, f.verdict, f.expected, f.accepted)
            for f in one.after
        ] == [
            (f.numerator, f.denominator, f.value, f.verdict, f.expected, f.accepted) for f in real
        ]


def test_what_is_registered_for_before_the_change_is_not_laid_at_its_door(scene: Scene) -> None:
    """A change of level moves no rate, also where 公办 from an earlier day waits to count."""
    status = scene.kindergarten.statuses.get()
    plain = dated(status).values
    public = {**plain, "ownership": "public", "sponsor_type": "education",
              "counts_public": True, "counts_inclusive": True}  # fmt: skip
    level = effect_of(
        kindergarten=scene.kindergarten, before=public, after={**public, "level": "一级"}, now=NOW
    )
    first = effect_of(kindergarten=scene.kindergarten, before=plain, after=public, now=NOW)
    assert level is not None
    assert first is not None
    assert (level.earlier_changes, first.earlier_changes) == (True, False)
    for later, earlier in zip(level.regions, first.regions, strict=True):
        assert [f.value for f in later.before] == [f.value for f in later.after]
        assert [f.value for f in later.before] == [f.value for f in earlier.after]
    assert any(one.before[2].value != one.after[2].value for one in first.regions), (
        "公办占比 does move with the earlier one"
    )


@pytest.mark.parametrize(
    ("sets", "shown"),
    [
        ([{1}, {1}, {1}], [True, False, False]),  # 直辖市 with one county: 市辖区 says nothing
        ([{1}, {1, 2}, {1, 2}], [True, True, False]),
        ([{1}, {1}, {1, 2}], [True, False, True]),
        ([{1}, {1, 2}, {1, 2, 3}], [True, True, True]),
        ([{1}, {1}], [True, False]),
    ],
)
def test_a_row_over_the_same_counties_as_the_one_below_is_left_out(
    sets: list[set[int]], shown: list[bool]
) -> None:
    assert wider_than_below([frozenset(one) for one in sets]) == shown


def effect_for(scene: Scene, home: Region | None) -> list[str]:
    before = dated(scene.kindergarten.statuses.get()).values
    effect = effect_of(
        kindergarten=scene.kindergarten, before=before, after={**before, **TO_INCLUSIVE}, now=NOW,
        home=home,
    )  # fmt: skip
    assert effect is not None
    return [one.region.name for one in effect.regions]


def test_only_what_one_supervises_and_no_row_twice(scene: Scene) -> None:
    town, county, city, province = scene.regions
    Region.objects.filter(pk=scene.small.other_county.pk).update(is_active=True)
    both = [town.name, county.name, city.name]
    assert effect_for(scene, None) == both, "the province holds no county but the city's"
    assert effect_for(scene, city) == both
    assert effect_for(scene, county) == both[:2]
    assert effect_for(scene, town) == both[:2]
    Region.objects.filter(pk=scene.small.other_county.pk).update(is_active=False)
    assert effect_for(scene, province) == both[:2], "the city is this county alone"


# ---- confirming ----------------------------------------------------------------------------------


def test_what_was_shown_must_still_hold(scene: Scene) -> None:
    shown = services.preview(proposal=scene.proposal(), by=scene.officer, now=NOW)
    facts = KindergartenFacts.objects.filter(kindergarten=scene.kindergarten, month=OCTOBER)
    facts.update(enrolled_children=38)
    with pytest.raises(Stale, match="数据有了变化"):
        services.confirm(token=shown.token, by=scene.officer, now=NOW)
    assert not StatusChange.objects.exists()


def test_a_preview_confirms_once(scene: Scene) -> None:
    shown = services.preview(proposal=scene.proposal(), by=scene.officer, now=NOW)
    services.confirm(token=shown.token, by=scene.officer, now=NOW)
    with pytest.raises(ChangeRefused, match="一样"):
        services.confirm(token=shown.token, by=scene.officer, now=NOW)
    assert StatusChange.objects.count() == 1


def test_a_token_is_one_persons_and_holds_half_an_hour(scene: Scene) -> None:
    with time_machine.travel(NOW, tick=False):
        token = services.preview(proposal=scene.proposal(), by=scene.officer, now=NOW).token
        other = acting(scene.small.officer())
        with pytest.raises(PermissionDenied, match="岗位"):
            services.confirm(token=token, by=other, now=NOW)
        with pytest.raises(Stale, match="过期"):
            services.confirm(token=token[:-1] + "x", by=scene.officer, now=NOW)
    with time_machine.travel(NOW + dt.timedelta(minutes=31)), pytest.raises(Stale, match="过期"):
        services.confirm(token=token, by=scene.officer, now=NOW)


def test_a_kindergarten_without_figures_has_none(scene: Scene) -> None:
    with as_owner():  # the portal never deletes one
        RegionFacts.objects.all().delete()
        KindergartenFacts.objects.all().delete()
    shown = services.preview(proposal=scene.proposal(), by=scene.officer, now=NOW)
    assert shown.effect is None


# ---- in the browser's words ----------------------------------------------------------------------


def form(**changes: Any) -> dict[str, Any]:
    names = ("town", "sponsor_type", "ownership", "for_profit", "half_day", "level",
             "urban_rural", "counts_enrolment", "counts_staff")  # fmt: skip
    return dict.fromkeys(names, "keep") | {
        "valid_from": "2026-12-01", "reason": "评为一级园", "document_number": "甲教发〔2026〕2号",
    } | changes  # fmt: skip


def pages(scene: Scene, person: User, data: dict[str, Any]) -> Any:
    client = shown_who_they_are(client_of(person))
    return client, client.post(reverse("status-change", args=[scene.kindergarten.code]), data)


def test_from_the_form_to_the_timeline(scene: Scene) -> None:
    with time_machine.travel(NOW, tick=True):
        client, page = pages(
            scene, scene.officer,
            form(town=str(scene.second.pk), reason="迁到二镇"),
        )  # fmt: skip
        text = page.content.decode()
        assert page.status_code == 200
        assert "37名幼儿" in text
        assert "甲镇</del>" in text
        token = re.search(r'name="token" value="([^"]+)"', text)
        assert token
        answer = client.post(reverse("status-change-confirm"), {"token": token[1]}, follow=True)
        shown = answer.content.decode()
    assert "已登记，2026年12月1日起生效" in shown
    assert "迁到二镇" in shown
    assert "还没有生效" in shown
    assert scene.kindergarten.statuses.on(dt.date(2026, 12, 1)).get().town == scene.second


def test_no_officer_turns_a_private_one_public(scene: Scene) -> None:
    data = {"sponsor_type": "education", "ownership": "public", "for_profit": "no"}
    with time_machine.travel(NOW, tick=True):
        _, page = pages(scene, scene.officer, form(**data))
    assert page.status_code == 409
    assert "提出“举办者变更”" in page.content.decode()
    proposal = scene.proposal(
        values={"sponsor_type": "education", "ownership": "public", "for_profit": False}
    )
    with pytest.raises(ChangeRefused, match="由教育局领导决定"):
        services.preview(proposal=proposal, by=scene.officer, now=NOW)
    leader = acting(scene.small.officer(role="bureau_leader"))
    assert services.preview(proposal=proposal, by=leader, now=NOW).changed >= {"ownership"}
    assert not StatusChange.objects.exists()


@pytest.mark.parametrize(
    ("data", "status", "says"),
    [
        (form(), 422, "至少改一项"),
        (form(level="first", document_number=""), 422, "请上传依据文件"),
        (form(level="first", reason=""), 422, "请写明变更原因"),
        (form(level="first", valid_from="明天"), 422, "日期写成"),
        (form(ownership="public"), 409, "对不上"),
        (form(level="first", valid_from="2019-01-01"), 409, "不能更早"),
    ],
)
def test_what_cannot_be_said_so(scene: Scene, data: dict[str, Any], status: int, says: str) -> None:
    with time_machine.travel(NOW, tick=True):
        _, page = pages(scene, scene.officer, data)
    assert page.status_code == status
    assert says in page.content.decode()
    assert not StatusChange.objects.exists()


def test_stale_in_the_browser_shows_the_new_effect(scene: Scene) -> None:
    with time_machine.travel(NOW, tick=True):
        client, page = pages(scene, scene.officer, form(level="first"))
        token = re.search(r'name="token" value="([^"]+)"', page.content.decode())
        assert token
        change_status(
            kindergarten=scene.kindergarten, valid_from=dt.date(2026, 11, 20),
            values={"half_day": True}, reason="改为半日制", document=None, document_number="x",
            by=scene.officer, now=NOW,
        )  # fmt: skip
        answer = client.post(reverse("status-change-confirm"), {"token": token[1]})
    assert answer.status_code == 409
    assert "数据有了变化" in answer.content.decode()
    assert StatusChange.objects.count() == 1
