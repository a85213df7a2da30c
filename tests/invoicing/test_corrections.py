"""Cancelled and reissued invoices: the old stays marked, the new names it, nothing is lost or doubled."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from billing.adjustments.charges_and_credits import charge_surcharge
from billing.adjustments.outages import OutageReport, record_outage
from billing.differences.marks import fact_changed
from billing.documents.einvoice import einvoice
from billing.invoicing.corrections import cancel_invoice, reissue_invoice
from billing.invoicing.returns import return_all, return_lines
from billing.models import Adjustment, CreditBalance, Invoice, NeverDeletedError, UsageRecord
from billing.pricing.usage import import_usage
from billing.receivables.balances import overdue_on
from billing.receivables.claims import sums_that_differ
from billing.receivables.payments import record_payment
from billing.runs.bill import bill, totals
from billing.statements.content import statement
from tests.approving import approved
from tests.billing_scene import ISSUE_DAY, OCTOBER, load_priced_service, make_contract
from tests.documents.jp_pint import problems
from tests.scenes import at, staff_member
from tests.usage_files import row, usage_file


@pytest.fixture(autouse=True)
def now(db):
    with time_machine.travel(at("2026-11-20"), tick=False):
        yield


@pytest.fixture
def service(db):
    return load_priced_service("ct-e1")


@pytest.fixture
def contract(service, organisation, user):
    return make_contract(service, organisation, user, "C26-000001", {"line": 2}, billed_from=date(2026, 9, 1))


@pytest.fixture
def staff():
    return staff_member()


@pytest.fixture
def invoice(service, contract, staff) -> Invoice:
    """Two lines, 1,000 of calls in September, and a surcharge of 2,000."""
    import_usage(usage_file([row("a", quantity="1000")]), "calls.csv", staff)
    with time_machine.travel(at("2026-10-15"), tick=False):
        charge_surcharge(contract, 1_000, "", staff, approval=approved("surcharge"))
    bill(service.provider, OCTOBER, ISSUE_DAY)
    return Invoice.objects.get()


def test_what_is_reissued_states_what_it_replaces_and_takes_the_facts_of_now(
    service, organisation, invoice, staff
):
    organisation.name = "株式会社みなと商事ホールディングス"
    organisation.save()

    issued = reissue_invoice(invoice, "宛名の変更", staff, approval=approved("invoice_reissue"))

    invoice.refresh_from_db()
    assert (invoice.cancelled_on, invoice.cancel_reason) == (date(2026, 11, 20), "宛名の変更")
    assert invoice.document["recipient"]["name"] == "株式会社みなと商事"
    assert (issued.number, issued.replaces, issued.run) == ("CD-2026-000002", invoice, invoice.run)
    assert issued.document["original"]["number"] == "CD-2026-000001"
    assert issued.recipient_name == "株式会社みなと商事ホールディングス"
    assert (issued.net, issued.gross) == (invoice.net, invoice.gross) == (13_000, 14_300)
    assert set(UsageRecord.objects.values_list("invoice", flat=True)) == {issued.pk}
    assert issued.adjustments.count() == 1
    assert problems(einvoice(issued.document)) == []
    assert totals(invoice.run).count == 1
    assert list(overdue_on(date(2026, 12, 31))) == [issued]


def test_what_was_cancelled_alone_is_replaced_by_the_next_billing(service, contract, invoice, staff):
    cancel_invoice(invoice, "回線数の誤り", staff, approval=approved("invoice_cancellation"))
    contract.items.update(quantity=1)
    assert not UsageRecord.objects.filter(invoice__isnull=False).exists()

    result = bill(service.provider, OCTOBER, date(2026, 11, 21))

    issued = Invoice.objects.charging().get()
    assert (result.issued, issued.net, issued.replaces) == (1, 8_000, invoice)
    bill(service.provider, OCTOBER, date(2026, 11, 22))
    assert Invoice.objects.count() == 2


def test_an_invoice_can_be_replaced_again(invoice, staff):
    second = reissue_invoice(invoice, "一度目", staff, approval=approved("invoice_reissue"))
    third = reissue_invoice(second, "二度目", staff, approval=approved("invoice_reissue"))
    assert [third.replaces, second.replaces] == [second, invoice]
    assert Invoice.objects.charging().get() == third


def test_what_was_paid_of_a_cancelled_invoice_becomes_credit(invoice, staff):
    record_payment(invoice, date(2026, 11, 15), invoice.gross, "bank-1", staff)
    cancel_invoice(invoice, "請求の誤り", staff, approval=approved("invoice_cancellation"))
    assert CreditBalance.objects.get().amount == 14_300
    with pytest.raises(ValidationError):
        record_payment(invoice, date(2026, 11, 16), 1, "bank-2", staff)


def test_nothing_is_cancelled_twice_or_without_reason(invoice, staff):
    with pytest.raises(ValidationError):
        cancel_invoice(invoice, "", staff, approval=approved("invoice_cancellation"))
    cancel_invoice(invoice, "請求の誤り", staff, approval=approved("invoice_cancellation"))
    with pytest.raises(ValidationError):
        cancel_invoice(invoice, "もう一度", staff, approval=approved("invoice_cancellation"))
    with pytest.raises(DatabaseError), transaction.atomic():
        Invoice.objects.update(cancelled_on=None, cancel_reason="")


def test_what_was_returned_in_part_is_not_cancelled_and_a_return_neither(invoice, staff):
    returned = return_lines(invoice, {0: 5_000}, "過請求", staff, approval=approved("return"))
    for document in (invoice, returned):
        with pytest.raises(ValidationError):
            cancel_invoice(document, "請求の誤り", staff, approval=approved("invoice_cancellation"))


def test_without_anything_to_charge_nothing_is_reissued(service, organisation, user, staff):
    contract = make_contract(service, organisation, user, "C26-000002", {"line": 1})
    bill(service.provider, OCTOBER, ISSUE_DAY)
    invoice = Invoice.objects.get(contract=contract)
    contract.items.all().delete()
    with pytest.raises(ValidationError):
        reissue_invoice(invoice, "請求の誤り", staff, approval=approved("invoice_reissue"))
    invoice.refresh_from_db()
    assert not invoice.is_cancelled


def test_nobody_deletes_what_was_issued(invoice):
    with pytest.raises(NeverDeletedError):
        invoice.delete()
    with pytest.raises(NeverDeletedError):
        Invoice.objects.all().delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        Invoice.objects.all()._raw_delete("default")


def return_by_hand(invoice: Invoice, staff) -> Invoice:
    """Return 2,000 of the two lines, 10,000, as a favour."""
    return return_lines(invoice, {0: 2_000}, "お詫び", staff, approval=approved("return"))


def again(invoice: Invoice, staff) -> Invoice:
    return reissue_invoice(invoice, "宛名の誤り", staff, approval=approved("invoice_reissue"))


def test_what_staff_returned_is_returned_again_of_the_invoice_issued_anew(invoice, staff, organisation):
    """13,000 and tax, 14,300 yen, were paid; 2,200 of it are returned, and free credit by then."""
    record_payment(invoice, date(2026, 11, 10), invoice.gross, "b-1", staff)
    earlier = return_by_hand(invoice, staff)
    before = statement(invoice.provider, organisation, date(2026, 10, 1), date(2026, 11, 20))["closing"]
    new = again(invoice, staff)
    for one in (invoice, earlier, new):
        one.refresh_from_db()
    returned = new.returns.get()
    assert (returned.net, returned.tax, returned.replaces) == (-2_000, -200, earlier)
    assert returned.document["reason"] == "お詫び"
    assert (earlier.is_cancelled, invoice.returned) == (True, 0)
    assert (new.gross, new.paid, new.open_amount) == (invoice.gross, invoice.gross - 2_200, 0)
    assert new.payments.standing().get().paid_on == date(2026, 11, 10)
    assert CreditBalance.objects.get().amount == 2_200
    assert list(sums_that_differ()) == []
    stated = statement(invoice.provider, organisation, date(2026, 10, 1), date(2026, 11, 20))
    assert stated["closing"] == before == -2_200
    assert problems(einvoice(returned.document)) == problems(einvoice(new.document)) == []
    # And once more: nothing is returned twice.
    third = again(new, staff)
    third.refresh_from_db()
    assert (third.returned, third.open_amount) == (2_200, 0)


def test_what_followed_from_facts_is_stated_by_the_invoice_issued_anew(service, contract, invoice, staff):
    contract.items.update(quantity=1)
    fact_changed(contract.pk)
    bill(service.provider, OCTOBER + 1, ISSUE_DAY)
    returned = invoice.returns.get()
    new = again(invoice, staff)
    new.refresh_from_db()
    returned.refresh_from_db()
    assert returned.is_cancelled
    assert (new.net, new.returned, new.added) == (invoice.net - 5_000, 0, 0)
    assert returned.number in new.document["notes"][-1]["ja"]
    bill(service.provider, OCTOBER + 2, ISSUE_DAY)
    assert not Invoice.objects.live().filter(kind="return").exists()


def test_a_credit_for_an_outage_that_was_returned_stands_on_the_invoice_issued_anew(contract, invoice, staff):
    report = OutageReport(at("2026-10-05 00:00"), at("2026-10-06 00:00"), "ordinary")
    record_outage(contract, report, "停電", staff, approval=approved("outage"))
    new = again(invoice, staff)
    assert new.net == invoice.net - 10_000 // 31
    assert [one.invoice for one in Adjustment.objects.filter(kind="outage-credit")] == [new]


def test_what_is_due_anew_is_what_nobody_asked_for_before(service, contract, invoice, staff):
    """A line more than at first, after a line had been returned: both lines are new."""
    contract.items.update(quantity=1)
    fact_changed(contract.pk)
    bill(service.provider, OCTOBER + 1, ISSUE_DAY)
    contract.items.update(quantity=3)
    assert again(invoice, staff).added == 2 * 5_500


def test_what_is_returned_in_full_is_not_issued_anew(invoice, staff):
    return_all(invoice, "誤り", staff, approval=approved("return"))
    with pytest.raises(ValidationError, match="返還"):
        again(invoice, staff)
    invoice.refresh_from_db()
    assert not invoice.is_cancelled
