"""Groups in the browser's words: list, page, filter of the register, bad input at its place."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from time_machine import travel

from kindergartens.models import Group, GroupMember
from tests.signing_in import client_of
from tests.small_county import NOW, OCTOBER, SmallCounty

pytestmark = pytest.mark.django_db

MARCH = dt.date(2026, 3, 1)


@pytest.fixture
def world():
    with travel(NOW, tick=False):
        world = SmallCounty()
        world.east, world.west = world.town("东镇"), world.town("西镇")
        world.one = world.kindergarten(world.east, "东镇一园")
        world.two = world.kindergarten(world.west, "西镇一园")
        yield world


def cluster(world, **kwargs) -> Group:
    group = Group.objects.create(
        county=world.county,
        kind="town_cluster",
        name="一园组团",
        lead=world.one,
        valid_from=MARCH,
        **kwargs,
    )
    GroupMember.objects.create(group=group, kind=group.kind, town=world.east, valid_from=MARCH)
    GroupMember.objects.create(
        group=group, kind=group.kind, kindergarten=world.two, valid_from=MARCH
    )
    return group


def test_an_officer_founds_a_group_and_takes_members_in(world):
    client = client_of(world.officer())
    asked = {
        "kind": "town_cluster", "name": "一园组团", "lead": world.one.pk, "lead_name": "",
        "document": "示例文件", "valid_from": "2026-11-01",
    }  # fmt: skip
    made = client.post(reverse("group-new"), asked)
    group = Group.objects.get()
    assert made.headers["Location"] == reverse("group-take-in", args=[group.pk])
    assert (group.lead, group.document) == (world.one, "示例文件")
    taken = client.post(
        made.headers["Location"],
        {"first": "2026-11-02", "towns": [world.east.pk], "kindergartens": [world.two.pk]},
        follow=True,
    )
    page = taken.content.decode()
    assert "已加入2个成员，2026年11月2日起。" in page
    assert "东镇" in page
    assert "西镇一园" in page


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"name": ""}, "id_name", "请填名称。"),
        ({"kind": ""}, "id_kind", "请选择类别。"),
        ({"valid_from": "十一月"}, "id_valid_from", "日期写成2026-11-26这样。"),
        ({"lead_name": "另一所"}, "id_lead_name", "只填一个"),
        ({"lead": "999999"}, "id_lead", "名册里没有这所幼儿园"),
    ],
)
def test_bad_input_is_said_at_its_place_and_kept(world, typed, field, said):
    asked = {
        "kind": "alliance", "name": "甲联盟", "lead": world.one.pk, "lead_name": "",
        "document": "一份文件", "valid_from": "2026-11-01",
    } | typed  # fmt: skip
    answer = client_of(world.officer()).post(reverse("group-new"), asked)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert re.search(rf'id="{field}_error">.*?{said}', page, re.DOTALL)
    assert 'value="一份文件"' in page
    assert not Group.objects.exists()


def test_a_lead_of_another_county_cannot_be_chosen(world):
    far = world.kindergarten(world.town("远镇", county=world.other_county), "远镇园")
    asked = {"kind": "alliance", "name": "甲联盟", "lead": far.pk, "valid_from": "2026-11-01"}
    answer = client_of(world.officer()).post(reverse("group-new"), asked)
    assert answer.status_code == 422
    assert not Group.objects.exists()


def test_the_register_is_filtered_by_group(world):
    group = cluster(world)
    world.kindergarten(world.town("北镇"), "北镇一园")
    client = client_of(world.officer())
    shown = client.get(reverse("kindergarten-list"), {"group": group.pk}).content.decode()
    rows = re.findall(r'class="row-link" href="[^"]*">([^<]*)</a>', shown)
    assert rows == ["东镇一园", "西镇一园"]
    everything = client.get(reverse("kindergarten-list"), {"group": "no"}).content.decode()
    assert "北镇一园" in everything


def test_a_town_officer_sees_the_group_but_not_other_towns_kindergartens(world):
    group = cluster(world)
    client = client_of(world.officer(world.east, "town_officer"))
    for page in (reverse("group-list"), reverse("group", args=[group.pk])):
        text = client.get(page).content.decode()
        assert "东镇" in text
        assert "西镇一园" not in text
    assert client.get(reverse("group-figures", args=[group.pk])).status_code == 404


def test_a_member_leaves_with_a_reason(world):
    group = cluster(world)
    member = group.members.get(town=world.east)
    client = client_of(world.officer())
    url = reverse("group-member-end", args=[member.pk])
    answer = client.post(url, {"on": "2026-03-01", "reason": "调整"})
    assert answer.status_code == 422
    assert "退出日期要晚于加入日期" in answer.content.decode()
    answer = client.post(url, {"on": "2026-11-06", "reason": "调整"}, follow=True)
    assert "东镇已退出，以前各月的数不变。" in answer.content.decode()
    member.refresh_from_db()
    assert member.valid_to == dt.date(2026, 11, 6)


def test_the_list_costs_the_same_however_many_groups(world, django_assert_max_num_queries):
    client = client_of(world.officer())
    cluster(world)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(reverse("group-list"))
    for number in range(12):
        group = Group.objects.create(
            county=world.county, kind="alliance", name=f"联盟{number}", valid_from=MARCH
        )
        for one in (world.one, world.two):
            GroupMember.objects.create(
                group=group, kind="alliance", kindergarten=one, valid_from=MARCH
            )
    with CaptureQueriesContext(connection) as many:
        client.get(reverse("group-list"))
    assert len(many) == len(few)


def test_head_cards_and_list_say_the_same_of_who_has_reported(world):
    group = cluster(world)
    world.kindergarten(world.east, "东镇二园")
    world.file(world.one, 20, month=OCTOBER)
    world.file(world.two, 20, month=OCTOBER, state="submitted")
    world.settle()
    page = client_of(world.officer()).get(
        reverse("group-figures", args=[group.pk]), {"month": "2026-10"}
    )
    text = re.sub(r"<[^>]+>", "", page.content.decode())
    assert set(re.findall(r"\d+所已报\d+所", text)) == {"3所已报2所"}
    assert ("已接收1" in text, "待审核1" in text, "未报1" in text) == (True, True, True)
