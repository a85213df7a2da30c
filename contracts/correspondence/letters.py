"""Issuing letters: their words frozen with the step that they tell of, their PDF made once."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from contracts.correspondence import letter_contents as letters
from contracts.deciding.numbers import next_number
from contracts.models import (
    Application,
    Contract,
    ContractRequest,
    IssuedLetter,
    NumberCounter,
    Service,
    Suspension,
    TermsVersion,
)
from contracts.rules.calendar.period import japan_date
from contracts.rules.life.cancellation import Cancellation
from contracts.rules.life.formation import Formation
from contracts.rules.life.termination import Termination
from portal.kept_files import read_checked, store
from portal.organisations.models import Organisation
from portal.outbox.attachments import KeptFile, keep
from portal.search.indexing import index


def on_refused_application(application: Application, at: datetime) -> IssuedLetter:
    """The refusal notice (不承諾通知書) of an application. Runs inside the caller's transaction."""
    content = letters.on_application(application, IssuedLetter.Kind.REFUSAL, None)
    recipient = application.acting_organisation
    letter = _framed(content, IssuedLetter.Kind.REFUSAL, application.service, recipient, recipient.name, at)
    letter.application = application
    return _issued(letter)


def acceptance_number(at: datetime) -> str:
    """A number for an acceptance notice that is to go out. Runs inside the caller's transaction."""
    return next_number(NumberCounter.Kind.LETTER, japan_date(at))


def drafted_acceptance(contract: Contract, formation: Formation, number: str, at: datetime) -> IssuedLetter:
    """The acceptance notice (承諾通知書) as it would be issued at a moment; not stored yet."""
    kind = IssuedLetter.Kind.ACCEPTANCE
    content = letters.on_application(contract.application, kind, formation)
    return _on_contract(content, kind, contract, at, application=contract.application, number=number)


def issued_acceptance(
    contract: Contract,
    document: dict[str, Any],
    pdf: KeptFile,
    at: datetime,
    *,
    request: ContractRequest | None = None,
) -> IssuedLetter:
    """The acceptance of an application, or of a request, as it went out.

    Runs inside the caller's transaction.
    """
    letter = IssuedLetter(
        number=document["number"],
        kind=IssuedLetter.Kind.ACCEPTANCE,
        organisation=contract.organisation,
        contract=contract,
        application=None if request else contract.application,
        request=request,
        issued_at=at,
        document=document,
        pdf=pdf.file,
        pdf_hash=pdf.hash,
    )
    letter.document_hash = letter.content_digest()
    return _issued(letter)


def on_activation(contract: Contract, at: datetime) -> IssuedLetter:
    """The activation notice (開通通知書). Runs inside the caller's transaction."""
    kind = IssuedLetter.Kind.ACTIVATION
    content = letters.on_application(contract.application, kind, contract.decided_formation)
    letter = _on_contract(content, kind, contract, at, application=contract.application)
    return _issued(letter)


def on_request(request: ContractRequest, kind: IssuedLetter.Kind, at: datetime) -> IssuedLetter:
    """A letter on a stored request. Runs inside the caller's transaction."""
    letter = drafted_on_request(request, kind, at)
    return _issued(letter)


def drafted_on_request(
    request: ContractRequest, kind: IssuedLetter.Kind, at: datetime, number: str = ""
) -> IssuedLetter:
    """A letter on a stored request as it would be issued at a moment; not stored yet."""
    content = letters.on_request(request, kind)
    letter = _on_contract(content, kind, request.contract, at, number=number)
    letter.request = request
    return letter


def on_ground(
    contract: Contract,
    kind: IssuedLetter.Kind,
    ground_key: str,
    decision: Termination,
    note: str,
    version: TermsVersion,
    at: datetime,
    debts_due_on: date | None = None,
) -> IssuedLetter:
    """A demand to cure, or a termination notice. Runs inside the caller's transaction."""
    rule = version.policy.termination
    if rule is None:
        raise KeyError("termination")
    content = letters.on_ground(
        contract, kind, rule.ground(ground_key), decision, note.strip(), version, debts_due_on
    )
    letter = _on_contract(content, kind, contract, at)
    return _issued(letter)


def on_declined_renewal(
    contract: Contract, decision: Cancellation, note: str, version: TermsVersion, at: datetime
) -> IssuedLetter:
    """The provider's notice that a contract is not renewed. Runs inside the caller's transaction."""
    kind = IssuedLetter.Kind.NON_RENEWAL
    letter = _on_contract(letters.on_end(contract, decision, note.strip(), version), kind, contract, at)
    return _issued(letter)


def on_stop(stop: Suspension, at: datetime) -> IssuedLetter:
    """The notice of a suspension or a pause. Runs inside the caller's transaction."""
    letter = _on_contract(letters.on_stop(stop), IssuedLetter.Kind.SUSPENSION, stop.contract, at)
    return _issued(letter)


def _issued(letter: IssuedLetter) -> IssuedLetter:
    letter.save()
    index(letter)
    return letter


def _on_contract(
    content: dict[str, Any],
    kind: IssuedLetter.Kind,
    contract: Contract,
    at: datetime,
    *,
    application: Application | None = None,
    number: str = "",
) -> IssuedLetter:
    name = contract.name_on(japan_date(at))
    letter = _framed(content, kind, contract.service, contract.organisation, name, at, number)
    letter.contract, letter.application = contract, application
    return letter


def _framed(
    content: dict[str, Any],
    kind: IssuedLetter.Kind,
    sender: Service,
    recipient: Organisation,
    recipient_name: str,
    at: datetime,
    given: str = "",
) -> IssuedLetter:
    number = given or next_number(NumberCounter.Kind.LETTER, japan_date(at))
    letter = IssuedLetter(
        number=number,
        kind=kind,
        organisation=recipient,
        issued_at=at,
        document=letters.framed(content, kind, number, sender, recipient, recipient_name, at),
    )
    letter.document_hash = letter.content_digest()
    return letter


def pdf_of(letter: IssuedLetter) -> bytes:
    """The letter's PDF: made the first time, from its document alone, and the stored bytes ever after.

    Raises DamagedFileError where these are missing or were altered; StorageError.
    """
    if not letter.pdf:
        _made(letter)
    return read_checked(str(letter.pdf), letter.pdf_hash)


@transaction.atomic
def _made(letter: IssuedLetter) -> None:
    """Make the PDF of an issued letter and store it, unless it has one. Raises StorageError.

    The file comes first, its name after it: the same letter gives the same bytes whoever makes them.
    """
    current = IssuedLetter.objects.select_for_update().get(pk=letter.pk)
    if not current.pdf_hash:
        name = f"letters/{letter.number}.pdf"
        digest = store(name, letters.render(letter.document, letter.document_hash))
        IssuedLetter.objects.filter(pk=letter.pk).update(pdf=name, pdf_hash=digest)
    letter.refresh_from_db(fields=["pdf", "pdf_hash"])


def drawn(letter: IssuedLetter) -> KeptFile:
    """Draw a letter that is to be issued as it goes out, and store its PDF. Raises StorageError."""
    return keep(letter.file_name, letters.render(letter.document, letter.document_hash))


def kept(letter: IssuedLetter) -> KeptFile:
    """A letter's PDF as a file that goes out with an e-mail."""
    if not letter.pdf:
        _made(letter)
    return KeptFile(letter.file_name, str(letter.pdf.name), letter.pdf_hash)
