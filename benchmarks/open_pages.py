"""How pages answer as customers, contracts and invoices grow in number.

Every page that customers and staff look at is opened in the process, by the owner of an organisation of
many contracts and by a manager of the provider's staff. A line a page: the median time of five at each size,
what it grew by, and the queries it took. Pages that take more than two seconds are timed once. Files are left
out, but for the calendar's.

    SIZES   numbers of contracts, the smallest first (1000 100000 unless told)
    ONLY    opens the pages alone whose address has this in its name
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

from crowd import Crowd
from measure import QUICK, remark
from scene import prepare

_USUAL = "200 1000" if QUICK else "1000 100000"
SIZES = [int(size) for size in (os.environ.get("SIZES") or _USUAL).split()]
ONLY = os.environ.get("ONLY", "")
PATIENCE = 2
_ROUNDS = 5


@dataclass(frozen=True)
class Opened:
    """What a page took: seconds, queries, and kB that it came to."""

    seconds: float
    queries: int
    size: int


def main() -> None:
    import time_machine
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from tests import scenes
    from tests.staffed import everybody_works_everywhere

    _settle()
    with time_machine.travel(scenes.at("2026-11-20 10:00"), tick=True), everybody_works_everywhere():
        start = time.perf_counter()
        crowd = Crowd()
        pages = list(_pages(crowd))
        taken: dict[str, list[Opened]] = {}
        for size in SIZES:
            crowd.grow(size)
            remark(f"{_counted()}; made after {time.perf_counter() - start:.0f} s")
            for name, client, path in pages:
                if opened := _open(client, path):
                    taken.setdefault(name, []).append(opened)
            remark(f"opened after {time.perf_counter() - start:.0f} s")
    for name, found in sorted(taken.items(), key=lambda one: -one[1][-1].seconds):
        _tell(name, found)


def _settle() -> None:
    """Let pages be opened as often as it takes, and tasks be done without a worker."""
    from django.conf import settings

    from portal.celery import app
    from portal.storage import storage_at

    settings.ALLOWED_HOSTS, settings.REQUEST_LIMITS = ["*"], {}
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.STORAGES = {
        "default": storage_at(""),
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    app.conf.task_always_eager = True


def _pages(crowd: Crowd) -> Iterator[tuple[str, Any, str]]:
    """The pages by a name, each with the client that opens it."""
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
    from django.contrib.auth.models import Group

    from portal.organisations.roles import StaffRole
    from tests.matrix.addresses import addresses
    from tests.member_scene import person
    from tests.pages import calendar_feed, is_customers, is_looked_at
    from tests.signing_in import signed_in

    manager = person("manager@provider.example", is_staff=True)
    manager.groups.set(Group.objects.filter(name=StaffRole.MANAGER))
    TOTP.activate(manager, generate_totp_secret())
    RecoveryCodes.activate(manager)
    owner, staff = signed_in(crowd.scene.owner), signed_in(type(manager).objects.get(pk=manager.pk))
    if ONLY in "contracts:calendar-feed own":
        yield "contracts:calendar-feed own", owner, calendar_feed(crowd.scene.owner)
    for address in addresses():
        if is_looked_at(address) and ONLY in address.name:
            for thing, path in crowd.scene.things(address):
                client = owner if is_customers(address) else staff
                yield f"{address.name} {thing}".strip(), client, path


def _open(client: Any, path: str) -> Opened | None:
    """None for what is no page: it leads elsewhere, or isn't there."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    answer, first = _timed(client, path)
    if answer.status_code != 200:
        return None
    with CaptureQueriesContext(connection) as queries:
        _answer, seconds = _timed(client, path)
        count = len(queries)  # the log is emptied with the next request
    times = [min(first, seconds)]
    if times[0] < PATIENCE:
        times = [_timed(client, path)[1] for _round in range(_ROUNDS)]
    return Opened(median(times), count, len(answer.getvalue()) // 1000)


def _timed(client: Any, path: str) -> tuple[Any, float]:
    start = time.perf_counter()
    answer = client.get(path)
    answer.getvalue()
    return answer, time.perf_counter() - start


def _counted() -> str:
    from billing.models import Invoice
    from contracts.models import Contract

    unpaid = Invoice.objects.filter(open_amount__gt=0).count()
    return f"{Contract.objects.count():,} contracts, {Invoice.objects.count():,} invoices ({unpaid:,} open)"


def _tell(name: str, found: list[Opened]) -> None:
    least, most = found[0], found[-1]
    times = " → ".join(f"{one.seconds * 1000:,.0f}" for one in found)
    queries = " → ".join(str(one.queries) for one in found)
    sys.stdout.write(
        f"{name}  {times} ms ({most.seconds / least.seconds:.1f}×)  {queries} queries  {most.size:,} kB\n"
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        os.environ["PORTAL_VAR"] = folder
        prepare()
        main()
