"""Settings, all from the environment; what each variable means is in docs/operations.md."""

from datetime import timedelta
from pathlib import Path

import environ
from csp.constants import NONCE

from config.database.role import Application

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str(
    "SECRET_KEY", default="only-for-checks-and-tests" if DEBUG else environ.Env.NOTSET
)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# Signs where the history ends, hour by hour; kept outside the database. Earlier keys follow.
HISTORY_KEYS = env.list("HISTORY_KEYS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# What the top bar says, and whether the figures shown are invented.
PORTAL_NAME = env.str("PORTAL_NAME", default="学前教育督导")
DEMO = env.bool("DEMO", default=False)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_htmx",
    "pgtrigger",
    "pghistory",
    "template_partials",
    "import_export",
    "accounts",
    "kindergartens",
    "staffing",
    "fees",
    "safety",
    "indicators",
    "inspections",
    "reports",
    "config",
]

MIDDLEWARE = [
    "accounts.middleware.RequestIdMiddleware",
    "accounts.logs.middleware.RequestLogMiddleware",
    # Outside everything that may answer by itself: files, redirects and errors carry them too.
    "accounts.hardening.headers.PortalHeadersMiddleware",
    "accounts.hardening.headers.PortalCSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "accounts.hardening.middleware.ErrorPagesMiddleware",
    "accounts.middleware.ScopeMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    # Before the next one: it signs out whoever has been idle, and sends whoever must first change a
    # password or set up the second factor.
    "accounts.sign_in.middleware.SignInMiddleware",
    # Every page needs a signed-in person unless its view says otherwise.
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "accounts.middleware.ActingAsMiddleware",
    "accounts.hardening.middleware.MalformedInputMiddleware",
    "accounts.hardening.middleware.RateLimitMiddleware",
    "accounts.middleware.HistoryMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.BusyMiddleware",
    # Last: it only sees what a view has answered.
    "accounts.sign_in.kept_middleware.KeptInputMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.portal",
            ],
            "builtins": ["accounts.templatetags.ui"],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            ["django.template.loaders.filesystem.Loader"],
                        )
                    ],
                )
            ],
        },
    }
]

# PostgreSQL and nothing else: counts, locks and constraints lean on it.
DATABASES = {
    "default": env.db_url("DATABASE_URL", default="postgres://postgres@127.0.0.1:5432/portal")
}
# A process that is given the owner's address connects as the owner of the tables: `migrate` and the
# archive. Web, worker and beat are never given it (config/database).
APPLICATION = None
if env.str("OWNER_DATABASE_URL", default=""):
    APPLICATION = Application(DATABASES["default"]["USER"], DATABASES["default"]["PASSWORD"])
    DATABASES = {"default": env.db_url("OWNER_DATABASE_URL")}
DATABASES["default"].update(
    {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }
)
DATABASES["default"].setdefault("OPTIONS", {})
# A page never hangs: slow statements, waits for locks and forgotten transactions end by themselves.
DATABASES["default"]["OPTIONS"]["options"] = (
    f"-c statement_timeout={env.int('STATEMENT_TIMEOUT_MS', default=5000)} "
    "-c lock_timeout=2000 -c idle_in_transaction_session_timeout=10000 "
    # Room for the sums of every region while they are compared (taken only where it is used).
    "-c temp_buffers=48MB"
)
# A change made by another program shows that program in history.
DATABASES["default"]["OPTIONS"].setdefault("application_name", "portal")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "accounts.views.csrf_failure"

# Behind a TLS proxy (production) set HTTPS=1: secure cookies, HSTS and redirects follow.
HTTPS = env.bool("HTTPS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31536000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# How many proxies of our own stand in front and append to X-Forwarded-For. 0: nobody is believed.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
# Off only where one machine plays a whole county, as in tests and benchmarks.
RATE_LIMITS = env.bool("RATE_LIMITS", default=True)

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        # Only script tags with this response's nonce, and what those scripts load themselves.
        "script-src": [NONCE, "'strict-dynamic'"],
        # Charts are SVG drawn in the page; ECharts sets styles through the CSSOM, which CSP allows.
        "style-src": ["'self'"],
        # The component library draws check marks and arrows as data: pictures in its stylesheet.
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "manifest-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "report-uri": ["/csp-report/"],
    }
}

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

# The front door (accounts/sign_in).
AUTHENTICATION_BACKENDS = ["accounts.backends.PortalBackend"]
PASSWORD_HASHERS = ["accounts.hashers.PortalArgon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "accounts.sign_in.passwords.PolicyValidator"}]
# dengbao or asvs, see docs/adr/0008-two-password-profiles.md.
PASSWORD_PROFILE = env.str("PASSWORD_PROFILE", default="dengbao")
ONE_TIME_PASSWORD_HOURS = env.int("ONE_TIME_PASSWORD_HOURS", default=72)
# Verifications of passwords at the same time on this machine; each takes 19 MiB.
PASSWORD_SLOTS = env.int("PASSWORD_SLOTS", default=4)
# Roles whose password ages faster and whose sessions idle out sooner.
PRIVILEGED_ROLES = env.list("PRIVILEGED_ROLES", default=[]) or [
    *("system_administrator", "security_administrator", "audit_administrator"),
    *("bureau_officer", "bureau_leader"),
]
# Roles that must use a second factor; everybody else may.
SECOND_FACTOR_ROLES = env.list("SECOND_FACTOR_ROLES", default=[])
if SECOND_FACTOR_ROLES in ([], [""]):  # Compose hands on an empty one for one that is not set
    SECOND_FACTOR_ROLES = [] if DEMO else PRIVILEGED_ROLES
elif SECOND_FACTOR_ROLES == ["none"]:
    SECOND_FACTOR_ROLES = []
# Sessions live in PostgreSQL: with the broker gone every page still works.
SESSION_ENGINE = "accounts.sign_in.store"
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", default=12) * 60 * 60
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=30)
SESSION_IDLE_MINUTES_PRIVILEGED = env.int("SESSION_IDLE_MINUTES_PRIVILEGED", default=15)
SESSION_LIMIT = env.int("SESSION_LIMIT", default=3)
# Before a sensitive act, authentication must not be older than this.
FRESH_AUTHENTICATION_MINUTES = env.int("FRESH_AUTHENTICATION_MINUTES", default=10)
if HTTPS:
    # Bound to this host, this path and TLS by the browser itself.
    SESSION_COOKIE_NAME = "__Host-sid"
    CSRF_COOKIE_NAME = "__Host-csrf"
# Failed sign-ins: a name is locked at an address, never an address alone.
LOCK_AFTER_FAILURES = 5
LOCK_MINUTES = 30
FAILURES_PER_NAME_AND_HOUR = env.int("FAILURES_PER_NAME_AND_HOUR", default=20)
FAILURES_PER_NETWORK_AND_MINUTE = env.int("FAILURES_PER_NETWORK_AND_MINUTE", default=100)
AXES_FAILURE_LIMIT = LOCK_AFTER_FAILURES
AXES_COOLOFF_TIME = timedelta(minutes=LOCK_MINUTES)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ACCESS_FAILURE_LOG = True
AXES_DISABLE_ACCESS_LOG = True  # Sign-ins are kept as AccessRecord.
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "accounts.hardening.address.client_address"
# A name that is typed may be a password typed in the wrong field: only a digest is kept.
AXES_USERNAME_CALLABLE = "accounts.sign_in.lockout.digest_of_name"
AXES_CLIENT_STR_CALLABLE = "accounts.sign_in.lockout.nobody"
AXES_SENSITIVE_PARAMETERS = ["username", "password", "next", "csrfmiddlewaretoken"]
# The door asks axes itself: its backend and its middleware would answer a lock with a page of their
# own, which tells a locked name from an unknown one.
SILENCED_SYSTEM_CHECKS = ["axes.W002", "axes.W003"]
OTP_TOTP_ISSUER = PORTAL_NAME
# Personal identifiers are encrypted with the first key; the others still open older values.
FIELD_KEYS = env.list("FIELD_KEYS", default=[])
FIELD_CIPHER = env.str("FIELD_CIPHER", default="aes256gcm")

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=BASE_DIR / "staticfiles")
STATICFILES_DIRS = [BASE_DIR / "static"]
# Served from the root of the site: what browsers ask for there by themselves (favicon.ico).
WHITENOISE_ROOT = BASE_DIR / "static" / "root"
# No other site has a use for our files.
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG or env.bool("PLAIN_STATIC", default=False)
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}

# Uploads and form posts are bounded; a return has some hundred fields.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000

# Uploaded files lie here under random names, outside of anything a web server hands out.
FILES_ROOT = env.path("FILES_ROOT", default=BASE_DIR / ".local" / "files")
FILE_MAX_BYTES = env.int("FILE_MAX_MB", default=10) * 1024 * 1024
# What the attachments of one return, and of all returns of one kindergarten, may have together.
FILES_PER_RETURN_BYTES = env.int("FILES_PER_RETURN_MB", default=50) * 1024 * 1024
FILES_PER_KINDERGARTEN_BYTES = env.int("FILES_PER_KINDERGARTEN_MB", default=1000) * 1024 * 1024
# A virus scanner (clamd), "host:port" or "unix:/path": with one, no file is served unscanned.
CLAMD_ADDRESS = env.str("CLAMD_ADDRESS", default="")
# One request carries so much and no more; a proxy in front should say the same.
REQUEST_MAX_BYTES = 25 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_HANDLERS = [
    "accounts.files.upload_handler.BoundedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILE_UPLOAD_PERMISSIONS = 0o600

# Celery runs the jobs; the truth about a job is its row in PostgreSQL (accounts/jobs).
# Packages whose tasks.py declares handlers of jobs.
JOB_PACKAGES = [
    *("accounts.jobs", "accounts.people", "accounts.files", "accounts.history"),
    *("accounts.sign_in", "accounts.notices"),
    "kindergartens.changes",
    "accounts.exchange",
    *("indicators", "reports.documents", "reports.filings.board"),
]
# Ways out of the portal for messages, besides being read in it (accounts/notices/channels.py).
NOTICE_CHANNELS = [name.strip() for name in env.list("NOTICE_CHANNELS", default=[]) if name.strip()]
if not set(NOTICE_CHANNELS) <= {"email", "gateway"}:
    raise environ.ImproperlyConfigured(
        f"NOTICE_CHANNELS names email, gateway, or both; not {','.join(NOTICE_CHANNELS)}."
    )
if len(set(NOTICE_CHANNELS)) < len(NOTICE_CHANNELS):
    raise environ.ImproperlyConfigured("NOTICE_CHANNELS names a channel twice.")
NOTICE_GATEWAY_URL = env.str("NOTICE_GATEWAY_URL", default="")
NOTICE_GATEWAY_SECRET = env.str("NOTICE_GATEWAY_SECRET", default="")
NOTICE_GATEWAY_LABEL = env.str("NOTICE_GATEWAY_LABEL", default="短信")
if "gateway" in NOTICE_CHANNELS and (
    not NOTICE_GATEWAY_URL.startswith(("https://", "http://127.0.0.1:"))
    or len(NOTICE_GATEWAY_SECRET) < 16
):
    raise environ.ImproperlyConfigured(
        "NOTICE_GATEWAY_URL has to be https, and NOTICE_GATEWAY_SECRET 16 characters or more."
    )
_mail_server = env.email("EMAIL_URL", default="consolemail://")
# Letters in the log would be kept as sent.
if "email" in NOTICE_CHANNELS and not (
    _mail_server["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"
    and _mail_server["EMAIL_HOST"]
):
    raise environ.ImproperlyConfigured(
        "NOTICE_CHANNELS names email: EMAIL_URL has to name a mail server, such as"
        " smtp+tls://user:password@host:587."
    )
globals().update(_mail_server)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("NOTICE_MAIL_FROM", default="portal@localhost")
NOTICE_MAIL_DOMAIN = DEFAULT_FROM_EMAIL.rpartition("@")[2]
# Modules that register what can be imported from tables (accounts/exchange).
IMPORT_PACKAGES = [
    "kindergartens.registering.importable",
    "kindergartens.population.importable",
    "kindergartens.statistics.importable",
    "kindergartens.published.importable",
    "fees.importable",
    "fees.local_list.importable",
    "fees.funding.importable",
    "staffing.roster.importable",
    "staffing.papers.importable",
    "safety.patrols.importable",
    "indicators.aggregates.importable",
]
# Modules that say what a register has beside a filing (kindergartens/procedures/beside.py).
PROCEDURE_PACKAGES = ["staffing.changes.beside", "safety.incidents.beside"]
CELERY_BROKER_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 60
# A job does not need the broker to end: its row says who holds it, so a broker that comes back and
# delivers the message again does no harm.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TIMEZONE = TIME_ZONE
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
}

# "json" for a log store; "line" for people at a terminal (make run).
LOG_FORMAT = env.str("LOG_FORMAT", default="json")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request_id": {"()": "accounts.middleware.RequestIdFilter"},
        "refusals": {"()": "accounts.logs.refusals.NoTracebackOfRefusals"},
    },
    "formatters": {
        "json": {"()": "accounts.logs.formatters.ScrubbedJsonFormatter"},
        "line": {
            "()": "accounts.logs.formatters.ScrubbedLineFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s",
        },
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["request_id"],
        }
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "fontTools": {"level": "WARNING"},
        "weasyprint": {"level": "WARNING"},
        "axes": {"level": "ERROR"},
        # At a terminal only what went wrong; a log store gets every request.
        "portal.request": {"level": "INFO" if LOG_FORMAT == "json" else "ERROR"},
        "portal.job": {"level": "INFO" if LOG_FORMAT == "json" else "ERROR"},
        # By default Django writes its errors a second time, in a form of its own.
        "django": {"handlers": [], "propagate": True},
        "django.request": {"filters": ["refusals"]},
        "django.server": {"handlers": [], "propagate": True},
    },
}
# Workers write the same lines.
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
