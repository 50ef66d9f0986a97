"""The portal's components as template tags and filters; built in, so no page loads them.

Small things are tags with explicit arguments. Things that need an object (a figure, a job, a page
of rows) are includes under templates/_components/, each with its context written at the top.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django import template
from django.contrib.staticfiles import finders
from django.forms import BoundField
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from accounts import formatting
from accounts.privacy.presenters import shown_phone
from accounts.privacy.rules import mask_id, mask_phone
from accounts.statuses import STATES, state_status, verdict_status

register = template.Library()

for _filter in (
    formatting.percent,
    formatting.points,
    formatting.decimal,
    formatting.quantity,
    formatting.wan,
    formatting.count,
    formatting.change,
    formatting.parts_of,
    formatting.parts_moved,
    formatting.zhdate,
    formatting.zhmonth,
    formatting.zhdatetime,
):
    register.filter(_filter.__name__, _filter)


register.filter("mask_phone", mask_phone)
register.filter("shown_phone", shown_phone)
register.filter("mask_id", mask_id)


@register.filter(name="json")
def as_json(value: Any) -> str:
    """JSON for a data attribute; the template's own escaping makes it safe there."""
    return json.dumps(value, ensure_ascii=False, default=str)


# ---- icons, verdicts, states --------------------------------------------------------------------


@cache
def _icon_paths(name: str, filled: bool) -> str:
    """Inner markup of a Tabler icon. An unknown name raises: a blank would hide a verdict."""
    location = f"vendor/icons/{'filled' if filled else 'outline'}/{name}.svg"
    found = finders.find(location)
    if not found:
        raise template.TemplateSyntaxError(f"no icon {location}; see @tabler/icons for names")
    svg = Path(found).read_text(encoding="utf-8")
    match = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
    if match is None:
        raise template.TemplateSyntaxError(f"{location} is not an SVG file")
    return re.sub(r"\s*\n\s*", "", match.group(1))


@register.simple_tag
def icon(name: str, filled: bool = False, label: str = "") -> SafeString:
    """An icon drawn inline. Without a label it is decoration and hidden from screen readers."""
    kind = "ic ic-filled" if filled else "ic"
    paths = mark_safe(_icon_paths(name, filled))  # noqa: S308 - our own packaged file
    if label:
        return format_html(
            '<svg class="{}" viewBox="0 0 24 24" role="img" aria-label="{}">{}</svg>',
            kind,
            label,
            paths,
        )
    return format_html(
        '<svg class="{}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{}</svg>',
        kind,
        paths,
    )


@register.simple_tag
def verdict(code: str, extra: str = "", tag: bool = False) -> SafeString:
    """One of the verdicts (code or word) with its icon; `extra` says how much (差332人).

    `tag=True` is the framed form for the head of a figure; tables use the plain one.
    """
    status = verdict_status(code)
    return format_html(
        '<span class="verdict is-{}{}">{}<span class="verdict-word">{}</span>{}</span>',
        status.tone,
        " verdict-tag" if tag else "",
        icon(status.icon, filled=status.filled or (tag and status.tone == "pass")),
        status.word,
        format_html('<span class="verdict-extra">{}</span>', extra) if extra else "",
    )


@register.simple_tag
def state_tag(code: str, word: str = "") -> SafeString:
    """State of a return, a period or a job (code or word); `word` replaces the usual word."""
    status = state_status(code)
    drawn = icon(status.icon, filled=status.filled)
    return format_html(
        '<span class="tag tag-{}">{}<span>{}</span></span>', status.tone, drawn, word or status.word
    )


@register.simple_tag
def provisional_tag() -> SafeString:
    """暂计: some expected returns are not yet in this figure."""
    return format_html('<span class="tag tag-line">{}<span>暂计</span></span>', icon("clock"))


@register.simple_tag
def demo_tag() -> SafeString:
    """示例: marks a generated name, which must not be taken for a real one."""
    return mark_safe('<span class="demo">示例</span>')


@register.simple_tag
def deadline(days_left: int | None) -> SafeString:
    """Working days to a deadline: 剩17个工作日, amber from 3 down, 逾期9个工作日 in red."""
    if days_left is None:
        return mark_safe("")
    if days_left < 0:
        late = icon("circle-x", filled=True)
        return format_html('<span class="is-late">{}逾期{}个工作日</span>', late, -days_left)
    if days_left <= 3:
        text = f"剩{days_left}个工作日" if days_left else "今天截止"
        return format_html('<span class="is-soon">{}{}</span>', icon("clock"), text)
    return format_html('<span class="muted">剩{}个工作日</span>', days_left)


# ---- tables -------------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """The page's query string with some parameters changed; None or "" removes one."""
    request = context.get("request")
    params: QueryDict = request.GET.copy() if request else QueryDict(mutable=True)
    for name, value in changes.items():
        if value in (None, ""):
            params.pop(name, None)
        else:
            params[name] = str(value)
    return f"?{params.urlencode()}"


@register.simple_tag(takes_context=True)
def query_without(context: template.Context, name: str) -> str:
    """The page's query string without one parameter and without the page number."""
    return query(context, **{name: None, "page": None})


@register.inclusion_tag("_components/sort_head.html", takes_context=True)
def sort_head(
    context: template.Context, label: str, key: str, num: bool = False, sub: str = "", css: str = ""
) -> dict[str, Any]:
    """A sortable column head: a link that sets ?sort=key or ?sort=-key and keeps the filters.

    `num` aligns right, `sub` is the second line (unit or target), `css` more classes.
    """
    request = context.get("request")
    current = request.GET.get("sort", "") if request else ""
    order = {key: "ascending", f"-{key}": "descending"}.get(current, "none")
    target = f"-{key}" if order == "ascending" else key
    return {
        "label": label,
        "sub": sub,
        "css": f"num {css}".strip() if num else css,
        "order": order,
        "icon_name": {"ascending": "chevron-up", "descending": "chevron-down"}.get(
            order, "selector"
        ),
        "href": query(context, sort=target, page=None),
    }


@register.simple_block_tag
def table_card(
    content: str, caption: str, css: str = "", busy: bool = False, cards: bool = True
) -> SafeString:
    """Frame of a table: card, sideways scroller with a name, sticky head, caption for readers.

    The content is colgroup, thead and tbody. On phones each row becomes a card: give every td a
    data-label, name the row in `<th scope="row">`, and mark what a phone need not show desk-only.
    `cards=False` keeps the table and lets it scroll sideways.
    """
    return SafeString(
        render_to_string(
            "_components/table_card.html",
            {"content": content, "caption": caption, "css": css, "busy": busy, "cards": cards},
        )
    )


# ---- blocks -------------------------------------------------------------------------------------

_NOTICE_ICONS = {
    "info": "info-circle",
    "pass": "circle-check",
    "near": "alert-triangle",
    "fail": "circle-x",
    "none": "lock",
}


@register.simple_block_tag
def notice(content: str, tone: str, title: str, icon_name: str = "") -> SafeString:
    """A message in the page. Tones: info, pass, near, fail, none. Buttons go in .notice-act."""
    return SafeString(
        render_to_string(
            "_components/notice.html",
            {
                "content": content,
                "tone": tone,
                "title": title,
                "icon_name": icon_name or _NOTICE_ICONS[tone],
            },
        )
    )


@register.simple_block_tag
def dialog(content: str, dialog_id: str, title: str, wide: bool = False) -> SafeString:
    """A modal window opened by any `data-opens="id"` button; its own form keeps working.

    `wide` is the drawer at the right edge, used to explain a figure.
    """
    return SafeString(
        render_to_string(
            "_components/dialog.html",
            {"content": content, "dialog_id": dialog_id, "title": title, "wide": wide},
        )
    )


@register.inclusion_tag("_components/field.html")
def field(
    bound: BoundField, unit: str = "", derived: str = "", optional: bool = False
) -> dict[str, Any]:
    """A form field: label, hint, error, the control with its unit, then a derived line.

    `derived` is what the value means once entered (生均4.14平方米).
    """
    widget = bound.field.widget
    kind = getattr(widget, "input_type", "select" if hasattr(widget, "choices") else "textarea")
    is_group = kind in {"radio", "checkbox"} and hasattr(widget, "choices")
    described = [f"{bound.auto_id}_hint"] if bound.help_text else []
    described += [f"{bound.auto_id}_error"] if bound.errors else []
    base = {"select": "form-select", "checkbox": "form-check-input", "radio": "form-check-input"}
    css = f"{base.get(kind, 'form-control')} {widget.attrs.get('class', '')}".strip()
    attrs: dict[str, str | bool] = {"class": f"{css} num" if unit else css}
    if is_group:
        # The options take their class from the widget; on the group itself it would draw a box.
        widget.attrs["class"] = "form-check-input"
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if bound.errors:
        attrs["aria-invalid"] = "true"
    return {
        "bound": bound,
        "control": "" if is_group else bound.as_widget(attrs=attrs),
        "is_group": is_group,
        "is_check": kind == "checkbox" and not is_group,
        "unit": unit,
        "derived": derived,
        "optional": optional,
    }


# ---- bars and charts ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Segment:
    """One part of a stacked bar, placed in a drawing 1000 units wide."""

    label: str
    number: int
    tone: str
    x: int
    width: int


def stacked(parts: Iterable[tuple[str, int, str]]) -> list[Segment]:
    """Place parts (label, number, tone a-d) side by side over 1000 units.

    A part that is not zero keeps at least 8 units, so that one missing return stays visible.
    """
    rows = list(parts)
    total = sum(number for _, number, _ in rows)
    small = [number for _, number, _ in rows if 0 < number * 1000 < 8 * total]
    room = 1000 - 8 * len(small)
    rest = total - sum(small)
    segments, x = [], 0
    for label, number, tone in rows:
        if not number:
            width = 0
        elif number * 1000 < 8 * total:
            width = 8
        else:
            width = number * room // rest
        segments.append(Segment(label, number, tone, x, width))
        x += width
    return segments


@register.inclusion_tag("_components/coverage.html")
def coverage(
    expected: int,
    accepted: int,
    submitted: int = 0,
    returned: int = 0,
    as_of: Any = None,
    note: str = "",
) -> dict[str, Any]:
    """Who has reported: 144所已报138所, a bar and its key. What is left over is 未报."""
    unfiled = expected - accepted - submitted - returned
    parts = [
        (STATES["accepted"].word, accepted, "a"),
        (STATES["submitted"].word, submitted, "b"),
        (STATES["returned"].word, returned, "c"),
        (STATES["unfiled"].word, unfiled, "d"),
    ]
    return {
        "expected": expected,
        "filed": expected - unfiled,
        "segments": stacked(parts),
        "as_of": as_of,
        "note": note,
    }


@register.inclusion_tag("_components/chart.html")
def chart(data: Mapping[str, Any], chart_id: str, table: bool = True) -> dict[str, Any]:
    """A rate over months with its target, and the same data as a table.

    `data`: title, unit ("%"), points [{label, value (text or None), provisional, holiday}],
    target (text or None), description (what a reader who cannot see it should know).
    `table=False` leaves the table to the page, which must then show the numbers itself.
    """
    return {
        "data": data,
        "json": as_json(data),
        "chart_id": chart_id,
        "show_table": table,
    }
