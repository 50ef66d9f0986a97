"""What the pages of projects and estates show: each with its state on a day, and the sums."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch

from accounts.models import Region, User
from kindergartens.models import (
    ConstructionPlan,
    ConstructionProject,
    EstateOperator,
    EstateProblem,
    EstateProject,
    EstateRule,
    EstateStep,
    ProjectStage,
)
from kindergartens.models.demand import nearest
from kindergartens.projects import rules
from kindergartens.projects.rules import Norm, Progress, ProjectNumbers, ProjectSum

# So many counties are named; of more, the first ones and their number.
NAMED_COUNTIES = 3
STAGES = tuple(ProjectStage.Stage.values)


@dataclass(frozen=True)
class ProjectRow:
    project: ConstructionProject
    paid: Decimal | None
    progress: Progress
    stages: Mapping[str, ProjectStage]

    @property
    def numbers(self) -> ProjectNumbers:
        return ProjectNumbers(
            self.project.seats_planned,
            self.project.seats_delivered,
            self.project.money_planned_yuan,
            self.paid,
        )


@dataclass(frozen=True)
class PlanSum:
    """What a document promised beside what its projects planned and reached.

    `why_no_share` says whose projects these are where they are not all of the plan's area; then
    there is no share of the plan.
    """

    plan: ConstructionPlan
    sum: ProjectSum
    open: ProjectSum
    why_no_share: str = ""

    @property
    def open_seats(self) -> int:
        """Places that projects not yet handed over are to bring."""
        return self.open.seats_planned

    @property
    def kindergartens_share(self) -> Decimal | None:
        return self._share(self.sum.delivered, self.plan.kindergartens)

    @property
    def seats_share(self) -> Decimal | None:
        return self._share(self.sum.seats_delivered, self.plan.seats)

    @property
    def money_share(self) -> Decimal | None:
        return self._share(self.sum.money_paid, self.plan.money_yuan)

    def _share(
        self, reached: int | Decimal | None, planned: int | Decimal | None
    ) -> Decimal | None:
        return None if self.why_no_share else rules.share_of_plan(reached, planned)


def projects_in(user: User, region: Region) -> Any:
    """Projects of a region the person may see, with all that a row shows."""
    places = Region.objects.within(region).values("pk")
    rows = ConstructionProject.objects.visible_to(user).select_related(
        "county", "town", "kindergarten", "plan__region"
    )
    if region.level == Region.Level.TOWN:
        rows = rows.filter(town=region)
    else:
        rows = rows.filter(county__in=places)
    return rows.prefetch_related("stages", "payments").order_by("county__code", "name")


def project_row(project: ConstructionProject, today: dt.date) -> ProjectRow:
    stages = {row.stage: row for row in project.stages.all()}
    payments = [payment.yuan for payment in project.payments.all()]
    return ProjectRow(
        project=project,
        paid=sum(payments, Decimal(0)) if payments else None,
        progress=rules.progress(
            (rules.Stage(row.stage, row.due_on, row.done_on) for row in stages.values()),
            STAGES,
            today,
        ),
        stages=stages,
    )


def plan_sums(user: User, region: Region, rows: Sequence[ProjectRow]) -> list[PlanSum]:
    """Plans that hold in the region or below it, each with the sums of its projects among rows.

    A plan of a city stands beside the projects of all its counties that work with the portal and
    that the person sees; where that is not the whole city, it says so and gives no share.
    """
    plans: Any = ConstructionPlan.objects.visible_to(user).select_related("region")
    inside = Region.objects.within(region).values_list("pk", flat=True)
    above = [region.pk, region.county_id, region.city_id, region.province_id]
    within = set(inside) | set(above)
    covers = _Covers(region)
    found = []
    for plan in plans.order_by("region__code", "code"):
        if plan.region_id is None or plan.region_id in within:
            own = [row for row in rows if row.project.plan_id == plan.pk]
            left = [row for row in own if row.project.delivered_on is None]
            found.append(PlanSum(plan, _sum(own), _sum(left), covers.why_no_share(plan.region)))
    return found


class _Covers:
    """Which counties of a plan's area the rows of a region are from; one query."""

    def __init__(self, region: Region) -> None:
        self.region = region
        counties = Region.objects.filter(
            level=Region.Level.COUNTY, province=region.province_id or region.pk, valid_to=None
        )
        self.counties = list(counties.order_by("code"))

    def why_no_share(self, area: Region | None) -> str:
        """ "" where the sums may be set against the plan."""
        if area is None:
            return f"规划数为全国，这里只有{self.region.name}的项目。"
        if area.level == Region.Level.TOWN:
            inside = self.region.contains(area)
            return "" if inside else f"规划数为{area.name}一个乡镇街道。"
        in_area = [one for one in self.counties if area.contains(one)]
        whole = f"规划数为{'全市' if area.name.endswith('市') else f'{area.name}全部'}"
        active = [one for one in in_area if one.is_active]
        cover = rules.plan_cover(
            {one.pk for one in in_area},
            {one.pk for one in active},
            {one.pk for one in self.counties if self.region.contains(one)},
        )
        if cover == rules.PlanCover.WHOLE:
            return ""
        if cover == rules.PlanCover.PART:
            return f"这里只有{self.region.name}的项目，{whole}。"
        names = "、".join(one.name for one in active[:NAMED_COUNTIES])
        if len(active) > NAMED_COUNTIES:
            names += f"等{len(active)}个县区"
        return f"本平台只有{names}，{whole}。"


def _sum(rows: Sequence[ProjectRow]) -> ProjectSum:
    return rules.sum_projects(row.numbers for row in rows)


# ---- estates --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class EstateRow:
    """One estate with how it is run on the day, what is open, and what the norm calls for."""

    estate: EstateProject
    steps: Mapping[str, EstateStep]
    operator: EstateOperator | None
    waiting: EstateOperator | None
    problems: Sequence[EstateProblem]
    called_for: int | None
    norm: EstateRule | None

    @property
    def is_inclusive(self) -> bool | None:
        """Run as public or 普惠; None while nobody runs it."""
        if self.operator is None:
            return None
        return self.operator.run_as in ("public", "inclusive_private")

    @property
    def five(self) -> list[tuple[str, str]]:
        """The five 同步 in order, each with its state or ""."""
        return [
            (label, self.steps[code].state if code in self.steps else "")
            for code, label in EstateStep.Step.choices
        ]

    @property
    def is_wrong(self) -> bool:
        return bool(self.problems or self.findings)

    @property
    def findings(self) -> list[str]:
        """What the data itself shows to be wrong (Art 26), besides the problems people entered."""
        found = []
        if self.called_for and not self.estate.required:
            found.append(f"按{self.norm.basis if self.norm else '规划指标'}应配{self.called_for}所")
        if self.is_inclusive is False and self.operator is not None:
            found.append(f"办成{self.operator.get_run_as_display()}，不是普惠性幼儿园")
        if self.estate.handed_over_on and self.operator is None and self.waiting is None:
            found.append("已移交，还没有定办园性质")
        return found


@dataclass(frozen=True)
class EstateSums:
    """The foot line of the official list."""

    required: int
    have: int
    public: int
    inclusive_private: int
    other: int
    handed_over: int
    with_problems: int


def estates_in(user: User, region: Region) -> Any:
    rows = EstateProject.objects.visible_to(user).select_related(
        "county", "town", "kindergarten__organisation"
    )
    if region.level == Region.Level.TOWN:
        rows = rows.filter(town=region)
    else:
        rows = rows.filter(county__in=Region.objects.within(region).values("pk"))
    return rows.prefetch_related(
        "steps",
        "problems",
        Prefetch("operators", EstateOperator.objects.visible_to(user).order_by("-valid_from")),
    ).order_by("town__code", "name")


class EstateNorms:
    """Norms in force on a day, read once; for each county the nearest document's."""

    def __init__(self, day: dt.date) -> None:
        self._rules: list[Any] = list(EstateRule.objects.in_force(day).select_related("region"))

    def of(self, county: Region) -> EstateRule | None:
        own = nearest(self._rules, county, lambda rule: rule.code)
        return next((rule for rule in own.values() if rule.residents_min or rule.homes_min), None)

    def share_rule(self, county: Region) -> EstateRule | None:
        own = nearest(self._rules, county, lambda rule: rule.code)
        return next((r for r in own.values() if r.town_public_share_min is not None), None)


def estate_row(estate: EstateProject, norms: EstateNorms, day: dt.date) -> EstateRow:
    operators = list(estate.operators.all())
    settled = [
        one for one in operators if one.state in ("approved", "found") and one.valid_from <= day
    ]
    norm = norms.of(estate.county)
    called_for = None
    if norm is not None:
        called_for = rules.kindergartens_called_for(
            estate.residents,
            estate.homes,
            Norm(norm.residents_min, norm.residents_max, norm.homes_min, norm.homes_max),
        )
    return EstateRow(
        estate=estate,
        steps={step.step: step for step in estate.steps.all()},
        operator=max(settled, key=lambda one: one.valid_from, default=None),
        waiting=next((one for one in operators if one.state == "waiting"), None),
        problems=[one for one in estate.problems.all() if one.resolved_on is None],
        called_for=called_for,
        norm=norm,
    )


def estate_sums(rows: Sequence[EstateRow]) -> EstateSums:
    def run_as(code: str) -> int:
        return sum(1 for row in rows if row.operator is not None and row.operator.run_as == code)

    return EstateSums(
        required=sum(1 for row in rows if row.estate.required),
        have=sum(1 for row in rows if row.operator is not None or row.estate.opened_in),
        public=run_as("public"),
        inclusive_private=run_as("inclusive_private"),
        other=run_as("non_inclusive_private") + run_as("other_use"),
        handed_over=sum(1 for row in rows if row.estate.handed_over_on),
        with_problems=sum(1 for row in rows if row.is_wrong),
    )
