"""HTML of the portal's own templates → PDF, or a clear refusal.

Nothing is fetched but the packaged files under static/print/, and photographs that whoever prints
hands over: uploaded ones were drawn anew when they came. Any warning of the typesetter, a
character without a glyph above all, ends the printing: a blank on signed paper is worse than none.
"""

from __future__ import annotations

import io
import logging
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.contrib.staticfiles import finders

from reports.documents.typesetting import Limits, Refused, TypesettingFailed, in_child

if TYPE_CHECKING:
    from weasyprint import Document

# How a template names a packaged file: <link rel="stylesheet" href="packaged:paper.css">.
SCHEME = "packaged:"
FOLDER = "print"
# How a template names a photograph that is handed over: <img src="photo:found" alt="…">.
PHOTO = "photo:"
CONTENT_TYPES = {
    ".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg",
}  # fmt: skip

# The only typefaces a document may hold, as WeasyPrint writes their names.
ALLOWED_FONTS = frozenset(
    {
        "Noto-Serif-CJK-SC",
        "Noto-Serif-CJK-SC-Bold",
        "Noto-Sans-CJK-SC",
        "Noto-Sans-CJK-SC-Bold",
    }
)
_MISSING_GLYPHS = re.compile(r'unsupported by fonts: "(?P<text>.*?)" \((?P<codes>[^)]*)\)', re.S)


class PrintFailed(Exception):
    """The document cannot be printed; the text says why, for the person who asked."""


@dataclass(frozen=True)
class Pdf:
    content: bytes
    pages: int


def to_pdf(html: str, photos: Mapping[str, bytes] | None = None) -> Pdf:
    """Set one document of the portal as tagged PDF (PDF/UA-1), in a child process with limits.

    `photos` are jpg or png by the name that the template gives them.
    Raises PrintFailed for a missing glyph, an unplanned typeface, a file that is not packaged, any
    other warning of the typesetter, and for a text that takes too much time or memory.
    """
    # Loaded here, once, so that every child finds it loaded.
    import weasyprint  # noqa: F401

    html = without_hidden_characters(html)

    def work() -> bytes:
        pdf = typeset(html, photos)
        return pdf.pages.to_bytes(4, "big") + pdf.content

    try:
        result = in_child(work, limits=Limits.for_rows(html.count("<tr")), refusals=PrintFailed)
    except (Refused, TypesettingFailed) as failure:
        raise PrintFailed(str(failure)) from failure
    return Pdf(content=result[4:], pages=int.from_bytes(result[:4], "big"))


def without_hidden_characters(html: str) -> str:
    """Without what a reader cannot see: controls, direction marks, zero-width letters.

    They could make signed paper read otherwise than the data behind it.
    """
    return "".join(
        letter
        for letter in html
        if letter in "\n\t" or unicodedata.category(letter) not in {"Cc", "Cf", "Cs"}
    )


def typeset(html: str, photos: Mapping[str, bytes] | None = None) -> Pdf:
    """Set a document in this process; `to_pdf` is what printing uses."""
    from weasyprint import HTML

    warnings = _Warnings()
    logger = logging.getLogger("weasyprint")
    logger.addHandler(warnings)
    out = io.BytesIO()
    try:
        document = HTML(string=html, url_fetcher=packaged_files_only(photos)).render()
        document.write_pdf(out, pdf_variant="pdf/ua-1")
    finally:
        logger.removeHandler(warnings)
    _refuse_warnings(warnings.messages)
    _refuse_unplanned_fonts(document)
    return Pdf(content=out.getvalue(), pages=len(document.pages))


def packaged_files_only(photos: Mapping[str, bytes] | None = None) -> Any:
    """A fetcher that knows static/print/ and the photos handed over, and refuses all else."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class PackagedFiles(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            photo = (photos or {}).get(url.removeprefix(PHOTO)) if url.startswith(PHOTO) else None
            if photo is not None:
                kind = ".png" if photo.startswith(b"\x89PNG") else ".jpg"
                return URLFetcherResponse(url, photo, {"Content-Type": CONTENT_TYPES[kind]})
            path = packaged_path(url)
            return URLFetcherResponse(
                url, path.read_bytes(), {"Content-Type": CONTENT_TYPES[path.suffix]}
            )

    return PackagedFiles(allowed_protocols=(), allow_redirects=False)


def packaged_path(url: str) -> Path:
    """Where a packaged file lies. ValueError for any address that is not one."""
    name = url.removeprefix(SCHEME)
    if name == url or not re.fullmatch(r"[a-z0-9_-]+\.[a-z]+", name):
        raise ValueError(f"不是随程序提供的文件：{url}")
    found = finders.find(f"{FOLDER}/{name}")
    if not found or Path(found).suffix not in CONTENT_TYPES:
        raise ValueError(f"没有这个文件：{url}")
    return Path(found)


class _Warnings(logging.Handler):
    """Collects what the typesetter complains of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def _refuse_warnings(messages: Iterable[str]) -> None:
    distinct = list(dict.fromkeys(messages))
    if not distinct:
        return
    missing = [found for message in distinct if (found := _MISSING_GLYPHS.search(message))]
    if missing:
        raise PrintFailed(_no_glyph(f"“{m['text']}”（{m['codes']}）" for m in missing))
    raise PrintFailed("排版时出现问题，没有打印：" + "；".join(distinct)[:500])


def _refuse_unplanned_fonts(document: Document) -> None:
    """A typeface that stepped in for a missing character gives no warning: look for it."""
    stray: list[str] = []
    for font in document.fonts.values():
        name = font.name.decode().rpartition("+")[2]
        if name in ALLOWED_FONTS:
            continue
        texts = sorted(set(font.to_unicode.values()))
        stray += [f"“{text}”（{' '.join(f'U+{ord(c):04X}' for c in text)}）" for text in texts]
        if not texts:
            stray.append(name)
    if stray:
        raise PrintFailed(_no_glyph(stray))


def _no_glyph(characters: Iterable[str]) -> str:
    shown = list(dict.fromkeys(characters))
    listed = "、".join(shown[:10]) + (f"等{len(shown)}个" if len(shown) > 10 else "")
    return (
        f"打印字体里没有这些字：{listed}。请在幼儿园名称等文字中换掉它们；"
        "如果中文也缺，请管理员安装字体（Debian：fonts-noto-cjk）。"
    )
