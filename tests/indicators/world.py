"""A random small nation, and what its region rows must be, worked out in plain Python.

The oracle shares nothing with the SQL it checks: it walks rows one by one.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from typing import Any

from accounts.models import Membership, Organisation, Region, User
from indicators.models import KindergartenFacts, RegionFacts
from indicators.services.freeze import freeze_facts
from kindergartens.models import (
    ClassCount,
    FilingVersion,
    Kindergarten,
    KindergartenStatus,
    MonthlyFiling,
    Population,
    ReportingPeriod,
)
from staffing.models import StaffCount

MONTHS = [dt.date(2026, 8, 1), dt.date(2026, 9, 1), dt.date(2026, 10, 1)]
NOW = dt.datetime(2026, 11, 5, 8, 40, tzinfo=dt.UTC)
COLUMNS = [
    f.name
    for f in RegionFacts._meta.fields
    if f.name not in {"id", "region", "month", "computed_at"}
]
POSTS = {
    "principals": ["principal"],
    "full_time_teachers": ["full_time_teacher"],
    "childcare_workers": ["childcare_worker"],
    "health_staff": ["health_staff"],
    "other_staff": ["administrative", "teaching_assistant", "service_staff"],
}


class World:
    """Builder. Everything is chosen by the seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.serial = 0
        self.counties: list[Region] = []
        self.statuses: dict[int, list[KindergartenStatus]] = defaultdict(list)
        self._regions()
        organisation = Organisation.objects.create(
            name="示例填报", kind="kindergarten", region=self.towns[0]
        )
        self.clerk = Membership.objects.create(
            user=User.objects.create(username=f"clerk{seed}", full_name="示例资料员"),
            organisation=organisation, role="kindergarten_clerk", valid_from=dt.date(2020, 1, 1),
        )  # fmt: skip
        self.periods = {
            (county.pk, month): self._period(county, month)
            for county in (self.childless, *self.counties)
            for month in MONTHS
            # The last county sets no period in the second month.
            if month != MONTHS[1] or county != self.counties[-1]
        }
        self.kindergartens = [self._kindergarten() for _ in range(36)]
        for kindergarten in self.kindergartens:
            for month in MONTHS:
                self.file(kindergarten, month)

    def next(self) -> int:
        self.serial += 1
        return self.serial

    def _region(self, code: str, level: int, parent: Region | None) -> Region:
        above: dict[str, Any] = {}
        if parent is not None:
            names = {1: "province", 2: "city", 3: "county"}
            for number, name in names.items():
                if number < parent.level:
                    above[name] = getattr(parent, name)
                elif number == parent.level:
                    above[name] = parent
        return Region.objects.create(
            code=code, name=f"示例{code}", level=level, parent=parent,
            is_active=self.random.random() < 0.9 or level < 4, **above,
        )  # fmt: skip

    def _regions(self) -> None:
        self.towns: list[Region] = []
        for p in range(2):
            province = self._region(f"{p + 1}10000", 1, None)
            for c in range(2 - p):
                city = self._region(f"{p + 1}10{c + 1}00", 2, province)
                for d in range(2):
                    county = self._region(f"{p + 1}10{c + 1}{d + 1:02d}", 3, city)
                    self.counties.append(county)
                    self._populate(county)
                    for t in range(3):
                        town = self._region(f"{county.code}{t}01000", 4, county)
                        self.towns.append(town)
                        self._populate(town)
        # Reports with the others, but has neither kindergartens nor people.
        self.childless = self._region("110109", 3, Region.objects.get(code="110100"))
        self._region(f"{self.childless.code}001000", 4, self.childless)

    def _populate(self, region: Region) -> None:
        rows = []
        for year in (2025, 2026):
            for base in ("resident", "registered"):
                # Some lack an age, some a whole year.
                ages = [a for a in (2, 3, 4, 5, 6) if a in (2, 6) or self.random.random() < 0.93]
                rows += [
                    Population(
                        region=region,
                        reference_date=dt.date(year, 9, 15),
                        base=base,
                        age=age,
                        children=self.random.randint(0, 400),
                        source="示例",
                    )
                    for age in ages
                ]
        Population.objects.bulk_create(rows)

    def _period(self, county: Region, month: dt.date) -> ReportingPeriod:
        # One county counts early in the month, before the year's population date.
        day = 10 if county == self.counties[0] else 28
        opens = dt.datetime(month.year, month.month, 25, tzinfo=dt.UTC)
        return ReportingPeriod.objects.create(
            county=county, month=month, reference_date=month.replace(day=day), opens_at=opens,
            due_at=opens + dt.timedelta(days=12), locks_at=opens + dt.timedelta(days=22),
        )  # fmt: skip

    def _kindergarten(self) -> Kindergarten:
        town = self.random.choice(self.towns)
        number = self.next()
        organisation = Organisation.objects.create(
            name=f"示例幼儿园{number}", kind="kindergarten", region=town
        )
        kindergarten = Kindergarten.objects.create(
            organisation=organisation, name=organisation.name, code=f"1199{number:06d}",
            is_example=True, opened_on=dt.date(2015, 9, 1),
        )  # fmt: skip
        # Often just on a statistical date.
        change = dt.date(2026, 9, self.random.choice([10, 28, self.random.randint(1, 30)]))
        self._status(kindergarten, town, dt.date(2020, 1, 1), change)
        if self.random.random() < 0.9:
            later = town if self.random.random() < 0.7 else self.random.choice(self.towns)
            self._status(kindergarten, later, change, None)
        return kindergarten

    def _status(
        self, kindergarten: Kindergarten, town: Region, start: dt.date, end: dt.date | None
    ) -> None:
        ownership = self.random.choice(KindergartenStatus.Ownership.values)
        status = KindergartenStatus.objects.create(
            kindergarten=kindergarten, valid_from=start, valid_to=end, town=town,
            sponsor_type=self.random.choice(["education", "collective", "private"]),
            ownership=ownership,
            operating_state=self.random.choice(["operating"] * 6 + ["suspended", "closed"]),
            counts_enrolment=self.random.random() < 0.9,
            counts_public=ownership == "public",
            counts_inclusive=ownership != "non_inclusive_private",
            counts_staff=self.random.random() < 0.9,
            level=self.random.choice(["", "first", "city_model"]),
            urban_rural=self.random.choice(["", "111", "122", "210", "220"]),
        )  # fmt: skip
        self.statuses[kindergarten.pk].append(status)

    def status_on(self, kindergarten: Kindergarten, day: dt.date) -> KindergartenStatus | None:
        return next(
            (
                status
                for status in self.statuses[kindergarten.pk]
                if status.valid_from <= day and (status.valid_to is None or status.valid_to > day)
            ),
            None,
        )

    def file(self, kindergarten: Kindergarten, month: dt.date) -> None:
        """A return in some state, for kindergartens that owe one."""
        for (county, period_month), period in self.periods.items():
            status = self.status_on(kindergarten, period.reference_date)
            owes = (
                period_month == month
                and status is not None
                and status.town.county_id == county
                and status.operating_state == "operating"
                and status.counts_enrolment
            )
            # One return a month, also for who moves between two statistical dates.
            filed = MonthlyFiling.objects.filter(kindergarten=kindergarten, month=month)
            if not owes or filed.exists() or self.random.random() < 0.15:
                continue
            state = self.random.choice(
                ["accepted"] * 5 + ["submitted", "returned", "draft", "reopened"]
            )
            filing = MonthlyFiling.objects.create(
                kindergarten=kindergarten, period=period, month=period.month, town=status.town,
                accepted_version=1 if state in {"accepted", "reopened"} else None,
                state="returned" if state == "reopened" else state, version=1,
                first_submitted_at=period.due_at
                + dt.timedelta(days=self.random.choice([-1, 0, 1])),
                updated_at=period.due_at,
            )  # fmt: skip
            version = self.version(filing, 1)
            if state in {"accepted", "reopened"}:
                freeze_facts(version_ids=[version.pk], accepted_at=period.due_at)
                KindergartenFacts.objects.filter(filing_version=version).update(**self._registers())

    def _registers(self) -> dict[str, Any]:
        """Pay, posts, buildings, measures, charges as if they had been recorded; of some nothing is."""
        known: dict[str, Any] = {
            measure: self.random.choice(["", "met", "unmet", "no_record"])
            for measure in ("guards", "alarm", "video", "closed_site")
        }
        known["new_design"] = self.random.choice([True, False, None])
        for area in ("outdoor_area", "activity_room_area", "floor_area"):
            if self.random.random() < 0.7:
                known[f"{area}_dm2"] = self.random.randint(0, 900_000_000_000)
                known[f"{area}_met"] = self.random.choice([True, False, None])
        if self.random.random() < 0.7:
            known["books"] = self.random.randint(0, 9000)
        if self.random.random() < 0.7:
            too_much = self.random.choice([0, 0, 900_000_000])
            known |= {
                "charges_within_limits": not too_much,
                "overcharged_yuan": too_much,
                "overcharge_uncounted": bool(too_much) and self.random.random() < 0.5,
            }
        if self.random.random() < 0.7:
            for kind in ("established", "non_established"):
                heads = self.random.randint(0, 20)
                # Sums that no 32 bits hold.
                known |= {f"{kind}_heads": heads, f"{kind}_pay_yuan": heads * 900_000_000}
        if self.random.random() < 0.7:
            vacant = self.random.randint(0, 3)
            known |= {"vacant_posts": vacant, "unfilled_posts": self.random.randint(0, vacant)}
        if self.random.random() < 0.7:
            people = self.random.randint(0, 9)
            known |= {"insurable_people": people, "trainable_people": people}
            known |= {"funded_children": people, "funded_yuan": people * 900_000_000}
            known |= {
                name: self.random.randint(0, people)
                for name in ("insured_people", "trained_people")
            }
        return known

    def version(self, filing: MonthlyFiling, number: int) -> FilingVersion:
        version = FilingVersion.objects.create(
            filing=filing, version=number, submitted_at=filing.period.due_at,
            submitted_as=self.clerk,
        )  # fmt: skip
        classes, staff = [], []
        for position in range(self.random.randint(0, 4)):
            grade = self.random.choice(ClassCount.Grade.values)
            ages = [0, 0, 0, 0]
            if grade != "nursery":
                ages = [self.random.randint(0, 12) for _ in range(4)]
            total = sum(ages) if grade != "nursery" else self.random.randint(0, 20)
            boys = self.random.randint(0, total)
            classes.append(
                ClassCount(
                    filing_version=version,
                    position=position,
                    name=f"{position}班",
                    grade=grade,
                    boys=boys,
                    girls=total - boys,
                    **dict(zip(ClassCount.AGE_FIELDS, ages, strict=True)),
                )
            )
        for post in StaffCount.Post.values:
            if self.random.random() < 0.2:
                continue
            people = self.random.randint(0, 6)
            certified = (
                self.random.randint(0, people) if post in StaffCount.CERTIFIED_POSTS else None
            )
            staff.append(
                StaffCount(filing_version=version, post=post, people=people, certified=certified)
            )
        ClassCount.objects.bulk_create(classes)
        StaffCount.objects.bulk_create(staff)
        return version


def facts_of(version: FilingVersion) -> dict[str, int]:
    """What one version's rows say, counted by hand."""
    limits = {"small": 25, "middle": 30, "large": 35, "mixed": 30}
    classes = [c for c in version.classes.all() if c.grade != "nursery"]
    staff = {row.post: row.people for row in version.staff_counts.all()}
    return {
        "enrolled_children": sum(c.boys + c.girls for c in classes),
        "nursery_children": sum(
            c.boys + c.girls for c in version.classes.all() if c.grade == "nursery"
        ),
        "over_age_children": sum(c.age6 for c in classes),
        "classes": len(classes),
        "compliant_classes": sum(c.boys + c.girls <= limits[c.grade] for c in classes),
        **{name: sum(staff.get(p, 0) for p in posts) for name, posts in POSTS.items()},
        "certified_principals_and_teachers": sum(
            row.certified or 0 for row in version.staff_counts.all()
        ),
    }


def _added(facts: KindergartenFacts) -> dict[str, int]:
    """What one counted kindergarten adds to a region."""
    children = facts.enrolled_children
    staffed = facts.counts_staff
    return {
        "kindergartens": 1,
        "public_kindergartens": int(facts.counts_public),
        "education_kindergartens": int(facts.counts_public and facts.sponsor_type == "education"),
        "inclusive_kindergartens": int(facts.counts_inclusive),
        "enrolled_children": children,
        "public_children": children if facts.counts_public else 0,
        "inclusive_children": children if facts.counts_inclusive else 0,
        "nursery_children": facts.nursery_children,
        "over_age_children": facts.over_age_children,
        "classes": facts.classes,
        "compliant_classes": facts.compliant_classes,
        "staffed_children": children if staffed else 0,
        **{
            name: getattr(facts, name) if staffed else 0
            for name in (*POSTS, "certified_principals_and_teachers")
        },
        "staff_judged_kindergartens": int(staffed and facts.fully_staffed is not None),
        "fully_staffed_kindergartens": int(staffed and facts.fully_staffed is True),
        **_of_public(facts, staffed and facts.counts_public),
        **_funded(facts, "public", facts.counts_public),
        **_funded(facts, "inclusive", facts.counts_inclusive and not facts.counts_public),
        **{
            name: getattr(facts, name) or 0 if staffed else 0
            for name in (
                "insurable_people",
                "insured_people",
                "trainable_people",
                "trained_people",
            )
        },
        **_measured(facts),
        **{
            f"{measure}_{part}": int(getattr(facts, measure) in standings)
            for measure in ("guards", "alarm", "video", "closed_site")
            for part, standings in {
                "owing": ["met", "unmet", "no_record"], "met": ["met"],
                "unrecorded": ["no_record"],
            }.items()
        },
        "charges_judged_kindergartens": int(facts.charges_within_limits is not None),
        "charges_within_kindergartens": int(facts.charges_within_limits is True),
        "overcharged_yuan": facts.overcharged_yuan or 0,
        "overcharge_uncounted_kindergartens": int(facts.overcharge_uncounted is True),
        "model_kindergartens": int(facts.level == "city_model"),
    }  # fmt: skip


def _measured(facts: KindergartenFacts) -> dict[str, int]:
    found = {
        "books": facts.books or 0,
        "books_children": 0 if facts.books is None else facts.enrolled_children,
    }
    for area in ("outdoor_area", "activity_room_area", "floor_area"):
        dm2, met = getattr(facts, f"{area}_dm2"), getattr(facts, f"{area}_met")
        found[f"{area}_dm2"] = dm2 or 0
        found[f"{area}_children"] = 0 if dm2 is None else facts.enrolled_children
        for design, is_so in (
            ("new", facts.new_design is True),
            ("old", facts.new_design is False),
        ):
            found[f"{area}_{design}_judged"] = int(is_so and met is not None)
            found[f"{area}_{design}_met"] = int(is_so and met is True)
    return found


def _of_public(facts: KindergartenFacts, counted: bool) -> dict[str, int]:
    pay = (
        "established_heads", "established_pay_yuan", "non_established_heads",
        "non_established_pay_yuan",
    )  # fmt: skip
    return {
        "pay_recorded_kindergartens": int(counted and facts.established_heads is not None),
        **{name: getattr(facts, name) or 0 if counted else 0 for name in pay},
        "quota_judged_kindergartens": int(counted and facts.vacant_posts is not None),
        "quota_kept_kindergartens": int(counted and facts.unfilled_posts == 0),
        "vacant_posts": facts.vacant_posts or 0 if counted else 0,
        "unfilled_posts": facts.unfilled_posts or 0 if counted else 0,
    }


def _funded(facts: KindergartenFacts, scope: str, counted: bool) -> dict[str, int]:
    return {
        f"{scope}_funded_kindergartens": int(counted and facts.funded_yuan is not None),
        f"{scope}_funded_children": facts.funded_children or 0 if counted else 0,
        f"{scope}_funded_yuan": facts.funded_yuan or 0 if counted else 0,
    }


def _population(region: Region, base: str, day: dt.date) -> tuple[dt.date, int] | None:
    by_date: dict[dt.date, dict[int, int]] = defaultdict(dict)
    for row in Population.objects.filter(region=region, base=base, reference_date__lte=day):
        by_date[row.reference_date][row.age] = row.children
    whole = {d: ages for d, ages in by_date.items() if {3, 4, 5} <= ages.keys()}
    if not whole:
        return None
    newest = max(whole)
    return newest, sum(whole[newest][age] for age in (3, 4, 5))


def expected_rows(month: dt.date) -> dict[int, dict[str, Any]]:
    """Every region row the month must have, region by region."""
    rows: dict[int, dict[str, Any]] = {}
    for county, day in statistical_dates(month):
        towns = {
            town.pk: _town(town, month, day)
            for town in Region.objects.filter(level=4, county=county)
        }
        for pk, (row, has_data, active) in towns.items():
            if has_data or active:
                rows[pk] = row
        rows[county.pk] = {
            **_sum([rows[pk] for pk in towns if pk in rows]),
            **_people(county, day),
        }
    for level in (2, 1):
        for region in Region.objects.filter(level=level):
            field = "city" if level == 2 else "province"
            below = [
                rows[c.pk]
                for c in Region.objects.filter(level=3, **{field: region})
                if c.pk in rows
            ]
            if below:
                rows[region.pk] = {**_sum(below), **_people_above(below)}
    return rows


def statistical_dates(month: dt.date) -> list[tuple[Region, dt.date]]:
    """Counties with a period, and those that owe one beside them: by the end of the month."""
    periods = {p.county_id: p for p in ReportingPeriod.objects.filter(month=month)}
    provinces = {Region.objects.get(pk=pk).province_id for pk in periods}
    last_day = (month + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)
    found = []
    for county in Region.objects.filter(level=3):
        running = KindergartenStatus.objects.on(last_day).filter(
            town__county=county, operating_state="operating", counts_enrolment=True
        )
        if county.pk in periods:
            found.append((county, periods[county.pk].reference_date))
        elif county.is_active and county.province_id in provinces and running.exists():
            found.append((county, last_day))
    return found


def _sum(parts: list[dict[str, Any]]) -> dict[str, Any]:
    names = [n for n in COLUMNS if not n.endswith("_3_5") and n != "population_date"]
    return {name: sum(part[name] for part in parts) for name in names}


def _people(region: Region, day: dt.date) -> dict[str, Any]:
    resident = _population(region, "resident", day)
    registered = _population(region, "registered", day)
    first = resident or registered
    return {
        "resident_population_3_5": resident and resident[1],
        "registered_population_3_5": registered and registered[1],
        "population_date": first and first[0],
    }


def _people_above(counties: list[dict[str, Any]]) -> dict[str, Any]:
    working = [c for c in counties if c["expected"] > 0]

    def total(name: str) -> int | None:
        parts = [c[name] for c in working]
        return None if None in parts or not parts else sum(parts)

    dates = [c["population_date"] for c in working if c["population_date"]]
    return {
        "resident_population_3_5": total("resident_population_3_5"),
        "registered_population_3_5": total("registered_population_3_5"),
        "population_date": min(dates, default=None),
    }


def _town(town: Region, month: dt.date, day: dt.date) -> tuple[dict[str, Any], bool, bool]:
    row: dict[str, Any] = dict.fromkeys(COLUMNS, 0)
    counted = KindergartenFacts.objects.filter(
        month=month, superseded_at=None, counts_enrolment=True
    )
    owed = KindergartenStatus.objects.on(day).filter(
        town=town, operating_state="operating", counts_enrolment=True
    )
    for facts in counted.filter(town=town):
        for name, number in _added(facts).items():
            row[name] += number
        for name in ("expected", "filed", "accepted"):
            row[name] += 1
        row["on_time"] += int(facts.on_time is True)
    missing = owed.exclude(kindergarten__in=counted.values("kindergarten"))
    for status in missing:
        row["expected"] += 1
        filing = MonthlyFiling.objects.filter(kindergarten=status.kindergarten, month=month).first()
        came = filing is not None and filing.state != "draft"
        row["filed"] += int(came)
        row["on_time"] += int(
            came and filing.first_submitted_at <= filing.period.due_at  # type: ignore[union-attr]
        )
        last = (
            KindergartenFacts.objects.filter(
                kindergarten=status.kindergarten, superseded_at=None, counts_enrolment=True,
                month__lt=month,
            ).order_by("-month").first()
        )  # fmt: skip
        if last is not None:
            for name, number in _added(last).items():
                if f"pending_{name}" in row:
                    row[f"pending_{name}"] += number
    has_data = counted.filter(town=town).exists() or missing.exists()
    return {**row, **_people(town, day)}, has_data, town.is_active


def stored_rows(month: dt.date) -> dict[int, dict[str, Any]]:
    return {
        row["region_id"]: {name: row[name] for name in COLUMNS}
        for row in RegionFacts.objects.filter(month=month).values("region_id", *COLUMNS)
    }
