"""The table of who sees what: a line an address and thing, a column a role."""

import csv
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404, resolve, reverse

FILE = Path(__file__).parent / "table.csv"
METHODS = ("GET", "POST")
ASKING = Client(raise_request_exception=False)
"""Has read once how requests are answered, and takes on whose turn it is."""

SIGN_IN, ADMIN, FACTOR = "in", "admin", "2fa"
REFUSED = {SIGN_IN, ADMIN, FACTOR, "400", "403", "404", "405"}

Table = dict[tuple[str, str], dict[str, tuple[str, str]]]
"""By address and thing, by role, what GET and POST come to."""


def read() -> Table:
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return {
            (row.pop("address"), row.pop("thing")): {role: _pair(cell) for role, cell in row.items()}
            for row in rows
        }


def write(table: Table) -> None:
    roles = list(next(iter(table.values())))
    with FILE.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(["address", "thing", *roles])
        for (address, thing), cells in sorted(table.items()):
            lines.writerow([address, thing, *(" ".join(cells[role]) for role in roles)])


def cells(table: Table) -> Iterator[tuple[str, str, str, str, str]]:
    """Each cell: address, thing, role, method and what it comes to."""
    for (address, thing), by_role in table.items():
        for role, pair in by_role.items():
            for method, outcome in zip(METHODS, pair, strict=True):
                yield address, thing, role, method, outcome


def reply_to(who: Client, method: str, path: str) -> HttpResponse:
    """What comes of a request, of which nothing stays."""
    cache.clear()  # what counts how often somebody asks
    ASKING.cookies = who.cookies.copy()
    with transaction.atomic():
        reply = ASKING.generic(method, path)
        transaction.set_rollback(True)
    return reply


def outcome(reply: HttpResponse) -> str:
    """The status of a reply, or where it leads: `>` and the name of an address."""
    if reply.status_code not in (301, 302):
        return str(reply.status_code)
    target = reply.headers["Location"]
    if target.startswith((reverse("account_login"), reverse("admin:login"))):
        return SIGN_IN
    if target == reverse("mfa_activate_totp"):
        return FACTOR
    return ADMIN if target == reverse("admin:index") else f">{_named(target)}"


def leads_on(outcome: str) -> bool:
    """Whether somebody was sent to another page, as what was sent was taken."""
    return outcome.startswith(">")


def opens(outcome: str) -> bool:
    return outcome == "200" or leads_on(outcome)


def _named(target: str) -> str:
    try:
        return resolve(urlsplit(target).path).view_name
    except Resolver404:
        return target


def _pair(cell: str) -> tuple[str, str]:
    of_get, of_post = cell.split(" ")
    return of_get, of_post
