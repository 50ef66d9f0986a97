"""Can the servers named by DATABASE_URL and REDIS_URL be reached?"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import environ as django_environ
import psycopg2
import redis

from config.local.process import LocalServerError

PATIENCE = 5  # seconds


def check_urls(environ: Mapping[str, str]) -> None:
    """Try each server that is named. Raises LocalServerError with one line, never a password."""
    if url := environ.get("DATABASE_URL"):
        _check_postgres(url)
    if url := environ.get("REDIS_URL"):
        _check_redis(url)


def _check_postgres(url: str) -> None:
    named = django_environ.Env.db_url_config(url)
    if "postg" not in str(named.get("ENGINE")):
        raise LocalServerError(
            "DATABASE_URL must name a PostgreSQL database: postgres://user:password@host:5432/name"
        )
    try:
        psycopg2.connect(
            host=named.get("HOST") or None,
            port=named.get("PORT") or None,
            user=named.get("USER") or None,
            password=named.get("PASSWORD") or None,
            dbname=named.get("NAME") or None,
            connect_timeout=PATIENCE,
        ).close()
    except psycopg2.Error as error:
        raise LocalServerError(_unreachable("DATABASE_URL", "PostgreSQL", url, error)) from None


def _check_redis(url: str) -> None:
    try:
        client = redis.Redis.from_url(
            url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE, retry=None
        )
        client.ping()
        client.close()
    except (redis.RedisError, ValueError, OSError) as error:
        raise LocalServerError(_unreachable("REDIS_URL", "Redis or Valkey", url, error)) from None


def _unreachable(name: str, server: str, url: str, error: Exception) -> str:
    place = urlsplit(url).netloc.rpartition("@")[2] or "this address"
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return (
        f"No {server} answers at {place}, where {name} points ({reason}). "
        f"Start it, correct {name}, or unset it to use the portal's own."
    )
