"""Background work."""

from __future__ import annotations

from tests.access.routes.case import READERS, Case

CASES = [
    Case("jobs", READERS | {"system_administrator"}, strangers=200),
    Case(
        "job-progress",
        READERS | {"system_administrator"},
        lambda w: [w.job.pk],
        except_for=dict.fromkeys(READERS - {"bureau_officer"}, 404),
    ),
    Case(
        "job-retry",
        READERS | {"system_administrator"},
        lambda w: [w.job.pk],
        method="post",
        status=302,
        except_for=dict.fromkeys(READERS - {"bureau_officer"}, 404),
    ),
]
