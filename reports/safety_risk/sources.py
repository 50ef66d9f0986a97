"""Where open matters of safety come from: each source tells facts by kindergarten.

Every source asks a constant number of queries, whatever the number of kindergartens in hand, and
leads to the page that shows the row.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

from django.db.models import Max
from django.urls import reverse

from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.formatting import zhdate
from accounts.models import User
from kindergartens.models import FireAcceptance, Kindergarten, Site
from reports.safety_risk.rules import Fact
from safety.buses.presenters import words
from safety.buses.selectors import buses_in
from safety.hazards.rules import MAJOR, is_overdue
from safety.measures.selectors import MeasureLists
from safety.models import Hazard, IncidentCase, MeasureEvidence
from safety.patrols.selectors import findings_within, start_of
from safety.patrols.selectors import seen as cameras_seen
from safety.selfchecks.rules import FIELDS as SELF_CHECKED
from safety.selfchecks.rules import FREQUENCIES
from safety.selfchecks.selectors import places
from staffing.papers.selectors import DueFilter, due

DUE_WITHIN = dt.timedelta(days=60)
PATROLS_OF = dt.timedelta(days=30)
INCIDENTS_OF = dt.timedelta(days=365)
IN_HAND = "of the kindergartens in hand"
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
Told = Iterator[tuple[int, Fact]]


def facts_of(
    user: User, kindergartens: Sequence[Kindergarten], today: dt.date
) -> dict[int, list[Fact]]:
    """By kindergarten in hand everything that may count."""
    found: dict[int, list[Fact]] = defaultdict(list)
    for source in SOURCES:
        for key, fact in source(user, kindergartens, today):
            found[key].append(fact)
    return found


def _hazards(user: User, kindergartens: Sequence[Kindergarten], today: dt.date) -> Told:
    """One query."""
    rows = Hazard.objects.visible_to(user).open().filter(kindergarten__in=kindergartens)
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


def _self_checks(user: User, kindergartens: Sequence[Kindergarten], today: dt.date) -> Told:
    """Of the running month, by field and frequency. Four queries."""
    region = home_region(user)
    if region is None:
        return
    in_hand = {one.pk for one in kindergartens}
    for place in places(user, region, today.replace(day=1), today):
        if place.kindergarten.pk not in in_hand:
            continue
        address = reverse("kindergarten-self-checks", args=[place.kindergarten.code])
        kinds = Counter((slot.field, slot.frequency) for slot in place.overdue)
        for (field, frequency), times in kinds.items():
            what = f"{SELF_CHECKED[field]}（{FREQUENCIES[frequency]}）{times}次"
            yield (
                place.kindergarten.pk,
                Fact("selfcheck_overdue", FIELDS.get(field, "other"), what, address, times),
            )


def _incidents(user: User, kindergartens: Sequence[Kindergarten], today: dt.date) -> Told:
    """Of the last twelve months; who may not read accounts learns how many. One query."""
    rows = (
        IncidentCase.objects.unscoped("of kindergartens seen: counts, where accounts are not read")
        .standing()
        .filter(kindergarten__in=kindergartens, occurred_at__gte=start_of(today - INCIDENTS_OF))
        .order_by("occurred_at", "pk")
    )
    if not user.can(Permission.READ_INCIDENTS):
        for key, number in Counter(rows.values_list("kindergarten", flat=True)).items():
            yield key, Fact("incident", "other", f"{number}起", "", number)
        return
    for row in rows:
        address = reverse("incident", args=[row.number])
        what = f"{zhdate(row.occurred_at)}{row.get_kind_display()}"
        yield row.kindergarten_id, Fact("incident", HAPPENED.get(row.kind, "care"), what, address)


def _fire(user: User, kindergartens: Sequence[Kindergarten], today: dt.date) -> Told:
    """Two queries: sites in use, and of each how its fire acceptance stands."""
    codes = {one.pk: one.code for one in kindergartens}
    sites = Site.objects.visible_to(user).on(today).filter(kindergarten__in=kindergartens)
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


def _licences(user: User, kindergartens: Sequence[Kindergarten], today: dt.date) -> Told:
    """Of the rows in hand."""
    for one in kindergartens:
        until = one.licence_until
        if until is not None and until <= today + DUE_WITHIN:
            factor = "licence_over" if until < today else "licence_due"
            address = reverse("kindergarten-detail", args=[one.code])
            yield one.pk, Fact(factor, "other", f"有效期到{zhdate(until)}", address)


def _health(user: User, kindergartens: Sequence[Kindergarten], today: dt.date) -> Told:
    """Counts of people, never who. One query."""
    if not user.can(Permission.READ_STAFF):
        return
    codes = {one.pk: one.code for one in kindergartens}
    people: Counter[int] = Counter()
    for row in due(user, DueFilter(kind="health"), today):
        if row["until"] is None or row["until"] < today or row["detail"]:
            people[row["kindergarten"]] += 1
    for key, number in people.items():
        if key in codes:
            address = f"{reverse('staff-due')}?kind=health&kindergarten={codes[key]}"
            yield key, Fact("health_over", "health", f"{number}人", address, number)


def _evidence(user: User, kindergartens: Sequence[Kindergarten], today: dt.date) -> Told:
    """Of each measure of its place the confirmed evidence that is good longest. Two queries."""
    lists, places = MeasureLists(today), {one.pk: one for one in kindergartens}
    rows = (
        MeasureEvidence.objects.visible_to(user)
        .filter(kindergarten__in=kindergartens, state=MeasureEvidence.State.CONFIRMED)
        .exclude(ended_on__lte=today)
        .order_by("kindergarten", "measure__code")
        .values_list("kindergarten", "measure__code")
        .annotate(until=Max("valid_until"))
        .filter(until__lte=today + DUE_WITHIN)
    )
    for key, code, until in rows:
        asked = {one.code: one for one in lists.in_region(places[key].organisation.region)}
        if code in asked:
            address = reverse("kindergarten-safety-measures", args=[places[key].code])
            factor = "evidence_over" if until < today else "evidence_due"
            yield key, Fact(factor, "gate", f"{asked[code]}，有效期到{zhdate(until)}", address)


def _buses(user: User, kindergartens: Sequence[Kindergarten], today: dt.date) -> Told:
    """One query."""
    region, codes = home_region(user), {one.pk: one.code for one in kindergartens}
    if region is None:
        return
    for bus in buses_in(user, region, today):
        code = codes.get(bus.row.kindergarten_id)
        for said, is_breach in words(bus) if code else ():
            factor = "bus_breach" if is_breach else "bus_due"
            address = reverse("kindergarten-buses", args=[code])
            yield bus.row.kindergarten_id, Fact(factor, "bus", f"{bus.row}：{said}", address)


def _patrols(user: User, kindergartens: Sequence[Kindergarten], today: dt.date) -> Told:
    """Five queries."""
    codes = {one.pk: one.code for one in kindergartens}
    cameras = cameras_seen(list(codes), today)
    for key, code in codes.items():
        address = reverse("kindergarten-cameras", args=[code])
        for device, span in cameras.spans_of(key):
            if span.is_open(today) and device.is_in_service(today):
                what = f"{device}离线{span.days(today)}天"
                yield key, Fact("camera_offline", "gate", what, address)
    for key, findings in findings_within(list(codes), today - PATROLS_OF, today).items():
        for one in findings:
            factor = "patrol_grave" if one.severity == "grave" else "patrol_other"
            day = zhdate(one.look.patrol.patrolled_at, short=True)
            address = reverse("video-patrol", args=[one.look.patrol_id])
            what = f"{day}{one.get_kind_display()}"
            yield key, Fact(factor, FOUND.get(one.kind, "care"), what, address)


Source = Callable[[User, Sequence[Kindergarten], dt.date], Told]
SOURCES: tuple[Source, ...] = (
    _hazards,
    _self_checks,
    _incidents,
    _fire,
    _licences,
    _health,
    _evidence,
    _buses,
    _patrols,
)
