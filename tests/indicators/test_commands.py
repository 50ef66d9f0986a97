"""load_policies and explain as people run them, and the recompute job."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from decimal import Decimal
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from accounts.jobs.registry import JobFailed
from accounts.models import Organisation, Region
from indicators.catalogue import INDICATORS
from indicators.models import KindergartenFacts, Policy, RegionFacts, Target
from indicators.services.policies import PolicyFileError, load_policies
from indicators.services.recompute import recompute
from indicators.tasks import recompute_figures
from kindergartens.models import FilingVersion, MonthlyFiling, ReportingPeriod
from tests.small_county import NOW, OCTOBER, SmallCounty

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
POLICIES = Path(__file__).parents[2] / "fixtures" / "policies"


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def region(code: str, level: int, parent: Region | None = None) -> Region:
    above = {}
    while_above = parent
    while while_above is not None:
        above[{1: "province", 2: "city", 3: "county"}[while_above.level]] = while_above
        while_above = while_above.parent
    return Region.objects.create(
        code=code, name=f"示例{code}", level=level, parent=parent, is_active=True, **above
    )


@pytest.fixture
def places() -> dict[str, Region]:
    """The places whose documents are shipped."""
    found = {}
    for city, county in (("654300", None), ("150200", "150203"), ("120100", "120114"),
                         ("110100", "110107")):  # fmt: skip
        province = region(f"{city[:2]}0000", 1)
        found[city] = region(city, 2, province)
        if county:
            found[county] = region(county, 3, found[city])
    return found


# --- policies


def test_all_six_documents_load_and_loading_again_changes_nothing(places):
    said = run("load_policies")
    assert said.startswith("政策文件6个，目标39条：新增45，更正0，未变0，不再执行0。\n")
    assert "系统还没有计算的指标" in said
    assert "master_teacher_studios" in said
    before = list(Policy.objects.values()), list(Target.objects.values())
    assert "新增0，更正0，未变45，不再执行0" in run("load_policies")
    assert (list(Policy.objects.values()), list(Target.objects.values())) == before


def test_documents_keep_what_they_say(places):
    load_policies(directory=POLICIES, today=TODAY)
    nation = Policy.objects.get(slug="national")
    assert (nation.region, nation.document_number) == (None, "教督〔2020〕1号")
    wuqing = Policy.objects.get(slug="wuqing")
    assert wuqing.region == places["120114"]
    assert (wuqing.valid_from, wuqing.valid_to) == (dt.date(2023, 1, 1), dt.date(2024, 12, 31))
    assert wuqing.issued_on == dt.date(2023, 2, 7)
    assert len(wuqing.facts["pairing"]) == 8
    target = wuqing.targets.get(indicator="gross_enrolment_rate")
    assert (target.value, target.levels) == (Decimal("0.93"), ["county", "town"])
    assert target.by_date == dt.date(2024, 12, 31)
    altay = Policy.objects.get(slug="altay")
    assert altay.facts["situation"]["children"] == 28_959
    assert len(altay.facts["ledger_item"]) == 12
    kundulun = Policy.objects.get(slug="kundulun")
    assert kundulun.valid_to == dt.date(2024, 12, 31)
    assert kundulun.facts["framework_items"] == 48


BOTH = (
    'title = "示例办法"\njurisdiction = "CN"\n'
    '[[target]]\nindicator = "public_enrolment_share"\nop = ">="\nvalue = "0.5"\n'
    'level = "county"\n'
    '[[target]]\nindicator = "seats_added"\nop = ">="\nvalue = "5"\nlevel = "county"\n'
)


def test_the_national_file_names_the_clauses_of_the_catalogue():
    said = tomllib.loads((POLICIES / "national.toml").read_text(encoding="utf-8"))
    for entry in said["target"]:
        sources = INDICATORS[entry["indicator"]].sources
        known = {one.clause for one in sources if one.number == said["document_number"]}
        assert entry["clause"] in known, entry["indicator"]


def test_a_changed_file_updates_and_drops_what_it_no_longer_says(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(BOTH, encoding="utf-8")
    load_policies(directory=tmp_path, today=TODAY)
    path.write_text(
        'title = "示例办法"\njurisdiction = "CN"\n'
        '[[target]]\nindicator = "public_enrolment_share"\nop = ">="\nvalue = "0.55"\n'
        'level = "county"\n',
        encoding="utf-8",
    )
    report = load_policies(directory=tmp_path, today=TODAY)
    assert (report.created, report.updated, report.unchanged, report.removed) == (0, 1, 1, 1)
    standing, gone = Target.objects.order_by("pk")
    assert (standing.value, standing.withdrawn_at) == (Decimal("0.55"), None)
    # What it judged until today stays judged.
    assert (gone.withdrawn_at, gone.ended_on, gone.ended_reason) == (
        None, TODAY, "政策文件包里不再有这条目标",
    )  # fmt: skip
    assert load_policies(directory=tmp_path, today=TODAY).unchanged == 2
    path.write_text(BOTH, encoding="utf-8")
    assert load_policies(directory=tmp_path, today=TODAY).updated == 2
    assert [one.ended_on for one in Target.objects.all()] == [None, None]


def test_a_value_that_changes_from_a_day_on_leaves_the_past_as_it_was(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(GOOD, encoding="utf-8")
    load_policies(directory=tmp_path, today=TODAY)
    later = GOOD.split("\n", 2)[2].replace('"7"', '"6"')
    # In whichever order the file has them.
    head, first = GOOD.split("[[target]]")
    path.write_text(
        f"{head}{later}from = 2026-10-01\n[[target]]{first}until = 2026-10-01\n", encoding="utf-8"
    )
    report = load_policies(directory=tmp_path, today=TODAY)
    assert (report.created, report.updated, report.removed) == (1, 1, 0)
    for day, value in ((dt.date(2026, 9, 30), 7), (dt.date(2026, 10, 1), 6)):
        assert Target.objects.in_force(day).get().value == value
    # A first day typed wrongly would judge a month twice.
    path.write_text(path.read_text().replace("2026-10-01", "2026-10-15"), encoding="utf-8")
    with pytest.raises(PolicyFileError, match="先在“政策目标”里撤销"):
        load_policies(directory=tmp_path, today=TODAY)


def test_what_people_changed_is_not_overwritten_and_the_report_says_so(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(GOOD, encoding="utf-8")
    load_policies(directory=tmp_path, today=TODAY)
    Target.objects.update(value=Decimal("6.5"))
    report = load_policies(directory=tmp_path, today=TODAY)
    assert (report.updated, report.kept) == (
        0,
        ["own.toml第1个目标：children_per_staff <= 6.500000"],
    )
    assert Target.objects.get().value == Decimal("6.5")
    # Set right as the file says: it is the file's again, and follows it.
    Target.objects.update(value=Decimal(7))
    path.write_text(GOOD.replace('"7"', '"8"'), encoding="utf-8")
    assert load_policies(directory=tmp_path, today=TODAY).updated == 1
    Target.objects.update(withdrawn_at=NOW, ended_reason="登记错了")
    assert "（已撤销）" in load_policies(directory=tmp_path, today=TODAY).kept[0]


def test_the_same_document_under_another_name_is_refused(tmp_path):
    text = f'document_number = "示例〔2026〕1号"\n{GOOD}'
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    load_policies(directory=tmp_path, today=TODAY)
    (tmp_path / "own.toml").rename(tmp_path / "other.toml")
    with pytest.raises(PolicyFileError, match="已载入或登记过：示例（标识own）"):
        load_policies(directory=tmp_path, today=TODAY)


GOOD = (
    'title = "示例"\njurisdiction = "CN"\n[[target]]\nindicator = "children_per_staff"\n'
    'op = "<="\nvalue = "7"\nlevel = "county"\n'
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title = ", "own.toml不是正确的TOML文件"),
        ('jurisdiction = "CN"', "缺少文件名称"),
        ('title = "示例"', "缺少适用地区"),
        (GOOD.replace('"CN"', '"999999"'), "999999不在行政区划表里"),
        (GOOD.replace("<=", ">="), "第1个目标：教职工与幼儿比只能用<="),
        (GOOD.replace("<=", "="), "第1个目标的比较=不认识"),
        (GOOD.replace('"7"', '"七"'), "第1个目标的目标值不是数：七"),
        (GOOD.replace('"county"', '"village"'), "第1个目标的级别village不认识"),
        (GOOD.replace('value = "7"\n', ""), "第1个目标缺少value"),
        (GOOD.replace('title', 'period = "今年"\ntitle'), "period应写成"),
        (GOOD + GOOD.split("\n", 2)[2], "两个目标"),
        (GOOD.replace('"7"', '"700"'), "一般在1至300"),
        (
            GOOD.replace("children_per_staff", "certified_share").replace("<=", ">=").replace(
                '"7"', '"85"'
            ),
            "应写0.85",
        ),
        (f'{GOOD}from = "2026-01-01"\n', "from应写成日期"),
        (f"{GOOD}from = 2026-02-01\nuntil = 2026-02-01\n", "要晚于起始日期"),
        (f"issued = 2025-01-01\n{GOOD}from = 2024-12-31\n", "早于文件的起始日期"),
        (f'issued = 2025-01-01\n{GOOD}by = 2024-12-31\n', "早于起始日期"),
        (
            GOOD + '[[target]]\nindicator = "children_per_staff"\nop = "<="\nvalue = "8"\n'
            'level = ["county", "town"]\n',
            "对县区在同一天里有两个目标<=7和<=8",
        ),
    ],
)  # fmt: skip
def test_a_bad_file_is_named_and_nothing_is_loaded(tmp_path, text, message):
    (tmp_path / "a-good.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    with pytest.raises(PolicyFileError, match=message):
        load_policies(directory=tmp_path, today=TODAY)
    assert not Policy.objects.exists()


def test_an_empty_folder_is_said(tmp_path):
    with pytest.raises(CommandError, match="没有政策文件"):
        run("load_policies", str(tmp_path))


# --- explain


def altay(places: dict[str, Region], *, whole: bool = True) -> None:
    """Returns that add up to Altay's of December 2020; or only the first few of them."""
    month = dt.date(2020, 12, 1)
    city = places["654300"]
    county = region("654301", 3, city)
    town = region("654301101000", 4, county)
    period = ReportingPeriod.objects.create(
        county=county, month=month, reference_date=dt.date(2020, 12, 31), opens_at=NOW,
        due_at=NOW + dt.timedelta(days=1), locks_at=NOW + dt.timedelta(days=2),
    )  # fmt: skip
    small = SmallCounty.__new__(SmallCounty)
    small.serial = iter(range(1, 1000))
    bureau = Organisation.objects.create(name="示例教育局", kind="bureau", region=county)
    clerk = small.person("经办人", bureau, "bureau_officer").memberships.get()
    parts = [
        *((n, 88, "public") for n in range(313)),
        (313, 27_708 - 313 * 88, "public"),
        *((400 + n, 156, "inclusive_private") for n in range(7)),
        (407, 159, "inclusive_private"),
    ]
    for number, children, ownership in parts if whole else parts[:2]:
        kindergarten = small.kindergarten(town, f"示例{number}", ownership=ownership)
        status = kindergarten.statuses.get()
        filing = MonthlyFiling.objects.create(
            kindergarten=kindergarten, period=period, month=month, town=town, state="accepted",
            version=1, accepted_version=1, first_submitted_at=NOW, updated_at=NOW,
        )  # fmt: skip
        version = FilingVersion.objects.create(
            filing=filing, version=1, submitted_at=NOW, submitted_as=clerk
        )
        KindergartenFacts.objects.create(
            kindergarten=kindergarten, month=month, filing_version=version, accepted_at=NOW,
            town=town, county=county, city=city, province=city.province, ownership=ownership,
            sponsor_type=status.sponsor_type, counts_enrolment=True,
            counts_public=status.counts_public, counts_inclusive=status.counts_inclusive,
            counts_staff=True, enrolled_children=children, nursery_children=0,
            over_age_children=0, classes=0, compliant_classes=0, principals=0,
            full_time_teachers=0, childcare_workers=0, health_staff=0, other_staff=0,
            certified_principals_and_teachers=0,
        )  # fmt: skip
    recompute(month=month, now=NOW)


def test_altay_as_published(places):
    altay(places)
    told = json.loads(run("explain", "654300", "public_enrolment_share", "2020-12", "--json"))
    assert (told["numerator"], told["denominator"]) == (28_959 - 1_251, 28_959)
    assert told["value"].startswith("0.95680099")
    assert told["displayed"] == "95.68%"
    assert (told["expected"], told["filed"], told["accepted"]) == (322, 322, 322)
    assert (told["provisional"], told["targets"]) == (False, [])
    assert told["base"] == "在园幼儿"
    by_number = json.loads(
        run("explain", "654300", "inclusive_kindergarten_share", "2020-12", "--json")
    )
    assert by_number["denominator"] == 322
    assert RegionFacts.objects.get(region__code="654300").public_kindergartens == 314


def test_explain_in_words(places):
    altay(places)
    load_policies(directory=POLICIES, today=TODAY)
    words = run("explain", "654301", "public_enrolment_share", "2020-12")
    assert "示例654301 2020年12月 公办园在园幼儿占比：95.68%（达标）" in words
    assert "分子：27,708　分母：28,959" in words
    assert "目标：≥50%，达标，余13,228名幼儿；依据：县域学前教育普及普惠督导评估办法" in words
    city = run("explain", "654300", "public_enrolment_share", "2020-12")
    assert "没有适用于这一级的目标，不考核" in city
    missing = run("explain", "654301", "gross_enrolment_rate", "2020-12")
    assert "未四舍五入：—常住3–5岁人口未登记。" in missing


def test_explain_names_targets_with_verdict_document_and_clause(places):
    load_policies(directory=POLICIES, today=TODAY)
    policy = Policy.objects.get(slug="kundulun")
    ReportingPeriod.objects.create(
        county=policy.region, month=OCTOBER, reference_date=dt.date(2026, 10, 31), opens_at=NOW,
        due_at=NOW + dt.timedelta(days=1), locks_at=NOW + dt.timedelta(days=2),
    )  # fmt: skip
    recompute(month=OCTOBER, now=NOW)
    RegionFacts.objects.filter(region=policy.region).update(
        kindergartens=1, expected=1, filed=1, accepted=1, principals=1, full_time_teachers=19,
        certified_principals_and_teachers=19,
    )  # fmt: skip
    told = json.loads(run("explain", "150203", "certified_share", "2026-10", "--json"))
    assert told["value"] == "0.95"
    own, national = told["targets"]
    assert (own["clause"], own["verdict"], own["word"], own["gap"]) == (
        "三（一）1", "unmet", "未达标", 1,
    )  # fmt: skip
    assert own["document"].startswith("昆都仑区")
    assert national["document_number"] == "教督〔2020〕1号"


def test_explain_says_areas_in_square_metres(places):
    altay(places)
    policy = Policy.objects.create(slug="areas", title="示例标准")
    Target.objects.create(
        policy=policy, indicator="outdoor_area_per_child_m2", operator=">=", value="4",
        levels=["county"],
    )  # fmt: skip
    RegionFacts.objects.filter(region__code="654301").update(
        outdoor_area_dm2=18_550, outdoor_area_children=49
    )
    asked = ("explain", "654301", "outdoor_area_per_child_m2", "2020-12")
    words = run(*asked)
    assert "分子：185.5　分母：49" in words
    assert "差10.5平方米" in words
    told = json.loads(run(*asked, "--json"))
    assert (told["numerator"], told["parts"], told["targets"][0]["gap"]) == (18_550, 100, "10.5")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("999999", "public_enrolment_share", "2020-12"), "没有代码为999999的行政区划。"),
        (("654300", "nothing", "2020-12"), "没有指标nothing。可用的指标：gross_enrolment_rate"),
        (("654300", "public_enrolment_share", "2020-13"), "期次应写成2025-10（月）.*2020-13"),
        (("654300", "public_enrolment_share", "0000-01"), "期次应写成"),
        (("654300", "public_enrolment_share", "2019-12"), "有数据的月份：2020-12至2020-12"),
        (("110107", "public_enrolment_share", "2020-12"), "还没有任何月份的数据，也没有历史数据。"),
    ],
)  # fmt: skip
def test_explain_says_in_one_line_what_is_not_there(places, arguments, message):
    altay(places, whole=False)
    with pytest.raises(CommandError, match=message) as caught:
        run("explain", *arguments)
    assert "\n" not in str(caught.value)


# --- the job


def job_run(**arguments: object) -> SimpleNamespace:
    shown: list[tuple[int, int, str]] = []
    return SimpleNamespace(
        arguments=arguments, now=NOW, requester=None, shown=shown,
        progress=lambda done, total, message="": shown.append((done, total, message)),
    )  # fmt: skip


def test_the_job_brings_a_county_up_to_date(small: SmallCounty):
    small.file(small.kindergarten(small.town("甲镇"), "示例一园"), 20)
    job = job_run(county=small.county.pk, month="2026-10-01")
    recompute_figures(job)
    assert RegionFacts.objects.get(region=small.city, month=OCTOBER).enrolled_children == 20
    assert job.shown == [(0, 1, "正在重算甲县2026年10月的三率")]


def test_the_job_says_when_its_county_is_gone():
    with pytest.raises(JobFailed, match="已不在行政区划表里"):
        recompute_figures(job_run(county=10**9, month="2026-10-01"))
