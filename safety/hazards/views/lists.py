"""Hazards: the list and its file, one hazard, its photos and its history."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.downloads import download
from accounts.exports import CONTENT_TYPES
from accounts.files.pages import attachment_response
from accounts.history.pages import history_response
from accounts.history.sentences import Subject
from accounts.models import Region
from kindergartens.models import Kindergarten
from safety.hazards import policies, presenters, rules, selectors, words
from safety.hazards.resources import hazards_table
from safety.hazards.selectors import ASKED_STATES, HazardFilter
from safety.models import Hazard, HazardPhoto, HazardPlate

ROWS_PER_PAGE = 50


def one_of(request: SignedInRequest, number: str) -> Hazard:
    """The hazard with what its pages show; 404 for one out of sight."""
    rows = Hazard.objects.visible_to(request.user).select_related(
        "county", "kindergarten__organisation__region__county", "plate__supervisor", "earlier",
        "plate__hung_as__user", "reported_as__user", "reported_as__organisation",
        "mended_as__deputises_for", "mended_as__user", "closed_as__user",
    )  # fmt: skip
    return get_object_or_404(rows, number=number)


@require_GET
@requires(Permission.READ_SAFETY)
def hazards(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    asked = HazardFilter.from_query(request.GET)
    region = home_region(request.user)
    acting = request.user.acting
    of_kindergarten = acting is not None and acting.is_of_kindergarten
    page = Paginator(selectors.hazard_rows(request.user, asked, today), ROWS_PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "page_obj": page,
        "lines": [presenters.line(hazard, today) for hazard in page],
        "asked": asked,
        "region": region,
        "of_kindergarten": of_kindergarten,
        "kindergarten": _asked_kindergarten(request, asked),
        "shows_county": region is not None and region.level < Region.Level.COUNTY,
        "standing": selectors.standing(request.user, today, asked),
        "regions": [] if of_kindergarten else selectors.regions_with_hazards(request.user),
        "states": ASKED_STATES.items(),
        "grades": rules.GRADES.items(),
        "fields": rules.FIELDS.items(),
        "may_report": request.user.can(Permission.KEEP_SAFETY),
        "may_export": request.user.can(Permission.EXPORT_REGISTRY),
    }
    return render(request, "safety/hazards/list.html", context)


def _asked_kindergarten(request: SignedInRequest, asked: HazardFilter) -> Kindergarten | None:
    if not asked.kindergarten:
        return None
    return Kindergarten.objects.visible_to(request.user).filter(code=asked.kindergarten).first()


@require_GET
@requires(Permission.EXPORT_REGISTRY)
def export(request: SignedInRequest, ending: str) -> FileResponse:
    """The rows of the list, with its filters, as a file."""
    if ending not in CONTENT_TYPES:
        raise Http404
    now = timezone.now()
    today = timezone.localdate(now)
    region = home_region(request.user)
    rows = selectors.hazard_rows(request.user, HazardFilter.from_query(request.GET), today)
    table = hazards_table(rows, today, place=region.name if region else "")
    return download(table, ending, by=request.user, at=now, target=region)


@require_GET
@requires(Permission.READ_SAFETY)
def detail(request: SignedInRequest, number: str) -> HttpResponse:
    hazard = one_of(request, number)
    today = timezone.localdate()
    photos = list(hazard.photos.all())
    context = {
        "hazard": hazard,
        "line": presenters.line(hazard, today),
        "criterion": words.criterion_words(hazard),
        "found_photos": [photo for photo in photos if photo.shows == HazardPhoto.Shows.FOUND],
        "mended_photos": [photo for photo in photos if photo.shows == HazardPhoto.Shows.MENDED],
        "points": presenters.points(hazard),
        "events": presenters.timeline(
            hazard.events.select_related("done_as__user", "done_as__organisation")
        ),
        "later": Hazard.objects.visible_to(request.user).filter(earlier=hazard),
        "may": policies.choices(hazard, request.user),
        "may_print": policies.may_print_slips(request.user),
        "may_read_history": request.user.can(Permission.READ_HISTORY),
    }
    return render(request, "safety/hazards/detail.html", context)


@require_GET
@requires(Permission.READ_SAFETY)
def photo(request: SignedInRequest, photo_id: UUID) -> HttpResponse:
    attachment = get_object_or_404(
        HazardPhoto.objects.visible_to(request.user).select_related("file"), pk=photo_id
    )
    return attachment_response(request, attachment)


@require_GET
@requires(Permission.READ_HISTORY)
def history(request: SignedInRequest, number: str) -> HttpResponse:
    hazard = one_of(request, number)
    plates = HazardPlate.objects.visible_to(request.user).filter(hazard=hazard)
    return history_response(
        request,
        [
            Subject(Hazard, [hazard.pk], "隐患"),
            Subject(HazardPlate, plates.values("pk"), "挂牌督办"),
        ],
        title=hazard.number,
        back=(reverse("hazard", args=[hazard.number]), hazard.number),
    )
