"""A workbook, read as a stream part by part before any library sees it."""

from __future__ import annotations

import re

from accounts.files import zip_scan
from accounts.files.refusal import FileRefused
from accounts.files.workbook_cells import Bounds, Marks, Seen, SharedStrings, Sheet
from accounts.files.workbook_reach import ContentTypes, Relations, Workbook, check_name
from accounts.files.xml_scan import MOST_ELEMENTS, PartScanner, XmlPart, too_much
from accounts.files.zip_scan import SAVE_AGAIN, Inflating, Part

MOST_IN_STYLES = 300_000
MOST_SHEETS = 50
PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".emf", ".wmf"}
READ_AS_XML = {".xml", ".rels", ".vml"}


def scan(content: bytes, bounds: Bounds) -> Seen:
    """Raise FileRefused unless the workbook is harmless and lies within the bounds.

    Returns where in each sheet formulas and errors stand.
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
    marks: dict[str, Marks] = {}
    sheets: list[tuple[str, str]] = []
    targets: dict[str, str] = {}
    for part in found:
        scanner = _scanner(part, bounds)
        for piece in inflating.pieces(content, part):
            scanner.feed(piece)
        scanner.close()
        elements += scanner.elements
        if elements > max(MOST_ELEMENTS, bounds.cells * 3):
            raise too_much("xlsx-too-many-elements")
        if isinstance(scanner, Sheet):
            marks[part.name] = scanner.marks
        elif isinstance(scanner, Workbook):
            sheets = scanner.sheets
        elif part.name == "xl/_rels/workbook.xml.rels" and isinstance(scanner, Relations):
            targets = scanner.targets
    return Seen({name: _marks_of(targets.get(key, ""), marks) for name, key in sheets})


def _marks_of(target: str, marks: dict[str, Marks]) -> Marks:
    """What was seen in a listed sheet. Raises FileRefused when it was not looked at as one.

    A library follows the list, wherever it leads; the scan goes by the names of parts.
    """
    name = target[1:] if target.startswith("/") else f"xl/{target}"
    if name not in marks:
        raise FileRefused("xlsx-sheet-elsewhere", f"工作表放在不寻常的地方，没有读取。{SAVE_AGAIN}")
    return marks[name]


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
    # A sheet that is a chart holds no cells; one that only says so might be read.
    if name.startswith(("xl/worksheets/", "xl/chartsheets/")):
        return Sheet(bounds)
    if name.casefold() == "xl/sharedstrings.xml":
        return SharedStrings(part.size)
    if name == "xl/workbook.xml":
        return Workbook()
    if name == "xl/styles.xml":
        return XmlPart(MOST_IN_STYLES)
    return XmlPart()
