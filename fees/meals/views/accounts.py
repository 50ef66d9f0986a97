"""The meal account of one kindergarten: its terms, one term, and each step of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.formatting import decimal
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from fees.meals import presenters, selectors, services
from fees.meals.forms import EntryForm, OpeningForm, ReturnForm, SubmitForm
from fees.meals.rules import closing, lacking
from fees.meals.stamps import ENTRY_FIELDS, stamp_of_account, stamp_of_entry
from fees.models import MealAccount, MealEntry
from fees.services import FeeRefused
from fees.terms import SEASONS, Term, term_of
from kindergartens.models import Kindergarten

FIRST_YEAR = 2020
WHOLE_TERM = "term"


def _kindergarten(request: SignedInRequest, code: str) -> Kindergarten:
    visible = Kindergarten.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("organisation__region__county"), code=code)


def _term(year: int, season: str) -> Term:
    if season not in SEASONS or not FIRST_YEAR <= year <= 2100:
        raise Http404
    return Term(year, season)


def _account(request: SignedInRequest, code: str, year: int, season: str) -> MealAccount:
    visible = MealAccount.objects.visible_to(request.user).of(_term(year, season))
    rows = visible.select_related(
        "kindergarten__organisation__region__county",
        "submitted_as__user",
        "decided_as__user",
    )
    return get_object_or_404(rows, kindergarten__code=code)


@require_GET
@requires(Permission.READ_RETURNS)
def terms(request: SignedInRequest, code: str) -> HttpResponse:
    kindergarten = _kindergarten(request, code)
    kept = selectors.terms_of(request.user, kindergarten)
    this = term_of(timezone.localdate())
    there = {one.account.term for one in kept}
    context = {
        "kindergarten": kindergarten,
        "rows": kept,
        "to_open": [one for one in (this, this.former) if one not in there],
        "may_keep": request.user.can(Permission.FILE_RETURN),
        "may_read_history": request.user.can(Permission.READ_HISTORY),
    }
    return render(request, "fees/meals/terms.html", context)


@require_GET
@requires(Permission.READ_RETURNS)
def term_account(request: SignedInRequest, code: str, year: int, season: str) -> HttpResponse:
    account = _account(request, code, year, season)
    today = timezone.localdate()
    context = presenters.of_account(request.user, account, today) | {
        "kindergarten": account.kindergarten,
        "account": account,
        "may_keep": account.is_open and request.user.can(Permission.FILE_RETURN),
        "may_decide": request.user.can(Permission.REVIEW_RETURNS),
        "may_read_history": request.user.can(Permission.READ_HISTORY),
    }
    return render(request, "fees/meals/account.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.FILE_RETURN)
def opening(request: SignedInRequest, code: str, year: int, season: str) -> HttpResponse:
    """Begin a term, or put right what it began with."""
    kindergarten, term = _kindergarten(request, code), _term(year, season)
    rows = MealAccount.objects.visible_to(request.user).of(term)
    account = rows.filter(kindergarten=kindergarten).first()
    before = selectors.closing_of(request.user, kindergarten.pk, term.former)
    initial = (
        {"opening": account.opening, "opening_reason": account.opening_reason}
        if account
        else {"opening": before}
    )
    form = OpeningForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        corrects=account is not None and account.submitted_at is not None,
    )
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            services.open_account(
                kindergarten=kindergarten, term=term, by=request.user, now=now,
                today=timezone.localdate(now), **form.cleaned_data,
            )  # fmt: skip
        except FeeRefused as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, "期初结余已登记，接着按月登记收支。")
            return redirect("meal-account", code, year, season)
    last = "没有登记" if before is None else f"{decimal(before)}元"
    return _form(
        request, form, "期初结余", kindergarten, term if account else None,
        sub=f"{term}。上学期期末结余：{last}。",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.FILE_RETURN)
def entry(request: SignedInRequest, code: str, year: int, season: str, month: str) -> HttpResponse:
    """One month, `2026-10`, or `term` for all of it at once."""
    account = _account(request, code, year, season)
    of_month = None if month == WHOLE_TERM else _month(account.term, month)
    rows = MealEntry.objects.visible_to(request.user).filter(account=account, month=of_month)
    there = rows.first()
    initial: dict[str, Any] = {"seen": stamp_of_entry(there)}
    if there is not None:
        initial |= {name: getattr(there, name) for name in ENTRY_FIELDS}
    form = EntryForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        corrects=account.submitted_at is not None,
    )
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            saved = services.record_entry(
                account=account, month=of_month, facts=form.facts(),
                seen=form.cleaned_data["seen"], reason=form.cleaned_data.get("reason", ""),
                by=request.user, now=now, today=timezone.localdate(now),
            )  # fmt: skip
        except FeeRefused as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, f"{saved}的收支已保存。")
            return redirect("meal-account", code, year, season)
    name = f"{of_month.year}年{of_month.month}月" if of_month else "全学期"
    return _form(
        request, form, f"{name}伙食费收支", account.kindergarten, account.term,
        sub="金额单位是元，到角分；没有发生的填0，不供的餐留空。",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.FILE_RETURN)
def submit(request: SignedInRequest, code: str, year: int, season: str) -> HttpResponse:
    """Say what was counted, and hand the term in."""
    account = _account(request, code, year, season)
    entries = _entries(request, account)
    form = SubmitForm(
        request.POST if request.method == "POST" else None,
        initial={
            "counted_cash": account.counted_cash,
            "explanation": account.explanation,
            "seen": stamp_of_account(account, entries),
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.submit_account(
                account=account, by=request.user, now=timezone.now(), **form.cleaned_data
            )
        except FeeRefused as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, "已提交，等教育局核对。")
            return redirect("meal-account", code, year, season)
    found = closing(account.opening, selectors.flow_of(entries))
    lacks = lacking(account.term, [one.month for one in entries], timezone.localdate())
    return _form(
        request, form, "结账并提交", account.kindergarten, account.term, submit="提交",
        sub=f"{account.term}，账面期末结余{decimal(found)}元，由登记的收支算出。"
        + (f"现在还不能提交：{lacks}。" if lacks else ""),
    )  # fmt: skip


@require_POST
@requires(Permission.REVIEW_RETURNS)
def accept(request: SignedInRequest, code: str, year: int, season: str) -> HttpResponse:
    account = _account(request, code, year, season)
    try:
        services.accept_account(
            account=account, seen=request.POST.get("seen", ""), by=request.user, now=timezone.now()
        )
    except FeeRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{account.kindergarten.name}{account}已接收。")
    return redirect("meal-account", code, year, season)


@require_http_methods(["GET", "POST"])
@requires(Permission.REVIEW_RETURNS)
def give_back(request: SignedInRequest, code: str, year: int, season: str) -> HttpResponse:
    account = _account(request, code, year, season)
    form = ReturnForm(
        request.POST if request.method == "POST" else None,
        initial={"seen": stamp_of_account(account, _entries(request, account))},
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.return_account(
                account=account, by=request.user, now=timezone.now(), **form.cleaned_data
            )
        except FeeRefused as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, "已退回，幼儿园改好后再提交。")
            return redirect("meal-account", code, year, season)
    return _form(
        request, form, "退回伙食费收支", account.kindergarten, account.term, submit="退回",
        sub=f"{account.kindergarten.name}，{account.term}。",
    )  # fmt: skip


@require_GET
@requires(Permission.READ_HISTORY)
def history(request: SignedInRequest, code: str) -> HttpResponse:
    kindergarten = _kindergarten(request, code)
    accounts = MealAccount.objects.visible_to(request.user).filter(kindergarten=kindergarten)
    entries = MealEntry.objects.visible_to(request.user).filter(account__kindergarten=kindergarten)
    subjects = [
        Subject(
            MealAccount, accounts.order_by().values("pk"), "伙食费收支", told_by=("year", "season")
        ),
        Subject(MealEntry, entries.order_by().values("pk"), "收支明细", told_by=("month",)),
    ]
    back = (reverse("kindergarten-meals", args=[code]), "伙食费收支")
    return history_response(request, subjects, title=f"{kindergarten.name}伙食费收支", back=back)


def _entries(request: SignedInRequest, account: MealAccount) -> list[MealEntry]:
    return list(MealEntry.objects.visible_to(request.user).filter(account=account))


def _month(term: Term, text: str) -> dt.date:
    try:
        month = dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        raise Http404 from None
    if month not in term.months:
        raise Http404
    return month


def _refuse(form: forms.Form, refusal: FeeRefused) -> None:
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))


def _form(
    request: SignedInRequest,
    form: forms.Form,
    title: str,
    kindergarten: Kindergarten,
    term: Term | None,
    *,
    sub: str,
    submit: str = "保存",
) -> HttpResponse:
    code = kindergarten.code
    crumbs = [
        {"label": kindergarten.name, "url": reverse("kindergarten-detail", args=[code])},
        {"label": "伙食费收支", "url": reverse("kindergarten-meals", args=[code])},
    ]
    if term is not None:
        address = reverse("meal-account", args=[code, term.year, term.season])
        crumbs.append({"label": str(term), "url": address})
    context: dict[str, Any] = {
        "form": form,
        "title": title,
        "sub": sub,
        "submit": submit,
        "crumbs": [*crumbs, {"label": title}],
        "back": crumbs[-1]["url"],
    }
    return render(request, "kindergartens/form.html", context, status=422 if form.errors else 200)
