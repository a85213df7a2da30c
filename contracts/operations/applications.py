"""Applications: sent by customers, accepted or refused by staff."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import partial
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from contracts import mail
from contracts.models import (
    Application,
    ApplicationItem,
    Consent,
    Contract,
    NumberCounter,
    Service,
    TermsVersion,
)
from contracts.operations import letters
from contracts.operations.acceptance import Clock, now, send_first_acceptance
from contracts.operations.checks import ensure_listed, locked_undecided
from contracts.operations.consents import record_consent
from contracts.operations.formation import update_formation
from contracts.operations.items import end_contract
from contracts.operations.numbers import next_number
from contracts.operations.reviews import ensure_checked
from contracts.operations.rulebooks import version_in_force
from contracts.rules.period import japan_date
from contracts.rules.policy import Policy
from portal.audit.record import record
from portal.organisations.models import Organisation, User


@dataclass(frozen=True, kw_only=True)
class ApplicationData:
    """What the application form holds.

    `version` names the version whose text was shown, `quantities` are by product key, `particulars` by the
    policy's field key.
    """

    version: str
    quantities: Mapping[str, int]
    particulars: Mapping[str, str]
    payment_method: str
    consent: bool
    wanted_start_on: date | None = None


def submit_application(
    service: Service,
    organisation: Organisation,
    applicant: User,
    data: ApplicationData,
    submission_key: UUID,
    at: datetime,
    ip: str | None,
) -> Application:
    """Store an application with the consent that it brings, and confirm its receipt by e-mail.

    The same `submission_key` gives the application that it gave before. Where the terms form contracts by
    application, the contract is there at once (`application.contract`). ValidationError names the form's
    fields: `quantity_<product>`, `particular_<key>`, `payment_method`, `wanted_start_on`, `consent`; what
    concerns the whole form (no product, other version in force) is under `__all__`.
    """
    sent_before = _sent_before(submission_key, organisation)
    if sent_before:
        return sent_before
    try:
        return _submit(service, organisation, applicant, data, submission_key, at, ip)
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
) -> Application:
    version = check_application(service, data, at)
    application = Application.objects.create(
        number=next_number(NumberCounter.Kind.APPLICATION, japan_date(at)),
        service=service,
        terms_version=version,
        organisation=organisation,
        applicant=applicant,
        particulars={key: value.strip() for key, value in data.particulars.items() if value.strip()},
        wanted_start_on=data.wanted_start_on,
        payment_method=data.payment_method,
        language=_language(),
        submitted_at=at,
        submission_key=submission_key,
    )
    ApplicationItem.objects.bulk_create(
        ApplicationItem(application=application, product=product, quantity=quantity)
        for product, quantity in data.quantities.items()
        if quantity
    )
    record_consent(
        organisation,
        version,
        Consent.How.APPLICATION,
        at,
        person=applicant,
        ip=ip,
        application=application,
    )
    if version.policy.formation.formed_by == "application":
        _create_contract(application, at)
    record(
        "application.submitted",
        applicant,
        application,
        number=application.number,
        content_hash=version.content_hash,
        **asdict(data),
    )
    transaction.on_commit(partial(mail.application_received, application.pk))
    return application


def check_application(service: Service, data: ApplicationData, at: datetime) -> TermsVersion:
    """The version that would govern an application; ValidationError as for `submit_application`."""
    day = japan_date(at)
    version = _shown_version(service, data, day)
    _check(version.policy, data, day)
    return version


def _language() -> str:
    return "en" if (get_language() or "ja").startswith("en") else "ja"


def _shown_version(service: Service, data: ApplicationData, day: date) -> TermsVersion:
    version = version_in_force(service, day)
    if version is None:
        raise ValidationError(_("No terms of this service are in force; it can't be applied for."))
    if version.name != data.version:
        raise ValidationError(
            _("Version %(version)s of the terms is in force now. Please read it, then apply again."),
            code="other_version",
            params={"version": version.name},
        )
    return version


def _check(policy: Policy, data: ApplicationData, day: date) -> None:
    errors = dict(
        [*_quantity_problems(policy, data.quantities), *_particular_problems(policy, data.particulars)]
    )
    if data.payment_method not in policy.application.payment_methods:
        errors["payment_method"] = _("This service can't be paid in this way.")
    if data.wanted_start_on and data.wanted_start_on < day:
        errors["wanted_start_on"] = _("The wanted start lies in the past; choose today or a later day.")
    if not data.consent:
        errors["consent"] = _("An application needs your consent to the terms.")
    if errors:
        raise ValidationError(errors)


def _quantity_problems(policy: Policy, quantities: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    orderable = {product.key: product for product in policy.products if product.orderable}
    for key in quantities.keys() - orderable.keys():
        yield f"quantity_{key}", _("This product can't be ordered.")
    for key, product in orderable.items():
        quantity = quantities.get(key, 0)
        if quantity < product.minimum:
            yield f"quantity_{key}", _("The least is %(least)s.") % {"least": product.minimum}
        if product.maximum and quantity > product.maximum:
            yield f"quantity_{key}", _("The most is %(most)s.") % {"most": product.maximum}
    if not any(quantities.get(key, 0) > 0 for key in policy.base_products):
        yield "__all__", _("Choose at least one basic product; the others need one.")


def _particular_problems(policy: Policy, particulars: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    asked = {field.key: field.required for field in policy.application.fields}
    for key in particulars.keys() - asked.keys():
        yield f"particular_{key}", _("The application doesn't ask for this.")
    for key, required in asked.items():
        if required and not particulars.get(key, "").strip():
            yield f"particular_{key}", _("Enter this; the terms require it.")


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
    return contract


def accept_application(
    application: Application, staff: User, at: datetime, *, clock: Clock = now
) -> Contract:
    """Accept an application; the contract is created if it is not there yet.

    The acceptance mail goes out after the transaction, and the moment at which it was handed over (by
    `clock`) is stored then. While that fails the contract shows no `acceptance_sent_at`; see
    `acceptance.send_acceptance`. ValidationError when somebody has decided before, or a check that the terms
    ask for is missing (`checks_missing`).
    """
    with transaction.atomic():
        current = locked_undecided(application)
        ensure_checked(current)
        _decide(current, Application.Status.ACCEPTED, staff, at)
        contract = Contract.objects.select_for_update().filter(application=current).first()
        if contract:
            contract.accepted_at = at
            update_formation(contract)
        else:
            contract = _create_contract(current, at, accepted_at=at)
        record("application.accepted", staff, current, contract=contract.number, at=at)
        transaction.on_commit(partial(send_first_acceptance, contract.pk, clock))
    contract.refresh_from_db()
    return contract


@transaction.atomic
def refuse_application(
    application: Application, staff: User, reason_key: str, note: str, at: datetime
) -> Application:
    """Refuse an application for a reason that its terms list, and tell the applicant.

    A contract that was formed by the application ends. ValidationError names `refusal_reason`, or says who
    was first.
    """
    current = locked_undecided(application)
    ensure_listed("refusal_reason", reason_key, current.terms_version.policy.refusal_reasons)
    current.refusal_reason = reason_key
    current.refusal_note = note.strip()
    _decide(current, Application.Status.REFUSED, staff, at)
    contract = Contract.objects.select_for_update().filter(application=current).first()
    if contract:
        end_contract(contract, japan_date(at), None, Contract.EndKind.REFUSED)
    letters.on_refused_application(current, at)
    record("application.refused", staff, current, reason=reason_key, note=note, at=at)
    transaction.on_commit(partial(mail.application_refused, current.pk))
    return current


def _decide(application: Application, status: Application.Status, staff: User, at: datetime) -> None:
    application.status = status
    application.decided_at = at
    application.decided_by = staff
    application.save()
