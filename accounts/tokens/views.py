"""接口令牌: keys for other systems, given out, listed with their use, and taken back."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from accounts.models import ApiToken
from accounts.sign_in.fresh import fresh_to_send
from accounts.tokens import services
from accounts.tokens.forms import RevocationForm, TokenForm
from accounts.tokens.selectors import tokens_of

ROWS_PER_PAGE = 50


@require_GET
@requires(Permission.MANAGE_API_TOKENS)
def token_list(request: SignedInRequest) -> HttpResponse:
    now = timezone.now()
    rows = tokens_of(request.user, today=timezone.localdate(now))
    page = Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/tokens/list.html", {"page_obj": page, "now": now})


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_API_TOKENS)
@fresh_to_send
def token_new(request: SignedInRequest) -> HttpResponse:
    now = timezone.now()
    form = TokenForm(
        request.POST if request.method == "POST" else None,
        by=request.user,
        today=timezone.localdate(now),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            token, secret = services.issue(
                organisation=data["organisation"], region=data["region_code"], name=data["name"],
                last_day=data["last_day"], by=request.user, now=now,
            )  # fmt: skip
        except services.TokenNotIssued as refusal:
            form.add_error(
                "region_code" if refusal.field == "region" else refusal.field, str(refusal)
            )
        else:
            # Shown here and nowhere else: it is stored as a digest only.
            return render(
                request, "accounts/tokens/issued.html", {"token": token, "secret": secret}
            )
    context = {
        "form": form,
        "title": "发放接口令牌",
        "crumbs": [{"label": "接口令牌", "url": reverse("api-tokens")}, {"label": "发放"}],
        "back": reverse("api-tokens"),
        "sub": "持令牌的系统只能读本范围的三率和各项指标，读不到幼儿园和个人。",
        "submit": "发放",
    }
    return render(request, "kindergartens/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_API_TOKENS)
def token_revoke(request: SignedInRequest, token_id: int) -> HttpResponse:
    standing = ApiToken.objects.visible_to(request.user).filter(revoked_at__isnull=True)
    token = get_object_or_404(standing.select_related("organisation"), pk=token_id)
    form = RevocationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        services.revoke(
            token_id=token.pk, reason=form.cleaned_data["reason"], by=request.user,
            now=timezone.now(),
        )  # fmt: skip
        messages.success(request, f"“{token.name}”的令牌已撤销，立即失效。")
        return redirect("api-tokens")
    context = {
        "form": form,
        "title": "撤销接口令牌",
        "crumbs": [{"label": "接口令牌", "url": reverse("api-tokens")}, {"label": "撤销"}],
        "back": reverse("api-tokens"),
        "sub": f"{token.organisation.name}：{token.name}（{token.begins_with}…）。撤销后立即失效，不能恢复。",
        "submit": "撤销",
    }
    return render(request, "kindergartens/form.html", context, status=422 if form.errors else 200)


@require_GET
@requires(Permission.MANAGE_API_TOKENS)
def token_history(request: SignedInRequest, token_id: int) -> HttpResponse:
    token = get_object_or_404(ApiToken.objects.visible_to(request.user), pk=token_id)
    rows = ApiToken.objects.visible_to(request.user).filter(pk=token.pk).order_by().values("pk")
    return history_response(
        request,
        [Subject(ApiToken, rows, "接口令牌")],
        title=f"接口令牌“{token.name}”改动",
        back=(reverse("api-tokens"), "接口令牌"),
    )
