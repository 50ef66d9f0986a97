"""The forms of the front door."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import (
    password_validators_help_texts,
    validate_password,
)
from django.core.exceptions import ValidationError

from accounts.models import User
from accounts.sign_in.password_rules import LONGEST


class PasswordInput(forms.PasswordInput):
    def __init__(self, autocomplete: str) -> None:
        super().__init__(attrs={"autocomplete": autocomplete, "class": "form-control"})


def password_field(label: str, autocomplete: str, help_text: str = "") -> forms.CharField:
    """Taken exactly as typed, spaces included, and never cut."""
    return forms.CharField(
        label=label,
        strip=False,
        max_length=4 * LONGEST,
        widget=PasswordInput(autocomplete),
        help_text=help_text,
        error_messages={"required": "没有填。"},
    )


class SignInForm(forms.Form):
    username = forms.CharField(
        label="用户名", max_length=150, error_messages={"required": "没有填。"}
    )
    password = password_field("密码", "current-password")


class CodeForm(forms.Form):
    otp = forms.CharField(
        label="验证码",
        max_length=40,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "text",
                "autocapitalize": "none",
                "spellcheck": "false",
                "class": "form-control code-input",
            }
        ),
        error_messages={"required": "没有填。"},
    )


class ChangePasswordForm(forms.Form):
    """The present password is asked for, unless it is the one-time one just used to come in."""

    present = password_field("现在的密码", "current-password")
    chosen = password_field("新密码", "new-password")
    repeated = password_field("再输一次新密码", "new-password")

    def __init__(self, *args: Any, user: User, ask_present: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["chosen"].help_text = "".join(password_validators_help_texts())
        if not ask_present:
            del self.fields["present"]

    def check_chosen(self) -> bool:
        """Whether the new password may be taken.

        Asked only after the present one was shown: the policy refuses the present password as a new
        one, and would otherwise tell somebody at an open screen which one it is, past every lock.
        """
        try:
            validate_password(self.cleaned_data["chosen"], self.user)
        except ValidationError as refusal:
            self.add_error("chosen", refusal)
            return False
        return True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen, repeated = cleaned.get("chosen"), cleaned.get("repeated")
        if chosen and repeated and chosen != repeated:
            self.add_error("repeated", ValidationError("两次输入的新密码不一样。请重新输入。"))
        return cleaned
