"""Who issues invoices, as the files of services and agents describe it."""

from django.db import transaction
from django.utils.timezone import localdate

from contracts.models import Provider
from contracts.problems.reasons import Reason
from contracts.publishing.particulars import begin_particulars
from contracts.rules.policy.reading import PolicyError
from contracts.rules.policy.service_file import IssuerFile
from contracts.rules.problems import Problem
from portal.organisations.corporate_number import is_corporate_number

_BESIDE = {"code", "corporate_number", "bank", "reminders", "payment_order"}


@transaction.atomic
def save_issuer(
    file: IssuerFile, fiscal_year_starts_in: int, principal: Provider | None = None
) -> tuple[Provider, bool]:
    """Create or update who issues, and say whether anything had to be written; a part of others.

    `principal` is the provider whose services an agent sells. The particulars count when it is new: later
    ones are entered in the portal (`change_particulars`). PolicyError for a code that somebody else issues
    under.
    """
    known = Provider.issuers.select_for_update(of=("self",)).filter(code=file.code).first()
    if known and known.principal_id != (principal and principal.pk):
        raise PolicyError([Problem("issuer.code", Reason("issuer_code_taken", {"code": file.code}))])
    issuer = known or Provider(code=file.code, principal=principal)
    values = _values(file, fiscal_year_starts_in)
    if known and all(getattr(known, name) == value for name, value in values.items()):
        return known, False
    for name, value in values.items():
        setattr(issuer, name, value)
    issuer.full_clean()
    issuer.save()
    if known is None:
        begin_particulars(issuer, _first_particulars(file))
    return issuer, True


def differing_particulars(file: IssuerFile) -> list[str]:
    """What a file states of an issuer otherwise than the portal does today, by the names of the fields."""
    holding = Provider.issuers.get(code=file.code).on(localdate())
    return [name for name, value in _first_particulars(file).items() if getattr(holding, name) != value]


def _values(file: IssuerFile, fiscal_year_starts_in: int) -> dict[str, object]:
    registered = file.registration_number.removeprefix("T")
    known = registered if is_corporate_number(registered) else ""
    return {
        "corporate_number": file.corporate_number or known,
        "reminders": [step.model_dump() for step in file.reminders],
        "payment_order": file.payment_order,
        "fiscal_year_starts_in": fiscal_year_starts_in,
    }


def _first_particulars(file: IssuerFile) -> dict[str, object]:
    account = file.bank.model_dump(exclude_none=True) if file.bank else {}
    return {**file.model_dump(exclude=_BESIDE), "bank_account": account}
