"""Playing the story through the operations: people, contracts, requests, a change of terms."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count
from uuid import uuid4

from django.template.loader import render_to_string

from contracts.applications.acceptance import deliver_acceptance
from contracts.applications.activation import complete_registration, issue_activation_notice
from contracts.applications.checks import ApplicationData
from contracts.applications.decide import accept_application, submit_application
from contracts.applications.drafts import save_draft
from contracts.applications.reviews import record_check
from contracts.approvals.publication import PUBLICATION, PublicationData
from contracts.lifecycle.agreements import AgreementData, SignedDocument, agree
from contracts.lifecycle.suspensions import suspend
from contracts.models import Application, Contract, Notice, ReviewCheck, Service, TermsVersion
from contracts.notices.deliveries import waiting_mails
from contracts.notices.send import draft_notice, send_notice
from contracts.publishing.drafts import create_draft, edit_draft_policy
from contracts.publishing.lives import play_lives
from contracts.requests.change_contracts import deliver_acceptance as deliver_change
from contracts.requests.data import RequestData
from contracts.requests.decide import accept_request, submit_request
from contracts.requests.kinds.endings import CancellationData, CancellationRequest
from contracts.requests.kinds.reported import NameChange, NameData
from contracts.requests.product_forms import ProductChangeData
from contracts.requests.questions import ask_back
from contracts.rules.calendar.period import Month, japan_date
from contracts.rules.policy.schema import ApplicationField
from contracts.terms.markdown import parse
from portal.demo.approving import decided_by_two
from portal.demo.logins import Login, create_customer, create_staff, store_logins
from portal.demo.story import (
    AgreementStory,
    AnnouncedStory,
    ContractStory,
    Customer,
    NoticeStory,
    RequestStory,
    Story,
)
from portal.lives.playing import play_now
from portal.organisations.models import Organisation, User
from portal.organisations.operations import OrganisationDetails, create_organisation
from portal.organisations.roles import StaffRole
from portal.outbox.delivery import deliver
from portal.pdf import write_pdf

Report = Callable[[str], None]


class Demonstration:
    """Builds what the story tells, seen from one moment on."""

    def __init__(self, story: Story, now: datetime, report: Report) -> None:
        self.story = story
        self.now = now
        self.report = report
        self.people: dict[str, tuple[User, Organisation]] = {}
        self.staff: dict[StaffRole, User] = {}

    def build(self) -> list[Login]:
        """Create everything, and give the people who can sign in."""
        created = [self._customer(customer) for customer in self.story.customers]
        logins = [login for login in created if login]
        for role in StaffRole:
            self.staff[role], login = create_staff(role)
            logins.append(login)
        store_logins(logins)
        for number, contract in zip(count(1), self.story.contracts, strict=False):
            self.report(f"{number}/{len(self.story.contracts)} {contract.service}: {contract.customer}")
            self._contract(contract)
        self._announce(self.story.announced)
        for notice in self.story.notices:
            self._notice(notice)
        for draft in self.story.drafts:
            person, organisation = self.people[draft.customer]
            service = Service.objects.get(slug=draft.service)
            save_draft(organisation, service, person, draft.fields, self.now)
        return logins

    def _customer(self, customer: Customer) -> Login | None:
        """Create an organisation, and its person; gives no login for who has one already."""
        known = User.objects.filter(email=customer.email).first()
        user, login = (known, None) if known else create_customer(customer.person, customer.email)
        details = OrganisationDetails(
            name=customer.name,
            kana=customer.kana,
            postal_code=customer.postal_code,
            address=customer.address,
            phone=customer.phone,
            invoice_email=customer.email,
        )
        self.people[customer.key] = user, create_organisation(user, details)
        return login

    def _contract(self, story: ContractStory) -> None:
        application = self._apply(story)
        if story.reached == "applied":
            return
        accepted_at = self._later(application.submitted_at, days=2)
        reception = self.staff[StaffRole.RECEPTION]
        for rule in application.governing_version.policy.checks_before("application"):
            record_check(application, reception, rule.kind, ReviewCheck.Result.CLEAR, "", accepted_at)
        contract = accept_application(application, reception, accepted_at, despite_debts=True)
        deliver_acceptance(contract, accepted_at)
        contract.refresh_from_db()
        if story.reached == "accepted":
            return
        contract = self._start(contract, accepted_at)
        if story.agreed:
            self._agree(contract, story.agreed)
        for asked in story.requests:
            self._request(contract, asked)
        if story.suspended:
            at = story.suspended.moment(self.now)
            suspend(contract, reception, story.suspended.reason, japan_date(at), None, "", at=at)

    def _apply(self, story: ContractStory) -> Application:
        person, organisation = self.people[story.customer]
        service = Service.objects.get(slug=story.service)
        at = story.applied.moment(self.now)
        version = TermsVersion.objects.in_force(service, japan_date(at))
        if version is None:
            raise LookupError(f"no terms of {service.slug} are in force on {japan_date(at)}")
        data = ApplicationData(
            version=version.name,
            quantities=story.quantities,
            particulars={
                asked.key: self._particular(asked, person, organisation, story.sent_to)
                for asked in version.policy.application.fields
            },
            payment_method=story.payment_method,
            consent=True,
            wanted_start_on=(Month.of(japan_date(at)) + 1).first,
            agent=story.agent,
        )
        return submit_application(service, organisation, person, data, uuid4(), at, None)

    @staticmethod
    def _particular(asked: ApplicationField, person: User, organisation: Organisation, sent_to: str) -> str:
        known = {
            "phone": organisation.phone,
            "fax": organisation.phone,
            "representative": f"代表取締役 {person.display_name}",
            "billing_address": sent_to or f"〒{organisation.postal_code} {organisation.address}",
            "usage_breakdown": "受付業務",
            "identity_document": "運転免許証",
            "sales_agent": "",
        }
        return known.get(asked.key, f"{person.display_name} {organisation.phone} {person.email}")

    def _start(self, contract: Contract, accepted_at: datetime) -> Contract:
        """Do what the terms ask for between acceptance and the start of service."""
        reception = self.staff[StaffRole.RECEPTION]
        formation = contract.formation_version.policy.formation
        if formation.formed_by == "registration":
            contract = complete_registration(contract, reception, self._later(accepted_at, days=1))
        if formation.service_start.rule == "activation_notice":
            notice_at = self._later(accepted_at, days=3)
            start_on = japan_date(notice_at) + timedelta(days=4)
            contract = issue_activation_notice(contract, reception, start_on, notice_at)
        return contract

    def _agree(self, contract: Contract, story: AgreementStory) -> None:
        at = story.moment(self.now)
        data = AgreementData(title=story.title, effective_on=japan_date(at), rules=story.rules)
        page = render_to_string("pdf/demo_agreement.html", {"title": story.title, "contract": contract})
        content = write_pdf(
            page, stylesheet="css/pdf/contract-letter.css", identifier=sha256(page.encode()).digest()
        )
        document = SignedDocument(f"{story.title}.pdf", content)
        agree(contract, self.staff[StaffRole.RECEPTION], data, document, at)

    def _request(self, contract: Contract, asked: RequestStory) -> None:
        person, _organisation = next(
            pair for pair in self.people.values() if pair[1].pk == contract.organisation_id
        )
        at = asked.moment(self.now)
        request = submit_request(contract, person, asked.kind, self._asked(asked, at), at, uuid4())
        if asked.question:
            ask_back(request, self.staff[StaffRole.RECEPTION], asked.question, self._later(at, days=1))
        elif request.status == request.Status.SUBMITTED and not asked.undecided:
            accepted_at = self._later(at, days=1)
            accepted = accept_request(request, self.staff[StaffRole.RECEPTION], accepted_at)
            deliver_change(accepted, accepted_at)

    @staticmethod
    def _asked(asked: RequestStory, at: datetime) -> RequestData:
        wanted_on = asked.wanted_on(at)
        match asked.kind:
            case CancellationRequest.key:
                return CancellationData(wanted_on=wanted_on)
            case NameChange.key:
                return NameData(wanted_on=wanted_on, name=asked.name)
        return ProductChangeData(product=asked.product, wanted_on=wanted_on, quantity=asked.quantity)

    def _announce(self, announced: AnnouncedStory) -> None:
        """Publish the next version of a service's terms, with some passages replaced, and tell customers."""
        service = Service.objects.get(slug=announced.service)
        current = TermsVersion.objects.published().filter(service=service).latest("effective_on")
        effective_on = (Month.of(japan_date(self.now)) + announced.effective_in_months).first
        text, policy = current.text, current.policy_source
        for old, new in announced.replace:
            text, policy = text.replace(old, new), policy.replace(old, new)
        policy = policy.replace(f'version = "{current.name}"', f'version = "{effective_on}"', 1)
        policy = re.sub(r"(?m)^on = [0-9-]+$", f"on = {effective_on}", policy, count=1)
        editor = self.staff[StaffRole.TERMS]
        draft = create_draft(service, name=str(effective_on), terms=parse(text), source="", staff=editor)
        version = edit_draft_policy(draft, policy, seen_hash=draft.content_hash, staff=editor)
        play_now(play_lives(version, editor, self.now))
        wanted = PublicationData(draft=version.pk, content_hash=version.content_hash)
        decided_by_two(PUBLICATION, wanted, editor, self.staff[StaffRole.MANAGER], self.now)
        self._send(version.notices.get())

    def _notice(self, story: NoticeStory) -> None:
        notice = Notice(
            service=Service.objects.get(slug=story.service),
            purpose=story.purpose,
            effective_on=japan_date(self.now) + timedelta(days=story.effective_in_days),
            subject=story.subject.ja,
            body=story.body.ja,
            subject_en=story.subject.en,
            body_en=story.body.en,
        )
        self._send(draft_notice(notice, self.staff[StaffRole.TERMS]))

    def _send(self, notice: Notice) -> None:
        send_notice(notice, self.staff[StaffRole.TERMS], self.now)
        for mail in waiting_mails(notice):
            deliver(mail, self.now)

    def _later(self, at: datetime, *, days: int) -> datetime:
        return min(self.now, at + timedelta(days=days))
