"""Addresses of the interface. No session opens them and none is needed: a key does."""

from __future__ import annotations

from django.urls import URLPattern, include, path

from reports.api import views
from reports.api.answering import for_machines
from reports.api.document import openapi

# Those of the operations alone, not the page that the library shows at the root.
OPERATIONS = [
    URLPattern(one.pattern, for_machines(one.callback), one.default_args, one.name)
    for one in views.api.urls[0]
    if isinstance(one, URLPattern) and one.name != "api-root"
]

urlpatterns = [
    path("api/v1/openapi.json", for_machines(openapi), name="api-document"),
    path("api/v1/", include(OPERATIONS)),
]
