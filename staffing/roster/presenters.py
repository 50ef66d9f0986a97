"""How people of the roster are shown: numbers masked, certificates in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from accounts.privacy.presenters import shown_identity
from staffing.models import Appointment, Certificate, StaffMember
from staffing.roster.rules import age_on

# state_tag words: a certificate that is right, one that is missing, none asked for.
CERTIFIED_WORDS = {True: "持证", False: "没有持证", None: ""}


def shown_number(person: StaffMember) -> str:
    """110***********1234."""
    return shown_identity(person, "number")


@dataclass(frozen=True)
class StaffRow:
    """One post of a list."""

    appointment: Any
    number: str
    age: int
    # The list has posts that are agreed and yet to begin.
    is_coming: bool

    @property
    def certified(self) -> str:
        return CERTIFIED_WORDS[self.appointment.certified]


def staff_rows(appointments: Iterable[Appointment], today: dt.date) -> list[StaffRow]:
    return [
        StaffRow(
            one,
            shown_number(one.person),
            age_on(one.person.birth_date, today),
            one.started_on > today,
        )
        for one in appointments
    ]


def paper_state(paper: Certificate, today: dt.date) -> str:
    """In words, whether a paper counts on the day; empty for one that simply does."""
    if paper.withdrawn_at is not None:
        return "已撤销"
    if paper.valid_until is not None and paper.valid_until < today:
        return "已过期"
    return ""
