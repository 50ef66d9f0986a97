"""The gallery: every component in every state on one page, for those who maintain the portal.

It doubles as the visual test. All figures and names on it are examples.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.statuses import STATES, VERDICTS

AS_OF = dt.datetime(2026, 11, 5, 16, 40, tzinfo=timezone.get_fixed_timezone(480))


class ExampleForm(forms.Form):
    name = forms.CharField(label="园所名称", help_text="与办学许可证一致")
    area = forms.DecimalField(label="室外游戏场地面积", help_text="不含绿地和车道")
    kind = forms.ChoiceField(label="办园性质", choices=[("", "请选择"), ("public", "公办")])
    measure = forms.ChoiceField(
        label="整改类型",
        choices=[("now", "立行立改"), ("dated", "限期整改"), ("standing", "长期坚持")],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="退回原因", widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    fee = forms.IntegerField(
        label="保教费",
        help_text="公示的收费标准，按月",
        error_messages={"invalid": "填整数，不写“元”。例如860"},
    )
    told = forms.BooleanField(label="已告知园长", required=False)


def _trend(values: list[str | None], target: str, title: str) -> dict[str, Any]:
    months = ["2025年11月", "2025年12月", *(f"2026年{month}月" for month in range(1, 11))]
    points = [
        {
            "label": label,
            "value": value,
            "holiday": label in ("2026年2月", "2026年8月"),
            "provisional": label == "2026年10月",
        }
        for label, value in zip(months, values, strict=True)
    ]
    return {
        "title": f"{title}近12个月（%），灰带为寒暑假不报",
        "unit": "%",
        "points": points,
        "target": target,
        "description": f"{title}近12个月走势，目标{target}%，2026年10月为暂计",
    }


GROSS = ["93.12", "93.05", "93.18", None, "93.41", "93.52", "93.60", "93.74", "93.55", None,
         "94.24", "91.89"]  # fmt: skip
PUBLIC = ["47.60", "47.71", "47.92", None, "48.35", "48.41", "48.66", "48.90", "48.97", None,
          "49.38", "49.23"]  # fmt: skip


def _cards() -> list[dict[str, Any]]:
    common = {"unit": "%", "as_of": AS_OF, "explain_url": "/gallery/"}
    return [
        {
            **common, "name": "学前三年毛入园率", "region": "武清区", "value": "91.89",
            "verdict": "pending", "provisional": True, "target": "≥93%",
            "shortfall": "差332名幼儿", "change": "比9月的94.24%下降2.35个百分点",
            "base": "按常住3–5岁人口29,812人", "coverage": "144所已接收132所",
            "note": "未计入的12所上月在园739人，多于缺口，报齐后再判。",
            "trend": _trend(GROSS, "93", "学前三年毛入园率"), "trend_id": "trend-gross",
        },
        {
            **common, "name": "公办园在园幼儿占比", "region": "武清区", "value": "49.23",
            "verdict": "unmet", "provisional": True, "target": "≥50%",
            "shortfall": "差212名幼儿", "change": "比9月的49.38%下降0.15个百分点",
            "base": "在园27,394人，公办园13,485人", "coverage": "144所已接收132所",
            "trend": _trend(PUBLIC, "50", "公办园在园幼儿占比"), "trend_id": "trend-public",
        },
        {
            **common, "name": "公办园在园幼儿占比", "region": "阿勒泰地区", "value": "95.68",
            "verdict": "met", "target": "≥50%", "shortfall": "高出13,228名幼儿",
            "base": "在园28,959人，其中民办1,251人", "coverage": "322所已报322所",
        },
        {
            **common, "name": "普惠性幼儿园覆盖率", "region": "武清区石各庄镇", "value": "85.12",
            "verdict": "near", "target": "≥85%", "shortfall": "余1名幼儿",
            "base": "在园627人", "coverage": "4所已报4所",
        },
        {
            **common, "name": "学前三年毛入园率", "region": "武清区大黄堡镇", "value": None,
            "verdict": "unavailable", "target": "≥93%", "mend_url": "/gallery/",
            "mend_label": "补录3–5岁人口", "base": "常住3–5岁人口未核定",
            "coverage": "3所已报3所",
        },
    ]  # fmt: skip


def _jobs() -> list[dict[str, Any]]:
    return [
        {"key": "a", "state": "queued", "title": "打印武清区10月三率月报",
         "meta": "前面还有1件。可以离开本页。", "cancel_url": "/gallery/"},
        {"key": "b", "state": "running", "title": "重算2026年10月三率（25个镇街）",
         "meta": "已完成16个，约剩2秒。可以离开本页。", "done": 16, "total": 25},
        {"key": "c", "state": "running", "title": "导出幼儿园名册", "meta": "正在读取。"},
        {"key": "d", "state": "done", "title": "打印10月三率月报",
         "meta": "16:31完成，用时4秒，共6页", "download_url": "/gallery/",
         "download_label": "下载PDF"},
        {"key": "e", "state": "partial", "title": "导入教职工花名册",
         "meta": "共412行，导入409行，3行没有导入：第18、77、203行证件号位数不对",
         "download_url": "/gallery/", "download_label": "下载这3行"},
        {"key": "f", "state": "dead", "title": "打印普及普惠一览表",
         "meta": "缺少字形“喆”，试了5次后停止。数据没有变。", "retry_url": "/gallery/"},
    ]  # fmt: skip


def _events() -> list[dict[str, Any]]:
    def at(month: int, day: int) -> dt.datetime:
        return AS_OF.replace(month=month, day=day, hour=9, minute=30)

    return [
        {"title": "提交第1版", "who": "园长", "at": at(11, 3), "icon": "send"},
        {"title": "退回", "who": "教育局经办人", "at": at(11, 4), "icon": "arrow-back-up",
         "tone": "back", "text": "中二班男女合计与各年龄合计相差1人，请核对。"},
        {"title": "提交第2版", "who": "园长", "at": at(11, 4), "icon": "send",
         "files": [{"url": "/gallery/", "name": "转园证明.pdf"}]},
        {"title": "接收", "who": "教育局经办人", "at": at(11, 5), "icon": "circle-check",
         "tone": "done", "text": "计入2026年10月三率。"},
        {"title": "锁定", "icon": "lock", "tone": "next", "text": "11月20日按期锁定。"},
    ]  # fmt: skip


def _class(
    number: int, name: str, now: tuple[str, ...], last: tuple[int, ...], **more: Any
) -> dict[str, Any]:
    """One class of the return; sexes only (two counts) or sexes and ages (six)."""
    names = ("boys", "girls", "age3", "age4", "age5", "age6")
    labels = ("男", "女", "3岁", "4岁", "5岁", "6岁以上")
    prefix = f"class-{number}"
    wrong = more.pop("wrong", ())
    fields = [
        {"name": field, "label": label, "input_name": f"{prefix}-{field}", "value": value,
         "last": before, "errors": ["请核对"] if field in wrong else []}
        for field, label, value, before in zip(names, labels, now, last, strict=False)
    ]  # fmt: skip
    total = int(now[0]) + int(now[1])
    before = last[0] + last[1]
    changes = sum(value != str(was) for value, was in zip(now, last, strict=True))
    return {
        "prefix": prefix, "name": name, "fields": fields, "total": total, "last_total": before,
        "change": total - before, "changes": changes, "errors": [], "warnings": [],
        "unexplained": 0, "explanations": [], **more,
    }  # fmt: skip


def _grades() -> list[dict[str, Any]]:
    same = ("13", "11", "24", "0", "0", "0")
    return [
        {"code": "small", "label": "小班", "hint": "3–4岁，班额不超过25人", "subtotal": 49, "rows": [
            _class(0, "小一班", same, (13, 11, 24, 0, 0, 0)),
            _class(1, "小二班", ("12", "13", "25", "0", "0", "0"), (12, 12, 24, 0, 0, 0)),
        ]},
        {"code": "middle", "label": "中班", "hint": "4–5岁，班额不超过30人", "subtotal": 28, "rows": [
            _class(2, "中二班", ("15", "13", "0", "27", "0", "0"), (14, 12, 0, 26, 0, 0),
                   wrong=("boys", "girls", "age4"),
                   errors=["中二班男女合计28人，各年龄合计27人，相差1人。请核对。"]),
        ]},
        {"code": "large", "label": "大班", "hint": "5–6岁，班额不超过35人", "subtotal": 20, "rows": [
            _class(3, "大一班", ("11", "9", "0", "0", "20", "0"), (15, 13, 0, 0, 28, 0),
                   unexplained=1, warnings=["大一班比上月少8人（28人变为20人）。"],
                   explanations=[{
                       "code": "unusual_change", "place": "大一班", "input_name": "explain-3",
                       "finding": {"sentence": "大一班比上月少8人（28人变为20人）。",
                                   "advice": "情况属实的，请写明原因。"},
                       "value": "",
                       "earlier": [{"when": "2025年10月", "text": "8名幼儿随家长迁往外地"}],
                   }]),
        ]},
        {"code": "nursery", "label": "托班", "hint": "2–3岁，不进三率", "subtotal": 17, "rows": [
            _class(4, "托一班", ("9", "8"), (8, 8)),
        ]},
    ]  # fmt: skip


@require_GET
@requires(Permission.READ_GALLERY)
def gallery(request: SignedInRequest) -> HttpResponse:
    wrong = {"name": "", "fee": "八百六", "area": "936", "measure": "dated", "kind": "public"}
    return render(
        request,
        "gallery.html",
        {
            "verdicts": list(VERDICTS),
            "states": list(STATES),
            "cards": _cards(),
            "wide_trend": _trend(PUBLIC, "50", "武清区公办园在园幼儿占比"),
            "form": ExampleForm(initial={"name": "王庆坨镇春芽幼儿园", "area": "936"}),
            "wrong_form": ExampleForm(wrong),
            "jobs": _jobs(),
            "events": _events(),
            "grades": _grades(),
            "as_of": AS_OF,
            "page_obj": Paginator(range(1, 145), 20).page(2),
            "crumbs": [{"label": "首页", "url": "/"}, {"label": "组件"}],
            "tabs": [
                {"label": "未报", "url": "/gallery/", "count": 6, "active": True},
                {"label": "已退回", "url": "/gallery/", "count": 2},
                {"label": "待审核", "url": "/gallery/", "count": 4},
            ],
            "example_files": [{"name": "场地照片1.jpg", "size": 2202009, "url": "/gallery/",
                               "remove_name": "remove-1"}],
            "errors": [
                {"href": "#class-2-age4", "text": "中二班4岁：男女合计28人，各年龄合计27人"},
                {"href": "#id_fee", "text": "保教费：填整数，不写“元”"},
            ],
        },
    )  # fmt: skip
