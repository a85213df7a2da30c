"""What is charged once for what was done stays owed, however early the contract ends."""

from datetime import date

from billing.models import Invoice
from billing.runs.bill import bill
from contracts.lifecycle.provider_ends.terminations import terminate
from contracts.models import Contract
from contracts.rules.calendar.period import Month
from tests import scenes
from tests.billing_scene import load_priced_service
from tests.scenes import accept, apply, at, day, registered, staff_member


def test_the_set_up_is_charged_where_the_contract_ends_before_its_first_month(db):
    service = load_priced_service("simpleconnect")
    contract = registered(
        accept(apply(service, {"id": 2, "setup": 1}, at("2027-04-01")), at("2027-04-07")), at("2027-04-07")
    )
    terminate(contract, staff_member(), "prohibited_act", None, at("2027-04-15"))
    bill(service.provider, Month(2027, 4), date(2027, 5, 6))
    bill(service.provider, Month(2027, 5), date(2027, 6, 3))
    invoice = Invoice.objects.get()
    assert [line["product"] for line in invoice.document["lines"]] == ["setup"]
    assert invoice.net == 20_000


def test_what_was_never_begun_is_not_charged(ct_e1):
    held = {"line": 2, "seat": 2, "setup-standard": 1}
    contract = accept(
        apply(ct_e1, held, at("2026-09-10"), wanted_start_on=day("2026-12-01")), at("2026-09-12")
    )
    scenes.cancel(contract, day("2026-10-31"), at("2026-09-20"))
    ended = Contract.objects.get(pk=contract.pk)
    assert (ended.billed_from_on, ended.billed_through_on) == (None, None)
    assert not ended.items.exists()
