"""Who may open which page: every page of the portal stands in one of the tables here."""

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver, reverse

from billing.runs.bill import bill
from contracts.applications.drafts import save_draft
from contracts.lifecycle.documents import attach_document
from contracts.models import AuthorisedUser, Contract, IndividualAgreement, Suspension, Task
from contracts.publishing.drafts import create_draft
from contracts.rules.calendar.period import Month
from portal.organisations.members.changing import remove_member
from portal.organisations.members.inviting import invite
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.billing_scene import claim, load_service
from tests.member_scene import READER, join, limited
from tests.papers_scene import drawn_statement, letters_about, made_copy, sent_notice
from tests.web import customer_roles

SIGN_IN = "to sign-in"
ADMIN = "to the admin"
HOME = "to the home page"
FORM = "to the form"
APPLICATION = "to the application"

EVERYBODY = (200, 200, 200, 200, 200)
MEMBERS = (SIGN_IN, 200, 200, ADMIN, ADMIN)
OWN_ALONE = (SIGN_IN, 200, 404, ADMIN, ADMIN)

# Visitor, the owner's people, another organisation's people, reception staff, billing staff.
PAGES = {
    "home": (200, 200, 200, ADMIN, ADMIN),
    "organisations:create": (SIGN_IN, HOME, HOME, ADMIN, ADMIN),
    "organisations:address": (SIGN_IN, 200, 200, 200, 200),
    "organisations:switch": (SIGN_IN, 405, 405, 405, 405),
    "organisations:members": MEMBERS,
    "organisations:member-invite": MEMBERS,
    "organisations:member-leave": MEMBERS,
    "organisations:member-activity": MEMBERS,
    "organisations:member": OWN_ALONE,
    "organisations:member-remove": OWN_ALONE,
    "organisations:member-hand-over": OWN_ALONE,
    "organisations:invitation-again": (SIGN_IN, 405, 405, ADMIN, ADMIN),
    "organisations:invitation-withdraw": (SIGN_IN, 405, 405, ADMIN, ADMIN),
    "organisations:invitation-accept": (SIGN_IN, 405, 405, 405, 405),
    "organisations:invitation": (404, 404, 404, 404, 404),
    "data_protection:own-data": (SIGN_IN, 200, 200, 200, 200),
    "data_protection:copy": (SIGN_IN, 200, 404, 404, 404),
    "data_protection:copy-file": (SIGN_IN, 200, 404, 404, 404),
    "organisations:join": (SIGN_IN, 200, 200, ADMIN, ADMIN),
    "organisations:joining": MEMBERS,
    "contracts:service-list": EVERYBODY,
    "contracts:service-detail": EVERYBODY,
    "contracts:terms-list": EVERYBODY,
    "contracts:terms-history": EVERYBODY,
    "contracts:terms-version": EVERYBODY,
    "contracts:terms-compare": EVERYBODY,
    "contracts:terms-as-of": EVERYBODY,
    "contracts:application-new": (SIGN_IN, FORM, FORM, ADMIN, ADMIN),
    "contracts:application-step": MEMBERS,
    "contracts:application-estimate": MEMBERS,
    "contracts:application-discard": OWN_ALONE,
    "contracts:application-confirm": (SIGN_IN, FORM, FORM, ADMIN, ADMIN),
    "contracts:application-detail": OWN_ALONE,
    "contracts:application-documents": OWN_ALONE,
    "contracts:application-questions": OWN_ALONE,
    "contracts:application-withdraw": (SIGN_IN, APPLICATION, 404, ADMIN, ADMIN),
    "contracts:application-pdf": (SIGN_IN, 200, 404, 200, 404),
    "contracts:company": MEMBERS,
    "contracts:company-edit": MEMBERS,
    "contracts:company-mails": MEMBERS,
    "contracts:company-move": MEMBERS,
    "contracts:company-rename": MEMBERS,
    "contracts:company-drop": (SIGN_IN, 405, 405, ADMIN, ADMIN),
    "contracts:contract-list": MEMBERS,
    "contracts:contract-detail": OWN_ALONE,
    "contracts:contract-what-if": (SIGN_IN, 200, 404, 200, 404),
    "contracts:contract-timeline": (SIGN_IN, 200, 404, 200, 404),
    "contracts:calendar": MEMBERS,
    "contracts:calendar-file": MEMBERS,
    "contracts:calendar-address": (SIGN_IN, 405, 405, ADMIN, ADMIN),
    "contracts:calendar-provider": (SIGN_IN, 404, 404, 200, 200),
    "contracts:calendar-feed": (404, 404, 404, 404, 404),
    "contracts:contract-request-new": OWN_ALONE,
    "contracts:contract-request-detail": OWN_ALONE,
    "contracts:contract-request-withdraw": OWN_ALONE,
    "contracts:contract-document": (SIGN_IN, 200, 404, 200, 404),
    "contracts:contract-letter": (SIGN_IN, 200, 404, 200, 404),
    "contracts:consent-renewal": OWN_ALONE,
    "contracts:consent-certificate": (SIGN_IN, 200, 404, 200, 404),
    "contracts:public-notice-list": EVERYBODY,
    "contracts:public-notice-detail": EVERYBODY,
    "contracts:notice-list": MEMBERS,
    "contracts:notice-detail": OWN_ALONE,
    "billing:invoice-list": MEMBERS,
    "billing:invoice-detail": OWN_ALONE,
    "billing:invoice-pdf": (SIGN_IN, 200, 404, 404, 200),
    "billing:invoice-einvoice": (SIGN_IN, 200, 404, 404, 200),
    "billing:invoice-statement": OWN_ALONE,
    "billing:invoice-set-offs": OWN_ALONE,
    "billing:contract-outages": OWN_ALONE,
    "billing:contract-outage-withdraw": (SIGN_IN, 405, 405, ADMIN, ADMIN),
    "billing:statement-of": (SIGN_IN, 404, 404, 404, 200),
    "billing:invoice-statement-progress": (SIGN_IN, 200, 404, 404, 200),
    "billing:invoice-statement-pdf": (SIGN_IN, 200, 404, 404, 200),
    "billing:reminder-pdf": (SIGN_IN, 200, 404, 404, 200),
    "billing:set-off-pdf": (SIGN_IN, 200, 404, 404, 200),
    "billing:deposit-letter-pdf": (SIGN_IN, 200, 404, 404, 200),
    "billing:payout-file": (SIGN_IN, 404, 404, 404, 200),
    "billing:debit-request": (SIGN_IN, 404, 404, 404, 200),
}
NAMESPACES = ("contracts", "billing", "organisations", "data_protection")


@pytest.fixture
def addresses(contract: Contract) -> dict[str, str]:
    """The address of every page, about things that belong to 山田商事."""
    service = contract.service
    bill(service.provider, Month(2026, 10), scenes.day("2026-11-10"))
    invoice = contract.invoices.get()
    save_draft(
        contract.organisation, service, scenes.owner_of(contract.organisation), {}, scenes.at("2026-11-19")
    )
    asking = load_service("simpleconnect")
    scenes.running(asking, {"id": 1}, contract.organisation)
    announced = scenes.next_version(asking, scenes.day("2027-02-01"), scenes.at("2026-11-19"))
    request = scenes.cancel(contract, scenes.day("2026-12-31"), scenes.at("2026-11-19"))
    document = attach_document(
        request, scenes.owner_of(contract.organisation), "proof.pdf", b"%PDF-", scenes.at("2026-11-19")
    )
    notice = sent_notice(contract)
    member = join(contract.organisation, READER, "member@yamada.example")
    invitation = invite(
        contract.organisation,
        scenes.owner_of(contract.organisation),
        "invited@yamada.example",
        READER,
        scenes.at("2026-11-19"),
    )
    arguments = {
        "organisations:member": [member.pk],
        "organisations:member-remove": [member.pk],
        "organisations:member-hand-over": [member.pk],
        "organisations:invitation-again": [invitation.pk],
        "organisations:invitation-withdraw": [invitation.pk],
        "organisations:invitation-accept": [invitation.pk],
        "organisations:invitation": ["guessed"],
        "data_protection:copy": [made_copy(contract).pk],
        "data_protection:copy-file": [made_copy(contract).pk],
        "contracts:application-documents": [contract.application.number],
        "contracts:application-questions": [contract.application.number],
        "contracts:application-withdraw": [contract.application.number],
        "contracts:contract-request-new": [contract.number, "quantity_up"],
        "contracts:contract-request-detail": [request.number],
        "contracts:contract-request-withdraw": [request.number],
        "contracts:contract-document": [document.pk],
        "contracts:contract-letter": [request.letters.get().number],
        "contracts:consent-renewal": [asking.slug, announced.name],
        "contracts:consent-certificate": [contract.application.consents.get().sequence],
        "contracts:notice-detail": [notice.pk],
        "contracts:public-notice-detail": [notice.pk],
        "contracts:service-detail": [service.slug],
        "contracts:terms-history": [service.slug],
        "contracts:terms-version": [service.slug, contract.contracted_version.name],
        "contracts:terms-compare": [service.slug],
        "contracts:terms-as-of": [service.slug],
        "contracts:application-new": [service.slug],
        "contracts:application-step": [service.slug, "company"],
        "contracts:application-estimate": [service.slug],
        "contracts:application-discard": [service.slug],
        "contracts:application-confirm": [service.slug],
        "contracts:application-pdf": [contract.application.number],
        "contracts:application-detail": [contract.application.number],
        "contracts:company-drop": [1],
        "contracts:contract-detail": [contract.number],
        "contracts:contract-what-if": [contract.number],
        "contracts:contract-timeline": [contract.number],
        "contracts:calendar-provider": [service.provider.code],
        "contracts:calendar-feed": ["1-guessed.signature"],
        "billing:invoice-detail": [invoice.number],
        "billing:invoice-pdf": [invoice.number],
        "billing:invoice-einvoice": [invoice.number],
        "billing:invoice-set-offs": [invoice.number],
        "billing:contract-outages": [contract.number],
        "billing:contract-outage-withdraw": [contract.number, 1],
        "billing:invoice-statement": [service.provider.code],
        "billing:statement-of": [service.provider.code, contract.organisation.pk],
        "billing:invoice-statement-progress": [drawn_statement(invoice).pk],
        "billing:invoice-statement-pdf": [drawn_statement(invoice).pk],
        **letters_about(invoice),
    }
    return {page: reverse(page, args=arguments.get(page, [])) for page in PAGES}


def outcome(client: Client, address: str) -> object:
    return named(client.get(address))


def named(reply: HttpResponse) -> object:
    """The status of a reply, or where it leads."""
    if reply.status_code != 302:
        return reply.status_code
    target = reply.headers["Location"]
    known = {reverse("admin:index"): ADMIN, reverse("home"): HOME}
    if target.startswith(reverse("account_login")):
        return SIGN_IN
    if target.startswith("/applications/"):
        return APPLICATION
    return known.get(target, FORM if "/apply/" in target else target)


@pytest.mark.parametrize("page", PAGES)
def test_pages_open_for_those_they_are_meant_for(
    page, addresses, client, as_yamada, as_suzuki, as_reception, staff, signed_in
):
    visitors = (client, as_yamada, as_suzuki, as_reception, signed_in(staff(StaffRole.BILLING)))
    assert tuple(outcome(visitor, addresses[page]) for visitor in visitors) == PAGES[page]


@pytest.fixture
def members(contract, progoffice, signed_in) -> dict[str, Client]:
    """Somebody of each role in 山田商事, and those who are none of its members (any more)."""
    yamada = contract.organisation
    another = scenes.running(progoffice, {"user": 1}, yamada)
    given = {**customer_roles.GIVEN, "limited": limited(another), "removed": READER}
    people = {role: join(yamada, what, f"{role}@yamada.example").user for role, what in given.items()}
    remove_member(yamada.memberships.get(user=people["removed"]), scenes.owner_of(yamada))
    people["removed"].refresh_from_db()
    people |= {"owner": scenes.owner_of(yamada), "other": scenes.owner_of(scenes.suzuki())}
    return {role: signed_in(people[role]) for role in customer_roles.ROLES}


@pytest.mark.parametrize("role", customer_roles.ROLES)
def test_members_see_what_their_roles_let_them(role, addresses, members):
    place = customer_roles.ROLES.index(role)
    found = {page: led_to(members[role].get(address)) for page, address in addresses.items()}
    assert found == {page: seen[place] for page, seen in customer_roles.PAGES.items()}


@pytest.mark.parametrize("role", customer_roles.ROLES)
def test_members_send_what_their_roles_let_them(role, addresses, members):
    place = customer_roles.ROLES.index(role)
    found = {}
    for page in customer_roles.SENT:
        with transaction.atomic():
            found[page] = taken(members[role].post(addresses[page]))
            transaction.set_rollback(True)
    assert found == {page: sent[place] for page, sent in customer_roles.SENT.items()}


def led_to(reply: HttpResponse) -> object:
    """What a page shows or leads to, as the table of roles names it."""
    registering = reply.status_code == 302 and reply.headers["Location"] == reverse("organisations:create")
    return customer_roles.REGISTER if registering else named(reply)


def taken(reply: HttpResponse) -> object:
    """Whether what was sent reached its page, whatever that said to it."""
    found = led_to(reply)
    return found if found in (403, 404, customer_roles.REGISTER) else customer_roles.OPEN


def test_every_page_is_in_the_table_of_roles():
    assert set(customer_roles.PAGES) == set(PAGES)
    assert set(customer_roles.SENT) <= set(PAGES)


def test_no_cache_keeps_what_signed_in_people_see(addresses, as_yamada, as_reception):
    for visitor in (as_yamada, as_reception):
        said = {page: visitor.get(address).headers["Cache-Control"] for page, address in addresses.items()}
        assert [page for page, rule in said.items() if "no-store" not in rule or "private" not in rule] == []


def test_caches_may_keep_public_pages(addresses, client):
    public = [addresses[page] for page, seen in PAGES.items() if seen == EVERYBODY]
    assert [address for address in public if client.get(address).has_header("Cache-Control")] == []


def test_every_page_is_in_the_table():
    resolver = get_resolver()
    named = {
        f"{namespace}:{name}"
        for namespace in NAMESPACES
        for name in resolver.namespace_dict[namespace][1].reverse_dict
        if isinstance(name, str)
    }
    assert named | {"home"} == set(PAGES)


# What may be carried out in the admin, and by whom; the others get 403.
RECEPTION_AND_MANAGER = {StaffRole.RECEPTION, StaffRole.MANAGER}
OF_NOTICES = {StaffRole.RECEPTION, StaffRole.TERMS, StaffRole.MANAGER}
OF_TERMS = {StaffRole.TERMS, StaffRole.MANAGER}
READERS_OF_CONTRACTS = {StaffRole.RECEPTION, StaffRole.MANAGER, StaffRole.AUDITOR}
READERS_OF_TERMS = {role for role in StaffRole if role != StaffRole.PEOPLE}
ACTIONS = {
    "contracts_application_accept": RECEPTION_AND_MANAGER,
    "contracts_application_refuse": RECEPTION_AND_MANAGER,
    "contracts_application_ask": RECEPTION_AND_MANAGER,
    "contracts_application_review": RECEPTION_AND_MANAGER,
    "contracts_application_demand_identity": RECEPTION_AND_MANAGER,
    "contracts_application_record_identity": RECEPTION_AND_MANAGER,
    "contracts_contract_send_acceptance": RECEPTION_AND_MANAGER,
    "contracts_contract_register": RECEPTION_AND_MANAGER,
    "contracts_contract_activate": RECEPTION_AND_MANAGER,
    "contracts_contract_suspend": RECEPTION_AND_MANAGER,
    "contracts_contract_pause": RECEPTION_AND_MANAGER,
    "contracts_contract_lift": RECEPTION_AND_MANAGER,
    "contracts_contract_demand": RECEPTION_AND_MANAGER,
    "contracts_contract_decline": RECEPTION_AND_MANAGER,
    "contracts_contract_terminate": RECEPTION_AND_MANAGER,
    "contracts_contract_represent": RECEPTION_AND_MANAGER,
    "contracts_contract_device": RECEPTION_AND_MANAGER,
    "contracts_contract_agree": RECEPTION_AND_MANAGER,
    "contracts_individualagreement_end": RECEPTION_AND_MANAGER,
    "contracts_provider_second_person": {StaffRole.MANAGER},
    "contracts_contractrequest_accept": RECEPTION_AND_MANAGER,
    "contracts_contractrequest_refuse": RECEPTION_AND_MANAGER,
    "contracts_contractrequest_ask": RECEPTION_AND_MANAGER,
    "contracts_contractrequest_review": RECEPTION_AND_MANAGER,
    "contracts_contractrequest_complete": RECEPTION_AND_MANAGER,
    "contracts_task_done": RECEPTION_AND_MANAGER,
    "contracts_task_costs": RECEPTION_AND_MANAGER,
    "contracts_task_charge": RECEPTION_AND_MANAGER,
    "contracts_task_dispatch": RECEPTION_AND_MANAGER,
    "contracts_suspension_resume": RECEPTION_AND_MANAGER,
    "contracts_authoriseduser_breach": RECEPTION_AND_MANAGER,
    "contracts_authoriseduser_cured": RECEPTION_AND_MANAGER,
    "contracts_authoriseduser_stop": RECEPTION_AND_MANAGER,
    "contracts_issuedletter_pdf": READERS_OF_CONTRACTS,
    "contracts_issuedletter_resend": RECEPTION_AND_MANAGER,
    "contracts_contractdocument_file": READERS_OF_CONTRACTS,
    "contracts_service_end": OF_TERMS,
    "contracts_provider_change_stated": {StaffRole.MANAGER},
    "contracts_provider_withdraw_change": {StaffRole.MANAGER},
    "contracts_notice_add": OF_NOTICES,
    "contracts_notice_send": OF_NOTICES,
    "contracts_notice_go_on": OF_NOTICES,
    "contracts_notice_letters_posted": OF_NOTICES,
    "contracts_noticedelivery_bounce": OF_NOTICES,
    "contracts_noticedelivery_arrival": OF_NOTICES,
    "contracts_noticedelivery_again": OF_NOTICES,
    "contracts_termsversion_import_terms": OF_TERMS,
    "contracts_termsversion_from_table": OF_TERMS,
    "contracts_termsversion_edit_text": OF_TERMS,
    "contracts_termsversion_edit_policy": OF_TERMS,
    "contracts_termsversion_lives": OF_TERMS,
    "contracts_termsversion_publish": OF_TERMS,
    "contracts_termsversion_discard": OF_TERMS,
    "contracts_termsversion_changes": READERS_OF_TERMS,
    "contracts_termsversion_correct": OF_TERMS,
    "contracts_termsversion_correction_impact": READERS_OF_TERMS,
    "contracts_termsversion_dismiss_reading": OF_TERMS,
    "contracts_termsversion_readings": READERS_OF_TERMS,
    "contracts_claim_waive": {StaffRole.BILLING, StaffRole.MANAGER},
    "contracts_companyclosure_add": {StaffRole.RECEPTION, StaffRole.TERMS, StaffRole.MANAGER},
    "contracts_companyclosure_move": {StaffRole.RECEPTION, StaffRole.TERMS, StaffRole.MANAGER},
}
WITHOUT_OBJECT = ("add", "import_terms", "from_table")
OF_PUBLISHED = ("correct", "correction_impact", "dismiss_reading", "readings")
# Nothing is suspended here, so there is nothing to lift for those who may; these terms know no notice against
# a renewal; nor does a correction wait.
NOTHING_THERE = (
    "contracts_contract_lift",
    "contracts_contract_decline",
    "contracts_termsversion_correction_impact",
)
READ_ONLY = (
    "application",
    "authoriseduser",
    "claim",
    "consent",
    "contract",
    "contractdocument",
    "contractrequest",
    "individualagreement",
    "issuedletter",
    "noticedelivery",
    "provider",
    "service",
    "suspension",
    "task",
    "termsversion",
)
MODELS = (*READ_ONLY, "companyclosure", "notice")


@pytest.fixture
def objects(application, contract) -> dict[str, int]:
    """The primary key of one object of each model."""
    cancellation = scenes.cancel(contract, scenes.day("2026-12-31"), scenes.at("2026-11-19"))
    service = contract.service
    notice = sent_notice(contract)
    version = contract.contracted_version
    terms = version.terms
    moment = scenes.at("2026-11-19")
    task = Task.objects.create(
        contract=contract,
        kind=Task.Kind.ENTER_COSTS,
        due_on=scenes.day("2026-11-19"),
        decision=scenes.costly_withdrawal(contract, "setup_costs"),
        terms_version=version,
        created_at=moment,
    )
    # Stopped before, so that there is nothing to lift today.
    stop = Suspension.objects.create(
        contract=contract,
        reason="unpaid",
        starts_on=scenes.day("2026-10-10"),
        ends_on=scenes.day("2026-10-11"),
        terms_version=version,
    )
    user = AuthorisedUser.objects.create(
        contract=contract, name="子会社", address="東京都", contact="03", starts_on=scenes.day("2026-10-01")
    )
    paper = attach_document(
        application, scenes.owner_of(application.organisation), "登記.pdf", b"%PDF-1.7\n", moment
    )
    agreed = IndividualAgreement.objects.create(
        contract=contract,
        title="特約",
        effective_on=scenes.day("2026-12-01"),
        rules="minimum_term.months = 2",
        made_at=moment,
        made_by=scenes.staff_member(),
    )
    return {
        "application": application.pk,
        "authoriseduser": user.pk,
        "contractdocument": paper.pk,
        "individualagreement": agreed.pk,
        "issuedletter": cancellation.letters.get().pk,
        "suspension": stop.pk,
        "task": task.pk,
        "contract": contract.pk,
        "contractrequest": cancellation.pk,
        "claim": claim(contract).pk,
        "companyclosure": service.provider.closures.create(day=scenes.day("2026-12-28")).pk,
        "consent": contract.application.consents.get().pk,
        "notice": notice.pk,
        "noticedelivery": notice.deliveries.first().pk,
        "provider": service.provider.pk,
        "service": service.pk,
        "published": version.pk,
        "termsversion": create_draft(service, name="next", terms=terms, source="terms.txt", staff=None).pk,
    }


def action_address(action: str, objects: dict[str, int]) -> str:
    _app, model, name = action.split("_", 2)
    about = "published" if name in OF_PUBLISHED else model
    return reverse(f"admin:{action}", args=[] if name in WITHOUT_OBJECT else [objects[about]])


@pytest.mark.parametrize("role", list(StaffRole))
def test_actions_are_for_the_roles_whose_work_they_are(role, objects, staff, signed_in):
    client = signed_in(staff(role))
    opened = {action: client.get(action_address(action, objects)).status_code for action in ACTIONS}
    allowed = {action: 404 if action in NOTHING_THERE else 200 for action in ACTIONS}
    assert opened == {action: allowed[action] if role in ACTIONS[action] else 403 for action in ACTIONS}


# What else of contracts a role reads than those who read all of them.
OF_BOTH = {"companyclosure", "notice", "provider", "service", "termsversion"}
READ_BY = {
    StaffRole.TERMS: {*OF_BOTH, "noticedelivery"},
    StaffRole.BILLING: {*OF_BOTH, "claim", "contract", "individualagreement", "suspension", "task"},
    StaffRole.PEOPLE: set(),
}


@pytest.mark.parametrize("role", list(StaffRole))
def test_each_role_reads_the_lists_that_its_work_needs(role, ct_e1, staff, signed_in):
    client = signed_in(staff(role))
    pages = {model: client.get(reverse(f"admin:contracts_{model}_changelist")) for model in MODELS}
    read = {model for model, page in pages.items() if page.status_code == 200}
    assert read == READ_BY.get(role, set(MODELS))
    assert {page.status_code for model, page in pages.items() if model not in read} <= {403}


@pytest.mark.parametrize("model", READ_ONLY)
def test_facts_are_read_and_never_edited(model, objects, staff, signed_in):
    manager = signed_in(staff(StaffRole.MANAGER))
    address = reverse(f"admin:contracts_{model}_change", args=[objects[model]])
    assert manager.get(address).status_code == 200
    assert manager.post(address, {"number": "X"}).status_code == 403
    assert manager.get(reverse(f"admin:contracts_{model}_add")).status_code == 403
    delete = reverse(f"admin:contracts_{model}_delete", args=[objects[model]])
    assert manager.post(delete, {"post": "yes"}).status_code == 403


def test_every_action_is_in_the_table():
    usual = {"changelist", "add", "change", "delete", "history", "autocomplete"}
    named = {
        name
        for name in get_resolver().namespace_dict["admin"][1].reverse_dict
        if isinstance(name, str) and name.startswith("contracts_") and name.split("_", 2)[2] not in usual
    }
    assert named <= set(ACTIONS)


def test_customers_and_visitors_reach_no_action(objects, client, as_yamada):
    for address in (action_address(action, objects) for action in ACTIONS):
        assert client.post(address, follow=True).redirect_chain[-1][0].startswith(reverse("account_login"))
        assert as_yamada.post(address, follow=True).status_code == 403
