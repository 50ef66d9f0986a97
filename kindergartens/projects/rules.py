"""Building projects against their plan, and the rules of estate kindergartens. Plain Python.

Sources: 包头市“十四五”任务清单 2 (29 kindergartens, 8,500 places, 588 million yuan); 学前教育法 Art 26
(五同步, handed over, used for 普惠); 阿勒泰地区 (5,000-12,000 residents or 1,500-4,000 homes call for one
kindergarten); 武清区两年攻坚方案 二（三）3 (town's public share below 50 %).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from itertools import pairwise


@dataclass(frozen=True)
class Stage:
    code: str
    due_on: dt.date | None = None
    done_on: dt.date | None = None

    def days_late(self, today: dt.date) -> int:
        """Calendar days past its day: until today while it is open, until it was done after."""
        if self.due_on is None:
            return 0
        return max(0, ((self.done_on or today) - self.due_on).days)


@dataclass(frozen=True)
class Progress:
    """Where a project stands: stages done of all, the next one, those open past their day."""

    done: int
    of: int
    next: Stage | None
    late: tuple[Stage, ...]
    days_late: int


def progress(stages: Iterable[Stage], order: Sequence[str], today: dt.date) -> Progress:
    """`order` names all stages; one without a row has no day yet and is open."""
    known = {stage.code: stage for stage in stages}
    every = [known.get(code, Stage(code)) for code in order]
    left = [stage for stage in every if stage.done_on is None]
    late = tuple(stage for stage in left if stage.days_late(today))
    return Progress(
        done=len(every) - len(left),
        of=len(every),
        next=left[0] if left else None,
        late=late,
        days_late=max((stage.days_late(today) for stage in late), default=0),
    )


def out_of_order(
    done: Mapping[str, dt.date | None], order: Sequence[str]
) -> tuple[str, str] | None:
    """(earlier, later) codes of two done stages whose days run backwards; None when they do not."""
    days = [(code, day) for code in order if (day := done.get(code)) is not None]
    for (earlier, first), (later, second) in pairwise(days):
        if second < first:
            return earlier, later
    return None


@dataclass(frozen=True)
class ProjectNumbers:
    """One project as it counts in sums; None where nobody has said it."""

    seats_planned: int | None
    seats_delivered: int | None
    money_planned: Decimal | None
    money_paid: Decimal | None


@dataclass(frozen=True)
class ProjectSum:
    """Sums over projects. `without_seats` and `without_money` say how many name none;
    `money_paid` is None while no payment of any of them is registered.
    """

    projects: int
    delivered: int
    seats_planned: int
    seats_delivered: int
    money_planned: Decimal
    money_paid: Decimal | None
    without_seats: int
    without_money: int


def sum_projects(projects: Iterable[ProjectNumbers]) -> ProjectSum:
    found = list(projects)
    paid = [one.money_paid for one in found if one.money_paid is not None]
    return ProjectSum(
        projects=len(found),
        delivered=sum(1 for one in found if one.seats_delivered is not None),
        seats_planned=sum(one.seats_planned or 0 for one in found),
        seats_delivered=sum(one.seats_delivered or 0 for one in found),
        money_planned=sum((one.money_planned or Decimal(0) for one in found), Decimal(0)),
        money_paid=sum(paid, Decimal(0)) if paid else None,
        without_seats=sum(1 for one in found if one.seats_planned is None),
        without_money=sum(1 for one in found if one.money_planned is None),
    )


def share_of_plan(reached: int | Decimal | None, planned: int | Decimal | None) -> Decimal | None:
    """Reached ÷ planned as a fraction, not cut at one; None where either is not known."""
    if reached is None or not planned:
        return None
    return Decimal(reached) / Decimal(planned)


class PlanCover(StrEnum):
    """How much of a plan's area the projects that are shown with it come from."""

    WHOLE = "whole"
    # Every county that works with the portal is there, and others of the area do not.
    PORTAL = "portal"
    # The sums are of a part of what is on the portal.
    PART = "part"


def plan_cover(
    area: Collection[int] | None, on_portal: Collection[int], shown: Collection[int]
) -> PlanCover:
    """Whether sums over the counties `shown` may be set against a plan for the counties of `area`.

    `area` is None for a plan of the whole country. Only WHOLE allows a share of the plan: a part's
    projects over the whole's plan read as a shortfall that nobody has measured.
    """
    if area is None:
        return PlanCover.PART
    if set(area) <= set(on_portal) & set(shown):
        return PlanCover.WHOLE
    filing = set(area) & set(on_portal)
    return PlanCover.PORTAL if filing and filing <= set(shown) else PlanCover.PART


# ---- estates --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Norm:
    """So many residents, or homes, call for one kindergarten."""

    residents_min: int | None = None
    residents_max: int | None = None
    homes_min: int | None = None
    homes_max: int | None = None


def kindergartens_called_for(residents: int | None, homes: int | None, norm: Norm) -> int | None:
    """How many an estate calls for: none below the lower number, one up to the upper, one more for
    each further full or begun upper number. By residents or homes, whichever asks for more; None
    where neither is known.
    """
    pairs = (
        (residents, norm.residents_min, norm.residents_max),
        (homes, norm.homes_min, norm.homes_max),
    )
    asked = [
        0 if size < least else math.ceil(size / most)
        for size, least, most in pairs
        if size is not None and least and most
    ]
    return max(asked) if asked else None


class RunAs(StrEnum):
    PUBLIC = "public"
    INCLUSIVE_PRIVATE = "inclusive_private"
    NON_INCLUSIVE_PRIVATE = "non_inclusive_private"
    OTHER_USE = "other_use"


@dataclass(frozen=True)
class TownShare:
    """A town's share of children in public kindergartens (公办园在园幼儿占比), unrounded.

    `value` is None where it cannot be computed, and `reason` says why.
    """

    value: Decimal | None
    numerator: int | None = None
    denominator: int | None = None
    month: dt.date | None = None
    reason: str = ""


@dataclass(frozen=True)
class OperatorRule:
    """In force from a day: newly handed-over ones need so large a public share of the town."""

    town_public_share_min: Decimal
    valid_from: dt.date | None
    basis: str


def is_new(handed_over_on: dt.date | None, rule: OperatorRule) -> bool:
    """新移交的: not handed over yet, or not before the rule."""
    return handed_over_on is None or rule.valid_from is None or handed_over_on >= rule.valid_from


def why_not_run_so(
    run_as: str,
    *,
    town: str,
    handed_over_on: dt.date | None,
    rule: OperatorRule | None,
    share: TownShare | None,
) -> str:
    """Why an estate kindergarten may not be run so, with the figures and what to do; "" if it may.

    The share is compared unrounded. Without a computable share a rule that needs it refuses.
    """
    if run_as in (RunAs.NON_INCLUSIVE_PRIVATE, RunAs.OTHER_USE):
        return (
            "小区配套幼儿园移交后只能用于举办普惠性幼儿园（学前教育法第二十六条）。"
            "请选择公办或普惠性民办。"
        )
    if run_as != RunAs.INCLUSIVE_PRIVATE or rule is None or not is_new(handed_over_on, rule):
        return ""
    least = _percent(rule.town_public_share_min)
    if share is None or share.value is None:
        reason = share.reason if share and share.reason else "没有已接收齐的月报"
        return (
            f"{town}的公办园在园幼儿占比现在无法计算（{reason}），不能判断是否达到{least}%，"
            f"按{rule.basis}先不能办成普惠性民办园。请等{town}的月报接收齐后再提出，或举办为公办园。"
        )
    if share.value >= rule.town_public_share_min:
        return ""
    month = f"{share.month.year}年{share.month.month}月" if share.month else ""
    return (
        f"{town}{month}公办园在园幼儿占比{_below(share.value, rule.town_public_share_min)}%"
        f"（{share.numerator or 0:,}÷{share.denominator or 0:,}），不足{least}%。按{rule.basis}，"
        "新移交的小区配套幼儿园不得办成普惠性民办园。请举办为公办园，或采取公办托管、公办民助、"
        "集团办园。"
    )


def _percent(fraction: Decimal) -> str:
    shown = (fraction * 100).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return f"{shown:f}".rstrip("0").rstrip(".")


def _below(fraction: Decimal, least: Decimal) -> str:
    """Rounded for reading, with more places where rounding would make it look met."""
    for places in range(2, 8):
        shown = (fraction * 100).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
        if shown < least * 100:
            return f"{shown:f}"
    return f"{fraction * 100:f}"
