"""到期提醒: papers that are due, overdue or missing in one's area; and who must not stay in a post."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.history.recording import Action, record_access
from accounts.models import Region
from staffing.papers import selectors
from staffing.papers.kinds import KINDS
from staffing.papers.page import FOUND
from staffing.papers.presenters import due_rows, due_sums
from staffing.papers.selectors import REMINDED_LABELS, SPAN_LABELS, DueFilter
from staffing.roster.selectors import regions_with_staff

ROWS_PER_PAGE = 50


@require_GET
@requires(Permission.READ_STAFF)
def staff_due(request: SignedInRequest) -> HttpResponse:
    """Of the own kindergarten, or of the area one looks after."""
    today = timezone.localdate()
    asked = DueFilter.from_query(request.GET)
    region = home_region(request.user)
    acting = request.user.acting
    own = acting is not None and acting.is_of_kindergarten
    page = Paginator(selectors.due(request.user, asked, today), ROWS_PER_PAGE).get_page(
        request.GET.get("page")
    )
    posts = selectors.posts_asked(request.user, today, asked)
    counts = selectors.due_counts(request.user, posts, today)
    context = {
        "today": today,
        "asked": asked,
        "own": acting.organisation if acting is not None and own else None,
        "region": region,
        "shows_county": region is not None and region.level < Region.Level.COUNTY,
        "page_obj": page,
        "rows": due_rows(
            selectors.met(request.user, list(page.object_list), today),
            today,
            selectors.left_to_county(KINDS["background"], request.user, today),
        ),
        "sums": due_sums(counts),
        "kinds": REMINDED_LABELS.items(),
        "spans": [(span.value, label) for span, label in SPAN_LABELS.items()],
        "regions": [] if own else regions_with_staff(request.user),
        "may_keep": request.user.can(Permission.KEEP_STAFF),
    }
    return render(request, "staffing/due.html", context)


@require_GET
@requires(Permission.READ_CONDUCT)
def staff_found(request: SignedInRequest) -> HttpResponse:
    """背景查询有记录的人还在任职: until the post ends. Every look is written down."""
    now = timezone.now()
    today = timezone.localdate(now)
    posts = selectors.found_in_post(request.user, today)
    page = Paginator(posts, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    record_access(
        Action.READ_LIST, by=request.user, at=now, rows=len(page.object_list), reason=FOUND,
        persons=len({post.person_id for post in page.object_list}),
    )  # fmt: skip
    context = {
        "today": today,
        "page_obj": page,
        "may_keep": request.user.can(Permission.KEEP_STAFF),
        "may_bar": request.user.can(Permission.KEEP_BANS),
    }
    return render(request, "staffing/found.html", context)
