"""教职工: people by post, who of them hold the certificate, and who came and left this month."""

from __future__ import annotations

from reports.filings.checks.catalogue import threshold
from reports.filings.checks.sections.declaring import Begins, Field, Kind, Section
from reports.filings.checks.staff import check_staff
from reports.filings.checks.words import CERTIFIED_POSTS, POST_LABELS

MOST = threshold("count_too_large", "post")
STAFF = Section(
    "staff",
    "教职工",
    POST_LABELS,
    (
        Field("people", "人数", Kind.COUNT, most=MOST, is_summed=True),
        Field("certified", "其中持证", Kind.COUNT, after="持证", most=MOST, rows=CERTIFIED_POSTS),
        Field(
            "joined", "新进", Kind.COUNT, Begins.AT_ZERO, after="新进", most=MOST, is_summed=True
        ),
        Field("left", "离开", Kind.COUNT, Begins.AT_ZERO, after="离开", most=MOST, is_summed=True),
    ),
    row_head="岗位",
    checks=check_staff,
)
