"""Each request gets an id, is counted and told of in one line; what else it logs carries the id."""

import logging
import re
import secrets
import time
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse

from portal.logs.counting import count_request

_log = logging.getLogger(__name__)

HEADER = "X-Request-ID"
_GIVEN = re.compile(r"[A-Za-z0-9-]{8,64}")
_WATCHING = ("health-live", "health-ready", "health-status", "metrics")
"""Machines ask for these all the time: they are counted, and not told of unless slow."""


class RequestLogMiddleware:
    """Stands before all others, so that what they refuse is told of as well."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        request_id = given if _GIVEN.fullmatch(given) else secrets.token_hex(8)
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            asked, begun = _Queries(), time.perf_counter()
            with connection.execute_wrapper(asked):
                response = self.get_response(request)
            self._tell(request, response, time.perf_counter() - begun, asked)
        response[HEADER] = request_id
        return response

    def _tell(self, request: HttpRequest, response: HttpResponse, seconds: float, asked: "_Queries") -> None:
        page = request.resolver_match.view_name if request.resolver_match else "none"
        method = request.method or ""
        count_request(page, method, response.status_code, seconds)
        slow = seconds >= settings.SLOW_REQUEST_SECONDS
        if page in _WATCHING and not slow:
            return
        told = {
            "page": page,
            "method": method,
            "status": response.status_code,
            "ms": round(seconds * 1000),
            "queries": asked.count,
            "database_ms": round(asked.seconds * 1000),
            "person": _person(request),
        }
        _log.log(logging.WARNING if slow else logging.INFO, "Slow request" if slow else "Request", extra=told)


class _Queries:
    """How often the database was asked, and how many seconds it took to answer."""

    def __init__(self) -> None:
        self.count, self.seconds = 0, 0.0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        begun = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.count += 1
            self.seconds += time.perf_counter() - begun


def _person(request: HttpRequest) -> int | None:
    """The number of the account, where a page asked who it is: no name, no address."""
    known = getattr(request, "_cached_user", None)
    return known.pk if known else None
