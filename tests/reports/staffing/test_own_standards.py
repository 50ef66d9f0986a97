"""A county sets its own standard: previewed, dated, never over an old one; who may not."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from time_machine import travel

from accounts.history.tracking import TRACKED
from accounts.models import Job
from indicators.models import KindergartenFacts
from kindergartens.stamps import stamp_of
from reports.staffing import effects, services
from staffing.models import StaffingStandard
from staffing.standards.forms import StandardForm
from staffing.standards.services import StandardRefused, corrected
from staffing.standards.terms import Demand, Terms, fewer_than
from staffing.standards.words import terms_text
from tests.conftest import acting
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty
from tests.staffing_standard import the_nation_asks

pytestmark = pytest.mark.django_db

STAFF = {
    "principal": 1, "full_time_teacher": 9, "childcare_worker": 3, "health_staff": 1,
    "service_staff": 1,
}  # fmt: skip
TYPED = {
    "day": "full", "least": "", "most": "6", "document": "甲县配备办法", "clause": "第二条",
    "valid_from": "2026-10-15",
}  # fmt: skip


@pytest.fixture
def scene(small: SmallCounty) -> SmallCounty:
    """105 children to 15 and to 20 people, in September (locked) and October: 1:7 and 1:5.25."""
    the_nation_asks()
    town = small.town("甲镇")
    for name, more in (("刚够", 0), ("有余", 5)):
        garden = small.kindergarten(town, name)
        for month in (SEPTEMBER, OCTOBER):
            small.file(
                garden, 35, classes=3, month=month,
                staff=STAFF | {"service_staff": STAFF["service_staff"] + more},
            )  # fmt: skip
    small.settle(SEPTEMBER, OCTOBER)
    small.county.periods.filter(month=SEPTEMBER).update(locks_at=NOW - dt.timedelta(days=1))
    return small


def a_row(**values: object) -> StaffingStandard:
    given = {
        "demand": "staff", "day": "full", "most": 6, "document": "甲县配备办法", "clause": "二",
        "valid_from": dt.date(2026, 10, 1),
    }  # fmt: skip
    return StaffingStandard(**given | values)


def verdicts(month: dt.date) -> dict[str, bool | None]:
    rows = KindergartenFacts.objects.unscoped("the test's").filter(month=month)
    return dict(rows.values_list("kindergarten__name", "fully_staffed"))


def test_a_preview_says_who_changes_and_saves_nothing(scene: SmallCounty) -> None:
    row = a_row(region=scene.county)
    effect = effects.effect_of(row, scene.county, NOW)
    assert (effect.month, effect.kindergartens) == (OCTOBER, 2)
    assert (effect.falling, effect.rising, effect.unknown) == (1, 0, 0)
    assert (effect.before.fully, effect.after.fully) == (2, 1)
    [(was, would_be)] = effect.posts
    assert (was.required, was.short, would_be.required, would_be.short) == (30, 0, 36, 3)
    assert effect.judged_again == [OCTOBER]
    assert not StaffingStandard.objects.filter(region=scene.county).exists()


def test_saving_ends_the_former_row_and_judges_open_months_only(scene: SmallCounty) -> None:
    officer = acting(scene.officer())
    services.set_standard(standard=a_row(), by=officer, now=NOW)
    assert verdicts(OCTOBER) == {"刚够": False, "有余": True}
    assert verdicts(SEPTEMBER) == {"刚够": True, "有余": True}
    assert Job.objects.filter(kind="recompute-figures").exists()
    services.set_standard(
        standard=a_row(most=8, valid_from=dt.date(2026, 10, 31)), by=officer, now=NOW
    )
    rows = StaffingStandard.objects.filter(region=scene.county).order_by("valid_from")
    assert list(rows.values_list("most", "valid_from", "valid_to")) == [
        (6, dt.date(2026, 10, 1), dt.date(2026, 10, 31)),
        (8, dt.date(2026, 10, 31), None),
    ]
    assert verdicts(OCTOBER) == {"刚够": True, "有余": True}
    for day, why in (
        (dt.date(2026, 10, 31), "更晚的一天"),
        (dt.date(2026, 10, 1), "更晚的一天"),
        # September is locked, with 30 September as its statistical date.
        (dt.date(2026, 9, 30), "最早填2026年10月1日"),
        (dt.date(2035, 1, 1), "核对年份"),
    ):
        with pytest.raises(StandardRefused, match=why) as refusal:
            services.set_standard(standard=a_row(valid_from=day), by=officer, now=NOW)
        assert refusal.value.field == "valid_from"
    with pytest.raises(StandardRefused, match="上级考核区县"):
        services.set_standard(
            standard=a_row(demand="county_teachers", day="any"), by=officer, now=NOW
        )


def test_a_row_no_locked_month_leans_on_is_put_right_in_place(scene: SmallCounty) -> None:
    officer = acting(scene.officer())
    first = services.set_standard(standard=a_row(), by=officer, now=NOW)
    row = services.set_standard(
        standard=a_row(most=1, valid_from=dt.date(2027, 10, 31)), by=officer, now=NOW
    )
    names = corrected(Demand.STAFF)
    ask = {"row_id": row.pk, "reason": "年份写错", "by": officer, "now": NOW}
    ask["seen"] = stamp_of(row, names)
    right = {name: getattr(row, name) for name in names} | {
        "most": 8, "valid_from": dt.date(2026, 10, 31),
    }  # fmt: skip
    for day, why in ((dt.date(2026, 10, 1), "前一条"), (dt.date(2026, 9, 30), "最早填")):
        with pytest.raises(StandardRefused, match=why):
            services.correct_standard(values=right | {"valid_from": day}, **ask)
    services.correct_standard(values=right, **ask)
    # The row it took over from ends where it begins now, and the open month follows.
    first.refresh_from_db()
    assert first.valid_to == dt.date(2026, 10, 31)
    assert verdicts(OCTOBER) == {"刚够": True, "有余": True}
    with pytest.raises(StandardRefused, match="别人改过"):
        services.correct_standard(values=right, **ask)
    last = TRACKED[StaffingStandard].copies("the test's own row").filter(pgh_obj_id=row.pk).last()
    assert (last.most, last.pgh_context["reason"]) == (8, "年份写错")
    row.refresh_from_db()
    later = NOW + dt.timedelta(days=20)
    with pytest.raises(StandardRefused, match="已经锁定"):
        services.correct_standard(
            values=right, **ask | {"seen": stamp_of(row, names), "now": later}
        )


def test_only_the_own_row_ends_and_only_the_bureau_sets_one(scene: SmallCounty) -> None:
    officer = acting(scene.officer())
    row = services.set_standard(standard=a_row(), by=officer, now=NOW)
    ask = {"on": NOW.date(), "reason": "文件废止", "by": officer, "now": NOW}
    services.end_standard(row_id=row.pk, **ask)
    with pytest.raises(StandardRefused, match="已于"):
        services.end_standard(row_id=row.pk, **ask)
    nations = StaffingStandard.objects.filter(region=None).first()
    with pytest.raises(StandardRefused, match="上级文件"):
        services.end_standard(row_id=nations.pk, **ask)
    with pytest.raises(PermissionDenied):
        services.set_standard(
            standard=a_row(), by=acting(scene.officer(scene.city, "city_officer")), now=NOW
        )


def test_the_page_previews_then_saves_what_was_previewed(sign_in, scene: SmallCounty) -> None:
    client = sign_in(scene.officer())
    new = reverse("staffing-standard-new", args=["staff"])
    with travel(NOW, tick=False):
        assert 'value="7"' in client.get(new).content.decode()
        shown = client.post(new, TYPED)
        page = shown.content.decode()
        assert "1所园“配足配齐”的判定会变" in page
        assert "低于上级规定" not in page
        assert "2026年10月还没锁定" in page
        # Typed otherwise since: previewed again.
        seen = shown.context["previewed"]
        client.post(new, TYPED | {"most": "5", "previewed": seen})
        assert not StaffingStandard.objects.filter(region=scene.county).exists()
        assert client.post(new, TYPED | {"previewed": seen}).status_code == 302
        # What cannot be saved is refused before anybody reads what it would do.
        refused = client.post(new, TYPED)
        assert "更晚的一天" in refused.context["form"].errors["valid_from"][0]
        assert "保存后会怎样" not in refused.content.decode()
        less = client.post(new, TYPED | {"most": "9", "valid_from": "2026-11-01"})
        assert "低于上级规定" in less.content.decode()
        row = StaffingStandard.objects.get(region=scene.county)
        correct = reverse("staffing-standard-correct", args=[row.pk])
        opened = client.get(correct).context["form"]
        typed = TYPED | {"most": "9", "reason": "", "seen": opened["seen"].value()}
        assert list(client.post(correct, typed).context["form"].errors) == ["reason"]
        assert client.post(correct, typed | {"reason": "写错了"}).status_code == 302
        listed = client.get(reverse("staffing-standards")).content.decode()
    assert StaffingStandard.objects.get(region=scene.county).basis == "《甲县配备办法》第二条"
    assert "低于上级规定" in listed
    assert listed.index("1:9以内") < listed.index("其他规定") < listed.index("1:5至1:7")
    for city in (scene.officer(scene.city, "city_officer"),):
        page = sign_in(city).get(reverse("staffing-standards")).content.decode()
        assert "截止<" not in page


@pytest.mark.parametrize(
    ("demand", "changed", "field"),
    [
        ("staff", {"most": ""}, "most"),
        ("staff", {"most": "０"}, "most"),
        ("staff", {"least": "8"}, "most"),
        ("staff", {"least": "0"}, "least"),
        ("staff", {"clause": " "}, "clause"),
        ("class_posts", {"teachers": "2", "carers": "", "teachers_alone": "3"}, "carers"),
        ("class_posts", {"teachers": "2", "carers": "1", "teachers_alone": "2"}, "teachers_alone"),
        (
            "class_posts",
            {"teachers": "2", "carers": "1", "teachers_alone": "3", "single_teachers": "3"},
            "teachers_alone",
        ),
        ("guard", {"steps": "0:1,100:1"}, "steps"),
        ("guard", {"steps": "一百人两名"}, "steps"),
        ("guard", {"steps": ""}, "steps"),
    ],
)
def test_bad_numbers_are_refused_at_their_field(demand, changed, field) -> None:
    form = StandardForm(TYPED | changed, demand=Demand(demand))
    assert list(form.errors) == [field]


@pytest.mark.parametrize(
    ("demand", "values", "text"),
    [
        ("staff", {"least": "5", "most": "7"}, "1:5至1:7"),
        (
            "class_posts",
            {"teachers": "2", "carers": "1", "teachers_alone": "3", "single_teachers": "2"},
            "每班2名教师和1名保育员，或3名教师；单班园2名教师",
        ),
        ("health", {"most": "150", "health_rule": "per_full"}, "每满150名幼儿1名，余数不另加"),
        ("principal", {"steps": "1：1，6：2"}, "至少1名；1个班起最多1名，6个班起最多2名"),
        ("guard", {"steps": "0:1、100:2", "step_beyond": "500"},
         "0人起1名，100人起2名，再往上每500人加1名"),
        ("cook", {"least": "40", "most": "45"}, "三餐一点的每40至45名幼儿1名，不足40名的1名"),
    ],
)  # fmt: skip
def test_what_was_typed_is_a_row_the_database_takes(demand, values, text, small) -> None:
    form = StandardForm(TYPED | {"most": ""} | values, demand=Demand(demand))
    assert form.is_valid(), form.errors
    row = form.standard()
    row.full_clean()
    row.save()
    assert terms_text(Demand(demand), row.terms) == text


TWO_AND_ONE = Terms(teachers=2, carers=1, teachers_alone=3, boarding_teachers=1, boarding_carers=1)
GUARDS = Terms(steps=((0, 1), (100, 2)), step_beyond=500)


@pytest.mark.parametrize(
    ("demand", "mine", "above", "fewer"),
    [
        ("staff", Terms(most=7), Terms(most=7), False),
        ("staff", Terms(most=8), Terms(most=7), True),
        ("health", Terms(most=150, health_rule="per_full"), Terms(most=150), True),
        ("class_posts", TWO_AND_ONE, TWO_AND_ONE, False),
        ("class_posts", replace(TWO_AND_ONE, teachers_alone=None), TWO_AND_ONE, False),
        ("class_posts", replace(TWO_AND_ONE, boarding_carers=None), TWO_AND_ONE, True),
        ("class_posts", replace(TWO_AND_ONE, single_teachers=2), TWO_AND_ONE, True),
        ("principal", Terms(steps=((1, 1),)), Terms(steps=((1, 1), (6, 2))), False),
        ("guard", Terms(steps=((0, 1), (90, 2)), step_beyond=500), GUARDS, False),
        ("guard", Terms(steps=((0, 1), (110, 2)), step_beyond=500), GUARDS, True),
        ("guard", Terms(steps=((0, 1), (100, 2))), GUARDS, True),
    ],
)
def test_fewer_people_than_the_place_above_asks_for(demand, mine, above, fewer) -> None:
    assert fewer_than(Demand(demand), mine, above) is fewer
