"""What is typed about drills, training, insurance and the kitchen."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms

from accounts.people.forms import reason_field
from kindergartens.form_fields import DateField, WholeField, line
from safety.upkeep.rules import (
    DRILLS,
    LONGEST_LICENCE,
    LONGEST_POLICY,
    MOST_MINUTES,
    OPEN_KITCHEN,
    dates_problem,
    held_problem,
)

CHOOSE = {"required": "请选择。", "invalid_choice": "请从列表中选择。"}
ONE = Decimal(1)


class HeldForm(forms.Form):
    """Something held on a day that is not to come."""

    held_on = DateField("日期")

    def __init__(self, data: Any = None, *, today: dt.date) -> None:
        super().__init__(data)
        self.today = today

    def clean_held_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["held_on"]
        if problem := held_problem(day, self.today):
            raise forms.ValidationError(problem)
        return day


class DrillForm(HeldForm):
    kind = forms.ChoiceField(
        label="演练", choices=[("", "请选择"), *DRILLS.items()], error_messages=CHOOSE
    )
    people = WholeField(
        "参加人数", unit="人", max_digits=4, min_value=ONE, help_text="幼儿和教职工合计"
    )
    minutes = WholeField(
        "用时", unit="分钟", max_digits=3, min_value=ONE, max_value=Decimal(MOST_MINUTES)
    )
    found = line("发现的问题", 300, help_text="没有就留空；不写姓名")
    field_order = ("kind", "held_on", "people", "minutes", "found")


class TrainingForm(HeldForm):
    subject = line("培训内容", 100, "请填培训了什么，例如：消防器材使用。")
    people = WholeField("参加人数", unit="人", max_digits=4, min_value=ONE)


class ValidForm(forms.Form):
    """Something valid from a day until a day."""

    longest: dt.timedelta

    def __init__(self, data: Any = None, *, today: dt.date) -> None:
        super().__init__(data)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("valid_from"), data.get("valid_until")
        if first and last and (problem := dates_problem(first, last, self.longest)):
            self.add_error("valid_until", problem)
        return data


class PolicyForm(ValidForm):
    longest = LONGEST_POLICY
    insurer = line("保险公司", 80, "请填保险公司名称。")
    number = line("保单号", 60, "请填保单号。")
    valid_from = DateField("生效日")
    valid_until = DateField("到期日", help_text="这一天还在保")
    children = WholeField("承保幼儿", unit="人", max_digits=5, min_value=ONE)
    sum_yuan = WholeField(
        "累计赔偿限额", unit="元", max_digits=11, min_value=ONE, help_text="保单上一年累计的限额"
    )


class KitchenForm(ValidForm):
    longest = LONGEST_LICENCE
    number = line("食品经营许可证编号", 40, "请填许可证编号。")
    valid_from = DateField("发证日期")
    valid_until = DateField("有效期至")
    open_kitchen = forms.ChoiceField(
        label="明厨亮灶", choices=[("", "请选择"), *OPEN_KITCHEN.items()], error_messages=CHOOSE
    )


class WithdrawForm(forms.Form):
    reason = reason_field("撤销原因", "请写明登记错了什么，会记入改动记录。")
