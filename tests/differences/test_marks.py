"""Whatever a contract's charges follow from marks it for comparison as it changes, and changes its digest."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from unittest.mock import patch

import pytest

from billing.calculation.tax import TaxRates, tax_rates
from billing.differences import marks
from billing.differences.known_facts import KnownFacts
from billing.differences.marks import digest
from billing.invoicing.corrections import cancel_invoice, reissue_invoice
from billing.models import Comparison, Invoice, SpecialPrice
from billing.pricing.special_prices import end_special_price, set_special_price
from contracts.lifecycle.agreements import AgreementData, SignedDocument, agree, end_agreement
from contracts.lifecycle.items import end_contract
from contracts.models import Contract, IndividualAgreement
from contracts.publishing.revisions import correct_reading
from contracts.requests.decide import accept_request
from contracts.rules.calendar.period import Month
from tests.approving import approved
from tests.billing_scene import add_price_list, load_priced_service
from tests.differences.months import bill_months, contract, ct_e1, sixth_seat
from tests.scenes import PDF, at, day, next_version, running, staff_member, yamada

__all__ = ["contract", "ct_e1"]

OCTOBER = Month(2026, 10)


def accepts(contract: Contract) -> None:
    accept_request(contract.requests.get(), staff_member(), at("2026-11-05"))


def ends(contract: Contract) -> None:
    end_contract(contract, day("2026-11-30"), day("2026-11-30"), Contract.EndKind.CANCELLED)


def own_price(contract: Contract) -> None:
    kind = approved("special_price")
    set_special_price(contract, "seat", 4_000, day("2026-11-01"), "見積", staff_member(), approval=kind)


def ends_own_price(contract: Contract) -> None:
    own_price(contract)
    Comparison.objects.update(changed_at=None)
    kind = approved("special_price_end")
    end_special_price(SpecialPrice.objects.get(), day("2026-12-31"), staff_member(), approval=kind)


def reads_otherwise(contract: Contract) -> None:
    version = contract.contracted_version
    source = version.policy_source.replace("general-3", "general-2", 1)
    assert source != version.policy_source
    correct_reading(
        version,
        policy_source=source,
        reason="読み方の訂正",
        reaches_back=True,
        at=at("2026-11-06"),
        staff=None,
        approval=approved("correction"),
    )


def cancels(contract: Contract) -> None:
    kind = approved("invoice_cancellation")
    cancel_invoice(Invoice.objects.earliest("month"), "誤り", staff_member(), approval=kind)


def issues_anew(contract: Contract) -> None:
    kind = approved("invoice_reissue")
    reissue_invoice(Invoice.objects.earliest("month"), "誤り", staff_member(), approval=kind)


@pytest.mark.parametrize(
    "change",
    [
        accepts,
        ends,
        own_price,
        ends_own_price,
        lambda contract: add_price_list(contract.service, day("2026-10-01"), {"seat": 4_000}),
        reads_otherwise,
        lambda contract: next_version(contract.service, day("2026-12-01"), at("2026-11-06")),
        cancels,
        issues_anew,
    ],
)
def test_a_change_of_what_charges_follow_from_marks_the_contract(
    ct_e1, contract, change: Callable[[Contract], None]
):
    sixth_seat(contract)
    bill_months(ct_e1, 9, 10)
    assert Comparison.objects.get().changed_at is None
    change(Contract.objects.get())
    assert Comparison.objects.get().changed_at is not None


def test_an_agreement_marks_the_contract_as_it_begins_and_ends(db):
    made = running(load_priced_service("simpleconnect"), {"id": 3}, yamada())
    bill_months(made.service, 10)
    data = AgreementData(
        title="特約", effective_on=day("2026-10-01"), rules="[charging.late_interest]\npercent_a_year = 1\n"
    )
    agree(made, staff_member(), data, SignedDocument("特約.pdf", PDF), at("2026-11-06"))
    assert Comparison.objects.get().changed_at is not None
    Comparison.objects.update(changed_at=None)
    end_agreement(IndividualAgreement.objects.get(), staff_member(), day("2026-10-31"))
    assert Comparison.objects.get().changed_at is not None


def stated(contract: Contract) -> str:
    found = Contract.objects.get(pk=contract.pk)
    return digest(found, SpecialPrice.objects.filter(contract=found), OCTOBER, KnownFacts())


def changed_law() -> TaxRates:
    law = tax_rates()
    raised = [rate.model_copy(update={"percent": rate.percent + Decimal(1)}) for rate in law.rates]
    return law.model_copy(update={"rates": tuple(raised)})


def test_the_digest_covers_all_that_charges_follow_from_and_nothing_of_later_months(ct_e1, contract):
    before = stated(contract)
    own_price(contract)
    add_price_list(ct_e1, day("2026-11-01"), {"seat": 4_000})
    next_version(ct_e1, day("2026-12-01"), at("2026-11-06"))
    ends(contract)
    assert stated(contract) == before
    changed = {before}
    SpecialPrice.objects.update(starts_on=day("2026-10-01"))
    changed.add(stated(contract))
    contract.items.update(quantity=6)
    changed.add(stated(contract))
    contract.items.update(billed_through_on=date(2026, 9, 30))
    changed.add(stated(contract))
    add_price_list(ct_e1, day("2026-10-01"), {"seat": 3_000})
    changed.add(stated(contract))
    reads_otherwise(contract)
    changed.add(stated(contract))
    with patch.object(marks, "tax_rates", changed_law):
        marks._of_the_law.cache_clear()
        changed.add(stated(contract))
    marks._of_the_law.cache_clear()
    assert len(changed) == 7
