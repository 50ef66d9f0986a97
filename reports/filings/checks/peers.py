"""This kindergarten against those of its type in the county: median and MAD of last month.

Outside is further from the median than a number of MADs (median absolute deviations), which a few
odd kindergartens cannot stretch as they stretch a mean and its deviation. All comparisons are of
whole hundredths, so that the page's script and the server cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from reports.filings.checks.catalogue import Finding, answers, catalogue, found_by
from reports.filings.checks.rows import Known, Peers, Review

HUNDREDTHS = Decimal(100)
CODES = ("peer_staff", "peer_class_size", "peer_change")


def among_peers(code: str, peers: int, median: Decimal, mad: Decimal) -> Peers | None:
    """The bounds of one figure; None with too few kindergartens to tell what is usual."""
    wanted = catalogue()[code].thresholds
    if peers < wanted["peers"]:
        return None
    spread = max(mad, wanted["least_hundredths"] / HUNDREDTHS) * wanted["mads"]

    def hundredths(value: Decimal, rounding: str) -> int:
        return int((value * HUNDREDTHS).to_integral_value(rounding=rounding))

    return Peers(
        peers,
        hundredths(median, ROUND_HALF_UP),
        hundredths(median - spread, ROUND_FLOOR),
        hundredths(median + spread, ROUND_CEILING),
    )


@answers(*CODES)
def unlike_peers(found: Review, known: Known) -> Iterator[Finding]:
    """Children per member of staff, per class, and the change since last month in percent."""
    children = found.enrolled_children
    if not children:
        return
    classes = sum(not row.is_nursery for row in found.classes)
    before = sum(row.children for row in known.last.values() if row.grade != "nursery")
    figures: dict[str, tuple[int, int]] = {
        "peer_staff": (children, found.people or 0),
        "peer_class_size": (children, classes),
    }
    # Theirs is the change of one month: what changed in several is not held against it.
    if known.follows_last:
        figures["peer_change"] = ((children - before) * 100, before)
    for code, (over, under) in figures.items():
        peers = known.peers.get(code)
        if peers is None or not under:
            continue
        if peers.low * under <= over * 100 <= peers.high * under:
            continue
        yield found_by(
            code,
            value=in_tenths(over, under),
            peers=peers.peers,
            median=in_tenths(peers.median, 100),
            low=in_tenths(peers.low, 100),
            high=in_tenths(peers.high, 100),
        )


def in_tenths(over: int, under: int) -> str:
    """A quotient with one decimal, rounded half away from zero; `under` is above 0."""
    tenths = (abs(over) * 20 + under) // (under * 2)
    sign = "−" if over < 0 and tenths else ""
    return f"{sign}{tenths // 10}.{tenths % 10}"
