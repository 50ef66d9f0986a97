"""What a county sets for its talks and its yearly appraisal, as kinds of dated rows."""

from __future__ import annotations

from kindergartens.dated.services import Kind
from safety.models import AppraisalRule, TalkThreshold
from safety.patrols.rules import grades_problem

KINDS = {
    "threshold": Kind(
        "约谈标准",
        TalkThreshold,
        (),
        ("findings_at_least", "offline_days_over", "document", "valid_from", "valid_to"),
    ),
    "appraisal": Kind(
        "考核办法",
        AppraisalRule,
        (),
        (
            *("minor_points", "serious_points", "grave_points"),
            *("offline_day_points", "talk_points"),
            *("excellent_from", "good_from", "pass_from"),
            *("document", "valid_from", "valid_to"),
        ),
        problem=lambda row: grades_problem(
            points=(row.minor_points, row.serious_points, row.grave_points),
            grades=(row.pass_from, row.good_from, row.excellent_from),
        ),
    ),
}
