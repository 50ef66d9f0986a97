"""What may be put right of a rule of refunds, for kindergartens.dated.services."""

from __future__ import annotations

from fees.models import RefundRule
from kindergartens.dated.services import Kind

REFUND_RULE = Kind(
    "退费办法",
    RefundRule,
    ("item",),
    ("basis", "bands", "percent", "least_days", "document", "valid_from", "valid_to"),
)
