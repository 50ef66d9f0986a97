"""What people type about a fee schedule."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.people.forms import reason_field
from fees.models import Entrants, FeeHours, FeeItem, FeeScope, FeeUnit
from fees.rules import FeeFacts, fee_problems
from kindergartens.form_fields import DateField, NumberField, line

WRONG_CHOICE = {"required": "请选一项。", "invalid_choice": "没有这个选项，请重新选择。"}


class MoneyField(NumberField):
    """Yuan; the sign and the word people write with it are read."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 8)
        super().__init__(label, unit="元", **kwargs)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = value.strip().lstrip("￥¥").removesuffix("元")
        return super().to_python(value)


class FeeForm(forms.Form):
    """One line; `facts()` once it is valid."""

    item = forms.ChoiceField(
        label="收费项目", choices=[("", "请选择"), *FeeItem.choices], error_messages=WRONG_CHOICE
    )
    name = line("项目名称", 40, help_text="服务性收费和代收费写，例如伙食费、延时服务；其他留空")
    scope = forms.ChoiceField(
        label="收费对象", choices=FeeScope.choices, initial=FeeScope.ALL,
        help_text="各年级标准不同的，一个年级登记一条；年级的标准优先于全园的",
        error_messages=WRONG_CHOICE,
    )  # fmt: skip
    hours = forms.ChoiceField(
        label="作息", choices=FeeHours.choices, initial=FeeHours.ANY, error_messages=WRONG_CHOICE
    )
    entrants = forms.ChoiceField(
        label="适用幼儿", choices=Entrants.choices, initial=Entrants.ALL,
        help_text="新生新办法、老生老办法的选新入园幼儿：起始日期起入园的按这一条，原来的标准接着执行",
        error_messages=WRONG_CHOICE,
    )  # fmt: skip
    amount = MoneyField("标准")
    unit = forms.ChoiceField(
        label="计费单位", choices=FeeUnit.choices, initial=FeeUnit.MONTH,
        error_messages=WRONG_CHOICE,
    )  # fmt: skip
    before_waiver = MoneyField(
        "减免前标准", required=False,
        help_text="大班、混合班的写没有学前一年减免时每月或每学期是多少；其他留空",
    )  # fmt: skip
    valid_from = DateField("起始日期")
    valid_to = DateField("截止日期", required=False, help_text="这一天起不再收；还在执行就留空")
    content = line("服务内容", 200, help_text="收的是什么，公示给家长看；不写的按目录清单公示")
    document = line("批准或备案文件", 120, help_text="文件名和文号")
    published_on = DateField(
        "公示日期",
        required=False,
        help_text="没有文件的必填；2025年6月1日起的标准不填，按没有公示核查",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            for place, text in fee_problems(self.facts()):
                self.add_error(place, text)
        return data

    def facts(self) -> FeeFacts:
        data = self.cleaned_data
        return FeeFacts(**{name: data[name] for name in FeeFacts.__dataclass_fields__})


class NewFeeForm(FeeForm):
    replaces = forms.BooleanField(
        label="同一项收费正在执行的标准到起始日期为止", required=False, initial=True
    )


class FeeCorrectionForm(FeeForm):
    reason = reason_field("更正原因", "请写明为什么改，会记入改动记录。")
    # The stamp of what was there when the form was opened (kindergartens.stamps).
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class FeeEndForm(forms.Form):
    on = DateField("自哪天起不再收")
    reason = reason_field()


class FeeWithdrawalForm(forms.Form):
    reason = reason_field("撤销原因", "请写明登记错了什么，会记入改动记录。")
