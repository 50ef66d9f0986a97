"""四个100%: rates with those missing, guards, one kindergarten, the list."""

from __future__ import annotations

from config.local.shots.walks import Shot, first_link, goto

ROW = "#missing tbody th a.row-link"
SHOTS = [
    Shot("rates", "kundulun-officer", goto("/safety/measures/")),
    Shot("expiring", "kundulun-officer", goto("/safety/measures/?view=expiring")),
    Shot("guards", "kundulun-officer", goto("/safety/measures/?view=guards")),
    Shot("waiting", "kundulun-officer", goto("/safety/measures/?view=waiting")),
    Shot("city", "altay-city", goto("/safety/measures/?view=guards")),
    Shot("kindergarten", "kundulun-officer", first_link("/safety/measures/", ROW)),
    Shot("own", "kundulun-director", goto("/safety/measures/")),
    Shot("fire", "kundulun-officer", goto("/premises/fire/")),
    Shot("buses", "kundulun-officer", goto("/safety/buses/")),
    Shot("bus", "kundulun-officer", first_link("/safety/buses/", "main tbody th a.row-link")),
    Shot("list", "kundulun-officer", goto("/safety/measures/list/")),
]
