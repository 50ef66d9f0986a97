"""Choosing the post one acts in, the health check, and the pages for errors."""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access.guards import SignedInRequest
from accounts.access.permissions import Permission
from accounts.hardening.problems import is_api, problem
from accounts.history.recording import Action, record_access, record_refusal
from accounts.middleware import DATABASE_LET_GO, busy_page
from accounts.models import Membership, User
from accounts.sign_in import kept
from accounts.sign_in.duties import opens_without_post, sends_nothing
from accounts.sign_in.middleware import after_an_old_token


@opens_without_post
@sends_nothing
@require_POST
def choose_post(request: SignedInRequest) -> HttpResponse:
    """Act in another of one's posts from now on in this session.

    A form that stands in another window belongs to the former post. With the token it carries it
    is not done any more, but shown again in the new post (sign_in.middleware.after_an_old_token).
    """
    after_an_end = getattr(request, "ended_post", None) is not None
    chosen = request.POST.get("membership", "")
    post = next((p for p in request.user.posts if str(p.pk) == chosen), None)
    if post is None:
        messages.error(request, "这个岗位已经失效，请重新选择。")
    else:
        request.session["acting"] = post.pk
        request.session.cycle_key()
        rotate_token(request)
        record_access(Action.SWITCH_POST, by=request.user, at=timezone.now(), target=post)
        messages.success(request, f"现在以“{post}”的身份办理。")
    waiting = kept.way_back(request, user_id=request.user.pk, now=timezone.now())
    return redirect((after_an_end and waiting) or settings.LOGIN_REDIRECT_URL)


@opens_without_post
@require_GET
def post_ended(request: SignedInRequest) -> HttpResponse:
    """The post one worked in is over: when it ended, and which of one's others to go on in."""
    ended: Membership | None = getattr(request, "ended_post", None)
    if ended is None:
        return redirect(settings.LOGIN_REDIRECT_URL)
    waiting = kept.find(request, user_id=request.user.pk, now=timezone.now()).forms
    context = {"ended": ended, "last_day": ended.ends_on(), "is_kept": bool(waiting)}
    return render(request, "accounts/post_ended.html", context)


@login_not_required
@require_GET
def health(request: HttpRequest) -> HttpResponse:
    """For health checks: the process answers and reaches its database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)):
        return answer(request, 413)
    return answer(request, 400)


@login_not_required
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    _record_refusal(request)
    user = getattr(request, "user", None)
    # Whoever opens accounts is not told to ask the administrator.
    administers = isinstance(user, User) and user.can(Permission.MANAGE_ACCOUNTS)
    return answer(request, 403, {"reason": str(exception or ""), "administers": administers})


def _record_refusal(request: HttpRequest) -> None:
    user, match = getattr(request, "user", None), request.resolver_match
    if isinstance(user, User) and match is not None:
        record_refusal(by=user, page=match.view_name, at=timezone.now())


@login_not_required
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(request, 404)


def answer(
    request: HttpRequest, status: int, context: dict[str, Any] | None = None
) -> HttpResponse:
    """The page of an error, or its JSON where a machine asks."""
    if is_api(request):
        return problem(request, status)
    return render(request, f"{status}.html", context, status=status)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    if isinstance(sys.exc_info()[1], DATABASE_LET_GO):
        # Before any view: who is signed in is asked of the database too.
        return busy_page(request)
    if is_api(request):
        return problem(request, 500)
    # No context processors: they may be what failed.
    from django.template.loader import render_to_string

    page = render_to_string("500.html", {"request_id": getattr(request, "request_id", "")})
    return HttpResponse(page, status=500)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    shown_again = after_an_old_token(request)
    return shown_again or render(request, "403_csrf.html", status=403)
