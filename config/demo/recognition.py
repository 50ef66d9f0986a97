"""Two surveys of what people think of the preschools of a county, with invented numbers."""

from __future__ import annotations

import datetime as dt

from accounts.history.context import because
from accounts.models import Region
from indicators.models import RecognitionSurvey

SURVEYOR = "示例区教育督导室"


def write_recognition(code: str, today: dt.date) -> str:
    """One of last year, one of this spring; both by questionnaire."""
    county = Region.objects.get(level=Region.Level.COUNTY, code=code)
    rows = [
        RecognitionSurvey(
            region=county, surveyed_on=today - dt.timedelta(days=days), asked=asked,
            valid_answers=valid, satisfied_answers=satisfied, surveyor=SURVEYOR,
            method="家长、教师、园长和人大代表、政协委员网上问卷", document="示例区社会认可度调查报告",
        )
        for days, asked, valid, satisfied in ((520, 6_200, 5_874, 5_021), (160, 6_400, 6_133, 5_497))
    ]  # fmt: skip
    with because("演示数据"):
        RecognitionSurvey.objects.bulk_create(rows)
    return f"调查{len(rows)}次"
