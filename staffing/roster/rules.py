"""Who may hold which post: what is typed of a person, ages, certificates, a director's qualifications.

Sources: 学前教育法 Art 37 (teachers), 38 (directors), 39 (childcare and health staff); 劳动法 Art 15
(nobody under 16). Plain Python; `on` is the day a rule is asked of.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from staffing.roster.identity import SAYS_BIRTH, holder, number_problem

PRINCIPAL, TEACHER, CARER, HEALTH = (
    "principal", "full_time_teacher", "childcare_worker", "health_staff",
)  # fmt: skip
# 幼儿园教师或者幼儿园管理工作 (Art 38): the posts whose years count.
YEARS_COUNT_IN = frozenset({PRINCIPAL, TEACHER})
# Posts that have a class of their own.
WITH_A_CLASS = frozenset({TEACHER, CARER})
# What people in administration and service do; other posts have no duty besides.
DUTIES = {
    "accountant": "财会",
    "cook": "炊事",
    "guard": "保安",
    "cleaner": "保洁",
    "driver": "驾驶",
    "other": "其他",
}
DUTIES_OF = {
    "administrative": frozenset({"accountant", "other"}),
    "service_staff": frozenset({"cook", "guard", "cleaner", "driver", "other"}),
}
# 大专 and above, from the lowest level up.
DIPLOMA_OR_ABOVE = frozenset({"diploma", "bachelor", "postgraduate"})
YEARS_ASKED_OF_A_DIRECTOR = 5
# What is recorded ahead is agreed already; further ahead it is a wrong year.
AHEAD = dt.timedelta(days=366)
# 劳动法 Art 15; 民法典 Art 17.
LEAST_AGE, ADULT = 16, 18


# ---- what is typed -----------------------------------------------------------------------------


@dataclass(frozen=True)
class PersonFacts:
    """A person as typed. `earlier_years`: whole years as a kindergarten's teacher or manager before
    the first post on the roster; None is not known. Of a number that says them, day of birth and
    sex may stay empty.
    """

    name: str
    identifier_type: str
    # No trace and no log shows it.
    number: str = field(repr=False)
    sex: str = ""
    birth_date: dt.date | None = None
    education: str = ""
    title: str = ""
    specialism: str = ""
    earlier_years: int | None = None


@dataclass(frozen=True)
class PostFacts:
    """A post in a kindergarten as typed. `ended_on` is the first day without it, with its reason.
    `exception` says why it is right although the rules find it strange.
    """

    post: str
    full_time: bool
    establishment: str
    started_on: dt.date
    duty: str = ""
    class_led: str = ""
    ended_on: dt.date | None = None
    end_reason: str = ""
    exception: str = ""


@dataclass(frozen=True)
class PaperFacts:
    """A certificate as typed. `stage` is that of a teaching certificate; `valid_until` its last day."""

    kind: str
    number: str
    issued_on: dt.date
    stage: str = ""
    valid_until: dt.date | None = None

    def holds(self, on: dt.date) -> bool:
        return self.issued_on <= on and (self.valid_until is None or on <= self.valid_until)


def completed(person: PersonFacts) -> PersonFacts:
    """With the day of birth and the sex that the number says, where they were left empty."""
    said = holder(person.identifier_type, person.number)
    if said is None:
        return person
    return replace(
        person,
        sex=person.sex or said.sex,
        birth_date=person.birth_date or said.birth_date,
    )


def following_its_number(person: PersonFacts, sex: str, birth_date: dt.date) -> PersonFacts:
    """Where a number was put right, without the sex and day of birth that the wrong one said.

    `sex` and `birth_date` stood there before; others than those were typed and are compared.
    """
    if number_problem(person.identifier_type, person.number):
        return person
    if person.identifier_type not in SAYS_BIRTH:
        return person
    return replace(
        person,
        sex="" if person.sex == sex else person.sex,
        birth_date=None if person.birth_date == birth_date else person.birth_date,
    )


def person_problems(person: PersonFacts, today: dt.date) -> Iterator[tuple[str, str]]:
    """What is wrong with a person's data: (field, what to do)."""
    if any(letter.isdecimal() for letter in person.name):
        yield "name", "姓名里有数字。请照证件填写姓名。"
    wrong = number_problem(person.identifier_type, person.number)
    if wrong:
        yield "number", wrong
        return
    said = holder(person.identifier_type, person.number)
    if said is not None:
        if person.sex and person.sex != said.sex:
            yield "sex", "和证件号码里的性别不一样。请核对证件，或留空，由系统从号码读出。"
        if person.birth_date and person.birth_date != said.birth_date:
            yield (
                "birth_date",
                "和证件号码里的出生日期不一样。请核对证件，或留空，由系统从号码读出。",
            )
    elif person.identifier_type not in SAYS_BIRTH:
        if not person.sex:
            yield "sex", "这种证件的号码看不出性别，请选一项。"
        if person.birth_date is None:
            yield "birth_date", "这种证件的号码看不出出生日期，请填。"
    born = completed(person).birth_date
    if born is not None and born >= today:
        yield "birth_date" if said is None else "number", "出生日期在今天以后。请核对证件。"


def is_too_far_ahead(day: dt.date, today: dt.date) -> bool:
    return day > today + AHEAD


def post_problems(post: PostFacts, today: dt.date) -> Iterator[tuple[str, str]]:
    """What is wrong with a post by itself: (field, what to do)."""
    if post.duty and post.duty not in DUTIES_OF.get(post.post, frozenset()):
        yield "duty", f"{DUTIES[post.duty]}不在这个岗位里。请改选岗位，或把分工留空。"
    if post.class_led and post.post not in WITH_A_CLASS:
        yield "class_led", "只有专任教师和保育员填所带班级。请清空，或改选岗位。"
    if is_too_far_ahead(post.started_on, today):
        yield "started_on", "任职日期在一年以后，请核对年份。"
    if post.ended_on is not None and post.ended_on <= post.started_on:
        yield "ended_on", "离任日期要晚于任职日期；这一天起不再任职。"
    if post.ended_on is not None and is_too_far_ahead(post.ended_on, today):
        yield "ended_on", "离任日期在一年以后，请核对年份。"
    if post.ended_on is not None and not post.end_reason:
        yield "end_reason", "有离任日期的，要写离任原因。"
    if post.ended_on is None and post.end_reason:
        yield "ended_on", "写了离任原因的，要填离任日期。"


def paper_problems(paper: PaperFacts, today: dt.date) -> Iterator[tuple[str, str]]:
    """What is wrong with a certificate: (field, what to do)."""
    if paper.kind == "teaching" and not paper.stage:
        yield "stage", "请选教师资格的学段，如幼儿园。"
    if paper.kind != "teaching" and paper.stage:
        yield "stage", "只有教师资格证分学段。请清空，或改选证书。"
    if not paper.number:
        yield "number", "请照证书填写编号。"
    if paper.issued_on > today:
        yield "issued_on", "发证日期在今天以后，请核对。"
    if paper.valid_until is not None and paper.valid_until < paper.issued_on:
        yield "valid_until", "有效期要晚于发证日期；长期有效的留空。"


# ---- ages --------------------------------------------------------------------------------------


class AgeAtPost(StrEnum):
    USUAL = "usual"  # 18 to 65
    STRANGE = "strange"  # 16 and 17, 66 to 80: needs a word
    IMPOSSIBLE = "impossible"  # under 16 (劳动法第15条), over 80: a wrong number


def age_on(born: dt.date, on: dt.date) -> int:
    """Full years (周岁); born on 29 February, a year older on 1 March."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def age_at_post(born: dt.date, started_on: dt.date) -> AgeAtPost:
    """How plausible it is to begin in a post at this age."""
    age = age_on(born, started_on)
    if age < LEAST_AGE or age > 80:
        return AgeAtPost.IMPOSSIBLE
    return AgeAtPost.USUAL if ADULT <= age <= 65 else AgeAtPost.STRANGE


def earlier_years_problem(earlier: int | None, born: dt.date, first_post: dt.date) -> str:
    """此前幼教年限 cannot be more than the years between coming of age and the first post."""
    at_most = max(age_on(born, first_post) - ADULT, 0)
    if earlier is None or earlier <= at_most:
        return ""
    return f"第一次任职时{age_on(born, first_post)}周岁，此前幼教年限最多{at_most}年。请核对。"


# ---- certificates ------------------------------------------------------------------------------

# Beside a teaching certificate: which kinds are right for a post (Art 39).
KINDS_FOR = {
    CARER: frozenset({"childcare_qualification", "childcare_training"}),
    HEALTH: frozenset({"physician", "nurse", "health_training"}),
}
# Those whose end matters to a post, with what training a director (园长) is to have.
KINDS_THAT_MATTER = KINDS_FOR | {
    TEACHER: frozenset({"teaching", "preschool_training"}),
    PRINCIPAL: frozenset({"teaching", "preschool_training", "principal_training"}),
}


def may_teach(papers: Iterable[PaperFacts], on: dt.date) -> bool:
    """A kindergarten's teaching certificate; or another stage's with preschool training (Art 37)."""
    valid = [paper for paper in papers if paper.holds(on)]
    stages = {paper.stage for paper in valid if paper.kind == "teaching"}
    trained = any(paper.kind == "preschool_training" for paper in valid)
    return "kindergarten" in stages or (bool(stages) and trained)


def certified(post: str, papers: Sequence[PaperFacts], on: dt.date) -> bool | None:
    """持证: whether the papers are those the law asks for in this post; None where it asks none.

    Of a director it is the teaching certificate, as in 持证率; the rest of Art 38 is in
    `director_lacks`.
    """
    if post in YEARS_COUNT_IN:
        return may_teach(papers, on)
    kinds = KINDS_FOR.get(post)
    if kinds is None:
        return None
    return any(paper.kind in kinds and paper.holds(on) for paper in papers)


def issued_problem(issued_on: dt.date, born: dt.date) -> str:
    """A certificate for work is issued to nobody under 16."""
    if age_on(born, issued_on) >= LEAST_AGE:
        return ""
    return f"发证时不满{LEAST_AGE}周岁，请核对发证日期和出生日期。"


def why_not_certified(
    post: str, paper: PaperFacts, papers: Sequence[PaperFacts], on: dt.date
) -> str:
    """Why a certificate does not make its holder 持证 in a post; empty where it does, or none is asked.

    `papers` are all of the holder's.
    """
    holds = certified(post, papers, on)
    if holds is None:
        return ""
    if not paper.holds(on):
        return "已过有效期"
    if holds:
        return ""
    if post in YEARS_COUNT_IN and paper.kind == "teaching":
        return "不是幼儿园学段的，还要有学前教育专业培训合格证"
    if post in YEARS_COUNT_IN and paper.kind == "preschool_training":
        return "还要有有效的教师资格证"
    return "不是这个岗位要求的证书"


# ---- directors (Art 38) ------------------------------------------------------------------------


def full_years(
    earlier: int | None, spans: Iterable[tuple[dt.date, dt.date | None]], on: dt.date
) -> int | None:
    """Whole years of teaching or managing until a day: those before the roster, and on it.

    `spans` are (from, first day without); days in two posts count once. None where the years before
    are not known and those on the roster are not enough to do without them.
    """
    days, reached = 0, dt.date.min
    for since, until in sorted(spans, key=lambda span: span[0]):
        begins, ends = max(since, reached), min(until or on, on)
        if ends > begins:
            days += (ends - begins).days
            reached = ends
    # A year has 365.2425 days; whole numbers keep a full year a full year.
    years = (days * 400 + 399) // 146_097
    if earlier is None and years < YEARS_ASKED_OF_A_DIRECTOR:
        return None
    return (earlier or 0) + years


def director_lacks(
    papers: Iterable[PaperFacts], education: str, years: int | None, on: dt.date
) -> list[str]:
    """What a director (园长) lacks of Art 38, each as a clause; empty when nothing is missing."""
    lacks = []
    if not may_teach(papers, on):
        lacks.append("没有登记有效的幼儿园教师资格")
    if not education:
        lacks.append("没有登记学历")
    elif education not in DIPLOMA_OR_ABOVE:
        lacks.append("学历不到大学专科")
    if years is None:
        lacks.append("没有登记此前幼教年限")
    elif years < YEARS_ASKED_OF_A_DIRECTOR:
        lacks.append(f"幼儿园教师或管理工作{years}年，不满{YEARS_ASKED_OF_A_DIRECTOR}年")
    return lacks
