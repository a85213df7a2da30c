"""Usage, returns, corrections and runs at the same moment, in real transactions on the database in use."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from billing.adjustments.charges_and_credits import charge_surcharge
from billing.invoicing.corrections import cancel_invoice, reissue_invoice
from billing.invoicing.returns import return_all
from billing.models import Adjustment, Invoice, UsageRecord
from billing.pricing.usage import import_usage
from billing.runs.bill import bill
from contracts.rules.calendar.period import Month
from tests.approving import approved
from tests.billing_scene import ISSUE_DAY, OCTOBER, load_priced_service, make_contract
from tests.scenes import owner_of, staff_member, yamada
from tests.together import together
from tests.usage_files import row, usage_file

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def service():
    return load_priced_service("ct-e1")


@pytest.fixture
def contract(service):
    organisation = yamada()
    return make_contract(
        service, organisation, owner_of(organisation), "C26-000001", {"line": 2}, billed_from=date(2026, 9, 1)
    )


def test_the_same_file_imported_twice_at_once_is_taken_once(contract):
    rows = [row(f"r{number}", quantity=str(number)) for number in range(1, 41)]

    answers = together(*[lambda: import_usage(usage_file(rows), "calls.csv", None)] * 2)

    assert UsageRecord.objects.count() == 40
    assert sum(answer.taken for answer in answers if not isinstance(answer, ValidationError)) == 40


def test_an_invoice_returned_twice_at_once_is_returned_once(service, contract):
    bill(service.provider, OCTOBER, ISSUE_DAY)
    invoice, staff = Invoice.objects.get(), staff_member()

    answers = together(*[lambda: return_all(invoice, "誤り", staff, approval=approved("return"))] * 3)

    assert sum(isinstance(answer, ValidationError) for answer in answers) == 2
    assert [returned.gross for returned in invoice.returns.all()] == [-invoice.gross]


def test_an_invoice_reissued_and_cancelled_at_once_ends_in_one_way(service, contract):
    bill(service.provider, OCTOBER, ISSUE_DAY)
    invoice, staff = Invoice.objects.get(), staff_member()

    answers = together(
        lambda: reissue_invoice(invoice, "宛名", staff, approval=approved("invoice_reissue")),
        lambda: cancel_invoice(invoice, "誤り", staff, approval=approved("invoice_cancellation")),
        lambda: reissue_invoice(invoice, "宛名", staff, approval=approved("invoice_reissue")),
    )

    assert sum(isinstance(answer, ValidationError) for answer in answers) == 2
    assert Invoice.objects.charging().count() <= 1
    numbers = list(Invoice.objects.order_by("sequence").values_list("sequence", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))


def test_runs_imports_and_decisions_at_once_lose_and_double_nothing(service, contract):
    staff = staff_member()
    import_usage(usage_file([row("before", quantity="1000")]), "calls.csv", None)

    together(
        lambda: bill(service.provider, OCTOBER, ISSUE_DAY),
        lambda: import_usage(usage_file([row("during", quantity="200")]), "calls.csv", None),
        lambda: charge_surcharge(contract, 50, "", staff, approval=approved("surcharge")),
        lambda: bill(service.provider, OCTOBER, ISSUE_DAY),
    )
    decided = Adjustment.objects.get()
    for month in (OCTOBER + 1, OCTOBER + 2):
        bill(service.provider, month, (month + 1).day(10))
    bill(service.provider, Month.of(decided.month), ISSUE_DAY)

    net = sum(Invoice.objects.charging().values_list("net", flat=True))
    months = Invoice.objects.charging().count()
    assert net == months * 10_000 + 1_200 + 100
    assert not UsageRecord.objects.filter(invoice__isnull=True).exists()
    assert not Adjustment.objects.pending().exists()
