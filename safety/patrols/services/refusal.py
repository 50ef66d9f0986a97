"""Why something about patrols was not saved, and at which field it is said."""

from __future__ import annotations

from kindergartens.policies import NotAllowedNow


class PatrolRefused(NotAllowedNow):
    """The text says what is wrong and what to do; `field` names where, empty for the whole form."""
