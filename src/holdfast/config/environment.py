"""Every environment variable Holdfast reads: type, default, meaning. Nothing else is read from outside.

``.env.example`` is made from this model (``env_example``), and a test keeps it so.
"""

from __future__ import annotations

import ipaddress
import os
import textwrap
import zoneinfo
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import AliasChoices, ValidationError, ValidationInfo, field_validator
from pydantic_settings import SettingsConfigDict

from holdfast.config.environment_messages import MessageVariables
from holdfast.config.environment_messages import variable as _var
from holdfast.config.environment_payments import PaymentVariables
from holdfast.core.encryption import parse_keys
from holdfast.core.errors import SettingsRefused
from holdfast.core.secret_files import kept_secret, random_key, random_text


class Environment(StrEnum):
    DEVELOPMENT = "development"
    DEMO = "demo"
    PRODUCTION = "production"
    TEST = "test"


_Networks = tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]

SECRETS = {
    "secret_key": random_text,
    "encryption_key": random_key,
    "booking_reference_secret": random_text,
    "waitlist_priority_salt": random_text,
}
MINIMUM_SECRET_LENGTH = 32
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class Variables(MessageVariables, PaymentVariables):
    """The environment as typed values. Field names in capitals are the variables' names."""

    model_config = SettingsConfigDict(
        env_file=None, env_ignore_empty=True, extra="ignore", case_sensitive=False, populate_by_name=True
    )

    holdfast_environment: Environment = _var(
        Environment.DEVELOPMENT,
        "development, demo, production or test. Production refuses weak or missing secrets.",
    )
    holdfast_home: Path = _var(Path("var"), "Data directory: database, secrets, mail, logs, static files.")
    debug: bool = _var(False, "Show technical error pages. Never in production.", "HOLDFAST_DEBUG")

    secret_key: str = _var(
        "", "Signs sessions and links. At least 32 characters.", "SECRET_KEY", "JWT_SECRET", "NEXTAUTH_SECRET"
    )
    encryption_key: str = _var(
        "",
        "Encrypts personal data: 32 random bytes in base64; several keys, separated by commas: the first one is used"
        " for new values, all of them can read.",
    )
    booking_reference_secret: str = _var("", "Makes booking references unguessable. At least 32 characters.")
    waitlist_priority_salt: str = _var("", "Breaks ties on the waitlist fairly. At least 32 characters.")

    database_url: str = _var(
        "", "postgresql://user:password@host:5432/name. Unset: SQLite in HOLDFAST_HOME/holdfast.sqlite3."
    )
    redis_url: str = _var("", "redis://host:6379/0 for the shared cache. Unset: the database is the cache.")

    base_url: str = _var(
        "", "How people reach this installation, for links in mail. Unset: http://localhost:PORT."
    )
    allowed_hosts: str = _var(
        "", "Host names that are answered, separated by commas. Unset: the one of BASE_URL."
    )
    port: int = _var(8000, "Port of the web server.", ge=1, le=65535)
    host: str = _var("127.0.0.1", "Address the web server listens on.", "HOLDFAST_HOST")
    web_workers: int = _var(2, "Web server processes.", ge=1, le=256)
    web_threads: int = _var(4, "Threads in each web server process.", ge=1, le=256)
    trusted_proxy_count: int = _var(
        0,
        "How many reverse proxies stand before Holdfast; their X-Forwarded-For entries are believed.",
        ge=0,
        le=10,
    )

    cors_allowed_origins: str = _var(
        "",
        "Sites whose pages may call the API from a browser, such as https://www.example.com, separated by commas. Unset: none.",
    )
    admin_allowed_networks: str = _var(
        "",
        "Networks the operator's admin answers to, such as 10.0.0.0/8, separated by commas. Unset: all.",
    )
    webhook_allowed_networks: str = _var(
        "",
        "Private networks that webhooks may go to all the same, such as 10.0.0.0/8, separated by commas. Unset: none.",
    )
    log_level: str = _var("INFO", "DEBUG, INFO, WARNING, ERROR or CRITICAL.")
    metrics_token: str = _var("", "Bearer token for /metrics. Unset: only direct requests from this machine.")

    default_time_zone: str = _var(
        "UTC", "IANA time zone proposed for new businesses.", "DEFAULT_TIME_ZONE", "TIME_ZONE"
    )
    default_language: str = _var("en", "Language when a visitor's browser asks for none of ours.")

    who_may_set_up: str = _var(
        "operator",
        "Who may make a business: operator, or anyone who is signed in and works for no business yet.",
    )

    second_factor: str = _var(
        "",
        "required: operators, and managers and admins of any business, must sign in with a second step. optional: they"
        " may. Unset: required in production, else optional.",
    )

    google_client_id: str = _var(
        "", "Lets people sign in with Google: the OAuth client's id. Unset: no such button."
    )
    google_client_secret: str = _var("", "The OAuth client's secret.")
    google_issuer: str = _var(
        "https://accounts.google.com",
        "Where the sign-in is, as OpenID Connect names it; another provider's issuer works as well.",
    )

    booking_max_tables: int = _var(
        2, "The most tables that may be put together for one party; a business may choose fewer.", ge=1, le=8
    )

    retention_messages_days: int = _var(
        365, "Days after which messages are deleted; 0 keeps them.", ge=0, le=36500
    )
    retention_people_days: int = _var(
        0, "Days without a booking after which a customer is forgotten; 0 keeps them.", ge=0, le=36500
    )
    retention_audit_days: int = _var(
        0, "Days after which the audit trail is cut off at its beginning; 0 keeps it.", ge=0, le=36500
    )

    rate_limit_window_seconds: int = _var(
        900, "Length of the window in which writes are counted.", ge=1, le=86400
    )
    rate_limit_window_ms: int = _var(
        0,
        "The same in milliseconds; counts only where RATE_LIMIT_WINDOW_SECONDS is unset.",
        ge=0,
        le=86_400_000,
    )
    rate_limit_max_requests: int = _var(
        100, "Writes one client may make in that window; 0 switches the general limit off.", ge=0
    )

    @field_validator("holdfast_environment", mode="before")
    @classmethod
    def _environment(cls, value: Any) -> Any:
        return str(value).lower()

    @field_validator("debug")
    @classmethod
    def _no_debug_in_production(cls, value: bool, info: ValidationInfo) -> bool:
        if value and info.data.get("holdfast_environment") is Environment.PRODUCTION:
            raise ValueError("must not be set when HOLDFAST_ENVIRONMENT=production")
        return value

    @field_validator("secret_key", "booking_reference_secret", "waitlist_priority_salt")
    @classmethod
    def _long_enough(cls, value: str) -> str:
        if value and len(value) < MINIMUM_SECRET_LENGTH:
            raise ValueError(f"must have at least {MINIMUM_SECRET_LENGTH} characters")
        return value

    @field_validator("encryption_key")
    @classmethod
    def _keys(cls, value: str) -> str:
        if value:
            parse_keys(value)
        return value

    @field_validator("admin_allowed_networks", "webhook_allowed_networks")
    @classmethod
    def _networks(cls, value: str) -> str:
        for part in _listed(value):
            ipaddress.ip_network(part)  # says itself what is wrong with it
        return value

    @field_validator("cors_allowed_origins")
    @classmethod
    def _origins(cls, value: str) -> str:
        for part in _listed(value):
            scheme, _, host = part.partition("://")
            if scheme not in ("http", "https") or not host or set(host) & set("/*?#@ "):
                raise ValueError(f"{part} must be like https://www.example.com, without a path")
        return value

    @field_validator("log_level")
    @classmethod
    def _level(cls, value: str) -> str:
        if value.upper() not in LOG_LEVELS:
            raise ValueError(f"must be one of {', '.join(LOG_LEVELS)}")
        return value.upper()

    @field_validator("who_may_set_up")
    @classmethod
    def _who(cls, value: str) -> str:
        if value.lower() not in ("operator", "anyone"):
            raise ValueError("must be operator or anyone")
        return value.lower()

    @field_validator("second_factor")
    @classmethod
    def _second_factor(cls, value: str) -> str:
        if value.lower() not in ("", "required", "optional"):
            raise ValueError("must be required or optional")
        return value.lower()

    @field_validator("google_issuer")
    @classmethod
    def _issuer(cls, value: str) -> str:
        parts = urlsplit(value)
        # What comes from there is believed for coming over TLS.
        if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1"):
            raise ValueError("must begin with https://")
        return value.rstrip("/")

    @field_validator("default_time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        if value not in zoneinfo.available_timezones():
            raise ValueError("must be an IANA time zone such as Europe/Berlin")
        return value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        scheme = value.split(":", 1)[0].lower()
        if value and scheme not in ("postgres", "postgresql", "sqlite"):
            raise ValueError("must begin with postgresql:// or sqlite:///")
        return value

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, value: str) -> str:
        if value and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must begin with redis:// or rediss://")
        return value

    @field_validator("base_url", "stripe_api_base")
    @classmethod
    def _url(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/")):
            raise ValueError("must be like https://book.example.com, without a path")
        return value.rstrip("/")

    @property
    def in_production(self) -> bool:
        return self.holdfast_environment is Environment.PRODUCTION

    @property
    def second_factor_policy(self) -> str:
        return self.second_factor or ("required" if self.in_production else "optional")

    @property
    def text_provider(self) -> str:
        """Which texts go out by: ``twilio``, ``console`` (printed, nowhere in production by itself), or empty for none."""
        if self.sms_provider:
            return self.sms_provider
        return "twilio" if self.twilio_account_sid else "" if self.in_production else "console"

    @property
    def plays_at_paying(self) -> bool:
        return self.demo_payments or not self.in_production

    @property
    def home(self) -> Path:
        return self.holdfast_home.expanduser().resolve()

    @property
    def url(self) -> str:
        return self.base_url or f"http://localhost:{self.port}"

    @property
    def rate_window_seconds(self) -> int:
        if "rate_limit_window_seconds" in self.model_fields_set or not self.rate_limit_window_ms:
            return self.rate_limit_window_seconds
        return max(1, self.rate_limit_window_ms // 1000)

    @property
    def admin_networks(self) -> _Networks:
        return tuple(map(ipaddress.ip_network, _listed(self.admin_allowed_networks)))

    @property
    def webhook_networks(self) -> _Networks:
        return tuple(map(ipaddress.ip_network, _listed(self.webhook_allowed_networks)))

    @property
    def origins(self) -> frozenset[str]:
        return frozenset(origin.lower() for origin in _listed(self.cors_allowed_origins))

    @property
    def hosts(self) -> list[str]:
        named = _listed(self.allowed_hosts)
        own = urlsplit(self.url).hostname or "localhost"
        local = [] if self.in_production else ["localhost", "127.0.0.1", "[::1]", "testserver"]
        return list(dict.fromkeys([*(named or [own]), *local]))


def _listed(value: str) -> list[str]:
    return [part for part in map(str.strip, value.split(",")) if part]


def read() -> Variables:
    """The environment, checked and complete: ``SettingsRefused`` names everything that is wrong with it.

    Outside production missing secrets are made and kept in ``HOLDFAST_HOME/secrets``.
    """
    problems = _missing_in_production()
    try:
        variables = Variables()
    except ValidationError as error:
        raise SettingsRefused(
            _readable([*problems, *(_sentence(dict(detail)) for detail in error.errors())])
        ) from None
    if problems:
        raise SettingsRefused(_readable(problems))
    missing = [] if variables.in_production else [name for name in SECRETS if not getattr(variables, name)]
    return variables.model_copy(
        update={name: kept_secret(variables.home, name, SECRETS[name]) for name in missing}
    )


def _missing_in_production() -> list[str]:
    """What production needs and nobody gave; read apart, so that it is reported beside the values that are wrong."""
    if os.environ.get("HOLDFAST_ENVIRONMENT", "").lower() != Environment.PRODUCTION:
        return []
    return [
        f"{name.upper()}: is required when HOLDFAST_ENVIRONMENT=production"
        for name in (*SECRETS, "base_url", "database_url")
        if not any(os.environ.get(variable) for variable in names_of(name))
    ]


def names_of(field_name: str) -> list[str]:
    """The names under which a variable may be given, the usual one first."""
    alias = Variables.model_fields[field_name].validation_alias
    return [str(name) for name in alias.choices] if isinstance(alias, AliasChoices) else [field_name.upper()]


def _sentence(detail: dict[str, Any]) -> str:
    name = str(detail["loc"][0]).upper() if detail["loc"] else "environment"
    return f"{name}: {detail['msg'].removeprefix('Value error, ')}"


def _readable(problems: list[str]) -> str:
    lines = "\n".join(f"  {problem}" for problem in sorted(set(problems)))
    return f"Holdfast cannot start with this environment:\n{lines}"


def env_example() -> str:
    """The text of ``.env.example``: every variable with its meaning, its default and its other names."""
    parts = ["# Every variable Holdfast reads. All are optional outside production.\n"]
    # The installation first, what it sends its messages by after it.
    for field_name in Variables.__annotations__ | Variables.model_fields:
        if field_name not in Variables.model_fields:
            continue
        field = Variables.model_fields[field_name]
        names = names_of(field_name)
        default = field.default.value if isinstance(field.default, StrEnum) else field.default
        shown = str(default).lower() if isinstance(default, bool) else default
        also = f"\n# Also read as {', '.join(names[1:])}." if names[1:] else ""
        about = "\n".join(f"# {line}" for line in textwrap.wrap(field.description or "", 100))
        parts.append(f"{about}{also}\n#{names[0]}={shown}\n")
    return "\n".join(parts)
