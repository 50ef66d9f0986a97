"""Whose address a request is counted and recorded under (T33, WH-07)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.hardening.address import address_in, network_of, parse_address

CLIENT = "203.0.113.7"
PROXY = "10.0.0.2"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "198.51.100.1", PROXY),  # Nobody is believed.
        (1, CLIENT, CLIENT),
        (1, f"198.51.100.1, {CLIENT}", CLIENT),  # The left part is the client's own invention.
        (1, f"127.0.0.1,::1,{CLIENT}", CLIENT),
        (2, f"{CLIENT}, 10.0.0.9", CLIENT),
        (2, f"6.6.6.6, {CLIENT}, 10.0.0.9", CLIENT),
        (2, "6.6.6.6", PROXY),  # Did not come through both: believe the connection only.
        (1, "", PROXY),
        (1, "not an address", PROXY),
        (1, "evil\r\nX: y", PROXY),
        (1, "[2001:db8::1]:443", "2001:db8::1"),
        (1, "2001:DB8:0:0::1", "2001:db8::1"),
        (1, "fe80::1%eth0", "fe80::1"),
        (1, "::ffff:203.0.113.7", CLIENT),
        (1, "203.0.113.7:5123", CLIENT),
    ],
)
def test_only_our_own_proxies_are_believed(proxies: int, forwarded: str, address: str) -> None:
    meta = {"REMOTE_ADDR": PROXY, "HTTP_X_FORWARDED_FOR": forwarded}
    assert address_in(meta, trusted_proxies=proxies) == address


@given(st.text(max_size=60), st.integers(0, 3))
def test_whatever_is_sent_is_an_address_or_the_connections_own(text: str, proxies: int) -> None:
    found = address_in(
        {"REMOTE_ADDR": PROXY, "HTTP_X_FORWARDED_FOR": text}, trusted_proxies=proxies
    )
    assert found is not None
    assert parse_address(found) == found


def test_a_socket_without_an_address_has_none() -> None:
    assert address_in({"REMOTE_ADDR": ""}, trusted_proxies=0) is None


def test_networks() -> None:
    assert str(network_of("203.0.113.7")) == "203.0.113.0/24"
    assert str(network_of("2001:db8:1:2:3::1")) == "2001:db8:1:2::/64"


def test_the_history_of_a_request_holds_that_address(client: Client, db, settings, monkeypatch):
    seen = []
    settings.TRUSTED_PROXIES = 1
    monkeypatch.setattr(
        "accounts.middleware.begin", lambda number, address: seen.append(address) or _begin(number)
    )
    client.get(
        reverse("login"),
        REMOTE_ADDR=PROXY,
        headers={"X-Forwarded-For": f"6.6.6.6, {CLIENT}", "Client-IP": "6.6.6.6"},
    )
    assert seen == [CLIENT]


def _begin(number: str):
    from accounts.history.request import begin

    return begin(number)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "testserver@evil.example", "a b", "testserver.evil", ""],
)
def test_a_strange_host_is_refused(client: Client, db: None, host: str) -> None:
    response = client.get(reverse("login"), headers={"Host": host} if host else {"Host": "."})
    assert response.status_code == 400
    assert "evil" not in response.content.decode()


def test_forwarded_host_is_not_believed(client: Client, db: None) -> None:
    """T38: no address the portal writes can be steered from outside."""
    response = client.get(
        "/",
        headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"},
        HTTP_X_ORIGINAL_URL="/jobs/",
        HTTP_X_REWRITE_URL="/jobs/",
    )
    assert response.status_code == 302
    assert response["Location"] == "/login/?next=/"


def test_the_web_server_drops_headers_with_underscores() -> None:
    """X_Forwarded_For would become the same variable as X-Forwarded-For."""
    from gunicorn.config import Config

    assert Config().header_map == "drop"
