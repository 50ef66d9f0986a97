"""Script typed into every text the portal keeps becomes text on every page (T17)."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.test import Client
from django.urls import reverse

from accounts.models import Job
from kindergartens.models import KindergartenStatus
from tests.access.canary.rows import furnish
from tests.access.routes import BY_ROUTE, ROLES, World
from tests.acting_role import as_owner
from tests.hardening.routes import ROUTES, address

# Every payload carries this name as element, attribute or script; found as one of those it worked.
MARK = "zqxss"
PAYLOADS = [
    "<zqxss>", "</td><zqxss>", "</title><zqxss>", "</textarea><zqxss>", "</script><zqxss>",
    "--><zqxss>", "]]><zqxss>", "</option></select><zqxss>", "</style><zqxss>", "<!--><zqxss>",
    '"><zqxss>', "'><zqxss>", "`><zqxss>", '" zqxss="1', "' zqxss='1", " zqxss=1 ", "\tzqxss=1\t",
    "/zqxss=1/", '"onfocus=zqxss autofocus="', "'onfocus=zqxss autofocus='", '" onload=zqxss x="',
    "<img src=x onerror=zqxss()>", "<svg onload=zqxss()>", "<svg/onload=zqxss()>",
    "<script>zqxss()</script>", "<ScRiPt>zqxss()</sCrIpT>", "<script src=//zqxss>", "<script/zqxss>",
    "<a href=javascript:zqxss()>x", "javascript:zqxss()", "JaVaScRiPt:zqxss()", "data:text/html,zqxss",
    "vbscript:zqxss", "\u3008zqxss\u3009", "＜zqxss＞", "&lt;zqxss&gt;", "&#60;zqxss&#62;",
    "&#x3c;zqxss&#x3e;", "\\u003czqxss\\u003e", "\\x3czqxss\\x3e", "%3Czqxss%3E", "<<zqxss>>",
    "<zqxss", "<zqxss//", "<zqxss\n>", "<iframe srcdoc='<zqxss>'>", "<math><mi zqxss=1>",
    "<details open ontoggle=zqxss>", "<form zqxss><button formaction=javascript:zqxss>",
    "<input onfocus=zqxss autofocus>", "<base href=//zqxss/>", "<link rel=import href=zqxss>",
    "<meta http-equiv=refresh content=0;zqxss>", "<object data=zqxss>", "<embed src=zqxss>",
    "<video><source onerror=zqxss>", "<div hx-get=/zqxss hx-trigger=load>", "<div hx-on:load=zqxss>",
    "<div data-hx-get=zqxss>", "{{zqxss}}", "{% zqxss %}", "${zqxss}", "{{constructor('zqxss')()}}",
    "';zqxss();//", '";zqxss();//', "*/zqxss()/*", "</x><zqxss a=\"'>",
]  # fmt: skip

# Behind every payload where there is room, so that each text breaks out in every run.
BREAKS_OUT = "\"'><zqxss>"


class Built(HTMLParser):
    """The elements and attributes a browser would build."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.text: list[str] = []
        self._inside = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        if MARK in tag:
            self.wrong.append(f"element {tag}")
        for name, value in attrs:
            value = value or ""
            if MARK in name:
                self.wrong.append(f"attribute {name} of {tag}")
            if MARK in value:
                if name.startswith(("on", "hx-on")) or name in {"srcdoc", "style", "hx-vals"}:
                    self.wrong.append(f"{name}={value}")
                if name in {"href", "src", "action", "formaction", "data", "hx-get", "hx-post"}:
                    plain = re.sub(r"[\x00-\x20]", "", value).lower()
                    if not plain.startswith(("/", "?", "#")) or plain.startswith("//"):
                        self.wrong.append(f"{name}={value}")
            if name == "class" and MARK in value:
                self.wrong.append(f"class={value}")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if MARK in data:
            if self._inside in {"script", "style"}:
                self.wrong.append(f"inside {self._inside}")
            self.text.append(data)

    def handle_comment(self, data: str) -> None:
        if MARK in data:
            self.wrong.append("inside a comment")


@pytest.mark.parametrize("payload", [*PAYLOADS[:6], "<zqxss\n>", '" zqxss="1'])
def test_the_reader_sees_what_a_careless_page_would_build(payload: str) -> None:
    """The negative control: without escaping the oracle speaks."""
    assert Built(f'<p title="{payload}">{payload}</p>').wrong


# Codes that are compared and never typed, or whose shape the database holds to.
NOT_TYPED = {
    # In addresses: a slug.
    "safety.SafetyMeasure.code",
    "accounts.User.password",
    "accounts.User.username",
    "accounts.Region.code",
    "kindergartens.Kindergarten.code",
    "accounts.Job.kind",
    "accounts.Job.key",
    "reports.PrintedDocument.sha256",
    "indicators.Publication.number",
    "indicators.Publication.digest",
    "indicators.PublicationDraft.digest",
    "indicators.Target.indicator",
    "indicators.Target.operator",
    "indicators.Policy.slug",
    "indicators.Policy.loaded_stamp",
    "indicators.Target.loaded_stamp",
    "accounts.RequestBucket.key",
    "accounts.ImportBatch.kind",
    "accounts.ExportRequest.kind",
    "kindergartens.Procedure.kind",
    "kindergartens.Procedure.number",
    "kindergartens.Procedure.conclusion",
    "inspections.RectificationItem.number",
    "safety.Hazard.number",
    "safety.Hazard.criterion",
    "safety.IncidentCase.number",
    "kindergartens.RecordProposal.section",
    # Ciphertext and its digest; only a checked number gets in.
    "accounts.User.phone",
    "accounts.User.phone_index",
    "staffing.StaffMember.number",
    "staffing.StaffMember.number_index",
    "staffing.EmploymentBan.number",
    "staffing.EmploymentBan.number_index",
    "accounts.StoredFile.sha256",
    "accounts.StoredFile.storage_name",
    # Out of a list in the code, and a header: Django refuses a line break in it by itself.
    "accounts.StoredFile.content_type",
}
# The database lets a text in only with the end it belongs to: planted where one stands.
WHERE_WRITTEN = {
    "safety.MeasureEvidence.note",
    "safety.MeasureEvidence.ended_reason",
    "safety.SchoolBus.ended_reason",
    "accounts.NoticeDelivery.reason",
    "accounts.ApiToken.revoked_reason",
    "reports.FollowUp.outcome",
    "fees.ScheduleFiling.published_where",
    "kindergartens.ExtensionRequest.answer",
    "kindergartens.FilingExtension.revoked_reason",
    "kindergartens.Procedure.to_mend",
    "safety.Hazard.stop_lifted_reason",
    "safety.Hazard.withdrawn_reason",
    "safety.SelfCheck.withdrawn_reason",
    "safety.Drill.withdrawn_reason",
    "safety.SafetyTraining.withdrawn_reason",
    "safety.LiabilityPolicy.withdrawn_reason",
    "safety.KitchenLicence.withdrawn_reason",
    "safety.HazardPlate.decision",
    "safety.VideoDevice.ended_reason",
    "safety.VideoPatrol.withdrawn_reason",
    "safety.PatrolTalk.withdrawn_reason",
    "safety.PatrolCircular.reason",
    "safety.IncidentCase.closing_note",
    "safety.IncidentReport.reason",
    "inspections.CampaignCircular.reason",
    "indicators.Publication.reason",
    "indicators.PublicationDraft.reason",
    "kindergartens.UnlicensedKindergarten.bar_reason",
    "kindergartens.UnlicensedCheck.withdrawn_reason",
    "kindergartens.UnlicensedPlacement.withdrawn_reason",
    "fees.SubsidyPayment.withdrawn_reason",
    "staffing.Appointment.end_note",
    "staffing.Appointment.withdrawn_reason",
    "staffing.Certificate.withdrawn_reason",
    "staffing.HealthCheck.withdrawn_reason",
    "staffing.Training.withdrawn_reason",
    "staffing.Contract.withdrawn_reason",
    "staffing.Insurance.withdrawn_reason",
    "staffing.BackgroundQuery.withdrawn_reason",
    "staffing.EthicsRecord.withdrawn_reason",
    "staffing.EmploymentBan.lifted_reason",
    "staffing.PostQuota.withdrawn_reason",
    "fees.FundingPayment.withdrawn_reason",
    "fees.Repayment.withdrawn_reason",
    "staffing.RecruitmentLine.withdrawn_reason",
    "staffing.Secondment.withdrawn_reason",
    "fees.MealAccount.return_reason",
    "indicators.Policy.ended_reason",
    "indicators.Target.ended_reason",
}
PORTAL_APPS = {"accounts", "kindergartens", "staffing", "fees", "safety", "indicators", "inspections", "reports"}  # fmt: skip


def typed_fields() -> list[tuple[type[models.Model], models.Field]]:
    return [
        (model, field)
        for model in apps.get_models()
        if model._meta.app_label in PORTAL_APPS and not model._meta.proxy and model._meta.managed
        for field in model._meta.concrete_fields
        if isinstance(field, (models.CharField, models.TextField))
        and not field.choices
        and not field.primary_key
        and f"{model._meta.app_label}.{model.__name__}.{field.name}" not in NOT_TYPED
    ]


def plant(offset: int) -> int:
    """Write a payload into every text of every row, past all checks; returns how many texts."""
    planted = 0
    # Only the recognised have a paper of it: let all be, so that its text is tried too.
    KindergartenStatus.objects.update(
        ownership="inclusive_private", sponsor_type="private", counts_public=False
    )
    for model, field in typed_fields():
        found = model._base_manager.order_by("pk")
        if f"{model._meta.label}.{field.name}" in WHERE_WRITTEN:
            found = found.exclude(**{field.name: ""})
        rows = list(found.values_list("pk", flat=True))
        for number, pk in enumerate(rows):
            payload = PAYLOADS[(offset + planted + number) % len(PAYLOADS)]
            text = f"{payload}{BREAKS_OUT}"
            if field.max_length and len(text) > field.max_length:
                text = payload[: field.max_length]
            if field.unique:
                text = f"{pk}{payload}"[: field.max_length]
            with connection.cursor() as cursor:
                # Records that nobody may change are changed here all the same.
                cursor.execute("SET LOCAL session_replication_role = replica")
                cursor.execute(
                    f'UPDATE "{model._meta.db_table}" SET "{field.column}" = %s '  # noqa: S608
                    f'WHERE "{model._meta.pk.column}" = %s',
                    [text, pk],
                )
                cursor.execute("SET LOCAL session_replication_role = DEFAULT")
            planted += 1
    return planted


@pytest.mark.parametrize("offset", range(0, len(PAYLOADS), 36))
def test_script_in_every_text_is_text_on_every_page(world: World, offset: int) -> None:
    world.small.file(world.small.kindergarten(world.town, "示例三园"), 20, state="draft")
    world.small.file(world.small.kindergarten(world.town, "示例四园"), 20, state="returned")
    Job.objects.update(error="x", message="x")
    addresses = {route.name: address(route.name, world) for route in ROUTES}
    with as_owner():  # planted past the triggers
        furnish(world)
        assert plant(offset) > 40
    seen = 0
    for route in ROUTES:
        case = BY_ROUTE[route.name]
        allowed = [role for role in ROLES if role in case.allowed]
        payload = PAYLOADS[(offset + len(route.name)) % len(PAYLOADS)]
        names = ("q", "next", "state", "sort", "month", "job", "page")
        # What escapes is the template, whoever asks: each way of asking once.
        asked: list[tuple[str | None, dict[str, Any]]] = [
            (allowed[0], {}),
            (allowed[0], {"data": dict.fromkeys(names, payload)}),
            (allowed[-1], {"headers": {"HX-Request": "true"}}),
            (None, {"data": dict.fromkeys(names, payload)}),
        ]
        clients: dict[str | None, Client] = {}
        for role, more in asked:
            if role not in clients:
                clients[role] = Client(raise_request_exception=False)
                if role is not None:
                    clients[role].force_login(world.people[role])
            response = clients[role].get(addresses[route.name], **more)
            assert response.status_code < 500, route.name
            if response.get("Content-Type", "").startswith("text/html"):
                built = Built(response.content.decode())
                assert built.wrong == [], f"{route.name} as {role}"
                seen += len(built.text)
    assert seen > 100  # The payloads do reach the pages.


def test_what_comes_back_after_a_refused_form_is_text(world: World) -> None:
    client = Client()
    client.force_login(world.people["bureau_officer"])
    for payload in PAYLOADS:
        for response in (
            client.post(
                reverse("document-print"), dict.fromkeys(("kind", "region", "month"), payload)
            ),
            Client().post(
                reverse("login"), {"username": payload, "password": "x", "next": payload}
            ),
            client.post(
                reverse("filing-return", args=[world.filing.pk]),
                {"version": 1, "reason": payload * 99},
            ),
            client.get(f"/figures/{payload[:5].encode().hex()}/"),
        ):
            if response.status_code != 302:
                assert Built(response.content.decode()).wrong == [], payload
