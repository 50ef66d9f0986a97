#!/usr/bin/env python
"""Django's command line; without DATABASE_URL it uses the servers of this machine."""

import os
import sys

# These neither read nor write the database.
WITHOUT_SERVERS = {"help", "--help", "-h", "version", "--version", "check", "collectstatic"}
# These connect as the owner of the tables, where its address is known; all others as the
# application, which may not do what they do.
AS_OWNER = {"migrate", "begin_history", "archive_history"}


def main() -> None:
    """Run the command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    from config.local.servers import LocalServerError, attach, secret_key

    if len(sys.argv) < 2 or sys.argv[1] in WITHOUT_SERVERS:
        secret_key(os.environ)
        execute_from_command_line(sys.argv)
        return
    try:
        with attach(os.environ):
            _run(sys.argv)
    except LocalServerError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


def _run(arguments: list[str]) -> None:
    """Run one command; the rows it changes carry its name and who ran it."""
    import django
    from django.core.management import execute_from_command_line

    if arguments[1] not in AS_OWNER:
        os.environ.pop("OWNER_DATABASE_URL", None)
    django.setup()
    from accounts.history.context import command_history

    with command_history(arguments[1]):
        execute_from_command_line(arguments)


if __name__ == "__main__":
    main()
