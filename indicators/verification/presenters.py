"""Runs and what they found, in words an officer reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse

from accounts.formatting import zhdatetime, zhmonth
from indicators.models import FigureDrift, KindergartenFacts, RecomputeRun, RegionFacts

POPULATION = ("resident_population_3_5", "registered_population_3_5", "population_date")
COVERAGE = ("expected", "filed", "accepted")


# The Chinese name of every stored sum, and of frozen facts where regions have no such sum.
NAMES = {
    field.name: str(field.verbose_name)
    for model in (KindergartenFacts, RegionFacts)
    for field in model._meta.concrete_fields
}


def told(differences: Mapping[str, Sequence[object]]) -> str:
    """在园幼儿：存着5，重算6；…… An empty side is a row or number that is not there."""
    return "；".join(
        f"{NAMES.get(name, name)}：存着{_said(stored)}，重算{_said(fresh)}"
        for name, (stored, fresh) in differences.items()
    )


def _said(value: object) -> str:
    return "空" if value is None else str(value)


def drift_line(drift: FigureDrift) -> str:
    """One difference on one line of a terminal."""
    place = f"{drift.region.code} {drift.region}"
    if drift.kindergarten is not None:
        place += f" {drift.kindergarten}"
    ending = drift.get_ending_display() or "待处理"
    return f"{place} {drift.month:%Y-%m} {drift.get_kind_display()}（{ending}）：{told(drift.differences)}"


def why(drift: FigureDrift) -> str:
    """What most likely moved, by which sums differ: where to look before anything is repaired."""
    if drift.kind == FigureDrift.Kind.FROZEN:
        return (
            "接收时冻结的数和月报里的不一样，只可能是绕过系统改了数据库。请审计管理员先查改动记录。"
        )
    if drift.kind == FigureDrift.Kind.EXTRA:
        return "这个地区这个月不该有数，多半是报送期或区划停用以后留下的。"
    if drift.kind == FigureDrift.Kind.MISSING:
        return "这个地区这个月应当有数而没有，多半是报送期或区划后来补登的。"
    changed = set(drift.differences)
    if changed <= set(POPULATION):
        return "月份锁定以后登记或更正过3–5岁人口，毛入园率会变。"
    if changed <= {*POPULATION, *COVERAGE} | {n for n in changed if n.startswith("pending_")}:
        return "月份锁定以后更正过办园状态或补收过月报，应报园数会变。"
    return "月份锁定以后冻结的数改动过，或者存着的数被直接改过。请先查改动记录。"


@dataclass(frozen=True)
class ShownRun:
    """The context of templates/_components/job.html."""

    key: str
    title: str
    state: str
    meta: str
    done: int
    total: int
    poll_url: str


def run_shown(run: RecomputeRun, *, polls: bool) -> ShownRun:
    going = run.state == RecomputeRun.State.RUNNING
    return ShownRun(
        key=f"run-{run.pk}",
        title=f"{run.get_purpose_display()}：{run.region or '全部地区'}，{span(run)}",
        state=run.state,
        meta=_what_came(run),
        done=run.done,
        total=len(run.months),
        poll_url=reverse("figure-run-progress", args=[run.pk]) if polls and going else "",
    )


def _what_came(run: RecomputeRun) -> str:
    if run.state == RecomputeRun.State.RUNNING:
        return f"{zhdatetime(run.began_at)}开始，已核验{run.done}个月，共{len(run.months)}个月。"
    if run.state == RecomputeRun.State.FAILED:
        return f"做到第{run.done}个月停下了。{run.error}再点一次“现在核验”会接着做。"
    found = f"发现{run.drifted}行有差异" if run.drifted else "全部一致"
    return f"{zhdatetime(run.finished_at)}完成，{found}。"


def span(run: RecomputeRun) -> str:
    """2025年9月至2026年10月；one month alone by itself."""
    if not run.months:
        return "没有月份"
    first, last = run.months[0], run.months[-1]
    return zhmonth(first) if first == last else f"{zhmonth(first)}至{zhmonth(last)}"


@dataclass(frozen=True)
class RunRow:
    run: RecomputeRun
    span: str
    took: str
    asked_by: str
    came: str


def run_row(run: RecomputeRun) -> RunRow:
    post = run.asked_as
    return RunRow(
        run=run,
        span=span(run),
        took=_took(run),
        asked_by=f"{post.organisation} {post.user}" if post else "系统",
        came=run.error or _counted(run),
    )


def _counted(run: RecomputeRun) -> str:
    if run.purpose == RecomputeRun.Purpose.VERIFICATION:
        return f"{run.drifted}行有差异" if run.drifted else "一致"
    return f"{run.rows}行有变化" if run.rows else "没有变化"


def _took(run: RecomputeRun) -> str:
    if run.finished_at is None:
        return ""
    seconds = round((run.finished_at - run.began_at).total_seconds())
    return f"{seconds}秒" if seconds else "不到1秒"


@dataclass(frozen=True)
class DriftRow:
    drift: FigureDrift
    place: str
    told: str
    why: str
    next_step: str


def drift_shown(drift: FigureDrift) -> DriftRow:
    return DriftRow(
        drift=drift,
        place=_place(drift),
        told=told(drift.differences),
        why=why(drift),
        next_step=_next_step(drift),
    )


def _place(drift: FigureDrift) -> str:
    county = drift.region.county
    place = f"{county.name if county else ''}{drift.region.name}"
    return place if drift.kindergarten is None else f"{place}，{drift.kindergarten.name}"


def _next_step(drift: FigureDrift) -> str:
    if drift.kind == FigureDrift.Kind.FROZEN:
        return "查清后重算：先按月报改回冻结的数，再重算各项指标。"
    return "查清后重算；已经公布的，同时出更正。"
