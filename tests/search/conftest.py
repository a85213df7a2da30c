"""A customer with all that can be found of it, made by the operations that make it."""

from collections.abc import Iterator

import pytest
import time_machine

from billing.invoicing.corrections import reissue_invoice
from billing.invoicing.returns import return_all
from billing.models import Invoice
from billing.receivables.allocation import match_certain
from billing.runs.bill import bill
from contracts.models import Contract
from contracts.rules.calendar.period import Month
from portal.organisations.company.details import change_details
from portal.organisations.models import Organisation
from tests import scenes
from tests.approving import approved
from tests.billing_scene import load_priced_service
from tests.receivables_scene import bank_account, came_in, entry

NOW = scenes.at("2026-11-20 10:00")


@pytest.fixture(autouse=True)
def now(db) -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(scope="module")
def customer(made_once) -> Organisation:
    organisation = scenes.yamada()
    changed = {"kana": "ヤマダショウジ", "phone": "03-1234-5678"}
    today = scenes.day("2026-11-20")
    with time_machine.travel(NOW, tick=False):
        change_details(organisation, scenes.owner_of(organisation), changed, today, today)
    return scenes.again(organisation)


@pytest.fixture(scope="module")
def with_all(customer) -> Contract:
    service = load_priced_service("ct-e1")
    with time_machine.travel(NOW, tick=False):
        contract = scenes.running(service, {"line": 2, "seat": 5}, customer)
        scenes.cancel(contract, scenes.day("2026-12-31"), scenes.at("2026-11-19"))
        bill(service.provider, Month(2026, 10), scenes.day("2026-11-10"))
        (invoice,) = Invoice.objects.all()
        account = bank_account(service.provider)
        came_in(account, entry(invoice.gross, "ﾔﾏﾀﾞｼﾖｳｼﾞ", reference=invoice.number), entry(1_234, "ｽｽﾞｷ"))
        match_certain(service.provider)
    return contract


@pytest.fixture
def yamada(customer, db) -> Organisation:
    return scenes.again(customer)


@pytest.fixture
def contract(with_all, db) -> Contract:
    """山田商事's contract, which it cancels, with an invoice that is paid."""
    return scenes.again(with_all)


@pytest.fixture
def issued_anew(contract) -> Invoice:
    """The invoice that took the other one's place, and was returned."""
    staff, old = scenes.staff_member(), Invoice.objects.get()
    invoice = reissue_invoice(old, "宛名の変更", staff, approval=approved("invoice_reissue"))
    return_all(invoice, "障害のため", None, approval=approved("return"))
    return invoice
