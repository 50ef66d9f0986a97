"""The roster in one county: hired, ended, moved, corrected, certified, seen."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.history.tracking import TRACKED
from accounts.models import AccessRecord, User
from accounts.privacy.services import ReasonNeeded
from kindergartens.stamps import stamp_of
from staffing.models import Appointment, Certificate, StaffMember
from staffing.models.people import next_staff_keys
from staffing.roster import services
from staffing.roster.rules import PaperFacts
from staffing.roster.services import PERSON_FACTS, RosterRefused
from tests.access.routes import World
from tests.conftest import acting
from tests.small_county import NOW
from tests.staffing.roster.making import a_name, a_number, paper_facts, person_facts, post_facts
from tests.staffing.roster.test_rules import CERTIFIED

TODAY = NOW.date()
SEPTEMBER = dt.date(2026, 9, 1)
WHEN: dict[str, Any] = {"now": NOW, "today": TODAY}


@pytest.fixture
def officer(world: World) -> User:
    return acting(world.people["bureau_officer"])


@pytest.fixture
def director(world: World) -> User:
    return acting(world.people["director"])


@pytest.fixture
def neighbour(world: World) -> Any:
    return world.small.kindergarten(world.town, "示例邻园")


def hire(place: Any, by: User, person: Any = None, post: Any = None, **more: Any) -> Appointment:
    return services.hire(
        kindergarten=place, person=person or person_facts(), post=post or post_facts(), by=by,
        **WHEN, **more,
    )  # fmt: skip


def refusal_of(*args: Any, **kwargs: Any) -> tuple[str, str]:
    with pytest.raises(RosterRefused) as refusal, transaction.atomic():
        hire(*args, **kwargs)
    return refusal.value.field, str(refusal.value)


def test_a_person_is_recorded_once_and_met_again(
    world: World, director: User, officer: User, neighbour: Any
) -> None:
    first = hire(world.kindergarten, director, papers=[paper_facts()])
    member = first.person
    assert (member.sex, member.birth_date) == ("female", dt.date(1990, 5, 17))
    held = StaffMember.objects.values_list("number", flat=True).get(pk=member.pk)
    assert a_number(1) not in held
    # Nothing but name and number, and a full-time post only after the first.
    known = person_facts(education="")
    part = post_facts(full_time=False, started_on=SEPTEMBER)
    assert refusal_of(neighbour, officer, known) == (
        "full_time",
        (
            "示例教师2024年9月1日起在示例一园有全职任职，一个人同时只能有一个全职。"
            "请那边先办离任，或由区县教育局办调动；兼职的，选“兼职”。"
        ),
    )
    second = hire(neighbour, officer, known, part)
    assert second.person_id == member.pk
    assert refusal_of(neighbour, officer, replace(known, name="别名"), part)[0] == "name"
    assert refusal_of(neighbour, officer, known, part)[0] == "started_on"
    assert refusal_of(neighbour, officer, person_facts(2, education=""))[0] == "education"
    # The director sees the person, and of the posts the own one.
    assert Appointment.objects.visible_to(director).get(person=member) == first


def test_where_a_foreign_post_is_stays_untold(world: World, director: User) -> None:
    other = acting(world.strangers["director"])
    place = Appointment._meta.get_field("kindergarten").related_model.objects.visible_to(other)
    hire(place.get(), other)
    field, text = refusal_of(world.kindergarten, director)
    assert field == "full_time"
    assert "在另一所幼儿园有全职任职" in text
    with pytest.raises(PermissionDenied, match="不在您的工作范围"):
        hire(world.kindergarten, other, person_facts(2))
    with pytest.raises(PermissionDenied, match="由幼儿园和区县教育局登记"):
        hire(world.kindergarten, acting(world.people["inspector"]), person_facts(2))


def test_an_unusual_age_needs_a_word(world: World, director: User) -> None:
    young = person_facts(3, number=a_number(3, dt.date(2008, 9, 2)))
    post = post_facts(started_on=SEPTEMBER)
    assert refusal_of(world.kindergarten, director, young, post)[0] == "exception"
    hire(world.kindergarten, director, young, replace(post, exception="已核对证件"))
    child = person_facts(4, number=a_number(4, dt.date(2011, 9, 2)))
    strange = replace(post, exception="已核对证件")
    assert refusal_of(world.kindergarten, director, child, strange) == (
        "started_on", "任职时14周岁，不可能。请核对任职日期和证件号码。",
    )  # fmt: skip


def test_a_director_without_qualifications_needs_the_countys_reason(
    world: World, director: User, officer: User
) -> None:
    head = post_facts(post="principal", started_on=SEPTEMBER)
    field, text = refusal_of(world.kindergarten, director, None, head)
    assert field == "post"
    assert "没有登记有效的幼儿园教师资格；幼儿园教师或管理工作0年，不满5年" in text
    # A word of the kindergarten's own is none of the county's.
    assert refusal_of(
        world.kindergarten, director, None, replace(head, exception="急需")
    )[0] == "post"  # fmt: skip
    assert refusal_of(world.kindergarten, officer, None, head)[0] == "exception"
    hire(world.kindergarten, officer, None, replace(head, exception="过渡期一年，局长办公会同意"))
    qualified = person_facts(5, earlier_years=5)
    world.small.kindergarten(world.town, "示例新园")
    services.end_appointment(
        appointment_id=Appointment.objects.get(post="principal").pk, on=dt.date(2026, 10, 1),
        end_reason="resigned", note="", by=director, today=TODAY,
    )  # fmt: skip
    hire(
        world.kindergarten, director, qualified,
        replace(head, started_on=dt.date(2026, 10, 1)), papers=[paper_facts()],
    )  # fmt: skip


def test_a_move_ends_one_post_and_begins_the_other(
    world: World, director: User, officer: User, neighbour: Any
) -> None:
    first = hire(world.kindergarten, director)
    new = post_facts(started_on=SEPTEMBER, class_led="中一班")
    ask: dict[str, Any] = {"appointment_id": first.pk, "post": new, **WHEN}
    with pytest.raises(PermissionDenied, match="调动由区县教育局办理"):
        services.transfer(to=neighbour, by=director, **ask)
    with pytest.raises(RosterRefused, match="就在这所幼儿园"):
        services.transfer(to=world.kindergarten, by=officer, **ask)
    second = services.transfer(to=neighbour, by=officer, **ask)
    first.refresh_from_db()
    assert (first.ended_on, first.end_reason, first.end_note) == (
        SEPTEMBER, "transferred", "到示例邻园",
    )  # fmt: skip
    assert (second.kindergarten, second.started_on) == (neighbour, SEPTEMBER)
    # Whoever has left is seen, and no longer corrected by the former kindergarten.
    member = StaffMember.objects.visible_to(director).get(pk=first.person_id)
    assert not services.may_keep_person(member, director, TODAY)
    assert services.may_keep_person(member, officer, TODAY)
    with pytest.raises(RosterRefused, match="已于2026年9月1日离任"):
        services.end_appointment(
            appointment_id=first.pk, on=TODAY, end_reason="resigned", note="", by=director,
            today=TODAY,
        )  # fmt: skip


def test_a_post_by_mistake_is_taken_back_and_opens_nothing(world: World, director: User) -> None:
    first = hire(world.kindergarten, director)
    services.withdraw_appointment(appointment_id=first.pk, reason="登错了园", by=director, now=NOW)
    assert not StaffMember.objects.visible_to(director).filter(pk=first.person_id).exists()
    last = TRACKED[Appointment].copies("the test's own row").filter(pgh_obj_id=first.pk).last()
    assert last.pgh_context["reason"] == "登错了园"
    with pytest.raises(RosterRefused, match="已经撤销"):
        services.withdraw_appointment(appointment_id=first.pk, reason="再", by=director, now=NOW)
    # It stands in nobody's way.
    hire(world.kindergarten, director)


def test_a_number_typed_for_somebody_else_is_free_once_taken_back(
    world: World, director: User, officer: User, neighbour: Any
) -> None:
    wrong = person_facts(name="写错的人", title="senior", earlier_years=9)
    first = hire(world.kindergarten, director, wrong, papers=[paper_facts()])
    right = person_facts(education="diploma", earlier_years=None)
    assert refusal_of(neighbour, officer, right)[0] == "name"
    services.withdraw_appointment(
        appointment_id=first.pk, reason="号码填错人", by=director, now=NOW
    )
    assert refusal_of(neighbour, officer, replace(right, education=""))[0] == "education"
    assert refusal_of(neighbour, officer, replace(right, sex="male"))[0] == "sex"
    own = paper_facts(number="20186543210000456")
    member = hire(neighbour, officer, right, papers=[own]).person
    member.refresh_from_db()
    assert (member.pk, member.name, member.education, member.title, member.earlier_years) == (
        first.person_id, "示例教师", "diploma", "", None,
    )  # fmt: skip
    papers = Certificate.objects.visible_to(officer).filter(person=member)
    assert [paper.number for paper in papers.standing()] == [own.number]
    last = TRACKED[StaffMember].copies("the test's own row").filter(pgh_obj_id=member.pk).last()
    assert "任职都已撤销" in last.pgh_context["reason"]


def test_a_person_is_put_right_with_a_reason(world: World, director: User) -> None:
    member = hire(world.kindergarten, director).person
    hire(world.kindergarten, director, person_facts(2, name="另一人"))
    ask: dict[str, Any] = {
        "person_id": member.pk, "reason": "升本科", "by": director, "today": TODAY,
    }  # fmt: skip
    seen = stamp_of(member, PERSON_FACTS)
    facts = person_facts(number="", name="更名教师", title="first")
    services.correct_person(facts=facts, seen=seen, **ask)
    with pytest.raises(RosterRefused, match="别人改过"):
        services.correct_person(facts=facts, seen=seen, **ask)
    member.refresh_from_db()
    assert (member.name, str(member.number)) == ("更名教师", a_number(1))
    ask["seen"] = stamp_of(member, PERSON_FACTS)
    with pytest.raises(RosterRefused, match="另一个人名下"):
        services.correct_person(facts=person_facts(2), **ask)
    # As the page sends it: with the day and sex that the wrong number said, which nobody typed.
    right = a_number(9, dt.date(1991, 6, 18), woman=False)
    stood = {"sex": member.sex, "birth_date": member.birth_date}
    typed = person_facts(number=right, birth_date=dt.date(1992, 1, 1))
    with pytest.raises(RosterRefused, match="出生日期不一样"):
        services.correct_person(facts=typed, **ask)
    services.correct_person(facts=person_facts(number=right, **stood), **ask)
    member.refresh_from_db()
    assert (member.sex, member.birth_date) == ("male", dt.date(1991, 6, 18))
    ask["seen"] = stamp_of(member, PERSON_FACTS)
    services.correct_person(facts=person_facts(9), **ask)
    assert StaffMember.objects.with_number("resident_id", a_number(9).lower()).get() == member
    copies = TRACKED[StaffMember].copies("the test's own row").filter(pgh_obj_id=member.pk)
    assert copies.last().pgh_context["secret"] == "number"


def test_a_post_is_put_right(world: World, director: User) -> None:
    first = hire(world.kindergarten, director)
    services.correct_appointment(
        appointment_id=first.pk, facts=post_facts(class_led="大一班", establishment="purchased"),
        reason="换班", seen=None, by=director, today=TODAY,
    )  # fmt: skip
    first.refresh_from_db()
    assert (first.class_led, first.establishment) == ("大一班", "purchased")


def test_an_end_is_put_right_or_taken_back_and_never_written_by_a_correction(
    world: World, director: User
) -> None:
    first = hire(world.kindergarten, director)

    def corrected(**facts: Any) -> Appointment:
        with transaction.atomic():
            return services.correct_appointment(
                appointment_id=first.pk, facts=post_facts(**facts), reason="日期写错", seen=None,
                by=director, today=TODAY,
            )  # fmt: skip

    assert corrected(ended_on=SEPTEMBER, end_reason="resigned").ended_on is None
    services.end_appointment(
        appointment_id=first.pk, on=SEPTEMBER, end_reason="resigned", note="个人原因",
        by=director, today=TODAY,
    )  # fmt: skip
    october = dt.date(2026, 10, 1)
    second = hire(
        world.kindergarten, director, None, post_facts(post="administrative", started_on=october)
    )
    put_right = corrected(ended_on=october, end_reason="other_post")
    assert (put_right.ended_on, put_right.end_note) == (october, "个人原因")
    for wrong, field in (
        ({"ended_on": october}, "end_reason"),
        ({"ended_on": dt.date(2062, 9, 1), "end_reason": "resigned"}, "ended_on"),
        ({"ended_on": dt.date(2026, 10, 2), "end_reason": "resigned"}, "full_time"),
        ({}, "full_time"),
    ):
        with pytest.raises(RosterRefused) as refusal:
            corrected(**wrong)
        assert refusal.value.field == field, wrong
    services.withdraw_appointment(appointment_id=second.pk, reason="没有转岗", by=director, now=NOW)
    assert (corrected().ended_on, corrected().end_note) == (None, "")


def test_a_directors_qualifications_are_asked_again_of_another_day(
    world: World, director: User, officer: User
) -> None:
    said = "过渡期一年，局长办公会同意"
    head = post_facts(post="principal", started_on=dt.date(2019, 9, 1), exception=said)
    first = hire(world.kindergarten, officer, None, head, papers=[paper_facts()])

    def corrected(by: User, **facts: Any) -> None:
        services.correct_appointment(
            appointment_id=first.pk, facts=replace(head, **facts), reason="核对", seen=None, by=by,
            today=TODAY,
        )  # fmt: skip

    # What the county agreed to stays the county's; what else stands in the row does not ask again.
    corrected(director, establishment="purchased")
    with pytest.raises(RosterRefused, match="报区县教育局写明理由"):
        corrected(director, exception="")
    # The years of the post itself are none before it.
    with pytest.raises(RosterRefused, match="不满5年"):
        corrected(director, started_on=SEPTEMBER)
    with pytest.raises(RosterRefused, match="写明理由"):
        corrected(officer, exception="")
    corrected(officer, started_on=SEPTEMBER)


def test_an_end_is_a_year_ahead_at_most(world: World, director: User) -> None:
    first = hire(world.kindergarten, director)
    ask: dict[str, Any] = {
        "appointment_id": first.pk, "end_reason": "resigned", "note": "", "by": director,
        "today": TODAY,
    }  # fmt: skip
    with pytest.raises(RosterRefused, match="一年以后"):
        services.end_appointment(on=dt.date(2062, 9, 1), **ask)
    services.end_appointment(on=TODAY + dt.timedelta(days=366), **ask)


def test_papers_are_added_once_and_taken_back(world: World, director: User) -> None:
    member = hire(world.kindergarten, director).person
    ask: dict[str, Any] = {"person_id": member.pk, "by": director, **WHEN}
    paper = services.add_certificate(facts=paper_facts(), **ask)
    with pytest.raises(RosterRefused, match="已经登记"):
        services.add_certificate(facts=paper_facts(), **ask)
    services.withdraw_certificate(certificate_id=paper.pk, reason="编号写错", by=director, **WHEN)
    services.add_certificate(facts=paper_facts(), **ask)
    papers = Certificate.objects.visible_to(director).filter(person=member)
    assert papers.standing().count() == 1


def test_the_rule_and_the_list_agree_on_who_is_certified(world: World, director: User) -> None:
    for serial, (post, papers, _) in enumerate(CERTIFIED):
        facts = [
            PaperFacts(kind, f"{serial}之{number}", dt.date(2013, 6, 1), stage, until)
            for number, (kind, stage, until) in enumerate(papers)
        ]
        appointment = hire(
            world.kindergarten, acting(world.people["bureau_officer"]),
            person_facts(serial, name=a_name(serial)), post_facts(post=post, exception="示例"),
            papers=facts,
        )  # fmt: skip
        assert appointment.person.name == a_name(serial)
    found = Appointment.objects.visible_to(director).exclude(pk=world.staff_post.pk)
    found = found.with_certified(TODAY).order_by("pk")
    assert [row.certified for row in found] == [right for _, _, right in CERTIFIED]


def test_a_whole_number_is_seen_with_a_reason_on_record(
    world: World, director: User, officer: User
) -> None:
    member = hire(world.kindergarten, director).person
    ask: dict[str, Any] = {"person": member, "now": NOW}
    with pytest.raises(PermissionDenied):
        services.reveal_number(reason="核对证件原件", by=director, **ask)
    stranger = acting(world.strangers["bureau_officer"])
    with pytest.raises(PermissionDenied):
        services.reveal_number(reason="核对证件原件", by=stranger, **ask)
    with pytest.raises(ReasonNeeded):
        services.reveal_number(reason="看", by=officer, **ask)
    assert services.reveal_number(reason="核对证件原件", by=officer, **ask) == a_number(1)
    record = AccessRecord.objects.get(object_kind="staffing.staffmember")
    assert (record.object_id, record.persons) == (str(member.pk), 1)


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        ({}, "one_post_of_a_kind_at_a_time"),
        ({"post": "principal"}, "one_full_time_post_at_a_time"),
        ({"full_time": False, "post": "principal", "duty": "cook"}, "duty_in_its_posts"),
        (
            {"full_time": False, "started_on": dt.date(2020, 1, 1), "ended_on": dt.date(2021, 1, 1)},
            "appointment_ends_with_its_reason",
        ),
        (
            {
                "full_time": False, "started_on": dt.date(2020, 1, 1), "end_reason": "resigned",
                "ended_on": dt.date(2020, 1, 1),
            },
            "appointment_dates_in_order",
        ),
    ],
)  # fmt: skip
def test_the_database_keeps_its_promises(
    world: World, director: User, broken: dict[str, Any], promise: str
) -> None:
    first = hire(world.kindergarten, director)
    row = {
        "person": first.person, "kindergarten": first.kindergarten, "post": first.post,
        "full_time": True, "establishment": "established", "started_on": first.started_on,
        "entered_as": first.entered_as, "entered_at": NOW,
    }  # fmt: skip
    with pytest.raises(IntegrityError, match=promise), transaction.atomic():
        Appointment.objects.create(**row | broken)


def test_one_number_is_one_person(world: World, director: User) -> None:
    member = hire(world.kindergarten, director).person
    (key,) = next_staff_keys(1)
    twin = StaffMember(pk=key, name="同号", sex="female", birth_date=member.birth_date)
    twin.number = a_number(1)
    with pytest.raises(IntegrityError, match="one_staff_member_per_number"), transaction.atomic():
        twin.save(force_insert=True)


def test_what_cannot_be_of_this_person_is_refused(world: World, director: User) -> None:
    hire(world.kindergarten, director, papers=[paper_facts()])
    other = person_facts(2, name="另一人")
    for person, papers, said in (
        (other, [paper_facts()], "已登记在别人名下"),
        (other, [paper_facts(number="示例", issued_on=dt.date(2006, 5, 16))], "不满16周岁"),
        # Born in 1990, first post in 2024.
        (replace(other, earlier_years=17), [], "最多16年"),
    ):
        with pytest.raises(RosterRefused, match=said):
            hire(world.kindergarten, director, person, papers=papers)
    # The same number of another kind of certificate is another certificate.
    hire(world.kindergarten, director, other, papers=[paper_facts(kind="nurse", stage="")])
