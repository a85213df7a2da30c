"""Issuing letters: their words frozen with the step that they tell of, their PDF made once."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from django.db import transaction

from contracts.correspondence import letter_contents as letters
from contracts.correspondence.sending import Attachment
from contracts.models import (
    Application,
    Contract,
    ContractRequest,
    IssuedLetter,
    NumberCounter,
    Service,
    TermsVersion,
)
from contracts.numbers import next_number
from contracts.rules.calendar.period import japan_date
from contracts.rules.life.formation import Formation
from contracts.rules.life.termination import Termination
from portal.kept_files import read_checked, store
from portal.organisations.models import Organisation


def on_refused_application(application: Application, at: datetime) -> IssuedLetter:
    """The refusal notice (不承諾通知書) of an application. Runs inside the caller's transaction."""
    content = letters.on_application(application, IssuedLetter.Kind.REFUSAL, None)
    recipient = application.acting_organisation
    letter = _framed(content, IssuedLetter.Kind.REFUSAL, application.service, recipient, recipient.name, at)
    letter.application = application
    letter.save()
    return letter


def drafted_acceptance(contract: Contract, formation: Formation, at: datetime) -> IssuedLetter:
    """The acceptance notice (承諾通知書) as it would be issued at a moment; not stored yet."""
    kind = IssuedLetter.Kind.ACCEPTANCE
    content = letters.on_application(contract.application, kind, formation)
    return _on_contract(content, kind, contract, at, application=contract.application)


def on_activation(contract: Contract, at: datetime) -> IssuedLetter:
    """The activation notice (開通通知書). Runs inside the caller's transaction."""
    kind = IssuedLetter.Kind.ACTIVATION
    content = letters.on_application(contract.application, kind, contract.decided_formation)
    letter = _on_contract(content, kind, contract, at, application=contract.application)
    letter.save()
    return letter


def on_request(request: ContractRequest, kind: IssuedLetter.Kind, at: datetime) -> IssuedLetter:
    """A letter on a stored request. Runs inside the caller's transaction."""
    letter = _on_contract(letters.on_request(request, kind), kind, request.contract, at)
    letter.request = request
    letter.save()
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
    letter.save()
    return letter


def _on_contract(
    content: dict[str, Any],
    kind: IssuedLetter.Kind,
    contract: Contract,
    at: datetime,
    *,
    application: Application | None = None,
) -> IssuedLetter:
    name = contract.name_on(japan_date(at))
    letter = _framed(content, kind, contract.service, contract.organisation, name, at)
    letter.contract, letter.application = contract, application
    return letter


def _framed(
    content: dict[str, Any],
    kind: IssuedLetter.Kind,
    sender: Service,
    recipient: Organisation,
    recipient_name: str,
    at: datetime,
) -> IssuedLetter:
    number = next_number(NumberCounter.Kind.LETTER, japan_date(at))
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
    if letter.pdf:
        return read_checked(str(letter.pdf), letter.pdf_hash)
    content = letters.render(letter.document, letter.document_hash)
    if letter.pk:
        keep(letter, content)
    return content


@transaction.atomic
def keep(letter: IssuedLetter, content: bytes) -> None:
    """Store the PDF of an issued letter, unless it has one. Raises StorageError.

    The file comes first, its name after it: the same letter gives the same bytes whoever makes them.
    """
    current = IssuedLetter.objects.select_for_update().get(pk=letter.pk)
    if not current.pdf_hash:
        name = f"letters/{letter.number}.pdf"
        IssuedLetter.objects.filter(pk=letter.pk).update(pdf=name, pdf_hash=store(name, content))
    letter.refresh_from_db(fields=["pdf", "pdf_hash"])


def attachment(letter: IssuedLetter) -> Attachment:
    """A letter as a file to attach to a mail."""
    return letter.file_name, pdf_of(letter)


def attached(issued: Iterable[IssuedLetter]) -> Iterator[Attachment]:
    """Letters as files to attach to a mail, each read or made when it is asked for."""
    return map(attachment, issued)
