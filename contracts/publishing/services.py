"""Services and their providers, as their files describe them."""

from typing import TypeVar

from django.db import models, transaction
from django.utils.timezone import localdate

from contracts.models import CompanyClosure, Provider, Service
from contracts.publishing.particulars import begin_particulars
from contracts.rules.policy.service_file import ServiceFile
from portal.audit.record import record
from portal.organisations.corporate_number import is_corporate_number
from portal.organisations.models import User

Row = TypeVar("Row", bound=models.Model)


@transaction.atomic
def save_service(file: ServiceFile, staff: User | None = None) -> Service:
    """Create or update a service, its provider and the closures that the file names.

    The particulars of a provider count when it is new: later ones are entered in the portal
    (`change_particulars`). Closures that staff entered stay. Saving the same data again changes nothing and
    writes no audit entry.
    """
    provider, provider_changed = _save(Provider, {"code": file.provider.code}, _provider_values(file))
    if not provider.particulars.exists():
        begin_particulars(provider, _first_particulars(file))
    service, service_changed = _save(
        Service,
        {"slug": file.slug},
        {
            "provider": provider,
            "names": file.name.model_dump(),
            "summaries": file.summary.model_dump(),
            "sample_notes": file.sample_note.model_dump() if file.sample_note else None,
        },
    )
    closures_changed = [
        _save(CompanyClosure, {"provider": provider, "day": closure.day}, {"note": closure.note})[1]
        for closure in file.closures
    ]
    if provider_changed or service_changed or any(closures_changed):
        record("service.saved", staff, service, **file.model_dump(mode="json"))
    return service


def differing_particulars(file: ServiceFile) -> list[str]:
    """What a file states of its provider otherwise than the portal does today, by the names of the fields."""
    holding = Provider.objects.get(code=file.provider.code).on(localdate())
    return [name for name, value in _first_particulars(file).items() if getattr(holding, name) != value]


def _provider_values(file: ServiceFile) -> dict[str, object]:
    registered = file.provider.registration_number.removeprefix("T")
    known = registered if is_corporate_number(registered) else ""
    return {
        "corporate_number": file.provider.corporate_number or known,
        "reminders": [step.model_dump() for step in file.provider.reminders],
        "payment_order": file.provider.payment_order,
        "fiscal_year_starts_in": file.fiscal_year_starts_in,
    }


def _first_particulars(file: ServiceFile) -> dict[str, object]:
    stated = file.provider.model_dump(
        exclude={"code", "corporate_number", "bank", "reminders", "payment_order"}
    )
    return {**stated, "bank_account": file.provider.bank.model_dump(exclude_none=True)}


def _save(model: type[Row], key: dict[str, object], values: dict[str, object]) -> tuple[Row, bool]:
    """The row of that key with those values, and whether anything had to be written."""
    row = model._default_manager.select_for_update().filter(**key).first()
    if row and all(getattr(row, name) == value for name, value in values.items()):
        return row, False
    row = row or model(**key)
    for name, value in values.items():
        setattr(row, name, value)
    row.full_clean()
    row.save()
    return row, True
