"""Set-offs that customers declare (ct-e1 27-1): recorded as they arrive, then booked or refused."""

import uuid
from datetime import date

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from django.urls import reverse

from billing.inbox.work import SET_OFF_DECLARATIONS
from billing.models import CreditBalance, CreditEntry, Invoice, SetOffDeclaration
from billing.receivables.credits import book
from billing.receivables.set_offs import answer_declaration, declare_set_off, set_off
from billing.runs.bill import bill
from contracts.extensions.waiting import Wanted
from contracts.rules.calendar.period import Month
from portal.organisations.roles import StaffRole
from portal.outbox.worker import send_due
from tests.approving import approved
from tests.billing_scene import load_priced_service, make_contract
from tests.scenes import at, owner_of, staff_member, suzuki

NOW = at("2026-11-10 09:00")


@pytest.fixture(autouse=True)
def now(db):
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def invoice(organisation, user) -> Invoice:
    service = load_priced_service("ct-e1")
    make_contract(service, organisation, user, "C26-000001", {"line": 2})
    bill(service.provider, Month(2026, 10), date(2026, 11, 1))
    return Invoice.objects.get()


@pytest.fixture
def staff():
    return staff_member()


def declared(
    invoice, user, amount=5_000, claim="誤って二重に支払った 2026年9月分", key=None
) -> SetOffDeclaration:
    return declare_set_off(invoice, user, amount, claim, NOW, key or uuid.uuid4())


def test_a_declaration_counts_from_its_arrival_and_waits_for_staff(invoice, user):
    declaration = declared(invoice, user)
    assert (declaration.declared_at, declaration.state) == (NOW, "submitted")
    (row,) = SET_OFF_DECLARATIONS.rows(Wanted())
    assert SET_OFF_DECLARATIONS.entries([row.pk])[row.pk].number == "C26-000001"
    send_due()
    assert "相殺の意思表示を受け付けました" in mail.outbox[0].subject


def test_no_more_is_set_off_than_is_open(invoice, user):
    key = uuid.uuid4()
    assert declared(invoice, user, 6_000, key=key) == declared(invoice, user, 6_000, key=key)
    for amount, claim, field in ((5_001, "債権", "amount"), (0, "債権", "amount"), (1, " ", "claim")):
        with pytest.raises(ValidationError) as refused:
            declared(invoice, user, amount, claim)
        assert field in refused.value.error_dict
    with pytest.raises(ValidationError):
        declared(invoice, owner_of(suzuki()))


def test_staff_book_it_by_a_set_off_of_the_invoice(invoice, user, staff):
    declaration = declared(invoice, user)
    balance = CreditBalance.objects.create(provider=invoice.provider, organisation=invoice.organisation)
    book(balance, CreditEntry.Kind.OVERPAID, 5_000, date(2026, 11, 10), "bank-1")
    booked = set_off(balance, date(2026, 11, 10), staff, [invoice.number], approval=approved("set_off"))
    answer_declaration(declaration, staff, NOW, booked=booked)
    declaration.refresh_from_db()
    assert (declaration.state, declaration.set_off) == ("accepted", booked)
    send_due()
    assert "相殺を行いました" in mail.outbox[-1].subject
    with pytest.raises(ValidationError):
        answer_declaration(declaration, staff, NOW, reason="もう一度")


def test_what_can_not_be_set_off_is_refused_with_a_reason(invoice, user, staff):
    declaration = declared(invoice, user)
    with pytest.raises(ValidationError):
        answer_declaration(declaration, staff, NOW)
    answer_declaration(declaration, staff, NOW, reason="二重の支払いがないため")
    send_due()
    assert "二重の支払いがないため" in mail.outbox[-1].body


def test_the_pages_of_both_sides(invoice, user, signed_in, make_staff):
    customer = signed_in(user)
    page = reverse("billing:invoice-set-offs", args=[invoice.number])
    assert page in customer.get(reverse("billing:invoice-detail", args=[invoice.number])).content.decode()
    key = str(customer.get(page).context["form"]["submission_key"].value())
    entered = {"amount": "５，０００", "claim": "二重払い", "submission_key": key}
    too_much = customer.post(page, {**entered, "amount": "50,000"})
    assert "amount" in too_much.context["form"].errors
    assert "第27条第1項" in too_much.content.decode()
    assert "二重払い" in customer.post(page, entered, follow=True).content.decode()
    assert signed_in(owner_of(suzuki())).get(page).status_code == 404

    keiri = signed_in(make_staff("keiri@provider.example", StaffRole.BILLING))
    declaration = SetOffDeclaration.objects.get()
    refuse = reverse("admin:billing_setoffdeclaration_refuse", args=[declaration.pk])
    assert "reason" in keiri.post(refuse, {}).context["form"].errors
    assert keiri.post(refuse, {"reason": "支払いがない"}).status_code == 302
    assert "支払いがない" in customer.get(page).content.decode()
