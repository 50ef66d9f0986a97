"""Opens the PDF in `file` and looks at every object for what acts instead of being read.

`result` is JSON: {"pages"}, or {"refused": code}.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pikepdf

MOST_PAGES = 200
MOST_OBJECTS = 200_000
MOST_DEPTH = 60
ACTS = {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/Rendition", "/Movie", "/Sound"}
ACTS |= {"/GoToE", "/GoToR", "/RichMediaExecute", "/GoTo3DView", "/ResetForm"}
KEYS = {
    "/JS": "pdf-script",
    "/JavaScript": "pdf-script",
    "/AA": "pdf-script",
    "/XFA": "pdf-form",
    "/EmbeddedFiles": "pdf-embedded",
    "/EF": "pdf-embedded",
    "/RichMedia": "pdf-embedded",
    "/AF": "pdf-embedded",
}
TYPES = {"/EmbeddedFile": "pdf-embedded", "/Filespec": "pdf-embedded"}
SUBTYPES = {"/RichMedia", "/3D", "/Screen", "/Movie", "/Sound", "/FileAttachment"}


class Refused(Exception):
    pass


class Look:
    """Walks one object and what stands directly in it; what it points to is an object itself."""

    def __init__(self) -> None:
        self.left = MOST_OBJECTS

    def at(self, thing: Any, depth: int = 0) -> None:
        self.left -= 1
        if self.left < 0 or depth > MOST_DEPTH:
            raise Refused("pdf-too-much")
        if isinstance(thing, pikepdf.Array):
            for item in thing:
                self._into(item, depth)
        elif isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
            self._dictionary(thing, depth)

    def _dictionary(self, thing: Any, depth: int) -> None:
        for key in thing.keys():  # noqa: SIM118 - a PDF dictionary is no mapping
            if key in KEYS:
                raise Refused(KEYS[key])
            value = thing[key]
            if isinstance(value, pikepdf.Name):
                self._name(key, str(value))
            elif key == "/URI" and not str(value).lower().startswith(
                ("http://", "https://", "mailto:")
            ):
                raise Refused("pdf-script")
            else:
                self._into(value, depth)

    def _name(self, key: str, name: str) -> None:
        if key == "/S" and name in ACTS:
            raise Refused("pdf-script")
        if key == "/Type" and name in TYPES:
            raise Refused(TYPES[name])
        if key == "/Subtype" and name in SUBTYPES:
            raise Refused("pdf-embedded")

    def _into(self, value: Any, depth: int) -> None:
        if isinstance(value, pikepdf.Object) and not value.is_indirect:
            self.at(value, depth + 1)


def inspect(folder: Path) -> dict[str, object]:
    try:
        # Repaired by guesses, it would not be what other programs see.
        pdf = pikepdf.open(folder / "file", attempt_recovery=False)
    except pikepdf.PasswordError:
        raise Refused("pdf-encrypted") from None
    with pdf:
        if pdf.is_encrypted:
            raise Refused("pdf-encrypted")
        if len(pdf.pages) > MOST_PAGES:
            raise Refused("pdf-too-many-pages")
        if not len(pdf.pages):
            raise Refused("pdf-broken")
        look = Look()
        look.at(pdf.trailer)
        for thing in pdf.objects:
            look.at(thing)
        return {"pages": len(pdf.pages)}


def work(folder: Path) -> None:
    try:
        result = inspect(folder)
    except Refused as refusal:
        result = {"refused": str(refusal)}
    except pikepdf.PdfError:
        result = {"refused": "pdf-broken"}
    except (MemoryError, RecursionError):
        result = {"refused": "pdf-too-much"}
    (folder / "result").write_text(json.dumps(result))
