"""What `make run` does to the database before the portal starts: schema and demonstration data.

A process of its own, so that the supervisor stays small and can stop it at any time.
"""

import os
import sys
from contextlib import suppress


def main() -> None:
    """Migrate, and load the demo on first start; both do nothing when already done."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # Migrations and bulk loading may take longer than any page.
    os.environ["STATEMENT_TIMEOUT_MS"] = "0"
    import django
    from django.conf import settings
    from django.core.management import CommandError, call_command
    from django.db import OperationalError
    from django.utils import timezone

    django.setup()
    from accounts.history.beginning import BegunBefore, begin_history
    from accounts.history.context import command_history

    try:
        with command_history("make run"):
            call_command("migrate", interactive=False, verbosity=0)
            # A database of an earlier version has rows that no history knows yet.
            with suppress(BegunBefore):
                begin_history(now=timezone.now())
            if settings.DEMO:
                call_command("load_demo")
    except CommandError as error:
        sys.exit(str(error))
    except OperationalError as error:
        sys.exit(f"The database refused: {str(error).strip().splitlines()[0]}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
