"""The kinds of papers, each in one place: its table, what of it is typed, what counts as the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from accounts.access.permissions import Permission
from accounts.models import User
from staffing.models import (
    BackgroundQuery,
    Contract,
    EthicsRecord,
    HealthCheck,
    Insurance,
    Training,
)


def _period(facts: Any) -> Q:
    """Periods that share a day with the one typed."""
    later = Q(valid_until__isnull=True) | Q(valid_until__gte=facts.valid_from)
    return later if facts.valid_until is None else later & Q(valid_from__lte=facts.valid_until)


NOTHING = Q(pk__in=[])
CONDUCT = frozenset({Permission.READ_CONDUCT})


@dataclass(frozen=True)
class PaperKind:
    """`same`: rows of one person beside which what is typed would stand twice; `again` says so.

    `field` is where that is said. Papers of a post go by person and kindergarten, as the post may
    change within it.
    """

    code: str
    label: str
    model: Any
    same: Callable[[Any], Q]
    again: str
    field: str
    # Which fields tell one row of a person from another in its history.
    told_by: tuple[str, ...]
    permission: Permission = Permission.KEEP_STAFF
    # With one of these one is told what a paper says; others only that there is one.
    read_with: frozenset[Permission] = frozenset()
    withdrawn_with: Permission = Permission.KEEP_STAFF
    # Rows that speak against the person.
    against: Q = NOTHING
    # Of whoever is 园长 recorded and withdrawn by the county only: nobody is asked of oneself.
    heads_by_county: bool = False

    @property
    def of_person(self) -> bool:
        return any(field.name == "person" for field in self.model._meta.fields)

    @property
    def path(self) -> str:
        """From a row to its person."""
        return "person" if self.of_person else "appointment__person"

    def may_record(self, by: User) -> bool:
        return by.can(Permission.KEEP_STAFF) and by.can(self.permission)

    def may_withdraw(self, by: User) -> bool:
        return by.can(Permission.KEEP_STAFF) and by.can(self.withdrawn_with)

    def may_read_result(self, by: User) -> bool:
        return not self.read_with or any(by.can(one) for one in self.read_with)


_KINDS = (
    PaperKind(
        "health", "健康检查", HealthCheck, lambda one: Q(checked_on=one.checked_on),
        "这一天的健康检查已经登记。", "checked_on", ("checked_on",),
        read_with=frozenset({Permission.KEEP_STAFF, Permission.READ_CONDUCT}),
    ),
    PaperKind(
        "background", "背景查询", BackgroundQuery,
        lambda one: Q(queried_on=one.queried_on, authority=one.authority),
        "这一天、这个机关的查询已经登记。", "queried_on", ("queried_on",),
        read_with=CONDUCT, withdrawn_with=Permission.READ_CONDUCT, heads_by_county=True,
        against=Q(result=BackgroundQuery.Result.FOUND),
    ),
    PaperKind(
        "contract", "合同", Contract, _period,
        "这段时间已经登记了合同。请核对合同期；登记错的先撤销，已经解除的先登记终止。", "valid_from", ("valid_from",),
    ),
    PaperKind(
        "insurance", "五险一金", Insurance, lambda one: Q(kind__in=one.kinds) & _period(one),
        "这段时间已经登记了参保。请核对险种和日期；登记错的先撤销。", "valid_from", ("kind",),
    ),
    PaperKind(
        "training", "培训", Training,
        lambda one: Q(level=one.level, subject=one.subject, started_on=one.started_on),
        "这次培训已经登记。", "subject", ("subject",),
    ),
    PaperKind(
        "ethics", "师德", EthicsRecord,
        lambda one: Q(kind="yearly", year=one.year)
        if one.kind == "yearly"
        else Q(kind=one.kind, decided_on=one.decided_on, note=one.note),
        "已经登记。", "year", ("kind", "year"), permission=Permission.READ_CONDUCT,
        read_with=CONDUCT, withdrawn_with=Permission.READ_CONDUCT, heads_by_county=True,
        against=Q(kind=EthicsRecord.Kind.BREACH) | Q(conclusion=EthicsRecord.Conclusion.FAILED),
    ),
)  # fmt: skip
KINDS: Mapping[str, PaperKind] = {kind.code: kind for kind in _KINDS}
