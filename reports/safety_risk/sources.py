"""Where open matters of safety come from: each source tells facts by kindergarten.

Every source asks a constant number of queries, whatever the number of kindergartens in hand, reads
rows of these only, and leads to the page that shows the row.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.urls import reverse

from accounts.access.permissions import Permission
from accounts.formatting import zhdate
from accounts.models import Region, User
from kindergartens.models import FireAcceptance, Kindergarten, Site
from reports.safety_risk.rules import Fact
from safety.buses.presenters import words
from safety.buses.selectors import buses_in, buses_of
from safety.hazards.rules import MAJOR, WITHDRAWN, is_overdue
from safety.measures.rules import Why, by_evidence
from safety.measures.selectors import MeasureLists, answers_with_host, evidence_of
from safety.models import Hazard, IncidentCase, SafetyMeasure
from safety.patrols.rules import month_after
from safety.patrols.selectors import findings_within, start_of
from safety.patrols.selectors import seen as cameras_seen
from safety.selfchecks.rules import FIELDS as SELF_CHECKED
from safety.selfchecks.rules import FREQUENCIES, Slot
from safety.selfchecks.selectors import places
from safety.upkeep.rules import LACKS, Lack
from safety.upkeep.selectors import place_of
from safety.upkeep.selectors import places as upkeep_places
from staffing.papers.selectors import DueFilter, due

DUE_WITHIN = dt.timedelta(days=60)
PATROLS_OF = SELF_CHECKS_OF = dt.timedelta(days=30)
INCIDENTS_OF = dt.timedelta(days=365)
# The fields of hazards, of self-checks and the spots of cameras under those of the risk picture.
FIELDS = {
    "fire": "fire",
    "premises": "premises",
    "food": "food",
    "laboratory": "premises",
    "traffic": "bus",
    "crowding": "care",
    "equipment": "premises",
    "utilities": "premises",
    "gate": "gate",
    "technical": "gate",
    "handover": "care",
    "nap": "care",
    "health": "health",
    "bus": "bus",
}
# What a patrol found, by field; what is not here lies under care.
FOUND = {"guard_absent": "gate", "stranger_inside": "gate", "gate_open": "gate",
         "exit_blocked": "fire", "open_fire": "fire", "kitchen": "food", "clutter": "fire",
         "other": "other"}  # fmt: skip
# An incident's kind, by field; what is not here lies under care.
HAPPENED = {"food": "food", "infection": "health", "fire": "fire", "premises": "premises",
            "traffic": "bus", "intrusion": "gate", "nature": "premises", "other": "other"}  # fmt: skip
# Why a measure has nothing that shows it.
LACKING: dict[Why | None, str] = {
    Why.NOTHING: "没有佐证", Why.EXPIRED: "佐证已过期", Why.ENDED: "佐证不再算数",
    Why.RETURNED: "佐证被退回",
}  # fmt: skip
# What is lacking of drills, insurance and kitchens, by factor and field; the rest is no risk of its own.
UPKEEP = {
    Lack.UNINSURED: ("uninsured", "other"),
    Lack.INSURED_TOO_FEW: ("uninsured", "other"),
    Lack.UNLICENSED_KITCHEN: ("kitchen_unlicensed", "food"),
    Lack.DRILL_MISSED: ("drill_missed", "fire"),
    Lack.INSURANCE_ENDS: ("upkeep_due", "other"),
    Lack.KITCHEN_LICENCE_ENDS: ("upkeep_due", "food"),
}
Told = Iterator[tuple[int, Fact]]


@dataclass(frozen=True)
class InHand:
    """Of which kindergartens a person asks: all that run in a place, in one `town` of it, or `only` one.

    `kindergartens` are these, with region and organisation read. Sources read no others.
    """

    user: User
    home: Region
    kindergartens: Sequence[Kindergarten]
    town: Region | None = None
    only: Kindergarten | None = None

    @property
    def region(self) -> Region:
        return self.town or self.home

    @property
    def codes(self) -> dict[int, str]:
        return {one.pk: one.code for one in self.kindergartens}


def facts_of(hand: InHand, today: dt.date) -> dict[int, list[Fact]]:
    """By kindergarten in hand everything that may count."""
    found: dict[int, list[Fact]] = defaultdict(list)
    for source in SOURCES:
        for key, fact in source(hand, today):
            found[key].append(fact)
    return found


def _hazards(hand: InHand, today: dt.date) -> Told:
    """One query."""
    rows = Hazard.objects.visible_to(hand.user).open().filter(kindergarten__in=hand.kindergartens)
    for row in rows.order_by("found_on", "pk"):
        field, address = FIELDS.get(row.field, "other"), reverse("hazard", args=[row.number])
        what = f"{row.place}：{row.description}"
        major = row.grade == MAJOR
        yield (
            row.kindergarten_id,
            Fact("hazard_major" if major else "hazard_general", field, what, address),
        )
        if is_overdue(row.state, row.deadline, today):
            yield (
                row.kindergarten_id,
                Fact("hazard_overdue", field, f"{what}，期限{zhdate(row.deadline)}", address),
            )
        if row.stop_use:
            yield row.kindergarten_id, Fact("hazard_stop", field, what, address)


def _self_checks(hand: InHand, today: dt.date) -> Told:
    """Those whose period ended in the last SELF_CHECKS_OF days, by field and frequency.

    Not those of the running month: every kindergarten would be without fault on its first day. Four
    queries for each month that the days lie in.
    """
    first = today - SELF_CHECKS_OF
    overdue: dict[int, set[Slot]] = defaultdict(set)
    month = first.replace(day=1)
    while month <= today:
        for place in places(hand.user, hand.region, month, today, only=hand.only):
            overdue[place.kindergarten.pk] |= {slot for slot in place.overdue if slot.ends >= first}
        month = month_after(month)
    for key, code in hand.codes.items():
        address = reverse("kindergarten-self-checks", args=[code])
        kinds = Counter(slot.kind for slot in overdue.get(key, ()))
        for (field, frequency), times in sorted(kinds.items()):
            what = f"{SELF_CHECKED[field]}（{FREQUENCIES[frequency]}）{times}次"
            yield key, Fact("selfcheck_overdue", FIELDS.get(field, "other"), what, address, times)


def _incidents(hand: InHand, today: dt.date) -> Told:
    """Of the last twelve months; who may not read accounts learns how many. One query."""
    rows = (
        IncidentCase.objects.unscoped("of kindergartens seen: counts, where accounts are not read")
        .standing()
        .filter(
            kindergarten__in=hand.kindergartens, occurred_at__gte=start_of(today - INCIDENTS_OF)
        )
        .order_by("occurred_at", "pk")
    )
    if not hand.user.can(Permission.READ_INCIDENTS):
        for key, number in Counter(rows.values_list("kindergarten", flat=True)).items():
            yield key, Fact("incident", "other", f"{number}起", "", number)
        return
    for row in rows:
        address = reverse("incident", args=[row.number])
        what = f"{zhdate(row.occurred_at)}{row.get_kind_display()}"
        yield row.kindergarten_id, Fact("incident", HAPPENED.get(row.kind, "care"), what, address)


def _fire(hand: InHand, today: dt.date) -> Told:
    """Two queries: sites in use, and of each how its fire acceptance stands."""
    user, codes = hand.user, hand.codes
    sites = Site.objects.visible_to(user).on(today).filter(kindergarten__in=hand.kindergartens)
    newest = (
        FireAcceptance.objects.visible_to(user)
        .filter(site__in=sites, since__lte=today)
        .order_by("site_id", "-since", "-pk")
        .distinct("site_id")
    )
    states = {row.site_id: row for row in newest}
    for site in sites.order_by("kindergarten", "pk"):
        state = states.get(site.pk)
        address = reverse("kindergarten-premises", args=[codes[site.kindergarten_id]])
        if state is None:
            yield site.kindergarten_id, Fact("fire_unknown", "fire", str(site), address)
        elif state.state != FireAcceptance.State.PASSED:
            said = f"{site}：{state.get_state_display()}"
            if state.due_on:
                said += f"，办结期限{zhdate(state.due_on)}"
            yield site.kindergarten_id, Fact("fire_backlog", "fire", said, address)


def _licences(hand: InHand, today: dt.date) -> Told:
    """Of the rows in hand."""
    for one in hand.kindergartens:
        until = one.licence_until
        if until is not None and until <= today + DUE_WITHIN:
            factor = "licence_over" if until < today else "licence_due"
            address = reverse("kindergarten-detail", args=[one.code])
            yield one.pk, Fact(factor, "other", f"有效期到{zhdate(until)}", address)


def _health(hand: InHand, today: dt.date) -> Told:
    """Counts of people, never who. One query.

    Whether somebody was found unfit is not among them: not everybody reads it, and a kindergarten has
    the same points whoever looks.
    """
    if not hand.user.can(Permission.READ_STAFF):
        return
    codes = hand.codes
    asked = DueFilter(
        kind="health",
        kindergarten=hand.only.code if hand.only else "",
        region=hand.town.code if hand.town else "",
    )
    people: Counter[int] = Counter()
    for row in due(hand.user, asked, today):
        if row["until"] is None or row["until"] < today:
            people[row["kindergarten"]] += 1
    for key, number in people.items():
        if key in codes:
            address = f"{reverse('staff-due')}?kind=health&kindergarten={codes[key]}"
            yield key, Fact("health_over", "health", f"{number}人", address, number)


def _evidence(hand: InHand, today: dt.date) -> Told:
    """Of each measure of its place that goes by evidence, whether something confirmed shows it today.

    What nobody handed in counts as much as what ran out: else it would pay to hand in nothing. 附设幼儿班
    are in their host's line. Two queries.
    """
    mine = [one for one in hand.kindergartens if not answers_with_host(one)]
    lists, given = MeasureLists(today), evidence_of(hand.user, [one.pk for one in mine])
    for one in mine:
        address = reverse("kindergarten-safety-measures", args=[one.code])
        for measure in lists.in_region(one.organisation.region):
            if measure.judged_by != SafetyMeasure.JudgedBy.EVIDENCE:
                continue
            found = by_evidence(given.get((one.pk, measure.code), []), today)
            if not found.meets:
                waits = "，新的等核对" if found.waiting else ""
                what = f"{measure}：{LACKING[found.why]}{waits}"
                yield one.pk, Fact("evidence_lacking", "gate", what, address)
            elif found.until is not None and found.until <= today + DUE_WITHIN:
                what = f"{measure}，有效期到{zhdate(found.until)}"
                yield one.pk, Fact("evidence_due", "gate", what, address)


def _buses(hand: InHand, today: dt.date) -> Told:
    """One query."""
    codes = hand.codes
    buses = (
        buses_of(hand.user, hand.only, today)
        if hand.only
        else buses_in(hand.user, hand.region, today)
    )
    for bus in buses:
        code = codes.get(bus.row.kindergarten_id)
        for said, is_breach in words(bus) if code else ():
            factor = "bus_breach" if is_breach else "bus_due"
            address = reverse("kindergarten-buses", args=[code])
            yield bus.row.kindergarten_id, Fact(factor, "bus", f"{bus.row}：{said}", address)


def _upkeep(hand: InHand, today: dt.date) -> Told:
    """What the list of drills and insurance says is missing or ends soon. Seven queries."""
    codes = hand.codes
    found = (
        [place_of(hand.only, today)] if hand.only else upkeep_places(hand.user, hand.region, today)
    )
    for place in found:
        code = codes.get(place.kindergarten.pk)
        for lack in place.lacks if code else ():
            if lack in UPKEEP:
                factor, field = UPKEEP[lack]
                address = reverse("kindergarten-upkeep", args=[code])
                yield place.kindergarten.pk, Fact(factor, field, LACKS[lack], address)


def _patrols(hand: InHand, today: dt.date) -> Told:
    """Five queries. A finding that became a hazard is counted there."""
    codes = hand.codes
    cameras = cameras_seen(list(codes), today)
    for key, code in codes.items():
        address = reverse("kindergarten-cameras", args=[code])
        for device, span in cameras.spans_of(key):
            if span.is_open(today) and device.is_in_service(today):
                what = f"{device}离线{span.days(today)}天"
                yield key, Fact("camera_offline", "gate", what, address)
    for key, findings in findings_within(list(codes), today - PATROLS_OF, today).items():
        for one in findings:
            if one.hazard is not None and one.hazard.state != WITHDRAWN:
                continue
            factor = "patrol_grave" if one.severity == "grave" else "patrol_other"
            day = zhdate(one.look.patrol.patrolled_at, short=True)
            address = reverse("video-patrol", args=[one.look.patrol_id])
            what = f"{day}{one.get_kind_display()}"
            yield key, Fact(factor, FOUND.get(one.kind, "care"), what, address)


Source = Callable[[InHand, dt.date], Told]
SOURCES: tuple[Source, ...] = (
    _hazards,
    _self_checks,
    _incidents,
    _fire,
    _licences,
    _health,
    _evidence,
    _buses,
    _upkeep,
    _patrols,
)
