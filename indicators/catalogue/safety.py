"""The four hundreds (四个100%): kindergartens that meet a measure ÷ all that owe it."""

from __future__ import annotations

from indicators.catalogue.definition import Indicator, Kind, Topic
from indicators.catalogue.sources import baotou

# code, column, what it is called, its short name, its English name
MEASURES = (
    ("full_time_guard_share", "guards", "专职保安配备率", "专职保安", "with enough full-time guards"),
    ("one_key_alarm_share", "alarm", "一键式紧急报警配备率", "一键报警", "with a one-key alarm"),
    ("video_surveillance_share", "video", "视频监控配备率", "视频监控", "with video surveillance"),
    ("closed_campus_share", "closed_site", "封闭化管理率", "封闭管理", "with a closed campus"),
)  # fmt: skip

FIGURES = tuple(
    Indicator(
        code=code,
        name=name,
        short_name=short,
        english=f"Share of kindergartens {english}",
        topic=Topic.SAFETY,
        kind=Kind.SHARE,
        numerator=(f"{column}_met",),
        denominator=(f"{column}_owing",),
        numerator_text=f"{short}达标的园所数",
        denominator_text="当地防范清单有这一项的园所数",
        unit="%",
        base="当地防范清单有这一项的园（附设幼儿班随所属园）",
        gap_unit="所",
        sources=(baotou("10"),),
        unrecorded="当地的防范清单没有这一项，或者月报计入时还没有登记。",
        undecided=(f"{column}_unrecorded",),
    )
    for code, column, name, short, english in MEASURES
)
