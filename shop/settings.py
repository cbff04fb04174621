"""All settings, read from the environment; each name is told where it is read.

`manage.py up` hands its children every value they need. A command typed beside a running stack
(`manage.py shell`, `manage.py events`) finds the same values in the note that the stack leaves.
"""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import django_stubs_ext
from csp.constants import NONE
from psycopg.conninfo import conninfo_to_dict

from shop import logs
from shop.runner.home import running_environment

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
environ = running_environment(BASE_DIR) | os.environ

# SHOP_ROLE: web, worker or command. wsgi.py and celery.py name themselves; what is left is a command.
ROLE = environ.get("SHOP_ROLE", "command")

# SECRET_KEY: signs what is handed out and must come back unchanged. The embedded stack makes one; elsewhere Django
# refuses to go without.
SECRET_KEY = environ.get("SECRET_KEY", "")

# DEBUG=1: Django's debug pages. Never on the open net.
DEBUG = environ.get("DEBUG") == "1"

# ALLOWED_HOSTS: host names, separated by commas.
ALLOWED_HOSTS = environ.get("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",")

# DEVELOPMENT=1: demo accounts and /dev/mailbox. Set by the embedded stack only.
DEVELOPMENT = environ.get("DEVELOPMENT") == "1"

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "shop.admin.apps.ShopAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "corsheaders",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.headless",
    "allauth.idp.oidc",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "shop.bus",
    "shop.users",
    "shop.audit",
    "shop.oauth",
    "shop.catalogue",
    "shop.api",
    "shop.events",
    "shop.doctor",
    "shop.operations",
    "shop.runner",
    "orders",
    "payments",
    "inventory",
    "notifications",
]

MIDDLEWARE = [
    "shop.operations.probes.answer_probes",
    "shop.operations.requests.count_requests",
    "shop.api.middleware.request_context",
    "shop.api.access.access_line",
    "shop.api.middleware.with_a_length",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "csp.middleware.CSPMiddleware",
    "shop.api.limits.tell_standing",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "shop.oauth.middleware.SoundRequests",
    "shop.users.middleware.WholeRequests",  # last: it calls the view itself
]

ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [
            BASE_DIR / "shop" / "templates"
        ],  # before those of packages, whose pages some of ours take the place of
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Scripts and styles of the few pages that there are: found in their packages, with nothing to collect first.
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- PostgreSQL -------------------------------------------------------------------------------------------

# DATABASE_URL: any PostgreSQL >= 18. Workers hold session advisory locks: no transaction pooler in between.
_database: dict[str, Any] = conninfo_to_dict(environ.get("DATABASE_URL", "postgresql://127.0.0.1:1/absent"))

# A stopped process keeps its locks: these bounds give them back. Commands (migrate) may take their time.
_BOUNDS = {
    "lock_timeout": "3s",
    "statement_timeout": "10s",
    "idle_in_transaction_session_timeout": "15s",
    "client_connection_check_interval": "1s",
}

_connection_options: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "application_name": f"shop {ROLE}",
}
if ROLE == "worker":
    _BOUNDS["idle_session_timeout"] = "60s"  # a worker at work never idles that long, and a stopped one holds a lane
if ROLE != "command":
    _connection_options["options"] = " ".join(f"-c {name}={value}" for name, value in _BOUNDS.items())
if ROLE == "web":
    # WEB_CONNECTIONS: the most database connections of one web process.
    _connection_options["pool"] = {
        "min_size": 2,
        "max_size": int(environ.get("WEB_CONNECTIONS", "16")),
        "timeout": 3,
        # Waits between attempts double: who keeps trying for long stays away for as long again as the database was.
        "reconnect_timeout": 2,
    }

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _database.pop("dbname", ""),
        "USER": _database.pop("user", ""),
        "PASSWORD": _database.pop("password", ""),
        "HOST": _database.pop("host", ""),
        "PORT": _database.pop("port", ""),
        "OPTIONS": _database | _connection_options,
        "CONN_MAX_AGE": 0 if ROLE == "web" else None,
        "CONN_HEALTH_CHECKS": ROLE == "command",  # drains look themselves, and ask less
    },
}

# --- Redis and Celery: the bell, never the work -------------------------------------------------------------

# REDIS_URL: any Redis or Valkey.
REDIS_URL = environ.get("REDIS_URL", "redis://127.0.0.1:1/0")

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 180,
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
    "socket_keepalive": True,
    "health_check_interval": 10,
}
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_STORE_EAGER_RESULT = False
CELERY_TASK_ACKS_LATE = False  # a bell is not work: a late ack turns a worker killer into a hot loop
# TASK_SOFT_TIME_LIMIT, TASK_TIME_LIMIT: seconds after which a drain that hangs is told to end, and then made to.
CELERY_TASK_SOFT_TIME_LIMIT = float(environ.get("TASK_SOFT_TIME_LIMIT", "25"))
CELERY_TASK_TIME_LIMIT = float(environ.get("TASK_TIME_LIMIT", "30"))
# WORKER_MEMORY: MiB that a worker's process may have; a handler that wants more fails. 0 for no limit.
WORKER_MEMORY = int(environ.get("WORKER_MEMORY", "1024"))
CELERY_WORKER_MAX_MEMORY_PER_CHILD = WORKER_MEMORY * 1024 // 2 or None  # KiB; who once had that much is replaced
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 12.0
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_DB_REUSE_MAX = 1_000_000  # Celery's Django fixup closes the connection around every task without it

# --- The cache: counters that may be lost -------------------------------------------------------------------

# It fails open: with Redis away nothing is found in it and nobody waits for it.
CACHES = {
    "default": {
        "BACKEND": "shop.cache.Cache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "shop:cache",
    },
}

# --- The bus ------------------------------------------------------------------------------------------------


def _per_queue(name: str, default: str = "") -> dict[str, int]:
    pairs = (pair.partition("=") for pair in environ.get(name, default).split(",") if pair)
    return {queue: int(number) for queue, _, number in pairs}


# BUS_LANES: "inventory=4,orders=2": how many drains may work on a queue at once. One unless named here.
BUS_LANES = _per_queue("BUS_LANES")

# BUS_SLOTS: how many calls one worker may have in flight for an outside queue. 32 unless named here.
BUS_SLOTS = _per_queue("BUS_SLOTS", "payments.out=500,notifications.out=16")

# BUS_ATTEMPTS: how often a delivery is tried before it is a dead letter.
BUS_ATTEMPTS = int(environ.get("BUS_ATTEMPTS", "8"))

# BUS_FIRST_WAIT: seconds before the second attempt; each further wait is four times as long, an hour at most.
BUS_FIRST_WAIT = float(environ.get("BUS_FIRST_WAIT", "1"))

# BUS_KEPT: how many weeks the log of events and the receipts are kept, two at least; 0 is for ever.
BUS_KEPT = int(environ.get("BUS_KEPT", "0"))

# BUS_SPACING: seconds between the beginnings of two drains of one queue in one process, at least.
BUS_SPACING = float(environ.get("BUS_SPACING", "0.02"))

# BUS_FAR_BEHIND: for how many seconds the oldest work has been due when those who ask for more are told of it.
BUS_FAR_BEHIND = float(environ.get("BUS_FAR_BEHIND", "60"))

# BUS_SWEEP_SECONDS: how often a worker looks for work without being rung.
BUS_SWEEP_SECONDS = float(environ.get("BUS_SWEEP_SECONDS", "2"))

# --- What is sold -------------------------------------------------------------------------------------------

# CURRENCIES: what prices may be in, as ISO 4217 codes; the first is meant where none is named.
CURRENCIES = environ.get("CURRENCIES", "EUR,USD,GBP").split(",")

# --- The domains --------------------------------------------------------------------------------------------

# An order that is neither confirmed nor cancelled by then is cancelled. A hold on stock is a net below it: it ends
# later, so that only the order decides about the order.
ORDER_DEADLINE = timedelta(minutes=30)
STOCK_HOLD = ORDER_DEADLINE + timedelta(minutes=60)

# While the customer has to act at the bank the order waits longer, and so does the hold on its stock. Customers are
# told a time that ends a little earlier.
ORDER_ACTION_DEADLINE = timedelta(minutes=60)
STOCK_ACTION_HOLD = ORDER_ACTION_DEADLINE + timedelta(minutes=60)
PAYMENT_ACTION_TIME = ORDER_ACTION_DEADLINE - timedelta(minutes=5)

# How long after an order has arrived its customer may announce a return; staff may take goods back at any time.
RETURN_TIME = timedelta(days=30)

# How long the token of a guest opens the order that it was handed out with.
GUEST_ACCESS = timedelta(days=90)

# GUEST_KEPT: for how many days after they ordered it is known who guests were. An order that is still open then keeps
# its address until it ends.
GUEST_KEPT = timedelta(days=int(environ.get("GUEST_KEPT", "180")))

# PAYMENT_GATEWAY: the gateway that takes the money, as a dotted path.
PAYMENT_GATEWAY = environ.get("PAYMENT_GATEWAY", "payments.gateways.sandbox.SandboxGateway")

# EMAIL_BACKEND: how mails leave, as a dotted path: by SMTP unless told otherwise, or by a provider's API, such as
# anymail.backends.postmark.EmailBackend. The embedded stack keeps mails in a mailbox that one can look into.
EMAIL_BACKEND = environ.get("EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
# ANYMAIL: what that provider wants to know, as JSON: {"POSTMARK_SERVER_TOKEN": "..."}. See anymail's documentation.
ANYMAIL = {"REQUESTS_TIMEOUT": (2, 8)} | json.loads(environ.get("ANYMAIL", "{}"))
# EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD: the SMTP server, and who we are there.
# EMAIL_USE_TLS=1: it speaks plainly until STARTTLS (port 587); EMAIL_USE_SSL=1: it speaks TLS at once (port 465).
EMAIL_HOST = environ.get("EMAIL_HOST", "localhost")
EMAIL_PORT = int(environ.get("EMAIL_PORT", "25"))
EMAIL_HOST_USER = environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = environ.get("EMAIL_USE_TLS") == "1"
EMAIL_USE_SSL = environ.get("EMAIL_USE_SSL") == "1"
EMAIL_TIMEOUT = 10
# DEFAULT_FROM_EMAIL: whom mails come from.
DEFAULT_FROM_EMAIL = environ.get("DEFAULT_FROM_EMAIL", "Shop <shop@example.com>")

# --- Limits -------------------------------------------------------------------------------------------------

# TRUSTED_PROXY_COUNT: how many proxies of ours stand before us, each adding to X-Forwarded-For.
TRUSTED_PROXY_COUNT = int(environ.get("TRUSTED_PROXY_COUNT", "0"))


def _limits(text: str) -> dict[str, tuple[int, int]]:
    pairs = (pair.partition("=") for pair in text.split(","))
    return {name: (int(limit.partition("/")[0]), int(limit.partition("/")[2])) for name, _, limit in pairs}


# RATE_LIMITS: how many requests in how many seconds: of one who is signed in (callers), from one address (strangers).
RATE_LIMITS = _limits(environ.get("RATE_LIMITS", "callers=1200/60,strangers=300/60"))

# --- Accounts: django-allauth, without pages of its own ------------------------------------------------------

AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "shop.users.hashers.Argon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",  # reads what was kept before; a login makes it anew
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Sessions stand in the database, beside their person: logging out and erasing end them everywhere at once.
SESSION_ENGINE = "shop.users.sessions"
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEVELOPMENT  # the embedded stack speaks plain HTTP, on loopback
CSRF_FAILURE_VIEW = "shop.api.problems.csrf_failed"
# CSRF_TRUSTED_ORIGINS: where browsers may send their cookies from, such as https://shop.example.com, comma-separated.
CSRF_TRUSTED_ORIGINS = [origin for origin in environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if origin]

# FRONTEND_URL: where the pages are that mails lead to; they speak to /_allauth/ and to /api/v1/.
FRONTEND_URL = environ.get("FRONTEND_URL", "http://localhost:8000").rstrip("/")
# SHOP_NAME: what mails and authenticator apps call the shop.
SHOP_NAME = environ.get("SHOP_NAME", "Shop")
HEADLESS_ONLY = True
HEADLESS_FRONTEND_URLS = {
    "account_signup": f"{FRONTEND_URL}/signup",
    "account_confirm_email": f"{FRONTEND_URL}/verify-email?key={{key}}",
    "account_reset_password": f"{FRONTEND_URL}/password-reset",
    "account_reset_password_from_key": f"{FRONTEND_URL}/password-reset?key={{key}}",
}
HEADLESS_TOKEN_STRATEGY = "shop.users.tokens.Tokens"  # noqa: S105 - a dotted path
HEADLESS_JWT_ALGORITHM = "HS256"
# JWT_KEY: signs access and refresh tokens, 32 bytes or more. The embedded stack makes one; SECRET_KEY stands in for it.
HEADLESS_JWT_PRIVATE_KEY = environ.get("JWT_KEY", "")
HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN = 300
HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN = SESSION_COOKIE_AGE
HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED = True  # a token ends with its session

ACCOUNT_ADAPTER = "shop.users.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "shop.users.forms.SignupForm"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60  # seconds; a mail may take a few minutes
ACCOUNT_CHANGE_EMAIL = True  # one address per account; another takes its place once it is verified
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # or a stolen token could move the account to the thief's address
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Beside allauth's own limits. Wrong passwords are counted per address of the client, and per account only from there:
# what a stranger does elsewhere locks nobody out. `login_failed` is left to second factors, which no stranger reaches.
ACCOUNT_RATE_LIMITS = {"wrong_password": "20/m/ip,5/5m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT

MFA_ADAPTER = "shop.users.second_factors.SecondFactors"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = SHOP_NAME
MFA_TOTP_TOLERANCE = 1  # steps of 30 seconds that a clock may be off
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEVELOPMENT

# --- OAuth 2 and OpenID Connect: what programs of others may do for people, if they let them -----------------

LOGIN_URL = "/login"
IDP_OIDC_ADAPTER = "shop.oauth.adapter.OidcAdapter"
# OIDC_PRIVATE_KEY: an RSA key (PEM) that signs id tokens. The embedded stack makes one; without one there are none.
IDP_OIDC_PRIVATE_KEY = environ.get("OIDC_PRIVATE_KEY", "")
IDP_OIDC_REFRESH_TOKEN_EXPIRES_IN = int(timedelta(days=30).total_seconds())

# --- The admin ----------------------------------------------------------------------------------------------

UNFOLD = {"SITE_TITLE": SHOP_NAME, "SITE_HEADER": SHOP_NAME, "SITE_SYMBOL": "storefront", "SHOW_VIEW_ON_SITE": False}
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"  # a message may hold a secret shown once

# --- REST ---------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "shop.users.authentication.SessionToken",
        "shop.users.authentication.ApiKeyToken",
        "shop.users.authentication.GuestToken",
        "shop.users.authentication.SignedToken",
        "shop.oauth.tokens.AccessToken",
        "shop.users.authentication.Cookie",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["shop.api.permissions.Scoped"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["shop.api.parsers.JsonParser"],
    "DEFAULT_PAGINATION_CLASS": "shop.api.pages.CursorPages",
    "DEFAULT_FILTER_BACKENDS": ["shop.api.filters.FilterBackend"],
    "DEFAULT_METADATA_CLASS": None,  # what can be done is told by the OpenAPI document, not by OPTIONS
    "DEFAULT_THROTTLE_CLASSES": ["shop.api.limits.Limit"],
    "NUM_PROXIES": TRUSTED_PROXY_COUNT,
    "DEFAULT_SCHEMA_CLASS": "shop.api.openapi.operations.Operation",
    "EXCEPTION_HANDLER": "shop.api.problems.answer",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Shop",
    "VERSION": "1.0.0",
    "DESCRIPTION": (
        "Orders over REST: answered at once, carried out by events. Amounts are whole numbers in minor units of a "
        "currency (ISO 4217), times are RFC 3339 in UTC, ids are UUIDs. Errors are `application/problem+json` with a "
        "stable `code`. Enumerations are open: accept values that you do not know."
    ),
    "OAS_VERSION": "3.1.0",
    "SERVERS": [{"url": "/"}],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_NO_READ_ONLY_REQUIRED": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# --- Browsers -----------------------------------------------------------------------------------------------

# CORS_ALLOWED_ORIGINS: which sites' scripts may call the API, such as https://shop.example.com, separated by commas.
CORS_ALLOWED_ORIGINS = [origin for origin in environ.get("CORS_ALLOWED_ORIGINS", "").split(",") if origin]
CORS_URLS_REGEX = r"^/(api|_allauth)/"
CORS_ALLOW_HEADERS = [
    *("accept", "authorization", "content-type", "idempotency-key", "if-match", "if-none-match", "prefer"),
    *("traceparent", "x-csrftoken", "x-email-verification-key", "x-password-reset-key", "x-session-token"),
]
CORS_EXPOSE_HEADERS = [
    *("ETag", "Idempotent-Replayed", "Link", "Location", "Preference-Applied", "RateLimit", "RateLimit-Policy"),
    *("Retry-After", "Shop-Backlog-Seconds", "WWW-Authenticate", "X-Request-Id"),
]

# An answer in JSON needs nothing; the few pages say what they need.
CONTENT_SECURITY_POLICY = {"DIRECTIVES": {"default-src": [NONE], "base-uri": [NONE], "frame-ancestors": [NONE]}}

# HSTS_SECONDS: how long browsers shall insist on HTTPS; 0 where there is none. BEHIND_TLS_PROXY=1: a proxy speaks TLS
# for us, and overwrites X-Forwarded-Proto.
SECURE_HSTS_SECONDS = int(environ.get("HSTS_SECONDS", "31536000"))
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if environ.get("BEHIND_TLS_PROXY") == "1" else None

# IDEMPOTENCY_KEPT: how long an answer can be had again by its key.
IDEMPOTENCY_KEPT = timedelta(hours=48)
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

# --- Operations ---------------------------------------------------------------------------------------------

# METRICS_TOKEN: who scrapes /metrics sends it as `Authorization: Bearer`. Without one there are no metrics, but for the
# embedded stack, which only its own machine can reach.
METRICS_TOKEN = environ.get("METRICS_TOKEN", "")

# PROGRESS_FILE: what a worker touches whenever a drain has ended, even an empty one: whoever supervises it looks at the
# file's age.
PROGRESS_FILE = environ.get("PROGRESS_FILE", "")

# OTEL_EXPORTER_OTLP_ENDPOINT: where traces go, by OTLP over HTTP; none without it. Wants the extra `telemetry`, which
# reads the other OTEL_ names as well, such as OTEL_TRACES_SAMPLER.
OTEL_EXPORTER_OTLP_ENDPOINT = environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "")

# SENTRY_DSN: where errors are told; nowhere without it. Wants the extra `sentry`.
SENTRY_DSN = environ.get("SENTRY_DSN", "")
# SHOP_ENVIRONMENT: what errors call this shop, such as production.
SHOP_ENVIRONMENT = environ.get("SHOP_ENVIRONMENT", "production")

# --- Logs: one line each, see shop/logs.py -------------------------------------------------------------------------

# LOG_LEVEL: from which level on. LOG_FORMAT: json, text or color; JSON unless the stream is a terminal.
LOGGING = logs.configuration(
    style=environ.get("LOG_FORMAT", ""),
    level=environ.get("LOG_LEVEL", "INFO"),
    stream="stderr" if ROLE == "command" else "stdout",  # what a command prints is its answer
)
