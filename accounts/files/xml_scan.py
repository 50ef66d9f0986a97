"""One XML part, read as a stream: how much of it there may be, and nothing but data.

Small files that swell in a library's hands (endless tags, deep nesting, entities) end here.
"""

from __future__ import annotations

from xml.parsers import expat

from accounts.files.refusal import FileRefused
from accounts.files.zip_scan import SAVE_AGAIN, broken

MOST_ELEMENTS = 1_500_000
MOST_DEPTH = 48
# A tag longer than this would be read again and again while it arrives.
MOST_IN_A_TAG = 256 * 1024


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
