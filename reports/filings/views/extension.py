"""The director asks for more time for a month that has locked."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.formatting import zhdatetime, zhmonth
from kindergartens.calendar import services
from kindergartens.calendar.services import PeriodRefused
from kindergartens.policies import who_lifts
from reports.filings import own_months
from reports.filings.forms import ExtensionRequestForm
from reports.filings.views.own import own_kindergarten


@require_http_methods(["GET", "POST"])
@requires(Permission.FILE_RETURN)
def ask_extension(request: SignedInRequest, period_id: int) -> HttpResponse:
    """The reason, for the officer who lifts the lock; the answer stands on the months' page."""
    kindergarten = own_kindergarten(request)
    period = get_object_or_404(own_months.periods_of(kindergarten), pk=period_id)
    month, back = zhmonth(period.month), reverse("my-filings")
    form = ExtensionRequestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.ask_for_extension(
                period_id=period.pk, kindergarten=kindergarten, by=request.user,
                now=timezone.now(), **form.cleaned_data,
            )  # fmt: skip
        except PeriodRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, f"已申请{month}月报延期，{who_lifts(period)}答复后，这里会显示。"
            )
            return redirect(back)
    return render(
        request,
        "kindergartens/form.html",
        {
            "form": form,
            "title": f"申请{month}月报延期",
            "sub": f"这个月{zhdatetime(period.locks_at)}已锁定。申请由{who_lifts(period)}答复；"
            "同意后可以补报，已接收的由经办人退回后更正。",
            "submit": "提交申请",
            "back": back,
            "crumbs": [
                {"label": "本园月报", "url": back},
                {"label": "申请延期", "url": ""},
            ],
        },
        status=422 if form.errors else 200,
    )
