"""Services and their providers, as their files describe them."""

from typing import TypeVar

from django.db import models, transaction

from contracts.models import CompanyClosure, Service
from contracts.publishing.issuers import save_issuer
from contracts.rules.policy.service_file import ServiceFile
from portal.audit.record import record
from portal.organisations.models import User

Row = TypeVar("Row", bound=models.Model)


@transaction.atomic
def save_service(file: ServiceFile, staff: User | None = None) -> Service:
    """Create or update a service, its provider and the closures that the file names.

    The particulars of a provider count when it is new (`save_issuer`). Closures that staff entered stay.
    Saving the same data again changes nothing and writes no audit entry.
    """
    provider, provider_changed = save_issuer(file.provider, file.fiscal_year_starts_in)
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
