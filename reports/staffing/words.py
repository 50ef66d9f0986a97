"""Posts and reasons in the words of those who staff kindergartens."""

from __future__ import annotations

from collections.abc import Iterable

from staffing.standards.rules import ASKED, Lack, Post
from staffing.standards.terms import Demand

POSTS: dict[Post, str] = {
    Post.STAFF: "教职工（全园合计）",
    Post.CARE_TEACHING: "保教人员（专任教师和保育员）",
    Post.TEACHER: "专任教师（按班）",
    Post.CARER: "保育员（按班）",
    Post.HEALTH: "卫生保健人员",
    Post.PRINCIPAL: "园长",
    Post.BOARDING: "寄宿班另加的教师和保育员",
    Post.COOK: "炊事人员",
    Post.GUARD: "保安人员",
}
SHORT_POSTS: dict[Post, str] = {
    Post.STAFF: "教职工",
    Post.CARE_TEACHING: "保教人员",
    Post.TEACHER: "专任教师",
    Post.CARER: "保育员",
    Post.HEALTH: "卫生保健",
    Post.PRINCIPAL: "园长",
}
DEMANDS: dict[Demand, str] = {
    Demand.STAFF: "教职工与幼儿比",
    Demand.CARE_TEACHING: "保教人员与幼儿比",
    Demand.TEACHERS_OF_COUNTY: "专任教师与幼儿比（合计）",
    Demand.CLASS: "每班教师和保育员",
    Demand.HEALTH: "卫生保健人员",
    Demand.PRINCIPAL: "园长",
    Demand.COOK: "炊事人员",
    Demand.GUARD: "保安人员",
}
LACKS: dict[Lack, str] = {
    Lack.STANDARD: "没有适用的标准",
    Lack.CHILDREN: "没有在园幼儿",
    Lack.CLASSES: "没有班数",
    Lack.EVERYBODY: "教职工不计入，不知道全园人数",
    Lack.BOARDING: "不知道寄宿班数（园所档案登记“没有寄宿”的不用）",
    Lack.MEALS: "园所档案没有登记供餐",
    Lack.FEWER_MEALS: "少于三餐一点的，标准只说酌减，没有写定数",
}


def lack_word(post: Post, lack: Lack) -> str:
    if lack is Lack.PEOPLE:
        return "教职工不计入" if post in ASKED else "月报没有问人数"
    return LACKS[lack]


def reasons(post: Post, lacks: Iterable[Lack]) -> str:
    """Every reason once, in the order of the list."""
    found = set(lacks)
    return "；".join(dict.fromkeys(lack_word(post, lack) for lack in Lack if lack in found))
