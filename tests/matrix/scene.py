"""What the addresses are about: a contract that passed on, with what was there before and after that."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from django.apps import apps
from django.db.models import Model

from billing.receivables.reminders import issue_reminder
from billing.runs.bill import bill
from billing.tasks import draw_letters
from contracts.applications.drafts import save_draft
from contracts.inquiries.operations import Question, ask
from contracts.lifecycle.documents import attach_document
from contracts.models import (
    AuthorisedUser,
    Contract,
    ContractRequest,
    IndividualAgreement,
    Provider,
    Service,
    Suspension,
    Task,
    TermsVersion,
)
from contracts.publishing.drafts import create_draft
from contracts.requests.decide import accept_request
from contracts.requests.kinds.successions import SuccessionData
from contracts.requests.product_forms import ProductChangeData
from contracts.requests.successors import Successor
from contracts.requests.withdrawal import withdraw_request
from contracts.rules.calendar.period import Month
from portal.organisations.members.inviting import invite
from portal.organisations.models import Organisation, User
from portal.organisations.operations import OrganisationDetails, create_organisation
from tests import scenes
from tests.agent_scene import desk_of
from tests.billing_scene import claim, load_priced_service, load_service
from tests.matrix.addresses import Address
from tests.member_scene import READER, join
from tests.papers_scene import deposit_letter, drawn_statement, letters_about, made_copy, sent_notice
from tests.tables_scene import shown

PDF = b"%PDF-1.7\n%%EOF\n"
BEFORE, AFTER = "2026-11-05", "2026-11-19"
"""The contract passed on between these days."""

ASKING = "simpleconnect"
"""Whose customers are asked to agree to a new version."""


@dataclass(frozen=True)
class Scene:
    """Who is concerned, and what each address asks for, by the thing that it is about."""

    owner: User
    """Of the organisation that holds the contract: the successor."""
    former: User
    """Of the one that held it before."""
    other: User
    agent: User
    """Who works for the sales agent of the contract `beside`."""
    beside: Contract
    """Another contract of the owner's organisation, which none of the things is of."""
    elsewhere: Provider
    """A provider that none of the things is of."""
    given: Mapping[str, Mapping[str, Mapping[str, object]]]
    """What the customers' addresses ask for, by thing."""
    objects: Mapping[type[Model], Mapping[str, int]]
    """Which objects of a model the admin's pages are about, by thing; of other models the first."""

    def things(self, address: Address) -> Iterator[tuple[str, str]]:
        """The things that an address is about, by their names, each with its path."""
        if not address.asks:
            yield "", address.written({})
        elif address.name.startswith("admin:"):
            for thing, key in self._keys(address.name.removeprefix("admin:")).items():
                yield thing, address.written({ask: _IN_ADMIN.get(ask, key) for ask in address.asks})
        else:
            for thing, given in self.given.get(address.name, {"none": _NOTHING}).items():
                yield thing, address.written({**_NOTHING, **given})

    def _keys(self, name: str) -> Mapping[str, int]:
        """The objects that a page of the admin is about, or the first that there would be."""
        model = _model_of(name)
        if model in self.objects:
            return self.objects[model]
        found = model._default_manager.order_by("pk").first() if model else None
        return {"one": found.pk if found else 1}


_NOTHING = {
    "slug": "ct-e1",
    "version": "1",
    "agent": "nobody",
    "key": "company",
    "number": "X26-999999",
    "kind": "cancellation",
    "code": "nobody",
    "token": "1-guessed.signature",
    "pk": 999_999,
    "sequence": 999_999,
    "organisation_pk": 999_999,
    "uidb36": "1",
    "file_format": "csv",
}
"""What stands in an address of which the scene has nothing."""


def set_scene(make_user) -> Scene:
    """山田商事 had a contract, which passed to 鈴木製作所; 佐藤物産 has nothing to do with it."""
    service = load_priced_service("ct-e1")
    applied = scenes.apply(
        service, {"line": 2}, scenes.at("2026-09-10"), wanted_start_on=scenes.day("2026-10-01")
    )
    contract = scenes.accept(applied, scenes.at("2026-09-11"))
    former, owner = scenes.owner_of(contract.organisation), scenes.owner_of(scenes.suzuki())
    before = _papers(contract, former, BEFORE)
    of_money = _papers_about_money(contract)
    succession = _pass_on(contract)
    contract = Contract.objects.get(pk=contract.pk)
    after = _papers(contract, owner, AFTER)
    other = make_user("satou@customer.example", display_name="佐藤 次郎")
    create_organisation(
        other,
        OrganisationDetails(
            name="佐藤物産株式会社",
            kana="サトウブッサン",
            postal_code="100-0001",
            address="東京都千代田区千代田1-1",
            phone="03-0000-0007",
            invoice_email="keiri@satou.example",
        ),
    )
    papers = {"before": before, "after": after, "passing": succession}
    given = {**_given(service, contract, papers), **_of_people(contract), **of_money, **_tables(service)}
    for name, things in _of_another_contract(contract.organisation).items():
        given[name] = {**given.get(name, {}), **things}
    beside = scenes.running(load_priced_service("progoffice"), {"user": 1}, contract.organisation)
    elsewhere = load_service("desknets").provider
    agent, at_desk = _at_the_desk(beside)
    return Scene(owner, former, other, agent, beside, elsewhere, {**given, **at_desk}, _objects(contract))


def _at_the_desk(contract: Contract) -> tuple[User, dict[str, dict[str, dict[str, object]]]]:
    """Somebody at the desk of a contract's sales agent, and what is there of the contract."""
    agent = contract.service.first_agent
    assert agent
    organisation = desk_of(agent)
    data = ProductChangeData(wanted_on=scenes.day("2026-12-01"), product="user", quantity=3)
    asked = scenes.ask(contract, "quantity_up", data, scenes.at(AFTER))
    person = scenes.owner_of(contract.organisation)
    document = attach_document(asked, person, "proof.pdf", PDF, scenes.at(AFTER))
    numbers = {
        "application": contract.application.number,
        "application-pdf": contract.application.number,
        "contract": contract.number,
        "enter-request": contract.number,
        "request": asked.number,
    }
    things = {f"contracts:desk-{page}": {"own": {"number": number}} for page, number in numbers.items()}
    of_others = {name: {**own, "none": {}} for name, own in things.items()}
    return scenes.owner_of(organisation), {
        **of_others,
        "contracts:desk-document": {"own": {"pk": document.pk}, "none": {}},
    }


@dataclass(frozen=True)
class _Papers:
    request: str
    document: int
    letter: str | None = None


def _papers(contract: Contract, person: User, day: str) -> _Papers:
    request = scenes.cancel(contract, scenes.day("2026-12-31"), scenes.at(day))
    document = attach_document(request, person, "proof.pdf", PDF, scenes.at(day))
    letter = request.letters.get()
    if day == BEFORE:
        withdraw_request(request, person, scenes.at(day))
    return _Papers(request.number, document.pk, letter.number)


def _of_another_contract(organisation: Organisation) -> dict[str, dict[str, dict[str, object]]]:
    """What is about a contract of the successor that was its own from the start."""
    contract = organisation.contracts.get(service__slug=ASKING)
    bill(contract.service.provider, Month(2026, 10), scenes.day(AFTER))
    invoice = contract.invoices.get()
    number, statement = {"number": invoice.number}, {"pk": drawn_statement(invoice).pk}
    reminded_on = invoice.due_on + timedelta(days=7)
    papers = {
        "contracts:consent-certificate": {"sequence": contract.application.consents.get().sequence},
        **dict.fromkeys(_OF_INVOICES, number),
        **dict.fromkeys(_OF_STATEMENTS, statement),
        "billing:reminder-pdf": {"pk": issue_reminder(invoice.provider, organisation, reminded_on).pk},
        "billing:deposit-letter-pdf": {"pk": deposit_letter(invoice).pk},
    }
    draw_letters()
    return {name: {"own": given} for name, given in papers.items()}


def _papers_about_money(contract: Contract) -> dict[str, dict[str, dict[str, object]]]:
    """An invoice, and what followed from it before the contract passed on."""
    bill(contract.service.provider, Month(2026, 10), scenes.day(BEFORE))
    invoice = contract.invoices.get()
    number, statement = {"number": invoice.number}, {"pk": drawn_statement(invoice).pk}
    papers = {
        **dict.fromkeys(_OF_INVOICES, number),
        **dict.fromkeys(_OF_STATEMENTS, statement),
        **{name: {"pk": args[0]} for name, args in letters_about(invoice).items()},
    }
    return {name: {"before": given} for name, given in papers.items()}


def _tables(service: Service) -> dict[str, dict[str, dict[str, object]]]:
    """Tables of closed days, and one that was brought in."""
    clerk = User.objects.create_superuser("tables@provider.example")
    brought = shown("closures", [["day"], ["2026-12-30"]], clerk, service.provider)
    kind = {"": {"kind": "closures"}}
    return {
        **dict.fromkeys(("table", "table-template", "table-export"), kind),
        "table-import": {"": {"pk": brought.pk}},
    }


def _pass_on(contract: Contract) -> _Papers:
    successor = Successor(
        name="株式会社鈴木製作所",
        postal_code="100-0002",
        address="東京都千代田区皇居外苑1-1",
        phone="03-0000-0009",
        email="soumu@suzuki.example",
    )
    data = SuccessionData(wanted_on=scenes.day("2026-11-06"), cause="merger", successors=(successor,))
    asked = scenes.ask(contract, "succession", data, scenes.at("2026-11-06"))
    document = attach_document(
        asked, scenes.owner_of(contract.organisation), "合併.pdf", PDF, scenes.at("2026-11-06")
    )
    accept_request(asked, scenes.staff_member(), scenes.at("2026-11-07"), successor=scenes.suzuki())
    return _Papers(asked.number, document.pk)


def _of_people(contract: Contract) -> dict[str, dict[str, dict[str, object]]]:
    """A colleague of the owner, somebody who is invited, and a copy of what is held about them."""
    organisation, owner = contract.organisation, scenes.owner_of(contract.organisation)
    member = {"": {"pk": join(organisation, READER, "member@suzuki.example").pk}}
    invited = invite(organisation, owner, "invited@suzuki.example", READER, scenes.at(AFTER))
    invitation = {"": {"pk": invited.pk}}
    copy = {"": {"pk": made_copy(contract).pk}}
    return {
        **{f"organisations:member{page}": member for page in ("", "-remove", "-hand-over")},
        **{f"organisations:invitation-{page}": invitation for page in ("again", "withdraw", "accept")},
        **{f"data_protection:copy{page}": copy for page in ("", "-file")},
    }


def _objects(contract: Contract) -> dict[type[Model], dict[str, int]]:
    """What staff decide on and is not decided, and what else there would be none of."""
    service, version, moment = contract.service, contract.contracted_version, scenes.at(AFTER)
    task = Task.objects.create(
        contract=contract,
        kind=Task.Kind.ENTER_COSTS,
        due_on=scenes.day(AFTER),
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
    agreed = IndividualAgreement.objects.create(
        contract=contract,
        title="特約",
        effective_on=scenes.day("2026-12-01"),
        rules="minimum_term.months = 2",
        made_at=moment,
        made_by=scenes.staff_member(),
    )
    closure = service.provider.closures.create(day=scenes.day("2026-12-28"))
    draft = create_draft(service, name="next", terms=version.terms, source="terms.txt", staff=None)
    undecided = scenes.apply(service, {"line": 2, "seat": 3}, scenes.at("2026-11-18"))
    waiting = contract.requests.get(status__in=ContractRequest.OPEN)
    one = {
        thing._meta.model: {"one": thing.pk}
        for thing in (task, stop, user, agreed, closure, claim(contract), undecided, waiting)
    }
    return {**one, TermsVersion: {"published": version.pk, "draft": draft.pk}}


def _given(
    service: Service, contract: Contract, papers: Mapping[str, _Papers]
) -> dict[str, dict[str, dict[str, object]]]:
    """What each of the customers' addresses asks for, by thing; a test says where one is missing."""
    of_contract = {"": {"number": contract.number}}
    of_application = {"": {"number": contract.application.number}}
    of_service = {"": {"slug": service.slug}}
    notice = {"": {"pk": sent_notice(contract).pk}}
    consent = contract.application.consents.get()
    save_draft(contract.organisation, service, scenes.owner_of(contract.organisation), {}, scenes.at(AFTER))
    asking = load_priced_service(ASKING)
    scenes.running(asking, {"id": 1}, contract.organisation)
    announced = scenes.next_version(asking, scenes.day("2027-02-01"), scenes.at(AFTER))
    version = {"": {"slug": service.slug, "version": contract.contracted_version.name}}
    requests = {thing: {"number": paper.request} for thing, paper in papers.items()}
    question = Question(about_kind="contract", about_number=contract.number, subject="質問", text="質問です")
    asked = ask(
        scenes.owner_of(contract.organisation), contract.organisation, question, uuid4(), scenes.at(AFTER)
    )
    of_customer = {"": {"code": service.provider.code, "organisation_pk": contract.organisation.pk}}
    return {
        "contracts:terms-version": version,
        "contracts:consent-renewal": {"": {"slug": asking.slug, "version": announced.name}},
        "contracts:consent-refusal": {"": {"slug": asking.slug, "version": announced.name}},
        **dict.fromkeys(_OF_SERVICES, of_service),
        **dict.fromkeys(_OF_APPLICATIONS, of_application),
        **dict.fromkeys(_OF_CONTRACTS, of_contract),
        "contracts:contract-request-new": {"": {"number": contract.number, "kind": "quantity_up"}},
        "contracts:calendar-provider": {"": {"code": service.provider.code}},
        "contracts:calendar-feed": {"": {}},
        "contracts:contract-request-detail": requests,
        "contracts:contract-request-withdraw": requests,
        "contracts:contract-document": {thing: {"pk": paper.document} for thing, paper in papers.items()},
        "contracts:contract-letter": {
            thing: {"number": paper.letter} for thing, paper in papers.items() if paper.letter
        },
        "contracts:consent-certificate": {"": {"sequence": consent.sequence}},
        "contracts:inquiry": {"": {"number": asked.number}},
        "contracts:notice-detail": notice,
        "contracts:public-notice-detail": notice,
        "billing:invoice-statement": {"": {"code": service.provider.code}},
        "billing:invoice-statement-export": {"": {"code": service.provider.code}},
        "billing:statement-of": of_customer,
        "billing:statement-of-export": of_customer,
        "billing:contract-outages": of_contract,
        "billing:contract-outage-withdraw": of_contract,
        "help:page": {"": {"key": "apply"}},
        "imprint:text": {"": {"kind": "privacy"}},
        "imprint:version": {"": {"kind": "privacy", "version": "1"}},
        "account_reset_password_from_key": {"": {"key": "1-guessed"}},
        "account_confirm_email": {"": {"key": "guessed"}},
    }


_OF_SERVICES = [
    f"contracts:{name}"
    for name in (
        "service-detail",
        "terms-history",
        "terms-compare",
        "terms-as-of",
        "application-new",
        "application-step",
        "application-estimate",
        "application-discard",
        "application-confirm",
    )
]
_OF_APPLICATIONS = [
    f"contracts:application-{name}" for name in ("detail", "documents", "questions", "withdraw", "pdf")
]
_OF_CONTRACTS = [
    f"contracts:contract-{name}"
    for name in ("detail", "change", "what-if", "timeline", "rules", "request-new")
]
_OF_STATEMENTS = [f"billing:invoice-statement-{name}" for name in ("progress", "pdf")]
_OF_INVOICES = [
    f"billing:invoice-{name}" for name in ("detail", "payment-pdf", "pdf", "einvoice", "set-offs")
]


_IN_ADMIN = {"app_label": "contracts", "content_type_id": 1, "place": 0, "url": "nowhere"}


def _model_of(name: str) -> type[Model] | None:
    """The model of a page of the admin, by the name of its address; None for pages of none."""
    label, _line, rest = name.partition("_")
    models = (model for model in apps.get_models() if model._meta.app_label == label)
    return next((model for model in models if rest.startswith(f"{model._meta.model_name}_")), None)
