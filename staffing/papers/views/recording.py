"""New papers: of one person, of many in a kindergarten at once."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.history.recording import Action, record_access
from staffing.models import Appointment, StaffMember
from staffing.papers import selectors, services
from staffing.papers.asked import REMINDED
from staffing.papers.forms import FORMS, with_post
from staffing.papers.kinds import KINDS, PaperKind
from staffing.papers.page import FOUND
from staffing.papers.presenters import FOUND_STATE, STATE_OF
from staffing.papers.renewing import initial_for
from staffing.papers.rules import Span
from staffing.roster.services import RosterRefused
from staffing.roster.views.finding import (
    form_page,
    kindergarten_of,
    person_crumb,
    person_of,
    refuse,
    roster_crumb,
)

NAMED_AT_MOST = 10


def kind_of(code: str) -> PaperKind:
    if code not in KINDS:
        raise Http404
    return KINDS[code]


def _recorded_kind(request: SignedInRequest, code: str) -> PaperKind:
    kind = kind_of(code)
    if not kind.may_record(request.user):
        raise PermissionDenied("师德记录由园长和区县教育局登记。")
    return kind


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_STAFF)
def paper_new(request: SignedInRequest, person_id: int, kind: str) -> HttpResponse:
    """Starts with what the paper before says: a renewal is a look and a click."""
    paper = _recorded_kind(request, kind)
    person = person_of(request, person_id)
    now = timezone.now()
    today = timezone.localdate(now)
    initial = initial_for(kind, request.user, today, of=person)
    form = FORMS[kind](request.POST or None, initial=initial)
    if not paper.of_person:
        with_post(form, _posts_of(request, person))
    if request.method == "POST" and form.is_valid():
        try:
            services.record_paper(
                kind=kind, person_id=person.pk, facts=form.facts(), by=request.user, now=now,
                today=today, appointment_id=int(form.cleaned_data.get("appointment") or 0),
            )  # fmt: skip
        except RosterRefused as refusal:
            refuse(request, form, refusal)
        else:
            messages.success(request, f"{person.name}的{paper.label}已登记。")
            return redirect("staff-member", person_id=person.pk)
    return form_page(
        request, form, title=f"登记{paper.label}", crumbs=person_crumb(person), sub=person.name
    )


def _posts_of(request: SignedInRequest, person: StaffMember) -> list[Appointment]:
    """Posts that a paper may go with: the newest and those still held come first."""
    posts = Appointment.objects.visible_to(request.user).standing().filter(person=person)
    posts = posts.select_related("kindergarten").order_by("-ended_on", "-full_time", "-started_on")
    return list(posts)


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_STAFF)
def papers_batch(request: SignedInRequest, code: str, kind: str) -> HttpResponse:
    """One form and a list of people with ticks; ticked are those who need one."""
    paper = _recorded_kind(request, kind)
    kindergarten = kindergarten_of(request, code)
    now = timezone.now()
    today = timezone.localdate(now)
    initial = initial_for(kind, request.user, today, of=kindergarten)
    form = FORMS[kind](request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            batch = services.record_papers(
                kind=kind, kindergarten=kindergarten, people=_ticked(request),
                facts=form.facts(), by=request.user, now=now, today=today,
            )  # fmt: skip
        except RosterRefused as refusal:
            refuse(request, form, refusal)
        else:
            messages.success(request, _done(paper, batch))
            return redirect("kindergarten-staff", code=code)
    spans = selectors.spans_in(request.user, today, kindergarten, kind) if kind in REMINDED else {}
    found = selectors.found_people(request.user, kindergarten) if kind == "background" else set()
    if found:
        record_access(
            Action.READ_LIST, by=request.user, at=now, rows=len(found), persons=len(found),
            reason=FOUND,
        )  # fmt: skip
    ticked = set(_ticked(request)) if request.method == "POST" else None
    people = []
    posts = services.main_posts(kindergarten, today)
    for key in selectors.left_to_county(paper, request.user, today):
        posts.pop(key, None)
    for key, post in sorted(posts.items(), key=lambda one: (one[1].post, one[1].person.name)):
        span, until = spans.get(key, (None, None))
        needs = span not in {None, Span.VALID}
        people.append(
            {
                "post": post,
                "needs": needs,
                "ticked": needs if ticked is None else key in ticked,
                "state": FOUND_STATE if key in found else STATE_OF[span] if span else "",
                "until": until,
            }
        )
    # Stable: whoever needs one comes first.
    people.sort(key=lambda one: not one["needs"])
    title = f"成批登记{paper.label}"
    context = {
        "form": form, "title": title, "kindergarten": kindergarten, "people": people,
        "shows_state": kind in REMINDED, "crumbs": [
            *roster_crumb(kindergarten), {"label": title}
        ],
    }  # fmt: skip
    return render(request, "staffing/batch.html", context, status=422 if form.errors else 200)


def _ticked(request: SignedInRequest) -> list[int]:
    return [
        int(key) for key in request.POST.getlist("people")
        if key.isascii() and key.isdecimal() and len(key) < 12
    ]  # fmt: skip


def _done(paper: PaperKind, batch: services.Batch) -> str:
    done = f"{paper.label}已登记{len(batch.written)}人。"
    if batch.had_it:
        names = "、".join(one.name for one in batch.had_it[:NAMED_AT_MOST])
        more = "等" if len(batch.had_it) > NAMED_AT_MOST else ""
        done += f"{len(batch.had_it)}人原来就有，没有重复登记：{names}{more}。"
    return done
