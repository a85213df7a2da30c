"""Contracts, invoices and what waits, in numbers that a provider of many customers has.

A few of each are made by the operations; the database copies them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from unittest.mock import patch

UNIT = 25
"""Contracts that are copied at a time: 75 invoices, 15 of them open, and 4 things that wait for staff."""

GREAT = 300
"""Contracts that one organisation has where there are 100,000 in all, with 17 invoices each."""

_CUSTOMERS = 5
_MONTHS, _LONG = 3, 17
_LAST = date(2026, 10, 1)


class Crowd:
    """What there is for the benchmark's scene: its customers' pages are those of the great organisation."""

    def __init__(self) -> None:
        from contracts.models import Contract
        from portal.search.indexing import rebuild
        from tests.copies import Copies
        from tests.matrix.scene import set_scene
        from tests.member_scene import person

        with _no_pdfs():
            self.scene = set_scene(lambda email, **fields: person(email, **fields))
            great = _billed(self.scene.beside.organisation, "G26-000001", _LONG)
            roots = [root for place in range(_CUSTOMERS) for root in _customer(place)]
            _pay(roots)
            _let_wait(roots)
            _pretend_pdfs()
        rebuild()
        self._customers, self._great = Copies(roots), Copies([great])
        self._contracts = Contract.objects.count
        self._in_great = 1

    def grow(self, contracts: int) -> None:
        """Let there be so many contracts in all."""
        from django.db import connection

        in_great = max(3, GREAT * contracts // 100_000)
        self._great.make(in_great - self._in_great)
        self._in_great = in_great
        self._customers.make((contracts - self._contracts()) // UNIT)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _customer(place: int) -> Iterator[Any]:
    """An organisation with its owner, its contracts billed for three months."""
    from portal.organisations.operations import OrganisationDetails, create_organisation
    from tests.member_scene import person

    owner = person(f"bench{place}@example.jp", display_name=f"計測 {place}郎")
    details = OrganisationDetails(
        name=f"株式会社計測{place}商事",
        kana=f"カブシキガイシャケイソク{place}ショウジ",
        postal_code="105-0011",
        address="東京都港区芝公園4-2-8",
        phone="03-0000-0000",
        invoice_email=owner.email,
    )
    organisation = create_organisation(owner, details)
    for number in range(UNIT // _CUSTOMERS):
        _contract(organisation, f"B26-{place}{number:05}", _MONTHS)
    yield owner
    yield organisation


def _contract(organisation: Any, number: str, months: int) -> Any:
    from contracts.models import Service
    from contracts.rules.calendar.period import Month
    from tests.billing_scene import make_contract
    from tests.scenes import owner_of

    first = (Month.of(_LAST) + (1 - months)).first
    service = Service.objects.get(slug="ct-e1")
    items = {"line": 2, "seat": 3, "admin": 1}
    return make_contract(service, organisation, owner_of(organisation), number, items, billed_from=first)


def _billed(organisation: Any, number: str, months: int) -> Any:
    """A contract for which so many months were billed, and all but the last paid."""
    from billing.receivables.payments import record_payment
    from billing.runs.bill import bill
    from contracts.rules.calendar.period import Month

    contract = _contract(organisation, number, months)
    for back in range(months - 1, -1, -1):
        month = Month.of(_LAST) + -back
        bill(contract.service.provider, month, (month + 1).first)
    for invoice in contract.invoices.exclude(month=_LAST):
        record_payment(invoice, invoice.issued_on, invoice.gross, f"bench-{invoice.number}")
    return contract


def _pay(roots: list[Any]) -> None:
    """Bill the crowd and pay most of it: of each customer one contract owes two months, another one."""
    from billing.models import Invoice
    from billing.receivables.payments import record_payment
    from billing.runs.bill import bill
    from contracts.models import Service
    from contracts.rules.calendar.period import Month

    provider = Service.objects.get(slug="ct-e1").provider
    for back in range(_MONTHS - 1, -1, -1):
        month = Month.of(_LAST) + -back
        bill(provider, month, (month + 1).first)
    unpaid = {(0, 10), (0, 9), (1, 10)}
    theirs = Invoice.objects.filter(contract__number__startswith="B26-").select_related("contract")
    for invoice in theirs:
        if (int(invoice.contract.number[-1]), invoice.month.month) not in unpaid:
            record_payment(invoice, invoice.issued_on, invoice.gross, f"bench-{invoice.number}")


def _let_wait(roots: list[Any]) -> None:
    """An application and a request to decide, a task, and an e-mail that was refused."""
    from django.utils import timezone

    from contracts.models import Contract, Service, Task
    from portal.outbox.models import Mail
    from tests import scenes

    moment = timezone.now()
    service = Service.objects.get(slug="ct-e1")
    first, second, *_others = Contract.objects.filter(number__startswith="B26-").order_by("number")
    scenes.apply(service, {"line": 2, "seat": 3}, moment, organisation=first.organisation)
    scenes.cancel(first, date(2027, 3, 31), moment)
    Task.objects.create(
        contract=second,
        kind=Task.Kind.DEVICE_RETURN,
        due_on=moment.date() + timedelta(days=1),
        terms_version=second.contracted_version,
        created_at=moment,
    )
    mail = Mail.objects.filter(organisation=first.organisation).latest("pk")
    Mail.objects.filter(pk=mail.pk).update(refused_at=moment, claimed_at=moment, taken_at=None)


@contextmanager
def _no_pdfs() -> Iterator[None]:
    with patch("billing.runs.bill.make_missing_pdfs"):
        yield


def _pretend_pdfs() -> None:
    """Let every invoice have its PDF, as a month after it was issued it has."""
    from billing.models import Invoice

    Invoice.objects.filter(pdf="").update(pdf="invoices/bench.pdf", pdf_hash="0" * 64)
