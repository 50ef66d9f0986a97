"""A workbook, read as a stream part by part before any library sees it."""

from __future__ import annotations

import re

from accounts.files import zip_scan
from accounts.files.refusal import FileRefused, Flaw
from accounts.files.workbook_cells import Bounds, SharedStrings, Sheet
from accounts.files.workbook_reach import ContentTypes, Relations, Workbook, check_name
from accounts.files.xml_scan import MOST_ELEMENTS, PartScanner, XmlPart, too_much
from accounts.files.zip_scan import SAVE_AGAIN, Inflating, Part

MOST_IN_STYLES = 300_000
MOST_SHEETS = 50
PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".emf", ".wmf"}
READ_AS_XML = {".xml", ".rels", ".vml"}


def scan(content: bytes, bounds: Bounds) -> list[Flaw]:
    """Raise FileRefused unless the workbook is harmless and lies within the bounds.

    Returns the cells of the first sheet that would be read wrongly, where the bounds keep those.
    """
    if content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise FileRefused(
            "xlsx-old-or-encrypted",
            "这是旧版xls文件，或者设了密码的文件。请去掉密码，另存为xlsx再传。",
        )
    found = zip_scan.parts(content)
    names = {part.name for part in found}
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
        raise FileRefused("xlsx-not-a-workbook", f"这不是Excel工作簿。{SAVE_AGAIN}")
    for part in found:
        _check_kind(part)
    if sum(name.startswith("xl/worksheets/sheet") for name in names) > MOST_SHEETS:
        raise FileRefused(
            "xlsx-too-many-sheets", f"工作表超过{MOST_SHEETS}张。请只留要报的表再传。"
        )
    inflating = Inflating()
    elements = 0
    scanners: dict[str, PartScanner] = {}
    for part in found:
        scanner = scanners[part.name] = _scanner(part, bounds)
        for piece in inflating.pieces(content, part):
            scanner.feed(piece)
        scanner.close()
        elements += scanner.elements
        if elements > MOST_ELEMENTS:
            raise too_much("xlsx-too-many-elements")
    return _flaws(scanners)


def _flaws(scanners: dict[str, PartScanner]) -> list[Flaw]:
    book, relations = scanners["xl/workbook.xml"], scanners.get("xl/_rels/workbook.xml.rels")
    first = ""
    if isinstance(book, Workbook) and isinstance(relations, Relations):
        target = relations.targets.get(book.first_sheet, "")
        first = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    kept: list[Flaw] = []
    for name, scanner in scanners.items():
        if isinstance(scanner, Sheet) and scanner.flaws:
            if name != first:
                raise scanner.flaws[0].refusal()
            kept = scanner.flaws
    return kept


def _check_kind(part: Part) -> None:
    check_name(part.name)
    known = _ending(part.name) in READ_AS_XML | PICTURES or bool(
        re.fullmatch(r"xl/printerSettings/\w+\.bin", part.name)
    )
    if part.name.endswith("/"):
        known = part.size == 0 and part.packed <= 2
    if not known:
        raise FileRefused("xlsx-unknown-part", f"文件里夹带了表格以外的东西。{SAVE_AGAIN}")


def _ending(name: str) -> str:
    """Like ".xml"; also of a name that is nothing but its ending (".rels")."""
    return f".{name.rpartition('.')[2].lower()}"


def _scanner(part: Part, bounds: Bounds) -> PartScanner:
    name = part.name
    if _ending(name) not in READ_AS_XML:
        return PartScanner()
    if name == "[Content_Types].xml":
        return ContentTypes()
    if name.endswith(".rels"):
        return Relations(name)
    if name.startswith("xl/worksheets/"):
        return Sheet(bounds)
    if name.casefold() == "xl/sharedstrings.xml":
        return SharedStrings(part.size)
    if name == "xl/workbook.xml":
        return Workbook()
    if name == "xl/styles.xml":
        return XmlPart(MOST_IN_STYLES)
    return XmlPart()
