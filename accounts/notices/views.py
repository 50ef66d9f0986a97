"""消息: the messages to one's organisation."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.models import Notice
from accounts.notices import selectors, services
from accounts.notices.forms import MailboxForm

PAGE_SIZE = 30


@require_GET
@requires(Permission.READ_NOTICES)
def notice_list(request: SignedInRequest) -> HttpResponse:
    return _page(request, MailboxForm(initial={"address": selectors.mailbox_of(request.user)}))


def _page(request: SignedInRequest, form: MailboxForm) -> HttpResponse:
    found = selectors.notices_of(request.user)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "accounts/notices/list.html",
        {
            "page_obj": page,
            "unread": selectors.unread(request.user).count(),
            # Asked for only where e-mail is sent at all.
            "form": form if "email" in settings.NOTICE_CHANNELS else None,
        },
        status=422 if form.errors else 200,
    )


@require_POST
@requires(Permission.READ_NOTICES)
def notice_mailbox(request: SignedInRequest) -> HttpResponse:
    if "email" not in settings.NOTICE_CHANNELS:
        raise Http404
    form = MailboxForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    address = form.cleaned_data["address"]
    services.set_mailbox(address=address, by=request.user)
    messages.success(request, f"消息会另发一份到{address}。" if address else "不再发邮件。")
    return redirect("notices")


@require_POST
@requires(Permission.READ_NOTICES)
def notice_open(request: SignedInRequest, notice_id: int) -> HttpResponse:
    """Keep that it was read, and go to where it is dealt with."""
    notice = get_object_or_404(Notice.objects.visible_to(request.user), pk=notice_id)
    services.mark_read(by=request.user, now=timezone.now(), notice=notice)
    return HttpResponseRedirect(notice.link)


@require_POST
@requires(Permission.READ_NOTICES)
def notices_read(request: SignedInRequest) -> HttpResponse:
    number = services.mark_read(by=request.user, now=timezone.now())
    if number:
        messages.success(request, f"已标为已读{number}条。")
    return redirect("notices")
