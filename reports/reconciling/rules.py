"""Two papers about one kindergarten, figure by figure. Plain Python.

A difference is computed and never ticked off. An explanation belongs to the two numbers it was
written for: when one of them changes, the difference stands without one again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

# Those that both papers have, in the order of the page.
FIGURES = ("children", "classes", "staff", "teachers", "certified")


class Standing(StrEnum):
    """How a kindergarten's two papers stand; each kindergarten has exactly one."""

    DIFFERS = "differs"  # a difference without an explanation
    EXPLAINED = "explained"  # all differences have theirs
    SAME = "same"
    UNCOUNTED = "uncounted"  # it owes a return of the month, and none is counted yet
    ONLY_RETURN = "only_return"  # the statistics of its county do not have it
    ONLY_STATISTICS = "only_statistics"  # it owes no return, or the portal does not know it
    NO_STATISTICS = "no_statistics"  # its county has imported none


@dataclass(frozen=True)
class Explained:
    """The two numbers an explanation was written for."""

    returned: int
    stated: int


@dataclass(frozen=True)
class Pair:
    """One figure in both papers; None is not told there, and never 0."""

    figure: str
    returned: int | None
    stated: int | None

    @property
    def difference(self) -> int | None:
        """What the return has more than the statistics; None where a number is missing."""
        if self.returned is None or self.stated is None:
            return None
        return self.returned - self.stated

    @property
    def differs(self) -> bool:
        return bool(self.difference)

    def is_explained_by(self, explained: Explained | None) -> bool:
        return explained is not None and (explained.returned, explained.stated) == (
            self.returned,
            self.stated,
        )


def standing(
    pairs: Sequence[Pair],
    explained: Mapping[str, Explained],
    *,
    owes: bool,
    counted: bool,
    stated: bool,
    imported: bool,
) -> Standing:
    """How the papers of one kindergarten stand.

    `owes` a return of the month, `counted` is one, `stated` in the statistics, `imported` whether
    the county has any statistics. `explained` is the last explanation of each figure.
    """
    if not owes:
        return Standing.ONLY_STATISTICS
    if not imported:
        return Standing.NO_STATISTICS
    if not stated:
        return Standing.ONLY_RETURN
    if not counted:
        return Standing.UNCOUNTED
    differing = [pair for pair in pairs if pair.differs]
    if not differing:
        return Standing.SAME
    if all(pair.is_explained_by(explained.get(pair.figure)) for pair in differing):
        return Standing.EXPLAINED
    return Standing.DIFFERS
