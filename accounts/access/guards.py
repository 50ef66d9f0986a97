"""Who may call a view: one decorator, read by the test that walks every route."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.access.permissions import Permission
from accounts.models import User

Params = ParamSpec("Params")


class SignedInRequest(HttpRequest):
    user: User
    htmx: Any
    request_id: str


View = Callable[Concatenate[SignedInRequest, Params], HttpResponseBase]


def requires(
    permission: Permission,
) -> Callable[[View[Params]], Callable[Concatenate[HttpRequest, Params], HttpResponseBase]]:
    """Let only people through whose present post grants the permission; others get 403."""

    def decorate(
        view: View[Params],
    ) -> Callable[Concatenate[HttpRequest, Params], HttpResponseBase]:
        @wraps(view)
        def guarded(
            request: HttpRequest, *args: Params.args, **kwargs: Params.kwargs
        ) -> HttpResponseBase:
            user = request.user
            if not isinstance(user, User) or not user.can(permission):
                raise PermissionDenied("您现在的岗位没有这项权限。")
            return view(request, *args, **kwargs)  # type: ignore[arg-type]

        guarded.required_permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate
