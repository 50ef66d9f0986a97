"""Campaigns in words, the same on page and in a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from accounts.exports import Row as Cells
from accounts.exports import Table
from inspections.campaigns.selectors import Board
from inspections.models import Campaign, CampaignCheck, CampaignPart, CampaignPlace


@dataclass(frozen=True)
class PlaceRow:
    """A place with what each department found there, in the order of the departments."""

    place: CampaignPlace
    cells: list[tuple[CampaignPart, CampaignCheck | None, int]]

    @property
    def is_untouched(self) -> bool:
        return all(check is None for _, check, _ in self.cells)


def place_rows(found: Board) -> list[PlaceRow]:
    return [
        PlaceRow(
            place,
            [
                (part, check, len(found.hazards.get(check.pk, ())) if check else 0)
                for part, check in found.row(place)
            ],
        )
        for place in found.places
    ]


def state(campaign: Campaign, today: dt.date, *, is_issued: bool) -> str:
    if is_issued:
        return "已通报"
    if today < campaign.starts_on:
        return "没有开始"
    return "进行中" if today <= campaign.ends_on else "待通报"


def checks_table(found: Board, *, day: dt.date) -> Table:
    """A line for each place and department; not checked is empty, never 0."""
    return Table(
        name=f"{found.campaign.name}检查结果{day:%Y%m%d}",
        heads=[
            "乡镇街道", "幼儿园", "部门", "检查日期", "发现问题（个）", "当场整改（个）", "情况",
            "登记隐患（条）", "隐患编号",
        ],
        rows=_rows(found),
        notes=["空格是没有检查，不是零。"],
    )  # fmt: skip


def _rows(found: Board) -> Iterator[Cells]:
    for place in found.places:
        for part, check in found.row(place):
            hazards = found.hazards.get(check.pk, []) if check else []
            yield [
                place.kindergarten.organisation.region.name,
                place.kindergarten.name,
                part.department.name,
                check.checked_on if check else None,
                check.found if check else None,
                check.fixed if check else None,
                (check.note or None) if check else None,
                len(hazards) if check else None,
                "、".join(hazard.number for hazard in hazards) or None,
            ]
