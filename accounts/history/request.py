"""The request, command or job under way, for log lines and history: its number and where from."""

from __future__ import annotations

from contextvars import ContextVar, Token
from dataclasses import dataclass


@dataclass(frozen=True)
class RequestUnderWay:
    """`number` is what error pages show; `address` is the client's, None outside a request."""

    number: str = "-"
    address: str | None = None


_request: ContextVar[RequestUnderWay] = ContextVar("request", default=RequestUnderWay())  # noqa: B039 - frozen


def this_request() -> RequestUnderWay:
    return _request.get()


def begin(number: str, address: str | None = None) -> Token[RequestUnderWay]:
    return _request.set(RequestUnderWay(number, address))


def end(token: Token[RequestUnderWay]) -> None:
    _request.reset(token)
