"""From the application to the running contract, or to its withdrawal."""

from datetime import timedelta
from typing import Annotated
from uuid import uuid4

from django.core.exceptions import ValidationError
from pydantic import Field

from contracts.applications.acceptance import acceptance_mail
from contracts.applications.activation import complete_registration, issue_activation_notice
from contracts.applications.checks import ApplicationData
from contracts.applications.decide import accept_application, submit_application
from contracts.applications.reviews import record_check
from contracts.applications.withdrawal import withdraw_application
from contracts.approvals.charges import COSTS, CostsData
from contracts.correspondence.acceptance_letters import MARGIN
from contracts.models import Application, Contract, ContractRequest, ReviewCheck, Task
from contracts.policies.rulebooks import version_in_force
from contracts.requests.withdrawal import withdraw_request
from contracts.rules.examples.given import Day, Moment, Quantity, Yen
from contracts.rules.life.consent import start_of
from portal.lives.events.event import Event
from portal.lives.stage import TEXT, Stage
from portal.outbox.delivery import claim, taken
from portal.outbox.kinds import kind_of
from portal.outbox.models import Mail


class Apply(Event):
    """An application with all that the form asks for."""

    do = "apply"

    products: Annotated[dict[str, Quantity], Field(min_length=1)]
    wanted_on: Day | None = None

    def play(self, stage: Stage) -> None:
        version = version_in_force(stage.service, stage.today)
        if version is None:
            raise ValidationError("No terms of this service are in force; it can't be applied for.")
        asked = version.policy.application
        documents = [one.key for one in asked.documents if one.required]
        data = ApplicationData(
            version=version.name,
            quantities=self.products,
            particulars={one.key: TEXT for one in asked.fields},
            payment_method=stage.method,
            consent=True,
            wanted_start_on=self.wanted_on,
            documents=tuple(documents),
            agent=stage.agent,
        )
        application = submit_application(
            stage.service, stage.organisation, stage.person, data, uuid4(), stage.now, None
        )
        for kind in documents:
            stage.hand_in(application, kind=kind)
        stage.application_pk = application.pk


class Accept(Event):
    """Every step of staff up to the running contract."""

    do = "accept"

    start_on: Day | None = None
    registered_at: Moment | None = None

    def play(self, stage: Stage) -> None:
        application = stage.application
        checked(stage, application)
        accept_application(application, stage.staff, stage.now, despite_debts=True)
        sent(stage, acceptance_mail(stage.contract))
        formation = stage.contract.formation_version.policy.formation
        if formation.formed_by == "registration":
            with stage.at(max(self.registered_at or stage.now, stage.now)):
                complete_registration(stage.contract, stage.staff, stage.now)
        if formation.service_start.rule == "activation_notice":
            start_on = self.start_on or stage.today
            issue_activation_notice(stage.contract, stage.staff, start_on, stage.now)


def checked(stage: Stage, target: Application | ContractRequest) -> None:
    """Make the checks that the terms ask for before an acceptance; all come out well."""
    what = target.kind if isinstance(target, ContractRequest) else "application"
    for rule in target.governing_version.policy.checks_before(what):
        record_check(target, stage.staff, rule.kind, ReviewCheck.Result.CLEAR, "", stage.now)


def sent(stage: Stage, mail: Mail | None) -> None:
    """Have the mail server take an acceptance now; just before midnight it has had it for some minutes."""
    if mail is None:
        return
    midnight = start_of(stage.today + timedelta(days=1))
    written = kind_of(mail.kind).write(mail, min(stage.now, midnight - MARGIN))
    if claim(mail, written, stage.now):
        taken(mail, stage.now)


class Withdraw(Event):
    """The customer takes a request back, or the application with the contract that it formed."""

    do = "withdraw"

    request: str | None = None
    costs: Yen | None = None

    def play(self, stage: Stage) -> None:
        if self.request is None:
            withdraw_application(stage.application, stage.holder, stage.now)
        else:
            withdraw_request(stage.request(self.request), stage.holder, stage.now)
        contract = Contract.objects.filter(application=stage.application).first()
        tasks = Task.objects.undone().filter(contract=contract, kind=Task.Kind.ENTER_COSTS)
        for task in tasks if contract and self.costs is not None else ():
            stage.decided(COSTS, CostsData(task=task.pk, net=self.costs or 0))
