"""The pages of one kind of dated row of a county: a new one, a correction, an end, the history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.access.guards import SignedInRequest
from accounts.access.home import home_of
from accounts.access.permissions import Permission
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from accounts.models import Region
from kindergartens.dated.forms import EndForm
from kindergartens.dated.services import Kind, RowRefused, correct_row, end_row, set_row
from kindergartens.models.demand import ancestors
from kindergartens.policies import NotAllowedNow
from kindergartens.stamps import stamp_of


def what_may_be_done(request: SignedInRequest, home: Region) -> dict[str, Any]:
    """What a list of dated rows is shown with: the day, and which ways lead on from it."""
    keeps = request.user.can(Permission.MANAGE_REGISTRY) and home.level == Region.Level.COUNTY
    return {
        "region": home,
        "today": timezone.localdate(),
        "keeps": keeps,
        "may_read_history": request.user.can(Permission.READ_HISTORY),
    }


@dataclass(frozen=True)
class DatedPages:
    """How the pages of a kind are called and what they say.

    `above`: label and route of the pages that lead to the list `route`. `form`, `correction`: forms
    with `values()`. Of a row: `named` is how titles call it, `told` stands under the title, the
    three last are said once it is done.
    """

    kind: Kind
    title: str
    route: str
    above: tuple[tuple[str, str], ...]
    form: type[Any]
    correction: type[Any]
    named: Callable[[Any], str]
    told: Callable[[Any], str]
    registered: Callable[[Any], str]
    corrected: str
    ended: Callable[[Any], str]
    told_by: tuple[str, ...]
    ending: type[Any] = EndForm

    def rows_read_in(self, home: Region) -> QuerySet[Any]:
        """Those of a place and of the places above it, which its people read but do not keep."""
        rows: QuerySet[Any] = self.kind.model.objects.filter(region__in=ancestors(home))
        return rows.select_related("region")

    def new(self, request: SignedInRequest) -> HttpResponse:
        if home_of(request).level != Region.Level.COUNTY:
            raise Http404
        form = self.form(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                row = set_row(
                    kind=self.kind, values=form.values(), by=request.user,
                    today=timezone.localdate(),
                )  # fmt: skip
            except RowRefused as refusal:
                refuse(form, refusal)
            else:
                return self.done(request, self.registered(row))
        return self.page(request, form, f"登记{self.kind.label}")

    def correct(self, request: SignedInRequest, pk: int) -> HttpResponse:
        row = self._own(request, pk)
        form = self.correction(
            request.POST if request.method == "POST" else None,
            initial={name: _as_typed(getattr(row, name)) for name in self.kind.corrected}
            | {"seen": stamp_of(row, self.kind.corrected)},
        )
        if request.method == "POST" and form.is_valid():
            try:
                correct_row(
                    kind=self.kind, pk=pk, values=form.values(),
                    reason=form.cleaned_data["reason"], seen=form.cleaned_data["seen"],
                    by=request.user, today=timezone.localdate(),
                )  # fmt: skip
            except RowRefused as refusal:
                refuse(form, refusal)
            else:
                return self.done(request, self.corrected)
        return self.page(request, form, f"更正{self.named(row)}", row)

    def end(self, request: SignedInRequest, pk: int) -> HttpResponse:
        row = self._own(request, pk)
        form = self.ending(
            request.POST if request.method == "POST" else None,
            initial={"on": timezone.localdate()},
        )
        if request.method == "POST" and form.is_valid():
            try:
                ended = end_row(kind=self.kind, pk=pk, by=request.user, **form.cleaned_data)
            except RowRefused as refusal:
                refuse(form, refusal)
            else:
                return self.done(request, self.ended(ended))
        return self.page(request, form, f"截止{self.named(row)}", row)

    def history(
        self,
        request: SignedInRequest,
        *,
        reads: Permission = Permission.READ_PROGRESS,
        rows: QuerySet[Any] | None = None,
    ) -> HttpResponse:
        """Of the rows that `reads` shows on the list."""
        if not request.user.can(reads):
            raise PermissionDenied("您现在的岗位没有这项权限。")
        shown = self.rows_read_in(home_of(request)) if rows is None else rows
        back = (reverse(self.route), self.title)
        subjects = [self.history_subject(shown)]
        return history_response(request, subjects, title=self.title, back=back)

    def history_subject(self, rows: QuerySet[Any]) -> Subject:
        numbers = rows.order_by().values("pk")
        return Subject(self.kind.model, numbers, self.kind.label, told_by=self.told_by)

    def _own(self, request: SignedInRequest, pk: int) -> Any:
        """Of the own county; those of the places above are read only."""
        return get_object_or_404(self.kind.model, pk=pk, region=home_of(request))

    def done(self, request: SignedInRequest, text: str) -> HttpResponse:
        """Back to the list, with what was done."""
        messages.success(request, text)
        return redirect(self.route)

    def page(
        self, request: SignedInRequest, form: forms.Form, title: str, row: Any = None
    ) -> HttpResponse:
        """A form of this kind; of a `row` where there is one."""
        back = reverse(self.route)
        crumbs: list[dict[str, str]] = [
            *({"label": label, "url": reverse(route)} for label, route in self.above),
            {"label": self.title, "url": back},
            {"label": title},
        ]
        context: dict[str, Any] = {"form": form, "title": title, "crumbs": crumbs, "back": back}
        if row is not None:
            context["sub"] = self.told(row)
        status = 422 if form.errors else 200
        return render(request, "kindergartens/form.html", context, status=status)


def _as_typed(value: Any) -> Any:
    """A yes or no is chosen from two words."""
    return str(int(value)) if isinstance(value, bool) else value


def refuse(form: forms.Form, refusal: NotAllowedNow) -> None:
    """Say at its field why not, above the form where it has no such field."""
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
