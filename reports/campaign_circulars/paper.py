"""集中整治通报 on paper: an issued circular, set from the figures that are kept with it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from inspections.models import CampaignCircular
from reports.documents.heading import full_name

KIND = "集中整治通报"


def title(circular: CampaignCircular) -> str:
    return f"关于{circular.figures['name']}情况的通报"


def number(circular: CampaignCircular) -> str:
    """JZZZ-150203-2026-001: kind, county, year, number of the year."""
    return f"JZZZ-{circular.county.code}-{circular.year}-{circular.number:03d}"


def html(circular: CampaignCircular, *, printed_at: dt.datetime) -> str:
    """`circular` with county, province and issuing office read."""
    figures: dict[str, Any] = circular.figures
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
        "figures": figures,
        "starts_on": dt.date.fromisoformat(figures["starts_on"]),
        "ends_on": dt.date.fromisoformat(figures["ends_on"]),
        "findings": [
            row | {"day": dt.date.fromisoformat(row["day"])} for row in figures["findings"]
        ],
    }
    return render_to_string("reports/campaign_circulars/paper.html", context)
