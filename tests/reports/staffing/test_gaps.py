"""The pages of missing staff: sums in people, ways down to the return, honest blanks, the file."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import Region
from kindergartens.models import Kindergarten
from reports.staffing import presenters, selectors
from staffing.models import Appointment, StaffingStandard
from staffing.standards.rules import Post
from tests.conftest import acting
from tests.small_county import OCTOBER, SmallCounty
from tests.staffing.roster.making import in_post
from tests.staffing_standard import the_nation_asks

pytestmark = pytest.mark.django_db
# 105 children in 3 classes, to the person: 15 staff, 12 of them teachers and carers.
ENOUGH = {
    "principal": 1, "full_time_teacher": 9, "childcare_worker": 3, "health_staff": 1,
    "service_staff": 1,
}  # fmt: skip


def filed(small: SmallCounty, town: Region, name: str, **changed: int) -> Kindergarten:
    garden = small.kindergarten(town, name)
    small.file(garden, 35, classes=3, staff=ENOUGH | changed)
    return garden


@pytest.fixture
def scene(small: SmallCounty) -> SmallCounty:
    """Two towns: one short of two and one of plenty in 甲镇, one without a health worker in 乙镇."""
    the_nation_asks()
    small.towns = {name: small.town(name) for name in ("甲镇", "乙镇")}
    small.gardens = [
        filed(small, small.towns["甲镇"], "短两人", service_staff=0, childcare_worker=2),
        filed(small, small.towns["甲镇"], "人多", service_staff=30),
        filed(small, small.towns["乙镇"], "没有保健", health_staff=0, service_staff=2),
    ]
    small.file(small.kindergarten(small.towns["乙镇"], "还没接收"), 20, state="submitted")
    small.settle()
    return small


def sums(region: Region) -> dict[Post, Any]:
    return {one.post: one for one in selectors.area(region, OCTOBER)[0].sums}


def test_the_shortage_is_summed_over_kindergartens(scene: SmallCounty) -> None:
    county = sums(scene.county)
    staff = county[Post.STAFF]
    assert (staff.required, staff.present, staff.short) == (45, 13 + 44 + 15, 2)
    assert (staff.met, staff.lacking, staff.unknown) == (2, 1, 0)
    assert [county[post].short for post in (Post.CARE_TEACHING, Post.CARER, Post.HEALTH)] == [
        1,
        0,
        1,
    ]
    assert county[Post.CARER].filled == 1
    # Nobody is asked for cooks and guards, nor said whether they board.
    for post in (Post.COOK, Post.GUARD, Post.BOARDING):
        assert (county[post].short, county[post].required, county[post].unknown) == (None, None, 3)


def test_towns_add_up_to_the_county(scene: SmallCounty) -> None:
    for whole_region in (scene.county, scene.city):
        whole, parts = selectors.area(whole_region, OCTOBER)
        assert sum(part.counts.kindergartens for part in parts) == whole.counts.kindergartens == 3
        for at, one in enumerate(whole.sums):
            known = [part.sums[at] for part in parts if part.sums[at].short is not None]
            assert (sum(part.short for part in known) if known else None) == one.short


def test_the_worst_line_comes_first_and_lines_are_not_added(small: SmallCounty) -> None:
    the_nation_asks()
    first, second = small.town("甲镇"), small.town("乙镇")
    # The same one person is missing in three lines; then two people in one line.
    filed(small, first, "一人三处", full_time_teacher=8, health_staff=0, service_staff=2)
    two_short = small.kindergarten(second, "两人一处")
    small.file(
        two_short, 42, classes=3, staff=ENOUGH | {"full_time_teacher": 11, "service_staff": 0}
    )
    small.settle()
    gardens = selectors.gardens(small.county, OCTOBER)
    assert [[need.short for need in one.needs if need.short] for one in gardens] == [
        [1, 1, 1],
        [2],
    ]
    towns = presenters.area_rows(selectors.area(small.county, OCTOBER)[1])
    assert [row.area.region.name for row in towns] == ["乙镇", "甲镇"]
    worst = presenters.worst_first(gardens)
    assert [one.facts.kindergarten.name for one in worst] == ["两人一处", "一人三处"]


def test_guards_cannot_be_counted_where_staff_is_not(small: SmallCounty) -> None:
    the_nation_asks()
    garden = small.kindergarten(small.town("甲镇"), "示例一园")
    garden.statuses.update(counts_staff=False)
    small.file(garden, 35, classes=3, staff=ENOUGH)
    small.settle()
    [one] = selectors.gardens(small.county, OCTOBER)
    told = {line.need.post: line.why for line in presenters.need_lines(one)}
    assert told[Post.GUARD] == "月报没有问人数；教职工不计入，不知道全园人数"


def test_a_county_is_also_judged_by_all_its_teachers(scene: SmallCounty) -> None:
    whole, _ = selectors.area(scene.county, OCTOBER)
    told = selectors.county_teachers(whole, OCTOBER)
    assert (told.children, told.teachers, told.required, told.short) == (315, 27, 21, 0)
    StaffingStandard.objects.filter(demand="county_teachers").update(most=10)
    assert selectors.county_teachers(whole, OCTOBER).short == 5
    assert selectors.county_teachers(selectors.area(scene.city, OCTOBER)[0], OCTOBER) is None


def test_each_post_of_a_region_is_judged(sign_in, scene: SmallCounty) -> None:
    client = sign_in(scene.officer())
    page = client.get(reverse("staffing-gaps"), {"month": "2026-10"})
    rows = re.findall(r'<th scope="row">([^<]+).*?data-label="判定">(.*?)</td>', _flat(page))
    told = {name: re.search('verdict-word">([^<]+)', cell)[1] for name, cell in rows}
    assert (told["教职工（全园合计）"], told["保育员（按班）"]) == ("未达标", "达标")
    assert (told["保安人员"], told["专任教师（全区县合计）"]) == ("无法计算", "达标")
    # One return is not accepted yet and may bring the teachers the county is short of.
    StaffingStandard.objects.filter(demand="county_teachers").update(most=10)
    page = client.get(reverse("staffing-gaps"), {"month": "2026-10"})
    assert page.context["county_verdict"] == "pending"
    told = page.context["county_teachers"]
    assert presenters.county_verdict(told, complete=True) == "unmet"


def _flat(page: Any) -> str:
    return page.content.decode().replace("\n", "")


def test_the_page_of_a_county_says_people_basis_and_who_is_missing(sign_in, scene) -> None:
    client = sign_in(scene.officer())
    page = client.get(reverse("staffing-gaps"), {"month": "2026-10"}).content.decode()
    assert "甲县人员缺口" in page
    assert "《示例国家标准》第一条" in page
    assert "配足配齐的园1所，能判定的3所" in page
    assert "月报没有问人数" in page
    assert "暂计" in page
    assert "看是哪几所" in page
    assert reverse("staffing-gaps-region", args=[scene.towns["甲镇"].code]) in page
    # On a phone there is no head: each number says whose it is.
    [town] = re.findall(r"<tr>(?:(?!</tr>).)*甲镇(?:(?!</tr>).)*</tr>", page, re.DOTALL)
    assert re.findall(r'data-label="(\w+缺)">(\d+)', town) == [
        ("教职工缺", "2"), ("保教人员缺", "1"), ("专任教师缺", "0"), ("保育员缺", "0"),
        ("卫生保健缺", "0"), ("园长缺", "0"),
    ]  # fmt: skip


def test_a_town_opens_to_kindergartens_and_they_to_classes_and_the_return(sign_in, scene) -> None:
    client = sign_in(scene.officer())
    town = client.get(
        reverse("staffing-gaps-region", args=[scene.towns["甲镇"].code])
    ).content.decode()
    assert town.index("短两人") < town.index("人多")
    garden = scene.gardens[0]
    address = reverse("kindergarten-staffing-gaps", args=[garden.code])
    assert address in town
    page = client.get(address, {"month": "2026-10"}).content.decode()
    assert "缺2人" in page
    assert "1:5至1:7" in page
    assert "另由教师顶1" in page
    assert "小一班" in page
    assert "第1版" in page
    assert "月报没有问人数；园所档案没有登记供餐" in page.replace("\n", "")


def test_the_roster_says_what_no_return_asks_and_who_leads_a_class(sign_in, scene) -> None:
    garden = scene.gardens[0]
    Kindergarten.objects.filter(pk=garden.pk).update(boarding=False, meal_service="three_meals")
    officer = scene.officer()
    client = sign_in(officer)
    page = client.get(reverse("kindergarten-staffing-gaps", args=[garden.code]))
    told = {line.need.post: line for line in page.context["lines"]}
    # Nobody keeps the roster: it does not say that there is no cook.
    assert (told[Post.COOK].verdict, told[Post.COOK].by_roster) == ("unavailable", False)
    entered_as = acting(officer).acting
    for serial, held in enumerate(
        [
            {"class_led": "小一班"},
            {"class_led": "小一班"},
            {"post": "childcare_worker", "class_led": "小一班"},
            {"post": "service_staff", "duty": "cook"},
        ]
    ):
        post = in_post(garden, entered_as, serial + 1)
        Appointment.objects.unscoped("the test's").filter(pk=post.pk).update(**held)
    page = client.get(reverse("kindergarten-staffing-gaps", args=[garden.code]))
    told = {line.need.post: line for line in page.context["lines"]}
    assert (told[Post.COOK].verdict, told[Post.COOK].extra) == ("unmet", "缺2人")
    assert told[Post.COOK].by_roster
    assert not told[Post.TEACHER].by_roster
    assert {line.room.name: line.led_by for line in page.context["rooms"]} == {
        "小一班": [("专任教师", 2), ("保育员", 1)], "小二班": [], "小三班": [],
    }  # fmt: skip
    assert "按名册" in page.content.decode()
    # What was frozen stays: the region's page knows of no cook.
    assert sums(scene.county)[Post.COOK].short is None


def test_a_gap_begins_a_line_of_the_plan(sign_in, scene: SmallCounty) -> None:
    town = scene.towns["乙镇"]
    client = sign_in(scene.officer())
    page = client.get(reverse("staffing-gaps-region", args=[town.code])).content.decode()
    address = f"{reverse('recruitment-new')}?post=health&amp;gap=1&amp;town={town.code}"
    assert address in page
    form = client.get(address.replace("&amp;", "&")).context["form"]
    told = [form[name].value() for name in ("post", "gap", "town")]
    assert told == ["health", "1", town.pk]
    leader = sign_in(scene.officer(scene.county, "bureau_leader"))
    page = leader.get(reverse("staffing-gaps-region", args=[town.code])).content.decode()
    assert "登记补充计划" not in page


def test_a_director_sees_the_own_kindergarten_only(sign_in, scene) -> None:
    own, other = scene.gardens[0], scene.gardens[1]
    client = sign_in(scene.person("园长", own.organisation, "director"))
    assert client.get(reverse("kindergarten-staffing-gaps", args=[own.code])).status_code == 200
    assert client.get(reverse("kindergarten-staffing-gaps", args=[other.code])).status_code == 404
    assert client.get(reverse("staffing-gaps")).status_code == 403


def test_what_the_registry_knows_changes_what_is_asked(scene: SmallCounty) -> None:
    garden = scene.gardens[0]
    Kindergarten.objects.filter(pk=garden.pk).update(boarding=False, meal_service="three_meals")
    found = next(
        one for one in selectors.gardens(scene.county, OCTOBER)
        if one.facts.kindergarten_id == garden.pk
    )  # fmt: skip
    by_post = {need.post: need for need in found.needs}
    assert Post.BOARDING not in by_post
    assert (by_post[Post.COOK].required, by_post[Post.COOK].short) == (3, None)
    assert (by_post[Post.GUARD].required, by_post[Post.GUARD].short) == (2, None)


def test_without_a_standard_the_page_says_so(sign_in, small: SmallCounty) -> None:
    filed(small, small.town("甲镇"), "示例一园")
    small.settle()
    client = sign_in(small.officer())
    page = client.get(reverse("staffing-gaps")).content.decode()
    assert "没有适用的标准" in page
    assert "无法计算" in page


def test_a_month_without_returns_says_what_comes(sign_in, small: SmallCounty) -> None:
    small.town("甲镇")
    client = sign_in(small.officer())
    assert "还不能算缺口" in client.get(reverse("staffing-gaps")).content.decode()


def test_the_file_has_a_row_a_kindergarten_and_names_the_standard(sign_in, scene) -> None:
    client = sign_in(scene.officer())
    sent = client.get(
        reverse("staffing-gaps-export", args=[scene.county.code, "xlsx"]), {"month": "2026-10"}
    )
    sheet = load_workbook(io.BytesIO(b"".join(sent.streaming_content))).active
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    head = rows[0]
    by_name = {row[2]: dict(zip(head, row, strict=True)) for row in rows[1:4]}
    assert by_name.keys() == {"短两人", "人多", "没有保健"}
    assert (by_name["短两人"]["教职工应配"], by_name["短两人"]["教职工缺"]) == (15, 2)
    assert by_name["没有保健"]["卫生保健缺"] == 1
    assert by_name["人多"]["教职工配备"] == "达标"
    assert any("示例国家标准" in str(cell) for row in rows for cell in row)


def test_as_many_queries_for_three_kindergartens_as_for_twelve(sign_in, small: SmallCounty) -> None:
    the_nation_asks()
    town = small.town("甲镇")
    client = sign_in(small.officer())
    addresses = [
        reverse("staffing-gaps"),
        reverse("staffing-gaps-region", args=[town.code]),
        reverse("staffing-gaps-export", args=[small.county.code, "xlsx"]),
    ]
    asked = []
    for number in (3, 9):
        for at in range(number):
            filed(small, town, f"示例{number}之{at}园")
        small.settle()
        for address in addresses:
            client.get(address)
        with CaptureQueriesContext(connection) as queries:
            for address in addresses:
                assert client.get(address).status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1]
