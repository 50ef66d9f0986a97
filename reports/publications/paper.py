"""What was published on paper, set from the kept bytes and nothing else."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from indicators.publications.rules import Difference, digest_of
from reports.documents.charts import qr_code
from reports.publications import presenters

PRINTED_DIGEST = 12


def html(content: bytes, *, address: str, printed_at: dt.datetime) -> str:
    """The paper; `address` opens the page that checks number and digest."""
    body: dict[str, Any] = json.loads(content)
    month = dt.date.fromisoformat(f"{body['month']}-01")
    period = presenters.period_text(body["kind"], month, body["school_year"])
    title = f"{body['region']['name']}{period}学前教育数据{body['kind_name']}"
    changes = [Difference(**one) for one in body["changes"]]
    context = {
        "heading": {
            "title": f"{title}（{body['number']}）",
            "kind": f"学前教育数据{body['kind_name']}",
            "number": body["number"],
            "organisation": body["published_by"],
            "portal": settings.PORTAL_NAME,
            "is_demo": settings.DEMO,
            "printed_at": printed_at,
        },
        "body": body,
        "period": period,
        "coverage": presenters.coverage_text(body),
        "published_at": presenters.moment_of(body["frozen_at"]),
        "computed_at": presenters.moment_of(body["computed_at"]),
        "reference_date": presenters.day_of(body["reference_date"]),
        "population_date": presenters.day_of(body["population"]["date"]),
        "figures": presenters.own_lines(body),
        "heads": presenters.rate_heads(body),
        "places": presenters.place_lines(body),
        "missing": presenters.missing_lines(body),
        "changes": presenters.difference_lines(body, changes),
        "digest": digest_of(content)[:PRINTED_DIGEST],
        "address": address,
        "code": qr_code(address, title="核对编号和校验值的二维码"),
    }
    return render_to_string("reports/publications/paper.html", context)
