"""What may be put right of a rule of refunds, for fees.dated.services."""

from __future__ import annotations

from fees.dated.services import Kind
from fees.models import RefundRule

REFUND_RULE = Kind(
    "退费办法",
    RefundRule,
    ("item",),
    ("basis", "bands", "percent", "least_days", "document", "valid_from", "valid_to"),
)
