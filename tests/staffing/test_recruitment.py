"""The plan to hire missing people: sums, who may keep it, who sees which line, the demo's totals."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import Region
from config.demo.recruitment import write_recruitment
from kindergartens.policies import NotAllowedNow
from kindergartens.stamps import stamp_of
from staffing.models import RecruitmentLine
from staffing.recruitment import selectors
from staffing.recruitment.forms import NAMES
from staffing.recruitment.rules import Line, total
from staffing.recruitment.services import add_line, change_line, withdraw_line
from tests.conftest import acting
from tests.small_county import NOW, SmallCounty

D = Decimal


@pytest.mark.parametrize(("hired", "still"), [(None, None), (0, 10), (4, 6), (10, 0), (12, 0)])
def test_what_is_still_missing(hired, still):
    assert Line(10, 12, hired, None).still_missing == still


def test_a_part_is_not_the_whole():
    lines = [Line(10, 10, 4, D(50_000)), Line(3, 2, 5, D("60000.50"))]
    whole = total(lines)
    assert (whole.gap, whole.planned, whole.hired, whole.still_missing) == (13, 12, 9, 6)
    assert whole.cost == D("620001.00")
    part = total([*lines, Line(1, 1, None, None)])
    assert (part.gap, part.planned) == (14, 13)
    assert (part.hired, part.still_missing, part.cost) == (None, None, None)
    assert (part.unsaid, part.unpriced) == (1, 1)
    # Nobody came and it costs nothing: said, and not the same as unsaid.
    none = total([Line(2, 0, 0, D(0))])
    assert (none.hired, none.still_missing, none.cost) == (0, 2, D(0))


def values(**changed: object) -> dict[str, object]:
    return {
        "year": 2026, "scope": "示例范围", "town": None, "post": "teacher", "gap": 5, "planned": 4,
        "hired": None, "yearly_cost_yuan": None, "cost_source": "", "way": "", "document": "",
        "clause": "",
    } | changed  # fmt: skip


@pytest.mark.django_db
class TestKeeping:
    def test_only_the_countys_bureau_keeps_it(self, small: SmallCounty):
        for person in (
            small.officer(small.other_county),
            small.officer(small.county, "bureau_leader"),
            small.officer(small.city, "city_officer"),
        ):
            with pytest.raises(PermissionDenied):
                add_line(county=small.county, values=values(), by=acting(person))

    def test_a_line_stands_once_and_its_town_lies_in_the_county(self, small: SmallCounty):
        by = acting(small.officer())
        add_line(county=small.county, values=values(), by=by)
        with pytest.raises(NotAllowedNow, match="已经登记过"):
            add_line(county=small.county, values=values(), by=by)
        elsewhere = small.town("乙镇", county=small.other_county)
        with pytest.raises(NotAllowedNow, match="不在甲县"):
            add_line(county=small.county, values=values(scope="别处", town=elsewhere), by=by)
        assert RecruitmentLine.objects.unscoped("the test's own").count() == 1

    def test_two_windows_never_overwrite_each_other(self, small: SmallCounty):
        by = acting(small.officer())
        line = add_line(county=small.county, values=values(), by=by)
        seen = stamp_of(line, NAMES)
        change_line(line=line, values=values(hired=2), seen=seen, reason="到岗", by=by)
        with pytest.raises(NotAllowedNow, match="别人改过"):
            change_line(line=line, values=values(hired=3), seen=seen, reason="到岗", by=by)
        assert RecruitmentLine.objects.unscoped("the test's own").get().hired == 2

    def test_a_wrong_line_is_withdrawn_and_leaves_its_place_free(self, small: SmallCounty):
        by = acting(small.officer())
        wrong = add_line(county=small.county, values=values(), by=by)
        seen = stamp_of(wrong, NAMES)
        with pytest.raises(PermissionDenied):
            withdraw_line(
                line=wrong, reason="误", by=acting(small.officer(role="bureau_leader")), now=NOW
            )
        withdraw_line(line=wrong, reason="登错了年度", by=by, now=NOW)
        assert wrong.changes.order_by("pgh_id").last().pgh_context["reason"] == "登错了年度"
        right = add_line(county=small.county, values=values(gap=7), by=by)
        assert list(selectors.lines_of(by, 2026)) == [right]
        with pytest.raises(NotAllowedNow, match="已经撤销"):
            withdraw_line(line=wrong, reason="再撤", by=by, now=NOW)
        with pytest.raises(NotAllowedNow, match="已经撤销"):
            change_line(line=wrong, values=values(hired=1), seen=seen, reason="到岗", by=by)
        withdraw_line(line=right, reason="不该有", by=by, now=NOW)
        assert selectors.years(by) == []

    def test_each_sees_the_lines_of_the_own_place(self, small: SmallCounty):
        town, other = small.town("甲镇"), small.town("丙镇")
        garden = small.kindergarten(town, "示例一园")
        for place, county in (
            (None, small.county),
            (town, small.county),
            (None, small.other_county),
        ):
            RecruitmentLine.objects.create(
                county=county, **values(town=place, scope=place.name if place else county.name)
            )
        looked = {
            "city": small.officer(small.city, "city_officer"),
            "county": small.officer(),
            "department": small.officer(small.county, "department_officer"),
            "town": small.officer(town, "town_officer"),
            "other town": small.officer(other, "town_officer"),
            "director": small.person("园长", garden.organisation, "director"),
            "administrator": small.officer(small.county, "system_administrator"),
        }
        seen = {
            name: {line.scope for line in RecruitmentLine.objects.visible_to(acting(user))}
            for name, user in looked.items()
        }
        assert seen == {
            "city": {"甲县", "甲镇", "乙县"},
            "county": {"甲县", "甲镇"},
            "department": set(),
            "town": {"甲镇"},
            "other town": set(),
            "director": set(),
            "administrator": set(),
        }


@pytest.mark.django_db
class TestPage:
    def test_a_line_is_entered_and_corrected(self, small: SmallCounty, sign_in):
        client = sign_in(small.officer())
        typed = {
            "year": "2026", "scope": "示例范围", "post": "health", "gap": "７", "planned": "5",
            "yearly_cost_yuan": "50,000", "cost_source": "示例预算",
        }  # fmt: skip
        assert client.post(reverse("recruitment-new"), typed).status_code == 302
        line = RecruitmentLine.objects.unscoped("the test's own").get()
        assert (line.gap, line.planned, line.hired, line.yearly_cost_yuan) == (7, 5, None, 50_000)
        page = client.get(reverse("recruitment")).content.decode()
        assert "1行没有登记到岗人数" in page
        assert 'data-label="年费用（万元）">25<' in page
        edit = reverse("recruitment-edit", args=[line.pk])
        without_reason = client.post(edit, typed | {"seen": stamp_of(line, NAMES), "hired": "2"})
        assert without_reason.status_code == 422
        assert "请写明为什么改" in without_reason.content.decode()
        sent = typed | {"seen": stamp_of(line, NAMES), "hired": "2", "reason": "第一批到岗"}
        assert client.post(edit, sent).status_code == 302
        page = client.get(reverse("recruitment")).content.decode()
        assert "没有登记到岗人数" not in page
        assert "第一批到岗" in client.get(reverse("recruitment-history")).content.decode()

    def test_the_post_is_chosen_never_preset(self, small: SmallCounty, sign_in):
        client = sign_in(small.officer())
        assert client.get(reverse("recruitment-new")).context["form"]["post"].value() in (None, "")
        typed = {"year": "2026", "scope": "示例范围", "post": "", "gap": "1", "planned": "1"}
        refused = client.post(reverse("recruitment-new"), typed)
        assert refused.status_code == 422
        assert refused.context["form"].errors.keys() == {"post"}
        assert 'value="" selected>请选择' in client.get(reverse("recruitment-new")).content.decode()

    def test_a_withdrawn_line_is_on_no_page_but_in_history(self, small: SmallCounty, sign_in):
        client = sign_in(small.officer())
        line = RecruitmentLine.objects.create(county=small.county, **values(gap=31))
        address = reverse("recruitment-withdraw", args=[line.pk])
        assert address in client.get(reverse("recruitment")).content.decode()
        refused = client.post(address, {"reason": ""})
        assert refused.status_code == 422
        assert "请写明登记错了什么" in refused.content.decode()
        assert client.post(address, {"reason": "登错了范围"}).status_code == 302
        shown = client.get(reverse("recruitment"), {"year": 2026})
        assert (shown.context["rows"], shown.context["total"].gap) == ([], 0)
        assert "登错了范围" in client.get(reverse("recruitment-history")).content.decode()
        assert client.get(address).status_code == 404
        assert client.get(reverse("recruitment-edit", args=[line.pk])).status_code == 404

    @pytest.mark.parametrize(
        ("year", "said"),
        [
            ("1999", "请填2000至2100之间的年份"),
            ("2101", "请填2000至2100之间的年份"),
            ("年", "请填整数"),
        ],
    )
    def test_a_wrong_year_says_what_to_type(self, small: SmallCounty, sign_in, year, said):
        sent = sign_in(small.officer()).post(reverse("recruitment-new"), {"year": year})
        assert sent.status_code == 422
        assert said in sent.content.decode()

    def test_kunduluns_published_gaps_are_the_pages_totals(self, small: SmallCounty, sign_in):
        Region.objects.filter(pk=small.county.pk).update(code="150203")
        write_recruitment()
        client = sign_in(small.officer())
        shown = client.get(reverse("recruitment")).context
        by_scope = {(r.line.scope, r.line.post): r.counts.gap for r in shown["rows"]}
        assert by_scope == {
            ("区属12所教办幼儿园", "teacher"): 96,
            ("包钢幼教处", "care_teaching"): 19,
            ("区属公办幼儿园", "health"): 23,
            ("包钢幼教处", "health"): 4,
        }
        sums = {label: (one.gap, one.planned) for label, one in shown["by_post"]}
        assert sums == {
            "幼儿教师": (96, 96), "保教人员": (19, 19), "卫生保健人员": (27, 27),
        }  # fmt: skip
        assert shown["total"].gap == 142
        assert shown["total"].cost == 96 * 88_000 + 19 * 62_000 + 27 * 48_000
        sent = client.get(reverse("recruitment-export", args=["xlsx"]))
        sheet = load_workbook(io.BytesIO(b"".join(sent.streaming_content))).active
        rows = list(sheet.iter_rows(values_only=True))
        assert [row[4] for row in rows[1:5]] == [96, 19, 23, 4]

    def test_as_many_queries_for_one_line_as_for_many(self, small: SmallCounty, sign_in):
        client = sign_in(small.officer())
        asked = []
        for batch in ("甲", "乙丙丁戊己"):
            for name in batch:
                RecruitmentLine.objects.create(
                    county=small.county, **values(scope=name, town=small.town(f"{name}镇"))
                )
            client.get(reverse("recruitment"))
            with CaptureQueriesContext(connection) as queries:
                assert client.get(reverse("recruitment")).status_code == 200
            asked.append(len(queries))
        assert asked[0] == asked[1]
        assert selectors.years(acting(small.officer())) == [2026]
