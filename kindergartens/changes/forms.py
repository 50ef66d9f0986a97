"""What is typed about changes of dated status."""

from __future__ import annotations

from django import forms

from accounts.people.forms import reason_field


class WithdrawForm(forms.Form):
    reason = reason_field("撤回的原因", "请写明撤回的原因。")
