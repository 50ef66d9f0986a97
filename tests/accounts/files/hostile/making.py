"""The smallest workbook, written by hand, and what takes the place of its parts."""

from __future__ import annotations

import io
import zipfile

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
