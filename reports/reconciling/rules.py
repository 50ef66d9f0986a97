"""Papers about one kindergarten: figure by figure, and list beside registry. Plain Python.

A difference is computed and never ticked off. An explanation belongs to the two numbers it was
written for: when one of them changes, the difference stands without one again. So it is with a
published list: its values are words, and "" is absence.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from unicodedata import normalize

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
    NO_STATISTICS = "no_statistics"  # its county has imported none of the school year
    NEITHER = "neither"  # it owes no return, and the statistics do not have it


@dataclass(frozen=True)
class Explained:
    """The two numbers an explanation was written for; of a list the two words."""

    returned: int | str
    stated: int | str


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
    the county has any of the school year. `explained` is the last explanation of each figure.
    """
    if not owes and stated:
        return Standing.ONLY_STATISTICS
    if not imported:
        return Standing.NO_STATISTICS
    if not owes:
        return Standing.NEITHER
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


class ListStanding(StrEnum):
    """How a kindergarten stands to the published lists; each has exactly one."""

    UNREGISTERED = "unregistered"  # on a list, and not running by the registry
    UNLISTED = "unlisted"  # running by the registry, and not on a list it belongs on
    UNLIKE = "unlike"  # on a list under another name or as another kind
    EXPLAINED = "explained"  # differs, and all differences have their explanation
    SAME = "same"
    NOT_MEANT = "not_meant"  # no list has it, and none should
    NO_LIST = "no_list"  # its county has imported no whole one


class Aspect(StrEnum):
    LISTED = "listed"
    NAME = "name"
    OWNERSHIP = "ownership"


ON_THE_LIST = "在名单上"
# What a list of inclusive kindergartens says of each, where it does not say which kind.
INCLUSIVE = "普惠"


@dataclass(frozen=True)
class Registered:
    """What the registry has on the day: words for people, and what a list is compared with."""

    name: str
    state: str
    ownership: str
    is_operating: bool
    is_closed: bool
    is_inclusive: bool


@dataclass(frozen=True)
class OnList:
    """A line of a list; `ownership` is "" where the list does not say."""

    name: str
    ownership: str


@dataclass(frozen=True)
class ListDifference:
    """Where registry and list are unlike; "" is not registered, or not on the list."""

    kind: str
    aspect: Aspect
    registered: str
    published: str

    @property
    def key(self) -> str:
        return f"{self.kind}-{self.aspect}"

    @property
    def values(self) -> Explained:
        return Explained(self.registered, self.published)


def both_words(aspect: Aspect, registered: str, published: str) -> str:
    """登记“甲园”、名单“乙园”; of being on the list 登记“在办”、名单上没有."""
    ours = f"登记“{registered}”" if registered else "没有登记"
    if aspect == Aspect.LISTED:
        return f"{ours}、名单上{'有' if published else '没有'}"
    return f"{ours}、名单“{published}”"


def list_differences(
    registered: Registered | None,
    lines: Mapping[str, OnList],
    *,
    imported: Collection[str],
    inclusive_list: str,
) -> list[ListDifference]:
    """What differs between the registry and each imported kind of list, for one kindergarten.

    A suspended kindergarten may be on a list or not. The list named `inclusive_list` has the
    inclusive ones only; every other has all that are running.
    """
    found = []
    for kind in imported:
        line = lines.get(kind)
        if line is None:
            if (
                registered is not None
                and registered.is_operating
                and (kind != inclusive_list or registered.is_inclusive)
            ):
                found.append(ListDifference(kind, Aspect.LISTED, registered.state, ""))
            continue
        if registered is None or registered.is_closed:
            state = "" if registered is None else registered.state
            found.append(ListDifference(kind, Aspect.LISTED, state, ON_THE_LIST))
            continue
        if plain(line.name) != plain(registered.name):
            found.append(ListDifference(kind, Aspect.NAME, registered.name, line.name))
        published = line.ownership
        if kind == inclusive_list and not published and not registered.is_inclusive:
            published = INCLUSIVE
        if published and published != registered.ownership:
            found.append(ListDifference(kind, Aspect.OWNERSHIP, registered.ownership, published))
    return found


def list_standing(
    differences: Sequence[ListDifference],
    explained: Mapping[str, Explained],
    *,
    is_listed: bool,
    imported: Collection[str],
) -> ListStanding:
    """How one kindergarten stands; `explained` is the last explanation by ListDifference.key."""
    if not imported:
        return ListStanding.NO_LIST
    if not differences:
        return ListStanding.SAME if is_listed else ListStanding.NOT_MEANT
    open_ones = [one for one in differences if explained.get(one.key) != one.values]
    if not open_ones:
        return ListStanding.EXPLAINED
    presence = [one for one in open_ones if one.aspect == Aspect.LISTED]
    if not presence:
        return ListStanding.UNLIKE
    return ListStanding.UNREGISTERED if presence[0].published else ListStanding.UNLISTED


def plain(name: str) -> str:
    """A name without what only typing makes different: widths of letters and brackets, blanks."""
    return "".join(normalize("NFKC", name).split())
