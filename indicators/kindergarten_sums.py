"""What one kindergarten adds to each named sum, as indicators.sums says it in SQL. Plain Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from indicators.sums import AREAS, MEASURES

Row = Mapping[str, Any]
Adds = Callable[[Row], int]

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
OF_PUBLIC = ("counts_staff", "counts_public")


def _one(*flags: str) -> Adds:
    """Itself, where all flags are set."""
    return lambda row: int(all(row[flag] for flag in flags))


def _amount(column: str, *flags: str) -> Adds:
    """What was recorded; nothing where nobody recorded it."""
    return lambda row: (row[column] or 0) if all(row[flag] for flag in flags) else 0


def _recorded(column: str, *flags: str) -> Adds:
    """Itself, where anything was recorded."""
    return lambda row: int(row[column] is not None and all(row[flag] for flag in flags))


def _children_measured(column: str) -> Adds:
    return lambda row: row["enrolled_children"] if row[column] is not None else 0


def _standing(measure: str, *standings: str) -> Adds:
    return lambda row: int(row[measure] in standings)


def _designed(area: str, *, new: bool, met: bool) -> Adds:
    """Itself, where its design is of the kind and its area was judged, or meets the standard."""
    column = f"{area}_met"
    if met:
        return lambda row: int(row["new_design"] is new and bool(row[column]))
    return lambda row: int(row["new_design"] is new and row[column] is not None)


def _of_subsidised(adds: Adds) -> Adds:
    """Of inclusive kindergartens that are not public."""
    return lambda row: adds(row) if row["counts_inclusive"] and not row["counts_public"] else 0


def _measured() -> dict[str, Adds]:
    found = {}
    for column, name in (*((f"{area}_dm2", area) for area in AREAS), ("books", "books")):
        found[column] = _amount(column)
        found[f"{name}_children"] = _children_measured(column)
    for area in AREAS:
        for design, new in (("new", True), ("old", False)):
            found[f"{area}_{design}_judged"] = _designed(area, new=new, met=False)
            found[f"{area}_{design}_met"] = _designed(area, new=new, met=True)
    return found


# Sum -> what a kindergarten adds to it whose return is counted.
ADDS: dict[str, Adds] = {
    "kindergartens": _one(),
    "public_kindergartens": _one("counts_public"),
    "inclusive_kindergartens": _one("counts_inclusive"),
    "enrolled_children": _amount("enrolled_children"),
    "public_children": _amount("enrolled_children", "counts_public"),
    "inclusive_children": _amount("enrolled_children", "counts_inclusive"),
    "classes": _amount("classes"),
    "compliant_classes": _amount("compliant_classes"),
    "staffed_children": _amount("enrolled_children", "counts_staff"),
    **{post: _amount(post, "counts_staff") for post in STAFF},
    "staff_judged_kindergartens": _recorded("fully_staffed", "counts_staff"),
    "fully_staffed_kindergartens": _one("counts_staff", "fully_staffed"),
    "pay_recorded_kindergartens": _recorded("established_heads", *OF_PUBLIC),
    **{name: _amount(name, *OF_PUBLIC) for name in PAY},
    "quota_judged_kindergartens": _recorded("unfilled_posts", *OF_PUBLIC),
    "quota_kept_kindergartens": lambda row: int(
        row["unfilled_posts"] == 0 and row["counts_staff"] and row["counts_public"]
    ),
    "vacant_posts": _amount("vacant_posts", *OF_PUBLIC),
    "unfilled_posts": _amount("unfilled_posts", *OF_PUBLIC),
    **{name: _amount(name, "counts_staff") for name in PAPERS},
    "public_funded_kindergartens": _recorded("funded_yuan", "counts_public"),
    "public_funded_children": _amount("funded_children", "counts_public"),
    "public_funded_yuan": _amount("funded_yuan", "counts_public"),
    "inclusive_funded_kindergartens": _of_subsidised(_recorded("funded_yuan")),
    "inclusive_funded_children": _of_subsidised(_amount("funded_children")),
    "inclusive_funded_yuan": _of_subsidised(_amount("funded_yuan")),
    **_measured(),
    **{
        f"{measure}_{part}": _standing(measure, *standings)
        for measure in MEASURES
        for part, standings in (
            ("owing", ("met", "unmet", "no_record")),
            ("met", ("met",)),
            ("unrecorded", ("no_record",)),
        )
    },
    "charges_judged_kindergartens": _recorded("charges_within_limits"),
    "charges_within_kindergartens": _one("charges_within_limits"),
    "overcharged_yuan": _amount("overcharged_yuan"),
    "overcharge_uncounted_kindergartens": _one("overcharge_uncounted"),
    "model_kindergartens": _standing("level", *MODELS),
}


def kindergarten_sums(row: Row, names: Iterable[str] = ADDS) -> dict[str, int]:
    """The sums asked for, of the columns of one frozen row (KindergartenFacts).

    What nobody recorded (None) adds to neither numerator nor denominator, and what is not asked of
    it adds nothing.
    """
    counted = row["counts_enrolment"]
    return {name: ADDS[name](row) if counted else 0 for name in names}
