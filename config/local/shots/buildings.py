"""Buildings and equipment, construction projects, estate kindergartens."""

from __future__ import annotations

from config.local.shots.walks import Shot, first_link, goto

ROW = "main tbody th a.row-link"
SHOTS = [
    Shot("premises", "kundulun-officer", goto("/premises/")),
    Shot("equipment", "kundulun-officer", goto("/premises/?view=equipment&item=washrooms")),
    Shot("counties", "altay-city", goto("/premises/")),
    Shot("waiting", "wuqing-officer", goto("/premises/?view=waiting")),
    Shot("standards", "kundulun-officer", goto("/premises/standards/")),
    Shot("own", "wuqing-director", goto("/premises/")),
    Shot("count", "wuqing-director", first_link("/premises/", "main .page-head a.btn-primary")),
    Shot("projects", "kundulun-officer", goto("/projects/")),
    Shot("project", "kundulun-officer", first_link("/projects/", ROW)),
    Shot("estates", "wuqing-officer", goto("/estates/")),
    Shot("estate", "wuqing-officer", first_link("/estates/", ROW)),
]
