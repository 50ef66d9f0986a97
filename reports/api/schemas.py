"""What is asked and answered, declared once: checks of parameters and the OpenAPI document."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from ninja import Field, Schema
from pydantic import StringConstraints

MONTH = r"^(19|20)\d{2}-(0[1-9]|1[0-2])$"
Month = Annotated[str, StringConstraints(pattern=MONTH)]
CODE = r"^\d{6}(\d{6})?$"
Code = Annotated[str, StringConstraints(pattern=CODE)]
LevelName = Literal["province", "city", "county", "town"]
# The values of indicators.rules.Verdict; the tests hold them to it.
VerdictCode = Literal["met", "near", "pending", "unmet", "unavailable"]
MOST_ROWS = 200


class Paged(Schema):
    page: int = Field(1, ge=1, le=100_000, description="第几页，从1开始", examples=[1])
    per_page: int = Field(
        50, ge=1, le=MOST_ROWS, description=f"每页几项，最多{MOST_ROWS}", examples=[50]
    )


class RegionsAsked(Paged):
    region: Code | None = Field(
        None, description="从哪个区域往下列，不写为令牌的范围", examples=["150203"]
    )
    level: LevelName | None = Field(
        None, description="只列这一级：省、市、区县、乡镇街道", examples=["town"]
    )


class FiguresAsked(RegionsAsked):
    region: Code | None = Field(None, description="哪个区域，不写为令牌的范围", examples=["150203"])
    level: LevelName | None = Field(
        None, description="不写只答这个区域；写了答区域内这一级的每个地区", examples=["town"]
    )
    indicator: list[str] = Field(
        default_factory=list,
        max_length=60,
        description="指标代码，可以写几个；不写为毛入园率、普惠率、公办占比",
        examples=[["gross_enrolment_rate"]],
    )
    month: Month | None = Field(
        None, description="哪个月；不写month、from、to为最近有数的一个月", examples=["2026-10"]
    )
    from_: Month | None = Field(
        None, alias="from", description="从哪个月起，和to一起写", examples=["2026-01"]
    )
    to: Month | None = Field(None, description="到哪个月止，最多36个月", examples=["2026-10"])


class PartsAsked(Schema):
    region: Code | None = Field(None, description="哪个区域，不写为令牌的范围", examples=["150203"])
    indicator: str = Field(description="指标代码", examples=["public_enrolment_share"])
    month: Month = Field(description="哪个月", examples=["2026-10"])


class Region(Schema):
    code: str = Field(description="行政区划代码", examples=["150203"])
    name: str = Field(description="名称", examples=["昆都仑区"])
    level: LevelName = Field(description="级别", examples=["county"])
    parent: str | None = Field(description="上级代码", examples=["150200"])


class Source(Schema):
    document: str = Field(description="文件", examples=["县域学前教育普及普惠督导评估办法"])
    number: str = Field(description="文号", examples=["教督〔2020〕1号"])
    clause: str = Field(description="条款", examples=["公布的量化标准第1项"])
    read: bool = Field(description="条款已与原文核对", examples=[False])


class Indicator(Schema):
    code: str = Field(description="代码", examples=["public_enrolment_share"])
    name: str = Field(description="中文名", examples=["公办园在园幼儿占比"])
    english: str = Field(
        description="英文名", examples=["Share of children in public kindergartens"]
    )
    topic: str = Field(description="类别", examples=["普及普惠"])
    kind: str = Field(
        description="share比例，ratio几名幼儿一人，amount数额，count个数", examples=["share"]
    )
    formula: str = Field(description="算式", examples=["公办园在园幼儿 ÷ 在园幼儿"])
    numerator: str = Field(description="分子", examples=["公办园在园幼儿"])
    denominator: str = Field(description="分母，个数没有", examples=["在园幼儿"])
    parts: int = Field(description="分子除以它才是写明的单位，例如平方分米合成平方米", examples=[1])
    unit: str = Field(description="单位", examples=["%"])
    direction: str = Field(description=">=越高越好，<=越低越好", examples=[">="])
    base: str = Field(description="口径", examples=["在园幼儿"])
    rule_version: str = Field(description="口径版本", examples=["2026.1"])
    since: dt.date | None = Field(description="从哪个月起用这个算法，空为一直", examples=[None])
    sources: list[Source] = Field(description="依据")


class Verdict(Schema):
    verdict: VerdictCode = Field(
        description="met达标，near临界，pending待报齐，unmet未达标，unavailable无法计算",
        examples=["met"],
    )
    word: str = Field(description="判定", examples=["达标"])
    operator: str = Field(description=">=不低于，<=不高于", examples=[">="])
    target: str = Field(description="目标值，未四舍五入", examples=["0.5"])
    by_date: dt.date | None = Field(description="达到时限", examples=["2025-12-31"])
    document: str = Field(description="文件", examples=["县域学前教育普及普惠督导评估办法"])
    document_number: str = Field(description="文号", examples=["教督〔2020〕1号"])
    clause: str = Field(description="条款", examples=["第八条"])
    gap: str | None = Field(
        description="还差多少，十进制文本，单位见gap_unit；空为不差，或无法计算", examples=["12"]
    )


class Figure(Schema):
    indicator: str = Field(description="指标代码", examples=["public_enrolment_share"])
    name: str = Field(description="指标", examples=["公办园在园幼儿占比"])
    numerator: int | None = Field(description="分子", examples=[4242])
    denominator: int | None = Field(description="分母", examples=[4750])
    numerator_heads: int | None = Field(description="分子是人均时的人数", examples=[None])
    denominator_heads: int | None = Field(description="分母是人均时的人数", examples=[None])
    value: str | None = Field(
        description="值，十进制文本，未四舍五入；空为没有，不是0", examples=["0.893052631578947368"]
    )
    displayed: str | None = Field(description="页面上显示的值，四舍五入", examples=["89.31%"])
    unit: str = Field(description="单位", examples=["%"])
    gap_unit: str = Field(description="差额的单位", examples=["名幼儿"])
    reason: str = Field(description="没有值的原因", examples=[""])
    base: str = Field(description="口径", examples=["在园幼儿"])
    provisional: bool = Field(description="暂计：还有应报的没有计入", examples=[True])
    verdict: Literal[VerdictCode, "not_judged"] = Field(
        description="各项判定里最差的；not_judged为不考核", examples=["met"]
    )
    verdicts: list[Verdict] = Field(description="按每份文件的判定")
    rule_version: str = Field(description="口径版本", examples=["2026.1"])
    source: str = Field(description="依据", examples=["《沈阳市……方案》第3项"])


class Coverage(Schema):
    expected: int = Field(description="应报园数", examples=[28])
    filed: int = Field(description="已报园数", examples=[26])
    accepted: int = Field(description="已接收园数", examples=[17])


class Row(Schema):
    region: Region
    month: str = Field(description="月份", examples=["2026-10"])
    reference_date: dt.date | None = Field(description="统计时点", examples=["2026-10-31"])
    computed_at: dt.datetime = Field(
        description="这一行的数最近一次变化的时间", examples=["2026-11-05T16:40:00+08:00"]
    )
    origin: str = Field(description="数从哪里来：returns为已接收的月报", examples=["returns"])
    coverage: Coverage = Field(description="报送情况")
    figures: list[Figure] = Field(description="各项指标，按问的次序")


class Page(Schema):
    total: int = Field(description="一共几项", examples=[31])
    page: int = Field(description="第几页", examples=[1])
    pages: int = Field(description="一共几页", examples=[1])
    per_page: int = Field(description="每页几项", examples=[50])


class IndicatorPage(Page):
    items: list[Indicator]


class RegionPage(Page):
    items: list[Region]


class RowPage(Page):
    items: list[Row]
    note: str = Field(description="一项也没有时，最近哪个月有数", examples=[""])


class Part(Schema):
    region: Region
    numerator: int | None = Field(description="分子；空为没有或人数太少不单独给", examples=[310])
    denominator: int | None = Field(description="分母", examples=[402])
    coverage: Coverage
    withheld: bool = Field(description="工资的合计不逐地区给出", examples=[False])


class Parts(Schema):
    region: Region
    month: str = Field(description="月份", examples=["2026-10"])
    indicator: str = Field(description="指标代码", examples=["public_enrolment_share"])
    formula: str = Field(description="算式", examples=["公办园在园幼儿 ÷ 在园幼儿"])
    numerator: int | None = Field(description="分子", examples=[4242])
    denominator: int | None = Field(description="分母", examples=[4750])
    computed_at: dt.datetime = Field(
        description="数最近一次变化的时间", examples=["2026-11-05T16:40:00+08:00"]
    )
    numerator_adds_up: bool | None = Field(
        description="下一级的分子之和等于上一级的分子；工资的合计不给出，不比较", examples=[True]
    )
    denominator_adds_up: bool | None = Field(
        description="分母同理；按人口算的分母分级登记，不由下级相加，为空", examples=[True]
    )
    parts: list[Part] = Field(description="下一级各地区的已接收月报之和，不含幼儿园和个人")


class PublicationsAsked(Paged):
    region: Code | None = Field(
        None, description="哪个区域和它的下级，不写为令牌的范围", examples=["150203"]
    )
    kind: Literal["monthly", "annual", "self_assessment"] | None = Field(
        None,
        description="monthly月度通报，annual年度公报，self_assessment自评",
        examples=["monthly"],
    )
    month: Month | None = Field(None, description="哪个月的", examples=["2026-10"])


class PublicationAsked(Schema):
    number: str = Field(max_length=60, description="公布的编号", examples=["YDTB-150203-2026-0001"])


class Publication(Schema):
    number: str = Field(description="编号", examples=["YDTB-150203-2026-0001"])
    kind: str = Field(description="种类代码", examples=["monthly"])
    kind_name: str = Field(description="种类", examples=["月度通报"])
    region: Region
    month: str = Field(description="月份", examples=["2026-10"])
    revision: int = Field(description="第几次更正，0为第一次公布", examples=[0])
    corrects: str | None = Field(description="更正哪一号", examples=[None])
    corrected_by: str | None = Field(description="被哪一号更正，空为现行", examples=[None])
    reason: str = Field(description="更正原因", examples=[""])
    provisional: bool = Field(description="公布时暂计", examples=[False])
    published_at: dt.datetime = Field(
        description="公布时间", examples=["2026-11-20T09:00:00+08:00"]
    )
    digest: str = Field(
        description="系统里整份冻结数据的SHA-256，和印件上的校验值一致", examples=["9f86d0…"]
    )


class PublicationPage(Page):
    items: list[Publication]


class PublishedFigures(Publication):
    content: dict[str, Any] = Field(
        description=(
            "公布时冻结的数：region、coverage、population、indicators、figures、regions、changes；不含未报"
            "幼儿园名单和月报编号，所以不能拿它直接算digest"
        ),
        examples=[{"coverage": {"expected": 28, "filed": 28, "accepted": 28}, "figures": []}],
    )


class Flaw(Schema):
    parameter: str = Field(description="哪个参数", examples=["month"])
    detail: str = Field(description="哪里不对", examples=["写法不对"])


class Problem(Schema):
    """RFC 9457."""

    type: str = Field(
        description="错误代码", examples=["urn:preschool-supervision:problem:no-token"]
    )
    title: str = Field(description="是什么", examples=["请求没有带令牌。"])
    status: int = Field(description="HTTP状态", examples=[401])
    detail: str = Field(description="说明", examples=["请求没有带令牌。"])
    next_step: str = Field(description="怎么办", examples=["请在请求头里写令牌。"])
    instance: str = Field(description="地址", examples=["/api/v1/figures"])
    request_id: str = Field(description="请求编号，报修时用", examples=["1A2B3C4D"])
    errors: list[Flaw] = Field(default_factory=list, description="哪些参数不对")
