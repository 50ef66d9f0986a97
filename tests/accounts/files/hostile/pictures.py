"""Pictures made to break or to mislead whoever draws them."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator

from PIL import Image

from tests.accounts.files import honest
from tests.accounts.files.honest import chunk
from tests.accounts.files.hostile.making import packed


def png_of(width: int, height: int, rows: bytes, *more: bytes, depth: int = 8) -> bytes:
    head = struct.pack(">2L5B", width, height, depth, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(more)
        + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    )  # fmt: skip


def _wrong_checksum(content: bytes) -> bytes:
    at = content.index(b"IDAT") + 12
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


def pictures() -> Iterator[tuple[str, str, bytes]]:
    for width, height in ((19_000, 19_000), (13_000, 13_000), (6_400, 6_400), (2_000_000, 21)):
        rows = (b"\0" + bytes(width // 8 + 1)) * min(height, 50)
        yield f"png of {width}×{height}", "a.png", png_of(width, height, rows, depth=1)
    yield "png of 0×0", "a.png", png_of(0, 0, b"")
    yield "png that ends early", "a.png", honest.png(300, 300)[:200]
    yield "png without an end", "a.png", b"\x89PNG\r\n\x1a\n"
    yield "png with a wrong checksum", "a.png", _wrong_checksum(honest.png())
    bomb = zlib.compress(b"a" * 80_000_000, 9)
    yield "png with a text bomb", "a.png", png_of(
        1, 1, b"\0\0", chunk(b"zTXt", b"a\0\0" + bomb)
    )  # fmt: skip
    out = io.BytesIO()
    frames = [honest.picture(20, 20) for _ in range(3)]
    frames[1].putpixel((1, 1), (0, 255, 0))
    frames[2].putpixel((2, 2), (0, 0, 255))
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    yield "moving png", "a.png", out.getvalue()
    for form, name in (("GIF", "a.png"), ("BMP", "a.jpg"), ("TIFF", "a.jpg"), ("WEBP", "a.png")):
        out = io.BytesIO()
        honest.picture().save(out, form)
        yield f"{form} renamed", name, out.getvalue()
    for name, content in {
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd)(r)file",
        "html": b"<html><script>alert(1)</script></html>",
        "php": b"<?php system($_GET['a']); ?>",
        "program": b"\x7fELF" + bytes(100),
        "zip": packed({"a": b"b"}),
        "pdf": honest.pdf(),
        "nothing but a start": b"\xff\xd8\xff",
        "script after a start": b"\xff\xd8\xff/*<script>alert(1)</script>*/",
        "mvg": b"push graphic-context\nimage over 0,0 0,0 '|ls'\n",
    }.items():
        yield f"{name} as jpg", "a.jpg", content
    jpeg = honest.photo(300, 200)
    for length in (20, 200, len(jpeg) - 200):
        yield f"jpg cut after {length} bytes", "a.jpg", jpeg[:length]
    at = jpeg.index(b"\xff\xc0")
    for width, height in ((65_000, 65_000), (20_000, 3_000), (0, 10)):
        edited = bytearray(jpeg)
        struct.pack_into(">2H", edited, at + 5, height, width)
        yield f"jpg that says {width}×{height}", "a.jpg", bytes(edited)
    yield "jpg as png", "a.png", jpeg
    yield "png as jpg", "a.jpg", honest.png()
    for name in ("a.gif", "a.svg", "a.webp", "a.bmp", "a.tif", "a.heic", "a.ico", "a.eps"):
        yield f"{name} at all", name, honest.png()
    deep = Image.new("I;16", (8, 8))
    out = io.BytesIO()
    deep.save(out, "PNG")
    yield "16 bits a channel", "a.png", out.getvalue()
