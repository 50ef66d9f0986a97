"""In words: which classes moved up when a school year began, who graduated, what is left to type."""

from __future__ import annotations

from collections import Counter

from reports.filings.checks import GRADE_LABELS
from reports.filings.promotion import Promotion
from reports.filings.submitted import Submitted


def moved_up(last: Submitted | None) -> str:
    """小班2个升为中班，中班1个升为大班，大班2个毕业，共66人。 Empty where no school year began since."""
    if last is None or last.promotion is None:
        return ""
    promotion = last.promotion
    steps = Counter(
        (one.was.grade, one.grade) for one in promotion.moved if one.was.grade != one.grade
    )
    said = [
        f"{GRADE_LABELS[was]}{steps[was, now]}个升为{GRADE_LABELS[now]}"
        for was in GRADE_LABELS
        for now in GRADE_LABELS
        if steps[was, now]
    ]
    # By the grade they were reported in: a class of an older return may have left from 中班.
    for grade in GRADE_LABELS:
        left = [one for one in promotion.graduated if one.grade == grade]
        if left:
            said.append(
                f"{GRADE_LABELS[grade]}{len(left)}个毕业，共{sum(o.children for o in left)}人"
            )
    return f"{'，'.join(said)}。" if said else ""


def names_now(promotion: Promotion) -> str:
    """Which classes that moved up kept their names, because it is not sure what they say."""
    moved_up = [one for one in promotion.moved if one.grade != one.was.grade]
    kept = [one.name for one in moved_up if one.name == one.was.name]
    if not moved_up:
        return ""
    if not kept:
        return "班名已跟着改，也可以再改。"
    if len(kept) == len(moved_up):
        return "升班的班名都没有改，要改的请改。"
    return f"写了年级的班名已跟着改；{'、'.join(kept)}的班名没有改，要改的请改。"


def to_type_anew(promotion: Promotion) -> str:
    """What the form leaves to be typed, because nobody but the kindergarten can know it.

    And where those who went to school belong: definitions.toml says the same.
    """
    asked = []
    if any(one.grade == "mixed" for one in promotion.moved):
        asked.append("混合班的人数")
    if any(one.was.grade == "nursery" for one in promotion.moved):
        asked.append("托班升上来的幼儿的年龄")
    asked.append("各班资助人数")
    return f"{'、'.join(asked)}没有带入，请填。{_where_they_went(promotion)}"


def _where_they_went(promotion: Promotion) -> str:
    said = []
    if promotion.graduated:
        said.append("大班毕业的不填离园")
    if any(one.grade == "mixed" for one in promotion.moved):
        said.append("混合班毕业的填在混合班的离园")
    return f"{'，'.join(said)}。" if said else ""
