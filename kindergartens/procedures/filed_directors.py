"""The director a kindergarten has filed (备案园长): read from the filings, kept nowhere else.

A filing names who was appointed; who signs in for the kindergarten is an account's matter.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import CharField, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KT

from kindergartens.models import Kindergarten, Procedure

KIND = "director_change"
OF_ONE = "of a kindergarten in hand"
OF_ROWS = "of rows of kindergartens that were asked for as somebody's"


def _newest(rows: QuerySet[Procedure]) -> QuerySet[Procedure]:
    """The last appointment first: a filing that came late for an earlier one changes nothing."""
    concluded = rows.filter(kind=KIND, state=Procedure.State.APPROVED)
    return concluded.order_by(F("occurred_on").desc(nulls_last=True), "-ended_at", "-pk")


def name_of_row() -> Subquery:
    """For a query over kindergartens: the name in the newest concluded filing; None without."""
    rows = Procedure.objects.unscoped(OF_ROWS).filter(kindergarten=OuterRef("pk"))
    return Subquery(_newest(rows).values(name=KT("details__person"))[:1], output_field=CharField())


def named(word: str) -> Q:
    """Kindergartens whose filed director's name holds the word."""
    filings = Procedure.objects.unscoped(OF_ROWS)
    newest = _newest(filings.filter(kindergarten=OuterRef("kindergarten"))).values("pk")[:1]
    rows = filings.filter(kind=KIND, details__person__icontains=word, pk=Subquery(newest))
    return Q(pk__in=rows.values("kindergarten"))


@dataclass(frozen=True)
class FiledDirector:
    """`appointed_on` as filed; `procedure` says when the filing was concluded."""

    name: str
    appointed_on: dt.date | None
    procedure: Procedure

    def wants_of_accounts(self, directors: Collection[str], office: str) -> str:
        """What is still to be done so that this person signs in; "" where an account has the name.

        `directors` are the names of those who have a director's account of the kindergarten.
        """
        if self.name in directors:
            return ""
        if not directors:
            return f"新园长还没有账号。账号由系统管理员申请，{office}批准。"
        return (
            f"园长账号现在是{'、'.join(directors)}的。新园长的账号由现任园长在“账号申请”里申请，"
            f"{office}批准；现任园长已离任的，由安全管理员办理岗位交接。"
        )


def last_of(kindergarten: Kindergarten) -> FiledDirector | None:
    own = Procedure.objects.unscoped(OF_ONE).filter(kindergarten=kindergarten)
    found = _newest(own).first()
    if found is None:
        return None
    return FiledDirector(str(found.details["person"]), found.occurred_on, found)
