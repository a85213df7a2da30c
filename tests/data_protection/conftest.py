"""A portal on 2026-11-20 with two managers, and a contract of 山田商事 that runs."""

from collections.abc import Callable

import pytest
import time_machine

from contracts.lifecycle.documents import attach_document
from contracts.models import Application, Contract, Service
from portal.organisations.models import Organisation, User
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.billing_scene import load_priced_service

NOW = "2026-11-20 10:00"
PARTICULARS = {
    "representative": "山田 太郎",
    "phone": "03-1111-2222",
    "fax": "03-1111-2223",
    "contract_contact": "契約 花子 hanako.k@yamada.example",
    "technical_contact": "技術 次郎",
    "emergency_contact": "緊急 三郎",
    "billing_address": "東京都千代田区千代田1-1 経理部",
    "usage_breakdown": "受付2回線",
}


@pytest.fixture(autouse=True)
def clock(db):
    with time_machine.travel(scenes.at(NOW), tick=False) as clock:
        yield clock


@pytest.fixture
def manager(make_staff) -> User:
    return make_staff("manager@provider.example", StaffRole.MANAGER, display_name="責任 次郎")


@pytest.fixture
def second(make_staff) -> User:
    return make_staff("second@provider.example", StaffRole.MANAGER, display_name="責任 三郎")


@pytest.fixture
def ct_e1(db) -> Service:
    return load_priced_service("ct-e1")


@pytest.fixture
def yamada() -> Organisation:
    return scenes.yamada()


@pytest.fixture
def hanako(yamada) -> User:
    """Its owner."""
    return scenes.owner_of(yamada)


@pytest.fixture
def contract(ct_e1) -> Contract:
    """Runs since October; a document was handed in with its application."""
    applied = scenes.apply(
        ct_e1,
        {"line": 2},
        scenes.at("2026-09-10"),
        wanted_start_on=scenes.day("2026-10-01"),
        particulars=PARTICULARS,
    )
    attach_document(applied, applied.applicant, "定款<1>.pdf", scenes.PDF, scenes.at("2026-09-10"))
    return scenes.accept(applied, scenes.at("2026-09-12"))


@pytest.fixture
def ended(contract) -> Contract:
    """Ended with October."""
    Contract.objects.filter(pk=contract.pk).update(
        ends_on=scenes.day("2026-10-31"), end_kind=Contract.EndKind.CANCELLED
    )
    contract.refresh_from_db()
    return contract


@pytest.fixture
def refused(ct_e1) -> Callable[[str], Application]:
    """An application that was refused on a day."""

    def refuse(on: str) -> Application:
        applied = scenes.apply(ct_e1, {"line": 2}, scenes.at(on), particulars=PARTICULARS)
        attach_document(applied, applied.applicant, "定款.pdf", scenes.PDF, scenes.at(on))
        Application.objects.filter(pk=applied.pk).update(
            status=Application.Status.REFUSED, decided_at=scenes.at(on), refusal_reason="other"
        )
        applied.refresh_from_db()
        return applied

    return refuse
