"""ZIP files that say one thing and hold another."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator

from tests.accounts.files import honest
from tests.accounts.files.hostile.making import (
    base,
    packed,
    types,
    with_part,
    workbook,
)


def archives() -> Iterator[tuple[str, bytes]]:
    good = workbook()
    for name in (
        "../evil.xml", "/etc/evil.xml", "xl/../../evil.xml", "xl\\evil.xml", "C:/evil.xml",
        "xl/./evil.xml", "xl//evil.xml", "xl/evil\x01.xml", "xl/\x7f.xml", "x" * 201 + ".xml",
    ):  # fmt: skip
        yield f"part called {name[:20]!r}", with_part(name, "<a/>")
    yield "NUL in a name", good.replace(b"xl/workbook.xml", b"xl/work\0ook.xml")
    yield "no UTF-8 in a name", good.replace(b"xl/workbook.xml", b"xl/\xff\xfeokbook.xml"[:15])
    for first, second in (("xl/a.xml", "xl/a.xml"), ("xl/a.xml", "xl/A.XML")):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for part, content in base().items():
                archive.writestr(part, content)
            archive.writestr(first, "<a/>")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                archive.writestr(second, "<b/>")
        yield f"{first} and {second}", out.getvalue()
    yield from _edited_directory(good)
    for length in (0, 3, 10, len(good) // 2, len(good) - 1, len(good) - 22, len(good) - 30):
        yield f"cut after {length} bytes", good[:length]
    yield "bytes after the end", good + b"<html><script>alert(1)</script>"
    yield "another archive after the end", good + packed({"a": b"b"})
    yield "a program before it", b"MZ" + bytes(100) + good
    yield "bytes flipped in the middle", _flipped(good)
    yield "not a workbook", packed({"a.xml": "<a/>", "b.xml": "<b/>"})
    yield "a Word file", packed({"[Content_Types].xml": types(), "word/document.xml": "<a/>"})
    yield "no list of types", packed({k: v for k, v in base().items() if not k.startswith("[")})
    yield "empty archive", packed({})
    yield "packed with LZMA", _with_method(zipfile.ZIP_LZMA)
    yield "packed with BZIP2", _with_method(zipfile.ZIP_BZIP2)
    yield "old or encrypted file", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)
    yield "a csv renamed", "姓名,电话\n示例,1\n".encode()
    yield "html renamed", b"<html><table><tr><td>1</td></tr></table></html>"
    yield "XML spreadsheet renamed", b'<?xml version="1.0"?><Workbook/>'
    yield "a picture renamed", honest.png()
    yield "a program renamed", b"MZ\x90\x00" + bytes(500)


def _with_method(method: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for part, content in base().items():
            archive.writestr(part, content)
    return out.getvalue()


def _flipped(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
    at = info.header_offset + 30 + len(info.filename) + 8
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


def _edited_directory(content: bytes) -> Iterator[tuple[str, bytes]]:
    """One field of the last entry of the directory changed at a time."""
    at = content.rindex(b"PK\x01\x02")
    edits: dict[str, tuple[int, str, int]] = {
        "encrypted": (8, "<H", 1),
        "strongly encrypted": (8, "<H", 0x41),
        "masked": (8, "<H", 0x2000),
        "unknown method": (10, "<H", 99),
        "stored, it says": (10, "<H", 0),
        "another checksum": (16, "<L", 0xDEADBEEF),
        "a smaller size": (24, "<L", 1),
        "a larger size": (24, "<L", 1_000_000),
        "size zero": (24, "<L", 0),
        "size of 4 GB": (24, "<L", 0xFFFFFFFF),
        "packed size too small": (20, "<L", 3),
        "packed size too large": (20, "<L", 100_000),
        "packed size of 4 GB": (20, "<L", 0xFFFFFFFF),
        "offset of the first part": (42, "<L", 0),
        "offset outside": (42, "<L", 0x7FFFFFFF),
        "offset of 4 GB": (42, "<L", 0xFFFFFFFF),
        "offset in the middle": (42, "<L", 77),
        "a longer name": (28, "<H", 200),
        "no name": (28, "<H", 0),
        "an extra field beyond the end": (30, "<H", 0xFFFF),
        "a comment beyond the end": (32, "<H", 0xFFFF),
    }
    for name, (offset, form, value) in edits.items():
        edited = bytearray(content)
        struct.pack_into(form, edited, at + offset, value)
        yield f"directory says: {name}", bytes(edited)
    end = content.rindex(b"PK\x05\x06")
    ends: dict[str, tuple[int, str, int]] = {
        "another disk": (4, "<H", 1),
        "directory on another disk": (6, "<H", 2),
        "fewer parts": (10, "<H", 2),
        "more parts": (10, "<H", 60000),
        "zip64 count": (10, "<H", 0xFFFF),
        "a shorter directory": (12, "<L", 10),
        "zip64 size": (12, "<L", 0xFFFFFFFF),
        "another start": (16, "<L", 0),
        "zip64 start": (16, "<L", 0xFFFFFFFF),
        "a comment that is not there": (20, "<H", 50),
    }
    for name, (offset, form, value) in ends.items():
        edited = bytearray(content)
        struct.pack_into(form, edited, end + offset, value)
        yield f"end says: {name}", bytes(edited)
    # Thirty names over the same packed bytes: the classic bomb without nesting.
    yield "parts over each other", _overlapping(30)


def _overlapping(times: int) -> bytes:
    kernel = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = kernel.compress(b"<a>" + b"0" * 60_000 + b"</a>") + kernel.flush()
    plain = b"<a>" + b"0" * 60_000 + b"</a>"
    crc = zlib.crc32(plain)
    local, directory = b"", b""
    for number in range(times):
        name = f"xl/media/{number:03d}.xml".encode()
        head = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 8, 0, 33, crc, len(data),
                           len(plain), len(name), 0)  # fmt: skip
        # Every entry has a header of its own; all of them lead to the same data.
        directory += struct.pack(
            "<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 8, 0, 33, crc,
            len(data), len(plain), len(name), 0, 0, 0, 0, 0, len(local),
        ) + name  # fmt: skip
        local += head + name
    body = local + data
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, times, times, len(directory), len(body), 0)
    return body + directory + end
