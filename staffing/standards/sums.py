"""People required, present and missing over many kindergartens, summed one after another.

Nothing of a single kindergarten is kept, so a province takes no more memory than a town.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from staffing.rules import people_needed
from staffing.standards.rules import HeadCount, Lack, Need, Post, fully_staffed
from staffing.standards.terms import Terms


@dataclass
class PostSum:
    """One post over many kindergartens, in people. The shortage is the sum of theirs: a surplus in
    one fills no gap in another. `unknown` kindergartens are in none of the sums, which are None
    while none can be computed; `lacks` are all the reasons why they cannot.
    """

    post: Post
    filled: int = 0
    met: int = 0
    lacking: int = 0
    unknown: int = 0
    lacks: set[Lack] = field(default_factory=set)
    _required: int = 0
    _present: int = 0
    _short: int = 0

    def add(self, need: Need) -> None:
        short = need.short
        if short is None:
            self.unknown += 1
            self.lacks.update(need.lacks)
            return
        self._required += need.required or 0
        self._present += need.present or 0
        self._short += short
        self.filled += need.filled
        if short:
            self.lacking += 1
        else:
            self.met += 1

    def add_sum(self, other: PostSum) -> None:
        self.filled += other.filled
        self.met += other.met
        self.lacking += other.lacking
        self.unknown += other.unknown
        self.lacks |= other.lacks
        self._required += other._required
        self._present += other._present
        self._short += other._short

    @property
    def kindergartens(self) -> int:
        return self.met + self.lacking + self.unknown

    @property
    def required(self) -> int | None:
        return self._required if self.met or self.lacking else None

    @property
    def present(self) -> int | None:
        return self._present if self.met or self.lacking else None

    @property
    def short(self) -> int | None:
        return self._short if self.met or self.lacking else None


@dataclass
class StaffSums:
    """Every post over many kindergartens, and how many of these have everybody (配足配齐).

    `children` and `teachers` are of kindergartens whose staff counts, for the ratio of a county.
    """

    posts: dict[Post, PostSum] = field(
        default_factory=lambda: {post: PostSum(post) for post in Post}
    )
    kindergartens: int = 0
    judged: int = 0
    fully: int = 0
    children: int = 0
    teachers: int = 0

    def add_return(self, found: Iterable[Need], counted: HeadCount) -> None:
        """One more kindergarten: its lines, and the counts they were made of."""
        needs = list(found)
        for need in needs:
            self.posts[need.post].add(need)
        verdict = fully_staffed(needs)
        self.kindergartens += 1
        self.judged += verdict is not None
        self.fully += verdict is True
        if counted.teachers is not None:
            self.children += counted.children or 0
            self.teachers += counted.teachers

    def add_sums(self, other: StaffSums) -> None:
        for post, one in other.posts.items():
            self.posts[post].add_sum(one)
        self.kindergartens += other.kindergartens
        self.judged += other.judged
        self.fully += other.fully
        self.children += other.children
        self.teachers += other.teachers


def teachers_of_county(
    terms: Terms | None, children: int | None, teachers: int | None
) -> tuple[int | None, int | None]:
    """(required, short) full-time teachers of a whole county: 专任教师与在园幼儿之比 not below 1:15.

    Σ ÷ Σ, never the mean of kindergartens' ratios. None without children, or with a count missing.
    """
    if terms is None or terms.most is None or not children:
        return None, None
    required = people_needed(children, terms.most)
    return required, None if teachers is None else max(0, required - teachers)
