"""Columns, grades and posts of the return, with the words directors read."""

from __future__ import annotations

SEXES = ("boys", "girls")
AGES = ("age3", "age4", "age5", "age6")
# Parts of the children of a class; definitions.toml says who belongs to each.
PARTS = ("disabled", "left_behind", "migrant", "aided")
# What happened since last month's statistical date.
FLOWS = ("entered", "departed", "moved_in", "moved_out")
# Asked of every class, nursery classes too, since the return asks for more than sexes and ages.
MORE = (*FLOWS, "attended", *PARTS)
COLUMN_LABELS = {
    "boys": "男",
    "girls": "女",
    "age3": "3岁",
    "age4": "4岁",
    "age5": "5岁",
    "age6": "6岁以上",
    "entered": "入园",
    "departed": "离园",
    "moved_in": "转入",
    "moved_out": "转出",
    "attended": "实到人次",
    "disabled": "残疾",
    "left_behind": "留守",
    "migrant": "随迁",
    "aided": "资助",
}
GRADE_LABELS = {
    "nursery": "托班",
    "small": "小班",
    "middle": "中班",
    "large": "大班",
    "mixed": "混合班",
}
POST_LABELS = {
    "principal": "园长",
    "full_time_teacher": "专任教师",
    "childcare_worker": "保育员",
    "health_staff": "卫生保健人员",
    "administrative": "行政人员",
    "teaching_assistant": "教辅人员",
    "service_staff": "工勤人员",
}
CERTIFIED_POSTS = ("principal", "full_time_teacher")


def class_label(name: str, column: str) -> str:
    """小一班 男; `column` may be grade, and "" is the class as a whole."""
    return f"{name} {'年级' if column == 'grade' else COLUMN_LABELS.get(column, '整班')}"


def listed(names: list[str]) -> str:
    """男、女和4岁"""
    if len(names) < 2:
        return "".join(names)
    return f"{'、'.join(names[:-1])}和{names[-1]}"
