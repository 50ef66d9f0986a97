"""A person of the roster: posts and papers, the correction, the whole number, the history."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.history.pages import history_response
from accounts.history.recording import Action, record_access
from accounts.history.sentences import Subject
from accounts.privacy.forms import RevealForm
from accounts.privacy.presenters import UNREADABLE
from accounts.privacy.services import ReasonNeeded
from accounts.releases.services import QuotaUsed
from accounts.sign_in.fresh import fresh_authentication
from kindergartens.stamps import stamp_of
from staffing.models import Appointment, Certificate, Secondment, StaffMember
from staffing.papers.page import FOUND, found_in, found_in_history, papers_of, subjects_of
from staffing.roster import rules, services
from staffing.roster.forms import PersonForm
from staffing.roster.presenters import paper_state, shown_number
from staffing.roster.services import PERSON_FACTS, RosterRefused
from staffing.roster.views.finding import form_page, person_crumb, person_of, refuse


@require_GET
@requires(Permission.READ_STAFF)
def staff_member(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Posts are those in one's area; papers are the person's, wherever they were recorded."""
    person = person_of(request, person_id)
    today = timezone.localdate()
    posts = list(
        Appointment.objects.visible_to(request.user)
        .filter(person=person)
        .with_certified(today)
        .select_related("kindergarten", "entered_as__user")
    )
    papers = person.certificates.select_related("entered_as__user").order_by("kind", "-issued_on")
    heads = [one for one in posts if one.post == rules.PRINCIPAL and one.is_held_on(today)]
    may_keep = services.may_keep_person(person, request.user, today)
    here = any(one.withdrawn_at is None and not one.is_over(today) for one in posts)
    sections = papers_of(person, request.user, today, may_keep=may_keep, here=here)
    if found_in(sections, request.user, standing=False):
        _note_found(request, person)
    context = {
        "person": person,
        "number": shown_number(person),
        "age": rules.age_on(person.birth_date, today),
        "today": today,
        "posts": [(one, one.withdrawn_at is None and not one.is_over(today)) for one in posts],
        "papers": [(paper, paper_state(paper, today)) for paper in papers],
        "director_lacks": services.director_lacks(person, today) if heads else [],
        "sections": sections,
        "found": found_in(sections, request.user, standing=True),
        "posts_paying": list({one.kindergarten_id: one.kindergarten for one in posts}.values()),
        "may_keep": may_keep,
        "may_keep_posts": request.user.can(Permission.KEEP_STAFF),
        "may_transfer": request.user.can(Permission.MANAGE_REGISTRY),
        "may_reveal": request.user.can(Permission.REVEAL_PERSONAL_DATA),
        "may_read_history": request.user.can(Permission.READ_HISTORY),
    }
    return render(request, "staffing/person.html", context)


def _note_found(request: SignedInRequest, person: StaffMember) -> None:
    """Keep who was told that a background query found something."""
    record_access(
        Action.REVEAL, by=request.user, at=timezone.now(), target=person, persons=1, reason=FOUND
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_STAFF)
@sensitive_post_parameters("number")
@sensitive_variables("form")
def staff_correct(request: SignedInRequest, person_id: int) -> HttpResponse:
    person = person_of(request, person_id)
    initial = {name: getattr(person, name) for name in PERSON_FACTS}
    form = PersonForm(
        request.POST or None, initial=initial | {"seen": stamp_of(person, PERSON_FACTS)}
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.correct_person(
                person_id=person.pk,
                facts=form.person(),
                reason=form.cleaned_data["reason"],
                seen=form.cleaned_data["seen"],
                by=request.user,
                today=timezone.localdate(),
            )
        except RosterRefused as refusal:
            refuse(request, form, refusal)
        else:
            messages.success(request, "已更正。")
            return redirect("staff-member", person_id=person.pk)
    return form_page(
        request, form, title="更正资料", crumbs=person_crumb(person),
        sub=f"{person.name}，{person.get_identifier_type_display()}{shown_number(person)}。",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.REVEAL_PERSONAL_DATA)
@fresh_authentication
@sensitive_variables("number")
def staff_number(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Asks for the reason, then shows the number in that one answer, which no cache keeps."""
    person = person_of(request, person_id)
    masked = shown_number(person)
    form = RevealForm(request.POST or None)
    number = ""
    if request.method == "POST" and form.is_valid() and masked != UNREADABLE:
        try:
            number = services.reveal_number(
                person=person, reason=form.cleaned_data["reason"], by=request.user,
                now=timezone.now(),
            )  # fmt: skip
        except ReasonNeeded as refusal:
            form.add_error("reason", str(refusal))
        except QuotaUsed as refusal:
            form.add_error(None, str(refusal))
    context = {
        "person": person,
        "form": form,
        "number": number,
        "masked": masked,
        "unreadable": masked == UNREADABLE,
        "crumbs": [*person_crumb(person), {"label": "查看证件号码"}],
        "back": reverse("staff-member", args=[person.pk]),
    }
    status = 422 if request.method == "POST" and form.errors else 200
    return render(request, "staffing/number.html", context, status=status)


@require_GET
@requires(Permission.READ_HISTORY)
def staff_history(request: SignedInRequest, person_id: int) -> HttpResponse:
    """The person's own data, posts in one's area and papers."""
    person = person_of(request, person_id)
    posts = Appointment.objects.visible_to(request.user).filter(person=person)
    here = posts.not_over(timezone.localdate()).exists()
    of_papers = subjects_of(person, request.user, here=here)
    if found_in_history(of_papers):
        _note_found(request, person)
    papers = Certificate.objects.visible_to(request.user).filter(person=person)
    return history_response(
        request,
        [
            Subject(StaffMember, [person.pk], "人员资料"),
            Subject(Appointment, posts.order_by().values("pk"), "任职", told_by=("post",)),
            Subject(Certificate, papers.order_by().values("pk"), "证书", told_by=("kind",)),
            *of_papers,
            Subject(
                Secondment,
                Secondment.objects.visible_to(request.user)
                .filter(person=person)
                .order_by()
                .values("pk"),
                "结对和轮岗",
                told_by=("receiver",),
            ),
        ],
        title=person.name,
        back=(reverse("staff-member", args=[person.pk]), person.name),
    )
