"""What the counts of a region, or of any set of kindergartens, sum: one list, in SQL."""

from __future__ import annotations

import re
from collections.abc import Iterable

FUNDED_PRIVATE = "FILTER (WHERE f.counts_inclusive AND NOT f.counts_public)"
OF_PUBLIC = "FILTER (WHERE f.counts_staff AND f.counts_public)"
# Measures of buildings, and with which design a kindergarten is held to which share.
AREAS = ("outdoor_area", "activity_room_area", "floor_area")
DESIGNS = {"new": "f.new_design", "old": "NOT f.new_design"}
# The four hundreds, as columns of the facts.
MEASURES = ("guards", "alarm", "video", "closed_site")


def _measured() -> dict[str, str]:
    """What was measured, and the children of those that measured it; then who meets the standard."""
    columns = {**{f"{area}_dm2": area for area in AREAS}, "books": "books"}
    amounts = {}
    for column, name in columns.items():
        amounts[column] = f"sum(f.{column})"
        amounts[f"{name}_children"] = (
            f"sum(f.enrolled_children) FILTER (WHERE f.{column} IS NOT NULL)"
        )
    shares = {}
    for area in AREAS:
        for design, is_so in DESIGNS.items():
            shares[f"{area}_{design}_judged"] = f"count(f.{area}_met) FILTER (WHERE {is_so})"
            shares[f"{area}_{design}_met"] = f"count(*) FILTER (WHERE f.{area}_met AND {is_so})"
    return amounts | shares


def _secured() -> dict[str, str]:
    """Of each of the four who owes it, meets it, and has no record of it."""
    return {
        f"{measure}_{part}": f"count(*) FILTER (WHERE f.{measure} {is_so})"
        for measure in MEASURES
        for part, is_so in (
            ("owing", "<> ''"), ("met", "= 'met'"), ("unrecorded", "= 'no_record'"),
        )
    }  # fmt: skip


# Column of the region's row -> what it sums over the counted kindergartens' facts `f`.
SUMS = {
    "kindergartens": "count(*)",
    "public_kindergartens": "count(*) FILTER (WHERE f.counts_public)",
    "education_kindergartens": (
        "count(*) FILTER (WHERE f.counts_public AND f.sponsor_type = 'education')"
    ),
    "inclusive_kindergartens": "count(*) FILTER (WHERE f.counts_inclusive)",
    "enrolled_children": "sum(f.enrolled_children)",
    "public_children": "sum(f.enrolled_children) FILTER (WHERE f.counts_public)",
    "inclusive_children": "sum(f.enrolled_children) FILTER (WHERE f.counts_inclusive)",
    "nursery_children": "sum(f.nursery_children)",
    "over_age_children": "sum(f.over_age_children)",
    "classes": "sum(f.classes)",
    "compliant_classes": "sum(f.compliant_classes)",
    "staffed_children": "sum(f.enrolled_children) FILTER (WHERE f.counts_staff)",
    "principals": "sum(f.principals) FILTER (WHERE f.counts_staff)",
    "full_time_teachers": "sum(f.full_time_teachers) FILTER (WHERE f.counts_staff)",
    "childcare_workers": "sum(f.childcare_workers) FILTER (WHERE f.counts_staff)",
    "health_staff": "sum(f.health_staff) FILTER (WHERE f.counts_staff)",
    "other_staff": "sum(f.other_staff) FILTER (WHERE f.counts_staff)",
    "certified_principals_and_teachers": (
        "sum(f.certified_principals_and_teachers) FILTER (WHERE f.counts_staff)"
    ),
    "staff_judged_kindergartens": (
        "count(*) FILTER (WHERE f.counts_staff AND f.fully_staffed IS NOT NULL)"
    ),
    "fully_staffed_kindergartens": "count(*) FILTER (WHERE f.counts_staff AND f.fully_staffed)",
    "pay_recorded_kindergartens": f"count(f.established_heads) {OF_PUBLIC}",
    "established_heads": f"sum(f.established_heads) {OF_PUBLIC}",
    "established_pay_yuan": f"sum(f.established_pay_yuan) {OF_PUBLIC}",
    "non_established_heads": f"sum(f.non_established_heads) {OF_PUBLIC}",
    "non_established_pay_yuan": f"sum(f.non_established_pay_yuan) {OF_PUBLIC}",
    "quota_judged_kindergartens": f"count(f.unfilled_posts) {OF_PUBLIC}",
    "quota_kept_kindergartens": (
        "count(*) FILTER (WHERE f.counts_staff AND f.counts_public AND f.unfilled_posts = 0)"
    ),
    "vacant_posts": f"sum(f.vacant_posts) {OF_PUBLIC}",
    "unfilled_posts": f"sum(f.unfilled_posts) {OF_PUBLIC}",
    "public_funded_kindergartens": "count(f.funded_yuan) FILTER (WHERE f.counts_public)",
    "public_funded_children": "sum(f.funded_children) FILTER (WHERE f.counts_public)",
    "public_funded_yuan": "sum(f.funded_yuan) FILTER (WHERE f.counts_public)",
    "inclusive_funded_kindergartens": f"count(f.funded_yuan) {FUNDED_PRIVATE}",
    "inclusive_funded_children": f"sum(f.funded_children) {FUNDED_PRIVATE}",
    "inclusive_funded_yuan": f"sum(f.funded_yuan) {FUNDED_PRIVATE}",
    "insurable_people": "sum(f.insurable_people) FILTER (WHERE f.counts_staff)",
    "insured_people": "sum(f.insured_people) FILTER (WHERE f.counts_staff)",
    "trainable_people": "sum(f.trainable_people) FILTER (WHERE f.counts_staff)",
    "trained_people": "sum(f.trained_people) FILTER (WHERE f.counts_staff)",
    **_measured(),
    **_secured(),
    "charges_judged_kindergartens": "count(f.charges_within_limits)",
    "charges_within_kindergartens": "count(*) FILTER (WHERE f.charges_within_limits)",
    "overcharged_yuan": "sum(f.overcharged_yuan)",
    "overcharge_uncounted_kindergartens": "count(*) FILTER (WHERE f.overcharge_uncounted)",
    "model_kindergartens": "count(*) FILTER (WHERE f.level IN ('province_model', 'city_model'))",
}
# What the place itself has on the statistical date, whoever has filed (services.recompute).
OF_PLACES = (
    "unlicensed_kindergartens", "delivered_projects", "delivered_seats", "invested_fen",
    "valid_answers", "satisfied_answers",
)  # fmt: skip
# Sums of money, areas and books pass the 32 bits that everything else fits into.
WIDE = frozenset(
    {
        *("established_pay_yuan", "non_established_pay_yuan"),
        *("public_funded_yuan", "inclusive_funded_yuan", "overcharged_yuan", "invested_fen"),
        *("outdoor_area_dm2", "activity_room_area_dm2", "floor_area_dm2", "books"),
    }
)


def cast(name: str) -> str:
    """The type of a sum's column."""
    return "bigint" if name.removeprefix("pending_") in WIDE else "int"


def columns(names: Iterable[str]) -> frozenset[str]:
    """The columns of the facts that these sums are made of."""
    return frozenset(column for name in names for column in re.findall(r"f\.(\w+)", SUMS[name]))
