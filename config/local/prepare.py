"""What `make run` does to the database before the portal starts: schema and demonstration data.

A process of its own, so that the supervisor stays small and can stop it at any time.
"""

import os
import sys


def main() -> None:
    """Migrate, and load the demo on first start; both do nothing when already done."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # Migrations and bulk loading may take longer than any page.
    os.environ["STATEMENT_TIMEOUT_MS"] = "0"
    import django
    from django.conf import settings
    from django.core.management import CommandError, call_command
    from django.db import OperationalError

    django.setup()
    try:
        call_command("migrate", interactive=False, verbosity=0)
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
