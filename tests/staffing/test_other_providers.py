"""Staff of one provider meet nothing of another, wherever they look."""

from collections.abc import Iterator

import pytest
import time_machine
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import get_resolver, reverse

from billing.models import BroughtPriceList, Invoice, StatementOfAccount
from billing.runs.bill import bill
from billing.runs.states import begin
from billing.statements.asking import ask_for_statement
from contracts.applications.decide import refuse_application
from contracts.approvals.rules import SECOND_PERSON, RuleData
from contracts.models import Application, Contract, ContractRequest
from contracts.requests.kinds.successions import SuccessionData
from contracts.requests.successors import Successor
from contracts.rules.calendar.period import Month
from portal.approvals.decide import approve, put_forward, second_persons
from portal.approvals.models import Proposal
from portal.audit.models import AuditEntry
from portal.audit.record import record
from portal.installation.models import DamagedFile
from portal.organisations.models import Organisation, User
from portal.organisations.roles import StaffRole
from portal.outbox.models import Mail
from portal.staff.factor_reset import FACTOR_RESET, FactorResetData
from portal.staffing.reach import ways, within
from tests import scenes
from tests.billing_scene import load_priced_service
from tests.member_scene import join, limited

OTHERS = "株式会社鈴木製作所"


NOW = scenes.at("2026-11-20 10:00")


@pytest.fixture(autouse=True)
def now(db):
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture(scope="module")
def contracts(made_once) -> tuple[Contract, Contract]:
    with time_machine.travel(NOW, tick=False):
        return own_contract(), foreign_contract()


@pytest.fixture
def own(contracts, db) -> Contract:
    return scenes.again(contracts[0])


@pytest.fixture
def foreign(contracts, db) -> Contract:
    return scenes.again(contracts[1])


def own_contract() -> Contract:
    """山田商事's contract with the provider that the staff work for, and its invoice."""
    service = load_priced_service("ct-e1")
    contract = scenes.running(service, {"line": 1}, scenes.yamada())
    bill(service.provider, Month(2026, 10), scenes.day("2026-11-10"))
    return contract


def foreign_contract() -> Contract:
    """鈴木製作所's contract with another provider, a request on it, an application, and an invoice."""
    service = load_priced_service("simpleconnect")
    suzuki = scenes.suzuki()
    contract = scenes.running(service, {service.versions.get().policy.products[0].key: 1}, suzuki)
    scenes.cancel(contract, scenes.day("2026-12-31"), scenes.at("2026-11-19"))
    scenes.apply(
        service,
        {service.versions.get().policy.products[0].key: 1},
        scenes.at("2026-11-19"),
        organisation=suzuki,
    )
    bill(service.provider, Month(2026, 10), scenes.day("2026-11-10"))
    return contract


@pytest.fixture
def manager(make_staff, own, foreign) -> User:
    """The manager of the one provider."""
    return scenes.works_for(make_staff("boss@provider.example", StaffRole.MANAGER), own.service.provider)


@pytest.fixture
def as_manager(manager, signed_in) -> Client:
    return signed_in(manager)


def listed() -> Iterator[str]:
    for model in admin.site._registry:
        if model is not Group:
            yield reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def test_no_list_shows_the_other_customer(as_manager):
    pages = {address: as_manager.get(address, follow=True) for address in listed()}
    assert {address for address, page in pages.items() if page.status_code != 200} == set()
    shown = {address for address, page in pages.items() if OTHERS in page.content.decode()}
    assert shown == set()
    assert "山田商事" in pages[reverse("admin:contracts_contract_changelist")].content.decode()


def foreign_keys(manager: User) -> dict[str, int]:
    """The key of an object of each model that the other provider has, by the model's label."""
    everything = User.objects.create_superuser("root@provider.example")
    found = {}
    for model in admin.site._registry:
        reached = within(manager, model._base_manager.all())
        other = model._base_manager.exclude(pk__in=reached.values("pk")).first()
        if other is not None and other != everything:
            found[model._meta.label_lower] = other.pk
    return found


def pages_about(label: str, key: int) -> Iterator[str]:
    """Each address of the admin about an object."""
    model = apps.get_model(label)
    names = get_resolver().namespace_dict["admin"][1].reverse_dict
    for name in names:
        if not isinstance(name, str) or not name.startswith(
            f"{model._meta.app_label}_{model._meta.model_name}_"
        ):
            continue
        for forms in names.getlist(name):
            for parts in (forms[0][0][1],):
                if parts == ["object_id"] or parts == ["pk"]:
                    yield reverse(f"admin:{name}", args=[key])


def test_no_page_of_what_is_of_another_provider_is_found(as_manager, manager):
    keys = foreign_keys(manager)
    assert {"contracts.contract", "billing.invoice", "outbox.mail", "audit.auditentry"} <= keys.keys()
    addresses = [address for label, key in keys.items() for address in pages_about(label, key)]
    assert len(addresses) > 60
    for act in (as_manager.get, as_manager.post):
        assert {address for address in addresses if act(address).status_code != 404} == set()


def test_their_own_pages_are_found(as_manager, own):
    for name in ("change", "history", "suspend"):
        assert as_manager.get(reverse(f"admin:contracts_contract_{name}", args=[own.pk])).status_code == 200


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("contracts:contract-what-if", lambda one: [one.number]),
        ("contracts:contract-timeline", lambda one: [one.number]),
        ("contracts:calendar-provider", lambda one: [one.service.provider.code]),
        ("contracts:application-pdf", lambda one: [one.application.number]),
        ("contracts:contract-letter", lambda one: [one.letters.first().number]),
        ("contracts:consent-certificate", lambda one: [one.application.consents.get().sequence]),
        ("billing:invoice-pdf", lambda one: [one.invoices.get().number]),
        ("billing:statement-of", lambda one: [one.service.provider.code, one.organisation_id]),
    ],
)
def test_no_file_of_another_provider_is_handed_out(name, argument, as_manager, own, foreign):
    assert as_manager.get(reverse(name, args=argument(foreign))).status_code == 404
    if name != "contracts:contract-letter":
        assert as_manager.get(reverse(name, args=argument(own))).status_code == 200


def test_the_queue_and_the_first_page_count_their_own_alone(as_manager, foreign, make_staff, signed_in):
    of_all = signed_in(make_staff("all@provider.example", StaffRole.MANAGER))
    own, every = (client.get(reverse("work-queue")) for client in (as_manager, of_all))
    assert {line.entry.customer for line in own.context["queue"].lines} == {"山田商事株式会社"}
    assert own.context["queue"].total < every.context["queue"].total
    assert foreign.service.name not in own.content.decode()
    assert (to_decide(as_manager), to_decide(of_all)) == ([0, 0], [1, 1])


def to_decide(client: Client) -> list[int]:
    """How many applications and requests the first page says to wait."""
    waiting = client.get(reverse("admin:index")).context["waiting"]
    return [one.count for one in waiting if "status__exact=submitted" in one.url and "contracts" in one.model]


def test_searches_and_choices_find_their_own_alone(as_manager, manager):
    found = as_manager.get(reverse("admin:search"), {"q": "鈴木"})
    assert OTHERS not in found.content.decode()
    choices = as_manager.get(
        reverse("admin:autocomplete"),
        {"app_label": "organisations", "model_name": "membership", "field_name": "user", "term": "ichiro"},
    )
    assert choices.json()["results"] == []


def test_filters_and_forms_offer_their_own_alone(as_manager, foreign):
    for address in ("admin:contracts_contract_changelist", "admin:billing_billingrun_bill_month"):
        assert foreign.service.provider.name not in as_manager.get(reverse(address)).content.decode()
    page = as_manager.get(reverse("admin:contracts_contract_changelist"))
    assert foreign.service.name not in page.content.decode()


def test_a_contract_of_another_provider_is_none_in_forms(as_manager, foreign):
    page = as_manager.post(
        reverse("admin:billing_specialprice_set_price"),
        {
            "contract": foreign.number,
            "product": "line",
            "unit_price": "1",
            "starts_on": "2026-12-01",
            "reason": "-",
        },
    )
    assert "contract" in page.context["form"].errors


def test_the_trail_and_the_outbox_tell_of_their_own_alone(manager, foreign, own):
    entries = within(manager, AuditEntry.objects.all())
    assert not entries.filter(organisation=foreign.organisation).exists()
    assert (
        entries.filter(organisation=own.organisation, action="contract.accepted").exists() or entries.exists()
    )
    mails = within(manager, Mail.objects.all())
    assert set(mails.values_list("organisation", flat=True)) <= {own.organisation_id, None}
    assert Mail.objects.filter(organisation=foreign.organisation).exists()


def test_filters_name_nobody_of_another_provider(as_manager, foreign, own, make_staff):
    make_staff("stranger@other.example", StaffRole.RECEPTION, display_name="他社 花子")
    scenes.works_for(User.objects.get(email="stranger@other.example"), foreign.service.provider)
    theirs, ours = scenes.owner_of(foreign.organisation), scenes.owner_of(own.organisation)
    trail = reverse("admin:audit_auditentry_changelist")
    pages = {one: as_manager.get(trail, {"by": one.pk}).content.decode() for one in (theirs, ours)}
    assert "他社 花子" not in pages[ours]
    assert str(theirs) not in pages[theirs]
    assert str(ours) in pages[ours]


def test_a_customer_of_both_shows_each_what_is_its_own(as_manager, own, foreign):
    scenes.apply(
        foreign.service,
        {foreign.items.get().product: 1},
        scenes.at("2026-11-19"),
        organisation=own.organisation,
    )
    page = as_manager.get(reverse("admin:organisations_organisation_history", args=[own.organisation_id]))
    assert page.status_code == 200
    told = [str(one) for one in page.context["told"]]
    assert not any(
        number in line
        for line in told
        for number in Application.objects.filter(service=foreign.service).values_list("number", flat=True)
    )


def test_organisations_are_those_that_applied_to_the_provider(manager, own, foreign):
    assert list(within(manager, Organisation.objects.all())) == [own.organisation]
    scenes.apply(own.service, {"line": 1}, scenes.at("2026-11-19"), organisation=foreign.organisation)
    assert set(within(manager, Organisation.objects.all())) == {own.organisation, foreign.organisation}


def test_nobody_decides_on_what_is_of_another_provider(manager, foreign):
    waiting = Application.objects.get(status="submitted")
    reason = waiting.terms_version.policy.refusal_reasons[0].key
    with pytest.raises(ValidationError) as refused:
        refuse_application(waiting, manager, reason, "", scenes.at("2026-11-20"))
    assert refused.value.code == "other_provider"
    waiting.refresh_from_db()
    assert waiting.status == "submitted"


def test_nobody_bills_for_another_provider(manager, foreign):
    with pytest.raises(ValidationError) as refused:
        begin(foreign.service.provider, Month(2026, 11), scenes.day("2026-12-10"), manager)
    assert refused.value.code == "other_provider"
    assert Invoice.objects.filter(provider=foreign.service.provider).count() == 1


def test_no_operation_of_staff_is_recorded_on_what_is_of_another_provider(manager):
    recorded = set()
    for label, key in foreign_keys(manager).items():
        if isinstance(ways()[label], tuple):
            with pytest.raises(ValidationError) as refused:
                record("contract.changed", manager, apps.get_model(label)._base_manager.get(pk=key))
            recorded.add((label, refused.value.code))
    assert {("contracts.contract", "other_provider"), ("billing.invoice", "other_provider")} <= recorded
    assert {code for _label, code in recorded} == {"other_provider"}


def test_nobody_proposes_or_approves_for_another_provider(manager, foreign, make_staff):
    colleague = scenes.works_for(
        make_staff("theirs@provider.example", StaffRole.MANAGER), foreign.service.provider
    )
    wanted = RuleData(provider=foreign.service.provider.code, alone=True, reason="一人のため")
    with pytest.raises(ValidationError) as refused:
        put_forward(SECOND_PERSON, wanted, manager, scenes.at("2026-11-20"))
    assert refused.value.code == "other_provider"
    proposal = put_forward(SECOND_PERSON, wanted, colleague, scenes.at("2026-11-20"))
    assert proposal not in within(manager, Proposal.objects.all())
    assert manager not in second_persons(proposal)
    with pytest.raises(ValidationError) as refused:
        approve(proposal, manager, proposal.digest, scenes.at("2026-11-20"))
    assert refused.value.code == "other_provider"


def test_a_lost_factor_is_taken_away_by_people_of_the_same_provider(manager, as_manager, foreign, make_staff):
    lost, first = (
        scenes.works_for(make_staff(f"{name}@other.example", StaffRole.MANAGER), foreign.service.provider)
        for name in ("lost", "first")
    )
    wanted = FactorResetData(person=lost.pk, reason="端末を紛失")
    with pytest.raises(ValidationError) as refused:
        put_forward(FACTOR_RESET, wanted, manager, scenes.at("2026-11-20"))
    assert refused.value.code == "other_provider"
    waiting = put_forward(FACTOR_RESET, wanted, first, scenes.at("2026-11-20"))
    assert manager not in second_persons(waiting)
    with pytest.raises(ValidationError):
        approve(waiting, manager, waiting.digest, scenes.at("2026-11-20"))
    listed = as_manager.get(reverse("admin:approvals_proposal_changelist"), {"state__exact": "waits"})
    assert str(lost) not in listed.content.decode()
    assert lost.authenticator_set.exists()


def test_who_works_for_none_sees_nothing(make_staff, own, signed_in):
    nobody = scenes.works_for(make_staff("new@provider.example", StaffRole.MANAGER))
    page = signed_in(nobody).get(reverse("admin:contracts_contract_changelist"))
    assert page.context["cl"].result_count == 0


def test_superusers_work_for_all(own, foreign):
    root = User.objects.create_superuser("root@provider.example")
    assert within(root, Contract.objects.all()).count() == 2


@pytest.fixture
def passing(own) -> ContractRequest:
    """山田商事 says that 鈴木製作所, a customer of the other provider, takes its place."""
    successor = Successor(
        name=OTHERS,
        postal_code="100-0002",
        address="東京都千代田区皇居外苑1-1",
        phone="03-0000-0009",
        email="soumu@suzuki.example",
    )
    data = SuccessionData(wanted_on=scenes.day("2026-11-19"), cause="merger", successors=(successor,))
    return scenes.ask(own, "succession", data, scenes.at("2026-11-19"))


def test_anothers_customer_is_offered_for_no_succession(as_manager, passing, foreign):
    page = reverse("admin:contracts_contractrequest_accept", args=[passing.pk])
    form = as_manager.get(page).context["form"]
    assert [value for value, _label in form.fields["successor"].choices] == [""]
    for name in ("successor", "other_successor"):
        typed = {name: foreign.organisation_id, "differs_knowingly": "on", "confirm": "1"}
        assert name in as_manager.post(page, typed).context["form"].errors
    passing.refresh_from_db()
    assert passing.is_open


def test_nobody_of_anothers_customer_is_made_a_member(as_manager, own, foreign):
    stranger = scenes.owner_of(foreign.organisation)
    page = reverse("admin:organisations_organisation_change", args=[own.organisation_id])
    form = as_manager.get(page).context["adminform"].form
    typed = {name: value for name, value in form.initial.items() if value is not None}
    typed |= {
        "memberships-TOTAL_FORMS": 2,
        "memberships-INITIAL_FORMS": 1,
        "memberships-1-user": stranger.pk,
        "memberships-1-role": "member",
        "memberships-0-id": own.organisation.memberships.get().pk,
        "memberships-0-organisation": own.organisation_id,
    }
    reply = as_manager.post(page, typed)
    assert reply.status_code == 200
    assert "user" in reply.context["inline_admin_formsets"][0].formset.errors[1]
    assert stranger.memberships.count() == 1


def test_contracts_with_another_provider_are_not_named_beside_members(as_manager, own, foreign):
    shared = scenes.running(foreign.service, {"id": 1}, own.organisation)
    join(own.organisation, limited(own, shared))
    page = as_manager.get(reverse("admin:organisations_organisation_change", args=[own.organisation_id]))
    assert own.number in page.content.decode()
    assert shared.number not in page.content.decode()


def test_what_is_wrong_with_the_installation_is_told_to_who_works_for_all(as_manager, make_staff, signed_in):
    DamagedFile.objects.create(
        name="invoices/foreign.pdf", how=DamagedFile.How.MISSING, found_at=scenes.at("2026-11-20")
    )
    page = reverse("admin:index")
    assert as_manager.get(page).context["troubles"] == []
    of_all = make_staff("all@provider.example", StaffRole.MANAGER)
    assert "invoices/foreign.pdf" in signed_in(of_all).get(page).content.decode()


def test_what_could_not_be_drawn_is_told_to_its_own_provider(as_manager, foreign, own, make_staff, signed_in):
    october = Month(2026, 10)
    for contract in (own, foreign):
        asked = ask_for_statement(
            contract.service.provider,
            contract.organisation,
            october.first,
            october.last,
            scenes.owner_of(contract.organisation),
        )
        StatementOfAccount.objects.filter(pk=asked.pk).update(trouble=f"disk full {contract.number}")
    (told,) = as_manager.get(reverse("admin:index")).context["troubles"]
    assert own.number in told.text
    assert foreign.number not in told.text


def test_a_price_list_that_came_for_another_provider_is_not_filled_in(as_manager, own, foreign):
    brought = {
        contract: BroughtPriceList.objects.create(
            service=contract.service,
            effective_on=scenes.day("2027-04-01"),
            source=f"# {contract.number}",
            brought_at=scenes.at("2026-11-19"),
        )
        for contract in (own, foreign)
    }
    page = reverse("admin:billing_pricelistversion_change_prices")
    shown = {
        contract: as_manager.get(page, {"brought": one.pk}).content.decode()
        for contract, one in brought.items()
    }
    assert f"# {own.number}" in shown[own]
    assert f"# {foreign.number}" not in shown[foreign]
