"""Whether those who receive the children of a closure have room for them (超班额).

Only what is certain is said: more children a class than the largest class may have on average means
that some class is too large, whatever its grade. Nursery classes are in both counts, for nobody
says into which class a child is placed.
"""

from __future__ import annotations

from dataclasses import dataclass

from kindergartens import rules
from kindergartens.models import Placement, Procedure
from kindergartens.procedures.kinds import Kind
from kindergartens.procedures.policies import ProcedureRefused
from kindergartens.procedures.selectors import children_coming, counted_by_kindergarten


@dataclass(frozen=True)
class Room:
    """A receiver with its last accepted return (None before the first) and who comes beside."""

    placement: Placement
    children: int | None
    classes: int = 0
    coming: int = 0

    @property
    def after(self) -> int | None:
        return (
            None if self.children is None else self.children + self.coming + self.placement.children
        )

    @property
    def too_many_a_class(self) -> bool:
        return self.after is not None and rules.classes_too_large(self.after, self.classes)

    @property
    def too_many_in_all(self) -> bool:
        return self.after is not None and self.after > rules.MOST_CHILDREN

    @property
    def is_short(self) -> bool:
        return self.too_many_a_class or self.too_many_in_all


def rooms(procedure: Procedure) -> dict[int, Room]:
    """By the key of the placement of an open one; a destination that is no kindergarten has none.

    Who was placed there by others that are decided counts too.
    """
    rows = [
        row
        for row in procedure.placements.select_related("receiver")
        if row.receiver_id is not None
    ]
    counted = counted_by_kindergarten([row.receiver_id for row in rows if row.receiver_id])
    found = {}
    for row in rows:
        receiver = row.receiver
        if receiver is None or receiver.pk not in counted:
            found[row.pk] = Room(row, None)
            continue
        found[row.pk] = Room(row, *counted[receiver.pk], children_coming(receiver))
    return found


def without_room(procedure: Procedure) -> list[Room]:
    return [room for room in rooms(procedure).values() if room.is_short]


def check_reason(procedure: Procedure, kind: Kind, reason: str) -> None:
    """Whoever lets children go where there is no room says why; it stays in the event."""
    if not kind.places_children or reason.strip():
        return
    short = without_room(procedure)
    if short:
        names = "、".join(str(room.placement.receiver) for room in short)
        raise ProcedureRefused(
            f"{names}接收后超班额或超规模。请在意见里写明仍这样安置的理由（如何加班、加人），"
            "或退回补正，另作安置。",
            "reason",
        )
