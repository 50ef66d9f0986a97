"""Reads that answer a screen, a document or a question about a figure."""

from .comparison import Against, ChangeReason, Comparison, last_publication
from .cuts import CUTS, Cut, Part, counted_in, cut_figures
from .demands import targets_over
from .estimate import Estimate, estimates
from .explanation import Contribution, ContributionGroup, Explanation, explanation
from .figures import Figure, RegionRow, combined_judgements, months_available
from .group import GroupFigures, group_figures
from .history import (
    ReferenceLine,
    child_figures,
    figures,
    nation,
    published_figure,
    reference_series,
    trend,
)
from .judging import Judgement
from .kindergarten import (
    KindergartenFigure,
    figures_of_each,
    kindergarten_figures,
    says_of_one,
)
from .progress import FilingProgress, OwedReturn, filing_progress
from .trends import TrendPoint

__all__ = [
    "CUTS",
    "Against",
    "ChangeReason",
    "Comparison",
    "Contribution",
    "ContributionGroup",
    "Cut",
    "Estimate",
    "Explanation",
    "Figure",
    "FilingProgress",
    "GroupFigures",
    "Judgement",
    "KindergartenFigure",
    "OwedReturn",
    "Part",
    "ReferenceLine",
    "RegionRow",
    "TrendPoint",
    "child_figures",
    "combined_judgements",
    "counted_in",
    "cut_figures",
    "estimates",
    "explanation",
    "figures",
    "figures_of_each",
    "filing_progress",
    "group_figures",
    "kindergarten_figures",
    "last_publication",
    "months_available",
    "nation",
    "published_figure",
    "reference_series",
    "says_of_one",
    "targets_over",
    "trend",
]
