"""What one kindergarten adds to each named sum, as indicators.sums says it in SQL. Plain Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from indicators.sums import AREAS, MEASURES

STAFF = (
    "principals", "full_time_teachers", "childcare_workers", "health_staff", "other_staff",
    "certified_principals_and_teachers",
)  # fmt: skip
PAY = (
    "established_heads", "established_pay_yuan", "non_established_heads",
    "non_established_pay_yuan",
)  # fmt: skip
PAPERS = ("insurable_people", "insured_people", "trainable_people", "trained_people")
MODELS = ("province_model", "city_model")


def kindergarten_sums(row: Mapping[str, Any]) -> dict[str, int]:
    """Of the columns of one frozen row (KindergartenFacts).

    What nobody recorded (None) adds to neither numerator nor denominator, and what is not asked of
    it adds nothing.
    """
    counted = int(row["counts_enrolment"])
    employed = counted * row["counts_staff"]
    public = employed * row["counts_public"]
    children = counted * row["enrolled_children"]
    return {
        "kindergartens": counted,
        "public_kindergartens": counted * row["counts_public"],
        "inclusive_kindergartens": counted * row["counts_inclusive"],
        "enrolled_children": children,
        "public_children": children * row["counts_public"],
        "inclusive_children": children * row["counts_inclusive"],
        "classes": counted * row["classes"],
        "compliant_classes": counted * row["compliant_classes"],
        "staffed_children": employed * row["enrolled_children"],
        **{post: employed * row[post] for post in STAFF},
        "staff_judged_kindergartens": employed * (row["fully_staffed"] is not None),
        "fully_staffed_kindergartens": employed * bool(row["fully_staffed"]),
        "pay_recorded_kindergartens": public * all(row[name] is not None for name in PAY),
        **{name: public * (row[name] or 0) for name in PAY},
        "quota_judged_kindergartens": public * (row["unfilled_posts"] is not None),
        "quota_kept_kindergartens": public * (row["unfilled_posts"] == 0),
        "vacant_posts": public * (row["vacant_posts"] or 0),
        "unfilled_posts": public * (row["unfilled_posts"] or 0),
        **{name: employed * (row[name] or 0) for name in PAPERS},
        **_funded("public", counted * row["counts_public"], row),
        **_funded(
            "inclusive", counted * (row["counts_inclusive"] and not row["counts_public"]), row
        ),
        **_measured(counted, children, row),
        **{
            f"{measure}_{part}": counted * (row[measure] in standings)
            for measure in MEASURES
            for part, standings in (
                ("owing", ("met", "unmet", "no_record")),
                ("met", ("met",)),
                ("unrecorded", ("no_record",)),
            )
        },
        "charges_judged_kindergartens": counted * (row["charges_within_limits"] is not None),
        "charges_within_kindergartens": counted * bool(row["charges_within_limits"]),
        "overcharged_yuan": counted * (row["overcharged_yuan"] or 0),
        "overcharge_uncounted_kindergartens": counted * bool(row["overcharge_uncounted"]),
        "model_kindergartens": counted * (row["level"] in MODELS),
    }


def _funded(scope: str, counted: int, row: Mapping[str, Any]) -> dict[str, int]:
    return {
        f"{scope}_funded_kindergartens": counted * (row["funded_yuan"] is not None),
        f"{scope}_funded_children": counted * (row["funded_children"] or 0),
        f"{scope}_funded_yuan": counted * (row["funded_yuan"] or 0),
    }


def _measured(counted: int, children: int, row: Mapping[str, Any]) -> dict[str, int]:
    found = {}
    for column, name in (*((f"{area}_dm2", area) for area in AREAS), ("books", "books")):
        found[column] = counted * (row[column] or 0)
        found[f"{name}_children"] = children * (row[column] is not None)
    for area in AREAS:
        for design, is_new in (("new", True), ("old", False)):
            held = counted * (row["new_design"] is is_new)
            met = row[f"{area}_met"]
            found[f"{area}_{design}_judged"] = held * (met is not None)
            found[f"{area}_{design}_met"] = held * bool(met)
    return found
