"""Staff act for the provider, members for their organisation; nobody acts for both sides."""

import pytest
from django.contrib.auth.models import Group
from django.core.checks import run_checks
from django.core.exceptions import ValidationError
from django.urls import reverse

from billing.invoicing.corrections import cancel_invoice
from billing.models import CreditBalance
from billing.pricing.special_prices import set_special_price
from billing.receivables.allocation import allocate, take_back
from billing.receivables.payments import record_payment
from billing.receivables.payouts import pay_out
from billing.receivables.set_offs import set_off
from contracts.applications.decide import accept_application, refuse_application
from contracts.applications.reviews import record_check
from contracts.lifecycle.documents import attach_document
from contracts.models import Contract, ContractRequest
from contracts.requests.decide import accept_request, complete_request, refuse_request
from contracts.requests.kinds.endings import CancellationData
from contracts.requests.kinds.successions import SuccessionData
from contracts.requests.successors import Successor, name_representative
from contracts.rules.calendar.period import Month
from contracts.wording.reasons import NOT_POSSIBLE
from portal.checks import staff_are_members_of_nobody
from portal.organisations.models import Membership, Organisation, User
from portal.organisations.operations import create_organisation, open_calendar
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.approving import approved
from tests.billing_scene import billed
from tests.receivables_scene import bank_account, came_in, entry


def inline(**fields: object) -> dict[str, object]:
    """The memberships of the form of an organisation, with a row that is filled in."""
    counts = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000}
    return {
        **{f"memberships-{name}": value for name, value in counts.items()},
        **{f"memberships-0-{name}": value for name, value in fields.items()},
    }


def form_of(organisation: Organisation) -> dict[str, object]:
    fields = ("name", "kana", "corporate_number", "postal_code", "address", "phone", "invoice_email")
    return {name: getattr(organisation, name) for name in fields}


def test_reception_cannot_make_itself_a_member_of_a_customer(yamada, staff, signed_in):
    reception = staff(StaffRole.RECEPTION)
    address = reverse("admin:organisations_organisation_change", args=[yamada.pk])
    typed = form_of(yamada) | inline(user=reception.pk, role="owner", organisation=yamada.pk)
    page = signed_in(reception).post(address, typed)
    assert page.status_code == 200
    assert "提供者のスタッフのため" in page.content.decode()
    assert not Membership.objects.filter(user=reception).exists()


def test_a_colleague_of_the_customer_is_added_as_before(yamada, as_reception, user):
    address = reverse("admin:organisations_organisation_change", args=[yamada.pk])
    typed = form_of(yamada) | inline(user=user.pk, role="member", organisation=yamada.pk)
    assert as_reception.post(address, typed).status_code == 302
    assert Membership.objects.filter(user=user, organisation=yamada).exists()


def test_a_member_is_not_made_staff_and_the_manager_reads_what_to_do(yamada, staff, signed_in):
    member = scenes.owner_of(yamada)
    address = reverse("admin:organisations_user_change", args=[member.pk])
    typed = {"email": member.email, "display_name": "山田 花子", "is_active": "on", "is_staff": "on"}
    page = signed_in(staff(StaffRole.MANAGER)).post(address, typed)
    assert page.status_code == 200
    assert page.context["adminform"].form.errors.keys() == {"is_staff"}
    assert "山田商事株式会社" in str(page.context["adminform"].form.errors)
    member.refresh_from_db()
    assert not member.is_staff


def test_staff_register_no_organisation(details, staff, signed_in):
    reception = staff(StaffRole.RECEPTION)
    with pytest.raises(ValidationError) as refused:
        create_organisation(reception, details)
    assert "user" in refused.value.message_dict
    page = signed_in(reception).post(reverse("organisations:create"), {"name": "自分の会社"})
    assert page.url == reverse("admin:index")
    assert not Organisation.objects.exists()


@pytest.fixture
def both(contract, yamada, make_staff) -> User:
    """Reception staff and a member of 山田商事, which has a contract, as was possible once."""
    person = make_staff("both@provider.example", StaffRole.RECEPTION)
    Membership.objects.create(user=person, organisation=yamada, role="owner")
    return person


def test_who_was_both_acts_for_the_provider_alone(both, contract, signed_in):
    client = signed_in(both)
    for name, arguments in (
        ("home", []),
        ("contracts:contract-list", []),
        ("contracts:contract-detail", [contract.number]),
        ("billing:invoice-list", []),
        ("contracts:contract-request-new", [contract.number, "cancellation"]),
    ):
        assert client.get(reverse(name, args=arguments)).url == reverse("admin:index"), name
    with pytest.raises(ValidationError) as refused:
        scenes.submit_request(
            contract,
            both,
            "cancellation",
            CancellationData(wanted_on=scenes.day("2027-03-31")),
            scenes.at("2026-11-20"),
            scenes.uuid4(),
        )
    assert refused.value.code == "not_acting"


def test_the_calendar_of_who_was_both_is_closed(both, client):
    membership = open_calendar(both.memberships.get())
    from contracts.lifecycle.calendar_address import calendar_address

    assert client.get(calendar_address(membership)).status_code == 404


def test_who_was_both_is_named_by_the_checks(both):
    assert [check.id for check in staff_are_members_of_nobody(None, ["default"])] == ["portal.W005"]
    told = [str(check) for check in run_checks(databases=["default"], include_deployment_checks=False)]
    assert any("both@provider.example" in text and "山田商事株式会社" in text for text in told)


@pytest.fixture
def convert(yamada) -> User:
    """Somebody of 山田商事 who will leave it and work for the provider."""
    return scenes.owner_of(yamada)


def now_staff(person: User) -> User:
    person.memberships.all().delete()
    person.is_staff = True
    person.full_clean(exclude=["password"])
    person.save()
    return person


def test_nobody_decides_on_their_own_application(convert, application):
    staff = now_staff(convert)
    reason = application.terms_version.policy.refusal_reasons[0].key
    moment = scenes.at("2026-11-20")
    for decide in (
        lambda: accept_application(application, staff, moment),
        lambda: refuse_application(application, staff, reason, "", moment),
        lambda: record_check(application, staff, "credit", "clear", "", moment),
    ):
        with pytest.raises(ValidationError) as refused:
            decide()
        assert refused.value.code == "own_request"
    application.refresh_from_db()
    assert (application.status, application.checks.count()) == ("submitted", 0)


def test_nobody_decides_on_their_own_request(convert, contract):
    asked = scenes.submit_request(
        contract,
        convert,
        "cancellation",
        CancellationData(wanted_on=scenes.day("2027-03-31")),
        scenes.at("2026-11-19"),
        scenes.uuid4(),
    )
    staff, moment = now_staff(convert), scenes.at("2026-11-20")
    for decide in (
        lambda: accept_request(asked, staff, moment, override_reason="急ぎ"),
        lambda: refuse_request(asked, staff, NOT_POSSIBLE, "", moment),
        lambda: complete_request(asked, staff, moment),
    ):
        with pytest.raises(ValidationError) as refused:
            decide()
        assert refused.value.code == "own_request"
    asked.refresh_from_db()
    assert asked.status == "submitted"


def test_the_page_of_a_decision_says_so(convert, contract, make_staff, signed_in):
    asked = scenes.submit_request(
        contract,
        convert,
        "cancellation",
        CancellationData(wanted_on=scenes.day("2027-03-31")),
        scenes.at("2026-11-19"),
        scenes.uuid4(),
    )
    reception = make_staff("reception2@provider.example", StaffRole.RECEPTION)
    asked.requested_by = reception
    asked.save(update_fields=["requested_by"])
    address = reverse("admin:contracts_contractrequest_accept", args=[asked.pk])
    page = signed_in(reception).post(address, {})
    assert page.status_code == 200
    assert "ご自身" in page.content.decode()
    asked.refresh_from_db()
    assert asked.status == "submitted"


def test_nobody_gives_their_own_organisation_money(both, contract, yamada):
    balance = CreditBalance.objects.create(
        provider=contract.service.provider, organisation=yamada, amount=1000
    )
    start = scenes.day("2026-12-01")
    for decide in (
        lambda: set_off(balance, scenes.day("2026-11-20"), both, approval=approved("set_off")),
        lambda: pay_out(balance, 1000, {}, both, approval=approved("payout")),
        lambda: set_special_price(
            contract, "line", 1, start, "値引き", both, approval=approved("special_price")
        ),
    ):
        with pytest.raises(ValidationError) as refused:
            decide()
        assert refused.value.code == "own_request"
    balance.refresh_from_db()
    assert balance.amount == 1000


def test_nobody_takes_money_of_their_own_organisation_as_paid_or_owed_back(both, contract):
    invoice = billed(contract.service, Month(2026, 10))
    day = scenes.day("2026-11-20")
    for decide in (
        lambda: record_payment(invoice, day, invoice.gross, "1", both),
        lambda: cancel_invoice(
            invoice, "誤り", both, scenes.at("2026-11-20"), approval=approved("invoice_cancellation")
        ),
    ):
        with pytest.raises(ValidationError) as refused:
            decide()
        assert refused.value.code == "own_request"
    invoice.refresh_from_db()
    assert (invoice.payments.count(), invoice.cancelled_on) == (0, None)


def test_nobody_divides_what_came_in_for_their_own_organisation(both, contract, yamada):
    invoice = billed(contract.service, Month(2026, 10))
    account = bank_account(contract.service.provider)
    whole, nameless = came_in(account, entry(invoice.gross, "ﾔﾏﾀﾞ"), entry(500, "ﾀﾅｶ"))
    for divide in (
        lambda: allocate(whole, {invoice.number: invoice.gross}, None, both),
        lambda: allocate(nameless, {}, yamada, both),
    ):
        with pytest.raises(ValidationError) as refused:
            divide()
        assert refused.value.code == "own_request"
    assert (invoice.payments.count(), CreditBalance.objects.count()) == (0, 0)

    colleague = scenes.staff_member()
    allocate(whole, {invoice.number: invoice.gross}, None, colleague)
    allocate(nameless, {}, yamada, colleague)
    for settled in (whole, nameless):
        with pytest.raises(ValidationError) as refused:
            take_back(settled, "誤り", both)
        assert refused.value.code == "own_request"
    assert invoice.payments.standing().count() == 1
    assert CreditBalance.objects.get().amount == 500


def test_a_role_without_being_staff_gives_no_right(contract, signed_in):
    member = scenes.owner_of(scenes.suzuki())
    member.groups.set(Group.objects.filter(name__in=[StaffRole.BILLING, StaffRole.MANAGER]))
    member.is_superuser = True
    member.save()
    client = signed_in(member)
    for name in ("contracts:contract-what-if", "contracts:contract-timeline"):
        assert client.get(reverse(name, args=[contract.number])).status_code == 404
    invoice = billed(contract.service, Month(2026, 10))
    assert client.get(reverse("billing:invoice-pdf", args=[invoice.number])).status_code == 404


def reported(name: str) -> Successor:
    return Successor(
        name=name,
        postal_code="100-0002",
        address="東京都千代田区皇居外苑1-1",
        phone="03-0000-0009",
        email="soumu@successor.example",
    )


def succession(contract: Contract, reporter: User) -> ContractRequest:
    """A proved succession that waits for a decision."""
    data = SuccessionData(
        wanted_on=scenes.day("2026-11-01"), cause="merger", successors=(reported("甲株式会社"),)
    )
    asked = scenes.ask(contract, "succession", data, scenes.at("2026-11-05"))
    attach_document(asked, reporter, "合併.pdf", b"%PDF-1.7\n", scenes.at("2026-11-05"))
    return asked


def test_nobody_lets_their_own_organisation_succeed(contract, yamada, make_staff):
    suzuki = scenes.suzuki()
    asked = succession(contract, scenes.owner_of(yamada))
    staff = make_staff("own@provider.example", StaffRole.RECEPTION)
    Membership.objects.create(user=staff, organisation=suzuki, role="owner")
    with pytest.raises(ValidationError) as refused:
        accept_request(asked, staff, scenes.at("2026-11-06"), successor=suzuki)
    assert refused.value.code == "own_request"


def test_who_has_left_does_not_come_to_own_the_successor(contract, yamada):
    reporter = scenes.owner_of(yamada)
    asked = succession(contract, reporter)
    reporter.memberships.all().delete()
    with pytest.raises(ValidationError) as refused:
        accept_request(asked, scenes.staff_member(), scenes.at("2026-11-06"))
    assert list(refused.value.message_dict) == ["successor"]
    assert Contract.objects.get(pk=contract.pk).organisation == yamada


def test_who_names_a_representative_does_not_become_its_owner(contract, yamada):
    data = SuccessionData(
        wanted_on=scenes.day("2026-11-01"),
        cause="merger",
        successors=(reported("甲株式会社"), reported("乙株式会社")),
        representative=0,
    )
    asked = scenes.ask(contract, "succession", data, scenes.at("2026-11-05"))
    reporter = scenes.owner_of(yamada)
    attach_document(asked, reporter, "合併.pdf", b"%PDF-1.7\n", scenes.at("2026-11-05"))
    accept_request(asked, scenes.staff_member(), scenes.at("2026-11-06"))
    name_representative(contract, scenes.staff_member(), 1, scenes.day("2026-11-15"))
    named = Contract.objects.get(pk=contract.pk).organisation
    assert named.name == "乙株式会社"
    assert scenes.owner_of(named) == reporter
