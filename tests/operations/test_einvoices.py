"""What the five services really charge, as structured e-invoices."""

import pytest

from billing.documents.einvoice import einvoice
from billing.models import PriceListVersion
from billing.operations.drafts import MonthlyCharges
from tests.billing_scene import CATALOG, ISSUE_DAY, OCTOBER, load_priced_service, make_contract
from tests.documents.jp_pint import problems


@pytest.mark.parametrize("slug", sorted(folder.name for folder in CATALOG.iterdir() if folder.is_dir()))
@pytest.mark.parametrize("corporate_number", ["", "7000012050002"])
def test_every_service_is_charged_by_valid_einvoices(slug, corporate_number, organisation, user):
    organisation.corporate_number = corporate_number
    service = load_priced_service(slug)
    prices = PriceListVersion.objects.get(service=service).prices.prices
    everything = {price.product: place for place, price in enumerate(prices, 1)}
    contract = make_contract(service, organisation, user, "C26-000001", everything)
    draft = MonthlyCharges(OCTOBER).draft(contract)
    document = draft.document("XX-2026-000001", ISSUE_DAY)
    assert document["lines"]
    assert document["recipient"]["corporate_number"] == corporate_number
    assert problems(einvoice(document)) == []
