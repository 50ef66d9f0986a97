"""Changes of directors and teachers (变更备案): to file, late, filed, confirmed."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from kindergartens.models import Kindergarten, Procedure
from kindergartens.procedures.kinds import all_kinds
from staffing.changes import selectors
from staffing.changes.rules import FILED_AS, counted
from staffing.changes.selectors import STATES, TO_FILE
from staffing.models import Appointment

ROWS_PER_PAGE = 50


@require_GET
@requires(Permission.READ_PROCEDURES)
def staff_changes(request: SignedInRequest) -> HttpResponse:
    """Of the last year, in one's area or the own kindergarten; `?kindergarten=` narrows to one."""
    today = timezone.localdate()
    state = request.GET.get("state", "")
    state = state if state in STATES else TO_FILE
    code = request.GET.get("kindergarten", "")
    posts = Appointment.objects.visible_to(request.user)
    one = Kindergarten.objects.visible_to(request.user).filter(code=code).first() if code else None
    if one is not None:
        posts = posts.filter(kindergarten=one)
    sides = selectors.happened(posts, today)
    numbers = selectors.numbers(sides, today)
    page = Paginator(selectors.listed(sides, state, today), ROWS_PER_PAGE).get_page(
        request.GET.get("page")
    )
    narrowed = {"kindergarten": one.code} if one is not None else {}
    context = {
        "today": today,
        "kindergarten": one,
        "state": state,
        "page_obj": page,
        "rows": selectors.changes(page.object_list, today),
        "tabs": [
            {
                "label": label,
                "url": f"?{urlencode({'state': name} | narrowed)}",
                "count": numbers[name],
                "active": name == state,
            }
            for name, label in STATES.items()
        ],
        "to_file": _to_file(request),
        "is_own": request.user.acting is not None and request.user.acting.is_of_kindergarten,
    }
    return render(request, "staffing/changes.html", context)


def _to_file(request: SignedInRequest) -> list[dict[str, Any]]:
    """For whoever files: what one filing of each kind would tell, and the form with it filled in."""
    acting = request.user.acting
    if (
        acting is None
        or not acting.is_of_kindergarten
        or not request.user.can(Permission.ASK_PROCEDURES)
    ):
        return []
    today = timezone.localdate()
    own = Kindergarten.objects.visible_to(request.user).get()
    posts = Appointment.objects.visible_to(request.user)
    found = []
    for post, code in FILED_AS.items():
        one = selectors.unfiled(posts, post, today).get(own.pk)
        if one is None:
            continue
        known: dict[str, str | int] = {
            "occurred_on": one.since.isoformat(), "joined": one.came, "left": one.went,
        }  # fmt: skip
        returned = (
            Procedure.objects.visible_to(request.user)
            .filter(kindergarten=own, kind=code, state=Procedure.State.RETURNED)
            .first()
        )
        form = reverse("procedure-ask", args=[own.code, code])
        found.append(
            {
                "returned": returned,
                "kind": all_kinds()[code],
                "says": counted(one.came, one.went),
                "due_on": selectors.due_on(post, one.since),
                "url": reverse("procedure", args=[returned.number])
                if returned
                else f"{form}?{urlencode(known)}",
            }
        )
    return found
