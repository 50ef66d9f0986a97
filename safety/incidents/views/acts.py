"""What is done with a case: recorded, put right, reported on, closed, supplemented, found, withdrawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.formatting import zhdate
from kindergartens.models import Kindergarten
from kindergartens.stamps import stamp_of
from safety.incidents import services
from safety.incidents.forms import (
    CaseForm,
    CloseForm,
    CorrectForm,
    FindingForm,
    ReportForm,
    SupplementForm,
    WithdrawCaseForm,
    WithdrawForm,
)
from safety.incidents.services import SAID, IncidentRefused
from safety.incidents.views.cases import case_of
from safety.models import IncidentCase, IncidentFinding


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_SAFETY)
def case_new(request: SignedInRequest) -> HttpResponse:
    """Kindergarten, day, kind and counts of a return's row may come with the address."""
    if not services.keeps(request.user):
        raise PermissionDenied("事故档案由幼儿园和区县教育局登记。")
    now = timezone.now()
    form = CaseForm(request.POST or None, by=request.user, initial=_from_return(request))
    stated_on = _day(request)
    made: list[IncidentCase] = []

    def act() -> None:
        kindergarten = form.cleaned_data.get("kindergarten") or _own(request)
        made.append(
            services.record_case(
                kindergarten=kindergarten,
                facts=form.facts(),
                by=request.user,
                now=now,
                stated_on=stated_on,
                submission=form.cleaned_data["submission"],
            )
        )

    if _done(request, form, act):
        messages.success(request, f"已登记，编号{made[0]}。")
        return redirect("incident", number=made[0].number)
    said = f"月报写的是{zhdate(stated_on)}。" if stated_on else ""
    return _form(
        request, form, "登记事故", submit="登记",
        sub=f"一事一档。{said}先保护幼儿、报告、告知家长，再来登记；还没有办的时间先留空，办了再补。",
    )  # fmt: skip


# What the address may bring along: never an account.
BROUGHT = ("kindergarten", "kind", "children_hurt", "staff_hurt")


def _from_return(request: SignedInRequest) -> dict[str, str]:
    return {name: request.GET[name][:60] for name in BROUGHT if name in request.GET}


def _day(request: SignedInRequest) -> dt.date | None:
    """`?day=2026-10-14`, on which a return says it was."""
    try:
        return dt.date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return None


def _own(request: SignedInRequest) -> Kindergarten:
    own = Kindergarten.objects.visible_to(request.user).first()
    if own is None:
        raise Http404
    return own


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_SAFETY)
def case_correct(request: SignedInRequest, number: str) -> HttpResponse:
    """The form shows the account, so opening it is a look at the case."""
    now = timezone.now()
    found = case_of(request, number)
    if over := _over(request, found):
        return over
    services.note_look(case=found, by=request.user, now=now)
    initial = {name: getattr(found, name) for name in SAID} | _seen(found)
    form = CorrectForm(request.POST or None, by=request.user, initial=initial)

    def act() -> None:
        services.correct_case(
            case_id=found.pk, facts=form.facts(), seen=form.cleaned_data["seen"],
            reason=form.cleaned_data["reason"], by=request.user, now=now,
        )  # fmt: skip

    if _done(request, form, act):
        return _back(request, found, "已保存。")
    return _form(request, form, "补充和更正", found)


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_SAFETY)
def report(request: SignedInRequest, number: str) -> HttpResponse:
    found, now = case_of(request, number), timezone.now()
    if over := _over(request, found):
        return over
    form = ReportForm(request.POST or None, initial={"reported_at": timezone.localtime(now)})

    def act() -> None:
        services.add_report(case_id=found.pk, by=request.user, now=now, **form.cleaned_data)

    if _done(request, form, act):
        return _back(request, found, "已登记。")
    return _form(request, form, "续报", found, sub="登记以后不能改；写错了的再登记一次，写明更正。")


@require_http_methods(["GET", "POST"])
@requires(Permission.DECIDE_SAFETY)
def close(request: SignedInRequest, number: str) -> HttpResponse:
    found, now = case_of(request, number), timezone.now()
    if over := _over(request, found):
        return over
    form = CloseForm(request.POST or None, initial=_seen(found))

    def act() -> None:
        services.close_case(case_id=found.pk, by=request.user, now=now, **form.cleaned_data)

    if _done(request, form, act):
        return _back(request, found, f"{found}已结案。")
    return _form(
        request, form, "结案", found, submit="结案",
        sub="结案以后不能再改，只能补充更正。要先有首次上报、告知家长和终报；登记终报的人不能结案。",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_SAFETY)
def supplement(request: SignedInRequest, number: str) -> HttpResponse:
    found, now = case_of(request, number), timezone.now()
    form = SupplementForm(request.POST or None)

    def act() -> None:
        services.supplement(case_id=found.pk, by=request.user, now=now, **form.cleaned_data)

    if _done(request, form, act):
        return _back(request, found, "已补充更正，原来的记录不动。")
    return _form(request, form, "补充更正", found, sub="另记一笔，原来的记录不动。")


@require_http_methods(["GET", "POST"])
@requires(Permission.DECIDE_SAFETY)
def withdraw(request: SignedInRequest, number: str) -> HttpResponse:
    found, now = case_of(request, number), timezone.now()
    if over := _over(request, found):
        return over
    form = WithdrawCaseForm(request.POST or None, initial=_seen(found))

    def act() -> None:
        services.withdraw_case(case_id=found.pk, by=request.user, now=now, **form.cleaned_data)

    if _done(request, form, act):
        return _back(request, found, f"{found}已撤销。")
    return _form(
        request, form, "撤销档案", found, submit="撤销",
        sub="只用于登记错了、不该有的一份；编号不再用，改动记录里留着。",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.DECIDE_SAFETY)
def finding_new(request: SignedInRequest, number: str) -> HttpResponse:
    found, now = case_of(request, number), timezone.now()
    form = FindingForm(
        request.POST or None, initial=_seen(found) | {"decided_on": timezone.localdate(now)}
    )

    def act() -> None:
        services.find(case_id=found.pk, by=request.user, now=now, **form.cleaned_data)

    if _done(request, form, act):
        return _back(request, found, "已登记认定，由此触发的列在档案页上。")
    return _form(
        request, form, "登记认定", found,
        sub="按认定文件登记。年检一票否决、两年内不得申报由文件条款算出，不用另填。",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.DECIDE_SAFETY)
def finding_withdraw(request: SignedInRequest, finding_id: int) -> HttpResponse:
    finding = get_object_or_404(
        IncidentFinding.objects.visible_to(request.user).select_related("case"), pk=finding_id
    )
    form = WithdrawForm(request.POST or None)

    def act() -> None:
        services.withdraw_finding(
            finding_id=finding.pk, reason=form.cleaned_data["reason"], by=request.user,
            now=timezone.now(),
        )  # fmt: skip

    if _done(request, form, act):
        return _back(request, finding.case, "认定已撤销，不再触发。")
    return _form(
        request,
        form,
        "撤销认定",
        finding.case,
        submit="撤销",
        sub=f"{finding}，{finding.document}。",
    )


def _seen(found: IncidentCase) -> dict[str, object]:
    """The stamp of the case as the form is opened."""
    return {"seen": stamp_of(found, SAID)}


def _over(request: SignedInRequest, found: IncidentCase) -> HttpResponse | None:
    """Where nothing more may be typed, the case's page says so before anybody has typed it."""
    problem = services.over_problem(found)
    if request.method != "GET" or not problem:
        return None
    messages.error(request, problem)
    return redirect("incident", number=found.number)


def _done(request: SignedInRequest, form: forms.Form, act: Callable[[], None]) -> bool:
    """Whether the act was done; not when the form is not sent, is wrong, or the act is refused."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        act()
    except IncidentRefused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    return True


def _back(request: SignedInRequest, found: IncidentCase, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect("incident", number=found.number)


def _form(
    request: SignedInRequest,
    form: forms.Form,
    title: str,
    found: IncidentCase | None = None,
    **more: str,
) -> HttpResponse:
    crumbs = [{"label": "事故报告", "url": reverse("incidents")}]
    back = crumbs[0]["url"]
    if found is not None:
        back = reverse("incident", args=[found.number])
        crumbs.append({"label": found.number, "url": back})
    context = {"form": form, "title": title, "crumbs": [*crumbs, {"label": title}], "back": back}
    status = 422 if form.errors else 200
    return render(request, "kindergartens/form.html", context | more, status=status)
