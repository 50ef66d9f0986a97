"""Workbooks that are small to send and large to read."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.accounts.files.hostile.making import (
    CELL,
    MAIN,
    base,
    packed,
    sheet,
    with_part,
    workbook,
)


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
