"""Whether a county's towns look at returns first (乡镇初审): the page on which it is decided."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.home import county_of
from accounts.access.permissions import Permission
from accounts.formatting import zhmonth
from kindergartens.calendar import rules, selectors, services
from kindergartens.calendar.forms import PreReviewForm
from kindergartens.calendar.pages import crumbs, done, form_page


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_PERIODS)
def pre_review_rule(request: SignedInRequest) -> HttpResponse:
    """Whether the towns look at returns before the bureau does, from a month on."""
    county, now = county_of(request), timezone.now()
    decided = selectors.pre_reviews_decided(county)
    months = rules.pre_review_months(selectors.first_unlocked(county, now), timezone.localdate(now))
    first = {"seen": services.pre_review_stamp(decided)}
    form = PreReviewForm(request.POST or None, months=months, initial=first)
    back = reverse("periods")

    def act() -> str:
        rule = services.set_pre_review(
            county=county,
            wanted=form.wanted(),
            reason=form.cleaned_data["reason"],
            seen=form.cleaned_data["seen"],
            by=request.user,
            now=now,
        )
        word = "先由乡镇街道初审" if rule.is_on else "直接由教育局审核"
        return f"已保存。{zhmonth(rule.from_month)}起，月报{word}。"

    return done(request, form, back=back, act=act) or form_page(
        request, form, title="乡镇初审", crumbs=crumbs(("乡镇初审", "")), back=back,
        sub="乡镇街道经办人先看本乡镇街道幼儿园的月报，通过的交教育局审核，有问题的直接退回园所。"
        "乡镇街道没有人办的，教育局写明理由可以不等初审就接收。",
    )  # fmt: skip
