"""The cases: every route of the table × tenant × state of a return × who asks × what is forged."""

from __future__ import annotations

import copy
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import product
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.access.acting import choose_membership
from accounts.models import User
from tests.access.canary.oracle import Viewer, everything_in, not_theirs
from tests.access.canary.planting import Owner
from tests.access.canary.world import Planted, Tenant
from tests.access.routes import CASES, Case, World
from tests.access.undoing import Undo
from tests.signing_in import client_of, shown_who_they_are
from tests.small_county import NOW


@dataclass(frozen=True)
class Ask:
    """One request: a row of the table, addressed to a tenant in a state."""

    case: Case
    tenant: Tenant
    state: str
    method: str
    path: str
    data: tuple[tuple[str, Any], ...] = ()
    htmx: bool = False

    def __str__(self) -> str:
        body = f" {dict(self.data)}" if self.data else ""
        return f"{self.method.upper()} {self.path}{body} ({self.tenant}, {self.state})"


@dataclass
class Asker:
    """A person at two browsers that stay signed in: in the fresh one, who it is was just shown."""

    name: str
    user: User | None
    viewer: Viewer
    client: Client
    fresh: Client

    @classmethod
    def of(cls, name: str, user: User | None) -> Asker:
        if user is None:
            return cls(name, None, Viewer(0), Client(), Client())
        choose_membership(user, None, today=NOW.date())
        post = user.acting if user.is_active else None
        fresh = shown_who_they_are(client_of(user))
        return cls(name, user, Viewer.of(user, post), client_of(user), fresh)

    def ask(self, ask: Ask) -> HttpResponse:
        """In a savepoint, with the cookies as before afterwards: nobody changes the next case."""
        client = self.fresh
        cookies = copy.deepcopy(client.cookies)
        headers = {"HX-Request": "true"} if ask.htmx else {}
        for _, value in ask.data:
            if hasattr(value, "seek"):
                value.seek(0)  # A file was read to its end by whoever asked before.
        response: HttpResponse | None = None
        with suppress(Undo), transaction.atomic():
            send = getattr(client, ask.method)
            response = send(ask.path, dict(ask.data), headers=headers, follow=ask.method == "post")
            raise Undo
        assert response is not None
        # What the session became has been undone with the rest.
        client.cookies = cookies
        return response


@dataclass
class Leaks:
    """What was asked, and what came out that should not have."""

    asked: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    seen: set[str] = field(default_factory=set)  # marks somebody saw who may
    found: list[tuple[str, Ask, dict[str, set[Owner]]]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def models(self) -> set[str]:
        return {
            owner.model
            for _, _, marks in self.found
            for owners in marks.values()
            for owner in owners
        }

    def told(self) -> str:
        lines = [f"{name}: {ask} → {marks}" for name, ask, marks in self.found[:15]]
        return "\n".join([f"{len(self.found)} leaks", *lines, *self.broken[:10]])


def askers(planted: Planted) -> dict[str, Asker]:
    everybody: dict[str, User | None] = {**planted.people, "anonymous": None}
    return {name: Asker.of(name, user) for name, user in everybody.items()}


# How many of the asks of a row of the table somebody sends; None: all.
Share = Callable[[str, Case], int | None]


def drawn(who: str, asks: list[Ask], share: Share, *, first: bool) -> Iterator[Ask]:
    """So many asks of each row of the table, by a fixed draw of the row and the person.

    `first`: the row's first ask is among them, where there are any.
    """
    rows: dict[str, list[Ask]] = {}
    for ask in asks:
        rows.setdefault(str(ask.case), []).append(ask)
    for row, of_row in rows.items():
        many = share(who, of_row[0].case)
        if many is None or many >= len(of_row):
            yield from of_row
            continue
        if first and many:
            yield of_row[0]
        rest = of_row[1:] if first else of_row
        yield from random.Random(f"{row} {who}").sample(rest, max(many - first, 0))


# Whoever is refused by the role meets one page, whatever the row (tests/access/test_matrix.py asks
# every row for it): of so many rows, one is asked.
REFUSED_ONE_IN = 4


def by_role(many: int, *, one_in: int = 1) -> Share:
    """So many from whoever's role may use the route, and now and then one from the others.

    `one_in`: of those whose role may, so many ask; who, a draw of row and person says.
    """

    def share(who: str, case: Case) -> int:
        role = who.rsplit(":", 1)[-1]
        if case.public or role in case.allowed:
            return many if random.Random(f"{case} {who}").randrange(one_in) == 0 else 0
        return int(random.Random(f"{who} {case}").randrange(REFUSED_ONE_IN) == 0)

    return share


def sweep(
    planted: Planted,
    people: dict[str, Asker],
    asks: list[Ask],
    leaks: Leaks,
    *,
    share: Share = lambda who, case: None,
    first: bool = True,
) -> Leaks:
    """Everyone asks what is `drawn` for them; `leaks` gathers what came out."""
    pairs = (
        (who, ask) for who in people.values() for ask in drawn(who.name, asks, share, first=first)
    )
    for asker, ask in pairs:
        leaks.asked += 1
        try:
            response = asker.ask(ask)
        except Exception as failure:  # noqa: BLE001 - told with the case that provoked it
            leaks.broken.append(f"{asker.name}: {ask} → {failure!r}")
            continue
        leaks.statuses[response.status_code] += 1
        if response.status_code >= 500:
            leaks.broken.append(f"{asker.name}: {ask} → {response.status_code}")
        text = everything_in(response)
        wrong = not_theirs(asker.viewer, planted.marks, text, ask.case.route)
        leaks.seen |= planted.marks.in_text(text).keys() - wrong.keys()
        if wrong:
            leaks.found.append((asker.name, ask, wrong))
    return leaks


# ---- the asks -----------------------------------------------------------------------------------


def plain(planted: Planted, only: Callable[[Case], bool] = lambda case: True) -> list[Ask]:
    """Each row of the table as it stands, to each tenant in each state; each address once."""
    asks: dict[tuple[Any, ...], Ask] = {}
    for case, tenant in product(CASES, planted.tenants):
        if not only(case):
            continue
        for state, world in tenant.variants.items():
            ask = _ask(case, tenant, state, world)
            # By what is written out: a form may send several values of one name.
            asks.setdefault((str(case), ask.path, repr(ask.data)), ask)
    return list(asks.values())


def _ask(case: Case, tenant: Tenant, state: str, world: World) -> Ask:
    path = reverse(case.route, args=case.args(world))
    return Ask(case, tenant, state, case.method, path, tuple(sorted(case.data(world).items())))


def with_forged_query(planted: Planted, tenant: Tenant) -> Iterator[Ask]:
    """A tenant's lists and details, with everyone's keys, codes and searches in the query."""
    for ask in plain(planted, lambda case: case.method == "get"):
        if ask.state != "submitted" or ask.tenant is not tenant:
            continue
        for query in forged_queries(planted):
            yield Ask(ask.case, ask.tenant, "query", "get", f"{ask.path}?{urlencode(query)}")
        yield Ask(ask.case, ask.tenant, "htmx", "get", ask.path, htmx=True)


def forged_queries(planted: Planted) -> list[dict[str, Any]]:
    queries: list[dict[str, Any]] = [
        # The beginning of every mark, so that a search that looks beyond the scope finds some.
        {"q": "zq"},
        {"q": "zq", "state": "accepted", "sort": "-children"},
        {"state": "draft", "month": "2026-10"},
        {"month": "2026-09", "sort": "kindergarten__organisation__memberships__user__password"},
        {"page": 9999, "tab": "submitted"},
    ]
    for tenant in planted.tenants:
        world = tenant.world
        queries.append(
            {
                "region": world.small.county.code,
                "town": world.town.code,
                "kindergarten": world.kindergarten.pk,
                "job": world.job.pk,
                "document": world.document.pk,
                "user": world.people["director"].pk,
                "membership": world.people["director"].memberships.get().pk,
            }
        )
    return queries


def with_forged_body(planted: Planted, tenant: Tenant) -> Iterator[Ask]:
    """Posts to a tenant's addresses with another's keys in the body."""
    for ask in plain(planted, lambda case: case.method == "post"):
        if ask.tenant is not tenant:
            continue
        for other in planted.tenants:
            if other is not tenant:
                forged = {**foreign_keys(other), **dict(ask.case.data(other.world))}
                yield Ask(
                    ask.case, tenant, f"{ask.state}, body of {other}", "post", ask.path,
                    tuple(sorted(forged.items())),
                )  # fmt: skip


def foreign_keys(tenant: Tenant) -> dict[str, Any]:
    """Every key a form might take, of this tenant's objects."""
    world = tenant.world
    return {
        "id": world.filing.pk,
        "pk": world.filing.pk,
        "filing": world.filing.pk,
        "filing_id": world.filing.pk,
        "kindergarten": world.kindergarten.pk,
        "organisation": world.kindergarten.organisation_id,
        "town": world.town.pk,
        "county": world.small.county.pk,
        "region": world.small.county.code,
        "period": world.period.pk,
        "membership": world.people["bureau_officer"].memberships.get().pk,
        "user": world.people["bureau_officer"].pk,
        "job": str(world.job.pk),
        "document": str(world.document.pk),
        "next": f"/reviews/{world.filing.pk}/",
    }
