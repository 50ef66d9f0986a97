"""The risk picture: for those who supervise, each in their own area."""

from __future__ import annotations

from tests.access.routes.case import EXPORTERS, FILERS, RETURN_READERS, Case, kindergarten

SUPERVISORS = RETURN_READERS - FILERS

CASES = [
    Case("safety-risk", SUPERVISORS, strangers=200),
    Case("safety-risk-heat", SUPERVISORS, strangers=200),
    Case("safety-risk-visits", EXPORTERS, lambda w: ["xlsx"], strangers=200),
    Case("kindergarten-safety-risk", SUPERVISORS, kindergarten()),
]
