"""教师〔2013〕1号 and its companions as rows, for tests of whatever is held against them."""

from __future__ import annotations

from staffing.models import StaffingStandard

NATION = {
    ("staff", "full"): {"least": 5, "most": 7},
    ("staff", "half"): {"least": 8, "most": 10},
    ("care_teaching", "full"): {"least": 7, "most": 9},
    ("care_teaching", "half"): {"least": 11, "most": 13},
    ("class_posts", "full"): {
        "teachers": 2, "carers": 1, "teachers_alone": 3,
        "boarding_teachers": 1, "boarding_carers": 1,
    },
    ("class_posts", "half"): {"teachers": 2, "boarding_teachers": 1, "boarding_carers": 1},
    ("health", "any"): {"most": 150, "health_rule": "at_most"},
    ("principal", "any"): {"steps": [[1, 1], [6, 2], [10, 3]]},
    ("cook", "any"): {"least": 40, "most": 45},
    ("guard", "any"): {"steps": [[0, 1], [100, 2], [1000, 3]], "step_beyond": 500},
    ("county_teachers", "any"): {"most": 15},
}  # fmt: skip


def the_nation_asks() -> None:
    for (demand, day), terms in NATION.items():
        StaffingStandard.objects.create(
            demand=demand, day=day, document="示例国家标准", clause="第一条", **terms
        )
