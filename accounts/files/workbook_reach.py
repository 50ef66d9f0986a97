"""What in a workbook would run, or reach out of it: macros, links, embedded objects, formulas."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from accounts.files.refusal import FileRefused
from accounts.files.xml_scan import XmlPart, too_much
from accounts.files.zip_scan import SAVE_AGAIN, broken

LONGEST_FORMULA = 32_767
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


def check_name(name: str) -> None:
    """Refuse a part whose name says that it would run or reach out."""
    for pattern, refusal in FORBIDDEN_PARTS:
        if pattern.search(name):
            raise FileRefused(refusal.code, refusal.reason)


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
        depth = 0 if target.startswith("/") else len(self.folder.parts)
        for step in target.split("/"):
            depth += {"..": -1, ".": 0, "": 0}.get(step, 1)
            if depth < 0:
                raise broken("xlsx-relation-outside")
        self.targets[attributes.get("Id", "")] = target


class Workbook(XmlPart):
    """The list of sheets, and names that stand for formulas."""

    def __init__(self) -> None:
        super().__init__(50_000)
        self._formula = Formula()
        # Names of the sheets, each with the key of its relation.
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
        if self._length > LONGEST_FORMULA:
            raise too_much("xlsx-endless-formula")
        self._text.append(text)

    def finish(self) -> None:
        formula = "".join(self._text or ())
        self._text = None
        # Text in quotes is no reference: "A|B!" is only a word.
        if REACHES_OUT.search(re.sub(r'"[^"]*"', '""', formula)):
            raise FileRefused(LINKED.code, LINKED.reason)
