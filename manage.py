#!/usr/bin/env python
"""Django's command line; without DATABASE_URL it uses the servers of this machine."""

import os
import sys

# These neither read nor write the database.
WITHOUT_SERVERS = {"help", "--help", "-h", "version", "--version", "check", "collectstatic"}


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
            execute_from_command_line(sys.argv)
    except LocalServerError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
