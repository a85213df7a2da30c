"""What the five services really charge, as structured e-invoices."""

import pytest
from lxml import etree

from billing.calculation.charges import unpriced
from billing.documents.einvoice import einvoice
from billing.invoicing.drafts import MonthlyCharges
from billing.models import PriceListVersion
from billing.pricing.special_prices import set_special_price
from tests.approving import approved
from tests.billing_scene import CATALOG, ISSUE_DAY, OCTOBER, load_priced_service, make_contract
from tests.documents.jp_pint import problems
from tests.documents.jp_pint_rules import is_plain
from tests.scenes import restated, staff_member


@pytest.mark.parametrize("slug", sorted(folder.name for folder in CATALOG.iterdir() if folder.is_dir()))
@pytest.mark.parametrize("corporate_number", ["", "7000012050002"])
@pytest.mark.parametrize("is_registered", [True, False])
def test_every_service_is_charged_by_valid_einvoices(
    slug, corporate_number, is_registered, organisation, user
):
    organisation.corporate_number = corporate_number
    service = load_priced_service(slug)
    if not is_registered:  # on any day of the supply
        restated(service.provider, OCTOBER.first, registration_number="")
    prices = PriceListVersion.objects.get(service=service).prices.prices
    everything = {price.product: place for place, price in enumerate(prices, 1)}
    contract = make_contract(service, organisation, user, "C26-000001", everything)
    for product in unpriced(service.versions.latest("effective_on").policy, everything):
        set_special_price(
            contract,
            product,
            70_000,
            OCTOBER.first,
            "quotation",
            staff_member("billing"),
            approval=approved("special_price"),
        )
    charges = MonthlyCharges(OCTOBER)
    charges.prepare([contract])
    draft = charges.draft(contract)
    document = draft.document("XX-2026-000001", ISSUE_DAY)
    assert document["lines"]
    assert document["recipient"]["corporate_number"] == corporate_number
    xml = einvoice(document)
    assert problems(xml) == []
    assert is_plain(etree.fromstring(xml)) == (not is_registered)
