"""Whether a service or collection is on the county's list of a day. Plain Python.

发改价格〔2025〕1644号: both kinds are charged only as the local list has them.
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from fees.rules import FEE_ITEMS, NAMED_ITEMS

# So many names are said; a list has about twenty.
NAMES_SAID = 12


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


def most_problem(*, most: Decimal | None, unit: str) -> str:
    """A highest amount is of a unit; empty when it is, or there is none."""
    return "有最高标准的，请选计费单位。" if most is not None and not unit else ""
