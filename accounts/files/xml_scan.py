"""One XML part, read as a stream: how much of it there may be, and nothing but data.

Small files that swell in a library's hands (endless tags, deep nesting, entities) end here. Parts
with thousands of plain items are looked at without a parser (QuickPart).
"""

from __future__ import annotations

import re
from xml.parsers import expat

from accounts.files.refusal import FileRefused
from accounts.files.zip_scan import SAVE_AGAIN, broken

MOST_ELEMENTS = 1_500_000
MOST_DEPTH = 48
# A tag longer than this would be read again and again while it arrives.
MOST_IN_A_TAG = 256 * 1024
# An item longer than this is looked at piece by piece.
MOST_IN_AN_ITEM = 24_000


def too_much(code: str) -> FileRefused:
    return FileRefused(
        code, "表格里的内容远多于需要的。请新建一张表，只把要报的行粘贴为数值，再传。"
    )


class PartScanner:
    """A part that is passed over (a picture): only its size counts."""

    elements = 0

    def feed(self, piece: bytes) -> None:
        pass

    def close(self) -> None:
        pass


class XmlPart(PartScanner):
    """Well-formed, no document type, no endless tag, not too deep, not too many elements."""

    def __init__(self, most_elements: int = MOST_ELEMENTS) -> None:
        self.elements = 0
        self.most_elements = most_elements
        self.depth = 0
        self._silent = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser.EntityDeclHandler = self._refuse_doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        # Comments and instructions count as life, or a long one would look like an endless tag.
        self._parser.CommentHandler = self._heard

    def feed(self, piece: bytes) -> None:
        self._silent += len(piece)
        try:
            self._parser.Parse(piece, False)
        except (expat.ExpatError, UnicodeError, ValueError, LookupError):
            raise broken("xml-broken") from None
        if self._silent > MOST_IN_A_TAG:
            raise too_much("xml-endless-tag")

    def close(self) -> None:
        try:
            self._parser.Parse(b"", True)
        except (expat.ExpatError, UnicodeError, ValueError, LookupError):
            raise broken("xml-broken") from None

    def _refuse_doctype(self, *_: object) -> None:
        raise FileRefused("xml-doctype", f"文件里有不该有的声明，没有读取。{SAVE_AGAIN}")

    def _heard(self, *_: object) -> None:
        self._silent = 0

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._silent = 0
        self.elements += 1
        self.depth += 1
        if self.elements > self.most_elements:
            raise too_much("xlsx-too-many-elements")
        if self.depth > MOST_DEPTH:
            raise too_much("xml-too-deep")
        self.start(name.rpartition(" ")[2], attributes)

    def _end(self, name: str) -> None:
        self._silent = 0
        self.depth -= 1
        self.end(name.rpartition(" ")[2])

    def _text(self, text: str) -> None:
        self._silent = 0
        self.text(text)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins; its name is without a namespace."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, text: str) -> None:
        """A piece of text."""


class QuickPart(XmlPart):
    """A part with thousands of items of one plain form (rows, texts), most of which need no parser.

    An item that matches `plain` to the letter is looked at by `passed` and never shown to the
    parser; whatever differs is, by itself, so the parser sees a well-formed part with the plain
    items left out. That holds only while the parser stands between two items with nothing open:
    `_is_between` is what it says itself after each piece. Once that cannot be told, and behind
    anything that hides text (comments, CDATA, instructions), the rest goes to the parser whole.
    """

    plain: re.Pattern[bytes]
    item_ends: bytes
    # The tag whose beginning stands before the first item, and the depth of its inside.
    opener: bytes
    inside: int

    def __init__(self, most_elements: int = MOST_ELEMENTS) -> None:
        super().__init__(most_elements)
        self._buffer = b""
        self._quick = True
        self._opened = False
        self._is_between = False

    def passed(self, match: re.Match[bytes]) -> bool:
        """Count a plain item; False when the parser shall look at it all the same."""
        raise NotImplementedError

    def feed(self, piece: bytes) -> None:
        if not self._quick:
            super().feed(piece)
            return
        self._buffer += piece
        if not self._opened and not self._open():
            return
        self._items()

    def close(self) -> None:
        if self._buffer:
            self._give_up()
        super().close()

    def _open(self) -> bool:
        """Hand the parser everything before the first item."""
        at = self._buffer.find(self.opener)
        end = self._buffer.find(b">", at) + 1 if at >= 0 else 0
        if not end:
            if len(self._buffer) > MOST_IN_A_TAG:
                self._give_up()
            return False
        head, self._buffer = self._buffer[:end], self._buffer[end:]
        told = head[:200].lower()
        self._opened = True
        if HIDES.search(head) or (b"encoding=" in told and b"utf-8" not in told):
            self._buffer = head + self._buffer
            self._give_up()
            return False
        self._show(head)
        return self._quick

    def _items(self) -> None:
        at = 0
        buffer = self._buffer
        while True:
            match = self.plain.match(buffer, at)
            if match is not None and match.end() > at and self.passed(match):
                at = match.end()
                continue
            end = buffer.find(self.item_ends, at) + len(self.item_ends)
            if end < len(self.item_ends):
                break
            self._show(buffer[at:end])
            at = end
            if not self._quick:
                break
        self._buffer = buffer[at:]
        if not self._quick or len(self._buffer) > MOST_IN_A_TAG:
            self._give_up()

    def _show(self, piece: bytes) -> None:
        self._is_between = False
        super().feed(piece)
        if not self._is_between or HIDES.search(piece):
            self._quick = False

    def _give_up(self) -> None:
        self._quick = False
        rest, self._buffer = self._buffer, b""
        # In pieces, as it would have come.
        for at in range(0, len(rest), 64 * 1024):
            super().feed(rest[at : at + 64 * 1024])

    def count(self, elements: int) -> None:
        self.elements += elements
        if self.elements > self.most_elements:
            raise too_much("xlsx-too-many-elements")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        super()._start(name, attributes)
        self._is_between = self.depth == self.inside

    def _end(self, name: str) -> None:
        super()._end(name)
        self._is_between = self.depth == self.inside

    def _text(self, text: str) -> None:
        super()._text(text)
        self._is_between = self._is_between and not text.strip()


# What makes the text behind it something else than it looks; a head's own declaration is none.
HIDES = re.compile(rb"<!|<\?(?!xml )")
# Text without markup; of entities only those every parser knows.
LETTERS = rb"(?:[^<&\x00-\x08\x0b\x0c\x0e-\x1f]++|&(?:amp|lt|gt|quot|apos);)*+"
