"""The demo's roster counts as the newest return does, with numbers and posts that hold."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from config.demo.roster import write_roster
from kindergartens.models import Kindergarten
from staffing.models import Appointment, StaffCount, StaffMember
from staffing.roster import rules
from staffing.roster.identity import number_problem
from tests.access.routes import World
from tests.small_county import NOW


def test_as_many_people_as_the_newest_return_counts(world: World) -> None:
    Kindergarten.objects.filter(pk=world.kindergarten.pk).update(is_example=True)
    there, posts = (
        StaffMember.objects.count(),
        list(Appointment.objects.values_list("pk", flat=True)),
    )
    written = write_roster(random.Random("示例"), world.small.county.code, 1)
    counted = StaffCount.objects.filter(filing_version__filing=world.filing)
    expected = {row.post: row.people for row in counted if row.people}
    rows: Any = Appointment.objects.exclude(pk__in=posts).with_certified(NOW.date())
    found = list(rows.filter(ended_on__isnull=True, kindergarten=world.kindergarten))
    assert Counter(row.post for row in found) == expected
    assert written == f"{StaffMember.objects.count() - there}人"
    certified = Counter(row.post for row in found if row.certified)
    for row in counted:
        if row.certified is not None:
            assert certified[row.post] == row.certified
    for row in found:
        person = row.person
        assert number_problem(person.identifier_type, str(person.number)) == ""
        assert rules.age_at_post(person.birth_date, row.started_on) is rules.AgeAtPost.USUAL
