"""The form for one's own mobile number."""

from __future__ import annotations

from django import forms

from accounts.privacy import rules


class PhoneForm(forms.Form):
    phone = forms.CharField(
        label="新的手机号",
        max_length=30,
        help_text="11位手机号",
        error_messages={
            "required": "请填11位手机号。不想留号码，请按“删去号码”。",
            "max_length": "手机号要11位。请核对后再填。",
        },
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )

    def clean_phone(self) -> str:
        try:
            phone = rules.normal_phone(self.cleaned_data["phone"])
        except rules.NotAPhone as refusal:
            raise forms.ValidationError(str(refusal)) from None
        if not phone:
            raise forms.ValidationError("请填11位手机号。不想留号码，请按“删去号码”。")
        return phone


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
