"""People for the roster, invented, with numbers that hold water."""

from __future__ import annotations

import datetime as dt
from typing import Any

from stdnum.cn import ric

from accounts.models import Membership
from kindergartens.models import Kindergarten
from staffing.models import (
    Appointment,
    BackgroundQuery,
    Certificate,
    Contract,
    EthicsRecord,
    HealthCheck,
    Insurance,
    StaffMember,
    Training,
)
from staffing.models.people import next_staff_keys
from staffing.roster.rules import PaperFacts, PersonFacts, PostFacts
from tests.small_county import NOW, SINCE


def a_number(serial: int, born: dt.date = dt.date(1990, 5, 17), woman: bool = True) -> str:
    """A resident's number of a county that does not exist."""
    body = f"659999{born:%Y%m%d}{serial:02d}{2 if woman else 1}"
    return body + ric.calc_check_digit(body + "0")


def a_name(serial: int) -> str:
    """第一二人: no digit stands in a name."""
    return "第" + "".join("〇一二三四五六七八九"[int(digit)] for digit in str(serial)) + "人"


def person_facts(serial: int = 1, **facts: Any) -> PersonFacts:
    given: dict[str, Any] = {
        "name": "示例教师", "identifier_type": "resident_id", "number": a_number(serial),
        "education": "bachelor", "earlier_years": 0,
    }  # fmt: skip
    return PersonFacts(**given | facts)


def post_facts(**facts: Any) -> PostFacts:
    given: dict[str, Any] = {
        "post": "full_time_teacher", "full_time": True, "establishment": "established",
        "started_on": dt.date(2024, 9, 1),
    }  # fmt: skip
    return PostFacts(**given | facts)


def paper_facts(**facts: Any) -> PaperFacts:
    given: dict[str, Any] = {
        "kind": "teaching", "stage": "kindergarten", "number": "20136543210000123",
        "issued_on": dt.date(2013, 6, 1),
    }  # fmt: skip
    return PaperFacts(**given | facts)


# Of those who are there already, so that no test's own number is theirs.
BORN_THERE = dt.date(1985, 3, 8)


def in_post(
    kindergarten: Kindergarten,
    entered_as: Membership,
    serial: int,
    born: dt.date = BORN_THERE,
) -> Appointment:
    """A teacher with a paper of each kind, past the services: for scenes of who sees what."""
    (key,) = next_staff_keys(1)
    member = StaffMember(
        pk=key, name="示例在册", number=a_number(serial, born), sex="female",
        birth_date=born, education="bachelor",
    )  # fmt: skip
    member.save(force_insert=True)
    entered: dict[str, Any] = {"entered_as": entered_as, "entered_at": NOW}
    Certificate.objects.create(
        person=member, **vars(paper_facts(number=f"2013{born:%m%d}54{serial:07}")), **entered
    )
    post = Appointment.objects.create(
        person=member, kindergarten=kindergarten, started_on=SINCE, full_time=True,
        post="full_time_teacher", establishment="established", **entered,
    )  # fmt: skip
    day = NOW.date() - dt.timedelta(days=30)
    HealthCheck.objects.create(
        person=member, checked_on=day, result="fit", hospital="示例医院", **entered
    )
    Training.objects.create(
        person=member, level="county", subject="示例培训", hours=24, started_on=day, ended_on=day,
        **entered,
    )  # fmt: skip
    Contract.objects.create(
        appointment=post, kind="employment", signed_on=SINCE, valid_from=SINCE, **entered
    )
    Insurance.objects.create(appointment=post, kind="pension", valid_from=SINCE, **entered)
    BackgroundQuery.objects.create(
        appointment=post, queried_on=day, authority="示例公安分局", asked_by="示例园长",
        result="clear", **entered,
    )  # fmt: skip
    EthicsRecord.objects.create(
        appointment=post, kind="commended", decided_on=day, note="示例表彰", **entered
    )
    return post
