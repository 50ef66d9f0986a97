"""What only the owner of the tables may do: the portal's own role cannot remove history."""

from __future__ import annotations

from django.db import connection

from accounts.models import AccessRecord


class NotTheOwner(Exception):
    """This connection is the application's; the text says how to be the owner."""


def check_owner() -> None:
    """Raises NotTheOwner unless this connection owns the tables of history."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class WHERE oid = %s::regclass",
            [AccessRecord._meta.db_table],
        )
        if cursor.fetchone() == (True,):
            return
    raise NotTheOwner(
        "这个命令要以数据库所有者的身份运行：设置OWNER_DATABASE_URL后再运行；"
        "用Compose时：docker compose run --rm --no-deps migrate python manage.py …"
    )
