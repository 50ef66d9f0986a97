"""What people type of a school bus. No name and no number of the driver."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from accounts.people.forms import reason_field
from kindergartens.form_fields import DateField, WholeField, line
from safety.buses.rules import LAST_CHECKS, MOST_SEATS, PLATE_LIKE


class BusForm(forms.Form):
    plate = line("号牌号码", 12, PLATE_LIKE, help_text="例如蒙B12345")
    seats = WholeField(
        "核定人数", unit="人", min_value=Decimal(1), max_value=Decimal(MOST_SEATS), max_digits=2,
        help_text="行驶证上的核定载客人数，含驾驶人",
    )  # fmt: skip
    permit = line("校车使用许可证号", 40, help_text="没有许可的留空，会列为不能接送")
    permit_until = DateField("使用许可有效期止", required=False)
    driver_until = DateField(
        "驾驶资格有效期止", required=False,
        help_text="驾驶人校车驾驶资格的最后一天；驾驶人登记在教职工名册，这里不写姓名和证件号",
    )  # fmt: skip
    last_check = forms.ChoiceField(
        label="最后一人检查", choices=list(LAST_CHECKS.items()),
        help_text="幼儿下车后，逐座检查有没有人留在车里",
        error_messages={"required": "请选怎样检查。", "invalid_choice": "请选怎样检查。"},
    )  # fmt: skip
    checked_on = DateField("执检日期", required=False)
    rechecked_on = DateField("复检日期", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seats"].error_messages["max_value"] = f"最多{MOST_SEATS}人，请核对。"

    def values(self) -> dict[str, Any]:
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in ("reason", "seen")
        }


class BusCorrectionForm(BusForm):
    reason = reason_field("更改原因", "请写明为什么改，例如“许可续期”。")
    # The stamp of what was there when the form was opened (kindergartens.stamps).
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class BusEndForm(forms.Form):
    on = DateField("自哪天起停用")
    reason = reason_field()
