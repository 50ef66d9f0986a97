"""收费项目和定价方式: which items there are on a day, and how each is priced."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from fees.catalogue.rules import KINDS, RULE_SETS, rule_set
from fees.views import asked_day


@require_GET
@requires(Permission.READ_REGISTRY)
def fee_items(request: SignedInRequest) -> HttpResponse:
    """The rules of a day (`?day=2024-09-01`, today without it)."""
    today = timezone.localdate()
    day = asked_day(request.GET.get("day", ""), today)
    rules = rule_set(day)
    context = {
        "day": day,
        "today": today,
        "rules": rules,
        "kinds": KINDS.values(),
        "rows": [
            (item, [(label, item.pricing[kind]) for kind, label in KINDS.items()])
            for item in rules.items
        ],
        "rule_sets": [(one, one.first_day or one.last_day) for one in reversed(RULE_SETS)],
    }
    return render(request, "fees/items.html", context)
