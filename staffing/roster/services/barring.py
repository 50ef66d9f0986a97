"""Nobody on the bureau's list of the barred is hired (学前教育法 Art 44)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.formatting import zhdate
from accounts.models import User
from staffing.barred.rules import first_lawful_day, stops
from staffing.barred.selectors import bans_that_stop
from staffing.barred.services import hold_the_list
from staffing.models import Appointment, EmploymentBan, StaffMember
from staffing.roster.services.asking import OF_THE_PERSON, RosterRefused


class PersonBarred(RosterRefused):
    """The person is on the list. Only whoever may read that row is told which one it is."""

    def __init__(self, bans: Sequence[EmploymentBan], by: User, text: str = "") -> None:
        home = home_region(by)
        self.ban = min(bans, key=lambda ban: ban.county != home)
        seen = EmploymentBan.objects.visible_to(by).filter(pk__in=[ban.pk for ban in bans])
        readable = set(seen.values_list("pk", flat=True))
        self.may_read = self.ban.pk in readable
        # Days of a ban are told to whoever may read each of them.
        told = bans if len(readable) == len(bans) else ()
        super().__init__(text or _said(self.ban, told, by, may_read=self.may_read), "number")


def _said(ban: EmploymentBan, told: Sequence[EmploymentBan], by: User, *, may_read: bool) -> str:
    if may_read:
        free = first_lawful_day(one.barred_until for one in told) if told else None
        after = f"任职日期在{zhdate(free)}以后（含当天）的可以登记。" if free else ""
        return f"该人员不能聘用：在{ban}。{after}名单有误的，由另一位有权限的同事解除后再登记任职。"
    if by.can(Permission.KEEP_BANS):
        return f"该人员不能聘用：由{ban.county.name}教育局列入从业禁止名单，请与该局人事科联系。"
    return f"该人员不能聘用：{ask_the_bureau(by)}在得到答复前不要办理入职。"


def ask_the_bureau(by: User) -> str:
    home = home_region(by)
    county = (home.county or home) if home is not None else None
    return f"请联系{county.name if county else '区县'}教育局人事科。"


def check_not_barred(
    number: str, started_on: dt.date, ended_on: dt.date | None, *, by: User
) -> None:
    """Raises PersonBarred for a post with a day on which its holder is barred.

    Holds the list until the transaction ends, so that nobody is listed between this and the post.
    """
    hold_the_list(to_write=False)
    bans = bans_that_stop(number, started_on, ended_on)
    if bans:
        raise PersonBarred(bans, by)


def check_correction_not_barred(
    appointment: Appointment, started_on: dt.date, ended_on: dt.date | None, *, by: User
) -> None:
    """Other days must not reach into a ban. A post that is in one already is the bureau's: it may
    become longer by a keeper of the list alone, so that no dismissal is taken back.
    """
    hold_the_list(to_write=False)
    number = str(appointment.person.number)
    old = (appointment.started_on, appointment.ended_on)
    longer = started_on < old[0] or (ended_on or dt.date.max) > (old[1] or dt.date.max)
    asked_of_all = longer and not by.can(Permission.KEEP_BANS)
    bans = [
        ban
        for ban in bans_that_stop(number, started_on, ended_on)
        if asked_of_all or not stops(ban.barred_from, ban.barred_until, *old)
    ]
    if bans:
        raise PersonBarred(bans, by)


def check_number_may_change(member: StaffMember, old: str, new: str, *, by: User) -> None:
    """Kind and number of somebody who may not hold the posts are put right by the bureau alone.

    Away from a number on the list it would hide the person; towards one it is the truth about a post
    that stands, and the bureau's list says from then on who still holds it.
    """
    hold_the_list(to_write=False)
    if by.can(Permission.KEEP_BANS):
        return
    posts = Appointment.objects.unscoped(OF_THE_PERSON).standing().filter(person=member)
    for post in posts:
        for number in dict.fromkeys((old, new)):
            bans = bans_that_stop(number, post.started_on, post.ended_on)
            if bans:
                text = f"这个人的证件类型和号码不能在这里更正：{ask_the_bureau(by)}"
                raise PersonBarred(bans, by, text)
