"""A county's list of what may be charged beside the fees by class, as dated rows by item and name."""

from __future__ import annotations

from fees.local_list.rules import most_problem
from fees.models import LocalFeeItem
from kindergartens.dated.services import Kind


def _problem(row: LocalFeeItem) -> tuple[str, str]:
    return "unit", most_problem(most=row.most, unit=row.unit)


# Another name is another item.
LOCAL_ITEM = Kind(
    "清单项目",
    LocalFeeItem,
    ("item", "name"),
    ("unit", "most", "content", "document", "valid_from", "valid_to"),
    problem=_problem,
)
