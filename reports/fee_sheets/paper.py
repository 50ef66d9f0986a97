"""收费公示表: what a kindergarten hangs up at its gate, one A4 page for about fifteen lines.

Printed at once and not kept: the lines are dated rows, so any day's sheet can be printed again.
"""

from __future__ import annotations

import datetime as dt

import segno
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from reports.documents.heading import full_name
from reports.fee_sheets import presenters
from reports.fee_sheets.selectors import Sheet

KIND = "收费公示表"
# Read from a wall, through glass, at an angle: a quarter of the code may be unreadable.
ERROR_CORRECTION = "q"


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
        "code": drawn(address),
    }
    return render_to_string("reports/fee_sheets/paper.html", context)


def drawn(address: str) -> SafeString:
    """The code as a drawing of lines, which stays sharp at any size."""
    made = segno.make(address, error=ERROR_CORRECTION, micro=False)
    svg = made.svg_inline(
        border=4, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None,
        title="打开收费公示页的二维码",
    )  # fmt: skip
    return SafeString(svg)
