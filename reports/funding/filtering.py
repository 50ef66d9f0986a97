"""Which kindergartens of the list are asked for: by how they are paid, by what is short, by audits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fees.funding.presenters import AUDIT_FILTERS, AUDITS, STATES
from fees.funding.rules import State
from fees.funding.selectors import Entry
from fees.models import FundingStandard

MONEY_CHOICES = [(str(one), STATES[one]) for one in State if one != State.NOT_MEANT]
AUDIT_CHOICES = [
    *((str(one), AUDITS[one]) for one in AUDIT_FILTERS),
    ("breach", "非营利性的举办者取得收益"),
]


@dataclass(frozen=True)
class Asked:
    """What is chosen; "" where anything will do."""

    scope: str
    money: str
    audit: str

    @property
    def is_set(self) -> bool:
        return bool(self.scope or self.money or self.audit)

    def takes(self, entry: Entry) -> bool:
        audit = entry.audit
        audited = not self.audit or (
            audit is not None
            and (audit.breach if self.audit == "breach" else audit.state == self.audit)
        )
        return (
            audited
            and (not self.scope or entry.scope == self.scope)
            and (not self.money or entry.money.state == self.money)
        )


def asked(query: Mapping[str, str]) -> Asked:
    """?scope=public&money=short&audit=overdue; what is no choice asks for nothing."""

    def chosen(name: str, choices: list[tuple[str, str]]) -> str:
        value = query.get(name, "")
        return value if value in dict(choices) else ""

    return Asked(
        chosen("scope", list(FundingStandard.Scope.choices)),
        chosen("money", MONEY_CHOICES),
        chosen("audit", AUDIT_CHOICES),
    )
