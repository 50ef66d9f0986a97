"""Checks of a monthly return, on what was typed. Plain Python, no database.

checks.toml lists them in words; the modules do the arithmetic, each about one thing: cells (one
typed value), classes, staff, attendance, flows (who came, left and moved), months (against the last
return), peers (against kindergartens of the type), statistics (against 事业统计), whole (the return),
explaining (the reasons typed). sections/ declares what is asked outside the classes (ADR 26),
parts.py is such a section as understood. reviewing.py runs them all; rows.py has what they read and
find, words.py the labels.
"""

from reports.filings.checks.alike import reads_alike
from reports.filings.checks.attendance import LOW_ATTENDANCE, in_percent, rate_in_tenths
from reports.filings.checks.catalogue import (
    About,
    Check,
    Finding,
    Kind,
    catalogue,
    experiences,
)
from reports.filings.checks.cells import Cell, read_count
from reports.filings.checks.classes import LEAST_OF_AGE, MOST_IN_A_CLASS_CELL, most_in
from reports.filings.checks.explaining import MOST_IN_AN_EXPLANATION
from reports.filings.checks.months import (
    MOVED_TOGETHER,
    UNUSUAL_CHANGE,
    UNUSUAL_TOTAL_CHANGE,
    compares_with_last,
    missed_since,
    moves_up_once,
)
from reports.filings.checks.parts import PartReview
from reports.filings.checks.peers import among_peers, in_tenths
from reports.filings.checks.reviewing import MOST_DAYS, review
from reports.filings.checks.rows import ClassRow, LastClass, Peers, Review, Stated, called
from reports.filings.checks.sections.declaring import Begins, Field, Part, Section, text_at
from reports.filings.checks.sections.registry import SECTIONS, asked_sections, input_of, label_of
from reports.filings.checks.whole import MOST_CLASSES, same_unconfirmed
from reports.filings.checks.words import (
    AGES,
    CERTIFIED_POSTS,
    COLUMN_LABELS,
    FLOWS,
    GRADE_LABELS,
    MORE,
    PARTS,
    POST_LABELS,
    SEXES,
    class_label,
)

__all__ = [
    "AGES",
    "CERTIFIED_POSTS",
    "COLUMN_LABELS",
    "FLOWS",
    "GRADE_LABELS",
    "LEAST_OF_AGE",
    "LOW_ATTENDANCE",
    "MORE",
    "MOST_CLASSES",
    "MOST_DAYS",
    "MOST_IN_AN_EXPLANATION",
    "MOST_IN_A_CLASS_CELL",
    "MOVED_TOGETHER",
    "PARTS",
    "POST_LABELS",
    "SECTIONS",
    "SEXES",
    "UNUSUAL_CHANGE",
    "UNUSUAL_TOTAL_CHANGE",
    "About",
    "Begins",
    "Cell",
    "Check",
    "ClassRow",
    "Field",
    "Finding",
    "Kind",
    "LastClass",
    "Part",
    "PartReview",
    "Peers",
    "Review",
    "Section",
    "Stated",
    "among_peers",
    "asked_sections",
    "called",
    "catalogue",
    "class_label",
    "compares_with_last",
    "experiences",
    "in_percent",
    "in_tenths",
    "input_of",
    "label_of",
    "missed_since",
    "most_in",
    "moves_up_once",
    "rate_in_tenths",
    "read_count",
    "reads_alike",
    "review",
    "same_unconfirmed",
    "text_at",
]
