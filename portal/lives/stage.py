"""Where a life is played: a service, its customer, two of the staff, and what has happened so far."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.exceptions import ValidationError

from billing.models import BankAccount, Invoice
from billing.receivables.bank.accounts import save_mandate
from contracts.lifecycle.documents import attach_document
from contracts.models import Application, Contract, ContractRequest, Service
from contracts.rules.calendar.period import Month, japan_date
from contracts.rules.policy.charging import PaymentMethod
from portal.approvals.decide import approve, put_forward
from portal.approvals.kinds import Kind, W
from portal.approvals.models import Proposal
from portal.lives.own_service import bank_account
from portal.lives.taken_back import clock_at
from portal.organisations.models import Organisation, User
from portal.organisations.operations import OrganisationDetails, create_organisation

TEXT = "記載例"
"""What is written wherever a form asks for words."""

_PDF = "%PDF-1.7\n%{}\n%%EOF\n"
_MANDATE = {
    "bank_code": "9997",
    "bank_name": "ミホンギンコウ",
    "branch_code": "997",
    "branch_name": "ホンテン",
    "account_kind": "1",
    "account_number": "9999997",
    "holder": "ケイヤクシヤ",
}


def document(about: str) -> bytes:
    """A file that says what it is about, so that no two are the same."""
    return _PDF.format(about).encode()


@dataclass
class Stage:
    """A service of its own, the people, and what they did. Events keep here what later ones speak of.

    Rows are asked for anew each time: a refused event leaves none behind.
    """

    service: Service
    method: PaymentMethod
    organisation: Organisation
    person: User
    staff: User
    second: User
    account: BankAccount
    now: datetime
    agent: str = ""
    application_pk: int | None = None
    requests: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """Let it be a moment."""
        before, self.now = self.now, moment
        try:
            with clock_at(moment):
                yield
        finally:
            self.now = before

    @property
    def today(self) -> date:
        return japan_date(self.now)

    @property
    def application(self) -> Application:
        """The application that counts. ValidationError where none was taken in."""
        found = self.application_pk and Application.objects.filter(pk=self.application_pk).first()
        if not found:
            raise ValidationError("No application was taken in.")
        return found

    @property
    def contract(self) -> Contract:
        """The contract, as it is now. ValidationError before there is one."""
        contracts = Contract.objects.select_related("service__provider", "organisation", "application")
        found = contracts.filter(application=self.application).first()
        if found is None:
            raise ValidationError("There is no contract.")
        return found

    def request(self, name: str) -> ContractRequest:
        """A request by its name in the life. ValidationError where the portal did not take it in."""
        if name not in self.requests:
            raise ValidationError("The request was not taken in.")
        return ContractRequest.objects.select_related("contract").get(pk=self.requests[name])

    def invoice(self, month: Month) -> Invoice:
        """The invoice of a billing month that stands. ValidationError where there is none."""
        found = Invoice.objects.charging().filter(contract=self.contract, month=month.first).first()
        if found is None:
            raise ValidationError(f"There is no invoice of {month}.")
        return found

    @property
    def holder(self) -> User:
        """Who acts for whom the contract, or as yet the application, belongs to by now."""
        return self.application.acting_organisation.memberships.order_by("pk")[0].user

    def decided(self, kind: Kind[W], wanted: W) -> None:
        """Have something proposed by one of the staff, and approved by the other where that takes two."""
        proposal = put_forward(kind, wanted, self.staff, self.now)
        if proposal.waits:
            proposal = approve(proposal, self.second, proposal.digest, self.now)
        if proposal.state == Proposal.State.OVERTAKEN:
            raise ValidationError(proposal.comment)

    def hand_in(self, target: Application | ContractRequest, *, kind: str = "") -> None:
        """Hand in a document with an application or a request."""
        acting = self.person if isinstance(target, Application) else self.holder
        attach_document(target, acting, "document.pdf", document(f"{target} {kind}"), self.now, kind=kind)


def set_stage(service: Service, method: PaymentMethod, moment: datetime, agent: str = "") -> Stage:
    """A stage on which nothing has happened yet, as it is at a moment.

    The customer contracts with the agent of a key; without it, with whoever comes first.
    """
    with clock_at(moment):
        person = User.objects.create_user("person@life.invalid", display_name="見本 花子")
        staff, second = (
            User.objects.create_superuser(f"{name}@life.invalid", display_name=name)
            for name in ("first", "second")
        )
        details = OrganisationDetails(
            name="見本株式会社",
            kana="ミホン",
            postal_code="100-0001",
            address="東京都千代田区千代田1-1",
            phone="03-0000-0000",
            invoice_email="person@life.invalid",
        )
        organisation = create_organisation(person, details)
        sold_by = service.agents.filter(key=agent, issuer__isnull=False).first()
        issuer = (sold_by and sold_by.issuer) or service.provider
        account = bank_account(issuer)
        if method == "debit":
            save_mandate(issuer, organisation, _MANDATE, staff, japan_date(moment))
    return Stage(
        service=service,
        agent=agent,
        method=method,
        organisation=organisation,
        person=person,
        staff=staff,
        second=second,
        account=account,
        now=moment,
    )
