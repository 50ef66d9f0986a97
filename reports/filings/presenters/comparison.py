"""Two versions of one return side by side, with what was asked for between them.

After a resubmission the reviewer sees this and nothing else: what became of each reason, and what
changed besides. Director and officer see the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from kindergartens.models import FilingVersion, MonthlyFiling
from reports.filings.checks import GRADE_LABELS, SECTIONS, About, catalogue, text_at
from reports.filings.checks.sections.charges import CHARGES
from reports.filings.presenters.history import SENT_BACK, field_label, standing_return
from reports.filings.selectors import Change, changes
from reports.filings.submitted import Submitted, read_version


@dataclass(frozen=True)
class Line:
    """One field: before and now, the reason that was asked there, what became of it.

    `is_moved`: asked about a class as a whole, of which some field changed.
    """

    change: Change
    asked: str = ""
    is_gone: bool = False
    is_moved: bool = False

    @property
    def key(self) -> str:
        return self.change.key

    @property
    def is_untouched(self) -> bool:
        """A reason was asked here, and the field says what it said before."""
        stays = self.change.last == self.change.now and not self.is_moved
        return bool(self.asked) and not self.is_gone and stays


@dataclass(frozen=True)
class TextLine:
    """A text that reads differently: a class's explanation, the remarks, an attachment."""

    label: str
    before: str
    now: str


@dataclass(frozen=True)
class Comparison:
    """`reasons` are the general ones, given when versions from the older one on were sent back."""

    before: FilingVersion
    now: FilingVersion
    lines: list[Line]
    texts: list[TextLine]
    reasons: list[str]

    @property
    def asked(self) -> list[Line]:
        return [line for line in self.lines if line.asked]

    @property
    def changed(self) -> int:
        return sum(1 for line in self.lines if line.change.last != line.change.now)

    @property
    def untouched(self) -> int:
        return sum(1 for line in self.asked if line.is_untouched)

    @property
    def unasked(self) -> int:
        """What changed although nobody asked for it."""
        return sum(1 for line in self.lines if not line.asked)

    @property
    def is_empty(self) -> bool:
        return not self.changed and not self.texts


def compare(filing: MonthlyFiling, older: FilingVersion, newer: FilingVersion) -> Comparison:
    """What `newer` says differently from `older`, and what was asked for in between."""
    before, now = read_version(older), read_version(newer)
    sent_back = [
        event
        for event in filing.events.filter(action__in=SENT_BACK)
        if older.version <= event.version < newer.version
    ]
    asked: dict[str, str] = {}
    for event in sent_back:
        asked |= event.field_reasons
    return Comparison(
        older,
        newer,
        _lines(before, now, asked),
        [*_texts(before, now), *_attachments(filing, older.version, newer.version)],
        [event.reason for event in sent_back if event.reason],
    )


def returned_before(filing: MonthlyFiling, version: FilingVersion) -> FilingVersion | None:
    """The version that was sent back and that this one answers; None where none was.

    One that was accepted since is the end of that conversation.
    """
    event = standing_return(filing)
    if event is None or event.version >= version.version:
        return None
    return filing.versions.get(version=event.version)


def with_reasons(comparison: Comparison, reasons: Mapping[str, str]) -> Comparison:
    """The same with the reasons that are being written for sending it back once more."""
    lines = [
        replace(line, change=replace(line.change, reason=reasons.get(line.key, "")))
        for line in comparison.lines
    ]
    return replace(comparison, lines=lines)


def _lines(before: Submitted, now: Submitted, asked: Mapping[str, str]) -> list[Line]:
    """What was asked for first, in the order it was asked; then what changed besides."""
    changed = {change.key: change for change in changes(now, before)}
    moved = {f"{key.rpartition(':')[0]}:name" for key in changed}
    lines = []
    for key, reason in asked.items():
        change = changed.pop(key, None)
        if change is None:
            change = Change(
                key, field_label(key, before.parts), value_at(before, key), value_at(now, key)
            )
        gone = _is_gone(before, now, key)
        lines.append(Line(change, reason, is_gone=gone, is_moved=key in moved))
    return lines + [Line(change) for change in changed.values()]


def value_at(version: Submitted, key: str) -> int | str | None:
    """What a version says at a field key, a grade in words; None where it has no such field."""
    kind, _, rest = key.partition(":")
    name, _, column = rest.rpartition(":")
    if kind in SECTIONS:
        field = SECTIONS[kind].field(column)
        return None if field is None else field.value(text_at(version.part(kind), name, column))
    row = version.classes.get(name) if kind == "class" else None
    if column == "grade":
        return GRADE_LABELS.get(getattr(row, "grade", ""))
    value = getattr(row, "children" if column == "name" else column, None)
    return value if isinstance(value, int) else None


def _is_gone(before: Submitted, now: Submitted, key: str) -> bool:
    """The field's class was there, and is no more."""
    kind, _, rest = key.partition(":")
    name = rest.rpartition(":")[0]
    return kind == "class" and name in before.classes and name not in now.classes


def _texts(before: Submitted, now: Submitted) -> list[TextLine]:
    """Reasons for unusual figures by finding, notes of before there were those, the remarks."""
    had, has = _explained(before), _explained(now)
    lines = [
        TextLine(
            f"{_place_label(key, now if key in has else before)} 说明",
            had.get(key, ""),
            has.get(key, ""),
        )
        for key in dict.fromkeys([*has, *had])
    ]
    lines += [
        TextLine(f"{name} 说明", _note(before, name), _note(now, name))
        for name in [*now.classes, *(n for n in before.classes if n not in now.classes)]
    ]
    days = (before.version.days_open, now.version.days_open)
    lines.append(TextLine("开园天数", *("" if one is None else str(one) for one in days)))
    lines.append(TextLine("其他情况", before.version.remarks, now.version.remarks))
    return [line for line in lines if line.before != line.now]


def _explained(version: Submitted) -> dict[tuple[str, str], str]:
    return {(one.code, one.place): one.text for one in version.version.explanations.all()}


def _place_label(key: tuple[str, str], version: Submitted) -> str:
    """What an explanation is about: a class by its name, a charge by what it is, or all."""
    code, place = key
    check = catalogue().get(code)
    if check is not None and check.about == About.ROW:
        return CHARGES.title_in(version.part(CHARGES.code), place)
    return place or "全园"


def _note(version: Submitted, name: str) -> str:
    row = version.classes.get(name)
    return "" if row is None else row.note


def _attachments(filing: MonthlyFiling, older: int, newer: int) -> Iterable[TextLine]:
    had = {one.file_id: one.name for one in filing.attachments.of_version(older)}
    has = {one.file_id: one.name for one in filing.attachments.of_version(newer)}
    for name in (had[key] for key in had if key not in has):
        yield TextLine("附件", name, "")
    for name in (has[key] for key in has if key not in had):
        yield TextLine("附件", "", name)
