"""Every setting of the portal, read from the environment once, at start.

A missing or wrong value stops the start with one list of everything that is wrong, so that an operator mends
all of it in one go. Nothing else in the project reads the environment.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from environs import Env, EnvValidationError, ValidationError, validate

ROOT = Path(__file__).parent
INSTANCE = ROOT / "instance"

MEGABYTE = 1024 * 1024
SECRET_LENGTH = 32

#: What an absolute path begins with behind "scheme://".
_ROOTS = {"sqlite": "//", "file": "/"}

#: The Länder, as ISO 3166-2:DE abbreviates them; their public holidays differ.
REGIONS = ("BB", "BE", "BW", "BY", "HB", "HE", "HH", "MV", "NI", "NW", "RP", "SH", "SL", "SN", "ST", "TH")


#: What the reader of the environment says in English.
_IN_GERMAN = {
    "Not a valid integer.": "braucht eine ganze Zahl.",
    "Not a valid boolean.": "braucht true oder false.",
}


class ConfigurationError(Exception):
    """The environment holds values the portal cannot run with; `faults` has one sentence for each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def from_environment() -> dict[str, Any]:
    """Return the Flask configuration. Raises `ConfigurationError` with every fault found."""
    env = Env(eager=False)
    mail_domain = env.str("MAIL_DOMAIN", "localhost")
    port = env.int("PORT", 5000, validate=_between(1, 65535))
    settings: dict[str, Any] = {
        "SECRET_KEY": env.str("SECRET_KEY", validate=_is_long_enough),
        "PORT": port,
        "BASE_URL": env.str("BASE_URL", f"http://localhost:{port}", validate=_is_web_address),
        "DATABASE_URL": env.str(
            "DATABASE_URL", f"sqlite:///{INSTANCE / 'netz.db'}", validate=_has_scheme("sqlite", "postgresql")
        ),
        "QUEUE_URL": env.str(
            "QUEUE_URL", f"sqlite:///{INSTANCE / 'queue.db'}", validate=_has_scheme("sqlite", "redis", "postgresql")
        ),
        "STORAGE_URL": env.str("STORAGE_URL", f"file://{ROOT / 'uploads'}", validate=_has_scheme("file")),
        "MAIL_SERVER": env.str("MAIL_SERVER", "localhost"),
        "MAIL_PORT": env.int("MAIL_PORT", 25, validate=_between(1, 65535)),
        "MAIL_USERNAME": env.str("MAIL_USERNAME", "") or None,
        "MAIL_PASSWORD": env.str("MAIL_PASSWORD", "") or None,
        "MAIL_USE_TLS": env.bool("MAIL_USE_TLS", False),
        "MAIL_USE_SSL": env.bool("MAIL_USE_SSL", False),
        "MAIL_DOMAIN": mail_domain,
        "MAIL_ADDRESS_PATTERN": env.str(
            "MAIL_ADDRESS_PATTERN", f"{{local}}@{mail_domain}", validate=_is_address_pattern
        ),
        "MAIL_UNDO_SECONDS": env.int("MAIL_UNDO_SECONDS", 300, validate=_between(0, 86400)),
        "MAIL_ATTACH_LIMIT_MB": env.int("MAIL_ATTACH_LIMIT_MB", 7, validate=_between(0, 100)),
        "MAIL_CONNECTIONS": env.int("MAIL_CONNECTIONS", 4, validate=_between(1, 64)),
        "MAIL_SENDER": env.str("MAIL_SENDER", "", validate=_is_address),
        "INBOUND_LMTP": env.str("INBOUND_LMTP", "", validate=_is_loopback),
        "INBOUND_IMAP_URL": env.str("INBOUND_IMAP_URL", "", validate=_is_mailbox),
        "INBOUND_HELD_LIMIT_MB": env.int("INBOUND_HELD_LIMIT_MB", 500, validate=_between(1, 100_000)),
        "INBOUND_PIPE": env.bool("INBOUND_PIPE", False),
        "TRUSTED_AUTHSERV_ID": env.str("TRUSTED_AUTHSERV_ID", ""),
        "MAIL_GIVE_UP_DAYS": env.int("MAIL_GIVE_UP_DAYS", 5, validate=_between(1, 30)),
        "UPLOAD_LIMIT_MB": env.int("UPLOAD_LIMIT_MB", 25, validate=_between(1, 2000)),
        "CITY_NAME": env.str("CITY_NAME", "Stadt Musterstadt"),
        "OFFICE_NAME": env.str("OFFICE_NAME", "Netzkoordination"),
        "SESSION_DAYS": env.int("SESSION_DAYS", 30, validate=_between(1, 365)),
        "HOLIDAY_REGION": env.str("HOLIDAY_REGION", "NW", validate=_is_region),
        "DEMO": env.bool("NETZ_DEMO", False),
    }
    settings["MISSPELT"] = _misspelt([*settings, "NETZ_DEMO"])
    faults = _faults(env)
    if settings["DEMO"] and urlsplit(settings["BASE_URL"]).hostname not in ("localhost", "127.0.0.1", "::1"):
        faults.append("NETZ_DEMO: zeigt jedem alle Mails und ist nur für die Vorführung; nehmen Sie die Zeile heraus.")
    if settings["MAIL_USE_TLS"] and settings["MAIL_USE_SSL"]:
        faults.append("MAIL_USE_TLS und MAIL_USE_SSL schließen einander aus: setzen Sie nur eines davon.")
    if faults:
        raise ConfigurationError(faults)
    return settings | _derived(settings)


def to_tell_of() -> dict[str, Any]:
    """Return settings with which the commands can be named and no more: the real ones if they are right."""
    environment = dict(os.environ)
    try:
        return from_environment()
    except ConfigurationError:
        os.environ.clear()
        os.environ["SECRET_KEY"] = "-" * SECRET_LENGTH
        return from_environment()
    finally:
        os.environ.clear()
        os.environ.update(environment)


def speak(language: str) -> None:
    """Let gettext choose this language for what libraries say by themselves."""
    os.environ["LANGUAGE"] = language


def _derived(settings: dict[str, Any]) -> dict[str, Any]:
    """The names that Flask and its extensions expect, computed from our own settings."""
    served_by_tls = settings["BASE_URL"].startswith("https://")
    return {
        "SQLALCHEMY_DATABASE_URI": settings["DATABASE_URL"],
        # An error of the database is logged without the addresses and texts it was about.
        "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True, "pool_use_lifo": True},
        "BASE_URL": settings["BASE_URL"].rstrip("/"),
        "MAIL_ATTACH_LIMIT": settings["MAIL_ATTACH_LIMIT_MB"] * MEGABYTE,  # octets
        "UPLOAD_LIMIT": settings["UPLOAD_LIMIT_MB"] * MEGABYTE,  # octets
        # A mail with one file of the largest size: base64 makes it longer by a third and its line ends.
        "INBOUND_LIMIT": settings["UPLOAD_LIMIT_MB"] * MEGABYTE * 11 // 8 + MEGABYTE,  # octets
        "INBOUND_HELD_LIMIT": settings["INBOUND_HELD_LIMIT_MB"] * MEGABYTE,  # octets
        # Whether answers by mail reach the portal; else no mail invites people to write one.
        "MAIL_IS_READ": any(settings[door] for door in ("INBOUND_LMTP", "INBOUND_IMAP_URL", "INBOUND_PIPE")),
        "PERMANENT_SESSION_LIFETIME": timedelta(days=settings["SESSION_DAYS"]),
        "SESSION_COOKIE_NAME": "netz",
        "SESSION_COOKIE_SECURE": served_by_tls,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_REFRESH_EACH_REQUEST": False,
        "PREFERRED_URL_SCHEME": urlsplit(settings["BASE_URL"]).scheme,
        # Ten files of the largest size, and room for the text fields beside them.
        "MAX_CONTENT_LENGTH": 10 * settings["UPLOAD_LIMIT_MB"] * MEGABYTE + MEGABYTE,
        "MAX_FORM_MEMORY_SIZE": MEGABYTE,
        "MAX_FORM_PARTS": 2000,
        "WTF_CSRF_TIME_LIMIT": None,
        # The token is the proof. Office proxies and privacy programs drop the Referer that this would ask for.
        "WTF_CSRF_SSL_STRICT": False,
        "BABEL_DEFAULT_LOCALE": "de",
        "BABEL_DEFAULT_TIMEZONE": "Europe/Berlin",
        "BABEL_TRANSLATION_DIRECTORIES": "translations",
        "RATELIMIT_HEADERS_ENABLED": False,
        "RATELIMIT_STORAGE_URI": "memory://",
        "RATELIMIT_STRATEGY": "moving-window",
    }


def _misspelt(known: list[str]) -> dict[str, str]:
    """Return what in the environment looks like a setting of ours and is none, each with the one it resembles or ""."""
    unknown = sorted(name for name in os.environ if "_" in name and name not in known)
    alike = {name: "".join(get_close_matches(name, known, 1, cutoff=0.85)) for name in unknown}
    return {name: meant for name, meant in alike.items() if meant or name.startswith(("MAIL_", "INBOUND_"))}


def _faults(env: Env) -> list[str]:
    try:
        env.seal()
    except EnvValidationError as error:
        by_name: dict[str, list[str]] = dict(error.error_messages)  # type: ignore[arg-type]  # seal() tells them by name
        return [f"{name}: {_in_german(name, messages)}" for name, messages in sorted(by_name.items())]
    return []


def _in_german(name: str, messages: list[str]) -> str:
    if name == "SECRET_KEY":
        return f"braucht mindestens {SECRET_LENGTH} zufällige Zeichen; einen Schlüssel gibt: openssl rand -hex 32"
    return " ".join(_IN_GERMAN.get(message, message) for message in messages)


def _is_long_enough(secret: str) -> None:
    if len(secret) < SECRET_LENGTH:
        raise ValidationError("ist zu kurz.")


def _is_web_address(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValidationError("braucht eine Adresse wie https://netz.stadt.example.")


def _is_address_pattern(pattern: str) -> None:
    if pattern.count("{local}") != 1 or pattern.count("@") != 1:
        raise ValidationError("braucht eine Form wie {local}@netz.stadt.example oder netz+{local}@stadt.example.")


def _is_address(address: str) -> None:
    local, at, domain = address.partition("@")
    if address and not (local and at and domain and "@" not in domain and " " not in address):
        raise ValidationError("braucht eine einzelne Adresse wie netz@stadt.example.")


def _is_region(region: str) -> None:
    if region not in REGIONS:
        raise ValidationError(f"braucht die Abkürzung eines Landes: {', '.join(REGIONS)}.")


def _is_loopback(listen: str) -> None:
    host, _, port = listen.rpartition(":")
    if listen and not (host in ("127.0.0.1", "localhost", "[::1]") and port.isdecimal() and 0 < int(port) < 65536):
        raise ValidationError("braucht Rechner und Port auf dieser Maschine, zum Beispiel 127.0.0.1:8024.")


def _is_mailbox(url: str) -> None:
    parts = urlsplit(url)
    if url and not (parts.scheme in ("imap", "imaps") and parts.hostname and parts.username and parts.password):
        raise ValidationError("braucht eine Form wie imaps://name:passwort@imap.stadt.example/INBOX.")


def _has_scheme(*schemes: str) -> Callable[[str], None]:
    def check(url: str) -> None:
        scheme, slashes, rest = url.partition("://")
        if scheme not in schemes or not slashes:
            raise ValidationError(f"muss mit {' oder '.join(f'{scheme}://' for scheme in schemes)} beginnen.")
        # A path that is not absolute would mean another file in each folder a process is started in.
        if scheme in _ROOTS and not rest.startswith(_ROOTS[scheme]):
            raise ValidationError(f"braucht einen absoluten Pfad: {scheme}://{_ROOTS[scheme]}var/lib/netz/...")

    return check


def _between(least: int, most: int) -> validate.Range:
    return validate.Range(least, most, error="braucht eine Zahl von {min} bis {max}.")
