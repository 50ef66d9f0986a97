"""收费公示表: what a kindergarten hangs up at its gate, one A4 page for about fifteen lines.

Printed at once and not kept: the lines are dated rows, so any day's sheet can be printed again.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.template.loader import render_to_string

from reports.documents.charts import qr_code
from reports.documents.heading import full_name
from reports.fee_sheets import presenters
from reports.fee_sheets.selectors import Sheet

KIND = "收费公示表"


def html(sheet: Sheet, *, address: str, printed_at: dt.datetime) -> str:
    """The sheet; `address` is that of the public page, which the code on it opens."""
    kindergarten = sheet.kindergarten
    context = {
        "heading": {
            "title": f"{kindergarten.name}{KIND}",
            "kind": KIND,
            "number": f"SFGS-{kindergarten.code}-{sheet.day:%Y%m%d}",
            "organisation": kindergarten.name,
            "portal": settings.PORTAL_NAME,
            "is_demo": settings.DEMO,
            "printed_at": printed_at,
        },
        "kindergarten": kindergarten,
        "day": sheet.day,
        "place": full_name(sheet.county),
        "type": presenters.type_words(sheet),
        "groups": presenters.groups(sheet),
        "free_year": presenters.free_year(sheet),
        "address": address,
        "code": qr_code(address, title="打开收费公示页的二维码"),
    }
    return render_to_string("reports/fee_sheets/paper.html", context)
