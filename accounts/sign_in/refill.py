"""Puts kept fields back into the form of a page: pure text in, text out.

The page is what the view answers now; only start tags of controls and the contents of text areas
are replaced, everything else stays as it is, byte for byte. So it works for every form of the
portal, written by hand or drawn by Django, formsets and forms in dialogs too, without a line in any
view. Nothing is sent, no password, file or token is filled in.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

ADDRESSES = ("action", "hx-post", "data-save-url")
BUTTONS = {"submit", "button", "reset", "image"}
CHOICES = {"checkbox", "radio"}
FOLDS = {"details", "dialog"}
FORMSET_ROW = re.compile(r"(.+)-\d+-.+")


@dataclass
class Tag:
    """A start tag at its place in the text, and the text inside where that matters."""

    name: str
    attrs: dict[str, str | None]
    start: int
    end: int
    form: Form | None = None
    folds: tuple[Tag, ...] = ()
    inside: list[str] = field(default_factory=list)
    content_end: int = 0
    options: list[Tag] = field(default_factory=list)
    label: str = ""

    @property
    def kind(self) -> str:
        if self.name == "input":
            return (self.attrs.get("type") or "text").lower()
        if self.name == "button":
            return (self.attrs.get("type") or "submit").lower()
        return self.name

    @property
    def text(self) -> str:
        return " ".join("".join(self.inside).split())

    @property
    def value(self) -> str:
        given = self.attrs.get("value")
        if given is not None:
            return given
        return "on" if self.kind in CHOICES else self.text if self.name == "option" else ""


@dataclass
class Form:
    tag: Tag
    controls: list[Tag] = field(default_factory=list)


@dataclass(frozen=True)
class Refilled:
    """The page filled in; `found` says whether it has the form at all."""

    html: str
    found: bool = False
    # (label or name, value) that the page has no place for; they are for the person to read.
    unplaced: tuple[tuple[str, str], ...] = ()
    # What must be done again: labels of passwords, (label, file name) of files.
    secrets: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    # The words on the button that was pressed.
    pressed: str = ""


def refill(
    html: str,
    *,
    page: str,
    path: str,
    fields: Iterable[tuple[str, str]],
    secrets: Iterable[str] = (),
    files: Iterable[tuple[str, str]] = (),
) -> Refilled:
    """Fill the form of the page at `page` that is sent to `path`."""
    typed = list(fields)
    form = _chosen(forms_of(html), page, path, typed)
    if form is None:
        return Refilled(html, unplaced=tuple(typed), secrets=tuple(secrets), files=tuple(files))
    writer = _Writer(form, typed)
    labels = {control.attrs.get("name"): control.label for control in form.controls}
    return Refilled(
        html=_spliced(html, writer.edits()),
        found=True,
        unplaced=tuple((labels.get(name) or name, value) for name, value in writer.unplaced),
        secrets=tuple(labels.get(name) or name for name in secrets),
        files=tuple((labels.get(name) or name, file) for name, file in files),
        pressed=writer.pressed,
    )


def forms_of(html: str) -> list[Form]:
    """The forms of a page with their controls."""
    return _Reader(html).forms


def _chosen(forms: list[Form], page: str, path: str, typed: list[tuple[str, str]]) -> Form | None:
    """Of the forms sent to that path the one with most of the names, then of the same hiddens."""
    names = {name for name, _ in typed}
    pairs = set(typed)

    def likeness(form: Form) -> tuple[int, int]:
        own = {control.attrs.get("name") for control in form.controls}
        same = sum(
            (control.attrs.get("name"), control.value) in pairs
            for control in form.controls
            if control.kind == "hidden" or control.kind in BUTTONS
        )
        return len(names & own), same

    fitting = [form for form in forms if path in addresses_of(form, page)]
    return max(fitting, key=likeness, default=None)


def addresses_of(form: Form, page: str) -> set[str]:
    """The paths a form of the page at `page` can be sent to."""
    given = [form.tag.attrs.get(name) for name in ADDRESSES]
    buttons = [control for control in form.controls if control.kind in BUTTONS]
    given += [button.attrs.get(name) for button in buttons for name in ("formaction", "hx-post")]
    if form.tag.attrs.get("action") is None:
        given.append(page)
    return {urlsplit(urljoin(page, address or "")).path for address in given if address is not None}


class _Writer:
    """Decides what each control of the form becomes."""

    def __init__(self, form: Form, typed: list[tuple[str, str]]) -> None:
        self.form = form
        self.left: dict[str, deque[str]] = {}
        for name, value in typed:
            self.left.setdefault(name, deque()).append(value)
        self.typed = typed
        self.unplaced: list[tuple[str, str]] = []
        self.pressed = ""

    def edits(self) -> list[tuple[int, int, str]]:
        found: list[tuple[int, int, str]] = []
        opened: dict[int, Tag] = {}
        for control in self.form.controls:
            changes = list(self._edits_of(control))
            found += changes
            if changes and control.kind != "hidden":
                opened.update({fold.start: fold for fold in control.folds})
        for fold in opened.values():
            mark = "data-opens-now" if fold.name == "dialog" else "open"
            found.append((fold.start, fold.end, _drawn(fold, {**fold.attrs, mark: None})))
        found += self._rest()
        return found

    def _edits_of(self, control: Tag) -> Iterator[tuple[int, int, str]]:
        name = control.attrs.get("name")
        kind = control.kind
        if not name or "disabled" in control.attrs or name == "csrfmiddlewaretoken":
            return
        left = self.left.get(name, deque())
        if kind in BUTTONS:
            if control.value in left:
                left.remove(control.value)
                self.pressed = control.text or control.value
        elif kind in CHOICES:
            chosen = control.value in left
            if chosen:
                left.remove(control.value)
            yield (control.start, control.end, _ticked(control, "checked", chosen))
        elif kind == "select":
            yield from self._edits_of_options(control, left)
        elif kind not in {"password", "file"} and left:
            value = left.popleft()
            if kind == "textarea":
                # The first line break after the tag is no text to a browser.
                yield (control.end, control.content_end, f"\n{escape(value)}")
            else:
                attrs = control.attrs | {"value": value}
                yield (control.start, control.end, _drawn(control, attrs))

    def _edits_of_options(self, select: Tag, left: deque[str]) -> Iterator[tuple[int, int, str]]:
        """None where what was chosen is no longer offered: the page's own choice stays."""
        offered = any(option.value in left for option in select.options)
        if not offered and (left or "multiple" not in select.attrs):
            return
        for option in select.options:
            chosen = option.value in left
            if chosen:
                left.remove(option.value)
            yield (option.start, option.end, _ticked(option, "selected", chosen))

    def _rest(self) -> Iterator[tuple[int, int, str]]:
        """What has no control. Rows that a formset would draw anew travel on, hidden."""
        left = Counter((name, value) for name, values in self.left.items() for value in values)
        counted = {
            name.removesuffix("-TOTAL_FORMS") for name, _ in self.typed if "-TOTAL_F" in name
        }
        hidden = ""
        for pair in self.typed:
            if not left[pair]:
                continue
            left[pair] -= 1
            self.unplaced.append(pair)
            row = FORMSET_ROW.fullmatch(pair[0])
            if row is not None and row[1] in counted:
                name, value = map(escape, pair)
                hidden += f'<input type="hidden" name="{name}" value="{value}">'
        if hidden:
            yield (self.form.tag.end, self.form.tag.end, hidden)


def _ticked(tag: Tag, word: str, chosen: bool) -> str:
    attrs = {name: value for name, value in tag.attrs.items() if name != word}
    return _drawn(tag, attrs | {word: None} if chosen else attrs)


def _drawn(tag: Tag, attrs: dict[str, str | None]) -> str:
    inner = "".join(
        f" {name}" if value is None else f' {name}="{escape(value)}"'
        for name, value in attrs.items()
    )
    return f"<{tag.name}{inner}>"


def _spliced(html: str, edits: list[tuple[int, int, str]]) -> str:
    pieces, at = [], 0
    for start, end, text in sorted(edits, key=lambda edit: edit[:2]):
        pieces += [html[at:start], text]
        at = end
    return "".join([*pieces, html[at:]])


class _Reader(HTMLParser):
    """Forms with their controls, in the order of the page, and what each control is called."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.lines = [0]
        for line in html.split("\n"):
            self.lines.append(self.lines[-1] + len(line) + 1)
        self.forms: list[Form] = []
        self.present: Form | None = None
        self.folds: list[Tag] = []
        self.select: Tag | None = None
        self.label: Tag | None = None
        self.legends: list[Tag] = []
        self.open: list[Tag] = []
        self.labels: dict[str, str] = {}
        self.controls: list[Tag] = []
        self.feed(html)
        self.close()
        self._settle()

    def _place(self) -> int:
        line, column = self.getpos()
        return self.lines[line - 1] + column

    def handle_starttag(self, name: str, attrs: list[tuple[str, str | None]]) -> None:
        start = self._place()
        end = start + len(self.get_starttag_text() or "")
        tag = Tag(name, dict(attrs), start, end, self.present, tuple(self.folds))
        if name == "form":
            self.present = Form(tag)
            self.forms.append(self.present)
        elif name in FOLDS:
            self.folds.append(tag)
        elif name in {"input", "select", "textarea", "button"}:
            self.controls.append(tag)
            if name == "select":
                self.select = tag
        elif name == "option" and self.select is not None:
            self.select.options.append(tag)
        elif name == "fieldset":
            self.legends.append(tag)
        if name in {"textarea", "button", "option", "label", "legend"}:
            self.open.append(tag)
        if name == "label":
            self.label = tag
        elif self.label is not None and name == "input" and "id" in tag.attrs:
            # Wrapped in its label: told apart from the words of the option itself.
            self.label.attrs.setdefault("for", tag.attrs["id"])
        if tag.kind in CHOICES and self.legends and name == "input":
            tag.label = self.legends[-1].text

    def handle_startendtag(self, name: str, attrs: list[tuple[str, str | None]]) -> None:
        if name in {"input"}:
            self.handle_starttag(name, attrs)

    def handle_data(self, data: str) -> None:
        for tag in self.open:
            tag.inside.append(data)

    def handle_endtag(self, name: str) -> None:
        place = self._place()
        if name == "form":
            self.present = None
        elif name == "select":
            self.select = None
        elif name in FOLDS and self.folds and self.folds[-1].name == name:
            self.folds.pop()
        elif name == "fieldset" and self.legends:
            self.legends.pop()
        if not self.open or name not in {"textarea", "button", "option", "label", "legend"}:
            return
        for index in range(len(self.open) - 1, -1, -1):
            if self.open[index].name == name:
                tag = self.open.pop(index)
                break
        else:
            return
        tag.content_end = place
        if name == "label":
            self.label = None
            if tag.attrs.get("for"):
                self.labels.setdefault(str(tag.attrs["for"]), tag.text)
        elif name == "legend" and self.legends:
            self.legends[-1].inside = list(tag.inside)

    def _settle(self) -> None:
        by_id = {form.tag.attrs.get("id"): form for form in self.forms}
        for control in self.controls:
            if control.attrs.get("form"):
                control.form = by_id.get(control.attrs["form"])
            if control.form is not None:
                control.form.controls.append(control)
            own = self.labels.get(str(control.attrs.get("id") or ""), "")
            named = control.label or own or control.attrs.get("aria-label") or ""
            control.label = named.replace("（选填）", "")
