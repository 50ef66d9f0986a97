"""Publications as pages and checks ask for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.db.models import QuerySet

from accounts.access.scope import REGION_CHECKED
from accounts.models import Region
from indicators.models import Publication, PublicationKind
from indicators.publications.rules import broken
from kindergartens.rules import school_year

VERIFIED = "whoever asks holds number and digest already"


def newest_of(region: Region, kind: str, month: dt.date) -> Publication | None:
    """What counts as published of a month, of an annual one of its school year; None if nothing."""
    rows = Publication.objects.unscoped(REGION_CHECKED).newest().filter(region=region, kind=kind)
    if kind == PublicationKind.ANNUAL:
        return rows.filter(school_year=school_year(month)).first()
    return rows.filter(month=month).first()


def revisions(publication: Publication) -> list[Publication]:
    """All of the same thing, the first one first; without their bytes."""
    rows = Publication.objects.unscoped(REGION_CHECKED).filter(
        region=publication.region_id, kind=publication.kind, month=publication.month
    )
    return list(rows.defer("content").order_by("revision"))


def verified(number: str, digest: str) -> Publication | None:
    """The publication that has this number and this digest, or begins with the digest's first 12
    characters; None whatever does not fit, so that nothing is told to who guesses.
    """
    if len(digest) < 12:
        return None
    rows = Publication.objects.unscoped(VERIFIED).defer("content")
    return (
        rows.filter(number=number, digest__startswith=digest)
        .select_related("region", "corrected_by")
        .first()
    )


def broken_publications() -> Iterator[tuple[Publication, str]]:
    """Every publication whose bytes, digest and row do not fit together, with what is wrong."""
    rows: QuerySet[Publication] = Publication.objects.unscoped("a command checks every one")
    for one in rows.select_related("region", "corrects").order_by("pk").iterator(50):
        wrong = broken(
            bytes(one.content), digest=one.digest,
            said={
                "number": one.number,
                "kind": one.kind,
                "month": f"{one.month:%Y-%m}",
                "school_year": one.school_year,
                "revision": one.revision,
                "corrects": one.corrects and one.corrects.number,
                "reason": one.reason,
                "provisional": one.provisional,
                "frozen_at": one.published_at,
            },
        )  # fmt: skip
        if wrong:
            yield one, wrong
