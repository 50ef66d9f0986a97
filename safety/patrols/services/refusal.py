"""Why something about patrols was not saved, and at which field it is said."""

from __future__ import annotations


class PatrolRefused(Exception):
    """The text says what is wrong and what to do; `field` names where, empty for the whole form."""

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field
