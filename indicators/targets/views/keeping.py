"""Entering, correcting and ending the own documents and targets, each after a look at its effect.

A form that changes verdicts is sent twice: first it shows what would become of whom, then, unchanged,
it is kept. `confirmed` is the stamp of what was looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.home import home_of
from accounts.access.permissions import Permission
from accounts.formatting import zhmonth
from accounts.models import Region
from indicators.catalogue import INDICATORS
from indicators.models import Policy, Target
from indicators.targets import presenters, selectors, services
from indicators.targets.forms import (
    EndForm,
    PolicyCorrectionForm,
    PolicyForm,
    TargetCorrectionForm,
    TargetForm,
    TermsForm,
)
from indicators.targets.rules import LEVELS
from indicators.targets.selectors import Scene
from indicators.targets.services import TargetRefused
from indicators.targets.views.reading import keeps, scene_now
from indicators.targets.words import demand_text, name_of, value_text
from kindergartens.dated.pages import refuse
from kindergartens.stamps import stamp_of, stamp_of_texts

Change = Callable[[Scene], tuple[set[str], list[Target]]]


def _own(request: SignedInRequest, policy_id: int) -> Policy:
    home = home_of(request)
    policy = get_object_or_404(selectors.policies_holding_in(home), pk=policy_id)
    if not keeps(request, policy, home):
        raise Http404
    return policy


def _own_target(request: SignedInRequest, target_id: int) -> Target:
    target = get_object_or_404(Target.objects.select_related("policy__region"), pk=target_id)
    target.policy = _own(request, target.policy_id)
    if target.withdrawn_at is not None or target.indicator not in INDICATORS:
        raise Http404
    return target


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_TARGETS)
def policy_new(request: SignedInRequest) -> HttpResponse:
    form = PolicyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            policy = services.enter_policy(values=form.values(), by=request.user)
        except TargetRefused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"{policy.title}已登记。接着登记它的目标。")
            return redirect("policy", policy.pk)
    return _page(request, form, "登记政策文件")


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_TARGETS)
def policy_correct(request: SignedInRequest, policy_id: int) -> HttpResponse:
    policy = _own(request, policy_id)
    form = PolicyCorrectionForm(
        request.POST if request.method == "POST" else None,
        initial={name: getattr(policy, name) for name in services.POLICY_FIELDS}
        | {"seen": stamp_of(policy, services.POLICY_FIELDS)},
    )

    def with_other_days(found: Scene) -> tuple[set[str], list[Target]]:
        changed = Policy(pk=policy.pk, region=policy.region, slug=policy.slug, **form_values(form))
        own = list(policy.targets.standing())
        for target in own:
            target.policy = changed
        others = [t for t in found.context.targets if t.policy_id != policy.pk]
        holding = [t for t in own if t.holds_on(found.context.day)]
        return {target.indicator for target in own}, [*others, *holding]

    def keep() -> HttpResponse:
        services.correct_policy(
            pk=policy.pk, values=form_values(form), reason=form.cleaned_data["reason"],
            seen=form.cleaned_data["seen"], by=request.user,
        )  # fmt: skip
        messages.success(request, "已更正，各月都按更正后的判。")
        return redirect("policy", policy.pk)

    return _looked_at(request, form, "更正政策文件", policy, with_other_days, keep, levels=LEVELS)


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_TARGETS)
def policy_end(request: SignedInRequest, policy_id: int) -> HttpResponse:
    policy = _own(request, policy_id)
    form = EndForm(
        request.POST if request.method == "POST" else None, initial={"on": timezone.localdate()}
    )

    def without(found: Scene) -> tuple[set[str], list[Target]]:
        own = [t for t in found.context.targets if t.policy_id == policy.pk]
        left = [t for t in found.context.targets if t.policy_id != policy.pk]
        return {target.indicator for target in own}, left

    def keep() -> HttpResponse:
        cleaned = form.cleaned_data
        if cleaned["how"] == EndForm.WITHDRAW:
            services.withdraw_policy(
                pk=policy.pk, reason=cleaned["reason"], by=request.user, now=timezone.now()
            )
            messages.success(request, f"{policy.title}已撤销，它的目标不再判定任何月份。")
        else:
            services.end_policy(
                pk=policy.pk, on=cleaned["on"], reason=cleaned["reason"], by=request.user,
                today=timezone.localdate(),
            )  # fmt: skip
            messages.success(request, f"{policy.title}已登记废止，以前的月份照旧判。")
        return redirect("policies")

    return _looked_at(request, form, "废止或撤销政策文件", policy, without, keep)


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_TARGETS)
def target_new(request: SignedInRequest, policy_id: int) -> HttpResponse:
    policy = _own(request, policy_id)
    form = TargetForm(
        request.POST if request.method == "POST" else None, levels=_levels_of(home_of(request))
    )

    def with_it(found: Scene) -> tuple[set[str], list[Target]]:
        target = services.new_target(policy, form_values(form))
        former = services.former_of(target)
        services.check_target(target, former, timezone.localdate())
        gone = former and former.pk
        others = [t for t in found.context.targets if t.pk != gone]
        return {target.indicator}, [*others, target]

    def keep() -> HttpResponse:
        target = services.enter_target(
            policy_id=policy.pk, values=form_values(form), by=request.user,
            today=timezone.localdate(),
        )  # fmt: skip
        messages.success(request, f"目标{demand_text(target)}已登记。")
        return redirect("policy", policy.pk)

    return _looked_at(request, form, "登记目标", policy, with_it, keep)


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_TARGETS)
def target_correct(request: SignedInRequest, target_id: int) -> HttpResponse:
    target = _own_target(request, target_id)
    indicator = INDICATORS[target.indicator]
    initial = {name: getattr(target, name) for name in services.TARGET_FIELDS} | {
        "value": value_text(indicator, target.value).partition("（")[0],
        "seen": stamp_of(target, services.TARGET_FIELDS),
    }
    form = TargetCorrectionForm(
        request.POST if request.method == "POST" else None, initial=initial, indicator=indicator
    )

    def corrected(found: Scene) -> tuple[set[str], list[Target]]:
        for name, value in form_values(form).items():
            setattr(target, name, value)
        services.check_target(target, None, timezone.localdate())
        others = [t for t in found.context.targets if t.pk != target.pk]
        return {target.indicator}, [
            *others,
            *([target] if target.holds_on(found.context.day) else []),
        ]

    def keep() -> HttpResponse:
        kept = services.correct_target(
            pk=target.pk, values=form_values(form), reason=form.cleaned_data["reason"],
            seen=form.cleaned_data["seen"], by=request.user, today=timezone.localdate(),
        )  # fmt: skip
        messages.success(request, f"已更正为{demand_text(kept)}，各月都按更正后的判。")
        return redirect("policy", target.policy_id)

    title = f"更正目标：{indicator.name}"
    return _looked_at(request, form, title, target.policy, corrected, keep, levels=target.levels)


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_TARGETS)
def target_end(request: SignedInRequest, target_id: int) -> HttpResponse:
    target = _own_target(request, target_id)
    form = EndForm(
        request.POST if request.method == "POST" else None, initial={"on": timezone.localdate()}
    )

    former = services.given_way_to(target)

    def without(found: Scene) -> tuple[set[str], list[Target]]:
        others = [t for t in found.context.targets if t.pk != target.pk]
        if form.cleaned_data["how"] == EndForm.WITHDRAW and former is not None:
            others += [former] if former.holds_on(found.context.day) else []
        return {target.indicator}, others

    def keep() -> HttpResponse:
        cleaned = form.cleaned_data
        if cleaned["how"] == EndForm.WITHDRAW:
            services.withdraw_target(
                pk=target.pk, reason=cleaned["reason"], by=request.user, now=timezone.now()
            )
            again = f"；由它接替的{demand_text(former)}照旧判定" if former else ""
            messages.success(request, f"目标已撤销，不再判定任何月份{again}。")
        else:
            services.end_target(
                pk=target.pk, on=cleaned["on"], reason=cleaned["reason"], by=request.user,
                today=timezone.localdate(),
            )  # fmt: skip
            messages.success(request, "目标已登记废止，以前的月份照旧判。")
        return redirect("policy", target.policy_id)

    title = f"废止或撤销目标：{name_of(target.indicator)}"
    return _looked_at(request, form, title, target.policy, without, keep)


def _levels_of(home: Region) -> list[str]:
    """A place sets targets for itself and what lies below it."""
    names = list(LEVELS)
    return names[home.level - 1 :]


def form_values(form: Any) -> dict[str, Any]:
    values: dict[str, Any] = form.values()
    return values


def _looked_at(
    request: SignedInRequest,
    form: forms.Form,
    title: str,
    policy: Policy,
    change: Change,
    keep: Callable[[], HttpResponse],
    *,
    levels: Collection[str] = (),
) -> HttpResponse:
    """Show what a valid form would make of the verdicts; keep it when it is sent again unchanged.

    `levels` are those whose verdicts it may change, where the form does not ask for them.
    """
    if request.method != "POST" or not form.is_valid():
        return _page(request, form, title, policy)
    asked = form.cleaned_data.get("levels", levels)
    sent = stamp_of_texts(
        {name: str(value) for name, value in form.cleaned_data.items() if name != "seen"}
    )
    try:
        if request.POST.get("confirmed") == sent:
            return keep()
        found = scene_now(request, home_of(request), also=asked, trying=True)
        indicators, targets = change(found)
    except TargetRefused as refusal:
        refuse(form, refusal)
        return _page(request, form, title, policy)
    lines = presenters.effect_lines(selectors.effect(found, indicators, targets))
    month = zhmonth(found.month)
    understood = form.understood(asked) if isinstance(form, TermsForm) else ""
    return _page(
        request, form, title, policy, effect=lines, month=month, confirmed=sent,
        understood=understood,
    )  # fmt: skip


def _page(
    request: SignedInRequest,
    form: forms.Form,
    title: str,
    policy: Policy | None = None,
    *,
    effect: Sequence[str] = (),
    month: str = "",
    confirmed: str = "",
    understood: str = "",
) -> HttpResponse:
    crumbs: list[dict[str, str]] = [{"label": "政策目标", "url": reverse("policies")}]
    back = reverse("policies")
    if policy is not None:
        back = reverse("policy", args=[policy.pk])
        crumbs.append({"label": policy.title, "url": back})
    context = {
        "form": form,
        "title": title,
        "sub": policy.title if policy else "",
        "crumbs": [*crumbs, {"label": title}],
        "back": back,
        "effect": effect,
        "month": month,
        "confirmed": confirmed,
        "understood": understood,
    }
    status = 422 if form.errors else 200
    return render(request, "indicators/targets/form.html", context, status=status)
