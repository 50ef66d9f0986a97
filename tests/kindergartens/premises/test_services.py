"""Counting, confirming, setting standards, against PostgreSQL; the county's sums and its queries."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access.scoping import serving_a_person
from kindergartens.demands.loading import DemandFileError, load_demands
from kindergartens.models import EquipmentItem, PremisesCount, PremisesStandard
from kindergartens.policies import NotAllowedNow
from kindergartens.premises import selectors, services
from kindergartens.premises.backlog import backlog
from kindergartens.premises.rules import Standing, Verdict
from kindergartens.premises.services import Counted, CountedItem, SiteFacts
from tests.buildings import COUNTED_ON, count_of, item_of, site_of, standard_of
from tests.conftest import acting
from tests.signing_in import client_of
from tests.small_county import NOW, SINCE, SmallCounty

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
D = Decimal


@pytest.fixture
def scene(small: SmallCounty) -> SmallCounty:
    small.east = small.town("东镇")
    small.garden = small.kindergarten(small.east, "示例一园")
    small.file(small.garden, 100)
    small.director = acting(small.person("园长", small.garden.organisation, "director"))
    small.keeper = acting(small.officer())
    small.site = site_of(small.garden)
    return small


def submit(scene, by=None, **more):
    values = {
        "counted_on": COUNTED_ON,
        "source": "实地测量",
        "figures": {"outdoor_area_m2": D(400)},
    } | more
    return services.submit_count(
        site=scene.site, counted=Counted(**values), by=by or scene.director, now=NOW, today=TODAY
    )


def confirm(scene, count, by=None, confirm=True, note=""):
    return services.decide_count(
        count=count, confirm=confirm, note=note, by=by or scene.keeper, now=NOW
    )


def overview(scene, day=TODAY):
    with serving_a_person():
        return selectors.overview(scene.keeper, scene.county, day)


def line(scene, measure="outdoor_area_m2"):
    [row] = overview(scene).rows
    return next(one for one in row.areas if one.measure == measure)


def test_a_count_counts_once_another_person_has_confirmed_it(scene):
    standard_of(None, "outdoor_area_m2", "4")
    assert line(scene).standing == Standing.UNKNOWN
    count = submit(scene)
    assert line(scene).value is None
    confirm(scene, count)
    found = line(scene)
    assert (found.value, found.per_child, found.standing) == (D(400), D(4), Standing.MET)
    assert found.counted_on == COUNTED_ON


def test_two_tabs_never_overwrite_each_others_site(scene):
    client = client_of(scene.keeper)
    url = reverse("site-edit", args=[scene.site.pk])
    form = client.get(url).context["form"]
    shown = {name: form[name].value() for name in form.fields}
    shown = {name: value for name, value in shown.items() if value not in (None, False)}
    first = client.post(url, {**shown, "address": "东街9号", "reason": "门牌更正"})
    assert first.status_code == 302
    second = client.post(url, {**shown, "designed_in": "2018", "reason": "补填年份"})
    assert second.status_code == 422
    assert "别人改过" in second.content.decode()
    # Nothing typed is lost.
    assert second.context["form"]["designed_in"].value() == "2018"
    scene.site.refresh_from_db()
    assert (scene.site.address, scene.site.designed_in == 2018) == ("东街9号", False)


def test_who_counted_does_not_confirm(scene):
    count = submit(scene, by=scene.keeper)
    with pytest.raises(NotAllowedNow, match="另一位经办人"):
        confirm(scene, count)
    with pytest.raises(PermissionDenied):
        confirm(scene, count, by=scene.director)
    another = acting(scene.officer())
    assert confirm(scene, count, by=another).state == "confirmed"
    with pytest.raises(NotAllowedNow, match="已核对"):
        confirm(scene, count, by=another)
    # The database holds it too.
    with pytest.raises(IntegrityError), transaction.atomic():
        PremisesCount.objects.filter(pk=count.pk).update(decided_as=count.entered_as)


def test_a_count_goes_back_with_a_reason_and_is_counted_anew(scene):
    count = submit(scene)
    with pytest.raises(NotAllowedNow, match="等教育局核对"):
        submit(scene)
    with pytest.raises(NotAllowedNow, match="写明原因"):
        confirm(scene, count, confirm=False)
    confirm(scene, count, confirm=False, note="面积与竣工图不符")
    assert line(scene).value is None
    confirm(scene, submit(scene, figures={"outdoor_area_m2": D(380)}))
    assert line(scene).value == D(380)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"figures": {}}, "至少填一项"),
        ({"counted_on": TODAY + dt.timedelta(days=1)}, "还没到"),
        ({"source": " "}, "数据来源"),
        (
            {"figures": {"floor_area_m2": D(10), "activity_room_area_m2": D(11)}},
            "比园舍建筑面积10平方米还大",
        ),
    ],
)
def test_a_count_that_cannot_be_is_refused_with_what_to_mend(scene, changes, words):
    with pytest.raises(NotAllowedNow, match=words):
        submit(scene, **changes)
    assert not PremisesCount.objects.exists()


def test_lines_of_equipment_are_whole_where_they_must_be(scene):
    item = item_of(scene.county)
    for present, needed, words in ((D("1.5"), D(2), "整数"), (D(1), None, "应有数")):
        with pytest.raises(NotAllowedNow, match=words):
            submit(scene, equipment=(CountedItem(item, present, needed),))


def test_another_countys_site_is_out_of_reach(scene):
    stranger = acting(scene.officer(scene.other_county))
    with pytest.raises(PermissionDenied):
        submit(scene, by=stranger)


def test_the_newest_confirmed_count_holds_per_measure(scene):
    keeper, director = scene.keeper.acting, scene.director.acting
    count_of(scene.site, director, keeper, outdoor_area_m2=300, books=250)
    count_of(scene.site, director, keeper, day=TODAY, outdoor_area_m2=410)
    assert line(scene).value == D(410)
    assert line(scene, "books").value == D(250)
    # Before the newer count the older one holds: what was computed then does not move.
    [row] = overview(scene, day=COUNTED_ON).rows
    assert next(one for one in row.areas if one.measure == "outdoor_area_m2").value == D(300)


def test_a_branch_that_was_not_counted_leaves_the_whole_unknown(scene):
    keeper, director = scene.keeper.acting, scene.director.acting
    count_of(scene.site, director, keeper, outdoor_area_m2=300)
    branch = site_of(scene.garden, "东院", is_main=False)
    assert line(scene).value is None
    count_of(branch, director, keeper, outdoor_area_m2=150)
    assert line(scene).value == D(450)


def test_cohorts_by_the_year_of_design(scene):
    standard_of(None, "outdoor_area_m2", "4")
    for number, (year, area) in enumerate([(2018, 500), (2019, 399), (2005, 500), (None, 500)]):
        garden = scene.kindergarten(scene.east, f"园{number}")
        scene.file(garden, 100)
        director = scene.person("园长", garden.organisation, "director").memberships.get()
        count_of(
            site_of(garden, designed_in=year), director, scene.keeper.acting, outdoor_area_m2=area
        )
    [found] = overview(scene).measures
    assert (found.new.met, found.new.unmet, found.new_verdict) == (1, 1, Verdict.UNMET)
    # The first kindergarten (2010) was never counted: half of the two old ones meet it already.
    assert (found.old.met, found.old.unknown, found.old_verdict) == (1, 1, Verdict.MET)
    assert found.undated.met == 1


def test_the_nearest_documents_standard_holds_from_its_day(scene):
    standard_of(None, "books", "3")
    own = PremisesStandard(
        measure="books", at_least=D(5), document="本县文件", valid_from=dt.date(2026, 10, 1)
    )
    services.set_standard(standard=own, by=scene.keeper)
    demands = selectors.Demands(TODAY).of(scene.county)[0]
    assert demands["books"].at_least == D(5)
    assert selectors.Demands(TODAY).of(scene.other_county)[0]["books"].at_least == D(3)
    before = selectors.Demands(dt.date(2026, 9, 30)).of(scene.county)[0]
    assert before["books"].at_least == D(3)
    newer = PremisesStandard(
        measure="books", at_least=D(6), document="新文件", valid_from=dt.date(2026, 11, 1)
    )
    services.set_standard(standard=newer, by=scene.keeper)
    own.refresh_from_db()
    assert own.valid_to == dt.date(2026, 11, 1)
    with pytest.raises(NotAllowedNow, match="更晚的一天"):
        services.set_standard(
            standard=PremisesStandard(
                measure="books", at_least=D(4), document="旧", valid_from=dt.date(2026, 10, 15)
            ),
            by=scene.keeper,
        )
    nation = PremisesStandard.objects.get(region=None)
    with pytest.raises(NotAllowedNow, match="上级文件"):
        services.end_demand(row=nation, on=TODAY, reason="新文件", by=scene.keeper)
    end = dt.date(2027, 1, 1)
    services.end_demand(row=newer, on=end, reason="文件废止", by=scene.keeper)
    assert selectors.Demands(end).of(scene.county)[0]["books"].at_least == D(3)
    assert selectors.Demands(dt.date(2026, 12, 31)).of(scene.county)[0]["books"].at_least == D(6)


def test_a_second_main_site_is_refused(scene):
    facts = SiteFacts("西院", "", True, 2018, SINCE)
    with pytest.raises(NotAllowedNow, match="只有一个本部"):
        services.add_site(kindergarten=scene.garden, facts=facts, by=scene.keeper)


def test_fire_acceptance_passes_with_its_document(scene):
    def register(state, document, since=SINCE, due_on=None, site=scene.site):
        return services.register_fire_acceptance(
            site=site, state=state, since=since, due_on=due_on, document=document,
            by=scene.keeper, now=NOW, today=TODAY,
        )  # fmt: skip

    with pytest.raises(NotAllowedNow, match="凭证"):
        register("passed", "")
    assert backlog(scene.keeper, scene.county, TODAY).unregistered == 1
    register("rectifying", "")
    assert overview(scene).fire["rectifying"] == 1
    # Two sites of one kindergarten that wait are one kindergarten; a state of another day counts no more.
    branch = site_of(scene.garden, "分园", is_main=False)
    register("failed", "", site=branch)
    register("rectifying", "", since=dt.date(2026, 11, 1), due_on=dt.date(2026, 11, 3), site=branch)
    open_now = backlog(scene.keeper, scene.county, TODAY)
    [group] = open_now.groups
    assert (group.sponsor, open_now.kindergartens, open_now.unregistered) == ("education", 1, 0)
    assert [(row.days, row.days_over) for row in group.rows] == [((TODAY - SINCE).days, 0), (4, 2)]
    page = client_of(scene.keeper).get(reverse("fire-backlog")).content.decode()
    assert "共1所：教育部门办1所" in page
    register("passed", "消验字〔2026〕1号", since=TODAY)
    register("passed", "消验字〔2026〕2号", since=TODAY, site=branch)
    assert overview(scene).fire["passed"] == 1
    assert backlog(scene.keeper, scene.county, TODAY).groups == []


def test_the_number_of_queries_does_not_grow(scene):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            found = overview(scene)
        return len(captured), found

    standard_of(None, "outdoor_area_m2", "4")
    item = item_of(None)
    one, _ = queries()
    for number in range(6):
        garden = scene.kindergarten(scene.east, f"园{number}")
        scene.file(garden, 90)
        director = scene.person("园长", garden.organisation, "director").memberships.get()
        count_of(
            site_of(garden), director, scene.keeper.acting,
            outdoor_area_m2=400, equipment={item: (1, 3)},
        )  # fmt: skip
    many, found = queries()
    assert many == one
    [(_, sums)] = found.equipment
    assert (sums.kindergartens, sums.counted, sums.gap, sums.cost) == (7, 6, D(12), D(4800))


# ---- files ----------------------------------------------------------------------------------------


def test_the_packaged_files_load_and_loading_again_changes_nothing(db):
    from django.core.management import call_command

    call_command("load_regions", verbosity=0)
    folder = Path("fixtures/buildings")
    first = load_demands(directory=folder, today=TODAY)
    assert first.created == first.rows > 10
    EquipmentItem.objects.filter(code="gates").update(unit_cost_yuan=D(30000))
    again = load_demands(directory=folder, today=TODAY)
    assert (again.created, again.updated, again.removed) == (0, 0, 0)
    assert EquipmentItem.objects.get(code="gates").unit_cost_yuan == D(30000)
    nation = PremisesStandard.objects.filter(region=None).values_list("measure", "at_least")
    assert dict(nation) == {
        "outdoor_area_m2": D(4),
        "activity_room_area_m2": D("8.17"),
        "floor_area_m2": D("10.44"),
    }


def test_a_row_that_a_file_no_longer_names_goes_and_a_counted_one_ends(
    scene: SmallCounty, tmp_path: Path
) -> None:
    """As the application, as an administrator runs the command."""
    file = tmp_path / "national.toml"
    entry = '[[equipment_item]]\ncode = "{0}"\nname = "{0}"\nunit = "个"\nclause = "一"\n'
    head = 'title = "甲"\njurisdiction = "CN"\nfrom = 2020-01-01\n'
    file.write_text(head + entry.format("slide") + entry.format("swing"), encoding="utf-8")
    load_demands(directory=tmp_path, today=TODAY)
    counted = EquipmentItem.objects.get(code="swing")
    submit(scene, equipment=(CountedItem(counted, D(3), D(4)),))
    file.write_text(head, encoding="utf-8")
    assert load_demands(directory=tmp_path, today=TODAY).removed == 2
    assert list(EquipmentItem.objects.values_list("code", "valid_to")) == [("swing", TODAY)]


HEAD = 'title = "甲"\njurisdiction = "CN"\n[[premises_standard]]'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('jurisdiction = "CN"', "缺少文件名称"),
        ('title = "甲"', "缺少适用地区"),
        ('title = "甲"\njurisdiction = "999999"', "不在行政区划表"),
        ('title = "甲"\njurisdiction = "CN"\nx = 1', "不认识的内容"),
        (
            f'{HEAD}\nmeasure = "books"\nat_least = "三"',
            "不是数",
        ),
        (
            f'{HEAD}\nmeasure = "roof"\nat_least = "3"',
            "第1条",
        ),
    ],
)
def test_a_bad_file_is_refused_whole(db, tmp_path, text, words):
    (tmp_path / "bad.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DemandFileError, match=words):
        load_demands(directory=tmp_path, today=TODAY)
    assert not PremisesStandard.objects.exists()
