"""How the portal logs: a line of JSON each, with the request or the task it belongs to and no personal data.

What is logged goes to machines and people who may see no customer. Addresses of e-mails, and secrets in
addresses of pages, are taken out of every line, wherever a library put them; other personal data is never
given to the log (tests/logs/ reads what all tests log).
"""

import re
from collections.abc import MutableMapping
from typing import Any

import structlog

_Event = MutableMapping[str, Any]

_E_MAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+")
_SECRET = re.compile(r"(?<=/)(?=[^/\s]*\d)[A-Za-z0-9_:-]{20,}(?=[/\s?\"']|$)")
"""A part of an address that nobody reads: a token."""
_QUERY = re.compile(r"(?<=\?)[^\s\"']+")

_LOUD = ("amqp", "botocore", "boto3", "celery", "fontTools", "kombu", "pdfminer", "s3transfer", "weasyprint")
"""Libraries that tell of each step they take."""


def logging_settings(level: str, as_json: bool) -> dict[str, Any]:
    """`LOGGING` of the settings: all of `level` and above to the console, of loud libraries only warnings."""
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False) if as_json else _as_a_line
    quiet = level if level == "DEBUG" else max(level, "WARNING", key=_rank)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "portal": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _told_of_each(),
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "portal"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            **{name: {"level": quiet} for name in _LOUD},
            # Django's own lines of refused requests hold addresses; RequestLogMiddleware tells of each.
            "django.request": {"level": "ERROR"},
            "django.security.DisallowedHost": {"level": "CRITICAL"},
        },
    }


def _rank(level: str) -> int:
    return ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"].index(level)


def _told_of_each() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        without_personal_data,
    ]


def without_personal_data(_logger: Any, _method: str, event: _Event) -> _Event:
    """Take addresses of e-mails, tokens and query strings out of each text of a line."""
    event.pop("request", None)  # Django hands its request over, and the socket of a connection
    for name, value in event.items():
        if not name.startswith("_") and not isinstance(value, (bool, int, float)) and value is not None:
            event[name] = scrubbed(str(value))
    return event


def scrubbed(text: str) -> str:
    """A text without addresses of e-mails, tokens and query strings."""
    return _QUERY.sub("…", _SECRET.sub("…", _E_MAIL.sub("…@…", text)))


def _as_a_line(_logger: Any, _method: str, event: _Event) -> str:
    """For people who try the portal: time, level, logger, text, and what else is told."""
    head = " ".join(str(event.pop(name, "")) for name in ("timestamp", "level", "logger"))
    text, trace = event.pop("event", ""), event.pop("exception", "")
    rest = " ".join(f"{name}={value}" for name, value in event.items())
    return "\n".join(filter(None, (f"{head}: {text} {rest}".rstrip(), trace)))
