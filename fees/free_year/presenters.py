"""A month of the free year in words, the same on the pages of a kindergarten and of a region."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.formatting import quantity
from fees.free_year.rules import WORDS, Standing, Unknown, Waiver
from fees.free_year.selectors import FreeMonth
from fees.free_year.stamps import claim_stamp


@dataclass(frozen=True)
class Line:
    """`why` says why there is no sum, `state` the tag of the claim, `moved` what changed since.

    `doubt` is what does not fit the policy though it adds up.
    """

    one: FreeMonth
    why: str
    state: str
    moved: str
    doubt: str

    @property
    def is_unknown(self) -> bool:
        return isinstance(self.one.result, Unknown)

    @property
    def key(self) -> str:
        """Names the claim as it stands on the page."""
        claim = self.one.claim
        return f"{claim.pk}:{claim_stamp(claim)}" if claim is not None else ""

    @property
    def is_plain(self) -> bool:
        """Filed, and with the very figures that are computed today: nothing to look into."""
        return self.state == "claim_filed" and not self.one.differs


def line(one: FreeMonth) -> Line:
    return Line(
        one=one,
        why="" if isinstance(one.result, Waiver) else WORDS[one.result],
        state="claim_unfiled" if one.claim is None else f"claim_{one.claim.state}",
        moved=moved(one),
        doubt=_doubt(one),
    )


def _doubt(one: FreeMonth) -> str:
    """Parents of a public kindergarten are to pay nothing (国办发〔2025〕27号)."""
    if one.facts.standing == Standing.PUBLIC and one.waiver is not None and one.waiver.parents_pay:
        return "公办园应全免，本园收费比登记的公办园标准高，请核对"
    return ""


def moved(one: FreeMonth) -> str:
    """What differs from the claim since it was filed, and what that comes to (多退少补)."""
    claim, more = one.claim, one.difference
    if claim is None or not one.differs:
        return ""
    if one.filing is None or more is None:
        return "申报以后月报或标准变了，现在算不出来。"
    said = []
    version = one.filing.accepted_version
    if version != claim.filing_version.version:
        said.append(f"月报更正到第{version}版（申报按第{claim.filing_version.version}版）")
    waiver = one.waiver
    if waiver is not None and waiver.children != claim.children:
        said.append(f"幼儿由{claim.children}人变为{waiver.children}人")
    if waiver is not None and waiver.waived != claim.waived:
        said.append(f"每生减免由{quantity(claim.waived)}元变为{quantity(waiver.waived)}元")
    settled = "核定" if claim.approved is not None else "申报"
    if more > 0:
        sum_ = f"比{settled}的多{quantity(more)}元，应补"
    elif more < 0:
        sum_ = f"比{settled}的少{quantity(-more)}元，应退"
    else:
        sum_ = f"和{settled}的金额一样"
    return f"{'，'.join(said) or '申报以后数字变了'}，{sum_}。"
