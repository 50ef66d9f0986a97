"""Whether what a person received lies in that person's scope; written without the portal's own rules.

The rules of the portal (`accounts/access/scope.py`) are what is under test, so nothing here calls
them: a second reading of the same demands, on plain keys.
"""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import openpyxl
import pdfplumber
from django.http import HttpResponse

from accounts.models import Membership, Region, User
from staffing.models import Secondment
from tests.access.canary.planting import MARK, PUBLIC, Marks, Owner

# The last two in their own county alone.
ADMINISTRATORS_SEE = {
    # Runs the jobs of everyone: their names, and who asked. No business row.
    "system_administrator": {
        "accounts.Job",
        "accounts.User",
        "accounts.Organisation",
        "indicators.RecomputeRun",
    },
    # People, their posts, what happened to their accounts, and what is asked for offices.
    "security_administrator": {
        "accounts.User",
        "accounts.Organisation",
        "accounts.Membership",
        "accounts.AccountEvent",
        "accounts.ApiToken",
        "accounts.ApiTokenChange",
    },
    # Every act, and who did it.
    "audit_administrator": {
        "accounts.AccessRecord",
        "accounts.User",
        "accounts.Organisation",
        "accounts.Membership",
    },
}
# What may be known of a place by those who see only its sums.
SUMS = {"indicators.RegionFacts", "kindergartens.ReportingPeriod"}
# Departments help to mend what has no licence, and see those places beside the sums.
OF_DEPARTMENTS = SUMS | {
    "kindergartens.UnlicensedKindergarten",
    "kindergartens.UnlicensedCheck",
    "kindergartens.UnlicensedPlan",
    "kindergartens.UnlicensedPlacement",
    "kindergartens.UnlicensedDocument",
    # Joint campaigns in which they take part.
    "inspections.Campaign",
    "inspections.CampaignPart",
    "inspections.CampaignCheck",
    "inspections.CampaignCircular",
}


FILERS = {"director", "kindergarten_clerk"}
# What a page tells everybody, by its route: the law has it published.
PUBLISHED = {
    "public-staff": {"kindergartens.Kindergarten"},
    "public-fees": {"kindergartens.Kindergarten", "fees.ScheduledFee"},
    "public-county-fees": {"kindergartens.Kindergarten"},
    # Counties alone, and how many kindergartens each has.
    "public-counties": set(),
}

# Headers whose digits may by chance be somebody's sum.
MERE_NUMBERS = {"Content-Length", "X-Request-ID"}


@dataclass(frozen=True)
class Viewer:
    """A person in the post acted in, as plain keys; `role` is empty without a post in force."""

    user: int
    role: str = ""
    post: int | None = None
    office: int | None = None
    region: int | None = None
    above: frozenset[int] = frozenset()  # the region and those it lies in
    below: frozenset[int] = frozenset()  # the region and those in it
    # Offices of kindergartens that the own one sends people to, or has them from.
    partners: frozenset[int] = frozenset()

    @classmethod
    def of(cls, user: User, post: Membership | None) -> Viewer:
        if post is None:
            return cls(user.pk)
        region = post.organisation.region
        above = {region.pk, region.county_id, region.city_id, region.province_id} - {None}
        below = {
            one.pk
            for one in Region.objects.filter(is_active=True)
            if region.pk in {one.pk, one.county_id, one.city_id, one.province_id}
        }
        return cls(
            user.pk, post.role, post.pk, post.organisation_id, region.pk,
            frozenset(above), frozenset(below), _partners(post.organisation_id),
        )  # fmt: skip

    def may_know(self, owner: Owner) -> bool:
        if owner.model in PUBLIC or owner.person == self.user or self._is_own_office(owner):
            return True
        if not self.role:
            return False
        if self.role in ADMINISTRATORS_SEE:
            return self._administers(owner)
        if owner.model in OF_ACCOUNTS:
            return OF_ACCOUNTS[owner.model](self, owner)
        if self.role in FILERS:
            called = owner.model == "kindergartens.Kindergarten"
            return owner.kindergarten == self.office or (
                called and owner.kindergarten in self.partners
            )
        if self.role == "department_officer":
            return owner.model in OF_DEPARTMENTS and owner.place in self.below
        return owner.place in self.below

    def _administers(self, owner: Owner) -> bool:
        """The jobs of everyone, and who asked for them; people and acts of the own county alone."""
        if self.role == "system_administrator":
            return owner.model in ADMINISTRATORS_SEE[self.role]
        if owner.model == "accounts.AccountRequest":
            decides = self.role == "security_administrator" and owner.kindergarten is None
            return decides and owner.place in self.below
        return owner.model in ADMINISTRATORS_SEE[self.role] and owner.place in self.below

    def _is_own_office(self, owner: Owner) -> bool:
        return owner.model == "accounts.Organisation" and owner.office == self.office


def _partners(office: int) -> frozenset[int]:
    """Who sends somebody there, or receives somebody, knows what the other is called."""
    sides = ("sender__organisation", "receiver__organisation")
    pairs = Secondment.objects.unscoped("the oracle's own").standing().values_list(*sides)
    return frozenset(one for pair in pairs if office in pair for one in pair)


def _request(viewer: Viewer, owner: Owner) -> bool:
    """The director of the place asked for, and who decides; who asked is the owner's person."""
    if viewer.role == "bureau_officer":
        return owner.kindergarten is not None and owner.place in viewer.below
    return viewer.role == "director" and owner.office == viewer.office


def _account_history(viewer: Viewer, owner: Owner) -> bool:
    """Those who work with these people and places read what became of them."""
    if viewer.role in FILERS:
        return owner.office == viewer.office
    return viewer.role != "department_officer" and owner.place in viewer.below


def _may_know_person(viewer: Viewer, owner: Owner) -> bool:
    """Colleagues, those one looks after, and the offices above that act on one's returns."""
    if viewer.role in FILERS:
        return owner.office == viewer.office or (
            owner.kindergarten is None and owner.place in viewer.above
        )
    if viewer.role == "department_officer" and owner.kindergarten is not None:
        return False
    return owner.place in viewer.below or (
        owner.kindergarten is None and owner.place in viewer.above
    )


def _incident(viewer: Viewer, owner: Owner) -> bool:
    if viewer.role == "director":
        return owner.kindergarten == viewer.office
    return viewer.role in {"bureau_officer", "bureau_leader"} and owner.place in viewer.below


def _nobody(viewer: Viewer, owner: Owner) -> bool:
    return False


# Of accounts, posts and acts, who in business may know which; one's own everybody may.
OF_ACCOUNTS: dict[str, Callable[[Viewer, Owner], bool]] = {
    **dict.fromkeys(("accounts.User", "accounts.Organisation", "accounts.Membership"),
                    _may_know_person),
    # The whole number, not its mask: for who reveals it with a reason.
    "accounts.User.phone": lambda viewer, owner: (
        viewer.role == "bureau_officer" and owner.place in viewer.below
    ),
    **dict.fromkeys(("accounts.UserChange", "accounts.MembershipChange",
                     "accounts.OrganisationChange"), _account_history),
    "accounts.AccountEvent": lambda viewer, owner: (
        viewer.role == "director" and owner.office == viewer.office
    ),
    "accounts.AccountRequest": _request,
    "accounts.AccountRequestChange": _nobody,
    "accounts.AccountBatch": lambda viewer, owner: owner.post == viewer.post,
    "accounts.AccountBatchChange": _nobody,
    # Tables are the office's whose people upload them.
    "accounts.ImportBatch": lambda viewer, owner: (
        viewer.role == "bureau_officer" and owner.office == viewer.office
    ),
    "accounts.ImportBatchChange": _nobody,
    "accounts.ExportRequest": lambda viewer, owner: (
        viewer.role == "bureau_leader" and owner.place in viewer.below
    ),
    "accounts.ExportRequestChange": _nobody,
    "accounts.AccessRecord": _nobody,
    "accounts.Session": _nobody,
    # Not of accounts, but known upwards too: everyone files and reads by the county's periods.
    **dict.fromkeys(("kindergartens.ReportingPeriodChange", "kindergartens.PeriodRuleChange",
                     "kindergartens.PreReviewRuleChange"),
                    lambda viewer, owner: (
        viewer.role != "department_officer" and owner.place in viewer.above | viewer.below
    )),
    # The county's own order of work: its towns and kindergartens see all its groups.
    **dict.fromkeys(("kindergartens.Group", "kindergartens.GroupMember",
                     "kindergartens.GroupChange", "kindergartens.GroupMemberChange"),
                    lambda viewer, owner: owner.place in viewer.above | viewer.below),
    # A campaign is the county's; whoever lies in it knows what is looked at and by whom.
    **dict.fromkeys(("inspections.Campaign", "inspections.CampaignPart"),
                    lambda viewer, owner: owner.place in viewer.above | viewer.below),
    **dict.fromkeys(("inspections.CampaignChange", "inspections.CampaignPartChange"),
                    lambda viewer, owner: (
        viewer.role != "department_officer" and owner.place in viewer.above | viewer.below
    )),
    # What happened in a kindergarten: its director, the bureau's officers and leaders.
    **dict.fromkeys(("safety.IncidentCase", "safety.IncidentCaseChange",
                     "safety.IncidentReport"), _incident),
    "accounts.Job": lambda viewer, owner: (
        owner.post == viewer.post or (owner.post is None and owner.place in viewer.below)
    ),
}  # fmt: skip


def not_theirs(viewer: Viewer, marks: Marks, text: str, route: str = "") -> dict[str, set[Owner]]:
    """The marks in a text of which no owner may be known to the person, on a page of this route."""
    published = PUBLISHED.get(route, set())

    def known(owner: Owner) -> bool:
        called = owner.model == "kindergartens.Kindergarten" and owner.place in viewer.below
        # A department is sent to the kindergartens of a campaign, and reads how they are called.
        sent = viewer.role == "department_officer" and route.startswith("campaign")
        return viewer.may_know(owner) or owner.model in published or (sent and called)

    return {
        mark: owners
        for mark, owners in marks.in_text(text).items()
        if not any(known(owner) for owner in owners)
    }


ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
# A mark may be wrapped in the way of an attribute that holds JSON that holds an address.
LAYERS = 5


def spelled_out(text: str) -> str:
    """With every escape undone: percent signs, HTML entities, JSON and script escapes, nested."""
    for _ in range(LAYERS):
        plain = ESCAPED.sub(lambda found: chr(int(found[1] or found[2], 16)), text)
        plain = html.unescape(unquote(plain))
        if plain == text:
            break
        text = plain
    return text


def words_in(text: str) -> str:
    """The marks in a text however they are spelt. Words only: digits there are mostly no figures."""
    return " ".join(MARK.findall(spelled_out(text).lower()))


def everything_in(response: HttpResponse) -> str:
    """All a person receives: headers, file name, cookies, and the body as a reader sees it."""
    parts = [
        f"{name}: {unquote(value)}"
        for name, value in response.headers.items()
        if name not in MERE_NUMBERS
    ]
    parts += [unquote(cookie.value) for cookie in response.cookies.values()]
    parts.append(words_in("\n".join(parts)))
    body = b"".join(response) if response.streaming else response.content
    return "\n".join([*parts, _readable(body, response.headers.get("Content-Type", ""))])


def _readable(body: bytes, content_type: str) -> str:
    if body.startswith(b"PK"):
        return f"{_workbook(body)}\n{_parts(body)}"
    text = body.decode("utf-8", errors="replace")
    if body.startswith(b"%PDF") and len(body) > 100:
        return f"{_paper(body)}\n{words_in(text)}"
    words = words_in(text)
    if content_type.startswith("application/json"):
        # With the escapes of JSON undone.
        return f"{json.dumps(json.loads(text), ensure_ascii=False)}\n{words}"
    return f"{html.unescape(text)}\n{words}"


def _parts(body: bytes) -> str:
    """Marks anywhere in the archive: hidden sheets, comments, names, links, properties."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return "\n".join(
            words_in(f"{part.filename}\n{archive.read(part).decode('utf-8', errors='replace')}")
            for part in archive.infolist()
        )


def _workbook(body: bytes) -> str:
    book = openpyxl.load_workbook(io.BytesIO(body))
    cells: list[Any] = [
        cell for sheet in book.worksheets for row in sheet.iter_rows(values_only=True)
        for cell in row if cell is not None
    ]  # fmt: skip
    about = book.properties
    return "\n".join(map(str, [*book.sheetnames, *cells, about.creator, about.title]))


def _paper(body: bytes) -> str:
    with pdfplumber.open(io.BytesIO(body)) as pdf:
        pages = [page.extract_text() or "" for page in pdf.pages]
        links = [link.get("uri") or "" for page in pdf.pages for link in page.hyperlinks]
        found = "\n".join([*pages, *links, *map(str, pdf.metadata.values())])
        return f"{found}\n{words_in(found)}"
