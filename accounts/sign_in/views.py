"""The front door: signing in and out, the code, asking again, and one's own account security."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access.guards import SignedInRequest
from accounts.demo_logins import demo_logins
from accounts.history.recording import Action, record_access
from accounts.models import Session, User
from accounts.sign_in import devices, door_words, kept, passwords, second_factor
from accounts.sign_in.duties import (
    Duty,
    duty_of,
    in_background,
    opens_during,
    opens_without_post,
    sends_nothing,
)
from accounts.sign_in.entry import check_password_of
from accounts.sign_in.forms import ChangePasswordForm, CodeForm, SignInForm
from accounts.sign_in.fresh import PROOF, fresh_authentication, prove
from accounts.sign_in.middleware import ENDED_COOKIE, LOST_COOKIE, idle_limit
from accounts.sign_in.sessions import (
    active_account,
    begin_session,
    end_sessions,
    masked_address,
    note_use,
    recent_sign_ins,
)

# Of a half-opened door: who showed the password, when, and how many codes were wrong.
HALF = "half_signed_in"
HALF_LASTS = dt.timedelta(minutes=5)
NOT_IN = (
    "用户名或密码不对，或者账号暂时不能登录。请核对大小写后再试；连续输错{failures}次要等{minutes}分钟。"
    "忘记密码请联系本区县教育局的安全管理员。"
)


def next_page(request: HttpRequest) -> str:
    """Where to go afterwards; only a path of this portal, never a name or another site."""
    wanted = request.POST.get("next", request.GET.get("next", ""))
    if wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return wanted
    return resolve_url(settings.LOGIN_REDIRECT_URL)


@never_cache
@sensitive_post_parameters("password")
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for name and password; whoever has a second factor is asked for its code next."""
    if request.user.is_authenticated:
        return redirect(next_page(request))
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        user = check_password_of(request, now=now, **form.cleaned_data)
        if user is not None:
            if user.second_factor_at is not None:
                return _half_open(request, user, now)
            return _let_in(request, user, next_page(request), now=now)
        form.add_error(
            None,
            NOT_IN.format(failures=settings.LOCK_AFTER_FAILURES, minutes=settings.LOCK_MINUTES),
        )
    response = render(
        request,
        "registration/login.html",
        {
            "form": form,
            "next": request.POST.get("next", request.GET.get("next", "")),
            "ended": door_words.why_ended(request),
            "ended_code": request.COOKIES.get(ENDED_COOKIE, ""),
            "kept": door_words.what_was_kept(request)
            if kept.is_waiting(request, now=timezone.now())
            else "",
            "lost": door_words.what_was_lost(request),
            "demo_logins": demo_logins() if settings.DEMO else [],
        },
    )
    if ENDED_COOKIE in request.COOKIES:
        response.delete_cookie(ENDED_COOKIE, path=reverse("login"))
    return response


def _half_open(request: HttpRequest, user: User, now: dt.datetime) -> HttpResponse:
    """Nobody is signed in yet: the session only remembers whose code is expected."""
    next_url = next_page(request)
    request.session.flush()
    request.session[HALF] = {
        "user": user.pk,
        "password": user.get_session_auth_hash(),
        "at": now.isoformat(),
        "wrong": 0,
        "next": next_url,
    }
    return redirect("sign-in-code")


def _let_in(
    request: HttpRequest, user: User, next_url: str, *, now: dt.datetime, with_code: bool = False
) -> HttpResponse:
    begin_session(request, user, now=now, with_code=with_code)
    duty = duty_of(user, now=now)
    if duty is not None:
        response = redirect(duty)
    else:
        response = redirect(kept.way_back(request, user_id=user.pk, now=now) or next_url)
        devices.remember(request, response, user, now=now)
    if LOST_COOKIE in request.COOKIES:
        messages.warning(request, door_words.once_more(request))
        response.delete_cookie(LOST_COOKIE, path=reverse("login"))
    return response


@never_cache
@login_not_required
@require_http_methods(["GET", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """The second step: six digits, or a recovery code."""
    now = timezone.now()
    half, user = _half_signed_in(request, now)
    if half is None or user is None:
        return redirect("login")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["otp"]
        waited = second_factor.seconds_to_wait(user, now=now)
        if second_factor.verify(user=user, code=code, now=now):
            del request.session[HALF]
            return _let_in(request, user, half["next"], now=now, with_code=True)
        half["wrong"] += 1
        if half["wrong"] >= second_factor.CODES_PER_SIGN_IN:
            request.session.flush()
            messages.error(request, "验证码连续输错多次。请重新输入用户名和密码。")
            return redirect("login")
        request.session[HALF] = half
        refusal = second_factor.refusal_of(user, code, waited=waited, now=now)
        form.add_error("otp", refusal)
    return render(request, "accounts/sign_in/code.html", {"form": form})


def _half_signed_in(
    request: HttpRequest, now: dt.datetime
) -> tuple[dict[str, Any] | None, User | None]:
    half = request.session.get(HALF)
    if half is None:
        return None, None
    at = parse_datetime(half["at"])
    user = active_account(half["user"])
    if (
        at is None
        or now - at > HALF_LASTS
        or user is None
        or user.get_session_auth_hash() != half["password"]
    ):
        request.session.flush()
        return None, None
    return half, user


@opens_without_post
@sends_nothing
@opens_during(*Duty)
@require_POST
def sign_out(request: SignedInRequest) -> HttpResponse:
    record_access(Action.SIGN_OUT, by=request.user, at=timezone.now())
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@opens_during(Duty.SECOND_FACTOR)
@sensitive_post_parameters(PROOF)
@require_http_methods(["GET", "POST"])
def authenticate_again(request: SignedInRequest) -> HttpResponse:
    """Ask for the password or a code, then go on to the page that wanted it."""
    refusal = ""
    if request.method == "POST":
        now = timezone.now()
        refusal = prove(request, request.POST.get(PROOF, ""), now=now)
        if not refusal:
            return redirect(next_page(request))
    return render(
        request,
        "accounts/sign_in/again.html",
        {
            "action": request.path,
            "carried": [("next", next_page(request))],
            "refusal": refusal,
            "proof_name": PROOF,
            "with_code": request.user.second_factor_at is not None,
        },
        status=403 if refusal else 200,
    )


@sends_nothing
@opens_during(*Duty)
@require_http_methods(["GET", "POST"])
@in_background
def session_state(request: SignedInRequest) -> HttpResponse:
    """How many seconds until the session idles out. A POST is the person's “go on working”."""
    now = timezone.now()
    row = request.session.row  # type: ignore[attr-defined]
    if request.method == "POST":
        note_use(row, now)
    left = idle_limit(request.user) - (now - row.seen_at)
    left = min(left, row.expire_date - now)
    return HttpResponse(str(max(0, int(left.total_seconds()))), content_type="text/plain")


# One's own account


@require_GET
def account_security(request: SignedInRequest) -> HttpResponse:
    """Password, second factor, and where one is signed in."""
    now = timezone.now()
    user = request.user
    present = request.session.session_key
    sessions = [
        {
            "handle": session.handle,
            "device": session.device or "其他设备",
            "address": masked_address(session.address),
            "signed_in_at": session.signed_in_at,
            "seen_at": session.seen_at,
            "is_present": session.session_key == present,
        }
        for session in Session.objects.visible_to(user).open()[:50]
    ]
    sessions.sort(key=lambda session: not session["is_present"])
    return render(
        request,
        "accounts/sign_in/security.html",
        {
            "sessions": sessions,
            "session_limit": settings.SESSION_LIMIT,
            "idle_minutes": int(idle_limit(user).total_seconds() // 60),
            "hours": settings.SESSION_COOKIE_AGE // 3600,
            "expires_on": passwords.expires_on(user, user.posts),
            "soon": now + dt.timedelta(days=14),
            "required": second_factor.is_required(user),
            "codes_left": user.recovery_codes.filter(used_at=None).count(),
            "recent": recent_sign_ins(user)[:8],
        },
    )


@sensitive_post_parameters()
@opens_during(Duty.CHOOSE_PASSWORD)
@require_http_methods(["GET", "POST"])
def change_password(request: SignedInRequest) -> HttpResponse:
    """Choose a new password; every other session ends."""
    user, now = request.user, timezone.now()
    duty = duty_of(user, now=now)
    form = ChangePasswordForm(
        request.POST or None, user=user, ask_present=not user.must_change_password
    )
    if request.method == "POST" and form.is_valid():
        if not _present_is_right(request, form, now):
            form.add_error("present", "不对。请核对大小写；连续输错会暂时锁定。")
        elif form.check_chosen():
            _take_new_password(request, form.cleaned_data["chosen"], now)
            messages.success(request, "密码已改。别处的登录都已结束。")
            back = (
                kept.way_back(request, user_id=user.pk, now=now)
                if duty_of(user, now=now) is None
                else ""
            )
            response = redirect(back or ("home" if duty is not None else "account-security"))
            devices.remember(request, response, user, now=now)
            return response
    return render(
        request,
        "accounts/sign_in/password.html",
        {"form": form, "duty": duty, "one_time": user.must_change_password},
        status=422 if form.errors else 200,
    )


def _present_is_right(request: SignedInRequest, form: ChangePasswordForm, now: dt.datetime) -> bool:
    if "present" not in form.fields:
        return True
    found = check_password_of(
        request,
        username=request.user.username,
        password=form.cleaned_data["present"],
        now=now,
        action=Action.CHANGE_PASSWORD,
    )
    return found is not None


@transaction.atomic
def _take_new_password(request: SignedInRequest, password: str, now: dt.datetime) -> None:
    user = request.user
    passwords.change_password(user=user, password=password, now=now)
    update_session_auth_hash(request, user)
    end_sessions(user=user, why=Session.Ended.PASSWORD, now=now, but=request.session.session_key)
    record_access(Action.CHANGE_PASSWORD, by=user, at=now)


@opens_during(Duty.SECOND_FACTOR)
@require_http_methods(["GET", "POST"])
@fresh_authentication
def set_up_second_factor(request: SignedInRequest) -> HttpResponse:
    """Scan, type the first code, keep the recovery codes."""
    user, now = request.user, timezone.now()
    form = CodeForm(request.POST or None)
    duty = duty_of(user, now=now)
    if request.method == "POST" and form.is_valid():
        codes = second_factor.confirm(
            user=user, code=form.cleaned_data["otp"], keep=request.session.session_key, now=now
        )
        if codes is not None:
            request.session.cycle_key()
            context = {"codes": codes, "way_back": kept.way_back(request, user_id=user.pk, now=now)}
            return render(request, "accounts/sign_in/recovery_codes.html", context)
        form.add_error(
            "otp", "不对。请核对手机上现在显示的6位数字；仍不对的，请校准手机时间后再试。"
        )
    app = second_factor.offer(user)
    return render(
        request,
        "accounts/sign_in/second_factor.html",
        {
            "form": form,
            "qr": second_factor.drawn(app),
            "key": second_factor.spelled(app),
            "duty": duty,
            "roles": second_factor.required_roles(),
        },
        status=422 if form.errors else 200,
    )


@require_POST
@fresh_authentication
def new_recovery_codes(request: SignedInRequest) -> HttpResponse:
    if request.user.second_factor_at is None:
        return redirect("second-factor")
    codes = second_factor.renew_recovery_codes(user=request.user, now=timezone.now())
    return render(request, "accounts/sign_in/recovery_codes.html", {"codes": codes, "anew": True})


@require_POST
@fresh_authentication
def switch_off_second_factor(request: SignedInRequest) -> HttpResponse:
    try:
        second_factor.switch_off(
            user=request.user, keep=request.session.session_key, now=timezone.now()
        )
    except second_factor.StillRequired:
        messages.error(request, "您的岗位必须使用第二因素，不能关闭。换手机请先在这里重新绑定。")
    else:
        request.session.cycle_key()
        messages.success(request, "第二因素已关闭。以后登录只需要密码。")
    return redirect("account-security")


@require_POST
def end_own_session(request: SignedInRequest) -> HttpResponse:
    """End one of one's other sessions, or all of them."""
    handle = request.POST.get("session") or None
    now = timezone.now()
    with transaction.atomic():
        ended = end_sessions(
            user=request.user,
            why=Session.Ended.BY_SELF,
            now=now,
            but=request.session.session_key,
            handle=handle,
        )
        if ended:
            record_access(Action.END_SESSION, by=request.user, at=now, rows=ended)
    if ended:
        messages.success(request, f"已结束{ended}处登录。那里再操作时要重新登录。")
    else:
        messages.info(request, "那里的登录已经结束，没有要办的。")
    return redirect("account-security")
