"""Who takes a customer's place by a succession, and represents the others where there are several."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from pydantic import StringConstraints

from contracts.deciding.guards import field_error, locked_contract
from contracts.extensions.registered import passed_on
from contracts.models import Contract, ContractParticular, ContractParty, ContractRequest
from contracts.requests.data import Optional, Text
from contracts.rules.policy.base import Strict
from contracts.rules.policy.particulars import OF_THE_CUSTOMER, SENT_TO
from portal.audit.record import record
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.models import Membership, Organisation, User
from portal.organisations.operations import OrganisationDetails, create_organisation, register_customer
from portal.search.indexing import index, index_of


class Successor(Strict):
    """Somebody to whom the customer's position passed."""

    name: Text
    kana: Optional = ""
    corporate_number: Annotated[str, StringConstraints(pattern=r"^([0-9]{13})?$")] = ""
    postal_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{3}-[0-9]{4}$")]
    address: Text
    phone: Text
    email: Text


def take_place(party: ContractParty, reported: ContractRequest, organisation: Organisation | None) -> None:
    """Store the party, let its organisation act for the contract from now on, and owe what passes to it."""
    contract = party.contract
    predecessor = contract.organisation
    successor = Successor.model_validate(party.successors[party.representative])
    party.organisation = organisation or _registered(successor, reported.requested_by)
    party.save()
    contract.organisation = party.organisation
    contract.save(update_fields=["organisation"])
    index(contract)
    index_of(ContractRequest, contract=contract)
    passed_on(party, predecessor)
    _forget_predecessor(contract, party.starts_on)


@transaction.atomic
def name_representative(
    contract: Contract, actor: User, place: int, on: date, *, organisation: Organisation | None = None
) -> ContractParty:
    """Let another of several successors represent them from a day on, as they reported.

    `place` is the successor's place in the list of the succession. ValidationError where there are not
    several, for a place that there is not, for a day before the last change, and for an organisation of the
    actor's own (`own_request`).
    """
    current = locked_contract(contract)
    if organisation:
        ensure_no_own_cause(actor, organisation)
    last = current.parties.order_by("starts_on", "pk").last()
    if last is None or last.request is None or len(last.successors) < 2:
        raise ValidationError(_("There are not several successors."), code="not_several")
    if not 0 <= place < len(last.successors):
        raise ValidationError({"representative": _("Name one of the successors.")})
    if on < last.starts_on:
        raise ValidationError({"on": _("That day lies before the last change.")})
    party = ContractParty(
        contract=current,
        starts_on=on,
        named_by=ContractParty.NamedBy.CUSTOMER,
        representative=place,
        successors=last.successors,
        cause=last.cause,
        takes_debts=last.takes_debts,
        request=last.request,
    )
    take_place(party, last.request, organisation)
    record("contract.representative_named", actor, current, representative=place, on=on)
    return party


def _forget_predecessor(contract: Contract, on: date) -> None:
    """What the predecessor reported of itself no longer holds: the successor's own data do."""
    stated = {*contract.particulars.values_list("key", flat=True), *contract.application.particulars}
    ContractParticular.objects.bulk_create(
        ContractParticular(contract=contract, key=key, starts_on=on)
        for key in (*OF_THE_CUSTOMER, SENT_TO)
        if key in stated
    )


def _registered(successor: Successor, person: User | None) -> Organisation:
    """A new organisation of the successor, with the person who reported the succession as its owner.

    It has no member where staff entered the report. ValidationError (`successor`, code `reporter_gone`) where
    that person acts for nobody any more.
    """
    details = OrganisationDetails(
        name=successor.name,
        kana=successor.kana,
        corporate_number=successor.corporate_number,
        postal_code=successor.postal_code,
        address=successor.address,
        phone=successor.phone,
        invoice_email=successor.email,
    )
    if person is None:
        return register_customer(details, None)
    if not Membership.objects.acting().filter(user=person).exists():
        raise field_error(
            "successor",
            _("Who reported the succession has left. Choose the successor's organisation in the portal."),
            "reporter_gone",
        )
    return create_organisation(person, details)
