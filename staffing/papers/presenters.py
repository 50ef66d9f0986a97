"""How papers are shown: on a person's page a table a kind, and what is due in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from accounts.formatting import zhdate
from staffing.models import (
    BackgroundQuery,
    Certificate,
    Contract,
    EthicsRecord,
    HealthCheck,
    Insurance,
    Training,
)
from staffing.papers.kinds import KINDS, PaperKind
from staffing.papers.rules import Span, a_year_from
from staffing.papers.selectors import REMINDED_LABELS, SPAN_LABELS, Due

STATE_OF: Mapping[Span, str] = {
    Span.MISSING: "paper_missing", Span.OVERDUE: "paper_overdue", Span.VALID: "paper_valid",
    Span.UNFIT: "paper_unfit", Span.UNFILED: "paper_unfiled", Span.WITHIN_7: "paper_due", Span.WITHIN_30: "paper_due", Span.WITHIN_60: "paper_due",
}  # fmt: skip

# A query that found something is no valid paper, whatever its date.
FOUND_STATE = "paper_found"


@dataclass(frozen=True)
class Words:
    """A row's cells: what, what more of it, when, and how long (by the kind's own heading)."""

    what: str
    more: str
    when: str
    last: str = ""


def _decimal(number: Any) -> str:
    return f"{number.normalize():f}"


def _until(day: dt.date | None, without: str) -> str:
    return zhdate(day) if day is not None else without


def _health(one: HealthCheck, may_read: bool) -> Words:
    """Without the right to read it a result looks the same whatever it is."""
    passed = not may_read or one.result == HealthCheck.Result.FIT
    good = zhdate(a_year_from(one.checked_on)) if passed else "—"
    what = str(one.get_result_display()) if may_read else "已检查"
    return Words(what, one.hospital, zhdate(one.checked_on), good)


def _background(one: BackgroundQuery, may_read: bool) -> Words:
    """As of a health check."""
    what = str(one.get_result_display()) if may_read else "已查询"
    more = f"{one.authority}答复，{one.asked_by}申请"
    return Words(what, more, zhdate(one.queried_on), zhdate(a_year_from(one.queried_on)))


def _contract(one: Contract, may_read: bool) -> Words:
    more = f"{zhdate(one.filed_on)}备案" if one.filed_on else "没有登记备案"
    period = f"{zhdate(one.valid_from)}至{_until(one.valid_until, '无固定期限')}"
    return Words(str(one), more, zhdate(one.signed_on), period)


def _insurance(one: Insurance, may_read: bool) -> Words:
    return Words(str(one), "", zhdate(one.valid_from), _until(one.valid_until, "在缴"))


def _training(one: Training, may_read: bool) -> Words:
    number = f"，证书{one.number}" if one.number else ""
    days = zhdate(one.started_on)
    if one.ended_on != one.started_on:
        days += f"至{zhdate(one.ended_on)}"
    return Words(one.subject, f"{one.get_level_display()}{number}", days, _decimal(one.hours))


def _ethics(one: EthicsRecord, may_read: bool) -> Words:
    said = f"{one.year}年度{one.get_conclusion_display()}" if one.year else ""
    return Words(str(one), one.note, zhdate(one.decided_on), said)


@dataclass(frozen=True)
class Columns:
    words: Callable[[Any, bool], Words]
    what: str
    when: str
    last: str


COLUMNS: Mapping[str, Columns] = {
    "health": Columns(_health, "结果", "检查日期", "有效期至"),
    "background": Columns(_background, "结果", "查询日期", "下次查询期限"),
    "contract": Columns(_contract, "合同", "签订日期", "合同期"),
    "insurance": Columns(_insurance, "险种", "参保自", "参保至"),
    "training": Columns(_training, "培训内容", "日期", "学时"),
    "ethics": Columns(_ethics, "类别", "日期", "结论"),
}


@dataclass(frozen=True)
class Line:
    paper: Any
    words: Words
    # Of a contract: it is still to be filed, and it may still end earlier.
    to_file: bool
    to_end: bool


@dataclass(frozen=True)
class Section:
    """One kind of paper of one person; `state` is a word of state_tag, empty where none is asked."""

    kind: PaperKind
    columns: Columns
    state: str
    lines: list[Line]
    may_record: bool
    may_close: bool
    may_withdraw: bool
    # 园长 of the own kindergarten: what the county records, and the user keeps otherwise.
    by_county: bool
    # Keys of the kindergartens that still pay.
    paid_by: list[int]


def section(
    code: str,
    papers: Iterable[Any],
    span: Span | None,
    today: dt.date,
    *,
    may_read: bool,
    may_record: bool,
    may_close: bool,
    may_withdraw: bool,
    by_county: bool,
) -> Section:
    rows = list(papers)
    words = COLUMNS[code].words
    paid_by = {
        one.appointment.kindergarten_id
        for one in rows
        if code == "insurance" and one.valid_until is None and one.withdrawn_at is None
    }
    state = STATE_OF[span] if span else ""
    if code == "background" and may_read and any(_found(one) for one in rows):
        state = FOUND_STATE
    return Section(
        KINDS[code], COLUMNS[code], state,
        [
            Line(
                one, words(one, may_read), code == "contract" and one.filed_on is None,
                code == "contract" and (one.valid_until is None or one.valid_until > today),
            )
            for one in rows
        ],
        may_record, may_close, may_withdraw, by_county, sorted(paid_by),
    )  # fmt: skip


def _found(one: BackgroundQuery) -> bool:
    return one.withdrawn_at is None and one.result == BackgroundQuery.Result.FOUND


@dataclass(frozen=True)
class DueRow:
    """A row of the list: which paper, how it stands, and where a new one is recorded."""

    due: Due
    label: str
    state: str
    says: str
    # Empty where the county records it.
    url: str


def due_rows(rows: Iterable[Due], today: dt.date, heads: Collection[int]) -> list[DueRow]:
    """`heads`: people whose background query the county records."""
    return [
        DueRow(
            one, _label(one), STATE_OF[one.span], _says(one, today),
            "" if one.kind == "background" and one.person.pk in heads else _form_of(one),
        )
        for one in rows
    ]  # fmt: skip


def _label(one: Due) -> str:
    if one.kind == "certificate" and one.detail:
        kind, _, stage = one.detail.partition(" ")
        return str(Certificate(kind=kind, stage=stage))
    return REMINDED_LABELS[one.kind]


def _says(one: Due, today: dt.date) -> str:
    if one.span is Span.UNFILED:
        return "没有登记备案日期"
    if one.until is None:
        return "没有登记有效的，不算持证" if one.kind == "certificate" else "没有登记过"
    if one.kind == "health" and one.detail:
        return f"最近一次检查{HealthCheck.Result(one.detail).label}"
    days = (one.until - today).days
    left = f"还剩{days}天" if days > 0 else f"过了{-days}天" if days else "今天到期"
    return f"{zhdate(one.until)}，{left}"


def _form_of(one: Due) -> str:
    if one.span is Span.UNFILED:
        return reverse("contract-file", args=[int(one.detail)])
    if one.kind == "certificate":
        kind, _, stage = one.detail.partition(" ")
        if not kind:
            return reverse("certificate-new", args=[one.person.pk])
        asked = urlencode({"kind": kind, "stage": stage})
        return f"{reverse('certificate-new', args=[one.person.pk])}?{asked}"
    return reverse("paper-new", args=[one.person.pk, one.kind])


@dataclass(frozen=True)
class DueSum:
    """One kind's line of the counts: (span, its label, how many) for each span."""

    kind: str
    label: str
    spans: list[tuple[str, str, int]]

    @property
    def all(self) -> int:
        return sum(number for *_, number in self.spans)

    @property
    def words(self) -> str:
        """已过期2，缺3: those that there are."""
        return "，".join(f"{label}{number}" for _, label, number in self.spans if number)


def due_sums(counts: Mapping[str, Mapping[Span, int]]) -> list[DueSum]:
    return [
        DueSum(
            kind, REMINDED_LABELS[kind],
            [(span.value, label, counts[kind][span]) for span, label in SPAN_LABELS.items()],
        )
        for kind in REMINDED_LABELS
    ]  # fmt: skip
