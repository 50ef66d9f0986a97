"""挂牌督办通知书 and 摘牌通知: what the bureau hands to a kindergarten, signed and sealed by hand.

Printed at once and not kept: the plate is a row that does not change, so it can be printed again.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from accounts.files import serving, store
from accounts.models import StoredFile
from reports.documents.heading import full_name
from safety.hazards import presenters, words
from safety.models import Hazard, HazardPhoto

# The template of each, which is also its part of the address, and its name.
KINDS = {"slip": "挂牌督办通知书", "delisting": "摘牌通知"}


def html(hazard: Hazard, kind: str, *, printed_at: dt.datetime, has_photo: bool = False) -> str:
    """The paper of a kind of KINDS; `has_photo` where photo_of has one to hand over."""
    return render_to_string(
        f"reports/hazard_slips/{kind}.html",
        {
            "heading": _heading(hazard, KINDS[kind], printed_at),
            "hazard": hazard,
            "plate": hazard.plate,
            "place": full_name(hazard.county),
            "points": presenters.points(hazard),
            "criterion": words.criterion_words(hazard),
            "has_photo": has_photo,
        },
    )


def _heading(hazard: Hazard, name: str, printed_at: dt.datetime) -> dict[str, Any]:
    return {
        "title": f"{hazard.kindergarten.name}{name}",
        "kind": name,
        "number": hazard.number,
        "organisation": hazard.plate.supervisor.name,
        "portal": settings.PORTAL_NAME,
        "is_demo": settings.DEMO,
        "printed_at": printed_at,
    }


def photo_of(hazard: Hazard) -> bytes | None:
    """The first photo of how it was found that may go out; None without one, or one that is damaged."""
    photos = hazard.photos.filter(shows=HazardPhoto.Shows.FOUND).select_related("file")
    for photo in photos:
        if serving.state_of(photo.file) != StoredFile.State.READY:
            continue
        try:
            return store.read(photo.file)
        except store.FileDamaged:
            continue
    return None
