"""The security administrator's pages: who cannot get in, and what to do about it."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.models import Session, User
from accounts.sign_in.administration import HELPS
from accounts.sign_in.forms import ReasonForm
from accounts.sign_in.fresh import fresh_authentication
from accounts.sign_in.lockout import locked_users
from accounts.sign_in.selectors import accounts_managed_by
from accounts.sign_in.sessions import masked_address

PER_PAGE = 30


@require_GET
@requires(Permission.MANAGE_ACCOUNTS)
def accounts(request: SignedInRequest) -> HttpResponse:
    """Find a person, and see whose account is locked."""
    now = timezone.now()
    wanted = request.GET.get("q", "").strip()[:60]
    managed = accounts_managed_by(request.user)
    everybody = list(managed.only("pk", "username", "full_name"))
    locked = locked_users(everybody, now=now)
    people = managed
    if wanted:
        people = people.filter(
            Q(username__icontains=User.normalise_username(wanted)) | Q(full_name__icontains=wanted)
        )
    page = Paginator(people.prefetch_related("memberships__organisation"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    return render(
        request,
        "accounts/sign_in/accounts.html",
        {
            "wanted": wanted,
            "page_obj": page,
            # The first thing asked on the phone; the list may be some hundred long.
            "locked_people": [person for person in everybody if person.pk in locked][:PER_PAGE],
            "locked_count": len(locked),
            "lines": [
                {
                    "person": person,
                    "locked": person.pk in locked,
                    "posts": list(person.memberships.all()),
                }
                for person in page.object_list
            ],
        },
    )


@require_GET
@requires(Permission.MANAGE_ACCOUNTS)
def account(request: SignedInRequest, user_id: int) -> HttpResponse:
    """One person's ways in, and the four things that help."""
    person = get_object_or_404(accounts_managed_by(request.user), pk=user_id)
    return _page(request, person, ReasonForm(auto_id=False))


@require_POST
@requires(Permission.MANAGE_ACCOUNTS)
@fresh_authentication
def help_account(request: SignedInRequest, user_id: int, what: str) -> HttpResponse:
    """Do one of the four things, with a reason."""
    person = get_object_or_404(accounts_managed_by(request.user), pk=user_id)
    form = ReasonForm(request.POST, auto_id=False)
    if not form.is_valid():
        return _page(request, person, form, what=what, status=422)
    shown_once = HELPS[what].run(person, request.user, form.cleaned_data["reason"], timezone.now())
    if shown_once:
        return _page(request, person, ReasonForm(auto_id=False), password=shown_once)
    messages.success(request, f"{person.full_name}：{HELPS[what].label}，已办好并留下记录。")
    return redirect("sign-in-account", person.pk)


def _page(
    request: SignedInRequest,
    person: User,
    form: ReasonForm,
    *,
    what: str = "",
    password: str = "",
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    return render(
        request,
        "accounts/sign_in/account.html",
        {
            "person": person,
            "posts": person.memberships.select_related("organisation"),
            "locked": person.pk in locked_users([person], now=now),
            "sessions": [
                {
                    "device": session.device or "其他设备",
                    "address": masked_address(session.address),
                    "signed_in_at": session.signed_in_at,
                    "seen_at": session.seen_at,
                }
                for session in Session.objects.open_of(person.pk)[:50]
            ],
            "helps": HELPS,
            "form": form,
            "what": what,
            "password": password,
        },
        status=status,
    )
