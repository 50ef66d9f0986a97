"""PDF files that run, embed, lock or mislead."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pikepdf

from tests.accounts.files import honest
from tests.accounts.files.hostile.making import (
    packed,
)


def edited_pdf(edit: Callable[[Any, Any], None], **options: Any) -> bytes:
    with pikepdf.new() as document:
        edit(document, document.add_blank_page())
        out = io.BytesIO()
        document.save(out, **options)
    return out.getvalue()


def action(kind: str, **more: Any) -> pikepdf.Dictionary:
    return pikepdf.Dictionary(S=pikepdf.Name(f"/{kind}"), **more)


def documents() -> Iterator[tuple[str, bytes]]:
    actions = {
        "JavaScript": action("JavaScript", JS="app.alert(1)"),
        "Launch": action("Launch", F="cmd.exe"),
        "SubmitForm": action("SubmitForm", F="http://127.0.0.1:9/"),
        "ImportData": action("ImportData", F="a.fdf"),
        "GoToE": action("GoToE"),
        "GoToR": action("GoToR", F="\\\\server\\a.pdf"),
        "Rendition": action("Rendition"),
        "URI file": action("URI", URI="file:///etc/passwd"),
        "URI script": action("URI", URI="javascript:alert(1)"),
    }
    for name, does in actions.items():
        link = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=does
        )
        yield (
            f"{name} when opened",
            edited_pdf(
                lambda document, page, does=does: document.Root.__setitem__("/OpenAction", does)
            ),
        )
        yield (
            f"{name} in a link",
            edited_pdf(
                lambda document, page, link=link: page.obj.__setitem__(
                    "/Annots", pikepdf.Array([link])
                )
            ),
        )
        yield (
            f"{name} after another",
            edited_pdf(
                lambda document, page, does=does: document.Root.__setitem__(
                    "/OpenAction", action("GoTo", Next=pikepdf.Array([does]))
                ),
                object_stream_mode=pikepdf.ObjectStreamMode.generate,
            ),
        )
    yield (
        "script among the names",
        edited_pdf(
            lambda document, page: document.Root.__setitem__(
                "/Names",
                pikepdf.Dictionary(
                    JavaScript=pikepdf.Dictionary(Names=["a", action("JavaScript", JS="1")])
                ),
            )
        ),
    )
    yield (
        "script written in another way",
        honest.pdf().replace(
            b"/Type /Catalog", b"/Type /Catalog /OpenAction <</S/J#61vaScript/J#53(1)>>"
        ),
    )
    yield (
        "script of a page",
        edited_pdf(
            lambda document, page: page.obj.__setitem__(
                "/AA", pikepdf.Dictionary(O=action("JavaScript", JS="1"))
            )
        ),
    )

    def embed(document: Any, page: Any) -> None:
        document.attachments["a.exe"] = b"MZ"

    yield "embedded file", edited_pdf(embed)

    def form(document: Any, page: Any) -> None:
        document.Root.AcroForm = pikepdf.Dictionary(Fields=[], XFA=document.make_stream(b"<xdp/>"))

    yield "XFA form", edited_pdf(form)
    for kind in ("RichMedia", "3D", "Screen", "Movie", "Sound", "FileAttachment"):
        note = pikepdf.Dictionary(Subtype=pikepdf.Name(f"/{kind}"), Rect=[0, 0, 9, 9])
        yield (
            f"{kind} on the page",
            edited_pdf(
                lambda document, page, note=note: page.obj.__setitem__(
                    "/Annots", pikepdf.Array([note])
                )
            ),
        )
    yield "201 pages", honest.pdf(201)
    yield "password to open", honest.pdf(encryption=pikepdf.Encryption(owner="a", user="b"))
    yield "password of the owner", honest.pdf(encryption=pikepdf.Encryption(owner="a", user=""))
    good = honest.pdf()
    yield "zip after the end", good + packed({"a": b"b"})
    yield "html after the end", good + b"<html><script>alert(1)</script></html>"
    yield "html before the start", b"<html><!--" + good
    yield "blanks before the start", b"\n\n" + good
    yield "cut in half", good[: len(good) // 2]
    yield "no end", good.replace(b"%%EOF", b"%%EOX")
    yield "nothing but a start", b"%PDF-1.7\n%%EOF\n"
    yield "wrong table of objects", good.replace(b"startxref\n", b"startxref\n9")

    def circle(document: Any, page: Any) -> None:
        document.Root.Pages.Kids = pikepdf.Array([document.Root.Pages])

    yield "pages that contain themselves", edited_pdf(circle)
    nested = b"[" * 600 + b"]" * 600
    yield (
        "600 levels",
        edited_pdf(
            lambda document, page: document.Root.__setitem__(
                "/Deep", pikepdf.Object.parse(b"[" * 90 + b"]" * 90)
            )
        ),
    )
    yield "600 levels by hand", good.replace(b"/Type /Catalog", b"/Type /Catalog /D " + nested)
