"""Columns, grades and posts of the return, with the words directors read."""

from __future__ import annotations

SEXES = ("boys", "girls")
AGES = ("age3", "age4", "age5", "age6")
COLUMN_LABELS = {
    "boys": "男",
    "girls": "女",
    "age3": "3岁",
    "age4": "4岁",
    "age5": "5岁",
    "age6": "6岁以上",
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


def listed(names: list[str]) -> str:
    """男、女和4岁"""
    if len(names) < 2:
        return "".join(names)
    return f"{'、'.join(names[:-1])}和{names[-1]}"
