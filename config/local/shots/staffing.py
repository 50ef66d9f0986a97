"""教职工名册、人员缺口和补充计划."""

from __future__ import annotations

from config.local.shots.walks import Shot, first_link, goto

ROSTER = "/staff/"
PERSON = "main tbody th a[href^='/staff/']"
GAPS = "/staffing/gaps/"
BELOW = "main tbody th a[href*='/staffing/gaps/']"

SHOTS = [
    Shot("roster", "wuqing-officer", goto(ROSTER)),
    Shot("person", "wuqing-officer", first_link(ROSTER, PERSON)),
    Shot(
        "of-a-kindergarten",
        "wuqing-officer",
        first_link(ROSTER, "main tbody td a[href*='/staff/']"),
    ),
    Shot(
        "hire",
        "wuqing-officer",
        first_link(ROSTER, "main tbody td a[href*='/staff/']", "a[href$='/staff/new/']"),
    ),
    Shot("correct", "wuqing-officer", first_link(ROSTER, PERSON, "a[href$='/correct/']")),
    Shot("transfer", "wuqing-officer", first_link(ROSTER, PERSON, "a[href$='/transfer/']")),
    Shot("due", "wuqing-officer", goto("/staff/due/")),
    Shot("due-own", "wuqing-director", goto("/staff/due/")),
    Shot("found", "wuqing-officer", goto("/staff/found/")),
    Shot(
        "post-correct",
        "wuqing-officer",
        first_link(
            ROSTER + "?state=former",
            PERSON,
            "tr:has-text('前，') a[href^='/staff/posts/']:has-text('更正')",
        ),
    ),
    Shot("paper-new", "wuqing-director", first_link("/staff/due/", "a[href*='/papers/']")),
    Shot("person-own", "wuqing-director", first_link(ROSTER, PERSON)),
    Shot(
        "batch",
        "wuqing-director",
        first_link(ROSTER, "main summary", "a[href$='/staff/papers/health/']"),
    ),
    Shot("gaps", "wuqing-officer", goto(GAPS)),
    Shot("gaps-of-a-town", "wuqing-officer", first_link(GAPS, BELOW)),
    Shot(
        "gaps-of-a-kindergarten",
        "wuqing-officer",
        first_link(
            GAPS,
            BELOW,
            "main tbody th a[href$='/staffing-gaps/'], main tbody th a[href*='/staffing-gaps/?']",
        ),
    ),
    Shot("bans", "wuqing-officer", goto("/staff/bans/")),
    Shot("ban", "wuqing-officer", first_link("/staff/bans/", "main tbody th a")),
    Shot("ban-new", "wuqing-officer", goto("/staff/bans/new/")),
    Shot("changes", "wuqing-officer", goto("/staff/changes/")),
    Shot("changes-of-a-director", "wuqing-director", goto("/staff/changes/")),
    Shot("own-roster", "wuqing-director", goto("/staff/")),
    Shot("own-import", "wuqing-director", goto("/imports/staff/")),
    Shot(
        "published",
        "wuqing-officer",
        first_link(ROSTER, "main tbody td a[href*='/staff/']", ".actions a[href^='/public/']"),
    ),
    Shot("plan", "kundulun-officer", goto("/staffing/recruitment/")),
    Shot("plan-new", "kundulun-officer", goto("/staffing/recruitment/new/")),
]
