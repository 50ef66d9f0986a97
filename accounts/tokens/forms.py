"""What is typed to give a key out and to take it back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from accounts.models import Organisation, Region, User
from accounts.people.forms import reason_field
from accounts.tokens.selectors import organisations_for


class TokenForm(forms.Form):
    organisation = forms.ChoiceField(
        label="机构",
        error_messages={"required": "请选机构。", "invalid_choice": "请选列出的机构。"},
    )
    region_code = forms.CharField(
        label="数据范围",
        max_length=12,
        help_text="行政区划代码，例如150203；只能是机构所在的区域或它的下级",
        error_messages={"required": "请写行政区划代码。"},
    )
    name = forms.CharField(
        label="用途",
        max_length=80,
        help_text="哪个系统用，例如区数据平台；不写个人姓名",
        error_messages={"required": "请写哪个系统用。"},
    )
    last_day = forms.DateField(
        label="到期日",
        help_text="最长一年，到当天结束",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "请写到期日。", "invalid": "请写成2027-06-30这样的日期。"},
    )

    def __init__(self, *args: Any, by: User, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offices = {str(one.pk): one for one in organisations_for(by)}
        self.fields["organisation"].choices = [  # type: ignore[attr-defined]
            ("", "请选择"),
            *((key, f"{one.name}（{one.region.name}）") for key, one in self.offices.items()),
        ]
        self.fields["last_day"].initial = today + dt.timedelta(days=180)

    def clean_organisation(self) -> Organisation:
        return self.offices[self.cleaned_data["organisation"]]

    def clean_region_code(self) -> Region:
        try:
            return Region.objects.of_code(self.cleaned_data["region_code"].strip())
        except Region.DoesNotExist as unknown:
            raise forms.ValidationError("没有这个行政区划代码。请核对后重写。") from unknown


class RevocationForm(forms.Form):
    reason = reason_field("撤销原因", "请写明为什么撤销，会记入改动记录。")
