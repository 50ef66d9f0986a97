"""A month of the free year in words, the same on the pages of a kindergarten and of a region."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.formatting import quantity
from fees.free_year.policies import asked_too_much
from fees.free_year.rules import WORDS, Standing, Unknown, Waiver
from fees.free_year.selectors import FreeMonth
from fees.free_year.stamps import figures_stamp


@dataclass(frozen=True)
class Line:
    """`why` says why there is no sum, `state` the tag of the claim, `moved` what changed since.

    `doubt` is what does not fit the policy though it adds up, `doubt_in_short` the same in a list.
    """

    one: FreeMonth
    why: str
    state: str
    moved: str
    doubt: str
    doubt_in_short: str

    @property
    def is_unknown(self) -> bool:
        return isinstance(self.one.result, Unknown)

    @property
    def key(self) -> str:
        """Names the claim with what is computed for it on the page."""
        claim = self.one.claim
        return f"{claim.pk}:{figures_stamp(self.one)}" if claim is not None else ""

    @property
    def is_plain(self) -> bool:
        """Filed, and with the very figures that are computed today: nothing to look into."""
        return self.state == "claim_filed" and not self.one.differs and not self.one.over_asked


def line(one: FreeMonth) -> Line:
    doubts = _doubts(one)
    return Line(
        one=one,
        why="" if isinstance(one.result, Waiver) else WORDS[one.result],
        state="claim_unfiled" if one.claim is None else f"claim_{one.claim.state}",
        moved=moved(one),
        doubt="；".join(doubts.values()),
        doubt_in_short="；".join(doubts),
    )


def _doubts(one: FreeMonth) -> dict[str, str]:
    """In short and in full: public ones are to charge nothing, others the rest (国办发〔2025〕27号)."""
    waiver, said = one.waiver, dict[str, str]()
    if waiver is None:
        return said
    if one.facts.standing == Standing.PUBLIC and waiver.parents_pay:
        said["公办园应全免"] = "公办园应全免，本园收费比登记的公办园标准高，请核对"
    if waiver.charged is not None and waiver.charged > waiver.parents_pay:
        said["大班标准没有降"] = (
            f"收费标准里大班仍是{quantity(waiver.charged)}元/月，减免后应交"
            f"{quantity(waiver.parents_pay)}元，请登记减免后的标准"
        )
    if one.over_asked:
        said["大班实收多于应交"] = asked_too_much(one)
    return said


def moved(one: FreeMonth) -> str:
    """What differs since it was approved, else filed, and what that comes to (多退少补)."""
    claim, more = one.claim, one.difference
    if claim is None or not one.differs:
        return ""
    settled = "核定" if claim.approved is not None else "申报"
    if one.figures is None or more is None:
        return f"{settled}以后月报或标准变了，现在算不出来。"
    children, waived, version = one.figures
    said = []
    if claim.rests_on is None:
        said.append("核定时算不出来，现在算得出来了")
    else:
        were, each, rested_on = claim.rests_on
        if version != rested_on:
            said.append(f"月报更正到第{version}版（{settled}按第{rested_on}版）")
        if children != were:
            said.append(f"幼儿由{were}人变为{children}人")
        if waived != each:
            said.append(f"每生减免由{quantity(each)}元变为{quantity(waived)}元")
    if more > 0:
        sum_ = f"比{settled}的多{quantity(more)}元，应补"
    elif more < 0:
        sum_ = f"比{settled}的少{quantity(-more)}元，应退"
    else:
        sum_ = f"和{settled}的金额一样"
    return f"{'，'.join(said)}，{sum_}。"
