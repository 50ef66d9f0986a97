"""Nobody on the bureau's list of the barred is hired (学前教育法 Art 44)."""

from __future__ import annotations

import datetime as dt

from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.models import User
from staffing.barred.rules import stops
from staffing.barred.selectors import bans_that_stop
from staffing.barred.services import hold_the_list
from staffing.models import Appointment, EmploymentBan, StaffMember
from staffing.roster.services.asking import OF_THE_PERSON, RosterRefused


class PersonBarred(RosterRefused):
    """The person is on the list. Only whoever may read that row is told which one it is."""

    def __init__(self, ban: EmploymentBan, by: User) -> None:
        self.ban = ban
        self.may_read = EmploymentBan.objects.visible_to(by).filter(pk=ban.pk).exists()
        super().__init__(_said(ban, by, may_read=self.may_read), "number")


def _said(ban: EmploymentBan, by: User, *, may_read: bool) -> str:
    if may_read:
        return f"该人员不能聘用：在{ban}。名单有误的，由另一位有权限的同事解除后再登记任职。"
    if by.can(Permission.KEEP_BANS):
        return f"该人员不能聘用：由{ban.county.name}教育局列入从业禁止名单，请与该局人事科联系。"
    home = home_region(by)
    county = (home.county or home) if home is not None else ban.county
    return f"该人员不能聘用：请联系{county.name}教育局人事科。在得到答复前不要办理入职。"


def check_not_barred(
    kind: str, number: str, started_on: dt.date, ended_on: dt.date | None, *, by: User
) -> None:
    """Raises PersonBarred for a post with a day on which its holder is barred.

    Holds the list until the transaction ends, so that nobody is listed between this and the post.
    """
    hold_the_list(to_write=False)
    bans = bans_that_stop(kind, number, started_on, ended_on)
    if bans:
        home = home_region(by)
        raise PersonBarred(min(bans, key=lambda ban: ban.county != home), by)


def check_correction_not_barred(
    appointment: Appointment, started_on: dt.date, ended_on: dt.date | None, *, by: User
) -> None:
    """Other days must not reach into a ban; a post that is in one already is the bureau's."""
    person = appointment.person
    hold_the_list(to_write=False)
    for ban in bans_that_stop(person.identifier_type, str(person.number), started_on, ended_on):
        if not stops(
            ban.barred_from, ban.barred_until, appointment.started_on, appointment.ended_on
        ):
            raise PersonBarred(ban, by)


def check_number_not_barred(member: StaffMember, kind: str, number: str, *, by: User) -> None:
    """A person's corrected number must not be that of somebody who may not hold the posts."""
    for post in Appointment.objects.unscoped(OF_THE_PERSON).standing().filter(person=member):
        check_not_barred(kind, number, post.started_on, post.ended_on, by=by)
