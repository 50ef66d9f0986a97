"""Many accounts from one workbook: the template to fill in, and what is wrong in which cell."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower

from accounts.access.places import may_be_held
from accounts.access.roles import RoleCode
from accounts.files.refusal import Flaw
from accounts.models import AccountRequest, Membership, Organisation, User
from accounts.people import selectors
from accounts.people.policies import roles_one_may_ask_for
from accounts.people.rules import person_name_problem, username_problem
from accounts.typed_text import clean

HEADS = ("姓名", "用户名", "单位", "角色", "任职起始日期")
LETTERS = "ABCDE"
MOST_ROWS = 500
DROP_DOWN_ROWS = MOST_ROWS + 1
WRITTEN_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)
Cell = str | int | Decimal | dt.date | Flaw | None


@dataclass(frozen=True)
class Problem:
    """What is wrong in one cell, and how to mend it."""

    row: int
    column: int
    typed: str
    text: str

    @property
    def cell(self) -> str:
        return f"{LETTERS[self.column]}{self.row}"

    @property
    def head(self) -> str:
        return HEADS[self.column]


@dataclass
class Checked:
    """A workbook's rows: those to ask for, how many exist already, and what has to be mended."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def digest(self) -> str:
        return digest_of(self.rows)


def digest_of(rows: list[dict[str, Any]]) -> str:
    """What stands for the rows of a batch, in its history too."""
    kept = json.dumps(rows, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(kept.encode()).hexdigest()


def place_label(place: Organisation) -> str:
    """A place as the drop-down names it; two of one name lie in different regions."""
    return f"{place.name}（{place.region.name}）"


def template(by: User) -> bytes:
    """An empty workbook whose columns offer the roles and places the person may ask for."""
    import xlsxwriter

    places = list(selectors.places_one_may_ask_for(by).select_related("region"))
    roles = _roles_offered(by, places)
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet, choices = book.add_worksheet("账号"), book.add_worksheet("选项")
        head = book.add_format({"bold": True, "bottom": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        words = book.add_format({"num_format": "@"})
        for column, (title, width) in enumerate(zip(HEADS, (14, 22, 40, 18, 18), strict=True)):
            sheet.write_string(0, column, title, head)
            sheet.set_column(column, column, width, day if column == 4 else words)
        sheet.freeze_panes(1, 0)
        for number, place in enumerate(places):
            choices.write_string(number, 0, place_label(place))
        for number, role in enumerate(roles):
            choices.write_string(number, 1, role.label)
        choices.hide()
        for column, letter, count in ((2, "A", len(places)), (3, "B", len(roles))):
            sheet.data_validation(
                1,
                column,
                DROP_DOWN_ROWS,
                column,
                {
                    "validate": "list",
                    "source": f"=选项!${letter}$1:${letter}${max(count, 1)}",
                    "error_title": HEADS[column],
                    "error_message": "请从下拉列表中选择。",
                },
            )
    return out.getvalue()


def _roles_offered(by: User, places: Sequence[Organisation]) -> list[RoleCode]:
    one_of_each = {place.kind: place for place in places}
    allowed = {role for place in one_of_each.values() for role in roles_one_may_ask_for(by, place)}
    return [role for role in RoleCode if role in allowed]


TAKEN = "a name is taken, whoever has or asked for it"


class _Known:
    """What the rows are compared with, read in a constant number of queries."""

    def __init__(self, by: User, usernames: list[str], today: dt.date) -> None:
        places = selectors.places_one_may_ask_for(by).select_related("region")
        self.places = {place_label(place): place for place in places}
        taken = User.objects.unscoped(TAKEN).filter(username__in=usernames)
        self.users = {user.username: user for user in taken}
        self.posts = {
            (post.user_id, post.organisation_id, post.role)
            for post in Membership.objects.unscoped(TAKEN)
            .own()
            .not_over(today)
            .filter(user__username__in=usernames)
        }
        self.waiting = {
            request.username: request
            for request in AccountRequest.objects.unscoped(TAKEN)
            .waiting()
            .annotate(name=Lower("username"))
            .filter(name__in=usernames, adds_post=False)
        }
        self.with_director = set(
            Membership.objects.unscoped("of the places one may ask for")
            .own()
            .not_over(today)
            .filter(
                Q(role=RoleCode.DIRECTOR), organisation__in=[p.pk for p in self.places.values()]
            )
            .values_list("organisation", flat=True)
        )


def check(rows: Sequence[Sequence[Cell]], *, by: User, today: dt.date) -> Checked:
    """Compare the rows with what may be asked for and with what exists. Changes nothing.

    A cell that could not be read is a problem of that cell; the others are checked all the same.
    """
    checked = Checked()
    if not rows or tuple(_text(cell) for cell in rows[0][: len(HEADS)]) != HEADS:
        typed = "、".join(_text(cell) for cell in rows[0][: len(HEADS)]) if rows else ""
        checked.problems.append(
            Problem(1, 0, typed[:100], f"第一行要依次写：{'、'.join(HEADS)}。请用下载的模板填写。")
        )
        return checked
    filled = [
        (number, [*row, *[None] * len(HEADS)][: len(HEADS)])
        for number, row in enumerate(rows[1:], start=2)
        if any(cell is not None for cell in row)
    ]
    if not filled:
        checked.problems.append(Problem(2, 0, "", "表里没有人。请从第2行起每行填一个人。"))
    if len(filled) > MOST_ROWS:
        text = f"一次最多{MOST_ROWS}人，表里有{len(filled)}人。请分成几份上传。"
        checked.problems.append(Problem(MOST_ROWS + 2, 0, "", text))
        return checked
    names = [User.normalise_username(_text(row[1])) for _, row in filled]
    known = _Known(by, names, today)
    first_seen: dict[str, int] = {}
    for (number, row), username in zip(filled, names, strict=True):
        line = _Line(number, row, username, known, by, today)
        if username and username in first_seen:
            line.wrong(1, f"和第{first_seen[username]}行的用户名相同，请换一个。")
        first_seen.setdefault(username, number)
        line.look()
        checked.problems += line.problems
        if line.exists:
            checked.unchanged += 1
        elif not line.problems:
            checked.rows.append(line.as_dict())
    checked.problems.sort(key=lambda problem: (problem.row, problem.column))
    return checked


class _Line:
    """One person's row while it is looked at."""

    def __init__(
        self,
        number: int,
        row: Sequence[Cell],
        username: str,
        known: _Known,
        by: User,
        today: dt.date,
    ) -> None:
        self.number, self.row, self.username = number, row, username
        self.known, self.by, self.today = known, by, today
        self.full_name = _text(row[0])
        # None where the cell names none; `look` stops there.
        self.place: Any = known.places.get(_text(row[2]))
        self.role: Any = next((role for role in RoleCode if role.label == _text(row[3])), None)
        self.day: Any = today if row[4] is None else _day(row[4])
        self.problems: list[Problem] = []
        self.exists = False

    def wrong(self, column: int, text: str) -> None:
        if isinstance(self.row[column], Flaw) and any(p.column == column for p in self.problems):
            return  # the cell itself is the problem; that nothing legible stands in it follows
        typed = _text(self.row[column])[:60]
        self.problems.append(Problem(self.number, column, typed, text))

    def look(self) -> None:
        self._spelling()
        if self.problems:
            return
        self.exists = _exists(self.known, self.username, self.full_name, self.place, self.role)
        if not self.exists:
            self._what_is_there()

    def _spelling(self) -> None:
        for column, cell in enumerate(self.row):
            if isinstance(cell, Flaw):
                self.wrong(column, f"这一格{cell.text}")
        if not self.full_name:
            self.wrong(0, "请填姓名，与身份证一致。")
        elif problem := person_name_problem(self.full_name):
            self.wrong(0, problem)
        problem = username_problem(self.username)
        if problem:
            self.wrong(1, problem)
        if self.place is None:
            self.wrong(2, "没有这个单位，或不在您的范围内。请从下拉列表中选择。")
        if self.role is None:
            self.wrong(3, "没有这个角色。请从下拉列表中选择。")
        elif self.place is not None:
            fits = may_be_held(self.role, self.place.kind, self.place.region.level)
            if not fits or self.role not in roles_one_may_ask_for(self.by, self.place):
                self.wrong(
                    3,
                    f"{self.place.name}没有{self.role.label}，或您不能为它申请。"
                    "请换一个角色或单位。",
                )
        if not isinstance(self.day, dt.date):
            self.wrong(
                4,
                "看不出是哪一天。请写成2026-11-26、2026/11/26或2026年11月26日，或留空（当天起任职）。",
            )

    def _what_is_there(self) -> None:
        if self.username in self.known.users or self.username in self.known.waiting:
            self.wrong(1, "这个用户名已经有人用了或在申请中，请换一个。")
        if self.role == RoleCode.DIRECTOR and self.place.pk in self.known.with_director:
            self.wrong(
                3,
                f"{self.place.name}已有园长。换园长由现任园长申请，或请安全管理员办理交接。",
            )
        if self.day < self.today:
            self.wrong(4, "任职起始日期已过，请填今天或以后的日期，或留空。")

    def as_dict(self) -> dict[str, Any]:
        return {
            "row": self.number,
            "full_name": self.full_name,
            "username": self.username,
            "organisation": self.place.pk,
            "place": place_label(self.place),
            "role": self.role.value,
            "valid_from": self.day.isoformat(),
        }


def _exists(
    known: _Known, username: str, full_name: str, place: Organisation, role: RoleCode
) -> bool:
    """Whether exactly this account was asked for or made before."""
    asked = known.waiting.get(username)
    if asked is not None:
        same = (asked.full_name, asked.organisation_id, asked.role)
        return same == (full_name, place.pk, role.value)
    user = known.users.get(username)
    return (
        user is not None
        and user.full_name == full_name
        and (user.pk, place.pk, role.value) in known.posts
    )


def _day(cell: Cell) -> Cell:
    """A day typed as text, as people write it; anything else as it is."""
    if not isinstance(cell, str):
        return cell
    plain = "".join(unicodedata.normalize("NFKC", cell).split())
    written = WRITTEN_DAY.fullmatch(plain)
    if written is None:
        return cell
    year, month, day = (int(part) for part in written.groups())
    try:
        return dt.date(year, month, day)
    except ValueError:
        return cell


def _text(cell: Cell) -> str:
    return clean("" if cell is None or isinstance(cell, Flaw) else cell).replace("\n", " ")
