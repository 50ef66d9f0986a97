"""What is owed without anybody having asked (该报未报): the registry's lists and the returns'."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from kindergartens.groups.filtering import group_filter
from kindergartens.models import Kindergarten
from kindergartens.procedures import owed as of_the_registry
from kindergartens.procedures.owed import Kindergartens, Listed
from staffing import owed as of_the_staff
from staffing.barred.selectors import still_employed
from staffing.papers.presenters import DueSum, due_sums
from staffing.papers.selectors import due_counts, found_in_post, posts_asked

ROWS_PER_PAGE = 50
# Of each list, before somebody opens it whole.
ROWS_AT_FIRST = 10
LISTS: Mapping[str, Listed] = {
    **of_the_staff.LISTS,
    **of_the_registry.LISTS,
}


@require_GET
@requires(Permission.READ_PROCEDURES)
def owed(request: SignedInRequest) -> HttpResponse:
    """What the law wants of kindergartens in one's area and nobody has handed in.

    The beginning of every list, or one of them whole (`?list=`).
    """
    today = timezone.localdate()
    groups = group_filter(request.GET, request.user, today)
    of = Kindergarten.objects.visible_to(request.user).filter(groups.of_kindergartens("pk"))
    chosen = request.GET.get("list", "")
    asked = {chosen: LISTS[chosen]} if chosen in LISTS else LISTS
    found = [
        (code, listed, listed.rows(of, by=request.user, today=today))
        for code, listed in asked.items()
    ]
    context = {
        "today": today,
        "papers": _papers(request, of, today) if asked is LISTS else [],
        "groups": groups,
        "whole": len(asked) == 1,
        # Whom the list names is said on the list alone, where the look is written down.
        "barred": len(still_employed(request.user, today))
        if request.user.can(Permission.KEEP_BANS)
        else 0,
        # Likewise.
        "found": found_in_post(request.user, today).order_by().values("person").distinct().count()
        if request.user.can(Permission.READ_CONDUCT)
        else 0,
        "lists": [
            {
                "code": code,
                "title": listed.title,
                "note": listed.note,
                "by_person": code in of_the_staff.LISTS,
                "all": len(rows),
                "overdue": sum(one.is_overdue for one in rows),
                "provisional": any(one.provisional for one in rows),
                "page_obj": Paginator(
                    rows, ROWS_PER_PAGE if len(asked) == 1 else ROWS_AT_FIRST
                ).get_page(request.GET.get("page") if len(asked) == 1 else 1),
            }
            for code, listed, rows in found
        ],
    }
    return render(request, "reports/owed/lists.html", context)


def _papers(request: SignedInRequest, of: Kindergartens, today: dt.date) -> list[DueSum]:
    """Of whoever works in these kindergartens, how many papers are due, overdue or missing."""
    if not request.user.can(Permission.READ_STAFF):
        return []
    posts = posts_asked(request.user, today).filter(kindergarten__in=of.values("pk"))
    return [one for one in due_sums(due_counts(request.user, posts, today)) if one.all]
