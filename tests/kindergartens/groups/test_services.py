"""Groups: what may be in them, from when to when, and what the database itself refuses."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from accounts.history.tracking import TRACKED
from kindergartens.groups import services
from kindergartens.groups.rules import leaving_problem, member_dates_problem
from kindergartens.groups.selectors import kindergartens_in
from kindergartens.groups.services import GroupDescription, GroupRefused
from kindergartens.models import Group, GroupMember, KindergartenStatus
from kindergartens.stamps import stamp_of
from tests.conftest import acting
from tests.small_county import NOW, SmallCounty

pytestmark = pytest.mark.django_db

JANUARY = dt.date(2026, 1, 1)
MARCH = dt.date(2026, 3, 1)
JUNE = dt.date(2026, 6, 1)
# Before any month was locked.
EARLY = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
def officer(small: SmallCounty):
    return acting(small.officer())


def found(small: SmallCounty, officer, name="一园", kind="town_cluster", county=None) -> Group:
    return services.found_group(
        county=county or small.county,
        kind=kind,
        description=GroupDescription(name, None, "甲县第一幼儿园", ""),
        valid_from=JANUARY,
        by=officer,
    )


@pytest.mark.parametrize(
    ("first", "ends", "said"),
    [
        (JANUARY, None, ""),
        (MARCH, JUNE, ""),
        (JANUARY - dt.timedelta(1), None, "不能早于成立日期2026年1月1日"),
        (JUNE, JUNE, "2026年6月1日已解散"),
    ],
)
def test_a_member_comes_in_while_the_group_is_there(first, ends, said):
    problem = member_dates_problem(first=first, group_from=JANUARY, group_to=ends)
    assert said in problem
    assert bool(said) == bool(problem)


@pytest.mark.parametrize(
    ("last", "left", "said"),
    [(MARCH, None, ""), (JANUARY, None, "要晚于加入日期"), (JUNE, MARCH, "已于2026年3月1日退出")],
)
def test_a_member_leaves_once_and_after_it_came(last, left, said):
    problem = leaving_problem(last=last, joined=JANUARY, left=left)
    assert said in problem
    assert bool(said) == bool(problem)


def test_a_town_brings_its_kindergartens_on_each_day(small, officer):
    east, west = small.town("东镇"), small.town("西镇")
    one, two = small.kindergarten(east, "东镇一园"), small.kindergarten(west, "西镇一园")
    single = small.kindergarten(small.town("北镇"), "北镇一园")
    group = found(small, officer)
    services.take_in(
        now=EARLY,
        group_id=group.pk,
        towns=[east],
        kindergartens=[single, one],
        first=MARCH,
        by=officer,
    )
    # 西镇一园 moves to the east in June.
    status = KindergartenStatus.objects.get(kindergarten=two)
    KindergartenStatus.objects.filter(pk=status.pk).update(valid_to=JUNE)
    KindergartenStatus.objects.create(
        kindergarten=two, valid_from=JUNE, town=east, sponsor_type="education", ownership="public"
    )
    assert [k.name for k in kindergartens_in(group, JANUARY)] == []
    assert {k.name for k in kindergartens_in(group, MARCH)} == {"东镇一园", "北镇一园"}
    assert {k.name for k in kindergartens_in(group, JUNE)} == {"东镇一园", "西镇一园", "北镇一园"}


def test_a_town_is_in_one_cluster_at_a_time(small, officer):
    east = small.town("东镇")
    first, second = found(small, officer), found(small, officer, "二园")
    services.take_in(
        now=EARLY, group_id=first.pk, towns=[east], kindergartens=[], first=MARCH, by=officer
    )
    with pytest.raises(GroupRefused, match="东镇在一园。请先从那里退出") as refusal:
        services.take_in(
            now=EARLY, group_id=second.pk, towns=[east], kindergartens=[], first=JUNE, by=officer
        )
    assert refusal.value.field == "towns"
    member = GroupMember.objects.get()
    services.let_go(now=EARLY, member_id=member.pk, on=JUNE, reason="调整片区", by=officer)
    services.take_in(
        now=EARLY, group_id=second.pk, towns=[east], kindergartens=[], first=JUNE, by=officer
    )
    assert GroupMember.objects.get(group=second).valid_from == JUNE


def test_alliances_overlap_and_take_no_towns(small, officer):
    east = small.town("东镇")
    one = small.kindergarten(east, "东镇一园")
    first = found(small, officer, "甲联盟", "alliance")
    second = found(small, officer, "乙联盟", "alliance")
    for group in (first, second):
        services.take_in(
            now=EARLY, group_id=group.pk, towns=[], kindergartens=[one], first=MARCH, by=officer
        )
    assert GroupMember.objects.filter(kindergarten=one).count() == 2
    with pytest.raises(GroupRefused, match="联盟的成员是幼儿园"):
        services.take_in(
            now=EARLY, group_id=first.pk, towns=[east], kindergartens=[], first=MARCH, by=officer
        )
    with pytest.raises(GroupRefused, match="东镇一园在甲联盟"):
        services.take_in(
            now=EARLY, group_id=first.pk, towns=[], kindergartens=[one], first=JUNE, by=officer
        )


def test_dissolving_lets_everybody_go_and_moves_nothing_before(small, officer):
    east = small.town("东镇")
    one = small.kindergarten(east, "东镇一园")
    group = found(small, officer)
    services.take_in(
        now=EARLY, group_id=group.pk, towns=[east], kindergartens=[], first=MARCH, by=officer
    )
    with pytest.raises(GroupRefused, match="要晚于"):
        services.dissolve(now=EARLY, group_id=group.pk, on=MARCH, reason="撤并", by=officer)
    services.dissolve(now=EARLY, group_id=group.pk, on=JUNE, reason="撤并", by=officer)
    assert list(kindergartens_in(group, JUNE - dt.timedelta(1))) == [one]
    assert list(kindergartens_in(group, JUNE)) == []
    with pytest.raises(GroupRefused, match="已于2026年6月1日解散"):
        services.dissolve(now=EARLY, group_id=group.pk, on=JUNE, reason="撤并", by=officer)
    event = TRACKED[GroupMember].event.objects.filter(pgh_obj_id=group.members.get().pk).last()
    assert event.pgh_context["reason"] == "撤并"


def test_dissolving_cuts_also_whoever_was_to_leave_later(small, officer):
    group = found(small, officer)
    east, west = small.town("东镇"), small.town("西镇")
    for town in (east, west):
        services.take_in(
            group_id=group.pk, towns=[town], kindergartens=[], first=MARCH, by=officer, now=EARLY
        )
    leaving = group.members.get(town=west)
    december = dt.date(2026, 12, 1)
    services.let_go(member_id=leaving.pk, on=december, reason="调整", by=officer, now=EARLY)
    services.dissolve(group_id=group.pk, on=JUNE, reason="撤并", by=officer, now=EARLY)
    assert set(group.members.values_list("valid_to", flat=True)) == {JUNE}


def test_whoever_comes_after_the_day_keeps_a_group_from_ending_before(small, officer):
    group = found(small, officer)
    GroupMember.objects.create(
        group=group, kind=group.kind, town=small.town("东镇"), valid_from=JUNE,
        valid_to=dt.date(2026, 12, 1),
    )  # fmt: skip
    with pytest.raises(GroupRefused, match="最后一次加入的日期2026年6月1日"):
        services.dissolve(group_id=group.pk, on=MARCH, reason="撤并", by=officer, now=EARLY)


def test_who_is_in_a_group_never_changes_in_a_locked_month(small, officer):
    """September, of the 30th, is locked at NOW; October is not."""
    east, west = small.town("东镇"), small.town("西镇")
    group = found(small, officer)
    last, first = dt.date(2026, 9, 30), dt.date(2026, 10, 1)
    join = {"group_id": group.pk, "kindergartens": [], "by": officer, "now": NOW}
    with pytest.raises(GroupRefused, match="最早填2026年10月1日") as refusal:
        services.take_in(towns=[east], first=last, **join)
    assert refusal.value.field == "first"
    services.take_in(towns=[east], first=first, **join)
    member = GroupMember.objects.create(group=group, kind=group.kind, town=west, valid_from=MARCH)
    leave = {"reason": "调整", "by": officer, "now": NOW}
    with pytest.raises(GroupRefused, match="已经锁定") as refusal:
        services.let_go(member_id=member.pk, on=last, **leave)
    assert refusal.value.field == "on"
    services.let_go(member_id=member.pk, on=first, **leave)
    empty = found(small, officer, "二园")
    with pytest.raises(GroupRefused, match="已经锁定"):
        services.dissolve(group_id=empty.pk, on=last, **leave)
    services.dissolve(group_id=empty.pk, on=first, **leave)


def test_of_two_corrections_the_second_sees_the_first(small, officer):
    group = found(small, officer)
    seen = stamp_of(group, services.DESCRIBED)
    ask = {"group_id": group.pk, "reason": "更正", "seen": seen, "by": officer}
    services.describe_group(description=GroupDescription("新名", None, "", "文"), **ask)
    with pytest.raises(GroupRefused, match="别人改过"):
        services.describe_group(description=GroupDescription("又一名", None, "", ""), **ask)
    group.refresh_from_db()
    assert (group.name, group.document) == ("新名", "文")


def test_a_name_is_one_in_a_county(small, officer):
    found(small, officer)
    with pytest.raises(GroupRefused, match="本区县已有“一园”") as refusal:
        found(small, officer)
    assert refusal.value.field == "name"
    other = acting(small.officer(small.other_county))
    assert found(small, other, county=small.other_county).county == small.other_county


def test_a_group_of_another_county_is_not_there(small, officer):
    group = found(small, officer)
    other = acting(small.officer(small.other_county))
    with pytest.raises(Group.DoesNotExist):
        services.dissolve(now=EARLY, group_id=group.pk, on=JUNE, reason="撤并", by=other)


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        ({"kind": "alliance"}, "group_member_kind_is_its_groups"),
        ({"town": None}, "group_member_is_town_or_kindergarten"),
        ({"valid_to": JANUARY}, "group_member_dates_in_order"),
    ],
)
def test_the_database_keeps_its_promises(small, officer, broken, promise):
    row = {
        "group": found(small, officer),
        "kind": "town_cluster",
        "town": small.town("东镇"),
        "valid_from": MARCH,
    } | broken
    with pytest.raises(IntegrityError, match=promise), transaction.atomic():
        GroupMember.objects.create(**row)


def test_the_database_lets_a_town_into_one_cluster_only(small, officer):
    east = small.town("东镇")
    for name in ("一园", "二园"):
        group = found(small, officer, name)
        row = GroupMember(group=group, kind=group.kind, town=east, valid_from=MARCH)
        if name == "一园":
            row.save()
            continue
        with (
            pytest.raises(IntegrityError, match="town_in_one_group_of_a_kind"),
            transaction.atomic(),
        ):
            row.save()
