"""A sensitive act for tests, as other apps guard theirs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from accounts.sign_in.fresh import fresh_authentication

DONE: list[dict[str, list[str]]] = []


@fresh_authentication
def act(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        DONE.append({name: request.POST.getlist(name) for name in request.POST})
    return HttpResponse("done")


urlpatterns = [path("act/", act, name="act"), path("", include("config.urls"))]
