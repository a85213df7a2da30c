"""What an organisation changes of itself at once: what no contract's terms want reported."""

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contracts.models import Contract
from contracts.policies.rulebooks import Rulebooks
from contracts.requests.kinds.reported import ParticularsChange
from contracts.requests.registry import offer_of
from contracts.rules.calendar.period import japan_date
from portal.organisations.company.details import change_details
from portal.organisations.models import Organisation, User


def reported_to(organisation: Organisation, at: datetime) -> list[Contract]:
    """The contracts whose terms want a changed telephone number to be reported; none where it is free."""
    contracts = Contract.objects.filter(organisation=organisation).select_related(
        "service__provider", "application", "organisation"
    )
    contracts = contracts.prefetch_related("contracted_version__service")
    books = Rulebooks()
    return [one for one in contracts.order_by("pk") if offer_of(one, ParticularsChange.key, at, books)]


def change_own_details(
    organisation: Organisation, person: User, typed: Mapping[str, str], at: datetime
) -> None:
    """Change the reading of the name, where invoices are e-mailed to and, where that is free, the phone.

    ValidationError (`phone`, code `to_be_reported`) where a contract's terms want a new number reported, and
    as for `change_details`.
    """
    new_phone = typed.get("phone", organisation.phone)
    if new_phone != organisation.phone and reported_to(organisation, at):
        text = _("The terms of your contracts want a new number reported. Report it with the move below.")
        raise ValidationError({"phone": ValidationError(text, code="to_be_reported")})
    today = japan_date(at)
    change_details(organisation, person, typed, today, today)
