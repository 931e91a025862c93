"""Django's settings, made from the environment alone (``environment.py`` says which variables there are)."""

from __future__ import annotations

import os
import zoneinfo
from pathlib import Path
from typing import Any

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from holdfast.config.databases import database
from holdfast.config.environment import Environment, read
from holdfast.core.log_setup import logging_config

# The tzdata package, not the system's files: every installation computes with the same rules.
zoneinfo.reset_tzpath(to=())

_variables = read()
_testing = _variables.holdfast_environment is Environment.TEST
_over_tls = _variables.url.startswith("https://")

HOLDFAST_HOME: Path = _variables.home
HOLDFAST_ENVIRONMENT = _variables.holdfast_environment.value
BASE_URL = _variables.url
PORT = _variables.port
HOST = _variables.host
WEB_WORKERS = _variables.web_workers
WEB_THREADS = _variables.web_threads
HOLDFAST_HOME.mkdir(parents=True, exist_ok=True)

SECRET_KEY = _variables.secret_key
ENCRYPTION_KEY = _variables.encryption_key
BOOKING_REFERENCE_SECRET = _variables.booking_reference_secret
WAITLIST_PRIORITY_SALT = _variables.waitlist_priority_salt
DEBUG = _variables.debug
ALLOWED_HOSTS = _variables.hosts
TRUSTED_PROXY_COUNT = _variables.trusted_proxy_count
# Steps towards a booking are counted in memory and written this often; tests write them by hand.
FUNNEL_FLUSH_SECONDS = 0 if _testing else 10
ADMIN_ALLOWED_NETWORKS = _variables.admin_networks
WEBHOOK_ALLOWED_NETWORKS = _variables.webhook_networks
CORS_ALLOWED_ORIGINS = _variables.origins
METRICS_TOKEN = _variables.metrics_token
RATE_LIMIT_WINDOW_SECONDS = _variables.rate_window_seconds
RATE_LIMIT_MAX_REQUESTS = _variables.rate_limit_max_requests
BOOKING_MAX_TABLES = _variables.booking_max_tables
STRIPE_SECRET_KEY = _variables.stripe_secret_key
STRIPE_WEBHOOK_SECRETS = _variables.stripe_secrets
STRIPE_API_BASE = _variables.stripe_api_base
DEMO_PAYMENTS = _variables.plays_at_paying
# Days, 0 for ever (SPEC K3).
RETENTION_DAYS = {
    "messages": _variables.retention_messages_days,
    "people": _variables.retention_people_days,
    "audit": _variables.retention_audit_days,
}

INSTALLED_APPS = [
    "holdfast.web",  # before the packages whose pages it draws its own way: the first template of a name wins
    "holdfast.web.admin.apps.OperatorAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "template_partials",
    "heroicons",
    "holdfast.core",
    "holdfast.accounts",
    "holdfast.businesses",
    "holdfast.catalog",
    "holdfast.customers",
    "holdfast.payments",
    "holdfast.schedule",
    "holdfast.bookings",
    "holdfast.availability",
    "holdfast.waitlist",
    "holdfast.calendars",
    "holdfast.notifications",
    "holdfast.webhooks",
    "holdfast.insights",
    "holdfast.blueprints",
    "holdfast.privacy",
    "holdfast.operations",
    "holdfast.api",
    "holdfast.ops",
    "holdfast.config",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "holdfast.config.urls"
WSGI_APPLICATION = "holdfast.config.wsgi.application"

# Sessions, sign-in and flash messages step aside for public and token routes without a session cookie.
MIDDLEWARE = [
    "holdfast.core.middleware.Frame",
    "holdfast.web.account.evenly.Evenly",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "holdfast.core.middleware.ContentSecurity",
    "holdfast.core.cors.OtherSites",
    "holdfast.core.middleware.Sessions",
    "holdfast.core.middleware.Languages",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "holdfast.core.middleware.SignedIn",
    "holdfast.core.middleware.FlashMessages",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "holdfast.web.account.enrolment.Enrolment",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "csp.context_processors.nonce",
            ],
        },
    }
]

DATABASES = {"default": database(_variables.database_url, HOLDFAST_HOME)}
REDIS_URL = _variables.redis_url
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "holdfast",
    }
    if REDIS_URL
    else {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
    }
}

USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_TIME_ZONE = _variables.default_time_zone
WHO_MAY_SET_UP = _variables.who_may_set_up
USE_I18N = True
LANGUAGE_CODE = _variables.default_language
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [Path(__file__).resolve().parent.parent / "locale"]

STATIC_URL = "/static/"
STATIC_ROOT = HOLDFAST_HOME / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if _testing
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_MAX_AGE = 60
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = _testing
MEDIA_ROOT = HOLDFAST_HOME / "media"

AUTH_USER_MODEL = "accounts.Account"
AUTHENTICATION_BACKENDS = ["holdfast.accounts.backends.SignInBackend"]
PASSWORD_HASHERS = [
    # Tests sign in hundreds of times; the real hasher is tested by name.
    *(["django.contrib.auth.hashers.MD5PasswordHasher"] if _testing else []),
    "holdfast.accounts.passwords.Argon2id",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "holdfast.accounts.passwords.MaximumLengthValidator", "OPTIONS": {"max_length": 128}},
    {"NAME": "holdfast.accounts.passwords.CommonValidator"},
    {"NAME": "holdfast.accounts.passwords.OwnWordsValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/desk/"

ACCOUNT_ADAPTER = "holdfast.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_FORMS = {
    "login": "holdfast.web.account.forms.SignIn",
    "signup": "holdfast.web.account.forms.SignUp",
    "change_password": "holdfast.web.account.forms.ChangePassword",
    "set_password": "holdfast.web.account.forms.SetPassword",
    "reset_password_from_key": "holdfast.web.account.forms.ResetPassword",
    "reauthenticate": "holdfast.web.account.forms.Prove",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if _variables.in_production else "optional"
ACCOUNT_PREVENT_ENUMERATION = True
# What a known and an unknown address take at sign-up and reset ends at the same moment. Tests do not wait for it.
ACCOUNT_ANSWER_STEP_SECONDS = 0 if _testing else 0.5
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if _over_tls else "http"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
SOCIALACCOUNT_ADAPTER = "holdfast.accounts.adapter.ConnectedAccountAdapter"
SOCIALACCOUNT_EMAIL_VERIFICATION = "mandatory"
SOCIALACCOUNT_PROVIDERS: dict[str, dict[str, Any]] = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "google",
                "name": "Google",
                "client_id": _variables.google_client_id,
                "secret": _variables.google_client_secret,
                "settings": {"server_url": _variables.google_issuer, "fetch_userinfo": False},
            }
        ]
        if _variables.google_client_id
        else [],
    }
}
SECOND_FACTOR = _variables.second_factor_policy
MFA_ADAPTER = "holdfast.accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# So that an address can be changed beside a second step. In production nobody is in before the address is proven.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Holdfast"
MFA_FORMS = {
    "authenticate": "holdfast.web.account.forms.Code",
    "reauthenticate": "holdfast.web.account.forms.ProveByCode",
    "activate_totp": "holdfast.web.account.forms.FirstCode",
    "add_webauthn": "holdfast.web.account.forms.AddPasskey",
    "edit_webauthn": "holdfast.web.account.forms.RenamePasskey",
}

SESSION_ENGINE = "django.contrib.sessions.backends.db"
# A browser takes a cookie with this prefix over TLS alone, from this very host, for every path.
_cookie_prefix = "__Host-" if _over_tls else ""
SESSION_COOKIE_NAME = f"{_cookie_prefix}holdfast_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = _over_tls
CSRF_COOKIE_NAME = f"{_cookie_prefix}holdfast_csrf"
CSRF_COOKIE_HTTPONLY = True  # forms and hx-headers carry the token
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = _over_tls
CSRF_TRUSTED_ORIGINS = [BASE_URL]
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if _over_tls and _variables.in_production else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
SECURE_SSL_REDIRECT = bool(_over_tls and TRUSTED_PROXY_COUNT)
SECURE_REDIRECT_EXEMPT = [r"^health", r"^api/health", r"^api/v2/health", r"^metrics"]

SILENCED_SYSTEM_CHECKS = [
    "security.W002",  # core.middleware.Frame sends X-Frame-Options
    "security.W005",  # the host's other subdomains are their owner's matter, not Holdfast's,
    "security.W021",  # and so is the browsers' preload list
]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        # Browsers hold a form's redirects to it as well.
        "form-action": [
            SELF,
            *([_variables.google_issuer] if _variables.google_client_id else []),
            *(["https://checkout.stripe.com"] if STRIPE_SECRET_KEY else []),
            *([STRIPE_API_BASE] if STRIPE_API_BASE else []),
        ],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

MAIL_DIRECTORY = HOLDFAST_HOME / "mail"
MAIL_PROVIDER = _variables.mail_provider
EMAIL_BACKEND = {
    "smtp": "django.core.mail.backends.smtp.EmailBackend",
    "": "holdfast.core.mail_files.EmailBackend",
}.get(MAIL_PROVIDER, f"anymail.backends.{MAIL_PROVIDER}.EmailBackend")
ANYMAIL = _variables.anymail
SENDGRID_WEBHOOK_VERIFICATION_KEY = _variables.sendgrid_webhook_verification_key
EMAIL_WEBHOOK_SECRET = _variables.email_webhook_secret
EMAIL_HOST = _variables.smtp_host
EMAIL_PORT = _variables.smtp_port
EMAIL_HOST_USER = _variables.smtp_user
EMAIL_HOST_PASSWORD = _variables.smtp_password
EMAIL_USE_TLS = bool(_variables.smtp_host) and _variables.smtp_tls == "starttls"
EMAIL_USE_SSL = bool(_variables.smtp_host) and _variables.smtp_tls == "tls"
EMAIL_TIMEOUT = 10
MAIL_FROM_EMAIL = _variables.mail_from_email
MAIL_FROM_NAME = _variables.mail_from_name
DEFAULT_FROM_EMAIL = f"{MAIL_FROM_NAME} <{MAIL_FROM_EMAIL}>"
SERVER_EMAIL = MAIL_FROM_EMAIL

SMS_PROVIDER = _variables.text_provider
TWILIO_ACCOUNT_SID = _variables.twilio_account_sid
TWILIO_AUTH_TOKEN = _variables.twilio_auth_token
TWILIO_FROM = _variables.twilio_from
TWILIO_API_URL = _variables.twilio_api_url.rstrip("/")

DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
FILE_UPLOAD_HANDLERS = ["holdfast.core.uploads.BoundedFiles"]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

LOG_LEVEL = _variables.log_level
LOGGING = logging_config(LOG_LEVEL, None if _testing else HOLDFAST_HOME / "logs" / "holdfast.log")

# Counters of several web processes meet in these files; `serve` names and empties the folder for its children.
METRICS_DIRECTORY = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
