"""Two windows on one draft: what each changed, put together cell by cell. Plain Python.

Three drafts take part: the one both windows began with (`base`), the one saved since (`theirs`) and
the one just typed (`mine`). A cell that only one side changed takes that side's value; one that
both changed to different values is a conflict, and a person picks. Works on a draft of any shape:
texts, sections of named fields, and lists of rows (classes), which are told by their names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


class _Nothing:
    """Not there: a row taken away or not added yet, a field of no such section."""

    def __bool__(self) -> bool:
        return False


NOTHING = _Nothing()
MINE, THEIRS = "mine", "theirs"


@dataclass(frozen=True)
class Conflict:
    """One cell, or one whole class, that both sides changed. None: taken away by that side.

    `key` names the field: ``classes:小一班:boys``, ``staff:principal:people``, ``remarks``.
    """

    key: str
    theirs: str | None
    mine: str | None

    @property
    def is_row(self) -> bool:
        return self.theirs is None or self.mine is None

    def choice(self, side: str) -> str:
        """What a pick for one side says; it holds only for the values the person saw."""
        seen = repr((self.key, self.theirs, self.mine)).encode()
        return f"{side}-{hashlib.sha256(seen).hexdigest()[:12]}"


@dataclass
class Merged:
    """`draft` has mine at every conflict that is open; `taken` are fields only they changed."""

    draft: dict[str, Any] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)


def merge(
    base: Mapping[str, Any] | None,
    theirs: Mapping[str, Any],
    mine: Mapping[str, Any],
    picks: Mapping[str, str] | None = None,
    touched: Collection[str] = (),
    alike: Callable[[str, str, str], bool] | None = None,
) -> Merged:
    """Put two drafts together. `base` None: nobody knows it any more, so whatever differs is asked.

    `picks` by key of conflict: `Conflict.choice(MINE)` or `(THEIRS)`. `touched`: cells that were
    saved otherwise in between, also where they have come back to what they were: that was decided
    by somebody, too. `alike`: whether two texts of a cell mean one thing, 1,200 and 1200; nobody is
    asked about those, and the one that is saved stays.
    """
    found = Merged()
    merger = _Merger(found, picks or {}, base is not None, touched, alike)
    found.draft = merger.fields("", base or {}, theirs, mine)
    return found


@dataclass
class _Merger:
    found: Merged
    picks: Mapping[str, str]
    knows_base: bool
    touched: Collection[str]
    alike: Callable[[str, str, str], bool] | None

    def value(self, key: str, base: Any, theirs: Any, mine: Any) -> Any:
        if _same(theirs, mine):
            return mine
        if isinstance(theirs, Mapping) and isinstance(mine, Mapping):
            return self.fields(key, base if isinstance(base, Mapping) else {}, theirs, mine)
        if _are_rows(theirs) and _are_rows(mine):
            return self.rows(key, base if _are_rows(base) else [], theirs, mine)
        if self.means(key, theirs, mine):
            return theirs
        if self.knows_base:
            if self.means(key, base, theirs) and key not in self.touched:
                return mine
            if self.means(key, base, mine):
                self.found.taken.append(key)
                return theirs
        return self.asked(key, theirs, mine)

    def means(self, key: str, one: Any, other: Any) -> bool:
        """Whether two values say the same."""
        if _same(one, other):
            return True
        are_texts = isinstance(one, str) and isinstance(other, str)
        return self.alike is not None and are_texts and self.alike(key, one, other)

    def fields(
        self, key: str, base: Mapping[str, Any], theirs: Mapping[str, Any], mine: Mapping[str, Any]
    ) -> dict[str, Any]:
        names = [*mine, *(name for name in theirs if name not in mine)]
        return {
            name: self.value(
                f"{key}:{name}" if key else name,
                base.get(name, ""),
                theirs.get(name, ""),
                mine.get(name, ""),
            )
            for name in names
        }

    def rows(
        self, key: str, base: Sequence[Any], theirs: Sequence[Any], mine: Sequence[Any]
    ) -> list[Any]:
        before = dict(zip(_names(base), base, strict=True))
        here, there = _paired(before, mine), _paired(before, theirs)
        merged = []
        for name in [*here, *(name for name in there if name not in here)]:
            row = self.row(
                f"{key}:{name}",
                before.get(name, NOTHING), there.get(name, NOTHING), here.get(name, NOTHING),
            )  # fmt: skip
            if row is not NOTHING:
                merged.append(row)
        return merged

    def row(self, key: str, base: Any, theirs: Any, mine: Any) -> Any:
        """One class: changed on both sides cell by cell; added or taken away as a whole."""
        if theirs is not NOTHING and mine is not NOTHING:
            return self.value(key, {} if base is NOTHING else base, theirs, mine)
        if base is NOTHING and self.knows_base:
            if mine is NOTHING:
                self.found.taken.append(key)
            return theirs if mine is NOTHING else mine
        if self.knows_base and theirs is NOTHING and _same(base, mine):
            self.found.taken.append(key)
            return NOTHING
        if self.knows_base and mine is NOTHING and _same(base, theirs):
            return NOTHING
        return self.asked(key, theirs, mine)

    def asked(self, key: str, theirs: Any, mine: Any) -> Any:
        conflict = Conflict(key, _text(theirs), _text(mine))
        pick = self.picks.get(key, "")
        if pick == conflict.choice(THEIRS):
            return theirs
        if pick != conflict.choice(MINE):
            self.found.conflicts.append(conflict)
        return mine


def cells(draft: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every cell of a draft with its key."""
    if isinstance(draft, Mapping):
        for name, value in draft.items():
            yield from cells(value, f"{key}:{name}" if key else str(name))
    elif _are_rows(draft):
        for name, row in zip(_names(draft), draft, strict=True):
            yield from cells(row, f"{key}:{name}")
    else:
        yield key, _text(draft) or ""


def differences(before: Any, after: Any, key: str = "") -> Iterator[str]:
    """The keys of what differs: cells, and whole rows that came or went. Pairs rows as `merge`."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in [*after, *(name for name in before if name not in after)]:
            inner = f"{key}:{name}" if key else str(name)
            yield from differences(before.get(name, ""), after.get(name, ""), inner)
    elif _are_rows(before) and _are_rows(after):
        had = dict(zip(_names(before), before, strict=True))
        here = _paired(had, after)
        for name in [*here, *(name for name in had if name not in here)]:
            if name in here and name in had:
                yield from differences(had[name], here[name], f"{key}:{name}")
            else:
                yield f"{key}:{name}"
    elif not _same(before, after):
        yield key


def _are_rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, Mapping) for row in value)


def _same(one: Any, other: Any) -> bool:
    """Equal as typed: a field that is not there says nothing, like an empty one."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return all(_same(one.get(name, ""), other.get(name, "")) for name in {*one, *other})
    return bool(one == other)


def _text(value: Any) -> str | None:
    """What a person is shown of a value: a row by its filled cells."""
    if value is NOTHING:
        return None
    if isinstance(value, Mapping):
        return "，".join(text for _, text in cells(value) if text)
    return str(value)


def _names(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names of rows; a second one of the same name, or one without, by its number as well."""
    names: list[str] = []
    for number, row in enumerate(rows, start=1):
        name = str(row.get("name", "")).strip()
        names.append(name if name and name not in names else f"{name}（第{number}行）")
    return names


def _paired(
    before: Mapping[str, Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]
) -> dict[str, Mapping[str, Any]]:
    """Rows by the name they had in the base: one renamed in its place is still the same row."""
    names, had = _names(rows), list(before)
    missing = [name for name in had if name not in names]
    paired: dict[str, Mapping[str, Any]] = {}
    for number, (name, row) in enumerate(zip(names, rows, strict=True)):
        if name not in before and number < len(had) and had[number] in missing:
            renamed = before[had[number]]
            if renamed.get("grade") == row.get("grade"):
                name = had[number]
        paired[name if name not in paired else f"{name}（第{number + 1}行）"] = row
    return paired
