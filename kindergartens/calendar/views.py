"""Reporting periods in the officer's words: the months, opening them, who owes, extensions."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.home import county_of
from accounts.access.permissions import Permission
from accounts.formatting import zhdate, zhdatetime, zhmonth
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from kindergartens.calendar import rules, selectors, services
from kindergartens.calendar.forms import (
    ExtensionForm,
    OpenForm,
    PeriodForm,
    RefuseForm,
    RevokeForm,
    RuleForm,
)
from kindergartens.calendar.pages import (
    PERIODS,
    crumbs,
    done,
    form_page,
    refuse,
)
from kindergartens.calendar.published import working_calendar
from kindergartens.calendar.services import PeriodRefused
from kindergartens.models import (
    ExtensionRequest,
    FilingExtension,
    PeriodRule,
    PreReviewRule,
    ReportingPeriod,
)
from kindergartens.stamps import stamp_of

PERIODS_PER_PAGE = 24
RETURNS_PER_PAGE = 100
# How long an extension is proposed for, in working days.
USUAL_EXTENSION = 3


def _period(request: SignedInRequest, period_id: int) -> ReportingPeriod:
    seen = ReportingPeriod.objects.visible_to(request.user).select_related("county")
    return get_object_or_404(seen, pk=period_id)


def _state(period: ReportingPeriod, now: dt.datetime) -> str:
    if now < period.opens_at:
        return "upcoming"
    if now < period.due_at:
        return "open"
    return "overdue" if now < period.locks_at else "locked"


@require_GET
@requires(Permission.MANAGE_PERIODS)
def period_list(request: SignedInRequest) -> HttpResponse:
    """The months of the county: when each opens, is due and locks, and how far it is."""
    county, now = county_of(request), timezone.now()
    today = timezone.localdate(now)
    days = services.proposed(county, today)
    page = Paginator(selectors.period_list(request.user, now=now), PERIODS_PER_PAGE).get_page(
        request.GET.get("page")
    )
    return render(
        request,
        "kindergartens/calendar/periods.html",
        {
            "county": county,
            "page_obj": page,
            "lines": [
                {
                    "period": period,
                    "state": _state(period, now),
                    "missing": period.expected - period.filed,
                }
                for period in page
            ],
            "times": selectors.times_of(county),
            "pre_reviews": rules.pre_reviews_in_force(selectors.pre_reviews_decided(county)),
            "asking": selectors.waiting_requests(request.user),
            "waiting": rules.months_overdue([one.month for one in days], today),
            "may_open": bool(days),
            "may_read_history": request.user.can(Permission.READ_HISTORY),
        },
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_PERIODS)
def period_open(request: SignedInRequest) -> HttpResponse:
    """The next months as the rule and the working days make them, to be confirmed."""
    county, now = county_of(request), timezone.now()
    days = services.proposed(county, timezone.localdate(now))
    first = {"until": days[0].month.isoformat() if days else "", "seen": services.days_stamp(days)}
    form = OpenForm(request.POST or None, proposed=days, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.open_periods(
                county=county, by=request.user, now=now, **form.cleaned_data
            )
        except PeriodRefused as refusal:
            refuse(form, refusal)
            # What is shown now is what the next press confirms.
            shown = request.POST.copy()
            shown["seen"] = first["seen"]
            form.data = shown
        else:
            names = "、".join(zhmonth(period.month) for period in made)
            messages.success(request, f"已开设{names}的报送期。")
            return redirect("periods")
    working = working_calendar()
    unpublished = (
        rules.unpublished_years(days[0].reference_date, days[-1].locks_on, working) if days else []
    )
    return render(
        request,
        "kindergartens/calendar/open.html",
        {
            "county": county,
            "form": form,
            "days": days,
            "times": selectors.times_of(county),
            "unpublished": unpublished,
            "today": timezone.localdate(now),
            "notices": sorted(working.notices.items(), reverse=True)[:2],
            "crumbs": crumbs(("开设报送期", "")),
        },
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_PERIODS)
def period_rule(request: SignedInRequest) -> HttpResponse:
    """How the county's months are computed from now on."""
    county = county_of(request)
    times = selectors.times_of(county)
    initial = {name: getattr(times, name) for name in services.RULE}
    form = RuleForm(request.POST or None, initial=initial | {"seen": services.rule_stamp(times)})
    back = reverse("periods")

    def act() -> str:
        services.set_rule(
            county=county,
            times=form.times(),
            reason=form.cleaned_data["reason"],
            seen=form.cleaned_data["seen"],
            by=request.user,
        )
        return "已保存。以后开设的月份按新规则，已开设的不变。"

    return done(request, form, back=back, act=act) or form_page(
        request, form, title="报送期规则", crumbs=crumbs(("报送期规则", "")),
        sub="只用于以后开设的月份，已开设的月份日期不变。", back=back,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_PERIODS)
def period_edit(request: SignedInRequest, period_id: int) -> HttpResponse:
    """Move the dates of one month as far as they may still be moved."""
    period, now = _period(request, period_id), timezone.now()
    month, back = zhmonth(period.month), reverse("period", args=[period.pk])
    if now >= period.locks_at:
        messages.info(
            request, f"{month}月报已经锁定，不能再改时间。个别园要补报的，在下面给它延期。"
        )
        return redirect(back)
    now_is = services.dates_of(period)
    initial = {name: getattr(period, name) for name in services.DATES}
    form = PeriodForm(
        request.POST or None,
        now_is=now_is,
        runs=now >= period.opens_at,
        initial=initial | {"seen": stamp_of(period, services.DATES)},
    )

    def act() -> str:
        services.change_period(
            period_id=period.pk,
            wanted=form.wanted(),
            reason=form.cleaned_data["reason"],
            seen=form.cleaned_data["seen"],
            by=request.user,
            now=now,
        )
        return f"已修改{month}的报送期，园所的页面上是新的时间。"

    if now < period.opens_at:
        sub = "还没有开放，各项时间都可以改。"
    else:
        sub = (
            f"统计时点{zhdate(period.reference_date)}，{zhdatetime(period.opens_at)}已开放，"
            "只能改截止和锁定，新的时间要晚于现在。"
        )
    return done(request, form, back=back, act=act) or form_page(
        request, form, title=f"修改{month}报送期", sub=sub, back=back,
        crumbs=crumbs((month, back), ("修改", "")),
    )  # fmt: skip


@require_GET
@requires(Permission.MANAGE_PERIODS)
def period_detail(request: SignedInRequest, period_id: int) -> HttpResponse:
    """Who owes a return of one month, who filed, who was late, and who may file later."""
    period, now = _period(request, period_id), timezone.now()
    rows = selectors.owed_returns(request.user, period, now=now)
    numbers = selectors.tab_numbers(rows)
    tab = request.GET.get("tab", "")
    found = selectors.TAB_FILTERS.get(tab)
    locked = now >= period.locks_at
    words = dict(selectors.TABS) | ({"open": "缺报"} if locked else {})
    return render(
        request,
        "kindergartens/calendar/period.html",
        {
            "period": period,
            "state": _state(period, now),
            "locked": locked,
            "opened": now >= period.opens_at,
            "tabs": [(code, words[code], numbers[f"n_{code}"]) for code, _ in selectors.TABS],
            "tab": tab if found is not None else "",
            "page_obj": Paginator(
                rows if found is None else rows.filter(found), RETURNS_PER_PAGE
            ).get_page(request.GET.get("page")),
            "extensions": selectors.extensions_of_period(request.user, period),
            "requests": selectors.requests_of_period(request.user, period),
            "now": now,
            "crumbs": crumbs((zhmonth(period.month), "")),
        },
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_PERIODS)
def period_extend(request: SignedInRequest, period_id: int, code: str) -> HttpResponse:
    """Let one kindergarten file one month after the lock, until its own end."""
    period, now = _period(request, period_id), timezone.now()
    kindergarten = get_object_or_404(
        selectors.kindergartens_owing(request.user, period, now=now), code=code
    )
    month, back = zhmonth(period.month), reverse("period", args=[period.pk])
    working = working_calendar()
    start = max(timezone.localdate(now), timezone.localdate(period.locks_at))
    usual = services.at(rules.add_working_days(start, USUAL_EXTENSION, working), services.EVENING)
    asked = kindergarten.extension_requests.waiting().filter(period=period).first()
    first = {"until": usual, "reason": asked.reason if asked else ""}
    form = ExtensionForm(request.POST or None, initial=first)

    def act() -> str:
        extension = services.grant_extension(
            period_id=period.pk, kindergarten=kindergarten, by=request.user, now=now,
            **form.cleaned_data,
        )  # fmt: skip
        until = zhdatetime(extension.until)
        return f"{kindergarten.name}{month}月报已延期到{until}。延期内报送的仍记为迟报。"

    return done(request, form, back=back, act=act) or form_page(
        request, form, title=f"{kindergarten.name}{month}月报延期", back=back, submit="批准延期",
        sub=f"这个月{zhdatetime(period.locks_at)}锁定。延期只对这所园这一个月有效，"
        "到期自动关闭；您的姓名和原因会显示在月报上。已提交、已接收的要更正，延期后再退回。",
        crumbs=crumbs((month, back), ("延期", "")),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_PERIODS)
def extension_refuse(request: SignedInRequest, request_id: int) -> HttpResponse:
    """Answer a kindergarten's question with no, and why."""
    asked = get_object_or_404(
        ExtensionRequest.objects.visible_to(request.user).select_related("period", "kindergarten"),
        pk=request_id,
    )
    _period(request, asked.period_id)
    month = zhmonth(asked.period.month)
    back = reverse("period", args=[asked.period_id])
    form = RefuseForm(request.POST or None)

    def act() -> str:
        services.refuse_extension(
            request_id=asked.pk, by=request.user, now=timezone.now(), **form.cleaned_data
        )
        return f"已答复{asked.kindergarten.name}：{month}月报不延期。"

    return done(request, form, back=back, act=act) or form_page(
        request, form, title=f"不同意{asked.kindergarten.name}{month}月报延期", back=back,
        sub=f"园所{zhdatetime(asked.asked_at)}申请，理由：{asked.reason}",
        submit="答复不同意", crumbs=crumbs((month, back), ("答复", "")),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_PERIODS)
def extension_revoke(request: SignedInRequest, extension_id: int) -> HttpResponse:
    extension = get_object_or_404(
        FilingExtension.objects.visible_to(request.user).select_related("period", "kindergarten"),
        pk=extension_id,
    )
    _period(request, extension.period_id)
    month = zhmonth(extension.period.month)
    back = reverse("period", args=[extension.period_id])
    form = RevokeForm(request.POST or None)

    def act() -> str:
        services.revoke_extension(
            extension_id=extension.pk, by=request.user, now=timezone.now(), **form.cleaned_data
        )
        return f"已撤销{extension.kindergarten.name}{month}月报的延期。"

    return done(request, form, back=back, act=act) or form_page(
        request, form, title=f"撤销{extension.kindergarten.name}{month}月报的延期", back=back,
        sub=f"原来延期到{zhdatetime(extension.until)}。已经提交的月报不受影响，没有提交的不能再交。",
        submit="撤销延期", crumbs=crumbs((month, back), ("撤销延期", "")),
    )  # fmt: skip


@require_GET
@requires(Permission.READ_HISTORY)
def period_history(request: SignedInRequest) -> HttpResponse:
    """Who set or moved the reporting periods of one's area, and who was given longer."""
    periods = ReportingPeriod.objects.visible_to(request.user).values("pk")
    extensions = FilingExtension.objects.visible_to(request.user).values("pk")
    asked = ExtensionRequest.objects.visible_to(request.user).values("pk")
    pre_reviews = PreReviewRule.objects.visible_to(request.user).values("pk")
    own_rules = PeriodRule.objects.visible_to(request.user).values("pk")
    return history_response(
        request,
        [
            Subject(ReportingPeriod, periods, PERIODS, told_by=("county", "month")),
            Subject(PeriodRule, own_rules, "报送期规则", told_by=("county",)),
            Subject(PreReviewRule, pre_reviews, "乡镇初审设置", told_by=("county",)),
            Subject(FilingExtension, extensions, "延期", told_by=("kindergarten", "period")),
            Subject(ExtensionRequest, asked, "延期申请", told_by=("kindergarten", "period")),
        ],
        title=PERIODS,
    )
