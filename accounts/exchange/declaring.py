"""How something importable is declared: its columns, what it is compared with, how it is written."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.access.permissions import Permission
from accounts.exchange.kinds import Cell, Choice, Kind, YesNo
from accounts.files.workbook_cells import letters
from accounts.models import ImportBatch, User

Values = dict[str, Any]
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Column:
    """One column: `head` in Chinese, what may stand in it, and what people should know of it.

    `required` is for a new row; in one that exists an empty cell leaves the value as it is.
    `aliases` are heads of older templates and other people's lists. `since` is the first version
    of the template that has the column. `once`: about the change itself (its date, its reason),
    not a property of the thing, so it makes no difference alone.
    """

    name: str
    head: str
    kind: Kind
    note: str = ""
    required: bool = False
    example: Cell = None
    aliases: tuple[str, ...] = ()
    since: int = 1
    once: bool = False

    @property
    def width(self) -> int:
        return max(12, 2 * len(self.head) + 4)


@dataclass(frozen=True)
class Fault:
    """What is wrong in one cell, and how to mend it.

    `column` 0 is the row as a whole, `row` 0 the table as a whole.
    """

    row: int
    column: int
    head: str
    typed: str
    text: str

    @property
    def cell(self) -> str:
        if not self.row:
            return "整份"
        return f"{letters(self.column)}{self.row}" if self.column else f"第{self.row}行"


@dataclass
class Line:
    """One row of the file: its number there, and the values of the cells that are filled in."""

    row: int
    values: Values


@dataclass
class Change:
    """A row that exists and differs: of each column the old and the new value."""

    line: Line
    changes: dict[str, tuple[Any, Any]]


@dataclass
class Plan:
    """What writing would do. A row in which something is wrong is in none of the three."""

    new: list[Line] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    same: int = 0


class Context:
    """Who imports, when, and what was looked up for it: one query for each lookup."""

    def __init__(self, by: User, now: dt.datetime, today: dt.date) -> None:
        self.by, self.now, self.today = by, now, today
        # Column name -> typed name -> stored value, for columns of the kind Named.
        self.names: dict[str, Mapping[str, Any]] = {}
        # Whatever else the importable looked up.
        self.known: dict[str, Any] = {}


class Importable(ABC):
    """A register that is filled by tables. Subclasses are stateless; one instance is registered."""

    code: str
    label: str
    # What one row is, for "3所": a measure word.
    noun: str = "行"
    permission: Permission
    columns: Sequence[Column]
    key: Sequence[str]
    # The column a row is called by in the report; the key where there is none.
    called_by: str = ""
    # Raise it with every change of columns; templates say theirs.
    version: int = 1
    # Heads that older versions had and this one has not, with what became of them.
    dropped: Mapping[str, str] = {}
    most_rows: int = 20_000
    # Lines of the sheet of instructions and the page, beside what the columns say.
    about: Sequence[str] = ()
    # Holds numbers of identity papers: file and report are kept encrypted, the report only until it
    # is written, and neither goes out again.
    sealed: bool = False
    # Seconds after which writing is given up.
    write_limit_seconds: int = 280

    @abstractmethod
    def prepare(self, context: Context) -> None:
        """Look up names and whatever the checks compare with."""

    def settle(self, context: Context, line: Line) -> None:  # noqa: B027 - few have any
        """Bring a row into its one spelling before it is looked for: what a cell leaves to another.

        Asked again of rows that were settled; changes nothing then. Asks no database.
        """

    @abstractmethod
    def existing(self, context: Context, lines: Mapping[Key, Line]) -> dict[Key, Values]:
        """The rows that exist of these keys, as values of the columns, as far as the person may.

        A constant number of queries, whatever the number of lines. What holds from a date is that
        of the line's own date, so that a change which begins tomorrow is found as done.
        """

    def check(
        self, context: Context, line: Line, before: Values | None
    ) -> Iterable[tuple[str, str]]:
        """What is wrong between cells of one row: (column name, what to do). Asks no database.

        `before` is the row that exists, None for a new one.
        """
        return ()

    def rehearse(self, context: Context, plan: Plan) -> Iterable[tuple[Line, str, str]]:
        """What the services would refuse of the rows: (line, column name, what to do).

        Asked of the rows in which nothing else is wrong, in the dry run and once more before
        writing, so that what is said to be ready can be written. Leaves nothing changed or locked.
        Raises services.Refused for a table that is not to be told of row by row.
        """
        return ()

    def adds(self, context: Context, new: Sequence[Line]) -> list[str]:
        """Sentences about what the new rows bring to the books once they are written."""
        return []

    @abstractmethod
    def write(self, context: Context, plan: Plan, batch: ImportBatch) -> None:
        """Write the plan through services, in the transaction of the caller.

        Raises services.Refused, with the row, for what only a service can find; then nothing of
        the table is written.
        """

    def taken_back(self, context: Context, refusal: Exception) -> None:  # noqa: B027 - few have any
        """After `write` was refused and undone: keep what has to be known of it all the same."""

    def rows(self, context: Context) -> Iterable[Values]:
        """What exists in the person's area, as the table would have it: the template filled in."""
        return ()

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def choices(self, context: Context, column: Column) -> list[str]:
        """What the drop-down of a column offers; empty where it has none."""
        if column.name in context.names:
            return list(context.names[column.name])
        if isinstance(column.kind, Choice):
            return list(column.kind.labels.values())
        return ["是", "否"] if isinstance(column.kind, YesNo) else []

    def shown(self, context: Context, column: Column, value: Any) -> Cell:
        """A stored value as people read it in the table."""
        if value is None:
            return None
        if column.name in context.names:
            back = context.known.setdefault("_names_back", {})
            if column.name not in back:
                back[column.name] = {
                    stored: typed for typed, stored in context.names[column.name].items()
                }
            return back[column.name].get(value, str(value))
        return column.kind.show(value)
