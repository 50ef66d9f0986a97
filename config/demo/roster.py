"""The demo's roster: as many invented people as the newest return of each kindergarten counts.

A kindergarten with a real name gets none, as with fees: no source says who works there. Names say
that they are examples; numbers hold water and belong to a county that does not exist.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.utils import timezone
from stdnum.cn import ric

from accounts.access.roles import RoleCode
from accounts.models import Membership
from kindergartens.models import ClassCount, FilingVersion, Kindergarten, KindergartenStatus
from staffing.models import (
    Appointment,
    Certificate,
    Duty,
    Education,
    EndReason,
    Establishment,
    Post,
    Sex,
    StaffCount,
    StaffMember,
    Title,
)
from staffing.models.people import next_staff_keys

EVERYBODY = "the demo writes everybody's"
# No county has a code that begins so; two more digits tell the demo's counties apart.
NOWHERE = "6599"
TITLES = {
    Post.PRINCIPAL: "园长", Post.FULL_TIME_TEACHER: "教师", Post.CHILDCARE_WORKER: "保育员",
    Post.HEALTH_STAFF: "保健员", Post.ADMINISTRATIVE: "行政员", Post.TEACHING_ASSISTANT: "教辅员",
    Post.SERVICE_STAFF: "工勤员",
}  # fmt: skip
TAUGHT = frozenset({Post.PRINCIPAL, Post.FULL_TIME_TEACHER})
# Every so many teachers one has taught elsewhere in the county before.
MOVED = 12
# Every so many teachers one came lately; the others are there for more than a year.
NEW = 90
SETTLED = dt.timedelta(days=400)
# Every so many carers one has no paper yet.
WITHOUT_A_PAPER = 9


@dataclass
class Place:
    """A kindergarten as its newest return has it."""

    kindergarten: Kindergarten
    day: dt.date
    public: bool
    people: dict[str, tuple[int, int | None]] = field(default_factory=dict)
    classes: list[str] = field(default_factory=list)


@dataclass
class Written:
    members: list[StaffMember] = field(default_factory=list)
    appointments: list[Appointment] = field(default_factory=list)
    certificates: list[Certificate] = field(default_factory=list)


def write_roster(rng: random.Random, county: str, number: int) -> str:
    """Everybody of a county; `number` tells its invented numbers from another county's."""
    places = list(_places(county))
    officer = (
        Membership.objects.filter(organisation__region__code=county, role=RoleCode.BUREAU_OFFICER)
        .order_by("pk")
        .first()
    )
    if officer is None or not places:
        return "0人"
    people = sum(count for place in places for count, _ in place.people.values())
    writer = _Writer(rng, officer, f"{NOWHERE}{number:02d}", iter(next_staff_keys(people)))
    for at, place in enumerate(places):
        writer.fill(place, places[at - 1].kindergarten)
    written = writer.written
    StaffMember.objects.bulk_create(written.members, batch_size=2000)
    Certificate.objects.bulk_create(written.certificates, batch_size=2000)
    Appointment.objects.bulk_create(written.appointments, batch_size=2000)
    return f"{len(written.members)}人"


def _places(county: str) -> Iterator[Place]:
    """Invented kindergartens with a submitted return, by their code. Four queries."""
    newest: dict[int, FilingVersion] = {}
    versions = FilingVersion.objects.unscoped(EVERYBODY).filter(
        filing__kindergarten__organisation__region__county__code=county,
        filing__kindergarten__is_example=True,
    )
    for version in versions.select_related("filing__kindergarten", "filing__period").order_by(
        "filing__month", "version"
    ):
        newest[version.filing.kindergarten_id] = version
    keys = [version.pk for version in newest.values()]
    counts: dict[int, dict[str, tuple[int, int | None]]] = defaultdict(dict)
    counted = StaffCount.objects.unscoped(EVERYBODY).filter(filing_version__in=keys)
    for row in counted.order_by("pk"):
        counts[row.filing_version_id][row.post] = (row.people, row.certified)
    classes: dict[int, list[str]] = defaultdict(list)
    for key, name in (
        ClassCount.objects.unscoped(EVERYBODY)
        .filter(filing_version__in=keys)
        .order_by("pk")
        .values_list("filing_version", "name")
    ):
        classes[key].append(name)
    public = _public_ones(county)
    for version in sorted(newest.values(), key=lambda one: one.filing.kindergarten.code):
        kindergarten = version.filing.kindergarten
        yield Place(
            kindergarten, version.filing.period.reference_date, kindergarten.pk in public,
            counts[version.pk], classes[version.pk],
        )  # fmt: skip


def _public_ones(county: str) -> set[int]:
    rows = KindergartenStatus.objects.unscoped(EVERYBODY).filter(
        kindergarten__organisation__region__county__code=county, valid_to__isnull=True,
        ownership="public",
    )  # fmt: skip
    return set(rows.values_list("kindergarten", flat=True))


class _Writer:
    def __init__(
        self, rng: random.Random, officer: Membership, area: str, keys: Iterator[int]
    ) -> None:
        self.rng, self.officer, self.area, self.keys = rng, officer, area, keys
        self.written = Written()
        self.born: Counter[dt.date] = Counter()
        self.serials: Counter[str] = Counter()

    def fill(self, place: Place, neighbour: Kindergarten) -> None:
        for post, (people, certified) in place.people.items():
            for at in range(people):
                with_paper = at < (people if certified is None else certified)
                self._one(place, Post(post), at, with_paper, neighbour)

    def _one(
        self, place: Place, post: Post, at: int, with_paper: bool, neighbour: Kindergarten
    ) -> None:
        rng, taught = self.rng, post in TAUGHT
        age = rng.randint(36, 53) if post == Post.PRINCIPAL else rng.randint(23, 54)
        birth = dt.date(place.day.year - age, rng.randint(1, 12), rng.randint(1, 28))
        grown = birth.replace(year=birth.year + 22)
        opened = max(grown, place.kindergarten.opened_on, place.day - dt.timedelta(days=12 * 365))
        self.serials[post] += 1
        started = self._started(place, opened, new=taught and self.serials[post] % NEW == 0)
        woman = rng.random() < (0.5 if post == Post.SERVICE_STAFF else 0.95)
        member = StaffMember(
            pk=next(self.keys), name=f"示例{TITLES[post]}{self.serials[post]:04d}",
            number=self._number(birth, woman), birth_date=birth,
            sex=Sex.FEMALE if woman else Sex.MALE, education=self._education(post),
            title=rng.choice(TEACHERS_TITLES) if taught else "",
            specialism="学前教育" if taught else "",
            earlier_years=max(0, (started - grown).days // 365) + (5 if post == Post.PRINCIPAL else 0)
            if taught else None,
        )  # fmt: skip
        self.written.members.append(member)
        if taught and at % MOVED == MOVED - 1 and neighbour != place.kindergarten:
            self._before(member, neighbour, grown, started)
        self._appoint(
            member, place.kindergarten, post, started, establishment=self._terms(place, post),
            duty=_duty(post, at), class_led=_class_led(post, at, place.classes),
        )  # fmt: skip
        if with_paper:
            self._papers(member, post, at, grown)

    def _started(self, place: Place, opened: dt.date, *, new: bool) -> dt.date:
        """More than a year ago, so that few changes are to be filed; of the new ones lately."""
        if new:
            return max(opened, place.day - dt.timedelta(days=self.rng.randint(5, 60)))
        settled = max(0, (place.day - SETTLED - opened).days)
        return opened + dt.timedelta(days=self.rng.randint(0, settled))

    def _before(
        self, member: StaffMember, neighbour: Kindergarten, grown: dt.date, started: dt.date
    ) -> None:
        since = max(grown, neighbour.opened_on, started - dt.timedelta(days=3 * 365))
        if since < started:
            self._appoint(
                member, neighbour, Post.FULL_TIME_TEACHER, since, ended_on=started,
                establishment=Establishment.NON_ESTABLISHED, end_reason=EndReason.TRANSFERRED,
            )  # fmt: skip

    def _appoint(
        self, member: StaffMember, kindergarten: Kindergarten, post: Post, since: dt.date,
        **more: object,
    ) -> None:  # fmt: skip
        self.written.appointments.append(
            Appointment(
                person=member,
                kindergarten=kindergarten,
                post=post,
                full_time=True,
                started_on=since,
                entered_as=self.officer,
                entered_at=_at(since),
                **more,
            )
        )

    def _papers(self, member: StaffMember, post: Post, at: int, grown: dt.date) -> None:
        if post in TAUGHT:
            self._paper(member, Certificate.Kind.TEACHING, grown, stage="kindergarten")
        elif post == Post.CHILDCARE_WORKER and at % WITHOUT_A_PAPER != WITHOUT_A_PAPER - 1:
            self._paper(member, Certificate.Kind.CHILDCARE_TRAINING, grown)
        elif post == Post.HEALTH_STAFF:
            kind = Certificate.Kind.NURSE if at % 2 else Certificate.Kind.HEALTH_TRAINING
            self._paper(member, kind, grown)

    def _paper(self, member: StaffMember, kind: str, on: dt.date, **more: object) -> None:
        self.written.certificates.append(
            Certificate(
                person=member,
                kind=kind,
                number=f"示例{member.pk:08d}",
                issued_on=on,
                entered_as=self.officer,
                entered_at=_at(on),
                **more,
            )
        )

    def _number(self, birth: dt.date, woman: bool) -> str:
        """The order of births is odd for men, even for women."""
        self.born[birth] += 1
        body = f"{self.area}{birth:%Y%m%d}{2 * self.born[birth] + (0 if woman else 1):03d}"
        return body + ric.calc_check_digit(body + "0")

    def _education(self, post: Post) -> str:
        if post in TAUGHT:
            return Education.BACHELOR if self.rng.random() < 0.55 else Education.DIPLOMA
        return self.rng.choice([Education.DIPLOMA, Education.UPPER_SECONDARY])

    def _terms(self, place: Place, post: Post) -> str:
        if post == Post.SERVICE_STAFF:
            return Establishment.PURCHASED if place.public else Establishment.NON_ESTABLISHED
        established = place.public and post in TAUGHT and self.rng.random() < 0.6
        return Establishment.ESTABLISHED if established else Establishment.NON_ESTABLISHED


TEACHERS_TITLES = [Title.NONE, Title.NONE, Title.THIRD, Title.SECOND, Title.SECOND, Title.FIRST]
SERVICE_DUTIES = [Duty.COOK, Duty.GUARD, Duty.COOK, Duty.GUARD, Duty.CLEANER]


def _duty(post: Post, at: int) -> str:
    if post == Post.ADMINISTRATIVE:
        return Duty.ACCOUNTANT if at == 0 else ""
    return SERVICE_DUTIES[at % len(SERVICE_DUTIES)] if post == Post.SERVICE_STAFF else ""


def _class_led(post: Post, at: int, classes: list[str]) -> str:
    """Two teachers and one carer a class; who comes after has none."""
    share: Mapping[Post, int] = {Post.FULL_TIME_TEACHER: 2, Post.CHILDCARE_WORKER: 1}
    place = at // share[post] if post in share else len(classes)
    return classes[place] if place < len(classes) else ""


def _at(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(10, 20)))
