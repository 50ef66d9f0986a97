"""Reading printed PDFs and their HTML back."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from html.parser import HTMLParser

import pdfplumber
import pikepdf
import pypdfium2
from pdfplumber.page import Page

from reports.documents.models import PrintedDocument

MM = 25.4 / 72


class _TextNodes(HTMLParser):
    """Texts of the body as they are set, without what runs in the margins."""

    VOID = frozenset({"meta", "link", "br", "col"})
    UNSEEN = frozenset({"head", "title", "style"})

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.hidden: list[bool] = [False]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            runs_in_margin = dict(attrs).get("class") in {"foot", "sample"}
            self.hidden.append(self.hidden[-1] or tag in self.UNSEEN or runs_in_margin)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            self.hidden.pop()

    def handle_data(self, data: str) -> None:
        text = squeeze(data)
        if text and not self.hidden[-1]:
            self.texts.append(text)


def squeeze(text: str) -> str:
    return re.sub(r"\s", "", text)


def html_texts(html: str) -> list[str]:
    parser = _TextNodes()
    parser.feed(html)
    # Self-closing shapes of the charts open without closing: that only matters for hiding.
    return parser.texts


def pages(document: PrintedDocument) -> Iterator[Page]:
    with pdfplumber.open(io.BytesIO(bytes(document.content))) as pdf:
        yield from pdf.pages


def body_text(page: Page, *, foot_mm: float, head_mm: float = 28) -> str:
    """What stands between head and foot margin, in the order in which it was set."""
    height = float(page.height) * MM
    inside = [
        c for c in page.chars if head_mm < c["top"] * MM and c["bottom"] * MM < height - foot_mm
    ]
    return squeeze("".join(c["text"] for c in inside))


def whole_text(page: Page) -> str:
    return squeeze("".join(c["text"] for c in page.chars))


def quick_texts(document: PrintedDocument) -> list[str]:
    """Text of every page by PDFium: many times faster than character by character."""
    with closing(pypdfium2.PdfDocument(bytes(document.content))) as pdf:
        return [squeeze(page.get_textpage().get_text_range()) for page in pdf]


@contextmanager
def dictionaries(document: PrintedDocument) -> Iterator[list[pikepdf.Dictionary | pikepdf.Stream]]:
    """Every dictionary and stream of the file, readable until the block ends."""
    with pikepdf.open(io.BytesIO(bytes(document.content))) as pdf:
        yield [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary | pikepdf.Stream)]
