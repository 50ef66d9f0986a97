"""What stands where in the workbook of a return: sheets, heads, and what tells whose it is."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.exchange.declaring import Column
from accounts.exchange.kinds import Text
from reports.filings.checks import AGES, COLUMN_LABELS, FLOWS, PARTS, SEXES, Section

# Raised when a column that is read is added, taken away or means something else: a file of another
# version is refused, because a missing column would be read as nothing.
VERSION = 3

CLASSES, OTHER, ABOUT = "班级", "其他", "说明"

# Columns that a director fills in, in the order of the form.
COUNTS = (*SEXES, *AGES, *FLOWS, "attended", *PARTS)
CLASS_COLUMNS = (
    Column("name", "班级", Text(), required=True, aliases=("班名",)),
    Column("grade", "年级", Text(), required=True),
    *(Column(name, COLUMN_LABELS[name], Text(), required=True) for name in COUNTS),
)
OTHER_COLUMNS = (
    Column("item", "项目", Text(), required=True),
    Column("value", "填写", Text(), required=True),
)
# A row of a section's sheet that is computed, not filled in.
SUM = "合计"
DAYS_OPEN, REMARKS = "本月开园天数", "其他情况"

ROW = "row"


def section_columns(section: Section) -> tuple[Column, ...]:
    """Of the sheet of a declared section, which is called as the section is."""
    fields = (Column(one.name, one.label, Text(), required=True) for one in section.fields)
    return (Column(ROW, section.row_head, Text(), required=True), *fields)


# What the sheet 说明 says of the file, each beside its value.
KEY, MONTH, KINDERGARTEN = "月报编号", "月份", "幼儿园"
TEMPLATE, REVISION, MADE = "模板版本", "草稿保存次数", "下载时间"


@dataclass(frozen=True)
class About:
    """Whose return a workbook is, of which month, and of which of its drafts it was made.

    `kindergarten` is the name as the file says it, for sentences only; the key tells. `made` is when
    it was downloaded, as it is written there: with the revision it tells one download from another.
    """

    key: str
    month: str
    kindergarten: str
    version: int
    revision: int
    made: str = ""


def key_of(kindergarten_id: int, filing_id: int) -> str:
    return f"{kindergarten_id}-{filing_id}"
