"""Services of the catalog, and operations that are carried through to the e-mails they send."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from contracts.models import Service
from tests.billing_scene import load_service


@pytest.fixture
def progoffice(db) -> Service:
    """Formed by application; starts by activation notice."""
    return load_service("progoffice")


@pytest.fixture
def ct_e1(db) -> Service:
    """Formed by acceptance; starts on the first of the wanted month."""
    return load_service("ct-e1")


@pytest.fixture
def partner_cloud(db) -> Service:
    """Formed when the acceptance mail is sent; starts on the wanted date."""
    return load_service("partner-cloud-e")


@pytest.fixture
def simpleconnect(db) -> Service:
    """Formed by registration; charged from the first of the next month."""
    return load_service("simpleconnect")


@pytest.fixture
def committing(monkeypatch) -> None:
    """Run what waits for the commit, which never comes inside a test's transaction, where that would come."""
    leave, on_commit = transaction.Atomic.__exit__, transaction.on_commit

    def in_no_operation() -> bool:
        return connection.atomic_blocks[-1]._from_testcase

    def leave_and_run(self, *reason: object) -> None:
        leave(self, *reason)
        if connection.atomic_blocks and in_no_operation():
            waiting, connection.run_on_commit = connection.run_on_commit, []
            for _savepoints, callback, _robust in waiting:
                callback()

    def wait_or_run(callback: Callable[[], Any], **options: Any) -> None:
        if in_no_operation():
            callback()
        else:
            on_commit(callback, **options)

    monkeypatch.setattr(transaction.Atomic, "__exit__", leave_and_run)
    monkeypatch.setattr(transaction, "on_commit", wait_or_run)
