"""The documents that ask for figures. What was not read in the text itself is marked so."""

from __future__ import annotations

from indicators.catalogue.definition import Source

LAW = "中华人民共和国学前教育法"


def national(item: int) -> Source:
    """One of the ten quantitative standards, as county bureaus publish them.

    The articles of the national text were not read: the number is that of the published list.
    """
    return Source(
        "县域学前教育普及普惠督导评估办法",
        "教督〔2020〕1号",
        f"公布的量化标准第{item}项",
        read=False,
    )


def shenyang(item: int) -> Source:
    """An item of Shenyang's elaboration of the national text, which was read whole."""
    return Source(
        "沈阳市县域学前教育普及普惠督导评估验收方案", "沈教督发〔2021〕11号", f"第{item}项"
    )


def law(article: str) -> Source:
    return Source(LAW, clause=f"第{article}条")


def baotou(item: str) -> Source:
    return Source("包头市“十四五”学前教育发展提升行动任务清单", clause=f"第{item}项")


STAFFING = Source("幼儿园教职工配备标准（暂行）", "教师〔2013〕1号", read=False)
WORK_RULES = Source("幼儿园工作规程", clause="第十一条")
TRAINING = Source("教育部关于大力加强中小学教师培训工作的意见", "教师〔2011〕1号", read=False)
# What no document defines: the portal's own way of counting, said as such.
PORTAL = Source("本平台统计口径")
