"""Scenes for tests of billing: services of the catalog, customers, contracts."""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.db import transaction

from billing.models import BillingRun, Invoice, PriceListVersion
from billing.pricing.price_lists import publish_price_list
from billing.runs.bill import bill
from billing.runs.states import begin, calculate, submit
from contracts.models import Application, Claim, Contract, ContractItem, Service
from contracts.publishing import publish
from contracts.publishing.agents import save_agent, store_rules
from contracts.publishing.publish import publish_version
from contracts.publishing.services import save_service
from contracts.rules.calendar.period import Month
from contracts.rules.decision import Step
from contracts.rules.life.end_with_minimum_term import EndWithMinimumTerm
from contracts.rules.policy.service_file import read_agent, read_service
from contracts.rules.stored import to_stored
from portal.organisations.models import Organisation, User
from tests.approving import approved
from tests.catalog_policies import agent_layers, policy_of, price_files, sellers

CATALOG = Path(__file__).parent.parent / "contracts" / "catalog"
CHECKED: set[Path] = set()
LONG_AGO = datetime(2016, 1, 1, tzinfo=UTC)
OCTOBER = Month(2026, 10)
ISSUE_DAY = date(2026, 11, 10)


def load_agents(service: Service) -> None:
    """The agents that the catalog knows of a service, with their rules."""
    for position, key in enumerate(sellers(service.slug), start=1):
        file = CATALOG / service.slug / "agents" / key / "agent.toml"
        agent = save_agent(service, key, read_agent(file.read_text(encoding="utf-8")), position)
        for layer in agent_layers(service.slug, key):
            with transaction.atomic():
                store_rules(agent, source=layer.rules, text=layer.text, at=LONG_AGO, staff=None)


def load_service(slug: str) -> Service:
    """A service of the catalog with its published terms, without price lists."""
    folder = CATALOG / slug
    service = save_service(read_service((folder / "service.toml").read_text(encoding="utf-8")))
    load_agents(service)
    policies = [path for path in folder.glob("*.toml") if path.name != "service.toml"]
    for path in sorted(policies, key=lambda path: policy_of(path).effective.on):
        source = path.read_text(encoding="utf-8")
        policy = policy_of(path)
        with checked_once(path):
            publish_version(
                service,
                name=policy.version,
                title=policy.title,
                text=path.with_suffix(".md").read_text(encoding="utf-8"),
                policy_source=source,
                at=LONG_AGO,
                staff=None,
                approval=approved("publication"),
            )
    return service


@contextmanager
def checked_once(path: Path) -> Iterator[None]:
    """Check what the catalog states where a run publishes it first: the checks take half of the time."""
    if path in CHECKED:
        with patch.multiple(publish, _contradictions=no_problems, broken_layers=no_problems):
            yield
    else:
        yield
        CHECKED.add(path)


def no_problems(*_about: object) -> list[Any]:
    return []


def price_list_source(slug: str) -> str:
    """The first price list of the catalog, where agents have their own that of the first one."""
    return price_files(slug)[0].read_text(encoding="utf-8")


def load_priced_service(slug: str) -> Service:
    service = load_service(slug)
    publish_price_list(service, price_list_source(slug), approval=approved("price_list"))
    return service


def add_price_list(
    service: Service, effective_on: date, prices: dict[str, int], tax: str = "standard"
) -> PriceListVersion:
    """A list that prices the given products only, all at one rate."""
    rows = [
        f'[[prices]]\narticle = "list-1"\nproduct = "{product}"\nunit_price = {price}\ntax = "{tax}"\n'
        for product, price in prices.items()
    ]
    source = f"effective_on = {effective_on}\n\n" + "\n".join(rows)
    return publish_price_list(service, source, approval=approved("price_list"))


def make_contract(
    service: Service,
    organisation: Organisation,
    user: User,
    number: str,
    items: dict[str, int] | None = None,
    *,
    billed_from: date = date(2026, 10, 1),
    payment_method: str = "transfer",
) -> Contract:
    """A contract that runs from a day on, holding the given products (without: none)."""
    moment = datetime(billed_from.year, billed_from.month, 1, tzinfo=UTC)
    application = Application.objects.create(
        number=f"A-{number}",
        service=service,
        terms_version=service.versions.published().latest("effective_on"),
        organisation=organisation,
        applicant=user,
        status=Application.Status.ACCEPTED,
        submitted_at=moment,
        submission_key=uuid.uuid4(),
        payment_method=payment_method,
    )
    contract = Contract.objects.create(
        number=number,
        service=service,
        organisation=organisation,
        application=application,
        contracted_version=application.terms_version,
        payment_method=payment_method,
        applied_at=moment,
        formed_on=billed_from,
        service_starts_on=billed_from,
        billed_from_on=billed_from,
    )
    for product, quantity in (items or {}).items():
        hold(contract, product, quantity, billed_from)
    return contract


def hold(
    contract: Contract, product: str, quantity: int, since: date, through: date | None = None
) -> ContractItem:
    """Let a contract hold a product from a day on, through a last day if there is one."""
    return ContractItem.objects.create(
        contract=contract,
        product=product,
        quantity=quantity,
        starts_on=since,
        ends_on=through,
        billed_from_on=since,
        billed_through_on=through,
    )


def make_contracts(
    service: Service, organisation: Organisation, user: User, numbers: Iterable[str]
) -> list[Contract]:
    """Contracts of two lines and one more seat each than the one before."""
    return [
        make_contract(service, organisation, user, number, {"line": 2, "seat": place})
        for place, number in enumerate(numbers, 1)
    ]


def submitted_run(service: Service, staff: User, **options: bool) -> BillingRun:
    """October's run of a service's provider: calculated, and put to a second person for approval."""
    return submit(calculate(begin(service.provider, OCTOBER, ISSUE_DAY, staff, **options)), staff)


def billed(service: Service, month: Month) -> Invoice:
    """The invoice of the month for the only contract, issued on the first day of the next."""
    bill(service.provider, month, (month + 1).first)
    return Invoice.objects.charging().get(month=month.first)


def claim(contract: Contract, **changed: Any) -> Claim:
    """What a decision on the contract brought: 12,000 yen of a minimum term, in October."""
    ends_on = date(2026, 10, 31)
    given = {"months": 1, "ends": ends_on, "monthly_fee": 12_000}
    decision = EndWithMinimumTerm(
        outcome="accepted",
        received_on=date(2026, 9, 1),
        wanted_ends_on=ends_on,
        deadline_on=date(2026, 9, 30),
        ends_on=ends_on,
        earliest_ends_on=ends_on,
        billed_through_on=ends_on,
        minimum_ends_on=date(2026, 11, 30),
        minimum_months_left=1,
        minimum_term_charge=12_000,
        steps=(Step("minimum_term.charge", ("14",), given, 12_000),),
    )
    values = {
        "kind": Claim.Kind.MINIMUM_TERM,
        "net": 12_000,
        "tax": "standard",
        "arose_on": ends_on,
        "terms_version": contract.contracted_version,
        "decision": to_stored(decision),
        **changed,
    }
    return Claim.objects.create(contract=contract, **values)
