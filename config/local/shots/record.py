"""The record of a kindergarten, and finding kindergartens."""

from __future__ import annotations

from config.local.shots.walks import Shot, first_link, goto

EXPIRING = (
    "/kindergartens/?licence=expiring&columns=town,director,landline,licence_until,completeness"
)
SHOTS = [
    Shot("found", "wuqing-officer", goto(EXPIRING)),
    Shot("map", "wuqing-officer", goto("/kindergartens/map/")),
    Shot("map-altay", "altay-city", goto("/kindergartens/map/")),
    Shot("own", "wuqing-director", goto("/kindergartens/")),
    Shot(
        "edit",
        "wuqing-officer",
        first_link("/kindergartens/?q=王庆坨", "main tbody th a", "#place .panel-head a"),
    ),
    Shot("register", "wuqing-officer", goto("/kindergartens/register/")),
    Shot("proposals", "wuqing-officer", goto("/kindergartens/proposals/")),
]
