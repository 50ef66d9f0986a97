"""Where a request comes from, believed only as far as our own proxies vouch for it."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest

# Networks that one household, one office or one attacker holds whole.
NETWORK_BITS = {4: 24, 6: 64}


def client_address(request: HttpRequest) -> str | None:
    """The client's address: what the outermost trusted proxy saw, else the connection's own."""
    return address_in(request.META, trusted_proxies=settings.TRUSTED_PROXIES)


def address_in(meta: Mapping[str, Any], *, trusted_proxies: int) -> str | None:
    """Read the address from a WSGI environment.

    Each proxy appends to X-Forwarded-For the address it was called from, so with N proxies of ours
    only the last N entries are true and the first of those is the client. Everything further left
    was written by the client. A list that is too short did not come through our proxies.
    """
    own = parse_address(meta.get("REMOTE_ADDR", ""))
    if trusted_proxies <= 0:
        return own
    forwarded = str(meta.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    if len(forwarded) < trusted_proxies:
        return own
    return parse_address(forwarded[-trusted_proxies]) or own


def parse_address(text: str) -> str | None:
    """One spelling per address: without port, brackets, zone or IPv4 dressed as IPv6."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(address)


def network_of(address: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """The neighbours who count together: a /24, or the /64 that one IPv6 customer gets."""
    bits = NETWORK_BITS[ipaddress.ip_address(address).version]
    return ipaddress.ip_network(f"{address}/{bits}", strict=False)
