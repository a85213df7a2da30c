"""Applications: sent by customers, accepted or refused by staff."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from contracts.applications.acceptance import queue_acceptance
from contracts.applications.checks import ApplicationData, check_application, seller_named
from contracts.applications.formation import update_formation
from contracts.applications.identity import erase_identity_copies
from contracts.applications.reviews import ensure_checked
from contracts.consents.answers import record_consent, seals
from contracts.correspondence import application_mails as mail
from contracts.correspondence import letters
from contracts.deciding.agents import agent_deciding, told_of_agent
from contracts.deciding.guards import ensure_listed, ensure_others_decide, field_error, locked_undecided
from contracts.deciding.numbers import next_number
from contracts.extensions.debts import Debts
from contracts.extensions.registered import debts_of
from contracts.lifecycle.items import end_contract
from contracts.models import (
    Application,
    ApplicationItem,
    Consent,
    Contract,
    NumberCounter,
    SalesAgent,
    Service,
    TermsVersion,
)
from contracts.receipts.received import (
    APPLICATION,
    Received,
    ensure_may_enter,
    ensure_received,
    keep_receipt,
    personal_of_receipt,
    told_of_receipt,
)
from contracts.rules.calendar.period import japan_date
from contracts.rules.policy.products import quotations_needed
from contracts.wording.particulars import data_statement
from portal.audit.record import record
from portal.organisations.acting import ensure_acts_for
from portal.organisations.company.number import confirm_number
from portal.organisations.members.rights import Right
from portal.organisations.models import Organisation, User
from portal.organisations.operations import complete_details
from portal.search.indexing import index


def submit_application(
    service: Service,
    organisation: Organisation,
    applicant: User,
    data: ApplicationData,
    submission_key: UUID,
    at: datetime,
    ip: str | None,
    *,
    received: Received | None = None,
) -> Application:
    """Store an application with the consent that it brings, and confirm its receipt.

    The same `submission_key` gives the application that it gave before. Where the terms form contracts by
    application, the contract is there at once (`application.contract`). With `received`, staff enter what
    came beside the portal: `applicant` is who does, and `at` the moment of receipt, by which it is checked.

    ValidationError as for `check_application`, and for who may not act for the organisation (`not_acting`,
    `no_right`); for what was `received` as for `ensure_received`, and `ensure_may_enter`.
    """
    sent_before = _sent_before(submission_key, organisation)
    if sent_before:
        return sent_before
    try:
        return _submit(service, organisation, applicant, data, submission_key, at, ip, received)
    except IntegrityError:
        sent_before = _sent_before(submission_key, organisation)
        if sent_before is None:
            raise
        return sent_before


def _sent_before(submission_key: UUID, organisation: Organisation) -> Application | None:
    return Application.objects.filter(submission_key=submission_key, organisation=organisation).first()


@transaction.atomic
def _submit(
    service: Service,
    organisation: Organisation,
    applicant: User,
    data: ApplicationData,
    submission_key: UUID,
    at: datetime,
    ip: str | None,
    received: Received | None,
) -> Application:
    version, agent = _checked(service, organisation, applicant, data, at, received)
    stored_at = received.entered_at if received else at
    application = Application.objects.create(
        number=next_number(NumberCounter.Kind.APPLICATION, japan_date(stored_at)),
        service=service,
        terms_version=version,
        agent=version.agent,
        data_statement=data_statement(version),
        organisation=organisation,
        applicant=None if received else applicant,
        particulars=_stated({**data.company, **data.particulars}),
        wanted_start_on=data.wanted_start_on,
        payment_method=data.payment_method,
        language="ja" if received else _language(),
        submitted_at=at,
        submission_key=submission_key,
    )
    index(application)
    ApplicationItem.objects.bulk_create(
        ApplicationItem(application=application, product=product, quantity=quantity)
        for product, quantity in data.quantities.items()
        if quantity
    )
    if received:
        keep_receipt(application, received, APPLICATION, agent)
    consent = record_consent(
        organisation,
        version,
        Consent.How.RECEIVED if received else Consent.How.APPLICATION,
        at,
        person=applicant,
        ip=ip,
        application=application,
    )
    complete_details(organisation, applicant, data.company)
    if version.policy.formation.formed_by == "application":
        _create_contract(application, stored_at)
    mail.application_received(application.pk)
    record(
        "application.entered" if received else "application.submitted",
        applicant,
        application,
        number=application.number,
        content_hash=version.content_hash,
        quotations=quotations_needed(version.policy.products, data.quantities),
        consents=seals(consent),
        version=data.version,
        quantities=dict(data.quantities),
        payment_method=data.payment_method,
        wanted_start_on=data.wanted_start_on,
        documents=data.documents,
        agent=data.agent,
        **(told_of_receipt(received) if received else {}),
        **told_of_agent(agent),
        personal={
            "company": dict(data.company),
            "particulars": dict(data.particulars),
            **(personal_of_receipt(received) if received else {}),
        },
    )
    return application


def _checked(
    service: Service,
    organisation: Organisation,
    applicant: User,
    data: ApplicationData,
    at: datetime,
    received: Received | None,
) -> tuple[TermsVersion, SalesAgent | None]:
    """The version that governs an application of who may send or enter it, and for which agent they do."""
    if received is None:
        ensure_acts_for(applicant, organisation, Right.CONTRACTS)
        return check_application(service, data, at), None
    agent = ensure_may_enter(applicant, organisation, service, seller_named(service, data.agent))
    version = check_application(service, data, at)
    ensure_received(received, version, APPLICATION)
    return version, agent


def _stated(values: Mapping[str, str]) -> dict[str, str]:
    return {key: value.strip() for key, value in values.items() if value.strip()}


def _language() -> str:
    return "en" if (get_language() or "ja").startswith("en") else "ja"


def _create_contract(
    application: Application, at: datetime, *, accepted_at: datetime | None = None
) -> Contract:
    contract = Contract(
        number=next_number(NumberCounter.Kind.CONTRACT, japan_date(at)),
        service=application.service,
        organisation=application.organisation,
        application=application,
        contracted_version=application.terms_version,
        payment_method=application.payment_method,
        applied_at=application.submitted_at,
        accepted_at=accepted_at,
        wanted_start_on=application.wanted_start_on,
    )
    update_formation(contract)
    index(contract)
    return contract


@transaction.atomic
def accept_application(
    application: Application, staff: User, at: datetime, *, despite_debts: bool = False
) -> Contract:
    """Accept an application; the contract is created if it is not there yet.

    Of a customer who owes the provider something past due, or whose contract could be terminated for it, an
    application is accepted `despite_debts` alone: whoever does has to say that they know. The trail keeps it.

    The corporate number that the organisation states counts as its own from now on, unless another one has
    it. The acceptance is put into the outbox. Once the mail server took it, the contract has its
    `acceptance_sent_at`. Where the terms leave it to the sales agent, who acts for it decides as staff do.
    ValidationError when somebody has decided before, for who applied (`own_request`), or where a check that
    the terms ask for is missing (`checks_missing`), and as for `agent_deciding`; on `despite_debts` where
    something is past due and nobody said that they know (`debts`).
    """
    current = locked_undecided(application)
    ensure_others_decide(staff, current)
    agent = agent_deciding(staff, current, at)
    ensure_checked(current)
    debts = debts_before(current, at)
    if debts.are_doubtful and not despite_debts:
        raise field_error("despite_debts", _("Say that you know what the customer owes."), "debts")
    confirm_number(current.organisation, staff, at)
    _decide(current, Application.Status.ACCEPTED, staff, at, agent)
    contract = Contract.objects.select_for_update().filter(application=current).first()
    if contract:
        contract.accepted_at = at
        update_formation(contract)
    else:
        contract = _create_contract(current, at, accepted_at=at)
    queue_acceptance(contract, at)
    record(
        "application.accepted",
        staff,
        current,
        contract=contract.number,
        at=at,
        overdue=debts.overdue,
        could_end=[number for number, _since in debts.could_end],
        **told_of_agent(agent),
    )
    return contract


def debts_before(application: Application, at: datetime) -> Debts:
    """What the applicant owes who would bill it when its application is decided at a moment."""
    billing = (application.agent and application.agent.issuer) or application.service.provider
    return debts_of(application.acting_organisation, billing, japan_date(at))


@transaction.atomic
def refuse_application(
    application: Application, staff: User, reason_key: str, note: str, at: datetime
) -> Application:
    """Refuse an application for a reason that its terms list, and tell the applicant.

    A contract that was formed by the application ends. ValidationError names `refusal_reason`, says who was
    first, or that staff applied themselves (`own_request`), and as for `agent_deciding`.
    """
    current = locked_undecided(application)
    ensure_others_decide(staff, current)
    agent = agent_deciding(staff, current, at, refusing=True)
    ensure_listed("refusal_reason", reason_key, current.governing_version.policy.refusal_reasons)
    current.refusal_reason = reason_key
    current.refusal_note = note.strip()
    _decide(current, Application.Status.REFUSED, staff, at, agent)
    contract = Contract.objects.select_for_update().filter(application=current).first()
    if contract:
        end_contract(contract, japan_date(at), None, Contract.EndKind.REFUSED)
    letters.on_refused_application(current, at)
    mail.application_refused(current.pk)
    record(
        "application.refused",
        staff,
        current,
        reason=reason_key,
        at=at,
        **told_of_agent(agent),
        personal={"note": note},
    )
    return current


def _decide(
    application: Application,
    status: Application.Status,
    staff: User,
    at: datetime,
    agent: SalesAgent | None,
) -> None:
    application.status = status
    application.decided_at = at
    application.decided_by = staff
    application.decided_for = agent
    application.save()
    erase_identity_copies(application, staff)
