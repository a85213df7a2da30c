"""Two organisations that are one: all that is theirs goes on with one of them, and nothing frozen changes."""

from collections.abc import Callable

import pytest
import time_machine
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from billing.models import CreditBalance, CreditEntry, DebitMandate, Invoice, PayerName
from billing.receivables.bank.accounts import save_mandate
from billing.receivables.credits import book, locked_balance
from billing.runs.bill import bill
from billing.statements.content import statement
from contracts.consents.renewals import last_answer
from contracts.correspondence.addressees import told_as_party
from contracts.models import Application, Consent, Contract, IssuedLetter, Notice, NoticeDelivery
from contracts.notices.send import draft_notice, send_notice
from contracts.rules.calendar.period import Month
from portal.approvals.decide import approve, may_approve, put_forward, second_persons
from portal.approvals.models import Proposal
from portal.audit.models import AuditEntry
from portal.audit.stories import story_of
from portal.audit.verify import first_fault
from portal.organisations.models import Membership, Organisation, User
from portal.organisations.operations import OrganisationDetails, create_organisation
from portal.organisations.roles import StaffRole
from portal.uniting.approval import UNITED, UnitingData, lines
from portal.uniting.later import bring_all_over
from portal.uniting.relations import RELATIONS
from portal.uniting.unite import ensure_unitable, unite
from tests import scenes
from tests.approving import approved
from tests.billing_scene import load_priced_service
from tests.receivables_scene import MANDATE
from tests.scenes import at, day, owner_of, suzuki, yamada

NOW = at("2026-11-20")


@pytest.fixture(autouse=True)
def today(db):
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(scope="module")
def two_customers(made_once) -> None:
    with time_machine.travel(NOW, tick=False):
        service = load_priced_service("ct-e1")
        for organisation in (yamada(), suzuki()):
            scenes.running(service, {"line": 2, "seat": 5}, organisation)
        bill(service.provider, Month(2026, 10), day("2026-11-10"))


@pytest.fixture
def double(two_customers, db) -> Organisation:
    """鈴木製作所, which turned out to be 山田商事; with a contract, an invoice and a consent of its own."""
    return suzuki()


def united(double: Organisation) -> Organisation:
    unite(yamada(), double, scenes.staff_member(), NOW, approval=approved("organisations_united"))
    return yamada()


def fields_naming_an_organisation() -> set[tuple[str, str]]:
    """Every foreign key to an organisation, in all models."""

    def names(model: type[Model]) -> set[str]:
        found = (field for field in model._meta.get_fields() if field.concrete and field.is_relation)
        return {
            field.name for field in found if field.related_model is Organisation and not field.many_to_many
        }

    return {(model._meta.label, name) for model in apps.get_models() for name in names(model)}


def test_uniting_forgets_no_model_that_names_an_organisation():
    covered = {(relation.label, relation.field) for relation in RELATIONS}
    assert covered == fields_naming_an_organisation()


def test_contracts_people_and_debts_go_on_with_the_one_that_stays(double):
    person = owner_of(double)
    one = united(double)
    assert Contract.objects.filter(organisation=one).count() == 2
    assert set(Invoice.objects.values_list("debtor", flat=True)) == {one.pk}
    assert Membership.objects.get(user=person).organisation == one
    double.refresh_from_db()
    assert double.united_into == one
    entry = AuditEntry.objects.get(action="organisation.united")
    assert (entry.organisation, entry.data["united"]) == (one, double.pk)
    assert entry.data["counts"]["contracts.Contract.organisation"] == 1


def test_what_was_issued_stays_as_it_was_and_is_seen_by_the_one_that_stays(double, signed_in):
    issued = Invoice.objects.get(organisation=double)
    document, consent = issued.document, Consent.objects.get(organisation=double)
    one = united(double)
    issued.refresh_from_db()
    assert (issued.organisation, issued.document) == (double, document)
    assert issued in Invoice.objects.seen_by(one)
    assert Invoice.objects.seen_by(one).count() == 2
    assert last_answer(one, consent.terms_version)
    assert Consent.objects.filter(organisation=double).exists()
    client = signed_in(owner_of_all(one)[0])
    assert client.get(reverse("billing:invoice-detail", args=[issued.number])).status_code == 200
    certificate = reverse("contracts:consent-certificate", args=[consent.sequence])
    assert client.get(certificate).status_code == 200


def test_letters_to_the_one_that_is_gone_are_read_by_the_other(double, signed_in):
    scenes.cancel(Contract.objects.get(organisation=double), day("2027-03-31"), NOW)
    letter = IssuedLetter.objects.get(organisation=double)
    one = united(double)
    client = signed_in(owner_of_all(one)[0])
    page = client.get(reverse("contracts:contract-request-detail", args=[letter.request.number]))
    assert letter.number in page.content.decode()
    assert client.get(reverse("contracts:contract-letter", args=[letter.number])).status_code == 200


def owner_of_all(organisation: Organisation) -> list[User]:
    return [one.user for one in organisation.memberships.order_by("pk")]


def test_the_statement_of_account_tells_of_both_as_of_one(double):
    provider = Invoice.objects.first().provider
    owed = sum(invoice.gross for invoice in Invoice.objects.all())
    one = united(double)
    stated = statement(provider, one, day("2026-11-01"), day("2026-11-30"))
    assert stated["closing"] == owed
    assert len(stated["open_items"]) == 2


def test_credit_of_both_is_one_balance(double):
    provider = Invoice.objects.first().provider
    claim = Invoice.objects.get(organisation=double)
    for organisation, amount in ((yamada(), 1000), (double, 300)):
        balance = locked_balance(provider, organisation)
        book(balance, CreditEntry.Kind.OVERPAID, amount, day("2026-11-12"), f"in-{amount}")
    book(locked_balance(provider, double), CreditEntry.Kind.HELD, 50, day("2026-11-13"), "held", claim=claim)
    one = united(double)
    assert CreditBalance.objects.get(organisation=one).amount == 1350
    assert CreditBalance.objects.get(organisation=double).amount == 0
    for balance in CreditBalance.objects.all():
        assert balance.amount == sum(entry.amount for entry in balance.entries.all())
    assert sum(entry.amount for entry in CreditEntry.objects.filter(claim=claim)) == 50
    stated = statement(provider, one, day("2026-11-01"), day("2026-11-30"))
    assert stated["credit"] == 1350
    assert sum(line["paid"] for line in stated["movements"]) == 1350
    # What comes back later of the one that is gone is the other's.
    assert locked_balance(provider, Organisation.objects.get(pk=double.pk)).organisation == one


def test_a_balance_goes_over_whole_where_there_is_none(double):
    provider = Invoice.objects.first().provider
    book(locked_balance(provider, double), CreditEntry.Kind.OVERPAID, 300, day("2026-11-12"), "in")
    one = united(double)
    assert CreditBalance.objects.get().organisation == one
    assert CreditEntry.objects.count() == 1


def test_of_two_mandates_that_of_the_one_that_stays_goes_on(double):
    provider = Invoice.objects.first().provider
    kept = save_mandate(provider, yamada(), MANDATE, None, day("2026-11-01"))
    other = save_mandate(provider, double, {**MANDATE, "account_number": "1111111"}, None, day("2026-11-01"))
    one = united(double)
    assert list(DebitMandate.objects.filter(ended_on=None)) == [kept]
    other.refresh_from_db()
    assert (other.organisation, other.ended_on) == (one, day("2026-11-20"))


def test_doubles_of_what_there_is_once_go(double):
    for organisation in (yamada(), double):
        PayerName.objects.create(organisation=organisation, name="ヤマダ")
    one = united(double)
    assert PayerName.objects.get().organisation == one


def test_members_of_both_stay_once_and_own_it_if_they_owned_either(double):
    person = owner_of(double)
    Membership.objects.create(user=person, organisation=yamada(), role="member")
    united(double)
    assert Membership.objects.get(user=person).role == "owner"


def test_letters_to_the_one_that_is_gone_reach_the_people_of_the_other(double):
    contract = Contract.objects.get(organisation=double)
    one = united(double)
    contract.refresh_from_db()
    gone = Organisation.objects.get(pk=double.pk)
    assert told_as_party(contract, gone) == [person.email for person in owner_of_all(one)]


def test_a_confirmed_number_goes_along(double):
    Organisation.objects.filter(pk=double.pk).update(
        corporate_number="7000012050002", number_confirmed_at=NOW
    )
    one = united(double)
    assert (one.corporate_number, one.number_confirmed_at) == ("7000012050002", NOW)
    assert Organisation.objects.get(pk=double.pk).number_confirmed_at is None


def test_the_trail_stays_whole_and_tells_of_both(double):
    one = united(double)
    assert first_fault() is None
    told = AuditEntry.objects.filter(story_of(one))
    assert told.filter(organisation=double).exists()


def test_what_was_united_earlier_comes_along(double, organisation):
    unite(double, organisation, scenes.staff_member(), NOW, approval=approved("organisations_united"))
    one = united(double)
    organisation.refresh_from_db()
    assert organisation.united_into == one


def test_who_was_told_by_a_notice_in_both_was_told_in_both(double):
    person = owner_of(double)
    Membership.objects.create(user=person, organisation=yamada(), role="member")
    notice = Notice(
        service=Contract.objects.all()[0].service,
        purpose="maintenance",
        effective_on=day("2026-12-10"),
        subject="保守のお知らせ",
        body="保守を行います。",
    )
    staff = scenes.staff_member()
    send_notice(draft_notice(notice, staff), staff, NOW)
    count = NoticeDelivery.objects.count()
    one = united(double)
    assert NoticeDelivery.objects.count() == count
    told = NoticeDelivery.objects.filter(organisation=one, channel="site")
    assert sorted(told.values_list("person", flat=True)) == sorted(user.pk for user in owner_of_all(one))


def refusal(kept: Organisation, other: Organisation) -> str:
    with pytest.raises(ValidationError) as refused:
        ensure_unitable(kept, other)
    return refused.value.error_dict["united"][0].code


def test_what_comes_in_for_the_one_that_is_gone_goes_along_later(double):
    """Somebody's application was on its way while they were united, and a payment was more than was owed."""
    service, (person,) = double.contracts.get().service, [owner_of(double)]
    united(double)
    assert bring_all_over(NOW) == 0
    late = Application.objects.get(contract=yamada().contracts.first())
    Application.objects.filter(pk=late.pk).update(organisation=double)
    Membership.objects.create(user=person, organisation=double, role=Membership.Role.MEMBER)
    book(locked_balance(service.provider, double), CreditEntry.Kind.OVERPAID, 500, NOW.date(), "bank", at=NOW)
    assert bring_all_over(NOW) == 1
    late.refresh_from_db()
    assert late.organisation == yamada()
    assert not double.memberships.exists()
    assert CreditBalance.objects.get(organisation=yamada()).amount == 500
    entry = AuditEntry.objects.get(action="organisation.brought_over")
    assert entry.organisation == yamada()
    assert entry.data["counts"] == {
        "organisations.Membership.organisation": 1,
        "contracts.Application.organisation": 1,
        "billing.CreditBalance.organisation": 1,
    }
    assert bring_all_over(NOW) == 0


def test_what_can_not_be_one_is_refused_in_words(double):
    assert refusal(yamada(), yamada()) == "itself"
    Organisation.objects.filter(pk=yamada().pk).update(
        corporate_number="5010401067252", number_confirmed_at=NOW
    )
    Organisation.objects.filter(pk=double.pk).update(
        corporate_number="7000012050002", number_confirmed_at=NOW
    )
    assert refusal(yamada(), suzuki()) == "different_numbers"
    Organisation.objects.update(number_confirmed_at=None)
    one = united(suzuki())
    assert refusal(one, Organisation.objects.get(pk=double.pk)) == "united_before"


def test_nobody_unites_without_a_second_person(double):
    with pytest.raises(ValidationError) as refused:
        unite(yamada(), double, scenes.staff_member(), NOW)
    assert refused.value.code == "second_person"
    assert Organisation.objects.filter(united_into__isnull=False).count() == 0


@pytest.fixture
def managers(make_staff) -> Callable[[str], User]:
    return lambda name: make_staff(f"{name}@provider.example", StaffRole.MANAGER)


def test_a_second_person_sees_how_much_of_what_and_approves(double, managers):
    wanted = UnitingData(kept=yamada().pk, united=double.pk)
    shown = {line.label: line.after for line in lines(wanted)}
    assert "残る組織に引き継がれます" in shown["契約（組織）"]
    assert "そのまま残り" in shown["請求書（組織）"]
    proposal = put_forward(UNITED, wanted, managers("a"), NOW)
    assert not Organisation.objects.filter(united_into__isnull=False).exists()
    approve(proposal, managers("b"), proposal.digest, NOW)
    assert Organisation.objects.get(pk=double.pk).united_into == yamada()


def test_of_two_proposals_in_opposite_directions_one_is_overtaken(double, managers):
    first, second = managers("a"), managers("b")
    there = put_forward(UNITED, UnitingData(kept=yamada().pk, united=double.pk), first, NOW)
    back = put_forward(UNITED, UnitingData(kept=double.pk, united=yamada().pk), first, NOW)
    approve(there, second, there.digest, NOW)
    assert approve(back, second, back.digest, NOW).state == Proposal.State.OVERTAKEN
    assert Organisation.objects.get(pk=yamada().pk).united_into is None


def test_staff_propose_it_on_the_page_of_the_organisation(double, managers, signed_in):
    client: Client = signed_in(managers("a"))
    page = reverse("admin:organisations_organisation_unite", args=[yamada().pk])
    change = reverse("admin:organisations_organisation_change", args=[yamada().pk])
    assert page in client.get(change).content.decode()
    assert "統合" in client.get(page).content.decode()
    reply = client.post(page, {"united": yamada().pk})
    assert "同じ組織どうしは統合できません" in reply.content.decode()
    assert "どちらか1つ" in client.post(page, {}).content.decode() or client.post(page, {}).status_code == 200
    assert client.post(page, {"united": "x"}).status_code == 200
    reply = client.post(page, {"united": double.pk})
    assert "契約（組織）" in reply.content.decode()
    assert client.post(page, {"united": double.pk, "confirm": "1"}).status_code == 302
    assert Proposal.objects.get().wanted == {"kept": yamada().pk, "united": double.pk}
    assert client.get(reverse("admin:organisations_organisation_unite", args=[999])).status_code == 404


def test_reception_may_propose_and_terms_staff_see_no_such_page(double, make_staff, signed_in):
    page = reverse("admin:organisations_organisation_unite", args=[yamada().pk])
    outcomes = {
        role: signed_in(make_staff(f"{role.name}@provider.example", role)).get(page).status_code
        for role in (StaffRole.RECEPTION, StaffRole.TERMS, StaffRole.BILLING)
    }
    assert outcomes == {StaffRole.RECEPTION: 200, StaffRole.TERMS: 403, StaffRole.BILLING: 403}


def test_a_united_organisation_is_shown_as_such_and_changes_no_more(double, managers, signed_in):
    united(double)
    client = signed_in(managers("a"))
    address = reverse("admin:organisations_organisation_change", args=[double.pk])
    assert "別の組織に統合され" in client.get(address).content.decode()
    assert client.post(address, {"name": "x"}).status_code == 403


@pytest.fixture
def elsewhere(double) -> Contract:
    """佐藤物産's contract with another provider; it has the name of 山田商事."""
    service = load_priced_service("simpleconnect")
    satou = create_organisation(
        User.objects.create_user("satou@satou.example", None),
        OrganisationDetails(
            name=yamada().name,
            postal_code="100-0001",
            address="東京都千代田区丸の内9-9",
            phone="03-0000-0007",
            invoice_email="keiri@satou.example",
        ),
    )
    return scenes.running(service, {"id": 1}, satou)


def test_who_works_for_one_provider_neither_finds_nor_unites_anothers_customer(
    double, elsewhere, managers, signed_in
):
    own = double.contracts.get().service.provider
    manager = scenes.works_for(managers("a"), own)
    client, page = signed_in(manager), reverse("admin:organisations_organisation_unite", args=[yamada().pk])
    assert "丸の内9-9" not in client.get(page).content.decode()
    for typed in ({"alike": elsewhere.organisation_id}, {"united": elsewhere.organisation_id}):
        reply = client.post(page, typed).content.decode()
        assert "keiri@satou.example" not in reply
    there, back = (yamada().pk, elsewhere.organisation_id), (elsewhere.organisation_id, yamada().pk)
    for kept, gone in (there, back):
        with pytest.raises(ValidationError) as refusal:
            put_forward(UNITED, UnitingData(kept=kept, united=gone), manager, NOW)
        assert refusal.value.code == "other_provider"
    everybody = managers("b")
    waiting = put_forward(UNITED, UnitingData(kept=there[0], united=there[1]), everybody, NOW)
    assert not may_approve(waiting, manager)
    assert manager not in second_persons(waiting)
    with pytest.raises(ValidationError):
        approve(waiting, manager, waiting.digest, NOW)
    assert not Organisation.objects.filter(united_into__isnull=False).exists()


def test_what_waits_about_anothers_customer_is_in_no_list_and_no_queue(
    double, elsewhere, managers, signed_in
):
    everybody = managers("b")
    wanted = UnitingData(kept=elsewhere.organisation_id, united=double.pk)
    waiting = put_forward(UNITED, wanted, everybody, NOW)
    manager = scenes.works_for(managers("a"), double.contracts.get().service.provider)
    client = signed_in(manager)
    listed = client.get(reverse("admin:approvals_proposal_changelist"), {"state__exact": "waits"})
    queue = client.get(reverse("work-queue"))
    assert [waiting.about in page.content.decode() for page in (listed, queue)] == [False, False]
    assert client.get(reverse("admin:approvals_proposal_change", args=[waiting.pk])).status_code in (302, 404)
    assert waiting.about in signed_in(everybody).get(reverse("work-queue")).content.decode()
