"""What people ask of history: to have it verified."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q

from accounts.access.scope import NOTHING, reads_business_data
from accounts.jobs.services import enqueue
from accounts.models import Job, Organisation, Region, User

VERIFY = "verify-history"


@transaction.atomic
def ask_for_verification(*, by: User, now: dt.datetime) -> Job:
    """Queue one verification of the whole history; one that still waits is not doubled."""
    return enqueue(
        kind=VERIFY,
        key=VERIFY,
        title="核对全部历史记录",
        arguments={},
        requested_as=by.acting,
        now=now,
    )


def posts_known_to(user: User) -> Q:
    """Which posts of such a person are shown: those in one's own kindergarten or region."""
    acting = user.acting
    if acting is None or not reads_business_data(user):
        return NOTHING
    if acting.organisation.kind == Organisation.Kind.KINDERGARTEN:
        return Q(organisation=acting.organisation_id)
    within = Region.objects.within(acting.organisation.region).values("pk")
    return Q(organisation__in=Organisation.objects.filter(region__in=within).values("pk"))


def people_known_to(user: User) -> Q:
    """People whose account's history a person may read: one's own, and those who hold or held a
    post in an organisation of one's own kindergarten or region.
    """
    acting = user.acting
    if acting is None or not reads_business_data(user):
        return NOTHING
    if acting.organisation.kind == Organisation.Kind.KINDERGARTEN:
        return Q(pk=user.pk) | Q(pk__in=acting.organisation.memberships.values("user"))
    within = Region.objects.within(acting.organisation.region).values("pk")
    return Q(pk=user.pk) | Q(
        pk__in=User.objects.filter(memberships__organisation__region__in=within).values("pk")
    )
