"""For the security administrator: the accounts of the region, and each account with its posts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.roles import RoleCode
from accounts.formatting import zhdate
from accounts.models import Membership, User
from accounts.people import selectors
from accounts.people.forms import HandOverForm, ReasonForm
from accounts.people.policies import AccountRefused
from accounts.people.presenters import Slip, present_act, present_event, present_person
from accounts.people.selectors import STATES, PeopleFilter
from accounts.people.services import posts, standing
from accounts.sign_in.fresh import fresh_authentication
from accounts.sign_in.lockout import is_locked_anywhere, locked_users

PEOPLE_PER_PAGE = 50
EVENTS_PER_PAGE = 30


@require_GET
@requires(Permission.MANAGE_ACCOUNTS)
def people_list(request: SignedInRequest) -> HttpResponse:
    now = timezone.now()
    today = timezone.localdate(now)
    asked = PeopleFilter.from_query(request.GET)
    rows = selectors.people(request.user, asked, today=today, now=now)
    page = Paginator(rows, PEOPLE_PER_PAGE).get_page(request.GET.get("page"))
    locked = locked_users(list(page), now=now)
    return render(
        request,
        "accounts/people/list.html",
        {
            "page_obj": page,
            "people": [
                {"shown": present_person(person, now), "is_locked": person.pk in locked}
                for person in page
            ],
            "asked": asked,
            "today": today,
            "counts": selectors.people_counts(request.user, now),
            "region": request.user.acting.organisation.region,  # type: ignore[union-attr]
            "roles": RoleCode.choices,
            "states": STATES.items(),
        },
    )


@require_GET
@requires(Permission.MANAGE_ACCOUNTS)
def person(request: SignedInRequest, user_id: int) -> HttpResponse:
    return _person_page(request, user_id, {})


@require_POST
@requires(Permission.MANAGE_ACCOUNTS)
@fresh_authentication
def person_disable(request: SignedInRequest, user_id: int) -> HttpResponse:
    return _with_reason(request, user_id, "disable")


@require_POST
@requires(Permission.MANAGE_ACCOUNTS)
@fresh_authentication
def person_enable(request: SignedInRequest, user_id: int) -> HttpResponse:
    return _with_reason(request, user_id, "enable")


@require_POST
@requires(Permission.MANAGE_ACCOUNTS)
@fresh_authentication
def person_password(request: SignedInRequest, user_id: int) -> HttpResponse:
    """A new one-time password, shown in this answer and nowhere else."""
    return _with_reason(request, user_id, "password")


@require_POST
@requires(Permission.MANAGE_ACCOUNTS)
@fresh_authentication
def person_unlock(request: SignedInRequest, user_id: int) -> HttpResponse:
    return _with_reason(request, user_id, "unlock")


@require_POST
@requires(Permission.MANAGE_ACCOUNTS)
@fresh_authentication
def person_second_factor(request: SignedInRequest, user_id: int) -> HttpResponse:
    return _with_reason(request, user_id, "second_factor")


@require_POST
@requires(Permission.MANAGE_ACCOUNTS)
@fresh_authentication
def person_sign_out(request: SignedInRequest, user_id: int) -> HttpResponse:
    return _with_reason(request, user_id, "sign_out")


ACTS: dict[str, tuple[Callable[..., object], str]] = {
    "disable": (standing.disable, "账号已停用，登录和待办申请都已结束"),
    "enable": (standing.enable, "账号已恢复启用"),
    "unlock": (standing.unlock, "账号已解锁，可以马上再登录"),
    "second_factor": (standing.reset_second_factor, "第二因素已重置，登录后重新绑定"),
    "sign_out": (standing.sign_out_everywhere, "登录已全部退出"),
    "password": (standing.give_one_time_password, ""),
}


def _with_reason(request: SignedInRequest, user_id: int, act: str) -> HttpResponse:
    person = get_object_or_404(User.objects.visible_to(request.user), pk=user_id)
    form = ReasonForm(request.POST, prefix=act)
    if not form.is_valid():
        return _person_page(request, user_id, {act: form}, status=422)
    now = timezone.now()
    service, done = ACTS[act]
    try:
        result = service(
            user_id=user_id, reason=form.cleaned_data["reason"], by=request.user, now=now
        )
    except AccountRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("person", user_id=user_id)
    if act == "password":
        place = selectors.workplace(request.user, person, timezone.localdate(now))
        context = {"slips": [Slip(person, place, str(result))], "now": now, "back": person}
        return render(request, "accounts/people/one_time_passwords.html", context)
    messages.success(request, f"{person.full_name}的{done}。")
    return redirect("person", user_id=user_id)


def _person_page(
    request: SignedInRequest, user_id: int, forms: dict[str, ReasonForm], status: int = 200
) -> HttpResponse:
    now = timezone.now()
    today = timezone.localdate(now)
    rows = User.objects.visible_to(request.user).with_last_use()
    shown = get_object_or_404(rows, pk=user_id)
    region = request.user.acting.organisation.region  # type: ignore[union-attr]
    held = list(selectors.all_posts(request.user, shown))
    over = {post.pk for post in held if (end := post.ends_on()) is not None and end < today}
    over |= {post.pk for post in held if post.ended_at is not None}
    shown.current_posts = [post for post in held if post.pk not in over]  # type: ignore[attr-defined]
    own_account = shown.pk == request.user.pk
    # One account's story is short: both kinds of entry are read and put in order.
    story = sorted(
        [
            *map(present_event, selectors.timeline(request.user, shown)),
            *map(present_act, selectors.acts_on(shown)),
        ],
        key=lambda entry: entry["at"],
        reverse=True,
    )
    page = Paginator(story, EVENTS_PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "accounts/people/person.html",
        {
            "person": shown,
            "shown": present_person(shown, now),
            "posts": [
                {
                    "post": post,
                    "ends": post.ends_on(),
                    "state": _post_state(post, post.pk in over, today),
                    "may_end": not own_account
                    and post.pk not in over
                    and post.deputises_for_id is None
                    and region.contains(post.organisation.region),
                }
                for post in held
            ],
            "events": list(page),
            "page_obj": page,
            "own_account": own_account,
            "elsewhere": selectors.has_posts_elsewhere(request.user, shown, today),
            "looks_after": selectors.looks_after(request.user, shown, today),
            "today": today,
            "forms": {act: forms.get(act, ReasonForm(prefix=act)) for act in ACTS},
            "is_locked": is_locked_anywhere(shown, now=now),
            "failed": next(iter(forms.values()), None),
        },
        status=status,
    )


def _post_state(post: Membership, over: bool, today: Any) -> str:
    if over:
        return "ended"
    if post.valid_from > today:
        return "upcoming"
    return "deputising" if post.deputises_for_id else "in_use"


@require_http_methods(["GET", "POST"])
@requires(Permission.HAND_OVER_POSTS)
@fresh_authentication
def hand_over(request: SignedInRequest, post_id: int) -> HttpResponse:
    """End a post, with or without a successor."""
    now = timezone.now()
    today = timezone.localdate(now)
    held = Membership.objects.visible_to(request.user).own().not_over(today)
    post = get_object_or_404(held.select_related("user", "organisation__region"), pk=post_id)
    form = HandOverForm(request.POST or None, by=request.user, post=post, today=today)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _end_or_hand_over(request, form, post, now, today)
            except AccountRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                return redirect("person", user_id=post.user_id)
    context = {"form": form, "post": post, "own": post.user_id == request.user.pk}
    return render(request, "accounts/people/hand_over.html", context, status=status)


def _end_or_hand_over(
    request: SignedInRequest, form: HandOverForm, post: Membership, now: Any, today: Any
) -> None:
    data = form.cleaned_data
    by = {"by": request.user, "now": now, "today": today, "reason": data["reason"]}
    successor, name = data["successor"], post.user.full_name
    if successor is None:
        ended = posts.end_post(post_id=post.pk, last_day=data["first_day"] - posts.ONE_DAY, **by)
        if ended.ended_at is not None:
            messages.success(request, f"{name}的{post}任职已办结束。")
        else:
            messages.success(request, f"{name}的{post}任职到{zhdate(ended.valid_to)}为止。")
        return
    posts.hand_over(post_id=post.pk, successor=successor, first_day=data["first_day"], **by)
    kept = "填了一半的月报和记录都留在单位。"
    if data["first_day"] <= today:
        done = f"{post}已由{name}交给{successor.full_name}，{kept}"
    else:
        post.refresh_from_db()
        done = (
            f"{post}从{zhdate(data['first_day'])}起由{successor.full_name}接任，"
            f"{name}任职到{zhdate(post.ends_on())}为止。{kept}"
        )
    messages.success(request, done)
