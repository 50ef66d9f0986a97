"""视频巡查周通报 on paper: an issued circular, set from the figures that are kept with it."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.template.loader import render_to_string

from reports.documents.heading import full_name, short_name
from safety.models import PatrolCircular
from safety.patrols.presenters import circular_words

KIND = "视频巡查周通报"


def title(circular: PatrolCircular) -> str:
    return f"{short_name(circular.county)}幼儿园视频巡查周通报"


def number(circular: PatrolCircular) -> str:
    """SPTB-120114-2026-012: kind, county, year, number of the year."""
    return f"SPTB-{circular.county.code}-{circular.year}-{circular.number:03d}"


def html(circular: PatrolCircular, *, origin: str, printed_at: dt.datetime) -> str:
    """`circular` with county, province and issuing office read; `origin` begins the addresses on it."""
    context = {
        "heading": {
            "title": f"{title(circular)}（{circular}）",
            "kind": KIND,
            "number": number(circular),
            "organisation": circular.issued_as.organisation.name,
            "portal": settings.PORTAL_NAME,
            "is_demo": settings.DEMO,
            "printed_at": printed_at,
        },
        "circular": circular,
        "title": title(circular),
        "place": full_name(circular.county),
        "week": circular_words(circular.figures),
        "origin": origin,
    }
    return render_to_string("reports/patrol_circulars/paper.html", context)
