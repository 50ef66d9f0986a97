"""The decision on how an estate kindergarten is run."""

from __future__ import annotations

from django import forms

from kindergartens.form_fields import line


class DecisionForm(forms.Form):
    act = forms.ChoiceField(choices=[("approve", "批准"), ("refuse", "不批准")])
    note = line("意见", 300)
