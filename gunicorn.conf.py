"""What gunicorn's first process does before it starts others; options stand on its command line."""

from accounts.hardening.hiding import hide_from_the_account

hide_from_the_account()
