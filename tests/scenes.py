"""Scenes for tests: a few named people and organisations, and contracts brought to a certain point."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar, cast
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import time_machine
from django.db.models import Model

from contracts.applications.activation import complete_registration, issue_activation_notice
from contracts.applications.checks import ApplicationData
from contracts.applications.decide import accept_application, submit_application
from contracts.applications.reviews import record_check
from contracts.models import (
    Application,
    Contract,
    ContractRequest,
    Provider,
    ProviderParticulars,
    Service,
    TermsVersion,
)
from contracts.policies.rulebooks import version_in_force
from contracts.publishing.particulars import STATED, change_particulars
from contracts.publishing.publish import publish_version
from contracts.requests.change_contracts import deliver_acceptance
from contracts.requests.data import RequestData
from contracts.requests.decide import accept_request, submit_request
from contracts.requests.kinds.endings import CancellationData
from contracts.rules.calendar.period import japan_date
from contracts.rules.life.formation import Formation
from contracts.rules.life.withdrawal import Costs, Withdrawal
from contracts.rules.stored import to_stored
from portal.organisations.models import Organisation, User
from portal.organisations.operations import OrganisationDetails, create_organisation
from portal.staffing.models import Belonging
from tests.approving import approved

JAPAN = ZoneInfo("Asia/Tokyo")
PDF = b"%PDF-1.7\n%%EOF\n"


Stored = TypeVar("Stored", bound=Model)


def again(stored: Stored) -> Stored:
    """What stands in the database, without what a test did to the object."""
    return type(stored)._base_manager.get(pk=stored.pk)


def at(text: str) -> datetime:
    """A moment in Japan: `2026-03-10` (at noon) or `2026-03-10 17:30`."""
    return datetime.fromisoformat(text if " " in text else f"{text} 12:00").replace(tzinfo=JAPAN)


def day(text: str) -> date:
    return date.fromisoformat(text)


def staff_member(name: str = "受付 太郎") -> User:
    """Somebody of the provider's staff."""
    return User.objects.create_user(
        f"staff{User.objects.count()}@provider.example", None, display_name=name, is_staff=True
    )


def works_for(person: User, *providers: Provider) -> User:
    """Let somebody of the staff work for these providers alone; gives them as they are then."""
    Belonging.objects.filter(staff=person).delete()
    for provider in providers:
        Belonging.objects.create(staff=person, provider=provider)
    return User.objects.get(pk=person.pk)


def yamada() -> Organisation:
    """山田商事, with 山田 花子 as its owner; the same whenever asked for."""
    return _organisation("山田商事株式会社", "hanako@yamada.example", "山田 花子")


def suzuki() -> Organisation:
    """鈴木製作所, with 鈴木 一郎 as its owner."""
    return _organisation("株式会社鈴木製作所", "ichiro@suzuki.example", "鈴木 一郎")


def _organisation(name: str, email: str, person: str) -> Organisation:
    found = Organisation.objects.filter(name=name).first()
    if found:
        return found
    owner = User.objects.create_user(email, None, display_name=person)
    details = OrganisationDetails(
        name=name,
        postal_code="100-0001",
        address="東京都千代田区千代田1-1",
        phone="03-0000-0000",
        invoice_email=email,
    )
    return create_organisation(owner, details)


def owner_of(organisation: Organisation) -> User:
    return organisation.memberships.owners()[0].user


def application_data(version: TermsVersion, quantities: Mapping[str, int], **changed: Any) -> ApplicationData:
    """A form filled in completely, but for what is changed."""
    application = version.policy.application
    values: dict[str, Any] = {
        "version": version.name,
        "quantities": dict(quantities),
        "particulars": {field.key: "記載例" for field in application.fields if field.required},
        "payment_method": application.payment_methods[0],
        "consent": True,
    }
    return ApplicationData(**{**values, **changed})


def apply(
    service: Service,
    quantities: Mapping[str, int],
    moment: datetime,
    *,
    key: UUID | None = None,
    organisation: Organisation | None = None,
    **changed: Any,
) -> Application:
    """An application of 山田商事, or of another organisation."""
    version = version_in_force(service, japan_date(moment))
    assert version, "no terms are in force on that day"
    applying = organisation or yamada()
    data = application_data(version, quantities, **changed)
    return submit_application(
        service, applying, owner_of(applying), data, key or uuid4(), moment, "192.0.2.1"
    )


def check(application: Application, staff: User, moment: datetime) -> None:
    """Make the checks that the terms ask for before an acceptance; all come out well."""
    for rule in application.terms_version.policy.checks_before("application"):
        record_check(application, staff, rule.kind, "clear", "", moment)


def accept(application: Application, moment: datetime, staff: User | None = None) -> Contract:
    """Accept an application, the acceptance mail going out at that moment."""
    deciding = staff or staff_member()
    check(application, deciding, moment)
    with time_machine.travel(moment, tick=False):
        accept_application(application, deciding, moment)
    return Contract.objects.get(application=application)


def grant(request: ContractRequest, moment: datetime) -> ContractRequest:
    """Accept a request, its acceptance going out at that moment where the terms let that form the change."""
    with time_machine.travel(moment, tick=False):
        deliver_acceptance(accept_request(request, staff_member(), moment), moment)
    return ContractRequest.objects.get(pk=request.pk)


def ask(contract: Contract, kind: str, data: RequestData, moment: datetime, **more: Any) -> ContractRequest:
    """A request of the contract's customer."""
    person = owner_of(contract.organisation)
    return submit_request(contract, person, kind, data, moment, uuid4(), **more)


def cancel(contract: Contract, wanted_on: date | None, moment: datetime, **more: Any) -> ContractRequest:
    """A cancellation by the contract's customer."""
    return ask(contract, "cancellation", CancellationData(wanted_on=wanted_on), moment, **more)


def registered(contract: Contract, moment: datetime) -> Contract:
    return complete_registration(contract, staff_member(), moment)


def activated(contract: Contract, start_on: date, moment: datetime) -> Contract:
    return issue_activation_notice(contract, staff_member(), start_on, moment)


def costly_withdrawal(contract: Contract, costs: Costs) -> dict[str, Any]:
    """A decision on a withdrawal that costs something, as it is stored, with the steps of the formation."""
    formation = cast(Formation, contract.decided_formation)
    return to_stored(
        Withdrawal(
            outcome="accepted",
            withdrawn_on=day("2026-11-19"),
            costs=costs,
            taxed=costs != "actual_damage",
            steps=formation.steps,
        )
    )


def restated(provider: Provider, starts_on: date, **changed: Any) -> ProviderParticulars:
    """What is stated of a provider from a day on: as it was stated last, but for what is changed."""
    last = Provider.issuers.get(pk=provider.pk).particulars.all()[0]
    values = {name: getattr(last, name) for name in STATED}
    return change_particulars(
        provider, starts_on, {**values, **changed}, staff_member(), approval=approved("particulars")
    )


def next_version(
    service: Service, effective_on: date, moment: datetime, *changes: tuple[str, str]
) -> TermsVersion:
    """A new version of a service's terms, published: the last one but for its name, date and `changes`.

    A change is a piece of the policy's source and what stands in its place.
    """
    last = service.versions.latest("effective_on")
    policy = last.policy_source.replace(f'version = "{last.name}"', f'version = "{effective_on}"', 1)
    for old, new in changes:
        assert old in policy, old
        policy = policy.replace(old, new, 1)
    return publish_version(
        service,
        name=str(effective_on),
        title=last.title,
        text=last.text,
        policy_source=re.sub(r"\bon = [0-9-]+", f"on = {effective_on}", policy, count=1),
        at=moment,
        staff=None,
        approval=approved("publication"),
    )


def running(
    service: Service, quantities: Mapping[str, int], organisation: Organisation, agent: str = ""
) -> Contract:
    """A contract that runs since October 2026, whatever the terms ask for on the way there."""
    moment, start_on = at("2026-09-10"), day("2026-10-01")
    applied = apply(
        service, quantities, moment, organisation=organisation, wanted_start_on=start_on, agent=agent
    )
    contract = accept(applied, moment)
    formation = contract.contracted_version.policy.formation
    if formation.formed_by == "registration":
        contract = registered(contract, moment)
    if formation.service_start.rule == "activation_notice":
        contract = activated(contract, day("2026-10-01"), moment)
    return contract
