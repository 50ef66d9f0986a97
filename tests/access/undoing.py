"""What is asked in a savepoint and undone, so that one person's effect is not the next one's state."""

from __future__ import annotations


class Undo(Exception):
    """Ends a savepoint without keeping it."""
