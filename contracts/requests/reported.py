"""What customers report about themselves: particulars, their name, the person responsible."""

from datetime import date
from typing import cast

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contracts.models import ContractParticular, ContractRequest
from contracts.models.request_data import NameData, ParticularsData, ResponsiblePersonData
from contracts.requests.kind import Context, Handler, effective_on
from contracts.rules.calendar.period import japan_date

OF_THE_ORGANISATION = frozenset({"kana", "postal_code", "address", "phone", "invoice_email"})
REQUIRED = frozenset({"name", "postal_code", "address", "phone", "invoice_email"})


class Reported(Handler):
    """A report that takes effect on its day and leaves what was before as it was."""

    def values(self, request: ContractRequest) -> dict[str, str]:
        """The new values by key."""
        raise NotImplementedError

    def check(self, request: ContractRequest) -> None:
        super().check(request)
        contract, wanted_on = request.contract, cast(date, request.wanted_on)
        if contract.ends_on and contract.ends_on < japan_date(request.submitted_at):
            raise ValidationError(_("The contract has ended."), code="ended")
        if contract.formed_on and wanted_on < contract.formed_on:
            raise ValidationError({"wanted_on": _("That day lies before the contract.")})
        held = contract.particulars_on(wanted_on)
        if all(held.get(key, "") == value for key, value in self.values(request).items()):
            raise ValidationError(_("Nothing would change."), code="no_change")

    def take_effect(self, request: ContractRequest, context: Context) -> None:
        ContractParticular.objects.bulk_create(
            ContractParticular(
                contract=request.contract,
                key=key,
                value=value,
                starts_on=effective_on(request),
                request=request,
            )
            for key, value in self.values(request).items()
        )


class ParticularsChange(Reported):
    """Address, contacts, where invoices go, and what else the application states; not the name."""

    def values(self, request: ContractRequest) -> dict[str, str]:
        data = cast(ParticularsData, request.data)
        return {key: value.strip() for key, value in data.particulars.items()}

    def check(self, request: ContractRequest) -> None:
        asked: dict[str, bool] = {
            field.key: field.required for field in request.governing_version.policy.application.fields
        }
        errors = {}
        for key, value in self.values(request).items():
            if key not in asked and key not in OF_THE_ORGANISATION:
                errors[f"particular_{key}"] = _("The contract doesn't state this.")
            elif not value and (asked.get(key) or key in REQUIRED):
                errors[f"particular_{key}"] = _("Enter this; the terms require it.")
        if errors:
            raise ValidationError(errors)
        super().check(request)


class NameChange(Reported):
    """The customer's name; the customer stays the same."""

    def values(self, request: ContractRequest) -> dict[str, str]:
        data = cast(NameData, request.data)
        return {"name": data.name, **({"kana": data.kana} if data.kana else {})}


class ResponsiblePersonChange(Reported):
    """The person responsible for use, where the terms want one named."""

    def values(self, request: ContractRequest) -> dict[str, str]:
        return {"responsible_person": str(cast(ResponsiblePersonData, request.data))}
