"""Reads that answer a screen, a document or a question about a figure."""

from .explanation import ChangeReason, Contribution, ContributionGroup, Explanation, explanation
from .figures import (
    Figure,
    Judgement,
    RegionRow,
    TrendPoint,
    child_figures,
    figures,
    months_available,
    trend,
)
from .group import GroupFigures, group_figures
from .kindergarten import KindergartenFigure, kindergarten_figures
from .progress import FilingProgress, OwedReturn, filing_progress

__all__ = [
    "ChangeReason",
    "Contribution",
    "ContributionGroup",
    "Explanation",
    "Figure",
    "FilingProgress",
    "GroupFigures",
    "Judgement",
    "KindergartenFigure",
    "OwedReturn",
    "RegionRow",
    "TrendPoint",
    "child_figures",
    "explanation",
    "figures",
    "filing_progress",
    "group_figures",
    "kindergarten_figures",
    "months_available",
    "trend",
]
