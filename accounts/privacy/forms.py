"""The form for one's own mobile number."""

from __future__ import annotations

from django import forms

from accounts.privacy import rules


class PhoneForm(forms.Form):
    phone = forms.CharField(
        label="新的手机号",
        max_length=30,
        required=False,
        help_text="11位手机号。留空保存就是删去。",
        error_messages={"max_length": "手机号要11位。请核对后再填。"},
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )

    def clean_phone(self) -> str:
        try:
            return rules.normal_phone(self.cleaned_data["phone"])
        except rules.NotAPhone as refusal:
            raise forms.ValidationError(str(refusal)) from None


class RevealForm(forms.Form):
    reason = forms.CharField(
        label="用途",
        max_length=200,
        help_text="会和您的姓名、时间一起留在记录里，如“核实10月月报，电话联系园长”。",
        error_messages={
            "required": "请写明用途，4到200字。",
            "max_length": "用途最多200字。请删减。",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
