"""Settings of the portal. Every value that differs between installations comes from the environment.

Nothing needs to be set for development. `PORTAL_ENV=production` turns on what only makes sense behind TLS,
and `manage.py check` then names what is still missing (portal/checks.py).
"""

from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import environ
from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from whitenoise.compress import Compressor

from portal import secret_key
from portal.logs.lines import logging_settings
from portal.storage import storage_at

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

PRODUCTION = env.str("PORTAL_ENV", default="development") == "production"
DEBUG = env.bool("PORTAL_DEBUG", default=False)

# Everything the installation writes: database, uploaded and made files, collected static files, secret key.
VAR_DIR = Path(env.str("PORTAL_VAR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)

SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY and not PRODUCTION:
    SECRET_KEY = secret_key.read_or_create(VAR_DIR / "secret_key")
# Keys of before: what they signed or encrypted is still read.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "import_export",
    "portal.staffing",
    "portal.audit",
    "portal.search",
    "portal.help",
    "portal.imprint",
    "portal.organisations",
    "portal.installation",
    "portal.outbox",
    "portal.approvals",
    "portal.retention",
    "portal.tables_in",
    "contracts",
    "billing",
    "portal.data_protection",
    "portal",
]

MIDDLEWARE = [
    "portal.logs.middleware.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.middleware.ReadableInputMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.middleware.NoStoreMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.organisations.accounts.middleware.LanguageOfPersonMiddleware",
    "portal.organisations.accounts.middleware.OwnSessionMiddleware",
    "portal.middleware.SessionLimitsMiddleware",
    "portal.middleware.KeptInputMiddleware",
    "portal.middleware.RequestLimitsMiddleware",
    "portal.middleware.AdminAddressMiddleware",
    "portal.staffing.middleware.ReachMiddleware",
    "portal.middleware.StaffSecondFactorMiddleware",
    "portal.middleware.AdminContentPolicyMiddleware",
    "portal.middleware.HeldBackMiddleware",
    "portal.staff.viewing.middleware.CustomerViewMiddleware",
    "portal.middleware.KeptFilesMiddleware",
    "contracts.middleware.RenewedConsentMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "portal.home.menu.menu_counts",
            ],
        },
    },
]

# Database: SQLite needs nothing started; DATABASE_URL=postgres://… switches to PostgreSQL.
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        # A transaction takes the write lock when it begins, and waits for it: otherwise a reader that turns
        # writer fails at once while somebody else writes.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # With recursive triggers REPLACE, too, asks those that forbid deleting (portal/frozen.py).
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA recursive_triggers=ON;",
    }
else:
    # Each thread keeps a connection. The server may restart: it is tried before it is used. A pool found
    # full of lost ones would try one after the other, with longer and longer pauses between.
    DATABASES["default"].update(CONN_MAX_AGE=600, CONN_HEALTH_CHECKS=True)
    # A machine may be lost within a transaction: what that has locked must not stay locked for hours.
    options = DATABASES["default"].setdefault("OPTIONS", {})
    options.setdefault("options", "-c idle_in_transaction_session_timeout=2min")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Sign-in attempts are counted in the cache: several server processes must share one (portal/checks.py).
CACHES = {"default": env.cache("CACHE_URL", default="locmemcache://")}

# Language and time: days are counted in Japan.
LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", _("Japanese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Tokyo"
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = ["portal.formats"]

# Files: static ones are public; stored ones have no address, views that check whose they are hand them out.
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = Path(env.str("PORTAL_MEDIA", default=str(VAR_DIR / "media")))
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
# STORAGE_URL=s3://bucket?endpoint=https://…&region=… keeps stored files in an object storage instead.
STORAGE_URL = env.str("STORAGE_URL", default="")
STORAGES = {
    "default": storage_at(STORAGE_URL),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# The large fonts are there for PDFs and don't travel; compressing them would take longer than all else.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "ttf"]

# Sign-in
AUTH_USER_MODEL = "organisations.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "portal.organisations.accounts.context_words.ContextWordsValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "portal.organisations.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_SIGNUP_FORM_CLASS = "portal.organisations.forms.DisplayNameForm"
ACCOUNT_FORMS = {
    "signup": "portal.organisations.accounts.forms.EvenSignupForm",
    "change_password": "portal.organisations.accounts.forms.PasswordChangeForm",
    "reset_password_from_key": "portal.organisations.accounts.forms.NewPasswordForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 900  # seconds
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
# Who changes how an account is signed in to has given the password or a code within these seconds.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
# Of all sign-ups from one place; around signing in, allauth's own limits hold.
ACCOUNT_RATE_LIMITS = {"signup": "20/m/ip,60/h/ip"}
MFA_ADAPTER = "portal.organisations.accounts.factors.FactorAdapter"
MFA_FORMS = {
    "add_webauthn": "portal.organisations.accounts.passkey_forms.AddForm",
    "authenticate_webauthn": "portal.organisations.accounts.passkey_forms.AuthenticateForm",
    "edit_webauthn": "portal.organisations.accounts.passkey_forms.RenameForm",
    "login_webauthn": "portal.organisations.accounts.passkey_forms.LoginForm",
    "reauthenticate_webauthn": "portal.organisations.accounts.passkey_forms.ReauthenticateForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
# A passkey signs in without a password: it is two factors, as it must have asked for finger, face or PIN.
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_ISSUER = env.str("PORTAL_NAME", default="Terms & Contracts Portal")

# A session ends when it was not used for so long, or lasts for so long (portal/limits/sessions.py).
STAFF_IDLE = timedelta(minutes=env.int("STAFF_IDLE_MINUTES", default=30))
CUSTOMER_IDLE = timedelta(minutes=env.int("CUSTOMER_IDLE_MINUTES", default=12 * 60))
STAFF_SESSION = timedelta(hours=env.int("STAFF_SESSION_HOURS", default=12))
CUSTOMER_SESSION = timedelta(hours=env.int("CUSTOMER_SESSION_HOURS", default=14 * 24))
SESSION_COOKIE_AGE = int(max(STAFF_SESSION, CUSTOMER_SESSION).total_seconds())

# How often one person, or one address of visitors, may do what is costly or binds: customers, staff
# (portal/limits/requests.py). Whoever reaches one works by machine.
REQUEST_LIMITS = {
    "entries": ("60/m,600/h", "300/m,6000/h"),
    "applications": ("10/h", "100/h"),
    "requests": ("20/10m,60/h", "200/h"),
    "inquiries": ("10/10m,30/h", "200/h"),
    "uploads": ("60/h", "600/h"),
    "downloads": ("60/m,600/h", "300/m,6000/h"),
    "exports": ("10/10m", "30/10m"),
    "searches": ("120/m,1200/h", "600/m,6000/h"),
}

# E-mail: printed by default. EMAIL_URL=smtp+tls://user:password@host:587 sends, filemail:////folder stores.
vars().update(env.email("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="portal@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Where other mail servers report what can't be delivered: bounces@host, reached as bounces+TOKEN@host too.
BOUNCE_ADDRESS = env.str("BOUNCE_ADDRESS", default="")
EMAIL_TIMEOUT = 30  # seconds: a mail server that is silent must not keep a worker for ever
# What links in e-mails begin with.
PORTAL_URL = env.str("PORTAL_URL", default="http://localhost:8000").rstrip("/")

# Work in the background. BROKER_URL=amqp://… lets workers on several machines share it; by
# default messages are files of this installation. What is to be done, the database knows.
CELERY_BROKER_URL = env.str("BROKER_URL", default="filesystem://localhost")
if CELERY_BROKER_URL.startswith("filesystem:"):
    _QUEUE_DIR = VAR_DIR / "queue"
    for _folder in ("messages", "control"):
        (_QUEUE_DIR / _folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_QUEUE_DIR / "messages"),
        "data_folder_out": str(_QUEUE_DIR / "messages"),
        "control_folder": str(_QUEUE_DIR / "control"),
    }
CELERY_IMPORTS = ["portal.lives.tasks", "portal.uniting.tasks"]
CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "portal.installation.clock:Clock"
CELERY_BEAT_SCHEDULE = {
    "look for work on billing runs": {"task": "billing.tasks.look_for_work", "schedule": 30.0},
    "look for running contracts": {"task": "contracts.tasks.look_for_takeovers", "schedule": 30.0},
    "look for e-mails": {"task": "portal.outbox.tasks.send_mails", "schedule": 30.0},
    "look for print files": {"task": "contracts.tasks.look_for_postings", "schedule": 30.0},
    "look for lives to play": {"task": "portal.lives.tasks.look_for_lives", "schedule": 30.0},
    "look for copies and erasures": {"task": "portal.data_protection.tasks.look_for_work", "schedule": 30.0},
    "remove what is over": {
        "task": "portal.data_protection.tasks.remove_what_is_over",
        "schedule": crontab(minute="35"),
    },
    "bring over what is of united organisations": {
        "task": "portal.uniting.tasks.bring_over",
        "schedule": crontab(minute="20"),
    },
    "look for the mail server": {"task": "portal.installation.tasks.look_for_mail_server", "schedule": 60.0},
    # Hourly through the morning: what the mail server did not take is tried again.
    "reminders of the day": {
        "task": "contracts.tasks.run_today",
        "schedule": crontab(hour="6-11", minute="5"),
    },
}

# Cookies. Behind HTTPS their names say that nobody but this host set them, and over HTTPS alone.
_HOST = "__Host-" if PRODUCTION else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_HOST}sessionid", f"{_HOST}csrftoken"
LANGUAGE_COOKIE_NAME = f"{_HOST}django_language"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Security headers
SECURE_SSL_REDIRECT = PRODUCTION
# Machines that watch ask this process itself, without TLS.
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if ALLAUTH_TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "object-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}

# Spreadsheets: a cell of somebody else's making must not become a formula in the reader's program.
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True
IMPORT_EXPORT_USE_TRANSACTIONS = True

UNFOLD = {
    "SITE_TITLE": _("Portal administration"),
    "SITE_HEADER": _("Portal administration"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("img/mark.svg")}
    ],
    "STYLES": [
        lambda request: static("css/staff.css"),
        lambda request: static("css/staff-search.css"),
    ],
    "SCRIPTS": [lambda request: static("js/staff-search.js")],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SITE_SYMBOL": "contract",
    "SIDEBAR": {"navigation": "portal.staff.first_page.navigation"},
    "ACCOUNT": {"navigation": [{"title": _("Your account"), "link": reverse_lazy("account")}]},
    "DASHBOARD_CALLBACK": "portal.staff.first_page.dashboard",
    # The blue of the customers' pages.
    "COLORS": {
        "primary": {
            "50": "#e8f1fe",
            "100": "#d9e6ff",
            "200": "#c5d7fb",
            "300": "#9db7f9",
            "400": "#7096f8",
            "500": "#4979f5",
            "600": "#0017c1",
            "700": "#00118f",
            "800": "#000071",
            "900": "#000060",
            "950": "#00004a",
        },
    },
}

# What is logged, and how (portal/logs/lines.py).
LOG_FORMAT = env.str("LOG_FORMAT", default="json" if PRODUCTION else "line")
LOGGING = logging_settings(env.str("LOG_LEVEL", default="WARNING").upper(), as_json=LOG_FORMAT == "json")
# A request that takes longer is told of as a warning.
SLOW_REQUEST_SECONDS = env.float("SLOW_REQUEST_SECONDS", default=2.0)

# Who may read /health/status and /metrics: who sends the token, or comes from one of these networks.
WATCH_TOKEN = env.str("WATCH_TOKEN", default="")
WATCH_NETWORKS = [ip_network(one) for one in env.list("WATCH_NETWORKS", default=[])]
