"""Reading what is ticked and typed on the board."""

from __future__ import annotations

from django import forms
from django.http import QueryDict

from reports.filings.board.following import MOST_TEXT

# A page has fewer rows.
MOST_TICKED = 500


def codes_from_post(post: QueryDict) -> list[str]:
    """Codes of kindergartens: the one whose own button was pressed, else those that are ticked."""
    one = post.get("one", "")
    return [code for code in ([one] if one else post.getlist("code")) if _is_code(code)][
        :MOST_TICKED
    ]


def _is_code(text: str) -> bool:
    return len(text) == 10 and text.isascii() and text.isdecimal()


def returns_from_post(post: QueryDict) -> dict[int, int]:
    """The ticked returns, each with the version that was on the page: `return` 12:3."""
    found = {}
    for text in post.getlist("return")[:MOST_TICKED]:
        key, _, version = text.partition(":")
        if _is_number(key) and _is_number(version):
            found[int(key)] = int(version)
    return found


def deliveries_from_post(post: QueryDict) -> list[int]:
    """Keys of the deliveries that were named for sending once more."""
    return [int(key) for key in post.getlist("delivery")[:MOST_TICKED] if _is_number(key)]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


class _Text(forms.CharField):
    """Some sentences; too many are said by the service, and nothing typed is cut off."""

    widget = forms.Textarea(attrs={"rows": 3, "maxlength": MOST_TEXT})


class FollowUpForm(forms.Form):
    note = _Text(
        label="要跟进什么",
        help_text="如：大班人数比上月少20人，园所说搬迁，下周电话核实。只有区域内的工作人员看得到。",
        error_messages={"required": "请写明要跟进什么。"},
    )


class OutcomeForm(forms.Form):
    outcome = _Text(
        label="结果",
        help_text="写明怎样核实、结果如何。办结后不能再改。",
        error_messages={"required": "请写明跟进的结果。"},
    )
