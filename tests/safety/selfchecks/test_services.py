"""A self-check from the phone to the county's table and the monthly return."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from accounts.hardening import limits
from accounts.hardening.middleware import LIMIT_OF_ROUTE
from accounts.models import AccessRecord
from kindergartens.models import KindergartenStatus
from reports.filings.self_checks import beside_answers, with_self_checks
from reports.filings.submitted import as_draft
from safety.models import Hazard, SelfCheck, SelfCheckPhoto, SelfCheckProblem
from safety.selfchecks import presenters, rules, selectors
from safety.selfchecks.rules import DAILY, TERM, WEEKLY, Answered, Count
from safety.selfchecks.services import SelfCheckRefused, record_check, withdraw_check
from tests.safety.desk import Desk, built_desk, desk
from tests.small_county import NOW, OCTOBER

__all__ = ["built_desk", "desk"]

TODAY = NOW.date()
NOVEMBER = TODAY.replace(day=1)
SCREENS = ("technical", DAILY)
FINE = {"technical_screens": Answered("normal")}
BROKEN = {
    "technical_screens": Answered(
        "problem", "西门摄像头黑屏", "西门", fixed=False, repair_by=dt.date(2026, 11, 12)
    )
}


def record(desk: Desk, answers: Any = None, day: dt.date = TODAY, **more: Any) -> SelfCheck:
    return record_check(
        **{
            "kindergarten": desk.kindergarten, "kind": SCREENS, "day": day,
            "answers": answers or FINE, "photos": {}, "submission": uuid4(),
            "by": desk.acting("director"), "now": NOW,
        } | more
    )  # fmt: skip


def places(desk: Desk) -> dict[int, selectors.Place]:
    officer = desk.acting("bureau_officer")
    found = selectors.places(officer, desk.small.county, NOVEMBER, TODAY)
    return {one.kindergarten.pk: one for one in found}


def picture() -> SimpleUploadedFile:
    content = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(content, "JPEG")
    return SimpleUploadedFile("西门.jpg", content.getvalue(), "image/jpeg")


def test_a_form_sent_twice_is_one_check_and_another_one_is_refused(desk: Desk) -> None:
    sent = UUID(int=1)
    first = record(desk, submission=sent)
    assert record(desk, submission=sent).pk == first.pk
    with pytest.raises(SelfCheckRefused, match="已经做过"):
        record(desk)
    withdraw_check(check=first, reason="登错了", by=desk.acting("director"), now=NOW)
    assert record(desk).pk != first.pk


def test_only_the_kindergarten_checks_itself(desk: Desk) -> None:
    with pytest.raises(PermissionDenied):
        record(desk, by=desk.acting("bureau_officer"))
    with pytest.raises(PermissionDenied):
        record(desk, by=desk.acting("stranger"))


def test_a_day_to_come_is_refused_at_its_field(desk: Desk) -> None:
    with pytest.raises(SelfCheckRefused) as refused:
        record(desk, day=TODAY + dt.timedelta(days=1))
    assert refused.value.field == "day"


def test_days_entered_late_at_once_are_all_marked_and_todays_never(desk: Desk) -> None:
    assert record(desk).flag == ""
    back = [record(desk, day=dt.date(*day)) for day in ((2026, 11, 2), (2026, 11, 3))]
    assert [(one.flag, one.at_once) for one in back] == [("late", False)] * 2
    assert record(desk, day=dt.date(2026, 11, 4)).at_once
    mine = SelfCheck.objects.filter(kindergarten=desk.kindergarten, field="technical")
    marked = set(mine.values_list("day__day", "flag", "at_once"))
    assert marked == {(5, "", False), (2, "late", True), (3, "late", True), (4, "late", True)}
    place = places(desk)[desk.kindergarten.pk]
    assert (place.late, place.at_once) == (3, 3)


@pytest.mark.parametrize(
    ("frequency", "begins", "day"),
    [
        ("daily", "2026-11-04", "2026-11-05"),
        ("weekly", "2026-11-02", "2026-11-09"),
        ("monthly", "2026-11-01", "2026-12-01"),
        ("term", "2026-09-01", "2027-02-01"),
        ("term", "2027-02-01", "2027-09-01"),
    ],
)
def test_the_database_takes_no_day_after_its_period(
    desk: Desk, frequency: str, begins: str, day: str
) -> None:
    made = record(desk)
    row = SelfCheck.objects.filter(pk=made.pk)
    last = dt.date.fromisoformat(day) - dt.timedelta(days=1)
    row.update(frequency=frequency, begins=begins, day=last)
    with pytest.raises(IntegrityError, match="within_its_period"), transaction.atomic():
        row.update(day=day)


def test_what_is_not_mended_is_one_hazard_and_begins_the_return_as_no(desk: Desk) -> None:
    sent = UUID(int=2)
    check = record(desk, BROKEN, submission=sent)
    record(desk, BROKEN, submission=sent)
    [problem] = check.problems.all()
    hazard = problem.hazard
    assert hazard is not None
    assert (hazard.place, hazard.deadline, hazard.source) == (
        "西门", dt.date(2026, 11, 12), "self_check",
    )  # fmt: skip
    assert Hazard.objects.filter(self_check_problem__isnull=False).count() == 1
    draft = with_self_checks(as_draft(None), desk.kindergarten, NOVEMBER)
    assert draft["safety"]["video"] == {
        "answer": "no", "account": "西门：西门摄像头黑屏", "repair_by": "2026-11-12",
    }  # fmt: skip
    # What is no longer to be mended begins as before.
    Hazard.objects.filter(pk=hazard.pk).update(
        state="mended", mended_as=check.entered_as, mended_at=NOW
    )
    assert with_self_checks(as_draft(None), desk.kindergarten, NOVEMBER) == as_draft(None)


def test_a_check_withdrawn_takes_its_hazards_with_it_or_stays(desk: Desk) -> None:
    def hazard_of(check: SelfCheck) -> Hazard:
        found = check.problems.get().hazard
        assert found is not None
        return found

    back: dict[str, Any] = {"reason": "登错了", "by": desk.acting("director"), "now": NOW}
    first = record(desk, BROKEN)
    withdraw_check(check=first, **back)
    assert hazard_of(first).state == "withdrawn"
    again = record(desk, BROKEN)
    hazard = hazard_of(again)
    assert list(Hazard.objects.filter(state="mending")) == [hazard]
    # Once another has acted on it, both stay.
    officer = desk.acting("bureau_officer")
    hazard.events.create(action="extended", at=NOW, done_as=officer.acting, reason="示例")
    with pytest.raises(SelfCheckRefused, match=hazard.number):
        withdraw_check(check=again, **back)
    assert hazard_of(again).state == "mending"


def test_reviewers_read_how_often_it_was_looked_at(desk: Desk) -> None:
    record(desk)
    # Of the 2nd to the 4th nothing; this week still has time.
    assert beside_answers(desk.kindergarten, NOVEMBER, TODAY)["video"] == "自查应做4次，做了1次"


def test_what_the_return_says_it_has_not_got_is_not_asked(desk: Desk) -> None:
    def asked() -> bool:
        told = selectors.own(desk.kindergarten, TODAY)
        return any(one.field == "bus" for one in told.now_due(TODAY))

    assert asked()
    desk.small.file(desk.kindergarten, 24, month=OCTOBER, unsafe={"bus": {"answer": "na"}})
    assert not asked()


def test_a_place_out_of_service_is_not_asked(desk: Desk) -> None:
    KindergartenStatus.objects.filter(kindergarten=desk.kindergarten).update(
        operating_state="suspended"
    )
    assert desk.kindergarten.pk not in places(desk)
    assert not selectors.own(desk.kindergarten, TODAY).now_due(TODAY)


def test_a_term_that_was_looked_at_is_no_longer_overdue_in_the_next(desk: Desk) -> None:
    kind, february = ("premises", TERM), dt.date(2027, 2, 10)
    told = selectors.own(desk.kindergarten, TODAY)
    check = record(
        desk, {one.code: Answered("normal") for one in told.lines_of(kind, TODAY)}, kind=kind
    )
    slots = told.due(february.replace(day=1), february)
    slots += told.due(dt.date(2027, 1, 10), february)
    made = selectors.made(desk.acting("director"), desk.kindergarten, slots, february, february)
    late = [slot for slot in rules.overdue(slots, made, february) if slot.frequency == TERM]
    assert check.key in made
    # The term is named: the one that is over is not 本学期.
    assert late
    assert {presenters.period_words(slot) for slot in late} == {"2026年秋季学期"}
    assert kind not in {slot.kind for slot in late}


def test_what_a_kindergarten_will_be_is_not_asked_yet(desk: Desk) -> None:
    def naps() -> bool:
        return any(
            one.field == "nap" for one in selectors.own(desk.kindergarten, TODAY).now_due(TODAY)
        )

    before = naps()
    statuses = KindergartenStatus.objects.filter(kindergarten=desk.kindergarten)
    later = statuses.get()
    statuses.update(valid_to=dt.date(2027, 1, 1))
    later.pk, later.valid_from, later.half_day = None, dt.date(2027, 1, 1), True
    later.save()
    assert before
    assert naps()


def test_the_countys_table_counts_and_costs_the_same_whoever_is_in_it(desk: Desk) -> None:
    record(desk)
    record(desk, day=TODAY - dt.timedelta(days=1))
    with CaptureQueriesContext(connection) as few:
        found = places(desk)
    place = found[desk.kindergarten.pk]
    assert place.by_frequency[DAILY].done == 2
    assert place.counts[SCREENS] == Count(2, 4)
    assert place.by_frequency[WEEKLY].done == 0
    assert len(place.overdue) == place.total.missing
    for number in range(3):
        desk.small.kindergarten(desk.town, f"示例又{number}园")
    with CaptureQueriesContext(connection) as many:
        more = places(desk)
    assert len(more) == len(found) + 3
    # Most overdue first: this one has made some.
    assert list(more)[-1] == desk.kindergarten.pk
    # One of them finds the post.
    assert len(many) == len(few) == 6


def test_a_photo_without_a_place_is_refused_and_nothing_typed_is_lost(desk: Desk) -> None:
    assert LIMIT_OF_ROUTE["self-check-new", "POST"] is limits.UPLOAD
    client = desk.open("director")
    address = reverse("self-check-new", args=[desk.kindergarten.code, *SCREENS])
    typed = {
        "day": TODAY.isoformat(), "submission": str(UUID(int=3)),
        "technical_screens-answer": "problem", "technical_screens-account": "西门摄像头黑屏",
        "technical_screens-fixed": "yes",
    }  # fmt: skip
    answer = client.post(address, typed | {"technical_screens-photos": picture()})
    assert answer.status_code == 422
    assert AccessRecord.objects.filter(action="upload", outcome="done").count() == 1
    form = answer.context["form"]
    assert "在哪里拍的" in form.errors["technical_screens-place"][0]
    assert "西门摄像头黑屏" in answer.text
    [view] = answer.context["lines"]
    [(token, name)] = view.kept
    assert name == "西门.jpg"
    # Tomorrow is said at its field as well, and the photograph goes on.
    again = typed | {"technical_screens-place": "西门", "technical_screens-kept": token}
    tomorrow = client.post(address, again | {"day": "2026-11-06"})
    assert "还没有到" in tomorrow.context["form"].errors["day"][0]
    assert tomorrow.context["lines"][0].kept
    assert client.post(address, again).status_code == 302
    problem = SelfCheckProblem.objects.get(line="technical_screens")
    photo = SelfCheckPhoto.objects.get(problem=problem)
    assert photo.name == "西门.jpg"
    # Another person's form cannot carry it on.
    taken = desk.open("kindergarten_clerk").post(
        reverse("self-check-new", args=[desk.kindergarten.code, "gate", "daily"]),
        {"day": TODAY.isoformat(), "gate_guards-kept": token},
    )
    assert not any(view.kept for view in taken.context["lines"])


def test_all_normal_fills_in_and_still_shows_every_line(desk: Desk) -> None:
    client = desk.open("director")
    address = reverse("self-check-new", args=[desk.kindergarten.code, "gate", "daily"])
    answer = client.post(
        address,
        {"day": TODAY.isoformat(), "all": "normal", "gate_guards-answer": "problem",
         "gate_guards-account": "保安不在岗"},
    )  # fmt: skip
    assert answer.status_code == 200
    views = {view.line.code: view for view in answer.context["lines"]}
    assert views["gate_guards"].answer.value() == "problem"
    assert views["gate_guards"].account.value() == "保安不在岗"
    assert views["gate_visitors"].answer.value() == "normal"
    assert not SelfCheck.objects.filter(field="gate").exists()


def test_the_pages_show_it(desk: Desk) -> None:
    made = record(desk, BROKEN)
    own = desk.open("director").get(
        reverse("kindergarten-self-checks", args=[desk.kindergarten.code])
    )
    assert "1项有问题" in own.text
    one = desk.open("bureau_officer").get(reverse("self-check", args=[made.pk]))
    assert reverse("hazard", args=[made.problems.get().hazard.number]) in one.text
    board = desk.open("bureau_officer").get(reverse("self-checks"))
    assert board.context["behind"] == board.context["places"] == 1
    assert "没改好的问题" in board.text
    book = desk.open("bureau_officer").get(reverse("self-checks-export", args=["csv"]))
    assert desk.kindergarten.name in b"".join(book.streaming_content).decode()
