"""The office mailbox for messages."""

from __future__ import annotations

from django import forms


class MailboxForm(forms.Form):
    address = forms.EmailField(
        label="单位邮箱",
        required=False,
        max_length=120,
        help_text="填单位的公务邮箱，消息会另发一份。清空后不再发邮件。",
        error_messages={
            "invalid": "邮箱地址不完整，应像office@example.gov.cn。",
            "max_length": "邮箱地址最多120个字符。",
        },
    )
