"""Staff of a kindergarten, by post, fitting its children or short of them by a stated number."""

from __future__ import annotations

import random

from config.demo.classes import ClassRow, Grade
from config.demo.plan import StaffGap
from staffing.models import StaffCount

Post = StaffCount.Post
# People and, for heads and teachers, how many hold the certificate.
Staff = dict[Post, tuple[int, int | None]]
# Who joined and who left, by post.
Movement = dict[Post, dict[str, int]]


def make_staff(rng: random.Random, classes: list[ClassRow], gap: StaffGap | None) -> Staff:
    preschool = [row for row in classes if row.grade != Grade.NURSERY]
    children = sum(row.children for row in preschool)
    if gap is not None:
        return _short_staff(children, gap)
    count = len(preschool)
    principals = 1 if count < 6 else 2 if count < 10 else 3
    teachers = 2 * count
    carers = count
    while (teachers + carers) * 9.4 < children:
        teachers += 1
    if count > 3 and rng.random() < 0.15:
        teachers -= 1
    health = max(1, round(children / 150))
    wanted = round(children / rng.uniform(6.1, 7.3))
    others = max(1, wanted - principals - teachers - carers - health)
    uncertified = 1 if rng.random() < 0.07 else 0
    return _staff(principals, teachers, carers, health, others, uncertified)


def _short_staff(children: int, gap: StaffGap) -> Staff:
    """Exactly as many people short of each limit as `gap` says, certificates complete."""
    care_teaching = -(-children // 9) - gap.care_teaching
    health = -(-children // 150) - gap.health
    everyone = -(-children // 7) - gap.staff
    others = everyone - care_teaching - health - 1
    if others < 0:
        raise ValueError(f"{children} children are too few for {gap}")
    carers = care_teaching // 3
    return _staff(1, care_teaching - carers, carers, health, others, 0)


def _staff(
    principals: int, teachers: int, carers: int, health: int, others: int, uncertified: int
) -> Staff:
    administrative = others // 6
    assistants = others // 8
    return {
        Post.PRINCIPAL: (principals, principals),
        Post.FULL_TIME_TEACHER: (teachers, max(0, teachers - uncertified)),
        Post.CHILDCARE_WORKER: (carers, None),
        Post.HEALTH_STAFF: (health, None),
        Post.ADMINISTRATIVE: (administrative, None),
        Post.TEACHING_ASSISTANT: (assistants, None),
        Post.SERVICE_STAFF: (others - administrative - assistants, None),
    }


def staff_last_year(rng: random.Random, staff: Staff) -> Staff:
    """The school year before: sometimes a teacher fewer."""
    teachers, certified = staff[Post.FULL_TIME_TEACHER]
    if teachers < 4 or certified is None or rng.random() > 0.3:
        return staff
    return staff | {Post.FULL_TIME_TEACHER: (teachers - 1, min(certified, teachers - 1))}


def movement(staff: Staff, before: Staff) -> Movement:
    """Who came and left since the month before."""
    return {
        post: {
            "joined": max(0, people - before[post][0]),
            "left": max(0, before[post][0] - people),
        }
        for post, (people, _) in staff.items()
    }
