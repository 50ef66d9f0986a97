"""The official list of regions: loaded whole, loaded twice, and refused with the line named."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import Region

HEADER = "code,name,level,parent\n"
PROVINCE = "650000,新疆维吾尔自治区,province,\n"
CITY = "654300,阿勒泰地区,city,650000\n"
COUNTY = "654301,阿勒泰市,county,654300\n"
TOWN = "654301100000,北屯镇,town,654301\n"


def load(path: Path | None = None) -> str:
    out = io.StringIO()
    call_command("load_regions", stdout=out, **({"file": path} if path else {}))
    return out.getvalue().strip()


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    path = tmp_path / "regions.csv"
    path.write_text(HEADER + PROVINCE + CITY + COUNTY + TOWN, encoding="utf-8")
    return path


@pytest.mark.django_db
def test_the_official_list_is_loaded_whole_and_a_second_time_changes_nothing() -> None:
    assert load() == "行政区划44703个：新增44703个，更新0个，未变0个。"
    levels = Counter(Region.objects.values_list("level", flat=True))
    assert levels == {1: 31, 2: 342, 3: 2978, 4: 41352}
    before = list(Region.objects.order_by("pk").values_list())
    assert load() == "行政区划44703个：新增0个，更新0个，未变44703个。"
    assert list(Region.objects.order_by("pk").values_list()) == before

    town = Region.objects.of_code("120114114000")
    assert (town.name, town.county.code, town.city.code, town.province.code) == (
        "王庆坨镇", "120114", "120100", "120000",
    )  # fmt: skip
    assert town.is_township
    assert not Region.objects.of_code("120114001000").is_township
    # 东莞 has no counties: its code stands for the city and for its own county.
    dongguan = Region.objects.of_code("441900")
    assert (dongguan.level, dongguan.parent.code, dongguan.parent.level) == (3, "441900", 2)
    street = Region.objects.of_code("441900003000")
    assert (street.county, street.city) == (dongguan, dongguan.parent)


@pytest.mark.django_db
def test_the_list_is_loaded_however_little_time_a_page_is_given() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '100ms'")
    assert load().startswith("行政区划44703个")


@pytest.mark.django_db
def test_a_new_name_or_parent_is_taken_over_and_what_a_deployment_set_stays(listed: Path) -> None:
    load(listed)
    Region.objects.filter(code="654301").update(is_active=True)
    pk = Region.objects.of_code("654301").pk
    listed.write_text(
        HEADER + PROVINCE + CITY + COUNTY.replace("阿勒泰市", "新名市") + TOWN, encoding="utf-8"
    )
    assert load(listed) == "行政区划4个：新增0个，更新1个，未变3个。"
    renamed = Region.objects.of_code("654301")
    assert (renamed.pk, renamed.name, renamed.is_active) == (pk, "新名市", True)


@pytest.mark.django_db
def test_a_region_that_left_the_list_stays(listed: Path) -> None:
    load(listed)
    listed.write_text(HEADER + PROVINCE + CITY + COUNTY, encoding="utf-8")
    load(listed)
    assert Region.objects.of_code("654301100000").name == "北屯镇"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("code,name\n", "第1行应为表头"),
        ("", "第1行应为表头"),
        (HEADER + "65000,新疆,province,\n", "第2行：代码“65000”应为6位数字"),
        (HEADER + "６５００００,新疆,province,\n", "第2行：代码“６５００００”应为6位数字"),
        (HEADER + PROVINCE + "654300,阿勒泰地区,prefecture,650000\n", "第3行：级别“prefecture”"),
        (HEADER + PROVINCE + "654300,,city,650000\n", "第3行：名称应为1至60个字"),
        (HEADER + PROVINCE + "654300," + "长" * 61 + ",city,650000\n", "第3行：名称"),
        (HEADER + PROVINCE + CITY + CITY, "第4行：代码654300与第3行重复"),
        (HEADER + PROVINCE + CITY + "654301,阿勒泰市,county,654399\n", "第4行：表中没有上级代码654399"),
        (HEADER + PROVINCE + "654300,阿勒泰地区,city\n", "第3行：应有4列，现有3列"),
        (HEADER + "650000,新疆,province,100000\n", "第2行：省级不填上级代码"),
    ],
)  # fmt: skip
def test_a_bad_line_is_named_and_nothing_is_written(
    tmp_path: Path, text: str, complaint: str
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match=complaint):
        load(path)
    assert not Region.objects.exists()


@pytest.mark.django_db
def test_a_file_that_cannot_be_read_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="读不了区划表"):
        load(tmp_path / "none.csv")
    gbk = tmp_path / "gbk.csv"
    gbk.write_bytes((HEADER + PROVINCE).encode("gbk"))
    with pytest.raises(CommandError, match="读不了区划表"):
        load(gbk)
