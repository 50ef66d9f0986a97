"""What an aggregate return may say: every count, its head, its meaning and its unit.

Plain data. The table in docs/indicators.md ("History before the portal") says the same in English,
and a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass

PEOPLE, PLACES, CLASSES, AREA, BOOKS = "人", "所", "个", "㎡", "册"


@dataclass(frozen=True)
class CountColumn:
    """One count: `name` in code and as an English head, `head` in Chinese, `unit` of one."""

    name: str
    head: str
    unit: str
    aliases: tuple[str, ...] = ()
    note: str = ""

    @property
    def of_people(self) -> bool:
        """Whether the row's unit (人 or 万人) says what it is counted in."""
        return self.unit == PEOPLE


COUNTS: tuple[CountColumn, ...] = (
    CountColumn("kindergartens", "幼儿园", PLACES, ("幼儿园数", "园数", "园所数", "幼儿园所数")),
    CountColumn("public_kindergartens", "公办园", PLACES, ("公办园数", "公办幼儿园", "公办园所数")),
    CountColumn("private_kindergartens", "民办园", PLACES,
                ("民办园数", "民办幼儿园", "民办园所数"), "普惠和非普惠都在内"),
    CountColumn("inclusive_private_kindergartens", "普惠性民办园", PLACES,
                ("普惠民办园", "普惠性民办幼儿园", "普惠性民办园数")),
    CountColumn("inclusive_kindergartens", "普惠性幼儿园", PLACES,
                ("普惠园", "普惠园数", "普惠性幼儿园数"), "公办园加普惠性民办园"),
    CountColumn("enrolled_children", "在园幼儿", PEOPLE,
                ("在园幼儿数", "在园人数", "在园儿童", "children", "enrolled", "幼儿数"), "不含托班"),
    CountColumn("public_children", "公办园在园幼儿", PEOPLE,
                ("公办在园幼儿", "公办幼儿", "公办园幼儿", "公办园在园人数")),
    CountColumn("private_children", "民办园在园幼儿", PEOPLE,
                ("民办在园幼儿", "民办幼儿", "民办园幼儿", "民办园在园人数"), "普惠和非普惠都在内"),
    CountColumn("inclusive_private_children", "普惠性民办园在园幼儿", PEOPLE,
                ("普惠民办在园幼儿", "普惠民办幼儿", "普惠性民办幼儿", "普惠民办园在园幼儿",
                 "普惠性民办园幼儿")),
    CountColumn("inclusive_children", "普惠性幼儿园在园幼儿", PEOPLE,
                ("普惠在园幼儿", "普惠幼儿", "普惠园在园幼儿"), "公办园加普惠性民办园"),
    CountColumn("nursery_children", "托班幼儿", PEOPLE, ("托班", "托班人数"), "不在在园幼儿里"),
    CountColumn("classes", "班数", CLASSES, ("班级数", "班级", "教学班"), "不含托班"),
    CountColumn("compliant_classes", "班额达标班数", CLASSES, ("达标班数", "班额达标班级数")),
    CountColumn("staff", "教职工", PEOPLE, ("教职工数", "教职工总数", "教职工合计", "total_staff")),
    CountColumn("principals", "园长", PEOPLE, ("园长数",)),
    CountColumn("full_time_teachers", "专任教师", PEOPLE, ("专任教师数", "专任", "teachers")),
    CountColumn("childcare_workers", "保育员", PEOPLE, ("保育员数",)),
    CountColumn("health_staff", "卫生保健人员", PEOPLE, ("卫生保健", "卫生保健员", "保健人员")),
    CountColumn("administrative_staff", "行政人员", PEOPLE, ("行政", "administrative")),
    CountColumn("teaching_support_staff", "教辅人员", PEOPLE,
                ("教辅", "teaching_support", "teaching_assistants")),
    CountColumn("service_staff", "工勤人员", PEOPLE, ("工勤", "工勤技能人员", "workers")),
    CountColumn("other_staff", "其他教职工", PEOPLE, ("其他人员",), "行政、教辅、工勤不分列时的合计"),
    CountColumn("certified_principals_and_teachers", "持证园长和专任教师", PEOPLE,
                ("持证人数", "持证教师", "certified")),
    CountColumn("resident_population_3_5", "常住3—5岁人口", PEOPLE,
                ("常住3-5岁人口", "3-5岁常住人口", "3—5岁常住人口", "常住适龄人口")),
    CountColumn("registered_population_3_5", "户籍3—5岁人口", PEOPLE,
                ("户籍3-5岁人口", "3-5岁户籍人口", "3—5岁户籍人口", "户籍适龄人口")),
    CountColumn("floor_area_m2", "园舍建筑面积", AREA, ("建筑面积", "校舍建筑面积")),
    CountColumn("activity_room_area_m2", "活动用房面积", AREA, ("活动室面积",)),
    CountColumn("outdoor_area_m2", "室外游戏场地面积", AREA, ("室外活动场地面积", "户外活动场地面积")),
    CountColumn("books", "图书", BOOKS, ("图书册数",)),
)  # fmt: skip
BY_NAME = {column.name: column for column in COUNTS}

# The posts that make up the staff; the last three where a table does not give them apart: other_staff.
POSTS = ("principals", "full_time_teachers", "childcare_workers", "health_staff")
OTHER_POSTS = ("administrative_staff", "teaching_support_staff", "service_staff")

# Figures whose published value a table may carry, beside what its counts come to.
PUBLISHED: tuple[str, ...] = (
    "gross_enrolment_rate",
    "inclusive_enrolment_share",
    "public_enrolment_share",
    "inclusive_kindergarten_share",
    "compliant_class_share",
    "certified_share",
    "children_per_staff",
    "children_per_care_teaching_staff",
    "children_per_full_time_teacher",
    "fully_staffed_kindergarten_share",
    "public_recognition_rate",
    "outdoor_area_per_child_m2",
    "activity_room_area_per_child_m2",
    "floor_area_per_child_m2",
    "books_per_child",
)

# Who runs the kindergartens of a row; no sponsor is the total of all.
TOTAL = ""
SPONSORS: dict[str, str] = {
    "education": "教育部门",
    "other_departments": "其他部门",
    "local_enterprise": "地方企业",
    "public_institution": "事业单位",
    "military": "部队",
    "collective": "集体",
    "education_and_collective": "教育部门和集体",
    "private": "民办",
    "joint_venture": "中外合作",
}
SPONSOR_ALIASES: dict[str, str] = {
    "合计": TOTAL, "总计": TOTAL, "全部": TOTAL, "total": TOTAL,
    "社会力量": "private", "社会力量办": "private", "民办园": "private",
    "教育部门办": "education", "其他部门办": "other_departments", "集体办": "collective",
    "地方企业办": "local_enterprise", "事业单位办": "public_institution", "部队办": "military",
    "中外合作办": "joint_venture", "教育部门和集体办": "education_and_collective",
}  # fmt: skip
PRIVATE_SPONSORS = frozenset({"private", "joint_venture"})
