"""One act on one hazard a page: grade, extend, stop, mend, re-check, hang, delist, withdraw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.files import FileRefused
from safety.hazards import forms, presenters, services, words
from safety.hazards.services import HazardRefused
from safety.hazards.services.steps import post_of
from safety.hazards.views.lists import one_of
from safety.hazards.views.uploads import add_carried, carry_on, record_refused
from safety.models import Hazard


def _act(
    request: SignedInRequest,
    hazard: Hazard,
    make: Callable[..., Form],
    act: Callable[[dict[str, Any], dict[str, Any]], Any],
    *,
    title: str,
    button: str,
    done: str,
    hint: str = "",
    initial: dict[str, Any] | None = None,
    files: Any = None,
) -> HttpResponse:
    """The page of one act. `act` gets what was typed, and what every service takes."""
    sends = request.method == "POST"
    form = make(
        request.POST if sends else None,
        files if sends else None,
        initial={"seen": services.stamp(hazard)} | (initial or {}),
    )
    if sends:
        add_carried(request, form)
    if sends and form.is_valid():
        known = {"hazard_id": hazard.pk, "by": request.user, "now": timezone.now()}
        typed = dict(form.cleaned_data)
        try:
            act(typed, known | {"seen": typed.pop("seen")})
        except HazardRefused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        except FileRefused as refusal:
            form.add_error(None, forms.FileNotTaken(refusal.reason, refusal.code))
        else:
            messages.success(request, done)
            return redirect("hazard", number=hazard.number)
    if sends:
        record_refused(request, form, hazard.kindergarten)
        carry_on(request, form, hazard.kindergarten)
    context = {
        "form": form,
        "hazard": hazard,
        "line": presenters.line(hazard, timezone.localdate()),
        "title": title,
        "button": button,
        "hint": hint,
        "back": reverse("hazard", args=[hazard.number]),
        "has_file": form.is_multipart(),
    }
    status = 422 if form.errors else 200
    return render(request, "safety/hazards/form.html", context, status=status)


@require_http_methods(["GET", "POST"])
@requires(Permission.DECIDE_SAFETY)
def grade(request: SignedInRequest, number: str) -> HttpResponse:
    hazard = one_of(request, number)
    return _act(
        request, hazard, forms.GradeForm, lambda typed, known: services.grade(**typed, **known),
        title="定级", button="确定", done="等级已确定。", hint=words.criterion_words(hazard),
        initial={"grade": hazard.grade, "deadline": hazard.deadline},
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.DECIDE_SAFETY)
def extend(request: SignedInRequest, number: str) -> HttpResponse:
    hazard = one_of(request, number)
    return _act(
        request, hazard, forms.ExtendForm, lambda typed, known: services.extend(**typed, **known),
        title="延期", button="延期", done="已延期。", hint="原来的期限和延期理由都会保留。",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.READ_SAFETY)
def stop(request: SignedInRequest, number: str) -> HttpResponse:
    post_of(request.user, Permission.KEEP_SAFETY, Permission.DECIDE_SAFETY)
    return _act(
        request, one_of(request, number), forms.StopForm,
        lambda typed, known: services.set_stop(stop=True, **typed, **known),
        title="停止使用", button="停止使用", done="已登记停止使用。",
        hint="登记后立即停止使用有危险的房屋、设施或供餐。恢复使用由教育局决定。",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.DECIDE_SAFETY)
def resume(request: SignedInRequest, number: str) -> HttpResponse:
    hazard = one_of(request, number)
    return _act(
        request, hazard, forms.StopForm,
        lambda typed, known: services.set_stop(stop=False, **typed, **known),
        title="恢复使用", button="恢复使用", done="已登记恢复使用。",
        hint=words.criterion_words(hazard),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_SAFETY)
def mend(request: SignedInRequest, number: str) -> HttpResponse:
    return _act(
        request, one_of(request, number), forms.MendForm,
        lambda typed, known: services.mend(**typed, **known),
        title="申请复查", button="申请复查", done="已申请复查。",
        hint="由另一个人复查，合格后销号。", files=request.FILES,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.DECIDE_SAFETY)
def recheck(request: SignedInRequest, number: str) -> HttpResponse:
    return _act(
        request, one_of(request, number), forms.RecheckForm,
        lambda typed, known: services.recheck(
            passed=typed.pop("passed") == "yes", **typed, **known
        ),
        title="复查", button="登记复查", done="复查已登记。",
        hint="看过照片、文件或现场再登记。销号后不再打开，又出现的另外登记。",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.DECIDE_SAFETY)
def hang(request: SignedInRequest, number: str) -> HttpResponse:
    hazard = one_of(request, number)

    def make(*args: Any, **kwargs: Any) -> forms.PlateForm:
        return forms.PlateForm(args[0], hazard=hazard, **kwargs)

    def act(typed: dict[str, Any], known: dict[str, Any]) -> None:
        hung_on = typed.pop("hung_on")
        services.hang(settled=services.Settled(**typed), hung_on=hung_on, **known)

    return _act(
        request, hazard, make, act, title="挂牌督办", button="挂牌督办",
        done="已挂牌督办，可以打印通知书。", hint="措施、责任、资金、时限、预案五项都落实才能挂牌。",
        initial={"deadline": hazard.deadline, "hung_on": timezone.localdate()},
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.DECIDE_SAFETY)
def delist(request: SignedInRequest, number: str) -> HttpResponse:
    return _act(
        request, one_of(request, number), forms.DelistForm,
        lambda typed, known: services.delist(**typed, **known),
        title="摘牌", button="摘牌销号", done="已摘牌销号，可以打印摘牌通知。",
        hint="复查合格后摘牌，隐患同时销号。", initial={"delisted_on": timezone.localdate()},
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.READ_SAFETY)
def withdraw(request: SignedInRequest, number: str) -> HttpResponse:
    post_of(request.user, Permission.KEEP_SAFETY, Permission.DECIDE_SAFETY)
    return _act(
        request, one_of(request, number), forms.WithdrawForm,
        lambda typed, known: services.withdraw_hazard(**typed, **known),
        title="撤销登记", button="撤销登记", done="已撤销，不再计入。",
        hint="登记错的才撤销，如选错了幼儿园。编号和办理经过都会保留，编号不再使用。",
    )  # fmt: skip
