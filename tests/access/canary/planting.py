"""Plants a mark in every text of every row, found by introspection, and knows whose each is.

A mark is one word (`zq0001aq`) that stands nowhere else. Where a text cannot hold one, the field is
listed in LEFT_ALONE with the reason; a new text field is planted by itself. Numbers that are told
apart by their size (five digits) are marks too: head-counts of kindergartens and sums of regions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from django.apps import apps
from django.db import connection, models

from accounts.history.tracking import TRACKED
from accounts.models import (
    AccessRecord,
    AccountBatch,
    AccountRequest,
    ApiToken,
    ExportRequest,
    ImportBatch,
    Job,
    Membership,
    Organisation,
    Region,
    Session,
    User,
)
from accounts.privacy import cipher
from accounts.privacy.fields import EncryptedTextField
from fees.models import (
    AidCount,
    FundingPayment,
    MealAccount,
    Repayment,
    ScheduledFee,
    ScheduleFiling,
    SubsidyClaim,
    SubsidyPayment,
)
from indicators.models import (
    FigureDrift,
    KindergartenFacts,
    Publication,
    PublicationDraft,
    RecomputeRun,
    RegionFacts,
)
from inspections.models import (
    Campaign,
    CampaignCheck,
    CampaignCircular,
    CampaignPart,
    CampaignPlace,
    RectificationItem,
)
from kindergartens.models import (
    AnnualStatistics,
    ClassCount,
    ConstructionProject,
    EstateProject,
    FireAcceptance,
    Group,
    GroupMember,
    Kindergarten,
    MonthlyFiling,
    PremisesCount,
    Procedure,
    PublishedKindergarten,
    Site,
    StatusDocument,
    UnlicensedKindergarten,
)
from reports.filings.board.models import BulkAcceptance
from reports.reconciling.models import ListNote
from safety.models import (
    DeviceFault,
    Drill,
    Hazard,
    IncidentCase,
    KitchenLicence,
    LiabilityPolicy,
    MeasureEvidence,
    PatrolCircular,
    PatrolFinding,
    PatrolLook,
    PatrolTalk,
    SafetyTraining,
    SelfCheck,
    VideoDevice,
)
from staffing.models import (
    Appointment,
    EmploymentBan,
    PayRecord,
    PostQuota,
    RecruitmentLine,
    Secondment,
    StaffMember,
)

APPS = ("config", "reports", "inspections", "indicators", "staffing", "fees", "safety",
        "kindergartens", "accounts")  # fmt: skip

# Public to everyone, so nothing in them is anybody's secret.
PUBLIC = {
    "accounts.Region": "the official list of places",
    "indicators.Policy": "published documents",
    "indicators.Target": "clauses of published documents",
    "indicators.AggregateReturn": "published statistics",
    "indicators.RecognitionSurvey": "counts of a survey that is published",
    "kindergartens.PremisesStandard": "clauses of published documents",
    "kindergartens.EquipmentItem": "likewise",
    "kindergartens.ConstructionPlan": "likewise",
    "kindergartens.EstateRule": "likewise",
    "staffing.StaffingStandard": "likewise",
    "safety.SafetyMeasure": "clauses of published documents",
    "fees.FeeCeiling": "published ceilings",
    "fees.FreeYearStandard": "published standards",
    "fees.LocalFeeItem": "published lists",
    "fees.MealFee": "published fees",
    "safety.TalkThreshold": "clauses of published documents",
    "safety.AppraisalRule": "likewise",
    "fees.RefundRule": "clauses of published documents",
    "safety.IncidentLimit": "clauses of documents",
    "fees.MealSurplusLimit": "clauses of published documents",
    "fees.FundingStandard": "published documents",
    "kindergartens.BirthCount": "published statistics",
    "kindergartens.Population": "published statistics",
    "config.DemoPart": "progress of the demo data",
    # The chain over history: names of tables, keys and digests of all rows together.
    "accounts.HistoryShape": "names of tables and columns",
    "accounts.HistoryEntry": "keys and digests",
    "accounts.HistoryOpen": "numbers of transactions",
    "accounts.HistoryBlock": "digests",
    "accounts.HistoryHead": "a digest",
    "accounts.HistoryAnchor": "digests",
    "accounts.HistoryCheck": "how many rows were verified",
    "accounts.HistoryArchive": "digests and the name of a file on the server",
    "accounts.RequestBucket": "counters under keyed digests",
}

# Texts that cannot hold a mark.
LEFT_ALONE = {
    "kindergartens.AnnualStatistics.code": "the school code by which its kindergarten is found",
    "kindergartens.PublishedKindergarten.code": "likewise",
    "reports.DifferenceNote.figure": "a name in the code",
    "reports.ListNote.code": "the school code by which its line is found",
    "reports.ListNote.kind": "a name in the code",
    "reports.ListNote.aspect": "a name in the code",
    "kindergartens.KindergartenStatus.recognition_document": "only of recognised ones, and public",
    "kindergartens.Procedure.number": "the address of the page; made of county, year and serial",
    "kindergartens.Procedure.kind": "a name in the code",
    "inspections.RectificationItem.number": "made of county, year and serial",
    "safety.Hazard.number": "the address of the page; made of county, year and serial",
    "inspections.CampaignCircular.reason": "only of corrections",
    "safety.IncidentCase.number": "likewise",
    "safety.IncidentCase.closing_note": "only of the closed",
    "safety.IncidentReport.reason": "only of supplements",
    "safety.Hazard.criterion": "a code of the criteria",
    "safety.Hazard.stop_lifted_reason": "only of those in use again",
    "safety.Hazard.withdrawn_reason": "only of those withdrawn",
    "safety.VideoDevice.ended_reason": "only of those out of service",
    "safety.VideoPatrol.withdrawn_reason": "what has one no longer counts",
    "safety.PatrolTalk.withdrawn_reason": "likewise",
    "safety.PatrolCircular.reason": "only of corrections",
    "safety.SelfCheckProblem.line": "a code of the lines",
    **dict.fromkeys(
        (
            f"safety.{kept}.withdrawn_reason"
            for kept in ("Drill", "SafetyTraining", "LiabilityPolicy", "KitchenLicence")
        ),
        "what has one no longer counts",
    ),
    "safety.SelfCheck.withdrawn_reason": "what has one no longer counts",
    "kindergartens.Procedure.conclusion": "a code of the kind's conclusions",
    "accounts.User.password": "a hash; searched for as such",
    "accounts.User.phone_index": "a keyed digest",
    "staffing.StaffMember.number_index": "a keyed digest",
    "staffing.EmploymentBan.number_index": "a keyed digest",
    "fees.ScheduleFiling.published_where": "only of the published",
    "staffing.EmploymentBan.lifted_reason": "only of the lifted",
    "staffing.Appointment.end_note": "only of the ended",
    "staffing.Appointment.withdrawn_reason": "what has one no longer counts",
    "staffing.Certificate.withdrawn_reason": "what has one no longer counts",
    **dict.fromkeys(
        (
            f"staffing.{paper}.withdrawn_reason"
            for paper in (
                "HealthCheck",
                "Training",
                "Contract",
                "Insurance",
                "BackgroundQuery",
                "EthicsRecord",
            )
        ),
        "what has one no longer counts",
    ),
    "staffing.PostQuota.withdrawn_reason": "likewise",
    "fees.FundingPayment.withdrawn_reason": "likewise",
    "fees.Repayment.withdrawn_reason": "likewise",
    "staffing.Secondment.withdrawn_reason": "likewise",
    "fees.SubsidyPayment.withdrawn_reason": "likewise",
    "accounts.PastPassword.password": "a hash",
    "accounts.RecoveryCode.digest": "a digest",
    "accounts.KnownDevice.digest": "a digest",
    "accounts.KeptInput.digest": "a digest",
    "accounts.KeptInput.path": "an address of the portal; no page shows it",
    "accounts.KeptInput.sealed": "ciphertext, read with the browser's token only",
    "accounts.Authenticator.name": "a word in the code",
    "accounts.Authenticator.key": "empty; the library's column",
    "accounts.AuthenticatorKey.key": "encrypted; no page reads it back",
    "accounts.Session.session_data": "signed by the portal; no page shows it",
    "accounts.AccountBatch.digest": "a digest",
    "accounts.ImportBatch.kind": "a name in the code",
    "accounts.ImportBatch.digest": "a digest",
    "accounts.ImportBatch.fingerprint": "a digest",
    "accounts.ExportRequest.kind": "a name in the code",
    "accounts.StoredFile.sha256": "a digest",
    "accounts.StoredFile.storage_name": "random",
    "accounts.StoredFile.content_type": "out of a list in the code",
    "accounts.Job.kind": "a name in the code",
    "accounts.ApiToken.digest": "a digest",
    "accounts.ApiToken.revoked_reason": "only of the revoked",
    "accounts.AccessRecord.request_id": "sixteen characters that the portal itself makes",
    "accounts.AccessRecord.object_kind": "a name in the code",
    "accounts.AccessRecord.object_id": "a key",
    "kindergartens.FilingExplanation.code": "a name in the code",
    "accounts.NoticeDelivery.channel": "a name in the code",
    "accounts.Notice.link": "an address of the portal",
    "kindergartens.FilingExtension.revoked_reason": "only of the revoked",
    "kindergartens.UnlicensedKindergarten.bar_reason": "only of the banned",
    "kindergartens.UnlicensedCheck.withdrawn_reason": "what has one no longer counts",
    "kindergartens.UnlicensedPlacement.withdrawn_reason": "what has one no longer counts",
    "kindergartens.Kindergarten.code": "the address of the page; sought in every tenant",
    "kindergartens.RecordProposal.section": "a name in the code",
    "kindergartens.SavedView.columns": "names in the code",
    "kindergartens.ColumnChoice.columns": "names in the code",
    "indicators.KindergartenFacts.ownership": "a code repeated from the status",
    "indicators.KindergartenFacts.sponsor_type": "likewise",
    "indicators.KindergartenFacts.level": "likewise",
    "indicators.KindergartenFacts.urban_rural": "likewise",
    **{
        f"indicators.KindergartenFacts.{measure}": "a standing, one of three codes"
        for measure in ("guards", "alarm", "video", "closed_site")
    },
    "reports.PrintedDocument.sha256": "a digest",
    "indicators.Publication.number": "the address of the page; made of kind, region, year and serial",
    "indicators.Publication.digest": "a digest",
    "indicators.Publication.reason": "only of corrections",
    "indicators.PublicationDraft.digest": "a digest",
    "indicators.PublicationDraft.reason": "only of corrections",
    "safety.MeasureEvidence.note": "only of what was sent back or withdrawn",
    "safety.MeasureEvidence.ended_reason": "only of the ended",
    "safety.SchoolBus.ended_reason": "only of the ended",
}

# The database lets a text in only with the end it belongs to: marked where one stands.
WHERE_WRITTEN = {
    "kindergartens.Procedure.to_mend",
    "kindergartens.ExtensionRequest.answer",
    "reports.FollowUp.outcome",
    "safety.HazardPlate.decision",
}

# How a mark goes into a JSON value so that pages which read it still work.
JSON: dict[str, Callable[[Any, Callable[[], str]], Any]] = {
    "accounts.Job.arguments": lambda value, mark: value | {"mark": mark()},
    "reports.PrintedDocument.figures": lambda value, mark: value | {"mark": mark()},
    # Shown as they are, so the mark goes where a kindergarten's name stands.
    "inspections.CampaignCircular.figures": lambda value, mark: (
        value | {"findings": [one | {"place": mark()} for one in value["findings"]]}
    ),
    "safety.PatrolCircular.figures": lambda value, mark: (
        value | {"not_looked_at": [one | {"name": mark()} for one in value["not_looked_at"]]}
    ),
    "kindergartens.MonthlyFiling.draft": lambda value, mark: (
        value
        and value
        | {
            "remarks": mark(),
            "classes": [
                row | {"name": mark(), "explanations": {"class_size": mark()}}
                for row in value["classes"]
            ],
            "explanations": {"total_change@": mark()},
        }
    ),
    "kindergartens.ReplacedDraft.draft": lambda value, mark: value | {"remarks": mark()},
    "kindergartens.UploadedWorkbook.said": lambda value, mark: value | {"remarks": mark()},
    # Numbers only.
    "kindergartens.UploadedWorkbook.places": lambda value, mark: value,
    "reports.BulkAcceptance.results": lambda value, mark: [
        [filing, version, mark(), mark()] for filing, version, *_ in value
    ],
    "kindergartens.Procedure.details": lambda value, mark: value | {"person": mark()},
    # Dates and choices; the one text in it is a document's number.
    "kindergartens.StatusChange.values": lambda value, mark: value,
    "kindergartens.StatusChange.before": lambda value, mark: value,
    # Numbers only.
    "kindergartens.FilingExplanation.figures": lambda value, mark: value,
    # A moment and a key.
    "kindergartens.FilingVersion.unchanged": lambda value, mark: value,
    "kindergartens.FilingEvent.field_reasons": lambda value, mark: {key: mark() for key in value},
    "accounts.AccountBatch.rows": lambda value, mark: [
        row | {"full_name": mark(), "username": mark()} for row in value
    ],
    "kindergartens.RecordProposal.wanted": lambda value, mark: {
        name: [mark(), mark()] for name in value
    },
    # Names of sums, and numbers.
    "indicators.FigureDrift.differences": lambda value, mark: value,
    # Codes of offices.
    "safety.IncidentCase.reported_to": lambda value, mark: value,
    "accounts.ExportRequest.filters": lambda value, mark: value | {"mark": mark()},
}
# What a copy in history carries beside the row: who, in which request, and why.
OF_A_CHANGE: dict[str, Callable[[Any, Callable[[], str]], Any]] = {
    "pgh_context": lambda value, mark: (value or {}) | {"reason": mark()},
}
WORD_OF_A_CHANGE = "pgh_label"
# Each copy is of a row; what holds for the row's fields holds for the copy's.
COPIES = {tracked.event: model for model, tracked in TRACKED.items()}

MARK = re.compile(r"zq[0-9a-z]{5}q")
NUMBER = re.compile(r"(?<![\w.,-])(\d{2},\d{3}|\d{5})(?![\w,-])")


@dataclass(frozen=True)
class Owner:
    """Whose a mark is: a row of a model, at a place, perhaps of one kindergarten or person."""

    model: str
    place: int | None = None  # the region's key
    kindergarten: int | None = None  # the organisation's key
    office: int | None = None  # the organisation's key, of people and offices
    post: int | None = None  # the membership's key, of what is one person's alone
    person: int | None = None


@dataclass
class Marks:
    """Every mark with its owners; a number may have several."""

    words: dict[str, Owner] = field(default_factory=dict)
    numbers: dict[int, set[Owner]] = field(default_factory=dict)
    planted: dict[str, int] = field(default_factory=dict)  # field → rows

    def next(self, owner: Owner) -> str:
        word = f"zq{_base36(len(self.words)):>05}q"
        self.words[word] = owner
        return word

    def number(self, value: int, owner: Owner) -> None:
        if 10_000 <= value <= 99_999:
            self.numbers.setdefault(value, set()).add(owner)

    def in_text(self, text: str) -> dict[str, set[Owner]]:
        """The marks in a text, each with its owners."""
        lowered = text.lower()
        found = {word: {self.words[word]} for word in MARK.findall(lowered) if word in self.words}
        for digits in NUMBER.findall(text):
            value = int(digits.replace(",", ""))
            if value in self.numbers:
                found[digits] = self.numbers[value]
        return found


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = ""
    while number or not text:
        number, rest = divmod(number, 36)
        text = digits[rest] + text
    return text


def own_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in APPS]


def text_fields(model: type[models.Model]) -> list[models.Field]:
    """Stored texts that a person or the portal words, not codes out of a list, nor keys."""
    texts = (models.CharField, models.TextField, models.JSONField)
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, texts)
        and not field.choices
        and not field.primary_key
        and not (model in COPIES and field.name == WORD_OF_A_CHANGE)
    ]


def is_public(model: type[models.Model]) -> bool:
    return COPIES.get(model, model)._meta.label in PUBLIC


def is_left_alone(model: type[models.Model], name: str) -> bool:
    return f"{COPIES.get(model, model)._meta.label}.{name}" in LEFT_ALONE


def _in_json(model: type[models.Model], name: str) -> Callable[[Any, Callable[[], str]], Any]:
    if model in COPIES and name in OF_A_CHANGE:
        return OF_A_CHANGE[name]
    return JSON[f"{COPIES.get(model, model)._meta.label}.{name}"]


def plant() -> Marks:
    marks = Marks()
    with connection.cursor() as cursor:
        # Rows as submitted are never changed, says a trigger; here they must be.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for model in own_models():
            if not is_public(model):
                for row in list(model._base_manager.all()):
                    _plant_row(marks, model, row, cursor)
        cursor.execute("SET LOCAL session_replication_role = origin")
    _register_numbers(marks)
    return marks


def _plant_row(marks: Marks, model: type[models.Model], row: models.Model, cursor: Any) -> None:
    owner = owner_of(row)
    values: dict[str, Any] = {}
    for one in text_fields(model):
        label = f"{model._meta.label}.{one.name}"
        if is_left_alone(model, one.name):
            continue
        source = f"{COPIES.get(model, model)._meta.label}.{one.name}"
        if source in WHERE_WRITTEN and not getattr(row, one.attname):
            continue
        if isinstance(one, models.JSONField):
            plants = _in_json(model, one.name)
            values[one.column] = json.dumps(
                plants(getattr(row, one.attname), lambda: marks.next(owner))
            )
        elif isinstance(one, EncryptedTextField):
            whole = marks.next(replace(owner, model=label))
            values[one.column] = cipher.encrypt(whole, one.column_name, row.pk)
        else:
            values[one.column] = marks.next(owner)
        marks.planted[label] = marks.planted.get(label, 0) + 1
    if values:
        columns = ", ".join(f'"{column}" = %s' for column in values)
        key = model._meta.pk.column
        cursor.execute(
            f'UPDATE "{model._meta.db_table}" SET {columns} WHERE "{key}" = %s',  # noqa: S608
            [*values.values(), row.pk],
        )


def _register_numbers(marks: Marks) -> None:
    for row in ClassCount.objects.select_related("filing_version__filing"):
        marks.number(row.children, owner_of(row))
    for facts in KindergartenFacts.objects.all():
        marks.number(facts.enrolled_children, owner_of(facts))
    for sums in RegionFacts.objects.all():
        for name in ("enrolled_children", "public_children", "pending_enrolled_children"):
            marks.number(getattr(sums, name), owner_of(sums))


# ---- whose a row is -----------------------------------------------------------------------------


def owner_of(row: models.Model) -> Owner:
    """By the shortest way from the row to a return, a kindergarten, a post, an office or a place.

    Fails for a row that leads nowhere: then say in PUBLIC why it is nobody's.
    """
    label = row._meta.label
    if type(row) in COPIES:
        row = row.pgh_obj
    seen: list[models.Model] = [row]
    level = [row]
    while level:
        for one in level:
            found = _owner_at(label, one)
            if found is not None:
                return found
        level = [target for one in level for target in _targets(one) if target not in seen]
        seen += level
    raise AssertionError(f"{label} {row.pk}: whose is it? See tests/access/canary/planting.py")


def _targets(row: models.Model) -> list[models.Model]:
    """What the row points at: what it is about comes before who did it."""
    fields = [f for f in row._meta.concrete_fields if f.is_relation]
    about_first = sorted(fields, key=lambda f: f.related_model in (User, Membership, Job))
    found = (getattr(row, f.name) for f in about_first)
    return [target for target in found if target is not None]


def _owner_at(label: str, row: models.Model) -> Owner | None:
    if isinstance(row, User):
        post = row.memberships.select_related("organisation").first()
        return _of_office(label, post.organisation, row.pk) if post else Owner(label, person=row.pk)
    if isinstance(row, AccessRecord):
        post = row.acting or (row.user and row.user.memberships.first())
        return Owner(label, post.organisation.region_id if post else None, person=row.user_id)
    owner = OWNERS.get(type(row))
    return owner(label, row) if owner else None


def _of_office(label: str, organisation: Organisation, person: int | None) -> Owner:
    own = organisation.pk if organisation.kind == Organisation.Kind.KINDERGARTEN else None
    return Owner(label, organisation.region_id, own, organisation.pk, person=person)


def _of_works(label: str, row: ConstructionProject | EstateProject) -> Owner:
    kindergarten = row.kindergarten
    return Owner(
        label, row.town_id or row.county_id, kindergarten.organisation_id if kindergarten else None
    )


def _of_the_code(label: str, row: AnnualStatistics | PublishedKindergarten) -> Owner:
    """The kindergarten's whose code it is; the county's where the portal knows none."""
    kindergarten = Kindergarten.objects.filter(code=row.code).first()
    if kindergarten is None:
        return Owner(label, row.county_id)
    return _of_office(label, kindergarten.organisation, None)


OWNERS: dict[type[models.Model], Callable[[str, Any], Owner]] = {
    MonthlyFiling: lambda label, row: Owner(label, row.town_id, row.kindergarten.organisation_id),
    KindergartenFacts: lambda label, row: Owner(
        label, row.town_id, row.kindergarten.organisation_id
    ),
    Kindergarten: lambda label, row: Owner(label, row.organisation.region_id, row.organisation_id),
    # What hangs on these is theirs, whoever counted, asked or decided.
    Site: lambda label, row: _of_office(label, row.kindergarten.organisation, None),
    PremisesCount: lambda label, row: _of_office(label, row.site.kindergarten.organisation, None),
    MeasureEvidence: lambda label, row: _of_office(label, row.kindergarten.organisation, None),
    FireAcceptance: lambda label, row: _of_office(label, row.site.kindergarten.organisation, None),
    Procedure: lambda label, row: _of_office(label, row.kindergarten.organisation, None),
    SelfCheck: lambda label, row: _of_office(label, row.kindergarten.organisation, None),
    RectificationItem: lambda label, row: _of_office(label, row.kindergarten.organisation, None),
    Drill: lambda label, row: _of_office(label, row.kindergarten.organisation, None),
    SafetyTraining: lambda label, row: _of_office(label, row.kindergarten.organisation, None),
    LiabilityPolicy: lambda label, row: _of_office(label, row.kindergarten.organisation, None),
    KitchenLicence: lambda label, row: _of_office(label, row.kindergarten.organisation, None),
    Hazard: lambda label, row: _of_office(label, row.kindergarten.organisation, None),
    VideoDevice: lambda label, row: _of_office(label, row.kindergarten.organisation, None),
    PatrolLook: lambda label, row: _of_office(label, row.kindergarten.organisation, None),
    DeviceFault: lambda label, row: _of_office(label, row.look.kindergarten.organisation, None),
    PatrolFinding: lambda label, row: _of_office(label, row.look.kindergarten.organisation, None),
    PatrolTalk: lambda label, row: _of_office(label, row.kindergarten.organisation, None),
    PatrolCircular: lambda label, row: Owner(label, row.county_id),
    Publication: lambda label, row: Owner(label, row.region_id),
    PublicationDraft: lambda label, row: Owner(label, row.region_id),
    IncidentCase: lambda label, row: _of_office(label, row.kindergarten.organisation, None),
    Campaign: lambda label, row: Owner(label, row.county_id),
    CampaignCircular: lambda label, row: Owner(label, row.county_id),
    CampaignPart: lambda label, row: Owner(label, row.campaign.county_id),
    CampaignPlace: lambda label, row: _of_office(label, row.kindergarten.organisation, None),
    CampaignCheck: lambda label, row: _of_office(label, row.place.kindergarten.organisation, None),
    ScheduledFee: lambda label, row: _of_office(label, row.kindergarten.organisation, None),
    MealAccount: lambda label, row: _of_office(label, row.kindergarten.organisation, None),
    SubsidyClaim: lambda label, row: _of_office(label, row.kindergarten.organisation, None),
    SubsidyPayment: lambda label, row: _of_office(label, row.claim.kindergarten.organisation, None),
    AidCount: lambda label, row: _of_office(label, row.kindergarten.organisation, None),
    Repayment: lambda label, row: _of_office(
        label, row.charge.filing_version.filing.kindergarten.organisation, None
    ),
    FundingPayment: lambda label, row: _of_office(label, row.kindergarten.organisation, None),
    ScheduleFiling: lambda label, row: _of_office(label, row.kindergarten.organisation, None),
    PayRecord: lambda label, row: _of_office(label, row.kindergarten.organisation, None),
    PostQuota: lambda label, row: _of_office(label, row.kindergarten.organisation, None),
    Secondment: lambda label, row: _of_office(label, row.sender.organisation, None),
    Appointment: lambda label, row: _of_office(label, row.kindergarten.organisation, None),
    # Where the person works; in these worlds nobody works in two places.
    StaffMember: lambda label, row: _of_office(
        label, row.appointments.get().kindergarten.organisation, None
    ),
    RecomputeRun: lambda label, row: Owner(label, row.region_id),
    FigureDrift: lambda label, row: Owner(
        label, row.region_id, row.kindergarten and row.kindergarten.organisation_id
    ),
    Group: lambda label, row: Owner(label, row.county_id),
    GroupMember: lambda label, row: Owner(label, row.group.county_id),
    UnlicensedKindergarten: lambda label, row: Owner(label, row.town_id),
    # Of the town they are built in, though the county counts them too.
    ConstructionProject: _of_works,
    EstateProject: _of_works,
    AnnualStatistics: _of_the_code,
    PublishedKindergarten: _of_the_code,
    ListNote: lambda label, row: Owner(label, row.town_id or row.county_id),
    EmploymentBan: lambda label, row: Owner(label, row.county_id),
    RecruitmentLine: lambda label, row: Owner(label, row.town_id or row.county_id),
    # By what it is about, not by the office that filed it.
    StatusDocument: lambda label, row: Owner(
        label,
        row.change.kindergarten.organisation.region_id,
        row.change.kindergarten.organisation_id,
    ),
    BulkAcceptance: lambda label, row: Owner(label, row.accepted_as.organisation.region_id),
    ApiToken: lambda label, row: _of_office(label, row.organisation, None),
    Job: lambda label, row: Owner(label, row.county_id, post=row.requested_as_id),
    AccountRequest: lambda label, row: _of_office(label, row.organisation, row.requested_by_id),
    AccountBatch: lambda label, row: Owner(label, post=row.uploaded_as_id),
    ImportBatch: lambda label, row: Owner(label, office=row.uploaded_as.organisation_id),
    ExportRequest: lambda label, row: Owner(
        label, row.requested_as.organisation.region_id, person=row.requested_by_id
    ),
    Session: lambda label, row: Owner(label, person=row.user_id),
    Membership: lambda label, row: _of_office(label, row.organisation, row.user_id),
    Organisation: lambda label, row: _of_office(label, row, None),
    Region: lambda label, row: Owner(label, row.pk),
}
