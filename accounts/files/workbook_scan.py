"""A workbook's parts, read as a stream before any library sees them.

Finds what would run (macros, links, embedded objects), what would swell (cells far outside the
table, millions of elements), and what would be read wrongly (formulas without a value).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from accounts.files import zip_scan
from accounts.files.refusal import FileRefused
from accounts.files.xml_part import (
    LETTERS,
    MOST_ELEMENTS,
    MOST_IN_AN_ITEM,
    PartScanner,
    QuickPart,
    XmlPart,
    too_much,
)
from accounts.files.zip_scan import SAVE_AGAIN, Inflating, Part, broken

MOST_CELLS = 200_000
MOST_IN_STYLES = 300_000
MOST_MERGES = 10_000
MOST_SHEETS = 50
MOST_TEXT_IN_A_CELL = 32_767

CELL = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})")
COUNT = re.compile(r"[0-9]{1,9}")
# A formula that calls a program, or reads from another file or the network.
REACHES_OUT = re.compile(
    r"\|\s*'?[^!]*!|\[\d+\]|\b(?:DDE|CALL|REGISTER(?:\.ID)?|EXEC|RTD|WEBSERVICE|FILTERXML|IMAGE)\s*\(",
    re.IGNORECASE,
)
HARMLESS_LINK = re.compile(r"^(?:https?://|mailto:)", re.IGNORECASE)
MAIN_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"

MACRO = FileRefused("xlsx-macro", "文件里有宏。请另存为“Excel工作簿(*.xlsx)”，宏会去掉，再传。")
LINKED = FileRefused(
    "xlsx-external",
    "文件里有指向别的文件或网络的链接。请全选后复制，用“选择性粘贴为数值”到新表再传。",
)
EMBEDDED = FileRefused("xlsx-embedded", "文件里嵌了别的文件或控件。请删去嵌入的对象再传。")

FORBIDDEN_PARTS = (
    (re.compile(r"vba|macrosheets/|dialogsheets/|customui", re.IGNORECASE), MACRO),
    (re.compile(r"externallinks/|connections\.xml$|querytables/|/model/", re.IGNORECASE), LINKED),
    (re.compile(r"embeddings/|activex/|oleobject|webextensions/", re.IGNORECASE), EMBEDDED),
)
FORBIDDEN_RELATIONS = (
    (re.compile(r"vba|macrosheet|attachedtoolbars|ui/extensibility", re.IGNORECASE), MACRO),
    (re.compile(r"externallink|connections$|querytable|attachedtemplate", re.IGNORECASE), LINKED),
    (re.compile(r"/oleobject$|/package$|/control$|webextension|/frame$", re.IGNORECASE), EMBEDDED),
)
PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".emf", ".wmf"}
READ_AS_XML = {".xml", ".rels", ".vml"}


@dataclass(frozen=True)
class Bounds:
    """The table that is expected: nothing may stand outside of it.

    `values_matter`: it will be read, so a formula without a value or an error is refused too.
    Where it is False, `Seen` says where formulas and errors stand.
    """

    rows: int
    columns: int
    values_matter: bool = True
    cells: int = MOST_CELLS


Place = tuple[int, int]
# Of one sort in one sheet; more are not told apart one by one.
MOST_PLACES = 2000


@dataclass
class Marks:
    """Where in a sheet stand formulas and error values, as (row, column) from 1."""

    formulas: list[Place] = field(default_factory=list)
    errors: list[Place] = field(default_factory=list)


@dataclass
class Seen:
    """What the look at the bytes found: of each sheet, by its name, the marks."""

    sheets: dict[str, Marks] = field(default_factory=dict)


def column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def scan(content: bytes, bounds: Bounds) -> Seen:
    """Raise FileRefused unless the workbook is harmless and lies within the bounds."""
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
    return Seen(
        {name: marks.get(_part_name(targets.get(key, "")), Marks()) for name, key in sheets}
    )


def _part_name(target: str) -> str:
    """Where a relation of the workbook leads, as the name of a part."""
    return target[1:] if target.startswith("/") else f"xl/{target}"


def _check_kind(part: Part) -> None:
    for pattern, refusal in FORBIDDEN_PARTS:
        if pattern.search(part.name):
            raise FileRefused(refusal.code, refusal.reason)
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


class ContentTypes(XmlPart):
    """The list of what every part is: the main one must be a plain workbook."""

    def __init__(self) -> None:
        super().__init__(5_000)
        self.is_workbook = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        kind = attributes.get("ContentType", "")
        if kind == MAIN_TYPE:
            self.is_workbook = True
        for pattern, refusal in (
            ("macroenabled", MACRO), ("vbaproject", MACRO), ("externallink", LINKED),
            ("oleobject", EMBEDDED), ("activex", EMBEDDED), ("macrosheet", MACRO),
        ):  # fmt: skip
            if pattern in kind.lower():
                raise FileRefused(refusal.code, refusal.reason)

    def close(self) -> None:
        super().close()
        if not self.is_workbook:
            raise FileRefused("xlsx-not-a-workbook", f"这不是普通的Excel工作簿。{SAVE_AGAIN}")


class Relations(XmlPart):
    """What a part points to: nothing outside the file but a link a person may click."""

    def __init__(self, name: str) -> None:
        super().__init__(20_000)
        self.folder = PurePosixPath(name).parent.parent
        self.targets: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name != "Relationship":
            return
        kind = attributes.get("Type", "")
        target = attributes.get("Target", "")
        for pattern, refusal in FORBIDDEN_RELATIONS:
            if pattern.search(kind):
                raise FileRefused(refusal.code, refusal.reason)
        if attributes.get("TargetMode", "").lower() == "external":
            if not kind.endswith("/hyperlink") or not HARMLESS_LINK.match(target):
                raise FileRefused(LINKED.code, LINKED.reason)
            return
        if ":" in target.split("#")[0] or "\\" in target:
            raise FileRefused(LINKED.code, LINKED.reason)
        self.targets[attributes.get("Id", "")] = target
        depth = 0 if target.startswith("/") else len(self.folder.parts)
        for step in target.split("/"):
            depth += {"..": -1, ".": 0, "": 0}.get(step, 1)
            if depth < 0:
                raise broken("xlsx-relation-outside")


class Workbook(XmlPart):
    """The list of sheets, and names that stand for formulas."""

    def __init__(self) -> None:
        super().__init__(50_000)
        self._formula = Formula()
        self.sheets: list[tuple[str, str]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            key = next((text for key, text in attributes.items() if key.endswith(" id")), "")
            self.sheets.append((attributes.get("name", ""), key))
        elif name == "definedName":
            if attributes.get("xlm") in {"1", "true"} or attributes.get("vbProcedure") == "1":
                raise FileRefused(MACRO.code, MACRO.reason)
            self._formula.begin()

    def text(self, text: str) -> None:
        self._formula.more(text)

    def end(self, name: str) -> None:
        if name == "definedName":
            self._formula.finish()


class Formula:
    """Collects the text of one formula and looks at it."""

    def __init__(self) -> None:
        self._text: list[str] | None = None
        self._length = 0

    def begin(self) -> None:
        self._text = []
        self._length = 0

    def more(self, text: str) -> None:
        if self._text is None:
            return
        self._length += len(text)
        if self._length > MOST_TEXT_IN_A_CELL:
            raise too_much("xlsx-endless-formula")
        self._text.append(text)

    def finish(self) -> None:
        formula = "".join(self._text or ())
        self._text = None
        # Text in quotes is no reference: "A|B!" is only a word.
        if REACHES_OUT.search(re.sub(r'"[^"]*"', '""', formula)):
            raise FileRefused(LINKED.code, LINKED.reason)


class SharedStrings(QuickPart):
    """The list of texts: as many as it claims, none longer than a cell holds."""

    plain = re.compile(rb'(?:<si><t(?: xml:space="preserve")?>' + LETTERS + rb"</t></si>)++")
    item_ends = b"</si>"
    opener, inside = b"<sst", 1

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        self.claimed = 0
        self.found = 0
        self._length = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sst":
            for claim in ("uniqueCount", "count"):
                text = attributes.get(claim, "0")
                if not COUNT.fullmatch(text):
                    raise too_much("xlsx-strings-claimed")
            self.claimed = int(attributes.get("uniqueCount", "0"))
            if self.claimed > self.size:
                raise too_much("xlsx-strings-claimed")
        elif name == "si":
            self.found += 1
            self._length = 0

    def passed(self, match: re.Match[bytes]) -> bool:
        items = match.group().split(b"</si>")
        if max(map(len, items)) > MOST_IN_AN_ITEM or not _is_utf8(match.group()):
            return False
        self.found += len(items) - 1
        self.count(2 * len(items) - 2)
        return True

    def text(self, text: str) -> None:
        self._length += len(text)
        if self._length > MOST_TEXT_IN_A_CELL:
            raise too_much("xlsx-endless-text")

    def close(self) -> None:
        super().close()
        # Some programs count a little wrong; nobody honest counts a thousand too many.
        if self.claimed > self.found + 1000:
            raise too_much("xlsx-strings-claimed")


ROW_HEAD = (
    rb'<row r="([1-9][0-9]{0,6})"(?: (?!r=)[A-Za-z][A-Za-z0-9:]*="[^"<>&\x00-\x1f]{0,200}")*+'
)
CELL_HEAD = (
    rb'<c r="[A-Z]{1,3}[1-9][0-9]{0,6}"(?: s="[0-9]{1,6}")?(?: t="(?:s|n|b|str|inlineStr)")?'
)
CELL_BODY = (
    rb"(?:<v>" + LETTERS + rb'</v>|<is><t(?: xml:space="preserve")?>' + LETTERS + rb"</t></is>)?"
)
PLAIN_ROW = ROW_HEAD + rb"(?:/>|>(?:" + CELL_HEAD + rb"(?:/>|>" + CELL_BODY + rb"</c>))*+</row>)"
REFERENCE = re.compile(rb'<c r="([A-Z]+)([0-9]+)"')


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


class Sheet(QuickPart):
    """One sheet: every cell within the bounds and not too many of them, every formula with a value."""

    plain = re.compile(PLAIN_ROW)
    item_ends = b"</row>"
    opener, inside = b"<sheetData", 2

    def __init__(self, bounds: Bounds) -> None:
        super().__init__(max(MOST_ELEMENTS, bounds.cells * 3))
        self.bounds = bounds
        self.marks = Marks()
        self.row = 0
        self.column = 0
        self.cells = 0
        self.merges = 0
        self._formula = Formula()
        self._has_formula = self._has_value = self._in_value = False
        self._length = 0
        self._starts: dict[str, Callable[[dict[str, str]], None]] = {
            "dimension": self._range,
            "mergeCell": self._merge,
            "row": self._row,
            "c": self._cell,
        }

    def passed(self, match: re.Match[bytes]) -> bool:
        """A row of plain values: the same bounds as cell by cell."""
        text = match.group()
        number = match.group(1)
        places = REFERENCE.findall(text)
        if len(text) > MOST_IN_AN_ITEM or not _is_utf8(text):
            return False
        columns = [letters for letters, row in places if row == number]
        if len(columns) != len(places):
            return False  # the parser says what is wrong with it
        row = int(number)
        last = max((len(letters), letters) for letters in columns)[1] if columns else b"A"
        self._within(row, column_number(last.decode()))
        self.row, self.column = row, 0
        self._count_cells(len(columns))
        self.count(text.count(b"<") - text.count(b"</"))
        return True

    def start(self, name: str, attributes: dict[str, str]) -> None:
        known = self._starts.get(name)
        if known is not None:
            known(attributes)
        elif name == "f":
            self._has_formula = True
            if len(self.marks.formulas) < MOST_PLACES:
                self.marks.formulas.append((self.row, self.column))
            self._formula.begin()
        elif name in {"v", "is"}:
            self._in_value = True
            self._length = 0
        elif name in {"oleObject", "oleLink", "ddeLink"}:
            raise FileRefused(EMBEDDED.code, EMBEDDED.reason)

    def text(self, text: str) -> None:
        self._formula.more(text)
        self._has_value = self._has_value or self._in_value
        self._length += len(text)
        if self._length > MOST_TEXT_IN_A_CELL:
            raise too_much("xlsx-endless-text")

    def end(self, name: str) -> None:
        if name == "f":
            self._formula.finish()
            self._length = 0
        elif name in {"v", "is"}:
            self._in_value = False
        elif name == "c" and self._lacks_value():
            raise FileRefused(
                "xlsx-formula-without-value",
                f"第{self.row}行第{self.column}列是公式，还没有算出数。"
                "请用WPS或Excel打开并保存一次，或粘贴为数值，再传。",
            )

    def _lacks_value(self) -> bool:
        return self.bounds.values_matter and self._has_formula and not self._has_value

    def _row(self, attributes: dict[str, str]) -> None:
        text = attributes.get("r", str(self.row + 1))
        if not COUNT.fullmatch(text):
            raise broken("xlsx-row")
        self.row, self.column = int(text), 0
        self._within(self.row, 1)

    def _cell(self, attributes: dict[str, str]) -> None:
        if "r" in attributes:
            row, self.column = self._place(attributes["r"])
            if row != self.row:
                raise broken("xlsx-cell-in-another-row")
        else:
            self.column += 1
        self._within(self.row, self.column)
        self._count_cells(1)
        self._has_formula = False
        # A formula may come to an empty text; a number it must have.
        self._has_value = attributes.get("t") == "str"
        self._length = 0
        if attributes.get("t") != "e":
            return
        if len(self.marks.errors) < MOST_PLACES:
            self.marks.errors.append((self.row, self.column))
        if self.bounds.values_matter:
            raise FileRefused(
                "xlsx-error-value",
                f"第{self.row}行第{self.column}列是错误值（如#REF!）。请改成正确的数再传。",
            )

    def _count_cells(self, more: int) -> None:
        self.cells += more
        if self.cells > self.bounds.cells:
            raise FileRefused(
                "xlsx-too-many-cells",
                f"表格超过{self.bounds.cells // 10000}万个单元格。"
                "请删去空行、空列和格式，或分成几个文件。",
            )

    def _range(self, attributes: dict[str, str]) -> None:
        for corner in attributes.get("ref", "A1").split(":")[:2]:
            self._within(*self._place(corner))

    def _merge(self, attributes: dict[str, str]) -> None:
        self.merges += 1
        if self.merges > MOST_MERGES:
            raise too_much("xlsx-too-many-merges")
        self._range(attributes)

    def _place(self, reference: str) -> tuple[int, int]:
        match = CELL.fullmatch(reference)
        if match is None:
            raise broken("xlsx-cell-reference")
        return int(match.group(2)), column_number(match.group(1))

    def _within(self, row: int, column: int) -> None:
        if row > self.bounds.rows:
            raise FileRefused(
                "xlsx-row-outside",
                f"第{row}行还有内容或格式，最多{self.bounds.rows}行。"
                "请选中表格下面的空行，删除整行，保存后再传。",
            )
        if column > self.bounds.columns:
            raise FileRefused(
                "xlsx-column-outside",
                f"第{column}列还有内容或格式，最多{self.bounds.columns}列。"
                "请选中表格右边的空列，删除整列，保存后再传。",
            )
