"""What the addresses are about: a contract that passed on, with what was there before and after that."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.apps import apps

from billing.runs.bill import bill
from contracts.applications.drafts import save_draft
from contracts.lifecycle.documents import attach_document
from contracts.models import Contract, Provider, Service
from contracts.requests.decide import accept_request, withdraw_request
from contracts.requests.kinds.successions import SuccessionData
from contracts.requests.successors import Successor
from contracts.rules.calendar.period import Month
from portal.organisations.models import User
from portal.organisations.operations import OrganisationDetails, create_organisation
from tests import scenes
from tests.billing_scene import load_priced_service, load_service
from tests.matrix.addresses import Address
from tests.papers_scene import drawn_statement, letters_about, sent_notice

PDF = b"%PDF-1.7\n%%EOF\n"
BEFORE, AFTER = "2026-11-05", "2026-11-19"
"""The contract passed on between these days."""


@dataclass(frozen=True)
class Scene:
    """Who is concerned, and what each address asks for, by the thing that it is about."""

    owner: User
    """Of the organisation that holds the contract: the successor."""
    former: User
    """Of the one that held it before."""
    other: User
    elsewhere: Provider
    """A provider that none of the things is of."""
    given: Mapping[str, Mapping[str, Mapping[str, object]]]

    def things(self, address: Address) -> Iterator[tuple[str, str]]:
        """The things that an address is about, by their names, each with its path."""
        if not address.asks:
            yield "", address.written({})
        elif address.name.startswith("admin:"):
            yield "one", address.written(_of_admin(address))
        else:
            for thing, given in self.given.get(address.name, {"none": _NOTHING}).items():
                yield thing, address.written({**_NOTHING, **given})


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
    given = {**_given(service, contract, papers), **of_money}
    return Scene(owner, former, other, load_service("desknets").provider, given)


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


def _papers_about_money(contract: Contract) -> dict[str, dict[str, dict[str, object]]]:
    """An invoice, and what followed from it before the contract passed on."""
    bill(contract.service.provider, Month(2026, 10), scenes.day(BEFORE))
    invoice = contract.invoices.get()
    statement = {"before": {"pk": drawn_statement(invoice).pk}}
    letters = {name: {"before": {"pk": args[0]}} for name, args in letters_about(invoice).items()}
    return {
        **{name: {"before": {"number": invoice.number}} for name in _OF_INVOICES},
        "billing:invoice-statement-progress": statement,
        "billing:invoice-statement-pdf": statement,
        **letters,
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
    asking = load_service("simpleconnect")
    scenes.running(asking, {"id": 1}, contract.organisation)
    announced = scenes.next_version(asking, scenes.day("2027-02-01"), scenes.at(AFTER))
    version = {"": {"slug": service.slug, "version": contract.contracted_version.name}}
    requests = {thing: {"number": paper.request} for thing, paper in papers.items()}
    return {
        "contracts:terms-version": version,
        "contracts:consent-renewal": {"": {"slug": asking.slug, "version": announced.name}},
        **dict.fromkeys(_OF_SERVICES, of_service),
        **dict.fromkeys(_OF_APPLICATIONS, of_application),
        **dict.fromkeys(_OF_CONTRACTS, of_contract),
        "contracts:calendar-provider": {"": {"code": service.provider.code}},
        "contracts:calendar-feed": {"": {}},
        "contracts:contract-request-detail": requests,
        "contracts:contract-request-withdraw": requests,
        "contracts:contract-document": {thing: {"pk": paper.document} for thing, paper in papers.items()},
        "contracts:contract-letter": {
            thing: {"number": paper.letter} for thing, paper in papers.items() if paper.letter
        },
        "contracts:consent-certificate": {"": {"sequence": consent.sequence}},
        "contracts:notice-detail": notice,
        "contracts:public-notice-detail": notice,
        "billing:invoice-statement": {"": {"code": service.provider.code}},
        "billing:statement-of": {
            "": {"code": service.provider.code, "organisation_pk": contract.organisation.pk}
        },
        "billing:contract-outages": of_contract,
        "billing:contract-outage-withdraw": of_contract,
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
    f"contracts:contract-{name}" for name in ("detail", "what-if", "timeline", "rules", "request-new")
]
_OF_INVOICES = [f"billing:invoice-{name}" for name in ("detail", "pdf", "einvoice", "set-offs")]


def _of_admin(address: Address) -> dict[str, object]:
    """An object of the model that a page of the admin is about, or the first that there would be."""
    one = _first_of(address.name.removeprefix("admin:"))
    return {ask: _IN_ADMIN.get(ask, one) for ask in address.asks}


_IN_ADMIN = {"app_label": "contracts", "content_type_id": 1, "place": 0, "url": "nowhere"}


def _first_of(name: str) -> int:
    label, _line, rest = name.partition("_")
    for model in apps.get_models():
        if model._meta.app_label == label and rest.startswith(f"{model._meta.model_name}_"):
            found = model._default_manager.order_by("pk").first()
            return found.pk if found else 1
    return 1
