import os

from django.core.wsgi import get_wsgi_application

from accounts.hardening.hiding import hide_from_the_account

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

hide_from_the_account()
application = get_wsgi_application()
