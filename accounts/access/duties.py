"""Separation of duties: who did one step may not do the other, in whoever's name.

Who submits does not accept, who requests an account does not approve it, who rectifies does not
verify. Compared are people, not posts: somebody with two posts is one person, and a deputy's act
is the deputy's and also the absent person's.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """`user` did it; `on_behalf_of` is whose post a deputy acted in. Both are user ids."""

    user: int
    on_behalf_of: int | None = None

    @property
    def persons(self) -> frozenset[int]:
        return frozenset({self.user} | ({self.on_behalf_of} if self.on_behalf_of else set()))


def separate(first: Actor, second: Actor) -> bool:
    """Whether two steps were done by different people in the names of different people."""
    return not first.persons & second.persons
