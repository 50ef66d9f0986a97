"""The reasons typed for what is unusual (经验校验)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reports.filings.checks.catalogue import Finding, answers, found_by, threshold

MOST_IN_AN_EXPLANATION = threshold("explanation_too_long", "length")


def read_explanations(raw: Any) -> dict[str, str]:
    """The typed reasons of a draft, by code or key; blank ones are none."""
    if not isinstance(raw, Mapping):
        return {}
    return {str(key): text for key, typed in raw.items() if (text := str(typed).strip())}


@answers("explanation_too_long")
def explanation_too_long(finding: Finding, text: str, field: str) -> Iterator[Finding]:
    """`field` is where the reason is typed, within the class or on the page."""
    if len(text) > MOST_IN_AN_EXPLANATION:
        yield found_by(
            "explanation_too_long",
            finding.place,
            (field,),
            start=text[:10],
            length=len(text),
            most=MOST_IN_AN_EXPLANATION,
        )
