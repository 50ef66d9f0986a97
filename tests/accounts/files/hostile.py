"""Two hundred and more files made to break whoever reads them, each small to make.

`corpus()` yields (name of the case, file name, bytes). Nothing here is accepted by the portal.
"""

from __future__ import annotations

import io
import random
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

import pikepdf
from PIL import Image

from tests.accounts.files import honest
from tests.accounts.files.honest import chunk

Case = tuple[str, str, bytes]

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def types(*more: str, main: str = f"{CONTENT}.sheet.main+xml") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{main}"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{CONTENT}.worksheet+xml"/>'
        + "".join(more)
        + "</Types>"
    )


def relations(*more: str) -> str:
    return f'<Relationships xmlns="{PACKAGE}">{"".join(more)}</Relationships>'


def relation(kind: str, target: str, mode: str = "") -> str:
    external = f' TargetMode="{mode}"' if mode else ""
    return f'<Relationship Id="rId9" Type="{OFFICE}/{kind}" Target="{target}"{external}/>'


FIRST_SHEET = f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'


def book(inner: str = "") -> str:
    return (
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        f'<sheet name="a" sheetId="1" r:id="rId1"/></sheets>{inner}</workbook>'
    )


def sheet(rows: str = "", *, before: str = "", after: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


CELL = '<row r="1"><c r="A1"><v>1</v></c></row>'


def base() -> dict[str, str | bytes]:
    return {
        "[Content_Types].xml": types(),
        "_rels/.rels": relations(
            f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        ),
        "xl/workbook.xml": book(),
        "xl/_rels/workbook.xml.rels": relations(FIRST_SHEET),
        "xl/worksheets/sheet1.xml": sheet(CELL),
    }


def packed(parts: dict[str, str | bytes], **more: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**parts, **more}.items():
            archive.writestr(name, content)
    return out.getvalue()


def workbook(**parts: str | bytes) -> bytes:
    """The smallest honest workbook with some parts replaced: SHEET, BOOK, TYPES, RELS, STRINGS."""
    names = {
        "SHEET": "xl/worksheets/sheet1.xml",
        "BOOK": "xl/workbook.xml",
        "TYPES": "[Content_Types].xml",
        "RELS": "xl/_rels/workbook.xml.rels",
        "STRINGS": "xl/sharedStrings.xml",
        "STYLES": "xl/styles.xml",
        "SHEET_RELS": "xl/worksheets/_rels/sheet1.xml.rels",
    }
    return packed(base(), **{names[key]: content for key, content in parts.items()})


def with_part(name: str, content: str | bytes = b"x") -> bytes:
    return packed(base(), **{name: content})


# ---- workbooks: what swells ------------------------------------------------------------------


def swelling() -> Iterator[tuple[str, bytes]]:
    two_corners = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    yield (
        "1.7 kB that span the whole sheet",
        workbook(SHEET=sheet(two_corners, before='<dimension ref="A1:XFD1048576"/>')),
    )
    for reference in ("A1:XFD1048576", "A1:A1048576", "A1:XFD1", "A20001", "ZZZ1", "A1:B9999999"):
        before = f'<dimension ref="{reference}"/>'
        yield f"dimension {reference}", workbook(SHEET=sheet(CELL, before=before))
    for reference in ("A1:", ":", "1A", "", "A0", "A-1", "AAAA1", "A1:B", "a1", "R1C1", "A1 B2"):
        before = f'<dimension ref="{reference}"/>'
        yield f"dimension “{reference}”", workbook(SHEET=sheet(CELL, before=before))
    for row in ("20001", "1048576", "4294967296", "99999999999999999999", "-1", "0x10", "1e3", ""):
        rows = f'<row r="{row}"><c r="A{row}"><v>1</v></c></row>'
        yield f"row {row}", workbook(SHEET=sheet(rows))
    for cell in ("XFD1", "ZZZ1", "SG1", "A2", "A1048576", "AAAAA1", "1", "A", "É1", "A1B"):
        rows = f'<row r="1"><c r="{cell}"><v>1</v></c></row>'
        yield f"cell {cell} in row 1", workbook(SHEET=sheet(rows))
    yield "rows without numbers, one after the other", workbook(SHEET=sheet("<row/>" * 20_001))
    yield "cells without references", workbook(SHEET=sheet(f"<row>{'<c/>' * 501}</row>"))
    # Varied, so that it is their number that counts and not how well they pack.
    dense = "".join(
        f'<row r="{row}">' + "".join(f"<c><v>{row * n}</v></c>" for n in range(400)) + "</row>"
        for row in range(1, 502)
    )
    yield "200,400 cells", workbook(SHEET=sheet(dense))
    merges = "".join(f'<mergeCell ref="A{row}:B{row}"/>' for row in range(1, 10_002))
    yield (
        "ten thousand merges and one",
        workbook(SHEET=sheet(CELL, after=f"<mergeCells>{merges}</mergeCells>")),
    )
    yield (
        "merge over everything",
        workbook(
            SHEET=sheet(CELL, after='<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')
        ),
    )
    formats = "".join(f'<xf numFmtId="{number}"/>' for number in range(300_001))
    yield (
        "300,001 styles",
        workbook(STYLES=f'<styleSheet xmlns="{MAIN}"><cellXfs>{formats}</cellXfs></styleSheet>'),
    )
    yield (
        "51 sheets",
        packed(
            base(), **{f"xl/worksheets/sheet{number}.xml": sheet(CELL) for number in range(1, 52)}
        ),
    )
    yield "201 parts", packed(base(), **{f"docProps/{number}.xml": "<a/>" for number in range(200)})
    for claim in ("4294967295", "999999999", "18446744073709551615", "-1", "1e9", "５"):
        yield (
            f"uniqueCount {claim}",
            workbook(STRINGS=f'<sst xmlns="{MAIN}" uniqueCount="{claim}"><si><t>a</t></si></sst>'),
        )
    yield (
        "count that lies",
        workbook(
            STRINGS=f'<sst xmlns="{MAIN}" count="99999999999" uniqueCount="1"><si><t>a</t></si></sst>'
        ),
    )
    padding = "<si><t>a</t></si>" * 500
    yield (
        "uniqueCount a thousand too many",
        workbook(STRINGS=f'<sst xmlns="{MAIN}" uniqueCount="1600">{padding}</sst>'),
    )
    for name, text in (("shared", "STRINGS"), ("inline", "SHEET")):
        endless = "长" * 40_000
        part = (
            f'<sst xmlns="{MAIN}"><si><t>{endless}</t></si></sst>'
            if text == "STRINGS"
            else sheet(f'<row r="1"><c r="A1" t="inlineStr"><is><t>{endless}</t></is></c></row>')
        )
        yield f"endless {name} text", workbook(**{text: part})
    yield (
        "endless formula",
        workbook(SHEET=sheet(f'<row r="1"><c r="A1"><f>{"1+" * 20_000}1</f><v>1</v></c></row>')),
    )
    yield (
        "endless value",
        workbook(SHEET=sheet(f'<row r="1"><c r="A1"><v>{"1" * 40_000}</v></c></row>')),
    )


def bombs() -> Iterator[tuple[str, bytes]]:
    zeros = b"0" * (11 * 1024 * 1024)
    yield "ratio of a thousand", with_part("docProps/app.xml", b"<a>" + zeros + b"</a>")
    yield "ratio in a picture", with_part("xl/media/image1.png", zeros)
    yield (
        "60 MB inflated in six parts",
        packed(base(), **{f"xl/media/image{number}.png": zeros for number in range(6)}),
    )
    # Below the ratio, but more than may come out.
    block = random.Random(1).randbytes(20_000) * 60
    yield (
        "many parts that inflate to 57 MB",
        packed(base(), **{f"xl/media/image{number}.png": block for number in range(48)}),
    )
    yield "11 MB as it is", b"PK\x03\x04" + bytes(11 * 1024 * 1024)
    inner = packed({"a.txt": b"0" * 1000})
    for name in ("xl/nested.zip", "xl/nested.xlsx", "xl/media/a.zip", "42.zip", "docProps/a.gz"):
        yield f"nested {name}", with_part(name, inner)
    deep = "<a>" * 60 + "</a>" * 60
    for part in ("xl/workbook.xml", "docProps/core.xml", "xl/theme/theme1.xml"):
        yield f"60 levels in {part}", with_part(part, deep)
    yield (
        "10,000 levels in the sheet",
        workbook(SHEET=sheet(after="<a>" * 10_000 + "</a>" * 10_000)),
    )
    for size in (300_000, 3_000_000):
        letters = "".join(chr(97 + (index * index) % 26) for index in range(size))
        yield f"attribute of {size} letters", workbook(SHEET=sheet(after=f'<a b="{letters}"/>'))
    yield "a tag that never ends", workbook(SHEET=sheet()[:-20] + "<a " + "b" * 600_000)
    attributes = " ".join(f'a{number}=""' for number in range(60_000))
    yield "60,000 attributes", workbook(SHEET=sheet(after=f"<a {attributes}/>"))
    yield (
        "1,500,001 elements",
        with_part(
            "docProps/custom.xml",
            f"<a>{''.join(f'<b{number}/>' for number in range(1_500_000))}</a>",
        ),
    )


# ---- workbooks: XML that is more than data ---------------------------------------------------

DOCTYPES = {
    "billion laughs": '<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>',
    "a local file": '<!DOCTYPE l [<!ENTITY f SYSTEM "file:///etc/passwd">]>',
    "the network": '<!DOCTYPE l [<!ENTITY f SYSTEM "http://127.0.0.1:9/x">]>',
    "an outside definition": '<!DOCTYPE l SYSTEM "http://127.0.0.1:9/x.dtd">',
    "a parameter entity": '<!DOCTYPE l [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]>',
    "nothing": "<!DOCTYPE l>",
}


def doctypes() -> Iterator[tuple[str, bytes]]:
    for part in (
        "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml",
        "[Content_Types].xml", "_rels/.rels", "docProps/core.xml", "xl/drawings/vmlDrawing1.vml",
    ):  # fmt: skip
        for name, declaration in DOCTYPES.items():
            content = str(base().get(part, "<a/>"))
            content = content.removeprefix('<?xml version="1.0" encoding="UTF-8"?>')
            yield f"doctype with {name} in {part}", with_part(part, declaration + content)
    yield "doctype in UTF-16", workbook(
        SHEET=('<?xml version="1.0" encoding="UTF-16"?>' + DOCTYPES["a local file"] + sheet(CELL))
        .encode("utf-16")
    )  # fmt: skip
    for name, content in {
        "an unknown encoding": b'<?xml version="1.0" encoding="UTF-7"?><a/>',
        "half a document": sheet(CELL)[:-9].encode(),
        "two roots": b"<a/><b/>",
        "NUL": sheet(CELL).encode().replace(b"<v>1", b"<v>\x00"),
        "bytes that are no UTF-8": sheet(CELL).encode().replace(b"<v>1", b"<v>\xff\xfe"),
        "an unknown entity": sheet(CELL).replace("<v>1", "<v>&nbsp;").encode(),
        "nothing": b"",
        "tags that cross": b"<a><b></a></b>",
        "an undeclared prefix": b"<x:a/>",
    }.items():
        yield f"sheet with {name}", workbook(SHEET=content)


# ---- workbooks: what runs or reaches out -----------------------------------------------------


def active() -> Iterator[tuple[str, bytes]]:
    for name in (
        "xl/vbaProject.bin", "xl/vbaProjectSignature.bin", "xl/VBAPROJECT.BIN", "xl/vbaData.xml",
        "xl/macrosheets/sheet1.xml", "xl/dialogsheets/sheet1.xml", "customUI/customUI14.xml",
        "xl/externalLinks/externalLink1.xml", "xl/connections.xml", "xl/queryTables/query1.xml",
        "xl/model/item.data", "xl/embeddings/oleObject1.bin", "xl/embeddings/Book1.xlsx",
        "xl/activeX/activeX1.xml", "xl/activeX/activeX1.bin", "xl/webextensions/taskpanes.xml",
        "xl/oleObject1.xml", "xl/ctrl.exe", "xl/run.js", "xl/page.html", "xl/a.svg", "evil.dll",
        "xl/worksheets/binary1.bin", "xl/sheet.bin", "xl/printerSettings/a/b.bin", "autorun.inf",
    ):  # fmt: skip
        yield f"part {name}", with_part(name, "<a/>")
    for main in (
        "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
        "application/vnd.ms-excel.template.macroEnabled.main+xml",
        "application/vnd.ms-excel.addin.macroEnabled.main+xml",
        "application/vnd.ms-excel.sheet.binary.macroEnabled.main",
        f"{CONTENT}.template.main+xml",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
        "text/html",
        "",
    ):
        yield f"renamed {main or 'nothing'}", workbook(TYPES=types(main=main))
    for kind in ("vnd.ms-office.vbaProject", "vnd.ms-office.activeX+xml",
                 "vnd.openxmlformats-officedocument.oleObject"):  # fmt: skip
        more = f'<Override PartName="/xl/a.xml" ContentType="application/{kind}"/>'
        yield f"a part said to be {kind}", workbook(TYPES=types(more))
    for kind in (
        "vbaProject", "xlMacrosheet", "attachedToolbars", "externalLink", "connections",
        "queryTable", "attachedTemplate", "oleObject", "package", "control", "webextension",
        "frame",
    ):  # fmt: skip
        yield f"relation {kind}", workbook(RELS=relations(FIRST_SHEET, relation(kind, "a.xml")))
    for kind, target in (
        ("worksheet", "http://127.0.0.1:9/sheet.xml"), ("image", "http://127.0.0.1:9/a.png"),
        ("image", "file:///etc/passwd"), ("hyperlink", "file:///c:/windows/win.ini"),
        ("hyperlink", "javascript:alert(1)"), ("hyperlink", "\\\\server\\share\\a.exe"),
        ("hyperlink", "smb://server/share"), ("hyperlink", "ms-excel:ofe|u|http://a"),
        ("externalLinkPath", "http://127.0.0.1:9/a.xlsx"), ("theme", "//server/theme.xml"),
    ):  # fmt: skip
        outside = relation(kind, target, "External")
        yield f"{kind} to {target}", workbook(SHEET_RELS=relations(outside))
    for target in ("../../../etc/passwd", "..\\..\\a", "file:///etc/passwd", "c:/windows/a.xml"):
        inside = relation("drawing", target)
        yield f"inner relation to {target}", workbook(SHEET_RELS=relations(inside))
    for formula in (
        "cmd|'/C calc'!A0", "MSEXCEL|'\\..\\..\\cmd.exe /c calc'!''", "DDE(\"cmd\",\"/c\",\"a\")",
        "[1]Sheet1!A1", "WEBSERVICE(\"http://127.0.0.1:9/\")", "CALL(\"k\",\"W\",\"J\",1)",
        "REGISTER(\"k\",\"W\")", "REGISTER.ID(\"k\",\"W\")", "EXEC(\"calc\")", "RTD(\"a\",,\"b\")",
        "FILTERXML(A1,\"//a\")", "IMAGE(\"http://127.0.0.1:9/\")", "1+ webservice (A1)",
        "'C:\\[1]a'!A1",
    ):  # fmt: skip
        cell = f'<row r="1"><c r="A1"><f>{escape(formula)}</f><v>1</v></c></row>'
        yield f"formula {formula}", workbook(SHEET=sheet(cell))
        name = f'<definedNames><definedName name="a">{escape(formula)}</definedName></definedNames>'
        yield f"name for {formula}", workbook(BOOK=book(name))
    yield (
        "hidden macro name",
        workbook(
            BOOK=book(
                '<definedNames><definedName name="Auto_Open" xlm="1">A1</definedName></definedNames>'
            )
        ),
    )
    yield (
        "ole object in the sheet",
        workbook(SHEET=sheet(CELL, after='<oleObjects><oleObject progId="Package"/></oleObjects>')),
    )
    yield (
        "dde link in the sheet",
        workbook(SHEET=sheet(CELL, after='<ddeLink ddeService="cmd" ddeTopic="/c calc"/>')),
    )


# ---- the archive -----------------------------------------------------------------------------


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


# ---- pictures --------------------------------------------------------------------------------


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


# ---- PDF -------------------------------------------------------------------------------------


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


# ---- names -----------------------------------------------------------------------------------

BAD_NAMES = (
    "../../etc/passwd.pdf", "..\\..\\a.pdf", "/etc/a.pdf", "C:\\a.pdf", "a\0.pdf", "a.pdf\0.exe",
    "照片\u202egpj.pdf", "a\u200b.pdf", "a\u2066b.pdf", "a\r\nSet-Cookie: a=b.pdf", "a\tb.pdf",
    "CON.pdf", "nul.pdf", "com1.pdf", "LPT9.x.pdf", "ＣＯＮ.pdf", ".htaccess.pdf", ".pdf", "~a.pdf",
    "a.pdf.", "长" * 200 + ".pdf", "a..pdf", "a:b.pdf", "a<b>.pdf", 'a"b.pdf', "a|b.pdf", "a?.pdf",
    "pdf", "", "   .pdf", "．．／a.pdf",
)  # fmt: skip
BAD_ENDINGS = (
    "a.exe", "a.js", "a.html", "a.svg", "a.zip", "a.rar", "a.7z", "a.xls", "a.xlsm", "a.xlsb",
    "a.xltx", "a.ods", "a.et", "a.csv", "a.doc", "a.docx", "a.docm", "a.wps", "a.php", "a.bat",
    "a.lnk", "a.pdf.exe", "a.xlsx.scr", "a.jpg ", "a.ＰＤＦ",
)  # fmt: skip


@cache
def corpus() -> tuple[Case, ...]:
    cases: list[Case] = []
    for family in (swelling, bombs, doctypes, active, archives):
        cases += [(f"xlsx: {name}", "名单.xlsx", content) for name, content in family()]
    cases += [(f"picture: {name}", file, content) for name, file, content in pictures()]
    cases += [(f"pdf: {name}", "说明.pdf", content) for name, content in documents()]
    good = honest.pdf()
    cases += [(f"name: {name[:30]!r}", name, good) for name in BAD_NAMES]
    cases += [(f"ending: {name}", name, good) for name in BAD_ENDINGS if name != "a.jpg "]
    return tuple(cases)
