"""Which modules a reader enters on the way of a cancellation, from its view to its stored decision.

One cancellation is sent, as a customer's browser sends it, in a database made for it. A module counts once,
where one of its functions is called for the first time.

Usage: .venv/bin/python scripts/walk.py, from the project's root
"""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any
from uuid import uuid4

PACKAGES = ("portal", "contracts", "billing")
ROOT = Path(__file__).resolve().parent.parent


def send_cancellation() -> list[str]:
    """Send a cancellation to the portal, whose tables stand ready; gives the modules entered on the way."""
    import time_machine
    from django.test import Client
    from django.urls import resolve, reverse

    from contracts.requests.kinds.endings import CancellationRequest
    from tests import scenes
    from tests.billing_scene import load_priced_service

    customer = scenes.yamada()
    contract = scenes.running(load_priced_service("ct-e1"), {"line": 2, "seat": 5}, customer)
    client = Client()
    address = reverse("contracts:contract-request-new", args=[contract.number, CancellationRequest.key])
    typed = {"wanted_on": "2027-03-31", "action": "send", "submission_key": str(uuid4())}
    with time_machine.travel(scenes.at("2026-11-10"), tick=False):
        client.force_login(scenes.owner_of(customer), backend="django.contrib.auth.backends.ModelBackend")
        return entered(resolve(address).func.__module__, lambda: client.post(address, typed))


def entered(first: str, act: Callable[[], object]) -> list[str]:
    """The project's modules that `act` enters in their order, from `first` to the stored decision.

    RuntimeError where none is stored.
    """
    from django.db.models.signals import post_save

    from contracts.models import ContractRequest

    found: dict[str, None] = {}
    decided: list[ContractRequest] = []

    def called(frame: FrameType, event: str, argument: Any) -> None:
        module = frame.f_globals.get("__name__", "")
        ours = module.partition(".")[0] in PACKAGES and frame.f_code.co_name != "<module>"
        if event == "call" and ours and (found or module == first):
            found[module] = None

    def stored(instance: ContractRequest, **more: Any) -> None:
        if instance.decision:
            sys.setprofile(None)
            decided.append(instance)

    post_save.connect(stored, sender=ContractRequest)
    sys.setprofile(called)
    try:
        act()
    finally:
        sys.setprofile(None)
        post_save.disconnect(stored, sender=ContractRequest)
    if not decided:
        raise RuntimeError("no decision was stored")
    return list(found)


def main() -> None:
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    with tempfile.TemporaryDirectory(prefix="walk-") as folder:
        os.environ["PORTAL_VAR"] = folder
        (Path(folder) / "staticfiles").mkdir()
        import django

        django.setup()
        modules = _in_a_database_of_its_own(send_cancellation)
    lines = [f"from a cancellation's view to its stored decision: {len(modules)} modules", *modules]
    sys.stdout.write("\n".join(lines) + "\n")


def _in_a_database_of_its_own(act: Callable[[], list[str]]) -> list[str]:
    """What `act` gives, in a transaction that is never committed: nothing is sent."""
    from django.db import transaction
    from django.test.utils import setup_databases, setup_test_environment, teardown_databases

    setup_test_environment()
    made = setup_databases(verbosity=0, interactive=False)
    try:
        with transaction.atomic():
            found = act()
            transaction.set_rollback(True)
    finally:
        teardown_databases(made, verbosity=0)
    return found


if __name__ == "__main__":
    main()
