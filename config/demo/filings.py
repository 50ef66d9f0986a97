"""Writing a county's twelve months of returns, and counting what was accepted."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import F
from django.utils import timezone

from accounts.access.roles import RoleCode
from accounts.models import Membership, Region
from config.demo.calendar import MONTHS, PeriodPlan
from config.demo.classes import (
    ORDER,
    ClassRow,
    Grade,
    classes_of_sizes,
    history,
    make_classes,
    with_leavers,
)
from config.demo.details import (
    all_reasons,
    children_before,
    days_open,
    details,
    is_asked,
    reasons,
    reasons_of_whole,
)
from config.demo.plan import CountyPlan, KindergartenPlan, Outcome
from config.demo.safety import WITHOUT_ANYTHING, Part, incidents_of, safety_of
from config.demo.staff import Movement, Staff, make_staff, movement, staff_last_year
from config.demo.stories import Course, Story, choose_course, current_story, past_story
from indicators.services.freeze import freeze_facts
from kindergartens.models import (
    ClassCount,
    FilingEvent,
    FilingExplanation,
    FilingVersion,
    Kindergarten,
    MonthlyFiling,
    ReportingPeriod,
)
from kindergartens.models.filing import MORE_COUNTS
from reports.filings import unchanged
from safety.models import Incident, SafetyAnswer
from staffing.models import StaffCount

LAST = MONTHS - 1
FIRST_OF_A_SCHOOL_YEAR = 9
# Only in these months is something missing: most of the year is complete. Never in the first, nor
# in the one before the open month, so that the last count of whoever is not counted is known.
MONTHS_WITH_GAPS = (3, 6, 8)


@dataclass(frozen=True)
class Told:
    """A story, with the rows it belongs to."""

    story: Story
    filing: MonthlyFiling
    director: Membership
    # Last month's children by class, and staff.
    before: dict[str, int]
    staff_before: Staff
    # The sections that are as in the last return; None of a month that was asked for less.
    same: list[str] | None

    @property
    def code(self) -> str:
        return self.filing.kindergarten.code

    @property
    def incidents(self) -> int | None:
        """How many; None of a month that was not asked."""
        said = self.filing.draft.get("incidents")
        return None if said is None else len(said) - (said == WITHOUT_ANYTHING)

    def unchanged(self, submitted_at: dt.datetime) -> dict[str, Any]:
        """Confirmed some minutes before."""
        at = (submitted_at - dt.timedelta(minutes=4)).isoformat()
        return {section: {"at": at, "post": self.director.pk} for section in self.same or []}

    def details_of(self, row: ClassRow) -> dict[str, int]:
        return details(row, self.filing.month, self.before)


def write_filings(rng: random.Random, plan: CountyPlan, periods: list[PeriodPlan]) -> str:
    """Write the returns of a county whose registry is written; says how many."""
    told = list(_tell(rng, plan, periods))
    last_month = periods[LAST].month
    MonthlyFiling.objects.bulk_create((each.filing for each in told), batch_size=1000)
    versions = FilingVersion.objects.bulk_create(
        (
            FilingVersion(
                filing=each.filing,
                version=number,
                days_open=days_open(each.filing.month)
                if is_asked(each.filing.month, last_month)
                else None,
                incidents=each.incidents,
                unchanged=each.unchanged(version.submitted_at),
                submitted_at=version.submitted_at,
                submitted_as=each.director,
            )
            for each in told
            for number, version in enumerate(each.story.versions, 1)
        ),
        batch_size=2000,
    )
    submitted = [(each, version) for each in told for version in each.story.versions]
    class_lines: list[list[Any]] = []
    staff_lines: list[list[Any]] = []
    safety_lines: list[list[Any]] = []
    for (each, version), row in zip(submitted, versions, strict=True):
        more = each.details_of if is_asked(each.filing.month, last_month) else None
        class_lines += _class_lines(row.pk, version.classes, more)
        moved = None if more is None else movement(each.story.staff, each.staff_before)
        staff_lines += _staff_lines(row.pk, each.story.staff, moved)
        safety_lines += _safety_lines(row.pk, each.filing.draft.get("safety", {}))
    _copy(ClassCount, CLASS_FIELDS, class_lines)
    _copy(StaffCount, STAFF_FIELDS, staff_lines)
    _copy(SafetyAnswer, SAFETY_FIELDS, safety_lines)
    Incident.objects.bulk_create(
        Incident(
            filing_version=row,
            number=int(number),
            **{name: typed for name, typed in said.items() if name != "reported_at"},
            reported_at=timezone.make_aware(dt.datetime.fromisoformat(said["reported_at"])),
        )
        for (each, _), row in zip(submitted, versions, strict=True)
        if each.incidents
        for number, said in each.filing.draft["incidents"].items()
    )
    FilingExplanation.objects.bulk_create(
        (
            FilingExplanation(
                version=row,
                code=finding.code,
                place=finding.place,
                says=finding.sentence,
                figures=finding.figures,
                text=text,
            )
            for (each, version), row in zip(submitted, versions, strict=True)
            if is_asked(each.filing.month, last_month)
            for finding, text in all_reasons(version.classes, each.filing.month, each.before)
        ),
        batch_size=2000,
    )
    _write_events(told, _officer(plan.code))
    return f"{len(told)}份"


def freeze_accepted() -> str:
    """Freeze every accepted version, in the order of acceptance; says how many.

    Counties sit at the same hours, so all of them together take few statements.
    """
    accepted: dict[dt.datetime, list[int]] = defaultdict(list)
    for version, accepted_at in FilingVersion.objects.filter(
        filing__events__action=FilingEvent.Action.ACCEPTED, filing__events__version=F("version")
    ).values_list("pk", "filing__events__at"):
        accepted[accepted_at].append(version)
    frozen = sum(
        freeze_facts(version_ids=accepted[accepted_at], accepted_at=accepted_at)
        for accepted_at in sorted(accepted)
    )
    return f"{frozen}份"


def _tell(rng: random.Random, plan: CountyPlan, periods: list[PeriodPlan]) -> Iterable[Told]:
    rows = {
        period.month: period for period in ReportingPeriod.objects.filter(county__code=plan.code)
    }
    kindergartens = {
        (kindergarten.organisation.region.code, kindergarten.name): kindergarten
        for kindergarten in Kindergarten.objects.filter(
            organisation__region__county=Region.objects.of_code(plan.code)
        ).select_related("organisation__region")
    }
    directors = {
        post.organisation_id: post
        for post in Membership.objects.filter(
            role=RoleCode.DIRECTOR,
            organisation__in=[k.organisation_id for k in kindergartens.values()],
        )
    }
    gaps = _gaps(rng, plan)
    for planned in plan.kindergartens:
        kindergarten = kindergartens[planned.town, planned.name]
        months = _months(rng, planned, periods)
        courses = gaps.get((planned.town, planned.name), {})
        before: list[ClassRow] = []
        last_draft: dict[str, Any] | None = None
        for at, story in enumerate(_stories(rng, planned, periods, months, courses)):
            classes, _ = months[at]
            last, before = children_before(before, periods[at].month), classes
            staff_before = months[max(0, at - 1)][1]
            if story is None:
                continue
            asked = is_asked(periods[at].month, periods[LAST].month)
            draft = _draft(
                story.draft,
                story.staff,
                periods[at].month,
                last if asked else None,
                movement(story.staff, staff_before) if asked else None,
            )
            same = None
            if asked:
                draft["safety"] = safety_of(kindergarten.code, periods[at].month)
                draft["incidents"] = incidents_of(kindergarten.code, periods[at].month)
                moved_up = periods[at].month.month == FIRST_OF_A_SCHOOL_YEAR
                same = [
                    section
                    for section in unchanged.offered(last_draft, moved_up=moved_up)
                    if unchanged.is_unchanged(section, draft, last_draft)
                ]
            if story.versions:
                last_draft = draft
            filing = MonthlyFiling(
                kindergarten=kindergarten,
                period=rows[periods[at].month],
                month=periods[at].month,
                town=kindergarten.organisation.region,
                state=story.state,
                draft=draft,
                revision=max(1, 2 * len(story.versions)),
                version=len(story.versions),
                accepted_version=len(story.versions)
                if story.state == MonthlyFiling.State.ACCEPTED
                else None,
                first_submitted_at=story.versions[0].submitted_at if story.versions else None,
                updated_at=story.saved_at,
            )
            director = directors[kindergarten.organisation_id]
            yield Told(story, filing, director, last, staff_before, same)


def _gaps(rng: random.Random, plan: CountyPlan) -> dict[tuple[str, str], dict[int, Course]]:
    """Which small kindergartens never submitted in which month, one of them with a draft."""
    able = [k for k in plan.kindergartens if not k.steady and k.closed_at is None]
    small = sorted(able, key=lambda k: (k.children, k.town, k.name))[: len(able) // 3]
    gaps: dict[tuple[str, str], dict[int, Course]] = defaultdict(dict)
    for at in MONTHS_WITH_GAPS:
        silent = rng.sample(small, rng.randint(1, 2))
        for planned, course in zip(silent, (Course.NEVER_SUBMITTED, Course.MISSING), strict=False):
            gaps[planned.town, planned.name][at] = course
    return gaps


def _months(
    rng: random.Random, planned: KindergartenPlan, periods: list[PeriodPlan]
) -> list[tuple[list[ClassRow], Staff]]:
    """Classes and staff of each month, exact in the month that the plan's count is of."""
    if planned.class_sizes:
        base = classes_of_sizes(rng, planned.class_sizes, planned.nursery)
    else:
        base = make_classes(rng, planned.children, planned.nursery)
    base_at = LAST if planned.outcome == Outcome.ACCEPTED else LAST - 1
    calendar_months = [period.month.month for period in periods]
    classes = history(rng, base, base_at, calendar_months)
    if planned.leavers:
        classes[LAST] = with_leavers(rng, classes[LAST], planned.leavers)
    staff = make_staff(rng, base, planned.gap)
    earlier = staff_last_year(rng, staff)
    september = calendar_months.index(9)
    return [(month, earlier if at < september else staff) for at, month in enumerate(classes)]


def _stories(
    rng: random.Random,
    planned: KindergartenPlan,
    periods: list[PeriodPlan],
    months: list[tuple[list[ClassRow], Staff]],
    courses: dict[int, Course],
) -> Iterable[Story | None]:
    open_until = MONTHS if planned.closed_at is None else planned.closed_at
    for at in range(open_until):
        classes, staff = months[at]
        if at == LAST:
            yield current_story(rng, planned, periods[at], classes, staff)
            continue
        course = Course.PLAIN if planned.steady else choose_course(rng)
        yield past_story(rng, courses.get(at, course), periods[at], classes, staff)


def _officer(county: str) -> Membership:
    return Membership.objects.get(
        role=RoleCode.BUREAU_OFFICER, organisation__region=Region.objects.of_code(county)
    )


def _write_events(told: list[Told], officer: Membership) -> None:
    FilingEvent.objects.bulk_create(
        (
            FilingEvent(
                filing=each.filing,
                action=event.action,
                version=event.version,
                at=event.at,
                done_as=each.director if event.is_by_director else officer,
                reason=event.reason,
                field_reasons=event.field_reasons,
            )
            for each in told
            for event in each.story.events
        ),
        batch_size=2000,
    )


def _draft(
    classes: list[ClassRow],
    staff: Staff,
    month: dt.date,
    before: dict[str, int] | None,
    moved: Movement | None,
) -> dict[str, Any]:
    """The form as typed; without last month's children nothing but head-counts was asked for."""
    return {
        "classes": [
            {
                "name": row.name,
                "grade": row.grade.value,
                "boys": str(row.boys),
                "girls": str(row.girls),
                **{
                    age: "" if row.grade == Grade.NURSERY else str(count)
                    for age, count in zip(ClassCount.AGE_FIELDS, row.ages, strict=True)
                },
                **{
                    column: "" if before is None else str(count)
                    for column, count in details(row, month, before or {}).items()
                },
                "explanations": {
                    finding.code: text for finding, text in reasons(row, month, before or {})
                },
            }
            for row in sorted(classes, key=_place)
        ],
        "staff": {
            post.value: {"people": str(people)}
            | ({} if certified is None else {"certified": str(certified)})
            | ({} if moved is None else {name: str(moved[post][name]) for name in moved[post]})
            for post, (people, certified) in staff.items()
        },
        "days_open": "" if before is None else str(days_open(month)),
        "explanations": {
            finding.key: text for finding, text in reasons_of_whole(classes, before or {})
        },
        "remarks": "",
    }


def _place(row: ClassRow) -> tuple[int, int]:
    """Youngest first, the nursery last: it is outside the rates."""
    return (ORDER.index(row.grade) or len(ORDER), row.number)


CLASS_FIELDS = ["filing_version_id", "position", "name", "grade", "boys", "girls"]
CLASS_FIELDS += [*ClassCount.AGE_FIELDS, "note", "was", *MORE_COUNTS]
SAFETY_FIELDS = ["filing_version_id", "item", "answer", "account", "repair_by"]
STAFF_FIELDS = ["filing_version_id", "post", "people", "certified", "joined", "left"]


def _class_lines(
    version: int, classes: list[ClassRow], more: Callable[[ClassRow], dict[str, int]] | None
) -> list[list[Any]]:
    lines = []
    for at, row in enumerate(sorted(classes, key=_place), 1):
        counts = dict.fromkeys(MORE_COUNTS, "NULL") if more is None else more(row)
        # Since reasons are asked for at each finding, a class has no note beside them.
        note = row.note if more is None else ""
        head = [version, at, row.name, row.grade.value, row.boys, row.girls, *row.ages, note, ""]
        lines.append([*head, *(counts[column] for column in MORE_COUNTS)])
    return lines


def _staff_lines(version: int, staff: Staff, moved: Movement | None) -> list[list[Any]]:
    nobody_asked = {"joined": "NULL", "left": "NULL"}
    return [
        [
            version, post.value, people, "NULL" if certified is None else certified,
            *(nobody_asked if moved is None else moved[post]).values(),
        ]
        for post, (people, certified) in staff.items()
    ]  # fmt: skip


def _safety_lines(version: int, said: Part) -> list[list[Any]]:
    return [
        [version, item, row["answer"], row["account"], row["repair_by"] or "NULL"]
        for item, row in said.items()
    ]


def _copy(
    model: type[ClassCount | StaffCount | SafetyAnswer], columns: list[str], lines: list[list[Any]]
) -> None:
    """Tens of thousands of rows in one COPY; row by row they would take most of the minute."""
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    text.seek(0)
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY {table} ({', '.join(map(quote, columns))}) FROM STDIN (FORMAT csv, NULL 'NULL')",
            text,
        )
