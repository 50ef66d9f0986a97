"""Meal accounts of an area: who keeps one, what is left over, who charges something else."""

from __future__ import annotations

import re
from typing import Any

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.downloads import download
from accounts.exports import CONTENT_TYPES
from accounts.models import Region
from fees.meals import presenters, selectors
from fees.meals.resources import meals_table
from fees.meals.rules import Standing
from fees.meals.selectors import Place
from fees.models import MealAccount
from fees.terms import SEASONS, Term, term_of
from kindergartens.models import Kindergarten

ROWS_PER_PAGE = 50
TERMS_OFFERED = 6
TABS = (
    ("", "全部"),
    ("missing", "未登记"),
    ("waiting", "待核对"),
    ("pending", "待报齐"),
    ("over", "盈亏超出规定"),
    ("unlike", "和统一伙食费不同"),
)


def _shows(tab: str, place: Place) -> bool:
    if tab == "missing":
        return place.kept is None
    if tab == "waiting":
        return bool(place.kept and place.kept.account.state == MealAccount.State.SUBMITTED)
    if tab == "pending":
        return place.standing == Standing.PENDING
    if tab == "over":
        return place.standing in (Standing.SURPLUS, Standing.DEFICIT)
    return tab != "unlike" or bool(place.unlike)


def _offered(this: Term) -> list[Term]:
    terms = [this]
    while len(terms) < TERMS_OFFERED:
        terms.append(terms[-1].former)
    return terms


def _asked(request: SignedInRequest) -> tuple[Region, Term, list[Place]]:
    home, today = home_region(request.user), timezone.localdate()
    if home is None:
        raise Http404
    term, text = term_of(today), request.GET.get("term", "")
    if text:
        match = re.fullmatch(rf"(\d{{4}})-({'|'.join(SEASONS)})", text)
        if match is None or (term := Term(int(match[1]), match[2])) not in _offered(term_of(today)):
            raise Http404
    return home, term, selectors.places(request.user, home, term, today)


@require_GET
@requires(Permission.READ_RETURNS)
def overview(request: SignedInRequest) -> HttpResponse:
    """Every kindergarten of the own area with its term (`?term=2026-autumn`); whoever works in one
    is led to its own accounts.
    """
    acting = request.user.acting
    if acting is not None and acting.is_of_kindergarten:
        own = Kindergarten.objects.visible_to(request.user).get()
        return redirect("kindergarten-meals", code=own.code)
    region, term, found = _asked(request)
    tab = request.GET.get("show", "")
    if tab not in dict(TABS):
        raise Http404
    shown = [one for one in found if _shows(tab, one)]
    page = Paginator(shown, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "region": region,
        "term": term,
        "terms": _offered(term_of(timezone.localdate())),
        "total": selectors.total(found),
        "tabs": [
            {
                "label": label,
                "url": f"?term={term.year}-{term.season}&show={code}",
                "count": sum(_shows(code, one) for one in found),
                "active": code == tab,
            }
            for code, label in TABS
        ],
        "shows_county": region.level < Region.Level.COUNTY,
        "page_obj": page,
        "rows": [presenters.place_line(one) for one in page],
        "tab": tab,
        "shown": len(shown),
        "can_export": bool(shown) and request.user.can(Permission.EXPORT_FIGURES),
    }
    return render(request, "fees/meals/overview.html", context)


@require_GET
@requires(Permission.EXPORT_FIGURES)
def export(request: SignedInRequest, ending: str) -> FileResponse:
    if ending not in CONTENT_TYPES:
        raise Http404
    region, term, found = _asked(request)
    tab = request.GET.get("show", "")
    table = meals_table([one for one in found if _shows(tab, one)], place=region.name, term=term)
    return download(table, ending, by=request.user, at=timezone.now(), target=region)
