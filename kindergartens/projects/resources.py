"""Projects and estates as files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from accounts.exports import Cell, Table
from accounts.formatting import zhdate
from kindergartens.models import EstateStep, ProjectStage
from kindergartens.projects.selectors import EstateRow, ProjectRow


def projects_table(rows: Iterable[ProjectRow], *, place: str, day: dt.date) -> Table:
    heads = ["区县", "乡镇街道", "项目名称", "类别", "所属计划", "班数", "建筑面积（平方米）"]
    heads += ["计划学位", "交付学位", "交付日期", "计划投资（元）", "到账资金（元）"]
    for label in ProjectStage.Stage.labels:
        heads += [f"{label}（计划）", f"{label}（完成）"]
    heads += ["逾期天数"]
    return Table(
        name=f"{place}建设项目_{day:%Y%m%d}",
        heads=heads,
        rows=(_project_row(row) for row in rows),
        notes=[lambda count: f"共{count}个项目，逾期算到{zhdate(day)}。空格是没有登记，不是零。"],
    )


def _project_row(row: ProjectRow) -> list[Cell]:
    one = row.project
    cells: list[Cell] = [
        one.county.name,
        one.town.name if one.town else None,
        one.name,
        one.get_kind_display(),
        one.plan.name if one.plan else None,
        one.classes,
        one.floor_area_m2,
        one.seats_planned,
        one.seats_delivered,
        one.delivered_on,
        one.money_planned_yuan,
        row.paid,
    ]
    for code in ProjectStage.Stage.values:
        stage = row.stages.get(code)
        cells += [stage.due_on if stage else None, stage.done_on if stage else None]
    return [*cells, row.progress.days_late]


def estates_table(rows: Iterable[EstateRow], *, place: str, day: dt.date) -> Table:
    """Everything registered of each estate; the official list has fewer columns."""
    heads = ["区县", "乡镇街道", "小区名称", "小区地址", "建设单位", "户数", "规划人口"]
    heads += ["规划要求配建", "按指标应配（所）", "配套园名称"]
    for label in EstateStep.Step.labels:
        heads += [label, f"{label}日期"]
    heads += ["计划移交", "移交协议", "移交单", "移交日期", "移交给", "办园性质", "举办者"]
    heads += [
        "开园年份",
        "编制数",
        "在编教职工数",
        "建筑面积（平方米）",
        "保教费（元/月/生）",
        "问题",
    ]
    return Table(
        name=f"{place}小区配套园_{day:%Y%m%d}",
        heads=heads,
        rows=(_estate_row(row) for row in rows),
        notes=[lambda count: f"共{count}个小区，{zhdate(day)}的情况。空格是没有登记，不是零。"],
    )


def _estate_row(row: EstateRow) -> list[Cell]:
    one = row.estate
    cells: list[Cell] = [
        one.county.name,
        one.town.name,
        one.name,
        one.address or None,
        one.developer or None,
        one.homes,
        one.residents,
        "是" if one.required else "否",
        row.called_for,
        one.kindergarten_name or None,
    ]
    for code in EstateStep.Step.values:
        step = row.steps.get(code)
        cells += [step.get_state_display() if step else None, step.on if step else None]
    problems = [problem.text for problem in row.problems] + row.findings
    return [
        *cells,
        one.handover_due_on,
        one.agreement_on,
        one.slip_on,
        one.handed_over_on,
        one.handed_to or None,
        row.operator.get_run_as_display() if row.operator else None,
        (row.operator.operator or None) if row.operator else None,
        one.opened_in,
        one.post_quota,
        one.established_staff,
        one.floor_area_m2,
        one.care_fee_yuan,
        "；".join(problems) or None,
    ]
