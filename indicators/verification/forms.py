from django import forms

from accounts.people.forms import reason_field


class RepairForm(forms.Form):
    reason = reason_field("原因", "请写明查过什么、为什么重算，会记入改动记录。")
