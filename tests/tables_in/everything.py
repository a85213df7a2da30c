"""A provider of which something is stored in every kind of table."""

from billing.models import Invoice
from billing.pricing.special_prices import SPECIAL_PRICE, set_special_price
from billing.receivables.bank.accounts import save_mandate
from billing.receivables.payments import record_payment
from billing.runs.bill import bill
from contracts.models import CompanyClosure, Provider
from contracts.rules.calendar.period import Month
from portal.organisations.members.rights import Given, Role
from tests import scenes
from tests.approving import approved
from tests.billing_scene import load_priced_service
from tests.member_scene import join

MANDATE = {
    "bank_code": "0001",
    "branch_code": "001",
    "account_kind": "1",
    "account_number": "0012345",
    "holder": "ﾔﾏﾀﾞ",
}


def everything() -> Provider:
    service = load_priced_service("ct-e1")
    provider = service.provider
    organisation = scenes.yamada()
    contract = scenes.running(service, {"line": 1}, organisation)
    organisation.name, organisation.phone = "=山田 商事", "+81-3-0000-0000"
    organisation.save()
    scenes.suzuki()
    join(organisation, Given(role=Role.MEMBER, limited_to={contract.pk}), "limited@yamada.example")
    CompanyClosure.objects.create(provider=provider, day="2026-12-30", note="※年末")
    CompanyClosure.objects.create(provider=provider, day="2026-12-31")
    staff = scenes.staff_member()
    bill(provider, Month(2026, 10), scenes.day("2026-11-10"))
    invoice = Invoice.objects.get()
    record_payment(invoice, scenes.day("2026-11-15"), 100, "'0001", staff)
    record_payment(invoice, scenes.day("2026-11-16"), invoice.gross, "001", staff)
    set_special_price(
        contract,
        "line",
        4500,
        scenes.day("2027-01-01"),
        "個別見積\nによる",
        staff,
        approval=approved(SPECIAL_PRICE),
    )
    save_mandate(provider, organisation, MANDATE, staff, scenes.day("2026-11-01"))
    return provider
