from staffing.roster.services.appointments import (
    correct_appointment,
    end_appointment,
    hire,
    transfer,
    withdraw_appointment,
)
from staffing.roster.services.asking import (
    CORRECTABLE,
    PAPER_FACTS,
    PERSON_FACTS,
    POST_FACTS,
    RosterRefused,
    director_lacks,
    may_keep_person,
)
from staffing.roster.services.barring import PersonBarred, ask_the_bureau
from staffing.roster.services.people import (
    add_certificate,
    correct_person,
    reveal_number,
    why_not_certified,
    withdraw_certificate,
)

__all__ = [
    "CORRECTABLE",
    "PAPER_FACTS",
    "PERSON_FACTS",
    "POST_FACTS",
    "PersonBarred",
    "RosterRefused",
    "add_certificate",
    "ask_the_bureau",
    "correct_appointment",
    "correct_person",
    "director_lacks",
    "end_appointment",
    "hire",
    "may_keep_person",
    "reveal_number",
    "transfer",
    "why_not_certified",
    "withdraw_appointment",
    "withdraw_certificate",
]
