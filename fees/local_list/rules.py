"""Whether a service or collection is on the county's list of a day, and within it. Plain Python.

发改价格〔2025〕1644号: both kinds are charged only as the local list has them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from fees.rules import FEE_ITEMS, FEE_UNITS, NAMED_ITEMS, plain

# So many names are said; a list has about twenty.
NAMES_SAID = 12


@dataclass(frozen=True)
class Highest:
    """The most a list sets for an item, in yuan a child and `unit`, by a document."""

    yuan: Decimal
    unit: str
    document: str


def listing_problem(*, item: str, name: str, listed: Collection[str]) -> str:
    """Why a line is not on the list of its class on its first day; empty when it is.

    `listed`: the names of that class in force that day. None at all: nobody knows yet what may be.
    """
    if item not in NAMED_ITEMS or not listed or name in listed:
        return ""
    said = "、".join(sorted(listed)[:NAMES_SAID])
    rest = f"等{len(listed)}项" if len(listed) > NAMES_SAID else ""
    return (
        f"当地目录清单的{FEE_ITEMS[item]}里没有“{name}”，有{said}{rest}。"
        "请按清单里的名称写；文件里有而清单漏了的，先登记进目录清单。"
    )


def over_list_problem(*, amount: Decimal, unit: str, highest: Highest | None) -> str:
    """Why a line is above what its county's list sets for the same unit; empty when it is not."""
    if highest is None or highest.unit != unit or amount <= highest.yuan:
        return ""
    most = f"{plain(highest.yuan)}{FEE_UNITS[unit]}"
    return (
        f"高于当地目录清单的最高标准{most}（{highest.document}）。"
        f"请改成不超过{plain(highest.yuan)}元。"
    )


def most_problem(*, most: Decimal | None, unit: str) -> str:
    """A highest amount is of a unit; empty when it is, or there is none."""
    return "有最高标准的，请选计费单位。" if most is not None and not unit else ""
