"""The kinds of rows: how each is called in addresses and on pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from safety.models import Drill, KitchenLicence, LiabilityPolicy, SafetyTraining

# May be there once: the field at which a second one is refused, and what is said.
SAME = {
    "drill": ("held_on", "这天的这种演练已经登记过。登记错了的，先撤销那一条。"),
    "training": ("held_on", "这天的这次培训已经登记过。登记错了的，先撤销那一条。"),
    "policy": ("number", "这份保单已经登记过。登记错了的，先撤销那一条。"),
    "kitchen": ("number", "刚刚登记过，请返回看现在的。"),
}


@dataclass(frozen=True)
class Kind:
    code: str
    label: str
    model: type[Any]
    told_by: tuple[str, ...]


KINDS = {
    one.code: one
    for one in (
        Kind("drill", "演练", Drill, ("kind", "held_on")),
        Kind("training", "安全培训", SafetyTraining, ("held_on", "subject")),
        Kind("policy", "校方责任险", LiabilityPolicy, ("number",)),
        Kind("kitchen", "食堂许可", KitchenLicence, ("number",)),
    )
}
