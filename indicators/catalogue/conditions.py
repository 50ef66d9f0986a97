"""Buildings and books: what each child has, and how many kindergartens have enough.

Sums are of whole square decimetres, which keep what was measured to the hundredth of a square metre.
"""

from __future__ import annotations

from indicators.catalogue.definition import Indicator, Kind, Topic
from indicators.catalogue.sources import national, shenyang

# column, what it is called, its short name, its English name
AREAS = (
    ("outdoor_area", "室外游戏场地", "室外场地", "outdoor play area"),
    ("activity_room_area", "活动用房", "活动用房", "activity room area"),
    ("floor_area", "园舍建筑", "园舍建筑", "floor area"),
)
# Kindergartens designed since the newer building standard, and older ones, are held to other shares.
DESIGNS = (
    ("new", "新设计园", "designed since the newer standard", 27),
    ("old", "原有园", "designed before it", 26),
)

FIGURES = (
    *(
        Indicator(
            code=f"{area}_per_child_m2",
            name=f"生均{words}面积",
            short_name=f"生均{short}",
            english=f"{english.capitalize()} per child",
            topic=Topic.CONDITIONS,
            kind=Kind.AMOUNT,
            numerator=(f"{area}_dm2",),
            denominator=(f"{area}_children",),
            numerator_text=f"{words}面积（平方米）",
            denominator_text="这些园的在园幼儿",
            unit="平方米/生",
            base=f"各园址的{words}都经核对的园",
            gap_unit="平方米",
            sources=(national(6), shenyang(26)),
            parts=100,
            unrecorded=f"还没有园登记经核对的{words}面积。",
            at_most_whole=False,
        )
        for area, words, short, english in AREAS
    ),
    Indicator(
        code="books_per_child",
        name="生均图书",
        short_name="生均图书",
        english="Books per child",
        topic=Topic.CONDITIONS,
        kind=Kind.AMOUNT,
        numerator=("books",),
        denominator=("books_children",),
        numerator_text="图书（册）",
        denominator_text="这些园的在园幼儿",
        unit="册/生",
        base="各园址的图书都经核对的园",
        gap_unit="册",
        sources=(shenyang(26),),
        unrecorded="还没有园登记经核对的图书。",
        at_most_whole=False,
    ),
    *(
        Indicator(
            code=f"{area}_{design}_kindergarten_share",
            name=f"{words}达标园比例（{which}）",
            short_name=f"{short}达标（{which}）",
            english=f"Share of kindergartens {said} with enough {english}",
            topic=Topic.CONDITIONS,
            kind=Kind.SHARE,
            numerator=(f"{area}_{design}_met",),
            denominator=(f"{area}_{design}_judged",),
            numerator_text=f"生均{words}达标的{which}所数",
            denominator_text=f"能判定的{which}所数",
            unit="%",
            base=f"登记了规划设计年份、{words}经核对的{which}",
            gap_unit="所",
            sources=(national(6), shenyang(item)),
            unrecorded=f"没有登记了规划设计年份、{words}经核对的{which}。",
        )
        for area, words, short, english in AREAS
        for design, which, said, item in DESIGNS
    ),
)
