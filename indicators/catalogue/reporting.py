"""Whether returns come, and come in time: of all that were owed on the statistical date."""

from __future__ import annotations

from indicators.catalogue.definition import Indicator, Kind, Topic
from indicators.catalogue.sources import PORTAL

FIGURES = (
    Indicator(
        code="filing_completeness",
        name="月报报送率",
        short_name="报送率",
        english="Share of owed returns that were filed",
        topic=Topic.REPORTING,
        kind=Kind.SHARE,
        numerator=("filed",),
        denominator=("expected",),
        numerator_text="已报园数",
        denominator_text="应报园数",
        unit="%",
        base="统计时点在办、计入的园",
        gap_unit="所",
        sources=(PORTAL,),
        of_returns=False,
    ),
    Indicator(
        code="filing_timeliness",
        name="月报按时报送率",
        short_name="按时报送率",
        english="Share of owed returns that were filed in time",
        topic=Topic.REPORTING,
        kind=Kind.SHARE,
        numerator=("on_time",),
        denominator=("expected",),
        numerator_text="在截止时间以前第一次报送的园数",
        denominator_text="应报园数",
        unit="%",
        base="统计时点在办、计入的园（延期补报的不算按时）",
        gap_unit="所",
        sources=(PORTAL,),
        of_returns=False,
    ),
)
