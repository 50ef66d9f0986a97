"""The one way a file is turned away, and a cell that alone is wrong."""

from __future__ import annotations

from dataclasses import dataclass


class FileRefused(Exception):
    """The file is not taken. The text, in Chinese, says what is wrong and what to do.

    `code` names the rule for logs and tests; it holds nothing out of the file.
    """

    def __init__(self, code: str, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True)
class Flaw:
    """A cell that would be read wrongly. `text` says what it is and what to do, without the place."""

    row: int
    column: int
    code: str
    text: str

    def refusal(self) -> FileRefused:
        """The whole file turned away for this cell."""
        return FileRefused(self.code, f"第{self.row}行第{self.column}列{self.text}")
