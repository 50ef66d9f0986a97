"""Workbooks with more than data: declarations, macros, links, embedded objects."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

from tests.accounts.files.hostile.making import (
    CELL,
    CONTENT,
    FIRST_SHEET,
    base,
    book,
    packed,
    relation,
    relations,
    sheet,
    types,
    with_part,
    workbook,
)

DOCTYPES = {
    "billion laughs": '<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>',
    "a local file": '<!DOCTYPE l [<!ENTITY f SYSTEM "file:///etc/passwd">]>',
    "the network": '<!DOCTYPE l [<!ENTITY f SYSTEM "http://127.0.0.1:9/x">]>',
    "an outside definition": '<!DOCTYPE l SYSTEM "http://127.0.0.1:9/x.dtd">',
    "a parameter entity": '<!DOCTYPE l [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]>',
    "nothing": "<!DOCTYPE l>",
}

RELATIONS = "xl/_rels/workbook.xml.rels"


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
    for place in ("xl/Worksheets/sheet1.xml", "xl/x/s.xml"):
        # Where the list of sheets leads, past the scan of what lies in the usual folder.
        leads = FIRST_SHEET.replace("worksheets/sheet1.xml", f"/{place}")
        parts = {**base(), place: sheet(CELL), RELATIONS: relations(leads)}
        del parts["xl/worksheets/sheet1.xml"]
        yield f"sheet at {place}", packed(parts)
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
